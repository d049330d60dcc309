// complaints.mjs - what a file says of its values, recomputed from rows that were read elsewhere.
// SPDX-License-Identifier: Apache-2.0
//
// Counts, bounds, page indexes, filters and checksums: each place that differs is one line. Nothing
// here has seen the writer.

import { sbbfContains } from 'hyparquet/src/bloom.js'
import { xxhash64 } from 'hyparquet/src/xxhash.js'
import { BOOLEAN, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT32, INT64, asBytes } from './structure.mjs'

const BOUND_TEXT_MAX = 64, BOUND_BYTES_MAX = 68

// What stands at a leaf in rows from..to: values, and null for each place without one.
function leafValues(rows, path, from, to) {
    const values = []
    for (let i = from; i < to; i++) {
        const column = rows[i][path[0]]
        if (path.length === 1) values.push(column)
        else if (column.length === 0) values.push(null)
        else for (const element of column) values.push(path.length === 4 ? element[path[3]] : element)
    }
    return values
}

// PLAIN, without a length in front: what filters hash and bounds hold.
function plain(type, value) {
    const bytes = Buffer.alloc(type === INT32 ? 4 : type === INT64 ? 8 : 1)
    if (type === BYTE_ARRAY) return Buffer.from(value)
    if (type === FIXED_LEN_BYTE_ARRAY) return Buffer.from(value, 'hex')
    if (type === INT32) bytes.writeInt32LE(Number(value))
    else if (type === INT64) bytes.writeBigInt64LE(BigInt(value))
    else bytes[0] = value ? 1 : 0
    return bytes
}

function compare(type, a, b) {
    if (type === BYTE_ARRAY || type === FIXED_LEN_BYTE_ARRAY) return Buffer.compare(a, b)
    if (type === BOOLEAN) return a[0] - b[0]
    const [left, right] = type === INT32 ? [a.readInt32LE(), b.readInt32LE()] : [a.readBigInt64LE(), b.readBigInt64LE()]
    return left < right ? -1 : left > right ? 1 : 0
}

function summary(type, values) {
    const present = values.filter(value => value !== null).map(value => plain(type, value))
    const low = present.reduce((least, bytes) => (least && compare(type, least, bytes) <= 0 ? least : bytes), undefined)
    const high = present.reduce((most, bytes) => (most && compare(type, most, bytes) >= 0 ? most : bytes), undefined)
    return { count: values.length, nulls: values.length - present.length, low, high, present }
}

// Only a text of which nothing that is kept can be raised may go without bounds.
function mayBeUnbounded(type, high) {
    return type === BYTE_ARRAY && high.length > BOUND_TEXT_MAX && high.subarray(0, BOUND_TEXT_MAX).toString('hex') === 'f48fbfbf'.repeat(BOUND_TEXT_MAX / 4)
}

// A bound is the value, or a cut text on the right side of it.
function boundFault(type, bound, exact, value, side) {
    if (exact ?? value.length <= BOUND_TEXT_MAX) return bound.equals(value) ? undefined : `${side} is not the value's`
    const order = compare(type, bound, value)
    if (type !== BYTE_ARRAY || value.length <= BOUND_TEXT_MAX) return `${side} is cut without need`
    if (bound.length > BOUND_BYTES_MAX) return `${side} is long`
    if (!Buffer.from(bound.toString()).equals(bound)) return `${side} is no UTF-8`
    return (side === 'low' ? order < 0 : order > 0) ? undefined : `${side} is on the wrong side`
}

function boundFaults(type, low, high, lowExact, highExact, truth) {
    if (truth.low === undefined) return low === undefined && high === undefined ? [] : ['bounds without values']
    if (low === undefined || high === undefined) return mayBeUnbounded(type, truth.high) ? [] : ['no bounds']
    return [boundFault(type, low, lowExact, truth.low, 'low'), boundFault(type, high, highExact, truth.high, 'high')].filter(fault => fault)
}

function statisticsFaults(type, statistics, truth) {
    if (statistics === undefined) return ['no statistics']
    const faults = boundFaults(type, asBytes(statistics.field_6), asBytes(statistics.field_5), statistics.field_8, statistics.field_7, truth)
    if (statistics.field_1 !== undefined || statistics.field_2 !== undefined) faults.push('deprecated bounds')
    if (Number(statistics.field_3) !== truth.nulls) faults.push(`null_count ${statistics.field_3}, in truth ${truth.nulls}`)
    return faults
}

const table = Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1
    return byte >>> 0
})

function crc32(bytes) {
    let crc = 0xffffffff
    for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8)
    return ~crc
}

function pageFaults(type, page, truth, indexed) {
    const faults = statisticsFaults(type, page.header.field_5?.field_5, truth)
    if (page.header.field_4 !== crc32(page.body)) faults.push('checksum')
    if (page.header.field_3 !== page.body.length) faults.push('length')
    if (page.header.field_5?.field_1 !== truth.count) faults.push('num_values')
    if (!indexed) return faults
    if (page.empty !== (truth.low === undefined)) faults.push('null_pages')
    if (page.nulls !== truth.nulls) faults.push('null_counts')
    return page.empty ? faults : [...faults, ...boundFaults(type, page.low, page.high, undefined, undefined, truth).map(fault => `index: ${fault}`)]
}

// boundary_order: 1 rising, 2 falling, else 0; without values in more than one page all hold.
function orderFaults(type, chunk) {
    const pages = chunk.pages.filter(page => !page.empty)
    const pairs = pages.slice(1).map((page, i) => [compare(type, pages[i].low, page.low), compare(type, pages[i].high, page.high)])
    const rising = pairs.every(([low, high]) => low <= 0 && high <= 0), falling = pairs.every(([low, high]) => low >= 0 && high >= 0)
    const wanted = rising ? 1 : falling ? 2 : 0
    return chunk.order === wanted ? [] : [`boundary_order ${chunk.order}, in truth ${wanted}`]
}

function filterFaults(chunk, truth) {
    const words = new Uint32Array(chunk.filter.buffer.slice(chunk.filter.byteOffset, chunk.filter.byteOffset + chunk.filter.length))
    const distinct = new Map(truth.present.map(bytes => [bytes.toString('hex'), bytes]))
    return [...distinct.values()].filter(bytes => !sbbfContains(words, xxhash64(bytes))).map(bytes => `the filter denies ${bytes.toString('hex')}`)
}

function chunkFaults(group, chunk, rows, filtered) {
    const type = chunk.meta.field_1
    const truth = summary(type, leafValues(rows, chunk.path, group.firstRow, group.firstRow + group.rows))
    const faults = statisticsFaults(type, chunk.meta.field_12, truth)
    if (Number(chunk.meta.field_5) !== truth.count) faults.push('num_values')
    chunk.pages.forEach((page, i) => {
        const part = summary(type, leafValues(rows, chunk.path, group.firstRow + page.firstRow, group.firstRow + page.endRow))
        faults.push(...pageFaults(type, page, part, chunk.indexed).map(fault => `page ${i}: ${fault}`))
    })
    if (chunk.indexed) faults.push(...orderFaults(type, chunk))
    else if (!mayBeUnbounded(type, truth.high ?? Buffer.alloc(0)) && !chunk.pages.some(page => page.header.field_5.field_5.field_5 === undefined)) faults.push('no column index')
    if (chunk.filter) faults.push(...filterFaults(chunk, truth))
    else if (filtered.has(chunk.path.join('.')) && truth.present.length) faults.push('no filter')
    return faults
}

// All that `file` (of structure.mjs) says and `rows` do not. filtered: paths that want a filter.
export function complaints(file, rows, filtered) {
    const found = []
    if (Number(file.footer.field_3) !== rows.length) found.push('num_rows')
    if (file.footer.field_7?.length !== (file.groups[0]?.chunks.length ?? file.footer.field_7?.length)) found.push('column_orders')
    file.groups.forEach((group, i) => {
        for (const chunk of group.chunks)
            found.push(...chunkFaults(group, chunk, rows, filtered).map(fault => `group ${i} ${chunk.path.join('.')}: ${fault}`))
    })
    return found
}

// structure.mjs - a Parquet file taken apart: footer, indexes, filters, page headers as they stand.
// SPDX-License-Identifier: Apache-2.0
//
// Structures are hyparquet's raw ones, `field_N` for the field N of parquet.thrift; bounds are bytes.

import { readFileSync } from 'node:fs'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'

export const BOOLEAN = 0, INT32 = 1, INT64 = 2, BYTE_ARRAY = 6, FIXED_LEN_BYTE_ARRAY = 7

// The structure at an offset, and where it ends.
export function structureAt(bytes, offset) {
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: Number(offset) }
    const value = deserializeTCompactProtocol(reader)
    return { value, end: reader.offset }
}

// Bounds of a texts' column as bytes, whatever hyparquet makes of the binary type.
export function asBytes(value) {
    return value === undefined ? undefined : Buffer.from(value)
}

function readChunk(bytes, chunk, rows) {
    const meta = chunk.field_3
    const offsets = structureAt(bytes, chunk.field_4).value.field_1
    const columnIndex = chunk.field_6 === undefined ? undefined : structureAt(bytes, chunk.field_6).value
    const pages = offsets.map((location, i) => {
        const header = structureAt(bytes, location.field_1)
        const size = location.field_2, begin = Number(location.field_1)
        return {
            offset: begin,
            size,
            header: header.value,
            body: bytes.subarray(header.end, begin + size),
            firstRow: Number(location.field_3),
            endRow: i + 1 < offsets.length ? Number(offsets[i + 1].field_3) : rows,
            empty: columnIndex?.field_1[i],
            low: asBytes(columnIndex?.field_2[i]),
            high: asBytes(columnIndex?.field_3[i]),
            nulls: columnIndex && Number(columnIndex.field_5[i]),
        }
    })
    let filter
    if (meta.field_14 !== undefined) {
        const header = structureAt(bytes, meta.field_14)
        filter = bytes.subarray(header.end, header.end + header.value.field_1)
        if (header.end + filter.length !== Number(meta.field_14) + meta.field_15) throw new Error('a filter of another length')
    }
    return { meta, path: meta.field_3.map(name => Buffer.from(name).toString()), order: columnIndex?.field_4, indexed: columnIndex !== undefined, pages, filter }
}

export function takeApart(path) {
    const bytes = readFileSync(path)
    const length = bytes.readUInt32LE(bytes.length - 8)
    if (bytes.toString('latin1', 0, 4) !== 'PAR1' || bytes.toString('latin1', bytes.length - 4) !== 'PAR1') throw new Error('no PAR1')
    const footer = structureAt(bytes, bytes.length - 8 - length).value
    let firstRow = 0
    const groups = footer.field_4.map(group => {
        const rows = Number(group.field_3)
        const taken = { rows, firstRow, chunks: group.field_1.map(chunk => readChunk(bytes, chunk, rows)), sorting: group.field_4 ?? [] }
        firstRow += rows
        return taken
    })
    return { bytes, footer, groups }
}

// readers.mjs - four readers of Parquet that share no code, each giving the same plain rows.
// SPDX-License-Identifier: Apache-2.0
//
// A row is an object of columns: numbers, days since 1970 and microseconds as decimals in texts, an
// address as 32 hex digits, texts, booleans, null; lists as arrays, structs as objects. That is the
// form of tests/support/random_table.h, so rows are compared as the JSON texts of both.

import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import chdb from 'chdb'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import parquetWasm from 'parquet-wasm/node'

const hex = bytes => Buffer.from(bytes).toString('hex')

// ---- DuckDB ----

let duckdb

// One statement; rows as arrays of DuckDB's own values.
export async function duckdbRows(sql) {
    if (!duckdb) duckdb = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect()
    return (await duckdb.runAndReadAll(sql)).getRows()
}

function fromDuckdb(value) {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
    if (value.micros !== undefined) return String(value.micros)
    if (value.days !== undefined) return String(value.days)
    if (value.bytes !== undefined) return hex(value.bytes)
    if (value.items !== undefined) return value.items.map(fromDuckdb)
    return mapped(value.entries, fromDuckdb)
}

function mapped(object, convert) {
    return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, convert(value)]))
}

// The same of any statement.
export async function duckdbObjects(sql) {
    await duckdbRows('select 1')
    return (await duckdb.runAndReadAll(sql)).getRowObjects().map(row => mapped(row, fromDuckdb))
}

const readDuckdb = path => duckdbObjects(`select * from read_parquet('${path}')`)

// ---- hyparquet ----

const asText = value => (value === undefined || value === null ? null : String(value))
const parsers = { timestampFromMicroseconds: asText, dateFromDays: asText }

function fromHyparquet(value) {
    if (value === null || value === undefined) return null
    if (typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number' || typeof value === 'bigint') return String(value)
    if (value instanceof Uint8Array) return hex(value)
    if (Array.isArray(value)) return value.map(fromHyparquet)
    return mapped(value, fromHyparquet)
}

// options: hyparquet's own, such as a filter and what it may skip by.
export async function hyparquetRows(path, options = {}) {
    const file = await asyncBufferFromFile(path)
    const rows = await parquetReadObjects({ file, compressors, parsers, ...options })
    return rows.map(row => mapped(row, fromHyparquet))
}

// ---- arrow-rs, and Arrow's own library for what it gives ----

// Timestamps and days are taken from their buffers: the library makes them numbers of milliseconds.
function fromArrow(vector, index) {
    const type = String(vector.type)
    if (!vector.isValid(index)) return null
    if (type.startsWith('Timestamp') || type.startsWith('Date32')) {
        const data = vector.data.find(part => (index < part.length ? true : ((index -= part.length), false)))
        return String(data.values[index])
    }
    const value = vector.get(index)
    if (type.startsWith('List')) return Array.from({ length: value.length }, (_, i) => fromArrow(value, i))
    if (type.startsWith('Struct'))
        return Object.fromEntries(vector.type.children.map((field, i) => [field.name, fromArrow(vector.getChildAt(i), index)]))
    if (value instanceof Uint8Array) return hex(value)
    return typeof value === 'string' || typeof value === 'boolean' ? value : String(value)
}

async function readArrow(path) {
    const table = tableFromIPC(parquetWasm.readParquet(new Uint8Array(readFileSync(path))).intoIPCStream())
    const names = table.schema.fields.map(field => field.name)
    return Array.from({ length: table.numRows }, (_, row) =>
        Object.fromEntries(names.map((name, i) => [name, fromArrow(table.getChildAt(i), row)])))
}

// ---- ClickHouse ----

// "Array(Tuple(a Nullable(String), b Bool))" as a tree of {name, kind, of}.
function parseType(text) {
    let at = 0
    const blanks = () => { while (/\s/.test(text[at] ?? '')) at++ }
    const word = () => { blanks(); const from = at; while (/[\w`]/.test(text[at] ?? '')) at++; return text.slice(from, at).replaceAll('`', '') }
    function type() {
        const kind = word()
        const of = []
        if (text[at] === '(') {
            do {
                at++
                if (kind === 'Tuple') of.push({ name: word(), type: type() })
                else if (kind === 'Array' || kind === 'Nullable') of.push(type())
                else while (!/[,)]/.test(text[at])) at++
                blanks()
            } while (text[at] === ',')
            at++
        }
        return { kind, of }
    }
    return type()
}

// The SQL that makes a value a text, or a list of such.
function clickhouseText(type, value) {
    switch (type.kind) {
    case 'Nullable': return clickhouseText(type.of[0], value)
    case 'FixedString': return `lower(hex(${value}))`
    case 'DateTime64': return `toString(toUnixTimestamp64Micro(${value}))`
    case 'Date32': return `toString(toInt32(${value}))`
    case 'Array': return `arrayMap(x -> ${clickhouseText(type.of[0], 'x')}, ${value})`
    case 'Tuple': return `tuple(${type.of.map(({ type: member }, i) => clickhouseText(member, `tupleElement(${value}, ${i + 1})`)).join(', ')})`
    case 'String': case 'Bool': return value
    default: return `toString(${value})`
    }
}

// Unnamed tuples come as arrays.
function fromClickhouse(type, value) {
    if (value === null) return null
    if (type.kind === 'Nullable') return fromClickhouse(type.of[0], value)
    if (type.kind === 'Array') return value.map(item => fromClickhouse(type.of[0], item))
    if (type.kind === 'Tuple') return Object.fromEntries(type.of.map(({ name, type: member }, i) => [name, fromClickhouse(member, value[i])]))
    return value
}

export function clickhouseRows(sql) {
    return chdb.query(sql, 'JSONCompactEachRow').toString().split('\n').filter(line => line).map(line => JSON.parse(line))
}

async function readClickhouse(path) {
    const columns = clickhouseRows(`describe file('${path}', 'Parquet')`).map(([name, type]) => ({ name, type: parseType(type) }))
    const texts = columns.map(({ name, type }) => clickhouseText(type, `\`${name}\``))
    return clickhouseRows(`select ${texts.join(', ')} from file('${path}', 'Parquet') settings input_format_parquet_preserve_order = 1, max_threads = 1`)
        .map(row => Object.fromEntries(columns.map(({ name, type }, i) => [name, fromClickhouse(type, row[i])])))
}

export const readers = {
    DuckDB: readDuckdb,
    hyparquet: hyparquetRows,
    'arrow-rs': readArrow,
    ClickHouse: readClickhouse,
}

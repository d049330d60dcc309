// dataset.mjs - checks that every kind of dataset passes: four readers, what files say of their rows, and the queries that
// ship with the project.
// SPDX-License-Identifier: Apache-2.0

import { readFileSync, readdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { complaints } from './complaints.mjs'
import { askClickhouse, askDuckdb, questions, truths } from './pushdown.mjs'
import { duckdbObjects, duckdbRows, readers } from './readers.mjs'
import { takeApart } from './structure.mjs'
import { attempt, ok, same } from './tap.mjs'

const NO_SKIPPING = 'filter_pushdown,statistics_propagation,row_group_pruner,join_filter_pushdown,regex_range'

// An address as 32 hex digits, which is how readers see it.
function addressHex(text) {
    if (text === null) return null
    if (isIP(text) === 4) return '0'.repeat(20) + 'ffff' + text.split('.').map(part => Number(part).toString(16).padStart(2, '0')).join('')
    const [head, tail] = text.split('::').map(half => (half ? half.split(':') : []))
    const groups = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
    return groups.map(group => group.padStart(4, '0')).join('')
}

// A time as microseconds, which is how readers see it; DuckDB knows no text of a year past 9999.
function micros(text) {
    if (text === null) return null
    const [, seconds, fraction] = /^(.*:\d\d)(?:\.(\d+))?Z$/.exec(text)
    return String(BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt((fraction ?? '').padEnd(6, '0')))
}

// Rows of the NDJSON, read with the types that the Parquet file says.
export async function wantedRows(dataset, ndjson, table) {
    const columns = await duckdbRows(`describe select * from read_parquet('${dataset}/${table}/*.parquet')`)
    const conversions = columns.filter(([, type]) => type === 'BLOB' || type.startsWith('TIMESTAMP'))
        .map(([name, type]) => [name, type === 'BLOB' ? addressHex : micros])
    const converted = new Set(conversions.map(([name]) => name))
    const types = columns.map(([name, type]) => `'${name}': '${converted.has(name) ? 'VARCHAR' : type}'`).join(', ')
    const rows = await duckdbObjects(`select * from read_json('${ndjson}/${table}.ndjson', format = 'newline_delimited', columns = {${types}})`)
    for (const row of rows) for (const [name, convert] of conversions) row[name] = convert(row[name])
    return rows.map(row => JSON.stringify(row))
}

const KINDS = { VARCHAR: 'text', BIGINT: 'number', INTEGER: 'number', DATE: 'day', 'TIMESTAMP WITH TIME ZONE': 'time', BOOLEAN: 'bit', BLOB: 'address' }

// What the file says of its values is true, and a reader that skips by it finds what it finds without.
async function skipping(path, rows, filtered, name) {
    const faults = complaints(takeApart(path), rows, filtered)
    ok(`bounds, null counts and filters of ${name} are those of its rows`, faults.length === 0, ...faults.slice(0, 20))
    const columns = (await duckdbRows(`describe select * from read_parquet('${path}')`)).flatMap(([column, type]) => (KINDS[type] ? [[column, KINDS[type]]] : []))
    const asked = questions(rows, Object.fromEntries(columns))
    if (rows.length === 0) return
    for (const on of [true, false]) {
        const how = on ? 'with skipping' : 'without skipping'
        await attempt(`DuckDB asks ${name} ${how}`, async () => same(`DuckDB asks ${name} ${asked.length} times ${how}`, await askDuckdb(path, asked, on), truths(asked)))
        await attempt(`ClickHouse asks ${name} ${how}`, async () => same(`ClickHouse asks ${name} ${how}`, askClickhouse(path, asked, on), truths(asked)))
    }
}

// Each reader reads the rows of each table that the NDJSON of the same run has. filtered: a Set of the columns that readers
// are meant to look things up by.
export async function checkTables(dataset, ndjson, tableCount, filtered, whose) {
    const tables = readdirSync(ndjson).filter(name => name.endsWith('.ndjson')).map(name => name.slice(0, -7)).sort()
    ok(`the dataset has ${tableCount} tables, ${whose}`, tables.length === tableCount)
    for (const table of tables) {
        const wanted = await wantedRows(dataset, ndjson, table)
        for (const [reader, read] of Object.entries(readers)) {
            const name = `${reader} reads ${table} as the NDJSON has it, ${whose}`
            await attempt(name, async () => same(name, (await read(`${dataset}/${table}/part-00000.parquet`)).map(row => JSON.stringify(row)), wanted))
        }
    }
    for (const table of tables) {
        const path = `${dataset}/${table}/part-00000.parquet`
        await skipping(path, await readers.DuckDB(path), filtered, `${table}, ${whose}`)
    }
}

// The answer to one of the queries: rows as objects.
export async function answer(dataset, path) {
    await duckdbRows(`set variable dataset = '${dataset}'`)
    return duckdbObjects(readFileSync(path, 'utf8'))
}

// Every query of a folder answers, the same with and without skipping; `enough` of them have something to tell.
export async function checkQueries(dataset, queries, enough, whose) {
    let answered = 0
    for (const file of readdirSync(queries).filter(name => name.endsWith('.sql')).sort()) {
        await attempt(`${file} answers, ${whose}`, async () => {
            const rows = (await answer(dataset, `${queries}/${file}`)).map(row => JSON.stringify(row))
            answered += rows.length > 0
            await duckdbRows(`set disabled_optimizers = '${NO_SKIPPING}'`)
            same(`${file} answers the same without skipping, ${whose}`, (await answer(dataset, `${queries}/${file}`)).map(row => JSON.stringify(row)), rows)
            await duckdbRows("set disabled_optimizers = ''")
        })
    }
    ok(`most queries have something to tell, ${whose}`, answered >= enough, `${answered} of them`)
}

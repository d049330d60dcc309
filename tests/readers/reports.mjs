// reports.mjs - a dataset of reports: each reader reads the rows that the NDJSON of the same run has,
// and the queries that ship with the project answer, the same with and without skipping.
// SPDX-License-Identifier: Apache-2.0
//
//   node reports.mjs NDJSON QUERIES [DATASET WORDS]...      (outputs of the same inputs; docs/queries)

import { readFileSync, readdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { complaints } from './complaints.mjs'
import { askClickhouse, askDuckdb, questions, truths } from './pushdown.mjs'
import { duckdbObjects, duckdbRows, readers } from './readers.mjs'
import { takeApart } from './structure.mjs'
import { attempt, ok, plan, same } from './tap.mjs'

const [, , ndjson, queries, ...datasets] = process.argv
const NO_SKIPPING = 'filter_pushdown,statistics_propagation,row_group_pruner,join_filter_pushdown,regex_range'

// An address as 32 hex digits, which is how readers see it.
function addressHex(text) {
    if (text === null) return null
    if (isIP(text) === 4) return '0'.repeat(20) + 'ffff' + text.split('.').map(part => Number(part).toString(16).padStart(2, '0')).join('')
    const [head, tail] = text.split('::').map(half => (half ? half.split(':') : []))
    const groups = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
    return groups.map(group => group.padStart(4, '0')).join('')
}

// Rows of the NDJSON, read with the types that the Parquet file says.
async function wantedRows(dataset, table) {
    const columns = await duckdbRows(`describe select * from read_parquet('${dataset}/${table}/*.parquet')`)
    const addresses = columns.filter(([, type]) => type === 'BLOB').map(([name]) => name)
    const types = columns.map(([name, type]) => `'${name}': '${type === 'BLOB' ? 'VARCHAR' : type}'`).join(', ')
    const rows = await duckdbObjects(`select * from read_json('${ndjson}/${table}.ndjson', format = 'newline_delimited', columns = {${types}})`)
    for (const row of rows) for (const name of addresses) row[name] = addressHex(row[name])
    return rows.map(row => JSON.stringify(row))
}

// Columns that readers are meant to look things up by.
const FILTERED = new Set(['policy_domain', 'domain', 'source_ip', 'selector', 'report_id', 'dkim.list.element.domain', 'dkim.list.element.selector'])
const KINDS = { VARCHAR: 'text', BIGINT: 'number', INTEGER: 'number', DATE: 'day', 'TIMESTAMP WITH TIME ZONE': 'time', BOOLEAN: 'bit', BLOB: 'address' }

// What the file says of its values is true, and a reader that skips by it finds what it finds without.
async function skipping(path, rows, name) {
    const faults = complaints(takeApart(path), rows, FILTERED)
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

const tables = readdirSync(ndjson).filter(name => name.endsWith('.ndjson')).map(name => name.slice(0, -7)).sort()

async function check(dataset, whose) {
    ok(`the dataset has ten tables, ${whose}`, tables.length === 10)
    for (const table of tables) {
        const wanted = await wantedRows(dataset, table)
        for (const [reader, read] of Object.entries(readers)) {
            const name = `${reader} reads ${table} as the NDJSON has it, ${whose}`
            await attempt(name, async () => same(name, (await read(`${dataset}/${table}/part-00000.parquet`)).map(row => JSON.stringify(row)), wanted))
        }
    }

    for (const table of tables) {
        const path = `${dataset}/${table}/part-00000.parquet`
        await skipping(path, await readers.DuckDB(path), `${table}, ${whose}`)
    }

    // A row that is changed on the way is noticed.
    const changed = await wantedRows(dataset, 'daily')
    ok(`a changed sum is noticed, ${whose}`, changed.length > 0 && changed[0] !== changed[0].replace(/"message_count":"(\d+)"/, '"message_count":"$10"'))

    await duckdbRows(`set variable dataset = '${dataset}'`)
    let answered = 0
    for (const file of readdirSync(queries).filter(name => name.endsWith('.sql')).sort()) {
        const sql = readFileSync(`${queries}/${file}`, 'utf8')
        await attempt(`${file} answers, ${whose}`, async () => {
            const rows = (await duckdbObjects(sql)).map(row => JSON.stringify(row))
            answered += rows.length > 0
            await duckdbRows(`set disabled_optimizers = '${NO_SKIPPING}'`)
            same(`${file} answers the same without skipping, ${whose}`, (await duckdbObjects(sql)).map(row => JSON.stringify(row)), rows)
            await duckdbRows("set disabled_optimizers = ''")
        })
    }
    ok(`most queries have something to tell, ${whose}`, answered >= 10, `${answered} of them`)
}

for (let i = 0; i < datasets.length; i += 2) await check(datasets[i], datasets[i + 1])
plan()

// random_tables.mjs - tables with a column of every kind: each reader reads every row of them, what
// the file says of its values is true, and skipping by it changes no answer.
// SPDX-License-Identifier: Apache-2.0
//
//   node random_tables.mjs RANDOM_TABLE FOLDER      (the program; where it may write)

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { complaints } from './complaints.mjs'
import { askClickhouse, askDuckdb, askHyparquet, forHyparquet, questions, truths } from './pushdown.mjs'
import { clickhouseRows, readers } from './readers.mjs'
import { takeApart } from './structure.mjs'
import { attempt, ok, plan, same } from './tap.mjs'

const [, , program, folder] = process.argv

// seed, rows, rows of a group, bytes of a page; 0: as the program writes.
const tables = [
    [1, 0, 0, 0], [2, 1, 0, 0], [3, 9, 1, 1], [4, 3000, 0, 0], [5, 2500, 1000, 4096], [6, 2500, 1000, 4096], [7, 2500, 700, 4096],
    [8, 2500, 1000, 4096], [9, 1500, 400, 512], [10, 1500, 1000, 4096], [11, 1500, 1000, 4096], [12, 25000, 0, 0],
]
// Those whose habits make filters worth asking: not every column has values in each.
const askedOf = [4, 5, 7, 12]

const columns = {
    domain: 'text', day: 'day', source_ip: 'address', count: 'number', key: 'number', size: 'number', begin_time: 'time', seen_time: 'time',
    small: 'number', medium: 'number', pct: 'number', number: 'number', span: 'number', other_day: 'day', aligned: 'bit', maybe: 'bit',
    report_id: 'text', comment: 'text', policy: 'text', peer: 'address',
}
const filtered = new Set([
    'domain', 'source_ip', 'key', 'size', 'medium', 'span', 'report_id', 'hosts.list.element', 'notes.list.element',
    'dkim.list.element.domain', 'dkim.list.element.ip',
])

function make(seed, rows, groupRows, pageBytes, name = `${folder}/${seed}`) {
    execFileSync(program, [seed, rows, groupRows, pageBytes, `${name}.parquet`, `${name}.lines`].map(String))
    const lines = readFileSync(`${name}.lines`, 'utf8').split('\n').slice(0, -1)
    return { path: `${name}.parquet`, rows: lines.map(line => JSON.parse(line)), name: `table ${seed} (${rows} rows, groups of ${groupRows}, pages of ${pageBytes})` }
}

async function readByAll({ path, rows, name }) {
    const wanted = rows.map(row => JSON.stringify(row))
    for (const [reader, read] of Object.entries(readers))
        await attempt(`${reader} reads ${name}`, async () => same(`${reader} reads ${name}`, (await read(path)).map(row => JSON.stringify(row)), wanted))
}

async function skipByAll({ path, rows, name }) {
    const asked = questions(rows, columns), some = forHyparquet(asked)
    for (const skipping of [true, false]) {
        const how = skipping ? 'with skipping' : 'without skipping'
        await attempt(`DuckDB ${how}`, async () => same(`DuckDB finds ${asked.length} times what is there ${how}, ${name}`, await askDuckdb(path, asked, skipping), truths(asked)))
        await attempt(`ClickHouse ${how}`, async () => same(`ClickHouse finds what is there ${how}, ${name}`, askClickhouse(path, asked, skipping), truths(asked)))
        await attempt(`hyparquet ${how}`, async () => same(`hyparquet finds what is there ${how}, ${name}`, await askHyparquet(path, some, skipping), truths(some)))
    }
}

// ---- Defects, planted into what was taken apart or into bytes ----

function catches(defect, table, plant, text) {
    const file = takeApart(table.path)
    plant(file, name => file.groups[1].chunks.find(chunk => chunk.path.join('.') === name))
    const found = complaints(file, table.rows, filtered)
    ok(`${defect} is caught, and nothing else`, found.length > 0 && found.every(line => line.includes(text)), ...found)
}

function plantAll(table) {
    catches('a wrong null count', table, (file, chunk) => chunk('report_id').meta.field_12.field_3++, 'group 1 report_id: null_count')
    catches('a wrong null count of a page', table, (file, chunk) => chunk('count').pages[1].nulls++, 'group 1 count: page 1: null_counts')
    catches('a maximum that is off by one', table, (file, chunk) => chunk('count').meta.field_12.field_5[0]--, 'group 1 count: high')
    catches('a minimum of a page that is off by one', table, (file, chunk) => chunk('day').pages[0].low[0]++, 'group 1 day: ')
    catches('a maximum that was cut and not raised', table, (file, chunk) => {
        const statistics = chunk('report_id').meta.field_12
        statistics.field_5 = statistics.field_5.subarray(0, 3)
        statistics.field_7 = false
    }, 'group 1 report_id: high')
    catches('a wrong boundary order', table, (file, chunk) => chunk('key').order ^= 3, 'group 1 key: boundary_order')
    catches('a missing filter', table, (file, chunk) => (chunk('report_id').filter = undefined), 'group 1 report_id: no filter')
    catches('a filter with one bit missing', table, (file, chunk) => {
        const filter = chunk('report_id').filter
        const at = filter.findIndex(byte => byte)
        filter[at] &= filter[at] - 1
    }, 'group 1 report_id: the filter denies')
    catches('a page with one bit changed', table, (file, chunk) => (chunk('policy').pages[0].body[5] ^= 1), 'group 1 policy: page 0: checksum')
}

// ClickHouse is the reader that compares checksums of pages.
function refuseChanged(table) {
    const file = takeApart(table.path), path = `${folder}/changed.parquet`
    const sum = () => clickhouseRows(`select sum(length(report_id)) from file('${path}', 'Parquet')`)[0][0]
    writeFileSync(path, file.bytes)
    const truth = table.rows.reduce((total, row) => total + Buffer.byteLength(row.report_id), 0)
    ok('ClickHouse sums what is in the pages', Number(sum()) === truth)
    const page = file.groups[0].chunks.find(chunk => chunk.path[0] === 'report_id').pages[0]
    file.bytes[page.offset + page.size - 1] ^= 0x10
    writeFileSync(path, file.bytes)
    let said = 'nothing'
    try { sum() } catch (error) { said = String(error) }
    ok('ClickHouse refuses a page with one byte changed', /CRC|checksum/i.test(said), said)
}

for (const options of tables) {
    const table = make(...options)
    await readByAll(table)
    await attempt('what the file says', () => same(`what the file says is true, ${table.name}`, complaints(takeApart(table.path), table.rows, filtered), []))
    if (askedOf.includes(options[0])) await skipByAll(table)
}
const table = make(10, 1500, 500, 1024, `${folder}/planted`)
plantAll(table)
await attempt('a changed page', () => refuseChanged(table))
plan()

// pushdown.mjs - what a filter finds with what the file tells readers to skip, without it, and in truth.
// SPDX-License-Identifier: Apache-2.0

import { clickhouseRows, duckdbRows, hyparquetRows } from './readers.mjs'

const quoted = text => `'${text.replaceAll("'", "''")}'`

// How a value of each kind of column is written in SQL. kind: of random_table's scalars.
const literals = {
    text: { duckdb: quoted, clickhouse: value => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` },
    number: { duckdb: value => value, clickhouse: value => value },
    address: { duckdb: value => `unhex('${value}')`, clickhouse: value => `unhex('${value}')` },
    day: { duckdb: value => `(date '1970-01-01' + ${value})`, clickhouse: value => `toDate32('${new Date(Number(value) * 86400000).toISOString().slice(0, 10)}')` },
    time: { duckdb: value => `make_timestamptz(${value}::bigint)`, clickhouse: value => `fromUnixTimestamp64Micro(toInt64(${value}), 'UTC')` },
    bit: { duckdb: String, clickhouse: String },
}

const absent = { text: 'host-absent.example', number: '77', address: '20010db8000000000000000000000077', day: '33333', time: '1234567890123456' }

function order(kind, a, b) {
    if (kind === 'text' || kind === 'address') return Buffer.compare(Buffer.from(a), Buffer.from(b))
    return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
}

const operators = { '=': (kind, a, b) => a === b, '<': (kind, a, b) => order(kind, a, b) < 0, '>=': (kind, a, b) => order(kind, a, b) >= 0 }

// Values to ask for: some that are there, from all over the column, and one that is not.
function wantedValues(rows, column, kind) {
    const present = rows.map(row => row[column]).filter(value => value !== null)
    const some = [0, 0.3, 0.5, 0.99].map(part => present[Math.floor(part * present.length)]).filter(value => value !== undefined)
    return [...new Set(kind === 'bit' ? some : [...some, absent[kind]])]
}

export function questions(rows, columns) {
    return Object.entries(columns).flatMap(([column, kind]) => wantedValues(rows, column, kind).flatMap(value =>
        Object.keys(operators).filter(operator => kind !== 'bit' || operator === '=').map(operator => ({
            column, kind, operator, value,
            truth: rows.filter(row => row[column] !== null && operators[operator](kind, row[column], value)).length,
        }))))
}

const text = ({ column, operator, value }, count) => `${column} ${operator} ${value}: ${count}`
export const truths = asked => asked.map(question => text(question, question.truth))

// All questions in one statement, each a subquery of its own.
function union(asked, from, engine, settings = '') {
    return asked.map(({ column, kind, operator, value }, i) =>
        `select ${i} as i, count(*) as n from ${from} where ${engine === 'duckdb' ? `"${column}"` : `\`${column}\``} ${operator} ${literals[kind][engine](value)}${settings}`)
}

export async function askDuckdb(path, asked, skipping) {
    await duckdbRows(`set disabled_optimizers = '${skipping ? '' : 'filter_pushdown,statistics_propagation,row_group_pruner,join_filter_pushdown,regex_range'}'`)
    const rows = await duckdbRows(`${union(asked, `read_parquet('${path}')`, 'duckdb').join(' union all ')} order by i`)
    await duckdbRows("set disabled_optimizers = ''")
    return rows.map(([i, count]) => text(asked[Number(i)], count))
}

export function askClickhouse(path, asked, skipping) {
    const on = skipping ? 1 : 0
    const settings = ['filter_push_down', 'bloom_filter_push_down', 'page_filter_push_down', 'use_offset_index'].map(name => `input_format_parquet_${name} = ${on}`).join(', ')
    const prewhere = `, optimize_move_to_prewhere = ${on}`
    const rows = clickhouseRows(`select * from (${union(asked, `file('${path}', 'Parquet')`, 'clickhouse').join(' union all ')}) order by i settings ${settings}${prewhere}`)
    return rows.map(([i, count]) => text(asked[Number(i)], count))
}

// hyparquet compares JavaScript's own values: numbers of 32 bits, and texts, which it does not put in
// the order of their bytes.
const comparable = { '=': '$eq', '<': '$lt', '>=': '$gte' }
export const forHyparquet = asked => asked.filter(({ kind, operator, column }) => (kind === 'text' && operator === '=') || (kind === 'number' && ['small', 'medium', 'pct', 'number', 'span'].includes(column)))

export async function askHyparquet(path, asked, skipping) {
    const answers = []
    for (const question of asked) {
        const value = question.kind === 'number' ? Number(question.value) : question.value
        const filter = { [question.column]: { [comparable[question.operator]]: value } }
        const options = { filter, columns: [question.column], useBloomFilters: skipping, usePageIndex: skipping, useOffsetIndex: skipping }
        answers.push(text(question, (await hyparquetRows(path, options)).length))
    }
    return answers
}

// verify.mjs - a dataset of verdicts: each reader reads the rows that the NDJSON of the same run has, and the queries
// answer what can be counted in the rows.
// SPDX-License-Identifier: Apache-2.0
//
//   node verify.mjs DATASET NDJSON ROWS QUERIES WHOSE     (three outputs of the same inputs, docs/queries/verify, a word)

import { readFileSync } from 'node:fs'
import { answer, checkQueries, checkTables } from './dataset.mjs'
import { ok, plan, same } from './tap.mjs'

const [, , dataset, ndjson, rowsPath, queries, whose] = process.argv
await checkTables(dataset, ndjson, 2, new Set(['from_domain', 'domain', 'selector']), whose)
await checkQueries(dataset, queries, 10, whose)

const rows = readFileSync(rowsPath, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
const signatures = rows.flatMap(row => (row.signatures ?? []).map(signature => ({ ...signature, message: row.message, from_domain: row.from_domain })))

// Letters as SQL's lower() has them, which knows more of them than most domains.
const lower = text => text.toLowerCase()
const related = s => [lower(s.from_domain), lower(s.domain)].some((a, i, both) => a === both[1 - i] || a.endsWith('.' + both[1 - i]))

// What is counted of the rows under each name, as lines, sorted.
function counted(items, nameOf) {
    const counts = new Map()
    for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
    return [...counts].map(([name, count]) => `${name} ${count}`).sort()
}

// The same of a query's answer: the columns that make the name, and the one that counts.
async function told(file, names, count) {
    return (await answer(dataset, `${queries}/${file}`)).filter(row => row[count] !== '0')
        .map(row => `${names.map(name => row[name]).join('|')} ${row[count]}`).sort()
}

const checks = [
    ['01-results.sql', ['outcome', 'reason'], 'messages', counted(rows, row => `${row.result ?? 'rejected'}|${row.rejected ?? ''}`)],
    ['02-signers.sql', ['signer'], 'signatures', counted(signatures.filter(s => s.domain !== ''), s => lower(s.domain))],
    ['02-signers.sql', ['signer'], 'aligned', counted(signatures.filter(s => s.domain !== '' && related(s)), s => lower(s.domain))],
    ['03-failures.sql', ['signer', 'selector', 'result', 'reason'], 'signatures',
        counted(signatures.filter(s => s.result !== 'pass'), s => [lower(s.domain), s.selector, s.result, s.reason].join('|'))],
    ['04-keys.sql', ['signer', 'selector'], 'signatures', counted(signatures.filter(s => s.key_bits !== null), s => `${lower(s.domain)}|${s.selector}`)],
    ['05-algorithms.sql', ['algorithm', 'key_bits', 'canon'], 'signatures', counted(signatures, s => [lower(s.algorithm), s.key_bits, s.canon].join('|'))],
    ['06-weak-keys.sql', ['signer', 'selector', 'key_bits', 'testing'], 'signatures',
        counted(signatures.filter(s => s.testing || (s.key_bits !== null && s.key_bits < 2048 && lower(s.algorithm).startsWith('rsa'))),
            s => [lower(s.domain), s.selector, s.key_bits, s.testing].join('|'))],
    ['07-expired.sql', ['signer', 'selector'], 'expired', counted(signatures.filter(s => s.reason === 'expired'), s => `${lower(s.domain)}|${s.selector}`)],
    ['08-body-length.sql', ['signer', 'selector'], 'signatures', counted(signatures.filter(s => s.body_length !== null), s => `${lower(s.domain)}|${s.selector}`)],
    ['09-changed-on-the-way.sql', ['signer', 'selector'], 'body_changed', counted(signatures.filter(s => s.body_hash === 'bad'), s => `${lower(s.domain)}|${s.selector}`)],
    ['10-from-domains.sql', ['author_domain'], 'unsigned', counted(rows.filter(row => row.result === 'none'), row => lower(row.from_domain))],
    ['10-from-domains.sql', ['author_domain'], 'not_vouched_for',
        counted(rows.filter(row => row.signatures && !row.signatures.some(s => s.result === 'pass' && related({ ...s, from_domain: row.from_domain }))),
            row => lower(row.from_domain))],
    ['11-fields-left-out.sql', ['signer', 'selector', 'field'], 'signatures',
        counted(signatures.filter(s => s.result === 'pass').flatMap(s => ['to', 'subject', 'date']
            .filter(field => !lower(s.headers).split(':').includes(field)).map(field => ({ ...s, field }))), s => [lower(s.domain), s.selector, s.field].join('|'))],
    ['12-by-day.sql', ['day'], 'signatures', counted(signatures.filter(s => s.signed_at !== null), s => String(Math.floor(s.signed_at / 86400)))],
]
for (const [file, names, count, wanted] of checks) same(`${file} counts ${count} as the rows do, ${whose}`, await told(file, names, count), wanted)
ok(`a count that is off by one is noticed, ${whose}`, JSON.stringify(await told('01-results.sql', ['outcome', 'reason'], 'messages')) !==
    JSON.stringify(counted(rows.slice(1), row => `${row.result ?? 'rejected'}|${row.rejected ?? ''}`)))
plan()

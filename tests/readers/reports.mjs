// reports.mjs - a dataset of reports: each reader reads the rows that the NDJSON of the same run has,
// and the queries that ship with the project answer, the same with and without skipping.
// SPDX-License-Identifier: Apache-2.0
//
//   node reports.mjs NDJSON QUERIES [DATASET WORDS]...      (outputs of the same inputs; docs/queries)

import { checkQueries, checkTables, wantedRows } from './dataset.mjs'
import { ok, plan } from './tap.mjs'

const [, , ndjson, queries, ...datasets] = process.argv
const FILTERED = new Set(['policy_domain', 'domain', 'source_ip', 'selector', 'report_id', 'dkim.list.element.domain', 'dkim.list.element.selector'])

async function check(dataset, whose) {
    await checkTables(dataset, ndjson, 10, FILTERED, whose)

    // A row that is changed on the way is noticed.
    const changed = await wantedRows(dataset, ndjson, 'daily')
    ok(`a changed sum is noticed, ${whose}`, changed.length > 0 && changed[0] !== changed[0].replace(/"message_count":"(\d+)"/, '"message_count":"$10"'))

    await checkQueries(dataset, queries, 10, whose)
}

for (let i = 0; i < datasets.length; i += 2) await check(datasets[i], datasets[i + 1])
plan()

// summary.mjs - every view of `mailmill summary --json` beside DuckDB's own SQL on the same datasets: rows, order, totals.
// SPDX-License-Identifier: Apache-2.0
//
//   node summary.mjs MAILMILL REPORTS VERDICTS WHOSE      (a program, a dataset of each verb, a word)

import { execFileSync } from 'node:child_process'
import { duckdbRows } from './readers.mjs'
import { attempt, ok, plan, same } from './tap.mjs'

const [, , mailmill, reports, verdicts, whose] = process.argv
const EVERY = '1000000'

const summary = (view, options, datasets) => JSON.parse(execFileSync(mailmill,
    ['summary', '--json', '--limit', EVERY, '--view', view, ...options, ...datasets], { maxBuffer: 1 << 30 }))
const tableOf = (view, options, datasets) => summary(view, options, datasets).views.find(v => v.view === view)
const rowsOf = table => table.rows.map(row => JSON.stringify(table.columns.map(column => row[column.name])))

function plain(value) {
    if (typeof value === 'bigint') return Number(value)
    if (value?.days !== undefined) return new Date(value.days * 86400000).toISOString().slice(0, 10)
    return value
}
const answerOf = async sql => (await duckdbRows(sql)).map(row => JSON.stringify(row.map(plain)))

await duckdbRows(`create macro pct(part, whole) as case when whole = 0 then null when part = 0 then 0.0 when part = whole then 100.0
    else least(9999, greatest(1, (20000 * part::hugeint + whole) // (2 * whole::hugeint)))::double / 100 end`)
await duckdbRows(`create macro sole(words) as case when len(words) = 1 then words[1] end`)
await duckdbRows(`create macro net(ip) as case when ip is null then null
    when hex(ip)[1:24] = '00000000000000000000FFFF' then hex(ip)[1:30] else hex(ip)[1:12] end`)
for (const table of ['dmarc_reports', 'dmarc_records', 'tls_reports', 'tls_policies', 'tls_failures', 'arf', 'bounces', 'rejects',
    'duplicates', 'daily'])
    await duckdbRows(`create view ${table}_all as from read_parquet('${reports}/${table}/*.parquet')`)
for (const table of ['messages', 'signatures'])
    await duckdbRows(`create view ${table} as from read_parquet('${verdicts}/${table}/*.parquet')`)

// What --domain, --since and --until leave of each table, as the manual says.
async function choose({ domain, since, until }) {
    const days = {
        dmarc_reports: 'cast(begin_time as date)', dmarc_records: 'date', tls_reports: 'cast(start_datetime as date)', tls_policies: 'date',
        tls_failures: 'date', arf: 'cast(coalesce(arrival_date, received_at) as date)', daily: 'date',
        bounces: 'cast(coalesce(arrival_date, received_at) as date)',
    }
    const domains = { arf: 'sample_from_domain', bounces: 'recipient_domain' }
    for (const [table, day] of Object.entries(days))
        await duckdbRows(`create or replace view ${table} as from ${table}_all where true
            ${domain ? `and ${domains[table] ?? 'policy_domain'} = '${domain}'` : ''}
            ${since ? `and ${day} >= '${since}'` : ''} ${until ? `and ${day} <= '${until}'` : ''}`)
    for (const table of ['rejects', 'duplicates']) await duckdbRows(`create or replace view ${table} as from ${table}_all`)
}

const pass = 'dkim_aligned or spf_aligned'
const sums = count => `sum(${count}), pct(coalesce(sum(${count}) filter (${pass}), 0), sum(${count})),
    coalesce(sum(${count}) filter (not (${pass})), 0)`
const aligned = count => `pct(coalesce(sum(${count}) filter (dkim_aligned), 0), sum(${count})), pct(coalesce(sum(${count}) filter (spf_aligned), 0), sum(${count}))`
const raw = "(len(list_filter(dkim, d -> d.result = 'pass')) > 0 or len(list_filter(spf, s -> s.result = 'pass')) > 0)"
const day = 'cast(coalesce(arrival_date, received_at) as date)'

const health = `select outcome, reason, rows from (select 'kept' as outcome, 'dmarc_reports' as reason, count(*) as rows, 0 as place from dmarc_reports_all
    union all select 'kept', 'tls_reports', count(*), 1 from tls_reports_all
    union all select 'duplicate', if(same_content, 'same content', 'other content'), count(*), if(same_content, 3, 2) from duplicates group by all
    union all select 'rejected', reason, count(*), 4 from rejects group by all) order by place, rows desc, reason`

// view, its SQL, and options. Rows come in the order that the manual says.
const cases = [
    ['pass-rate', `select policy_domain, date, ${sums('message_count')}, ${aligned('message_count')} from daily group by all order by 1, 2`],
    ['pass-rate', `select policy_domain, ${sums('message_count')}, ${aligned('message_count')} from daily group by all order by 2 desc, 1`, '--by', 'domain'],
    ['pass-rate', `select date_trunc('week', date)::date, org_name, ${sums('message_count')}, ${aligned('message_count')} from daily group by all order by 1, 2`,
        '--by', 'week,org'],
    ['pass-rate', `select strftime(date, '%Y-%m'), ${sums('count')}, ${aligned('count')} from dmarc_records group by all order by 1`, '--by', 'month'],
    ['pass-rate', `select source_ip_text, header_from, dmarc_pass, ${sums('count')}, ${aligned('count')} from dmarc_records group by all
        order by 4 desc, 1, 2, 3`, '--by', 'source_ip,header_from,result'],
    ['alignment', `select dkim_aligned, spf_aligned, sum(message_count), pct(sum(message_count), (select sum(message_count) from daily)) from daily
        group by all order by 3 desc, 1, 2`],
    ['disposition', `select policy_domain, p, disposition, sum(count), coalesce(sum(count) filter (not dmarc_pass), 0) from dmarc_records group by all
        order by 4 desc, 1, 2, 3`],
    ['policy', `with hits as (select policy_domain, source_ip_text, any_value(net(source_ip)) as net, sum(count) as messages from dmarc_records
            where not dmarc_pass group by all),
        yours as (select distinct policy_domain, net(source_ip) as net from dmarc_records where dmarc_pass and source_ip is not null),
        found as (select h.policy_domain, count(*) as sources, count(*) filter (y.net is not null) as yours,
            coalesce(sum(h.messages) filter (y.net is not null), 0) as of_yours
            from hits h left join yours y on h.policy_domain is not distinct from y.policy_domain and h.net = y.net group by all)
        select r.policy_domain, (select p from dmarc_records l where l.policy_domain is not distinct from r.policy_domain
                group by p order by max(date) desc, p limit 1),
            sum(count), coalesce(sum(count) filter (not dmarc_pass), 0) as failing, pct(coalesce(sum(count) filter (not dmarc_pass), 0), sum(count)),
            coalesce(any_value(f.sources), 0), coalesce(any_value(f.yours), 0), coalesce(any_value(f.of_yours), 0),
            coalesce(sum(count) filter (not dmarc_pass and disposition = 'none'), 0),
            coalesce(sum(count) filter (not dmarc_pass and disposition = 'quarantine'), 0),
            coalesce(sum(count) filter (not dmarc_pass and disposition = 'reject'), 0)
        from dmarc_records r left join found f on f.policy_domain is not distinct from r.policy_domain group by r.policy_domain order by 3 desc, 1`],
    ['policy-history', `select policy_domain, cast(begin_time as date), p, sp, np, adkim, aspf, pct, testing, count(*), sum(message_count)
        from dmarc_reports group by all order by 1, 2, 3, 4, 5, 6, 7, 8, 9`],
    ['sources', `with yours as (select distinct policy_domain, net(source_ip) as net from dmarc_records where dmarc_pass and source_ip is not null)
        select policy_domain, source_ip_text, sum(count), coalesce((policy_domain, any_value(net(source_ip))) in (from yours), false),
            coalesce(sum(count) filter (${raw}), 0), sole(list(distinct header_from)), min(date), max(date)
        from dmarc_records where not dmarc_pass group by policy_domain, source_ip_text order by 3 desc, 1, 2`],
    ['new-sources', `select policy_domain, source_ip_text, sum(count), pct(coalesce(sum(count) filter (dmarc_pass), 0), sum(count)), min(date) from dmarc_records
        group by all having min(date) > (select max(date) from dmarc_records) - 7 order by 3 desc, 1, 2`],
    ['unaligned', `select policy_domain, source_ip_text, sum(count), count(distinct org_name) + max(if(org_name is null, 1, 0)), count(distinct date),
            count(distinct org_name) + max(if(org_name is null, 1, 0)) >= 2 and count(distinct date) >= 2,
            sole(list_distinct(flatten(list(list_transform(list_filter(dkim, d -> d.result = 'pass'), d -> d.domain))))),
            sole(list_distinct(flatten(list(list_transform(list_filter(spf, s -> s.result = 'pass'), s -> s.domain))))),
            sole(list(distinct header_from)), min(date), max(date)
        from dmarc_records where not dmarc_pass and ${raw} group by all order by 3 desc, 1, 2`],
    ['selectors', `select policy_domain, d.domain, d.selector, sum(count), pct(coalesce(sum(count) filter (d.result = 'pass'), 0), sum(count)),
            coalesce(sum(count) filter (d.result is distinct from 'pass'), 0), min(date), max(date)
        from (select policy_domain, date, count, unnest(dkim) as d from dmarc_records) group by all order by 4 desc, 1, 2, 3`],
    ['overrides', `select org_name, o.type, sum(count), count(*) from (select org_name, count, unnest(override_reasons) as o from dmarc_records)
        group by all order by 3 desc, 1, 2`],
    ['overrides', `select date, policy_domain, sum(count), count(*) from (select policy_domain, date, count, unnest(override_reasons) as o from dmarc_records)
        group by all order by 1, 2`, '--by', 'day,domain'],
    ['subdomains', `select policy_domain, header_from, coalesce(sp, p), sum(count), pct(coalesce(sum(count) filter (dmarc_pass), 0), sum(count)),
            coalesce(sum(count) filter (not dmarc_pass), 0) from dmarc_records where header_from <> policy_domain group by all order by 4 desc, 1, 2, 3`],
    ['reporters', `select org_name, count(*), sum(message_count), pct(sum(message_count), sum(sum(message_count)) over ()),
            count(distinct cast(begin_time as date)), date_diff('day', min(begin_time)::date, max(begin_time)::date) + 1,
            count(*) filter (len(flags) > 0), count(*) filter (span_seconds > 90000), max(begin_time)::date
        from dmarc_reports group by all order by 3 desc, 1`],
    ['gaps', `with days as (select distinct policy_domain, date from daily),
        next as (select policy_domain, date, coalesce(lead(date) over (partition by policy_domain order by date), (select max(date) from daily) + 1) as behind from days)
        select policy_domain, date + 1, behind - 1, behind - date - 1 from next where behind - date > 1 order by 4 desc, 1, 2`],
    ['tls', `select policy_domain, policy_type, coalesce(sum(total_successful_session_count), 0), coalesce(sum(total_failure_session_count), 0),
            pct(coalesce(sum(total_failure_session_count), 0), coalesce(sum(total_successful_session_count), 0) + coalesce(sum(total_failure_session_count), 0))
        from tls_policies group by all order by 4 desc, 1, 2`],
    ['tls-failures', `select receiving_mx_hostname, result_type, organization_name, coalesce(sum(failed_session_count), 0), count(*) from tls_failures
        group by all order by 4 desc, 1, 2, 3`],
    ['bounces', `select provider, count(*), count(*) filter (class = 'hard'), pct(count(*) filter (class = 'hard'), count(*)), count(*) filter (class = 'soft'),
            count(*) filter (class = 'policy'), count(*) filter (class = 'delayed'), count(*) filter (class = 'receipt'),
            count(*) filter (class not in ('hard', 'soft', 'policy', 'delayed', 'receipt')) from bounces group by all order by 2 desc, 1`],
    ['bounces', `select ${day}, recipient_domain, count(*), count(*) filter (class = 'hard'), pct(count(*) filter (class = 'hard'), count(*)),
            count(*) filter (class = 'soft'), count(*) filter (class = 'policy'), count(*) filter (class = 'delayed'), count(*) filter (class = 'receipt'),
            count(*) filter (class not in ('hard', 'soft', 'policy', 'delayed', 'receipt')) from bounces group by all order by 1, 2`, '--by', 'day,domain'],
    ['bounce-reasons', `select class, reason, rule_id, count(*), pct(count(*), sum(count(*)) over ()) from bounces group by all order by 4 desc, 1, 2, 3`],
    ['suppress', `select coalesce(regexp_replace(final_recipient, '[^@]*$', '') || recipient_domain, final_recipient), count(*), min(${day}), max(${day}) from bounces where class = 'hard' group by all order by 2 desc, 1`],
    ['complaints', `select ${day}, coalesce(sample_list_id, sample_feedback_id), reporter_domain, coalesce(sum(incidents) filter (kind = 'complaint'), 0),
            coalesce(sum(incidents) filter (kind = 'not_spam'), 0), coalesce(sum(incidents) filter (kind = 'auth_failure'), 0),
            coalesce(sum(incidents) filter (kind not in ('complaint', 'not_spam', 'auth_failure')), 0) from arf group by all order by 1, 2, 3`],
    ['health', health],
    ['results', `select from_domain, count(*), count(*) filter (result = 'pass'), pct(count(*) filter (result = 'pass'), count(*)),
            count(*) filter (rejected is null and result not in ('pass', 'none', 'neutral')), count(*) filter (result = 'none'), count(*) filter (result = 'neutral'),
            count(*) filter (rejected is not null) from messages group by all order by 2 desc, 1`],
    ['reasons', `select domain, result, reason, count(*), pct(count(*), sum(count(*)) over ()) from signatures where result <> 'pass'
        group by all order by 4 desc, 1, 2, 3`],
    ['signers', `select domain, selector, algorithm, key_bits, count(*), pct(count(*) filter (result = 'pass'), count(*)), min(signed_at)::date, max(signed_at)::date
        from signatures group by all order by 5 desc, 1, 2, 3, 4`],
]

let told = 0
for (const chosen of [{}, { domain: 'example.com' }, { since: '2024-01-01', until: '2025-01-31' }]) {
    await choose(chosen)
    const options = Object.entries(chosen).flatMap(([name, value]) => [`--${name}`, value])
    for (const [view, sql, ...by] of cases) {
        const verify = ['results', 'reasons', 'signers'].includes(view)
        if (verify && options.length) continue
        const name = [view, ...by, ...options].join(' ')
        await attempt(name, async () => {
            const table = tableOf(view, [...by, ...options], [verify ? verdicts : reports])
            const rows = rowsOf(table)
            told += rows.length
            same(`${name}: rows as DuckDB has them, ${whose}`, rows, await answerOf(sql))
            ok(`${name}: as many rows as it says`, table.rows_shown === rows.length && table.rows_total === rows.length)
        })
    }
}
await choose({})

// The overview, number by number.
await attempt('overview', async () => {
    const table = tableOf('overview', [], [reports])
    const facts = Object.fromEntries(table.rows.map(row => [row.name, [row.count, row.share_percent]]))
    const wanted = {}
    const fact = async (name, sql) => { wanted[name] = (await duckdbRows(sql))[0].map(plain) }
    const part = (what, of = '1 = 1') => `select coalesce(sum(message_count) filter (${what}), 0), pct(coalesce(sum(message_count) filter (${what}), 0), coalesce(sum(message_count) filter (${of}), 0)) from daily`
    const fails = `not (${pass})`
    await fact('dmarc_reports', 'select count(*), null from dmarc_reports')
    await fact('messages', 'select sum(message_count), null from daily')
    await fact('passed', part(pass))
    await fact('dkim_aligned', part('dkim_aligned'))
    await fact('spf_aligned', part('spf_aligned'))
    await fact('failed', part(fails))
    await fact('let_in', part(`${fails} and disposition = 'none'`, fails))
    await fact('quarantined', part(`${fails} and disposition = 'quarantine'`, fails))
    await fact('rejected', part(`${fails} and disposition = 'reject'`, fails))
    await fact('tls_reports', 'select count(*), null from tls_reports')
    // Of the sts and the tlsa policy of a domain in one report, the one with more sessions.
    const sessions = (column, kind) => `coalesce(sum(${column}) filter (${kind}), 0)`
    const kinds = { sts: "policy_type = 'sts'", tlsa: "policy_type = 'tlsa'", other: "policy_type is null or policy_type not in ('sts', 'tlsa')" }
    const held = 'total_successful_session_count', broken = 'total_failure_session_count'
    const counted = column => `select sum(if(sts >= tlsa, of_sts, of_tlsa) + of_other), null from (select
        ${Object.entries(kinds).map(([name, kind]) => `${sessions(held, kind)} + ${sessions(broken, kind)} as ${name}, ${sessions(column, kind)} as of_${name}`).join(', ')}
        from tls_policies group by report_key, policy_domain)`
    await fact('tls_successful', counted(held))
    await fact('tls_failed', counted(broken))
    const bounces = "(select count(*) from bounces where class <> 'receipt')"
    await fact('bounces', `select ${bounces}, null`)
    for (const kind of ['hard', 'soft', 'policy'])
        await fact(`bounces_${kind}`, `select count(*), pct(count(*), ${bounces}) from bounces where class = '${kind}'`)
    await fact('complaints', "select coalesce(sum(incidents) filter (kind = 'complaint'), 0), null from arf")
    await fact('failure_reports', "select coalesce(sum(incidents) filter (kind = 'auth_failure'), 0), null from arf")
    for (const [name, value] of Object.entries(wanted))
        same(`overview: ${name} as DuckDB has it, ${whose}`, [JSON.stringify(facts[name])], [JSON.stringify(value)])
    ok('overview: nothing that was not compared', Object.keys(facts).every(name => name in wanted))
})

// Advice says the numbers of its row.
await attempt('advice', async () => {
    const table = tableOf('policy', [], [reports])
    const advice = table.notes.filter(note => note.kind === 'advice')
    const wrong = advice.filter(note => {
        const row = table.rows[note.row], yours = row.your_sources ? String(row.your_sources) : 'none', s = count => (count === 1 ? '' : 's')
        return row.p === 'reject' || !(note.text === (row.failing_messages === 0
            ? `${row.policy_domain}: p=reject would have hit none of ${row.messages} messages`
            : `${row.policy_domain}: p=reject would have hit ${row.failing_messages} message${s(row.failing_messages)} from ${row.failing_sources} source${s(row.failing_sources)}, ${yours} of them yours`))
    })
    ok(`advice has the numbers of its row, ${whose}`, advice.length > 0 && wrong.length === 0, JSON.stringify(wrong[0]))
})

// Defects that must be noticed: a row that is lost, two that are swapped, a number that is off by one.
const seen = rowsOf(tableOf('pass-rate', [], [reports]))
const right = await answerOf(cases[0][1])
const notices = rows => rows.length !== right.length || rows.some((row, i) => row !== right[i])
ok('a lost row is noticed', notices(seen.slice(1)))
ok('swapped rows are noticed', seen.length > 1 && notices([seen[1], seen[0], ...seen.slice(2)]))
ok('a number that is off by one is noticed', notices([seen[0].replace(/,(\d+),/, (_, n) => `,${Number(n) + 1},`), ...seen.slice(1)]))
ok('a rule without /24 is noticed', JSON.stringify(await answerOf(cases.find(([view]) => view === 'sources')[1])) !==
    JSON.stringify(await answerOf(cases.find(([view]) => view === 'sources')[1].replaceAll('net(source_ip)', 'hex(source_ip)'))) || whose !== 'the corpus')
ok(`views have something to tell, ${whose}`, told > 100, `${told} rows`)
plan()

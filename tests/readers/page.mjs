// page.mjs - the page of a summary in Chromium: what is seen, sorted, filtered, chosen, and what must not happen.
// SPDX-License-Identifier: Apache-2.0
//
//   node page.mjs COMMON HOSTILE LARGE EMPTY AXE REAL REPORTS VERDICTS WHOSE
//
// Pages that tests/support/tool_summary_page.c made; axe.min.js; a page of two datasets, these, and a word for them.

import { readFileSync, statSync } from 'node:fs'
import { startBrowser } from './browser.mjs'
import { duckdbRows } from './readers.mjs'
import { attempt, ok, plan, same } from './tap.mjs'

const [, , common, hostile, large, empty, axeFile, real, reports, verdicts, whose] = process.argv
const axe = readFileSync(axeFile, 'utf8')
const SHOWN = 100 // rows of a table
const TEXT = 0, ADDRESS = 1, COUNT = 2, SHARE = 3, MONTH = 6, FLAG = 7
const browser = await startBrowser()

const LOOKS = {
    light: {},
    dark: { dark: true },
    'a phone, 390 px': { width: 390, height: 844, phone: true },
    'a dark phone': { width: 390, height: 844, phone: true, dark: true },
    print: { print: true, width: 794 },
}

// ---- what DuckDB makes of the page's data ----

const quoted = text => `'${text.replaceAll("'", "''")}'`

function literal(column, value, words) {
    if (value === null) return column.kind === SHARE ? 'NULL, NULL' : 'NULL'
    if (column.kind === TEXT || column.kind === ADDRESS) return quoted(words[value])
    if (column.kind === SHARE) return value.join(', ')
    return String(value)
}

// The rows of a table of the page, as a table of DuckDB: place, then c0, c1, …; a share is p and w.
async function load(table, rows = table.rows) {
    const columns = table.columns.map((column, i) => column.kind === SHARE ? `p${i} HUGEINT, w${i} HUGEINT`
        : `c${i} ${column.kind === TEXT || column.kind === ADDRESS ? 'VARCHAR' : 'HUGEINT'}`)
    await duckdbRows(`create or replace table shown (place INTEGER, ${columns.join(', ')})`)
    for (let from = 0; from < rows.length; from += 500)
        await duckdbRows(`insert into shown values ${rows.slice(from, from + 500).map((row, i) =>
            `(${from + i}, ${row.map((value, k) => literal(table.columns[k], value, table.words)).join(', ')})`).join(', ')}`)
}

// SQL of the words that a cell shows.
function wordsOf(column, i) {
    switch (column.kind) {
    case TEXT: case ADDRESS: return `c${i}`
    case COUNT: return `format('{:,}', c${i}::BIGINT)`
    case SHARE: {
        const points = `((20000 * p${i} + w${i}) // (2 * w${i}))`
        const clamped = `(case when ${points} = 0 and p${i} > 0 then 1 when ${points} = 10000 and p${i} < w${i} then 9999 else ${points} end)`
        return `printf('%d.%02d %%', (${clamped} // 100)::BIGINT, (${clamped} % 100)::BIGINT)`
    }
    case FLAG: return `case c${i} when 1 then 'yes' when 0 then 'no' end`
    default: return `strftime(date '1970-01-01' + c${i}::INTEGER, '${column.kind === MONTH ? '%Y-%m' : '%Y-%m-%d'}')`
    }
}

async function rowsBy(table, rest) {
    const words = table.columns.map((column, i) => `coalesce(${wordsOf(column, i)}, '')`)
    return (await duckdbRows(`select ${words.join(', ')} from shown ${rest}`)).map(row => row.join(' | '))
}

// ---- what the page shows ----

async function pageData(page) {
    const data = await page.call(() => JSON.parse(document.getElementById('data').textContent))
    return { ...data, tables: data.cards.map(card => ({ slug: card.id, domain: card.domain, detail: card.detail, ...card.table })) }
}
const openTables = page => page.call(() => document.querySelectorAll('details').forEach(details => { details.open = true }))

// Rows of a table as a visitor reads them; "empty" stands for a text of no characters.
const visibleRows = (page, slug) => page.call(slug =>
    [...document.querySelectorAll(`#${slug} tbody tr`)].map(row => [...row.cells].map(cell =>
        (cell.firstElementChild?.tagName === 'I' ? '' : cell.textContent)).join(' | ')), slug)

const shownWords = (page, slug) => page.call(slug => document.querySelector(`#${slug} .shown`).textContent, slug)

async function quiet(page, name) {
    ok(`${name}: no word on the console, no error`, page.faults.length === 0, ...page.faults)
    ok(`${name}: no request to anywhere`, page.requests.length === 0, ...page.requests)
}

// ---- looks ----

async function looksWell(url, label, names = Object.keys(LOOKS), open = openTables) {
    for (const name of names) {
        const looks = LOOKS[name]
        const page = await browser.open(url, looks)
        await open(page)
        await page.value(axe)
        const violations = await page.value(`axe.run().then(found => found.violations.flatMap(violation =>
            violation.nodes.map(node => violation.id + ': ' + violation.help + ' ' + node.html.slice(0, 200))))`)
        ok(`${label} in ${name}: axe finds no violation`, violations.length === 0, ...violations)
        const wide = await page.call(() => [document.documentElement.scrollWidth, innerWidth])
        ok(`${label} in ${name}: nothing is wider than the view`, wide[0] <= wide[1] && wide[1] <= (looks.width ?? 1280), wide.join(' > '))
        await quiet(page, `${label} in ${name}`)
        await page.close()
    }
}

// ---- tables ----

async function sortsEveryColumn(page, table, label) {
    for (const [i, column] of table.columns.entries()) {
        const value = column.kind === SHARE ? `p${i}::DOUBLE / w${i}::DOUBLE` : `c${i}`
        const falls = column.kind === COUNT || column.kind === SHARE
        for (const down of [falls, !falls]) {
            const way = down ? 'descending' : 'ascending'
            await page.call((slug, i) => document.querySelectorAll(`#${slug} thead button`)[i].click(), table.slug, i)
            const wanted = await rowsBy(table, `order by ${value} ${down ? 'desc' : 'asc'} nulls last, place`)
            same(`${label}: ${table.slug} by ${column.title}, ${way}, is DuckDB's order`, await visibleRows(page, table.slug), wanted.slice(0, SHOWN))
            const said = await page.call((slug, i) => document.querySelectorAll(`#${slug} thead th`)[i].getAttribute('aria-sort'), table.slug, i)
            ok(`${label}: ${table.slug} by ${column.title} says ${way}`, said === way, said)
        }
    }
    await page.call((slug) => document.querySelectorAll(`#${slug} thead button`)[0].click(), table.slug)
}

// Types into the filter as a visitor does.
async function filterBy(page, slug, text) {
    await page.call(slug => { const input = document.querySelector(`#${slug} input`); input.focus(); input.select() }, slug)
    if (text === '') await page.key('Backspace')
    else await page.type(text)
}

// Words out of the table, in other letters, of a part of a cell; and one that no cell has.
function searches(table) {
    const text = table.words[Math.floor(table.words.length / 2)] ?? '1'
    return [text, text.slice(0, 4).toUpperCase(), '1', 'no cell says this']
}

async function filtersEveryTable(page, table, label) {
    for (const text of searches(table)) {
        await filterBy(page, table.slug, text)
        const holds = table.columns.map((column, i) => `contains(lower(coalesce(${wordsOf(column, i)}, '')), lower(${quoted(text)}))`)
        const wanted = await rowsBy(table, `where ${holds.join(' or ')} order by place`)
        const got = await visibleRows(page, table.slug)
        same(`${label}: ${table.slug} filtered by "${text}" is DuckDB's WHERE`, got, wanted.slice(0, SHOWN))
        const said = await shownWords(page, table.slug)
        ok(`${label}: ${table.slug} filtered by "${text}" says how many of how many`,
            said === `${Math.min(SHOWN, wanted.length).toLocaleString('en')} of ${wanted.length.toLocaleString('en')} shown`, said, `${wanted.length} rows`)
    }
    await filterBy(page, table.slug, '')
}

async function tablesObey(url, label) {
    const page = await browser.open(url)
    const data = await pageData(page)
    await openTables(page)
    for (const table of data.tables) {
        await load(table)
        same(`${label}: ${table.slug} has the rows of its data`, await visibleRows(page, table.slug), (await rowsBy(table, 'order by place')).slice(0, SHOWN))
        await filtersEveryTable(page, table, label)
        await sortsEveryColumn(page, table, label)
    }
    await quiet(page, `${label}, sorted and filtered`)
    await page.close()
}

// ---- charts ----

// In the order of the data.
const plots = page => page.call(() => JSON.parse(document.getElementById('data').textContent).charts
    .map((chart, i) => document.getElementById(`plot-${i}`).innerHTML))

// Chooses by the keyboard's way of an element: its value, then the event.
const choose = (page, text) => page.call(text => {
    const box = document.getElementById('domain')
    box.selectedIndex = [...box.options].findIndex(option => option.textContent === text)
    box.dispatchEvent(new Event('change'))
}, text)

async function domainsChangeAll(url, label) {
    const page = await browser.open(url)
    const data = await pageData(page)
    await openTables(page)
    const before = await plots(page)
    const names = await page.call(() => [...document.getElementById('domain').options].slice(1).map(option => option.textContent))
    ok(`${label}: there are domains to choose from`, names.length > 1, names.join(' '))
    for (const name of names.slice(0, 3)) {
        await choose(page, name)
        const after = await plots(page)
        for (const [i, chart] of data.charts.entries()) {
            const table = data.tables.find(candidate => candidate.slug === chart.card)
            const own = table.detail !== null || table.domain >= 0
            ok(`${label}: ${name} ${own ? 'changes' : 'leaves'} "${chart.title}"`, own === (after[i] !== before[i]))
        }
        for (const table of data.tables) {
            const source = table.detail ?? table
            const own = table.detail ? 0 : table.domain
            await load(source)
            const wanted = (await rowsBy(source, `${own < 0 ? '' : `where c${own} = ${quoted(name)}`} order by place`))
                .map(row => (table.detail ? row.slice(row.indexOf(' | ') + 3) : row))
            same(`${label}: ${table.slug} has the rows of ${name}`, await visibleRows(page, table.slug), wanted.slice(0, SHOWN))
        }
    }
    await choose(page, 'All domains')
    same(`${label}: all domains are as before`, await plots(page), before)
    await quiet(page, `${label}, by domain`)
    await page.close()
}

// What the script draws of all rows is what the program drew, to the character.
async function drawsAlike(url, label) {
    const page = await browser.open(url)
    const pairs = await page.call(() => {
        const source = [...document.querySelectorAll('script')].pop().textContent
        // The script once more, with a hand at what it keeps to itself.
        const { draw, data, cards } = Function(`${source.slice(0, source.lastIndexOf('}'))} return { draw, data, cards } }`)()
        return data.charts.map((chart, i) => {
            const box = document.createElement('div')
            box.append(...draw(chart, cards.get(chart.card).table.rows))
            return [chart.title, box.innerHTML, document.getElementById(`plot-${i}`).innerHTML]
        })
    })
    for (const [title, drawn, made] of pairs) same(`${label}: "${title}" is drawn alike by program and script`, drawn.split('>'), made.split('>'))
    await page.close()
}

async function scriptsOff(url, label) {
    const [on, off] = [await browser.open(url), await browser.open(url, { scripts: false })]
    const data = await pageData(on)
    const count = page => page.call(() => [...document.querySelectorAll('svg rect, svg path, .bars li, .matrix li')].length)
    const charts = await plots(off)
    ok(`${label}, scripts off: every chart is drawn`, charts.length === data.charts.length && charts.every(chart => chart.includes('<svg')), `${charts.length}`)
    ok(`${label}, scripts off: no shape is missing`, await count(off) === await count(on))
    for (const table of data.tables)
        same(`${label}, scripts off: ${table.slug} has its rows`, await visibleRows(off, table.slug), await visibleRows(on, table.slug))
    const controls = await off.call(() => [...document.querySelectorAll('input, select, button')].filter(control => control.checkVisibility()).length)
    ok(`${label}, scripts off: nothing is there that does nothing`, controls === 0, `${controls}`)
    await quiet(off, `${label}, scripts off`)
    await on.close()
    await off.close()
}

// ---- strangers ----

async function strangersAreInert(url) {
    const page = await browser.open(url)
    const { title, elements, sources } = await page.call(() => ({
        title: document.title,
        elements: [...document.querySelectorAll('script, style, img, iframe, object, link, [onerror], [onclick], [style]')].map(node => node.tagName),
        sources: document.documentElement.outerHTML,
    }))
    ok('no name of a stranger has run', title.startsWith('Mail summary'), title)
    same('no name of a stranger is an element', elements, ['STYLE', 'SCRIPT', 'SCRIPT'])
    const acting = sources.match(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu) ?? []
    ok('no character acts on those around it', acting.length === 0, ...acting.map(found => found.codePointAt(0).toString(16)))
    ok('a name of 10 KB is cut, and says so', sources.includes(`${'w'.repeat(100)}… (10,240 bytes)`) && !sources.includes('w'.repeat(101)))
    ok('ESC, NUL and a turn of direction are seen', ['␛[31m', 'a␀b', '\\u{202e}moc', '\\xff\\xfe'].every(text => sources.includes(text)))
    ok('a text of no characters is told', sources.includes('<i>empty</i>'))
    await page.close()
}

// The policy is in force: what a stranger would do is refused, and noticed.
async function policyHolds(url) {
    const attempts = {
        'a script': () => document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.ran = true' })),
        'a style': () => document.body.append(Object.assign(document.createElement('style'), { textContent: 'body{color:red}' })),
        'an attribute of style': () => { document.body.insertAdjacentHTML('beforeend', '<p style="color:red">x</p>') },
        'a handler': () => { document.body.insertAdjacentHTML('beforeend', '<p onclick="globalThis.ran = true">x</p>'); document.body.lastElementChild.click() },
        'an image': () => { document.body.insertAdjacentHTML('beforeend', '<img src="http://192.0.2.1/x.png">') },
        'a request': () => fetch('http://192.0.2.1/').catch(() => {}),
        'a form': () => { document.body.insertAdjacentHTML('beforeend', '<form action="http://192.0.2.1/"></form>'); document.body.lastElementChild.submit() },
    }
    for (const [name, attack] of Object.entries(attempts)) {
        const page = await browser.open(url)
        await page.call(attack)
        await page.value('new Promise(resolve => setTimeout(resolve, 200))')
        ok(`${name} is refused`, page.faults.some(fault => fault.includes('Content Security Policy')), ...page.faults)
        ok(`${name} does nothing`, page.requests.length === 0 && await page.value('globalThis.ran') === undefined, ...page.requests)
        await page.close()
    }
    const policy = readFileSync(new URL(url), 'utf8').match(/Content-Security-Policy" content="([^"]*)"/)[1]
    ok('the policy knows hashes alone', /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/.test(policy), policy)
}

// ---- bounds ----

async function largeIsBounded(path) {
    const bytes = statSync(path).size
    ok('the page of a large summary has less than 2 MB', bytes < 2000000 && bytes > 500000, `${bytes}`)
    const page = await browser.open(file(path))
    const data = await pageData(page)
    for (const table of data.tables) {
        const rows = (await visibleRows(page, table.slug)).length
        const said = await shownWords(page, table.slug)
        ok(`${table.slug} says how many of its rows are shown`, rows <= SHOWN && said === `${rows} of ${table.total.toLocaleString('en')} shown`, said)
        if (table.rows.length > 60) ok(`${table.slug} holds fewer rows than there are`, table.rows.length < table.total, `${table.rows.length} of ${table.total}`)
    }
    await quiet(page, 'the large page')
    await page.close()
}

async function emptyIsTold(path) {
    const page = await browser.open(file(path))
    ok('a summary without rows is a page', (await page.call(() => document.body.textContent)).includes('Mail summary'))
    await quiet(page, 'the empty page')
    await page.close()
}

// Sorting by the keyboard alone: Tab to the head of a column, then Enter.
async function keyboardIsEnough(url) {
    const page = await browser.open(url)
    await page.call(() => { document.querySelector('details').open = true; document.querySelector('thead button').focus() })
    await page.key('Tab')
    await page.key('Enter')
    const said = await page.call(() => [...document.querySelectorAll('thead th')].slice(0, 3).map(head => head.getAttribute('aria-sort')))
    same('a table is sorted by keys alone', said, ['none', 'descending', 'none'])
    await page.close()
}

// ---- the numbers ----

const from = table => `read_parquet('${['messages', 'signatures'].includes(table) ? verdicts : reports}/${table}/*.parquet')`
const days = date => `date_diff('day', date '1970-01-01', (${date})::date)`
const share = (part, all) => `if(coalesce(${all}, 0) = 0, null, concat(coalesce(${part}, 0), '/', ${all}))`
const PASSED = 'sum(message_count) filter (dkim_aligned or spf_aligned)'
const passing = 'count(*) filter (result = \'pass\')'

// What DuckDB says of the datasets: for each card with a chart, values of these columns.
const ANSWERS = {
    'pass-rate': [['day', 'messages', 'pass_percent'],
        `select ${days('date')}, sum(message_count), ${share(PASSED, 'sum(message_count)')} from ${from('daily')} group by date`],
    disposition: [['day', 'disposition', 'messages'],
        `select ${days('date')}, disposition, sum(message_count) from ${from('daily')} group by date, disposition`],
    alignment: [['dkim_aligned', 'spf_aligned', 'messages'],
        `select dkim_aligned::int, spf_aligned::int, sum(message_count) from ${from('daily')} group by all`],
    'pass-rate-2': [['policy_domain', 'messages', 'pass_percent'],
        `select policy_domain, sum(message_count), ${share(PASSED, 'sum(message_count)')} from ${from('daily')} group by policy_domain`],
    policy: [['policy_domain', 'messages', 'failing_messages', 'failing_sources'],
        `select policy_domain, sum(count), coalesce(sum(count) filter (not (dkim_aligned or spf_aligned)), 0),
         count(distinct coalesce(source_ip_text, '')) filter (not (dkim_aligned or spf_aligned)) from ${from('dmarc_records')} group by policy_domain`],
    sources: [['policy_domain', 'source_ip_text', 'messages'],
        `select policy_domain, source_ip_text, sum(count) from ${from('dmarc_records')} where not (dkim_aligned or spf_aligned) group by all`],
    selectors: [['policy_domain', 'signer', 'selector', 'messages', 'pass_percent', 'first_day', 'last_day'],
        `select policy_domain, d.domain, d.selector, sum(count), ${share("sum(count) filter (d.result = 'pass')", 'sum(count)')}, ${days('min(date)')}, ${days('max(date)')}
         from (select policy_domain, date, count, unnest(dkim) as d from ${from('dmarc_records')}) group by all`],
    overrides: [['reason', 'org_name', 'messages'],
        `select r.type, org_name, sum(count) from (select org_name, count, unnest(override_reasons) as r from ${from('dmarc_records')}) group by all`],
    reporters: [['org_name', 'reports', 'messages'],
        `select org_name, count(*), sum(message_count) from ${from('dmarc_reports')} group by all`],
    'new-sources': [['policy_domain', 'source_ip_text', 'messages', 'first_day'],
        `select policy_domain, source_ip_text, sum(count), ${days('min(date)')} from ${from('dmarc_records')} group by all
         having min(date) > (select max(date) from ${from('dmarc_records')}) - 7`],
    unaligned: [['policy_domain', 'source_ip_text', 'messages', 'days'],
        `select policy_domain, source_ip_text, sum(count), count(distinct date) from ${from('dmarc_records')} where not (dkim_aligned or spf_aligned)
         and (len(list_filter(dkim, d -> d.result = 'pass')) > 0 or len(list_filter(spf, s -> s.result = 'pass')) > 0) group by all`],
    subdomains: [['policy_domain', 'header_from', 'policy', 'messages', 'failing_messages'],
        `select policy_domain, header_from, coalesce(sp, p), sum(count), coalesce(sum(count) filter (not (dkim_aligned or spf_aligned)), 0)
         from ${from('dmarc_records')} where header_from <> policy_domain group by all`],
    gaps: [['policy_domain', 'from_day', 'to_day', 'days'],
        `with days as (select distinct policy_domain, date from ${from('daily')}),
         next as (select policy_domain, date, coalesce(lead(date) over (partition by policy_domain order by date),
             (select max(date) from ${from('daily')}) + 1) as behind from days)
         select policy_domain, ${days('date + 1')}, ${days('behind - 1')}, behind - date - 1 from next where behind - date > 1`],
    health: [['outcome', 'reason', 'rows'],
        `select 'kept', 'dmarc_reports', count(*) from ${from('dmarc_reports')} union all select 'kept', 'tls_reports', count(*) from ${from('tls_reports')}
         union all select 'duplicate', if(same_content, 'same content', 'other content'), count(*) from ${from('duplicates')} group by all
         union all select 'rejected', reason, count(*) from ${from('rejects')} group by all`],
    tls: [['policy_type', 'successful', 'failed'],
        `select policy_type, coalesce(sum(total_successful_session_count), 0), coalesce(sum(total_failure_session_count), 0) from ${from('tls_policies')} group by all`],
    'tls-failures': [['result_type', 'receiving_mx_hostname', 'sessions'],
        `select result_type, receiving_mx_hostname, coalesce(sum(failed_session_count), 0) from ${from('tls_failures')} group by all`],
    bounces: [['provider', 'recipients', 'hard', 'soft', 'policy', 'delayed'],
        `select provider, count(*), count(*) filter (class = 'hard'), count(*) filter (class = 'soft'), count(*) filter (class = 'policy'),
         count(*) filter (class = 'delayed') from ${from('bounces')} group by all`],
    'bounce-reasons': [['class', 'reason', 'rule_id', 'recipients'],
        `select class, reason, rule_id, count(*) from ${from('bounces')} group by all`],
    complaints: [['day', 'complaints', 'not_spam', 'failure_reports'],
        `select ${days('coalesce(arrival_date, received_at)')}, coalesce(sum(incidents) filter (kind = 'complaint'), 0),
         coalesce(sum(incidents) filter (kind = 'not_spam'), 0), coalesce(sum(incidents) filter (kind = 'auth_failure'), 0)
         from ${from('arf')} group by coalesce(arrival_date, received_at)::date, coalesce(sample_list_id, sample_feedback_id), reporter_domain`],
    results: [['from_domain', 'messages', 'passed', 'not_signed'],
        `select from_domain, count(*), ${passing}, count(*) filter (result = 'none') from ${from('messages')} group by all`],
    'results-2': [['result', 'messages', 'passed'], `select result, count(*), ${passing} from ${from('messages')} group by all`],
    reasons: [['reason', 'domain', 'signatures'],
        `select reason, domain, count(*) from ${from('signatures')} where result <> 'pass' group by all`],
    signers: [['domain', 'selector', 'signatures', 'pass_percent'],
        `select domain, selector, count(*), ${share(passing, 'count(*)')} from ${from('signatures')} group by all`],
}

// Values of some columns, one text a row; a name that is cut or made visible differs from what DuckDB has, and is left out.
const plain = row => row.every(value => value === null || (String(value).length <= 100 && /^[ -~\u00a0-\u00ac\u00ae-\u024f]*$/.test(value)))
const asText = row => row.map(value => (value === null ? '∅' : String(value))).join(' | ')

function valuesOf(table, names) {
    const places = names.map(name => table.columns.findIndex(column => column.name === name))
    const value = (row, i) => {
        const { kind } = table.columns[i]
        if (row[i] === null) return null
        return kind === TEXT || kind === ADDRESS ? table.words[row[i]] : kind === SHARE ? row[i].join('/') : row[i]
    }
    return table.rows.map(row => places.map(i => value(row, i))).filter(plain).map(asText)
}

async function numbersAreDuckdbs(url) {
    const page = await browser.open(url)
    await openTables(page)
    const data = await pageData(page)
    const slugs = [...new Set(data.charts.map(chart => chart.card))]
    for (const slug of slugs) {
        const table = data.tables.find(candidate => candidate.slug === slug)
        const [names, sql] = ANSWERS[slug]
        const wanted = (await duckdbRows(sql)).filter(plain).map(asText)
        const got = valuesOf(table, names)
        if (table.rows.length < table.total) {
            const there = new Set(wanted)
            same(`${slug}, cut: the numbers are DuckDB's, ${whose}`, got.filter(row => !there.has(row)), [])
        } else same(`${slug}: the numbers are DuckDB's, ${whose}`, got.sort(), wanted.sort())
        await load({ ...table, rows: table.rows.slice(0, SHOWN) })
        same(`${slug}: the table shows them, ${whose}`, await visibleRows(page, slug), await rowsBy(table, 'order by place'))
    }
    ok(`the charts are those of the page, ${whose}`, slugs.length >= 15, `${slugs.length}: ${slugs.join(' ')}`)
    await quiet(page, `the page of ${whose}`)
    await page.close()
}

// ---- all ----

const file = path => `file://${path}`

try {
    await attempt('the page looks well', () => looksWell(file(common), 'the page'))
    await attempt('the hostile page looks well', () => looksWell(file(hostile), 'the hostile page', ['light', 'a dark phone']))
    await attempt('tables obey', () => tablesObey(file(common), 'the page'))
    await attempt('hostile tables obey', () => tablesObey(file(hostile), 'the hostile page'))
    await attempt('domains change all', () => domainsChangeAll(file(common), 'the page'))
    await attempt('program and script draw alike', () => drawsAlike(file(common), 'the page'))
    await attempt('hostile names are drawn alike', () => drawsAlike(file(hostile), 'the hostile page'))
    await attempt('scripts off', () => scriptsOff(file(common), 'the page'))
    await attempt('strangers are inert', () => strangersAreInert(file(hostile)))
    await attempt('the policy holds', () => policyHolds(file(common)))
    await attempt('a large summary is bounded', () => largeIsBounded(large))
    await attempt('an empty summary is told', () => emptyIsTold(empty))
    await attempt('the keyboard is enough', () => keyboardIsEnough(file(common)))
    await attempt('the numbers are those of DuckDB', () => numbersAreDuckdbs(file(real)))
    await attempt('the page of datasets looks well', () => looksWell(file(real), `the page of ${whose}`, ['light', 'a dark phone'], () => {}))
    await attempt('the page of datasets is drawn alike', () => drawsAlike(file(real), `the page of ${whose}`))
    await attempt('the domains of datasets', () => domainsChangeAll(file(real), `the page of ${whose}`))
} finally {
    await browser.close()
}
plan()

// page.js - the script of a summary's page: sorts, filters, and draws the charts of one domain.
// SPDX-License-Identifier: Apache-2.0
//
// Without it the page has all charts and tables. Its data are JSON in the page; every text of them
// goes into the page as text. series() and draw() do what page_series.c and page_draw.c do, to the
// character: a test compares the two.
'use strict'
{
    const [TEXT, ADDRESS, COUNT, SHARE, DAY, WEEK, MONTH, FLAG] = [0, 1, 2, 3, 4, 5, 6, 7]
    const TROUBLE = 4
    const FULL = 1000
    const COLUMN = 10
    const SVG = 'http://www.w3.org/2000/svg'
    const data = JSON.parse(document.getElementById('data').textContent)
    const cards = new Map(data.cards.map(card => [card.id, card]))
    let domain = null

    // ---- values ----

    const isText = kind => kind === TEXT || kind === ADDRESS
    const isNumber = kind => kind === COUNT || kind === SHARE
    const whole = value => (typeof value === 'string' ? BigInt(value) : value)

    // Texts for their places in `words`; numbers past 2^53 come as strings.
    function unpack(table) {
        const kinds = table.columns.map(column => column.kind)
        const values = kinds.map(kind =>
            isText(kind) ? value => table.words[value] : kind === SHARE ? value => value.map(whole) : whole)
        table.rows = table.rows.map(row => row.map((value, i) => (value === null ? null : values[i](value))))
    }

    const grouped = number => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

    // Days since 1970 as a date; a year that has not four digits has a sign and six.
    function dayWords(day) {
        const cycles = Math.floor(day / 146097) // of 400 years
        const date = new Date((day - cycles * 146097) * 86400000).toISOString()
        const year = Number(date.slice(0, 4)) + 400 * cycles
        const digits = String(Math.abs(year)).padStart(year >= 0 && year <= 9999 ? 4 : 6, '0')
        return `${year < 0 ? '-' : year > 9999 ? '+' : ''}${digits}${date.slice(4, 10)}`
    }

    // Hundredths of a percent; 0 and 10000 only where nothing and all is meant.
    function points([part, all]) {
        const rounded = Number((20000n * BigInt(part) + BigInt(all)) / (2n * BigInt(all)))
        if (rounded === 0 && part > 0) return 1
        return rounded === 10000 && part < all ? 9999 : rounded
    }

    function shareWords(share) {
        const hundredths = points(share)
        return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')} %`
    }

    // What a cell says.
    function words(kind, value) {
        if (value === null) return ''
        if (isText(kind)) return value
        if (kind === COUNT) return grouped(value)
        if (kind === SHARE) return shareWords(value)
        if (kind === FLAG) return value ? 'yes' : 'no'
        return kind === MONTH ? dayWords(value).slice(0, -3) : dayWords(value)
    }

    // Texts as their bytes of UTF-8 would be: by code point.
    function textOrder(a, b) {
        for (let i = 0; i < a.length && i < b.length; i++) {
            const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
            if (x === y) continue
            const half = code => code >= 0xd800 && code < 0xe000
            return half(x) === half(y) ? x - y : half(x) ? 1 : -1
        }
        return a.length - b.length
    }

    const numberOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
    // a/b against c/d without a division.
    const shareOrder = ([a, b], [c, d]) => numberOrder(BigInt(a) * BigInt(d), BigInt(c) * BigInt(b))

    function orderOf(kind) {
        return isText(kind) ? textOrder : kind === SHARE ? shareOrder : numberOrder
    }

    // ---- making elements ----

    function make(name, attributes, ...children) {
        const node = document.createElement(name)
        for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
        node.append(...children)
        return node
    }

    function draft(name, attributes, ...children) {
        const node = document.createElementNS(SVG, name)
        for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
        node.append(...children)
        return node
    }

    const isolated = text => make('bdi', {}, text)
    const titled = text => draft('title', {}, text)

    function rect(tone, [x, y, width, height], ...children) {
        return draft('rect', { class: tone, x, y, width, height }, ...children)
    }

    // ---- sums of a chart's rows: page_series.c ----

    const partNumber = (part, value) => (value === null ? 0 : Number(Array.isArray(value) ? (part.rest ? value[1] - value[0] : value[0]) : value))

    function addRow(group, chart, row) {
        const word = chart.wordColumn < 0 ? null : row[chart.wordColumn]
        let taken = false
        for (const [i, part] of (chart.kind === 'matrix' ? chart.parts.slice(0, 1) : chart.parts).entries()) {
            const takes = part.word === null || (part.word === '' ? !taken : part.word === word)
            if (!takes) continue
            const number = partNumber(part, row[part.column])
            group.parts[i] += number
            group.total += number
            taken = true
        }
        if (chart.kind !== 'spans' || row[chart.from] === null || row[chart.to] === null) return
        group.from = Math.min(group.from, row[chart.from])
        group.to = Math.max(group.to, row[chart.to])
    }

    const emptyGroup = (chart, names, slot) =>
        ({ names, slot, parts: chart.parts.map(() => 0), total: 0, from: Infinity, to: -Infinity })

    function namesOrder(a, b) {
        for (const [i, name] of a.names.entries()) {
            const order = textOrder(name, b.names[i])
            if (order) return order
        }
        return 0
    }

    function groupByName(chart, rows) {
        const groups = new Map()
        for (const row of rows) {
            const names = chart.keys.map(key => row[key] ?? '')
            const key = JSON.stringify(names)
            if (!groups.has(key)) groups.set(key, emptyGroup(chart, names, 0))
            addRow(groups.get(key), chart, row)
        }
        const sorted = [...groups.values()].filter(group => group.total > 0).sort((a, b) => b.total - a.total || namesOrder(a, b))
        return { groups: sorted.slice(0, data.groups), all: sorted.length }
    }

    const slotCount = chart => Math.floor((chart.last - chart.first) / chart.width) + 1

    function slotOf(chart, row) {
        const key = row[chart.keys[0]]
        if (key === null) return -1
        if (chart.kind !== 'matrix') return Math.floor((key - chart.first) / chart.width)
        const second = row[chart.keys[1]]
        return second === null ? -1 : 2 * key + second
    }

    function groupBySlot(chart, rows) {
        const groups = Array.from({ length: chart.kind === 'matrix' ? 4 : slotCount(chart) }, (_, slot) => emptyGroup(chart, [], slot))
        for (const row of rows) {
            const slot = slotOf(chart, row)
            if (slot >= 0) addRow(groups[slot], chart, row)
        }
        return { groups, all: groups.length }
    }

    function series(chart, rows) {
        return chart.kind === 'bars' || chart.kind === 'spans' ? groupByName(chart, rows) : groupBySlot(chart, rows)
    }

    // ---- pictures: page_draw.c ----

    function units(number, all) {
        const length = Math.floor(number / all * FULL + 0.5)
        return number > 0 && length === 0 ? 1 : length
    }

    const cut = (...text) => make('p', { class: 'cut' }, ...text)

    function listItem(group, rects) {
        const name = make('span', { class: 'name' })
        for (const [i, text] of group.names.entries()) {
            if (i > 0 && text === '') continue
            const shown = text === '' ? make('i', {}, 'not said') : isolated(text)
            name.append(i > 0 ? make('small', {}, shown) : shown)
        }
        const bar = draft('svg', { class: 'bar', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...rects)
        return make('li', {}, name, bar, make('span', { class: 'sum' }, grouped(group.total)))
    }

    function barRects(chart, group, most) {
        const rects = []
        let [x, sum] = [0, 0]
        for (const [i, part] of chart.parts.entries()) {
            if (!group.parts[i]) continue
            sum += group.parts[i]
            const end = units(sum, most)
            rects.push(rect(part.tone, [x, 0, end - x, COLUMN], titled(`${part.label} ${grouped(group.parts[i])}`)))
            x = end
        }
        return rects
    }

    function spanRects(chart, group) {
        if (group.from > group.to) return []
        const days = chart.last - chart.first + 1
        const x = units(group.from - chart.first, days)
        const end = units(group.to - chart.first + 1, days)
        return [rect(chart.parts[0].tone, [x, 0, end - x, COLUMN], titled(`${dayWords(group.from)} to ${dayWords(group.to)}`))]
    }

    function drawList(chart, { groups, all }) {
        const rects = group => (chart.kind === 'bars' ? barRects(chart, group, groups[0].total) : spanRects(chart, group))
        const nodes = [make('ol', { class: 'bars' }, ...groups.map(group => listItem(group, rects(group))))]
        if (chart.kind === 'spans')
            nodes.push(cut(`Bars reach from ${dayWords(chart.first)} to ${dayWords(chart.last)}; the number is that of messages.`))
        if (all > groups.length) nodes.push(cut(`${groups.length} of ${all} shown; the table has more.`))
        return nodes
    }

    function roundAbove(most) {
        let step = 1
        while (step * 10 <= most) step *= 10
        return [1, 2, 5].map(times => step * times).find(number => number >= most) ?? step * 10
    }

    const rateOf = group => group.parts[0] / group.total

    function rateFloor(groups) {
        const least = Math.min(1, ...groups.filter(group => group.total).map(rateOf))
        return [99, 95, 90, 80, 50, 0].find(number => number <= least * 100)
    }

    function slotTitle(chart, group) {
        const parts = group.total ? chart.parts.map((part, i) => `${part.label} ${grouped(group.parts[i])}`).join(', ') : 'nothing reported'
        return titled(`${dayWords(chart.first + group.slot * chart.width)}: ${parts}`)
    }

    function stackRects(chart, group, top) {
        const rects = []
        let [y, sum] = [FULL, 0]
        for (const [i, part] of chart.parts.entries()) {
            if (!group.parts[i]) continue
            sum += group.parts[i]
            const upper = FULL - units(sum, top)
            rects.push(rect(part.tone, [group.slot * COLUMN + 1, upper, COLUMN - 2, y - upper]))
            y = upper
        }
        return rects
    }

    function linePath(chart, groups, least) {
        let joined = false
        let path = ''
        for (const group of groups) {
            if (group.total) {
                const height = FULL - Math.floor((rateOf(group) * 100 - least) / (100 - least) * FULL + 0.5)
                path += `${joined ? 'L' : 'M'}${group.slot * COLUMN + COLUMN / 2} ${height}${joined ? '' : 'h0'}`
            }
            joined = group.total > 0
        }
        return draft('path', { class: `line ${chart.parts[0].tone}`, d: path })
    }

    function drawDays(chart, upper, lower, shapes) {
        const width = slotCount(chart) * COLUMN
        const [first, last] = [dayWords(chart.first), dayWords(chart.last)]
        const area = draft('svg', { class: 'area', role: 'img', 'aria-label': `${chart.title}, ${first} to ${last}; the numbers are in the table below`,
            viewBox: `0 0 ${width} 1000`, preserveAspectRatio: 'none' },
        draft('path', { class: 'grid', d: `M0 0H${width}M0 500H${width}M0 1000H${width}` }), ...shapes)
        const axis = (name, ...labels) => make('div', { class: name, 'aria-hidden': 'true' }, ...labels.map(label => make('span', {}, label)))
        const nodes = [make('div', { class: 'days' }, axis('y', upper, lower), area, axis('x', first, last))]
        if (chart.width > 1) nodes.push(cut(`A column stands for ${chart.width} days.`))
        return nodes
    }

    const hit = (tone, group) => rect(tone, [group.slot * COLUMN, 0, COLUMN, FULL])

    function drawStack(chart, { groups }) {
        const top = roundAbove(Math.max(...groups.map(group => group.total)))
        return drawDays(chart, grouped(top), '0', groups.map(group =>
            draft('g', {}, slotTitle(chart, group), hit('hit', group), ...stackRects(chart, group, top))))
    }

    function drawRate(chart, { groups }) {
        const least = rateFloor(groups)
        const shapes = groups.map(group => draft('g', {}, slotTitle(chart, group), hit(group.total ? 'hit' : 'gap', group)))
        return drawDays(chart, '100 %', `${least} %`, [...shapes, linePath(chart, groups, least)])
    }

    function drawMatrix(chart, { groups }) {
        const all = groups.reduce((sum, group) => sum + group.total, 0)
        const squares = chart.parts.map((part, i) => {
            const number = groups[groups.length - 1 - i].total
            const height = units(number, all)
            const bar = draft('svg', { viewBox: '0 0 10 1000', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
                rect('hit', [0, 0, COLUMN, FULL]), rect(part.tone, [0, FULL - height, COLUMN, height]))
            return make('li', {}, bar, make('b', {}, grouped(number)), make('span', {}, shareWords([number, all])), make('small', {}, part.label))
        })
        return [make('ul', { class: 'matrix' }, ...squares)]
    }

    const drawings = { bars: drawList, spans: drawList, stack: drawStack, rate: drawRate, matrix: drawMatrix }

    function draw(chart, rows) {
        const sums = series(chart, rows)
        return sums.groups.some(group => group.total) ? drawings[chart.kind](chart, sums) : [cut('Nothing was reported.')]
    }

    // ---- tables ----

    // What the visitor asked of a table; rows keep the order of the page where `column` is -1.
    const newState = () => ({ column: -1, down: false, filter: '' })

    // Rows of the chosen domain; all of a card that knows of none.
    function chosenRows(card) {
        if (domain === null) return card.table.rows
        if (card.detail) return card.detail.rows.filter(row => row[0] === domain).map(row => row.slice(1))
        return card.domain < 0 ? card.table.rows : card.table.rows.filter(row => row[card.domain] === domain)
    }

    const knowsDomains = card => card.detail !== null || card.domain >= 0

    function filtered(card, state) {
        const wanted = state.filter.toLowerCase()
        const holds = row => row.some((value, i) => words(card.table.columns[i].kind, value).toLowerCase().includes(wanted))
        const rows = chosenRows(card)
        return wanted === '' ? rows : rows.filter(holds)
    }

    // Equal rows stay as they are; those without a value come last, whichever way.
    function sorted(table, state, rows) {
        if (state.column < 0) return rows
        const order = orderOf(table.columns[state.column].kind)
        const value = row => row[state.column]
        return [...rows].sort((a, b) => {
            if (value(a) === null || value(b) === null) return (value(a) === null) - (value(b) === null)
            return state.down ? order(value(b), value(a)) : order(value(a), value(b))
        })
    }

    function tableCell(column, value, first) {
        const bad = column.flags & TROUBLE && value !== null && (Array.isArray(value) ? value[0] : value) > 0
        const name = [isNumber(column.kind) ? 'n' : '', bad ? 'bad' : ''].filter(word => word).join(' ')
        const cell = first ? make('th', { scope: 'row' }) : make('td', {})
        if (name) cell.setAttribute('class', name)
        if (value === null && first) cell.append(make('i', {}, 'not said'))
        else if (value === '') cell.append(make('i', {}, 'empty'))
        else if (value !== null) cell.append(isText(column.kind) ? isolated(value) : words(column.kind, value))
        return cell
    }

    function showTable(section, card, state) {
        const { table } = card
        const rows = sorted(table, state, filtered(card, state))
        const shown = rows.slice(0, data.rows)
        const cells = row => row.map((value, i) => tableCell(table.columns[i], value, i === 0))
        section.querySelector('tbody').replaceChildren(...shown.map(row => make('tr', {}, ...cells(row))))
        const whole = state.filter === '' && (domain === null || !knowsDomains(card))
        const every = whole ? table.total : rows.length
        section.querySelector('.shown').textContent = `${grouped(shown.length)} of ${grouped(every)} shown`
        for (const [i, head] of section.querySelectorAll('thead th').entries())
            head.setAttribute('aria-sort', i !== state.column ? 'none' : state.down ? 'descending' : 'ascending')
    }

    // Numbers fall at first, words rise.
    function sortBy(table, state, column) {
        const again = state.column === column
        state.down = again ? !state.down : isNumber(table.columns[column].kind)
        state.column = column
    }

    function armCard(card) {
        const section = document.getElementById(card.id)
        const state = newState()
        const show = () => {
            section.querySelector('.every').hidden = domain === null || knowsDomains(card)
            showTable(section, card, state)
        }
        for (const [i, head] of section.querySelectorAll('thead th').entries()) {
            const button = make('button', { type: 'button' }, head.textContent)
            button.addEventListener('click', () => { sortBy(card.table, state, i); show() })
            head.replaceChildren(button)
            head.setAttribute('aria-sort', 'none')
        }
        const input = section.querySelector('input')
        input.addEventListener('input', () => { state.filter = input.value; show() })
        input.closest('label').hidden = false
        return show
    }

    // ---- the domain ----

    // Domains, those with most to them first: by the first numbers of each table.
    function domainsByWeight() {
        const weights = new Map()
        for (const card of cards.values()) {
            if (!knowsDomains(card)) continue
            const table = card.detail ?? card.table
            const place = card.detail ? 0 : card.domain
            const counts = table.columns.findIndex(column => column.kind === COUNT)
            for (const row of table.rows)
                if (row[place]) weights.set(row[place], (weights.get(row[place]) ?? 0) + Number(row[counts] ?? 0))
        }
        return [...weights].sort((a, b) => b[1] - a[1] || textOrder(a[0], b[0])).map(([name]) => name)
    }

    function armCharts() {
        return data.charts.map((chart, i) => {
            const card = cards.get(chart.card)
            const plot = document.getElementById(`plot-${i}`)
            const made = [...plot.childNodes]
            return () => plot.replaceChildren(...(domain === null || !knowsDomains(card) ? made : draw(chart, chosenRows(card))))
        })
    }

    function armDomain(refresh) {
        const names = domainsByWeight()
        const box = document.getElementById('domain')
        if (names.length < 2) return
        box.append(...names.slice(0, data.choices).map(name => make('option', { value: name }, name)))
        box.addEventListener('change', () => {
            domain = box.selectedIndex > 0 ? box.value : null
            refresh()
        })
        box.closest('label').hidden = false
    }

    for (const { table, detail } of cards.values()) for (const packed of [table, detail]) if (packed) unpack(packed)
    const steps = armCharts()
    for (const card of cards.values()) steps.push(armCard(card))
    armDomain(() => steps.forEach(step => step()))
}

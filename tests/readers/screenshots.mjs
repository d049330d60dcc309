// screenshots.mjs - pictures of a page of a summary, and of what a terminal showed.
// SPDX-License-Identifier: Apache-2.0
//
//   node screenshots.mjs PAGE TERMINAL FOLDER      (called by scripts/screenshots)

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startBrowser } from './browser.mjs'

const [, , page, terminal, folder] = process.argv
const LOOKS = {
    'summary-light': { width: 1280, height: 1400 },
    'summary-dark': { width: 1280, height: 1400, dark: true },
    'summary-phone': { width: 390, height: 844, phone: true, scale: 2 },
}
const COLOURS = { 31: '#ff8a80', 32: '#8bd5a0', 33: '#f0c674', 34: '#8ab4f8', 35: '#d7a8f0', 36: '#80d8d8', 90: '#8c98a8' }

const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

// Colours and weight of a terminal as HTML; nothing else is in what summary writes.
function asHtml(text) {
    let open = false
    return escaped(text.replaceAll('\r', '')).replace(/\x1b\[([0-9;]*)m/g, (_, codes) => {
        const before = open ? '</span>' : ''
        const styles = codes.split(';').map(code => (code === '1' ? 'font-weight:700' : code === '2' ? 'opacity:.7' : COLOURS[code] ? `color:${COLOURS[code]}` : '')).filter(style => style)
        open = styles.length > 0
        return before + (open ? `<span style="${styles.join(';')}">` : '')
    }) + (open ? '</span>' : '')
}

const browser = await startBrowser()
try {
    for (const [name, looks] of Object.entries(LOOKS)) {
        const view = await browser.open(`file://${page}`, looks)
        writeFileSync(join(folder, `${name}.png`), await view.picture())
        await view.close()
    }
    const lines = readFileSync(terminal, 'utf8').split('\n').slice(0, 60).join('\n')
    const file = join(dirname(terminal), 'terminal.html')
    writeFileSync(file, `<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#10161f;color:#dce3ec}
        pre{display:inline-block;margin:0;padding:20px 24px;font:14px/1.3 "DejaVu Sans Mono",monospace}</style><pre>${asHtml(lines)}</pre>`)
    const first = await browser.open(`file://${file}`)
    const [width, height] = await first.call(() => [document.querySelector('pre').offsetWidth, document.querySelector('pre').offsetHeight])
    await first.close()
    const view = await browser.open(`file://${file}`, { width, height })
    writeFileSync(join(folder, 'summary-terminal.png'), await view.picture())
    await view.close()
} finally {
    await browser.close()
}

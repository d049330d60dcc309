// browser.mjs - headless Chromium, driven over its own protocol through two pipes.
// SPDX-License-Identifier: Apache-2.0
//
// A page counts what must not be: words on the console, errors, requests to anywhere but its own file.
// Protocol: messages of JSON, each ended by NUL, on file descriptors 3 and 4 (--remote-debugging-pipe).

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const STEP_MS = 180000 // a step that takes longer hangs
const KEYS = { Backspace: 8, Tab: 9, Enter: 13, Space: 32 } // their numbers on Windows, which the protocol wants
const SWITCHES = ['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check', '--disable-gpu', '--hide-scrollbars',
    '--disable-extensions', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-dev-shm-usage', '--force-color-profile=srgb', '--font-render-hinting=none', '--lang=en-US']

export async function startBrowser(program = process.env.MAILMILL_CHROMIUM ?? 'chromium') {
    const profile = mkdtempSync(join(tmpdir(), 'mailmill-browser-'))
    // Its sandbox refuses to run as root; the page is ours, and has no network.
    const alone = process.getuid() === 0 ? ['--no-sandbox'] : []
    const child = spawn(program, [...SWITCHES, ...alone, `--user-data-dir=${profile}`, 'about:blank'],
        { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    const ended = new Promise(resolve => child.on('exit', resolve).on('error', resolve))
    const wire = connect(child.stdio[3], child.stdio[4], ended)

    async function close() {
        await wire.send('Browser.close').catch(() => child.kill())
        await Promise.race([ended, new Promise(resolve => setTimeout(resolve, 5000).unref())])
        child.kill('SIGKILL')
        rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }
    return { open: (url, looks) => openPage(wire, url, looks), close }
}

// Requests and answers, and events by the session that they belong to.
function connect(out, incoming, ended) {
    let last = 0
    let rest = Buffer.alloc(0)
    const waiting = new Map()
    const listeners = new Map()

    function take(message) {
        const asked = waiting.get(message.id)
        if (!asked) {
            listeners.get(message.sessionId)?.(message.method, message.params)
            return
        }
        waiting.delete(message.id)
        clearTimeout(asked.timer)
        if (message.error) asked.reject(new Error(`${asked.method}: ${message.error.message}`))
        else asked.resolve(message.result)
    }

    incoming.on('data', bytes => {
        rest = Buffer.concat([rest, bytes])
        for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
            take(JSON.parse(rest.subarray(0, end).toString()))
            rest = rest.subarray(end + 1)
        }
    })
    out.on('error', () => {})
    ended.then(why => { for (const { reject } of waiting.values()) reject(new Error(`the browser ended: ${why}`)) })

    return {
        listen: (sessionId, listener) => listeners.set(sessionId, listener),
        send: (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
            const id = ++last
            const timer = setTimeout(() => reject(new Error(`${method}: no answer in ${STEP_MS} ms`)), STEP_MS)
            waiting.set(id, { method, resolve, reject, timer })
            out.write(JSON.stringify({ id, method, params, sessionId }) + '\0')
        }),
    }
}

// looks: {width, height, scale, phone, dark, print, scripts}; what is left out is a light desk of 1280 × 900 with scripts.
async function openPage(wire, url, looks = {}) {
    const { targetId } = await wire.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await wire.send('Target.attachToTarget', { targetId, flatten: true })
    const send = (method, params) => wire.send(method, params, sessionId)
    const faults = []
    const requests = []
    let loaded
    const wholly = new Promise(resolve => { loaded = resolve })
    wire.listen(sessionId, (method, params) => {
        if (method === 'Runtime.consoleAPICalled') faults.push(`console: ${params.args.map(arg => arg.value ?? arg.description).join(' ')}`)
        if (method === 'Runtime.exceptionThrown') faults.push(`error: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`)
        if (method === 'Log.entryAdded') faults.push(`log: ${params.entry.text}`)
        if (method === 'Network.requestWillBeSent' && params.request.url !== url) requests.push([params.requestId, params.request.url])
        // One that the page's policy stopped was announced all the same.
        if (method === 'Network.loadingFailed' && params.blockedReason === 'csp') requests.splice(requests.findIndex(([id]) => id === params.requestId), 1)
        if (method === 'Page.loadEventFired') loaded()
    })
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`)
    await send('Emulation.setScriptExecutionDisabled', { value: looks.scripts === false })
    await send('Emulation.setDeviceMetricsOverride',
        { width: looks.width ?? 1280, height: looks.height ?? 900, deviceScaleFactor: looks.scale ?? 1, mobile: looks.phone === true })
    await send('Emulation.setEmulatedMedia',
        { media: looks.print ? 'print' : '', features: [{ name: 'prefers-color-scheme', value: looks.dark ? 'dark' : 'light' }] })
    await send('Page.navigate', { url })
    await wholly

    // The value of an expression, or of the promise that it is.
    async function value(expression) {
        const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
        return result.value
    }

    return {
        faults,
        get requests() { return requests.map(([, asked]) => asked) },
        value,
        // The value of a function of the page's, given arguments that JSON can carry.
        call: (fn, ...args) => value(`(${fn})(...${JSON.stringify(args)})`),
        // A key that has a name: Tab, Enter, Backspace, …
        key: async key => {
            const pressed = { key, code: key, windowsVirtualKeyCode: KEYS[key], text: key === 'Enter' ? '\r' : undefined }
            await send('Input.dispatchKeyEvent', { type: pressed.text ? 'keyDown' : 'rawKeyDown', ...pressed })
            await send('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed, text: undefined })
        },
        type: text => send('Input.insertText', { text }),
        // A picture of the view, or of the whole page; bytes of a PNG.
        picture: async (whole = false) =>
            Buffer.from((await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole })).data, 'base64'),
        close: () => wire.send('Target.closeTarget', { targetId }),
    }
}

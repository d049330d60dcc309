// tap.mjs - named checks that print TAP: what tests/support/tap.sh is for scripts.
// SPDX-License-Identifier: Apache-2.0

let count = 0
let failed = 0

// A name is a sentence; what went wrong is told in lines that cannot pass for a result.
export function ok(name, holds, ...words) {
    count++
    failed += holds ? 0 : 1
    console.log(`${holds ? 'ok' : 'not ok'} ${count} - ${name}`)
    if (!holds) for (const line of words.join('\n').split('\n').slice(0, 40)) console.log(`# ${line.slice(0, 400)}`)
}

export function skip(name, reason) {
    console.log(`ok ${++count} - ${name} # SKIP ${reason}`)
}

// Two lists of texts are equal; the first that differ are shown.
export function same(name, got, wanted) {
    const at = wanted.findIndex((text, i) => text !== got[i])
    const fine = got.length === wanted.length && at < 0
    ok(name, fine, `${got.length} of ${wanted.length}; first difference at ${at}`, `got:    ${got[at]}`, `wanted: ${wanted[at]}`)
}

// A step that throws is a failed check, not the end of the test.
export async function attempt(name, step) {
    try {
        await step()
    } catch (error) {
        ok(name, false, String(error?.stack ?? error))
    }
}

export function plan() {
    console.log(`1..${count}`)
    process.exitCode = failed ? 1 : 0
}

// mailauth_driver.mjs - what signing and verifying a campaign costs with mailauth at its best use.
// SPDX-License-Identifier: Apache-2.0
//
// Usage: mailauth_driver.mjs sign|verify CAMPAIGN MAIL OUT [WORKERS]
//
// As opendkim_driver.c. Worker threads of Node.js, each with one message after the other: several at a time gain nothing.
// Each begins with some that do not count, until the compiler of Node.js has seen all. Keys lie in memory, from CAMPAIGN/keys/ and from the lines "name<TAB>TXT record" of CAMPAIGN/records; the library reads
// them anew for each message: its interface has no other way.
// Stands in a folder with mailauth in its node_modules.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const OUT_BUFFER_BYTES = 1 << 20;
const WARM_UP_MESSAGES = 200;

const lines = (path) => readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));

class Output {
    constructor(path) {
        this.file = openSync(path, 'wx');
        this.parts = [];
        this.bytes = 0;
    }
    put(...parts) {
        for (const part of parts) {
            this.parts.push(part);
            this.bytes += part.length;
        }
        if (this.bytes > OUT_BUFFER_BYTES) this.flush();
    }
    flush() {
        const data = Buffer.concat(this.parts, this.bytes);
        for (let at = 0; at < data.length;) at += writeSync(this.file, data, at);
        this.parts = [];
        this.bytes = 0;
    }
    close() {
        this.flush();
        closeSync(this.file);
    }
}

function signer(dkimSign, campaign, items) {
    const keys = new Map();
    for (const [, number] of items) {
        if (!keys.has(number)) keys.set(number, readFileSync(`${campaign}/keys/shop${number.padStart(2, '0')}.pem`));
    }
    const separator = Buffer.from('From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n');
    const end = Buffer.from('\n');
    return async (name, number, data, out) => {
        const { signatures, errors } = await dkimSign(data, {
            canonicalization: 'relaxed/relaxed',
            algorithm: 'rsa-sha256',
            signTime: new Date(), // else it looks at the clock twice, and signs wrongly where a second ends between
            signatureData: [{
                signingDomain: `shop${number.padStart(2, '0')}.example`,
                selector: 'bench',
                privateKey: keys.get(number),
            }],
        });
        if (errors.length > 0) throw errors[0].err;
        out.put(separator, Buffer.from(signatures), data, end);
    };
}

function verifier(dkimVerify, campaign) {
    const records = new Map(lines(`${campaign}/records`).map(([name, text]) => [name, [[text]]]));
    const resolver = async (name) => records.get(name);
    return async (name, number, data, out) => {
        const { results: [found] } = await dkimVerify(data, { resolver });
        out.put(Buffer.from(JSON.stringify({
            message: name,
            bytes: data.length,
            result: found.status.comment === 'body hash did not verify' ? 'fail' : found.status.result, // its "neutral"
            domain: found.signingDomain,
            selector: found.selector,
        }) + '\n'));
    };
}

// Takes its share of the list, once it is told to begin.
async function work({ verb, campaign, mail, out, worker, workers }) {
    const require = createRequire(import.meta.url);
    const { dkimSign } = require('mailauth/lib/dkim/sign');
    const { dkimVerify } = require('mailauth/lib/dkim/verify');
    const items = lines(`${campaign}/list`).filter((_, i) => i % workers === worker);
    const job = verb === 'sign' ? signer(dkimSign, campaign, items) : verifier(dkimVerify, campaign);
    const nowhere = { put() {} };
    for (const [name, number] of items.slice(0, WARM_UP_MESSAGES)) await job(name, number, readFileSync(`${mail}/${name}`), nowhere);
    parentPort.postMessage('ready');
    await new Promise((resolve) => parentPort.once('message', resolve));
    const output = new Output(`${out}.${worker}`);
    for (const [name, number] of items) await job(name, number, readFileSync(`${mail}/${name}`), output);
    output.close();
}

const seconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
};

async function main(verb, campaign, mail, out, workers = '1') {
    const threads = Array.from({ length: Number(workers) }, (_, worker) => new Worker(new URL(import.meta.url), {
        workerData: { verb, campaign, mail, out, worker, workers: Number(workers) },
    }));
    const failed = new Promise((_, reject) => threads.forEach((thread) => thread.once('error', reject)));
    const all = (event) => Promise.race([failed, Promise.all(threads.map((thread) => new Promise((resolve) => thread.once(event, resolve))))]);
    await all('message');
    const cpu = seconds();
    const wall = performance.now();
    const ended = all('exit');
    threads.forEach((thread) => thread.postMessage('go'));
    await ended;
    console.log(`cpu_s=${(seconds() - cpu).toFixed(6)} wall_s=${((performance.now() - wall) / 1000).toFixed(6)} `
        + `peak_bytes=${process.resourceUsage().maxRSS * 1024} messages=${lines(`${campaign}/list`).length}`);
}

if (!isMainThread) {
    await work(workerData);
} else if (![6, 7].includes(process.argv.length) || !['sign', 'verify'].includes(process.argv[2])) {
    console.error('usage: mailauth_driver.mjs sign|verify CAMPAIGN MAIL OUT [WORKERS]');
    process.exitCode = 64;
} else {
    await main(...process.argv.slice(2));
}

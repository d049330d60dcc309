#!/usr/bin/env python3
# dkimpy_driver.py - what signing and verifying a campaign costs with dkimpy at its best use.
# SPDX-License-Identifier: Apache-2.0
"""Usage: dkimpy_driver.py sign|verify CAMPAIGN MAIL OUT [WORKERS]

As opendkim_driver.c. A process a worker, forked when all is loaded. CAMPAIGN/pkcs1/ has the private
keys in the form that the library reads, CAMPAIGN/records a line "name<TAB>TXT record" a key; both
are in memory. The library reads the key anew for each message: its interface has no other way.
"""
import json
import os
import resource
import sys
import time

import dkim

RELAXED = (b"relaxed", b"relaxed")
SELECTOR = b"bench"


class Keys(dict):
    """Private keys, read where they are needed first, before anything is measured."""

    def __init__(self, folder):
        self.folder = folder

    def __missing__(self, number):
        with open(f"{self.folder}/shop{number:02}.pem", "rb") as file:
            self[number] = file.read()
        return self[number]


def signer(campaign, items):
    keys = Keys(f"{campaign}/pkcs1")
    for _, number in items:
        keys[number]

    def sign(name, number, data, out):
        domain = b"shop%02d.example" % number
        field = dkim.DKIM(data).sign(SELECTOR, domain, keys[number], canonicalize=RELAXED)
        out.write(b"".join((b"From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n", field, data, b"\n")))

    return sign


def verifier(campaign):
    with open(f"{campaign}/records", "rb") as file:
        records = dict(line.rstrip(b"\n").split(b"\t") for line in file)

    def look_up(name, timeout=0):
        return records.get(name.rstrip(b"."))

    def verify(name, number, data, out):
        message = dkim.DKIM(data)
        try:
            result = "pass" if message.verify(dnsfunc=look_up) else "fail"
        except dkim.ValidationError:
            result = "fail"
        row = {"message": name, "bytes": len(data), "result": result,
               "domain": message.domain.decode(), "selector": message.selector.decode()}
        out.write(json.dumps(row).encode() + b"\n")

    return verify


def work(job, items, mail, out):
    with open(out, "xb", buffering=1 << 20) as file:
        for name, number in items:
            with open(f"{mail}/{name}", "rb", buffering=0) as message:
                data = message.read()
            job(name, number, data, file)


def main(verb, campaign, mail, out, workers="1"):
    with open(f"{campaign}/list") as file:
        items = [(name, int(number)) for name, number, *_ in map(str.split, file)]
    job = signer(campaign, items) if verb == "sign" else verifier(campaign)
    cpu, wall, children = time.process_time(), time.monotonic(), []
    for worker in range(int(workers)):
        child = os.fork()
        if child == 0:
            work(job, items[worker::int(workers)], mail, f"{out}.{worker}")
            os._exit(0)
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        sys.exit("dkimpy_driver.py: a worker failed")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"cpu_s={time.process_time() - cpu + used.ru_utime + used.ru_stime:.6f} "
          f"wall_s={time.monotonic() - wall:.6f} peak_bytes={used.ru_maxrss * 1024} messages={len(items)}")


if len(sys.argv) not in (5, 6) or sys.argv[1] not in ("sign", "verify"):
    sys.exit("usage: dkimpy_driver.py sign|verify CAMPAIGN MAIL OUT [WORKERS]")
main(*sys.argv[1:])

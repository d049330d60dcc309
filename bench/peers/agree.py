#!/usr/bin/env python3
# agree.py - do mailmill and another program say the same of the same files?
# SPDX-License-Identifier: Apache-2.0
"""Usage: agree.py verdicts LIST DAMAGED OURS THEIRS...
       agree.py signed COUNT OURS
       agree.py reports OURS THEIRS

Prints a line for each thing that is not as it should be, "NAME: what", and exits with 1; else says how many agree.

verdicts  LIST has the messages that both verified, DAMAGED those of them that were changed after they were signed: a name a
          line, what follows a tab is not looked at. OURS has rows of `mailmill verify`, whose names have a folder before
          them; THEIRS has rows of a driver. Both must have each message once, as fail where it was damaged and as pass
          where not.
signed    OURS has rows of `mailmill verify` of what another program signed: so many, all pass.
reports   Two CSV files of the same reports: dmarc_records of `mailmill reports`, and what a driver wrote. Both must have the same
          records, by the columns that both have.
"""
import collections
import csv
import ipaddress
import json
import sys

# What both tell of a record: by name in ours, by number in theirs.
OURS = ("org_name", "policy_domain", "source_ip_text", "count", "disposition", "header_from")
THEIRS = (0, 5, 11, 12, 13, 16)


def names(path):
    with open(path) as file:
        return [line.rstrip("\n").partition("\t")[0] for line in file]


def rows(paths):
    for path in paths:
        with open(path) as file:
            yield from map(json.loads, file)


def by_name(found, who):
    """Name and result of each message; a second row of one is a fault."""
    results, faults = {}, []
    for name, result in found:
        if name in results:
            faults.append(f"{name}: {who} says it twice")
        results[name] = result
    return results, faults


def verdicts(listed, damaged, ours, *theirs):
    damaged = set(names(damaged))
    wanted = {name: "fail" if name in damaged else "pass" for name in names(listed)}
    sides = {
        "mailmill": ((row["message"].partition("/")[2], row["result"]) for row in rows([ours])),
        "the other": ((row["message"], row["result"]) for row in rows(theirs)),
    }
    faults = [] if wanted else ["LIST: no message"]
    for who, found in sides.items():
        results, twice = by_name(found, who)
        faults += twice
        for name in sorted(wanted.keys() | results.keys()):
            want, got = wanted.get(name, "nothing"), results.get(name, "nothing")
            if got != want:
                faults.append(f"{name}: {who} says {got}, {want} is right")
    return faults, len(wanted)


def signed(count, ours):
    results, faults = by_name(((row["message"], row["result"]) for row in rows([ours])), "mailmill")
    faults += [f"{name}: mailmill says {result}, of what the other signed"
               for name, result in results.items() if result != "pass"]
    if len(results) != int(count):
        faults.append(f"{ours}: {len(results)} messages, {count} were signed")
    return faults, len(results)


def plain(values):
    """A record's values, the address in one of its many forms."""
    reporter, domain, source, *others = values
    return (reporter, domain, str(ipaddress.ip_address(source)), *others)


def reports(ours, theirs):
    with open(ours, newline="") as file:
        left = collections.Counter(plain(row[name] for name in OURS) for row in csv.DictReader(file))
    with open(theirs, newline="") as file:
        right = collections.Counter(plain(row[at] for at in THEIRS) for row in csv.reader(file))
    faults = [f"{record[0]}: only mailmill has {record}" for record in left - right]
    faults += [f"{record[0]}: only the other has {record}" for record in right - left]
    return faults if left else ["OURS: no record"], left.total()


def main(mode=None, *arguments):
    modes = {"verdicts": (verdicts, 4), "signed": (signed, 2), "reports": (reports, 2)}
    if mode not in modes or len(arguments) < modes[mode][1]:
        sys.exit(__doc__.partition("\n\n")[0])
    faults, count = modes[mode][0](*arguments)
    print("\n".join(faults) or count)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

#!/usr/bin/env python3
# judge_unwrap.py - holds what was found in the report corpus against what its table says of each file.
# SPDX-License-Identifier: Apache-2.0
#
#   judge_unwrap.py expected.tsv FOUND
#
# FOUND is what tests/support/tool_unwrap.c prints. Prints a line for each file that does not fit.
import collections
import json
import re
import sys

NOTICES = {"arf", "dmarc-failure", "dsn", "bounce-text", "auto-reply", "other"}


def document_kinds(row):
    return sorted(f[2] for f in row if f[1] == "document")


def judge(kind, verdict, facts, found):
    """What is wrong; empty where nothing is."""
    kinds = document_kinds(found)
    reports = facts if isinstance(facts, list) else [facts]
    if not found:
        return "no outcome"
    if kind in NOTICES:
        return "" if kinds and set(kinds) <= {"mail", "text"} else "no notice"
    if verdict == "reject":
        return "" if len(found) == 1 else "more than one outcome"
    want = ["json" if kind == "tls-rpt" else "xml"] * len(reports)
    if kinds != want or len(found) != len(want):
        return "found %s, not %s" % (kinds, want)
    for report, row in zip(reports, found):
        way = report.get("via", "raw")
        member = re.search(r"zip\[([^]]*)\]", way)
        if member and not row[3].endswith(member.group(1)):
            return "member %s is not of %s" % (row[3], way)
        attached = re.match(r"eml\([^;]*;([^)]*)\)", way)
        if attached and not member and row[6] != attached.group(1):
            return "name %s is not of %s" % (row[6], way)
    return ""


found = collections.defaultdict(list)
for line in open(sys.argv[2], encoding="utf-8", errors="replace"):
    fields = line.rstrip("\n").split("\t")
    found[fields[0]].append(fields)
with open(sys.argv[1], encoding="utf-8") as table:
    next(table)
    for line in table:
        name, size, _, kind, verdict, facts, _ = (line.rstrip("\n") + "\t").split("\t")[:7]
        row = found[name]
        if int(size) < 2:  # nothing at all, or a blank
            wrong = "" if [f[1:3] for f in row] == [["reject", "empty-document"]] else "not empty"
        else:
            wrong = judge(kind, verdict, json.loads(facts) if facts else {}, row)
        if wrong:
            print(name, wrong, sep="\t")

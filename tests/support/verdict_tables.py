# verdict_tables.py - a dataset of verdicts against the rows of the same run: nothing more, nothing less.
# SPDX-License-Identifier: Apache-2.0
#
#   verdict_tables.py ROWS TABLES ndjson|csv     TABLES: messages and signatures in that format
#
# Makes both tables out of ROWS, as docs/datasets.md says it, and prints each line in which they are not those of
# TABLES. What a row does not say is null in a table, or false, or 0: the lists below.

import csv
import datetime
import json
import os
import sys
import unicodedata

MESSAGE = ("message bytes eol from_domain result signatures_skipped reading authentication_results raw_bytes "
           "rejected detail offset").split()
SIGNATURE = ("message from_domain index result reason domain selector auid algorithm canon key_bits testing body_hash "
             "signature body_length uncovered_bytes signed_at expires_at headers b dnssec").split()
INT64_MAX = 2 ** 63 - 1


def time_of(seconds):
    """As tables of text show it; the calendar has a period of 400 years, and Python knows only 9999."""
    if seconds is None:
        return None
    periods, rest = divmod(seconds, 146097 * 86400)
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=rest)
    year = day.year + 400 * periods
    return ("%04d" if year < 10000 else "+%06d") % year + day.strftime("-%m-%dT%H:%M:%SZ")


def message_row(row):
    made = {name: row.get(name) for name in MESSAGE}
    made["raw_bytes"] = row.get("raw_bytes", False)
    if "rejected" not in row:
        made["signatures_skipped"] = row.get("signatures_skipped", 0)
    return made


def signature_row(row, signature):
    made = {name: signature.get(name) for name in SIGNATURE}
    made.update(message=row["message"], from_domain=row["from_domain"], dnssec=signature.get("dnssec", False))
    made["signed_at"], made["expires_at"] = time_of(signature["signed_at"]), time_of(signature["expires_at"])
    if made["body_length"] is not None:
        made["body_length"] = min(made["body_length"], INT64_MAX)
    return made


def order(*names):
    return lambda row: [row[n].encode() if isinstance(row[n], str) else row[n] for n in names]


def as_csv(row):
    def cell(value):
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value)
        return "".join("\ufffd" if unicodedata.category(c) == "Cc" and c not in "\r\n" else c for c in text)
    return {name: cell(value) for name, value in row.items()}


def read(folder, table, form):
    path = os.path.join(folder, table + "." + form)
    with open(path, encoding="utf-8", newline="") as file:
        return [json.loads(line) for line in file] if form == "ndjson" else list(csv.DictReader(file))


def compare(table, got, wanted):
    for at, (one, other) in enumerate(zip(got, wanted)):
        if list(one.items()) != list(other.items()):
            print(table, at, [(n, one.get(n), v) for n, v in other.items() if one.get(n) != v] or "names of columns")
    if len(got) != len(wanted):
        print("%s: %d rows, wanted %d" % (table, len(got), len(wanted)))


def main():
    rows_path, folder, form = sys.argv[1:]
    with open(rows_path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    messages = sorted(map(message_row, rows), key=order("message"))
    signatures = sorted((signature_row(row, s) for row in rows for s in row.get("signatures", ())),
                        key=order("domain", "selector", "message", "index"))
    if form == "csv":
        messages, signatures = list(map(as_csv, messages)), list(map(as_csv, signatures))
    compare("messages", read(folder, "messages", form), messages)
    compare("signatures", read(folder, "signatures", form), signatures)


main()

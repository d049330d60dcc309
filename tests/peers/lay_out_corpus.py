#!/usr/bin/env python3
# lay_out_corpus.py - the unsigned mail of the corpus as one folder with a file for each message.
# SPDX-License-Identifier: Apache-2.0
"""Usage: lay_out_corpus.py CORPUS OUT

The files of CORPUS/dkim/plain are copied to OUT/plain. CORPUS/dkim/bodyhash.tsv says where the
messages of CORPUS/dkim/mbox lie: they become OUT/mbox/NAME/0001.eml and so on, with their mboxrd
quoting undone, each compared with the SHA-256 of its wire form in the table.
Prints the number of messages; ends with 1 and the place where one is not what the table says.
"""
import hashlib
import os
import re
import sys


def wire_sha256(data):
    return hashlib.sha256(re.sub(rb"\r?\n", b"\r\n", data)).hexdigest()


def mbox_message(mbox, offset, stored_bytes):
    """The message whose From line is at offset: stored_bytes long once its quoting is undone."""
    mbox.seek(offset)
    if not mbox.readline().startswith(b"From "):
        sys.exit(f"{mbox.name}: no From line at {offset}")
    data = b""
    while len(data) < stored_bytes:
        line = mbox.readline()
        if not line:
            sys.exit(f"{mbox.name}: ends before the message at {offset} does")
        data += re.sub(rb"^>(>*From )", rb"\1", line)
    return data


def write_file(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def table_rows(path):
    """Each row of a tab-separated table with a heading, as a dictionary."""
    with open(path, encoding="utf-8") as table:
        columns = next(table).lstrip("#").rstrip("\n").split("\t")
        for line in table:
            yield dict(zip(columns, line.rstrip("\n").split("\t")))


def main():
    folder, out = os.path.join(sys.argv[1], "dkim"), sys.argv[2]
    count = 0
    for parent, _, names in os.walk(os.path.join(folder, "plain")):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                write_file(os.path.join(out, os.path.relpath(parent, folder), name), file.read())
            count += 1
    for row in table_rows(os.path.join(folder, "bodyhash.tsv")):
        if not row["file"].startswith("mbox/"):
            continue
        with open(os.path.join(folder, row["file"]), "rb") as mbox:
            data = mbox_message(mbox, int(row["mbox_offset"]), int(row["stored_bytes"]))
        if wire_sha256(data) != row["sha256_wire"]:
            sys.exit(f"{row['file']}: the message at {row['mbox_offset']} is not that of the table")
        stem = os.path.splitext(row["file"])[0]
        write_file(os.path.join(out, stem, f"{int(row['index_in_mbox']):04}.eml"), data)
        count += 1
    print(count)


if __name__ == "__main__":
    main()

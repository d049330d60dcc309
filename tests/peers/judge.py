#!/usr/bin/env python3
# judge.py - is what a peer says, or what mailmill rejects, as it should be?
# SPDX-License-Identifier: Apache-2.0
"""Usage: judge.py verdicts PEER FOLDER LIST VERDICTS [LIMITS]
       judge.py rejects FOLDER REJECTS

Prints a line for each thing that is not as it should be, and nothing when all is well.

verdicts  LIST has the names of the signed files in FOLDER, each beginning with its canonicalization
          pair as two folders. VERDICTS is what the peer printed about them. Each file must have one
          passing signature of each algorithm that the peer knows, with the test's own domain.
          LIMITS is a table of the exceptions: file, canonicalization, peer, limit. The
          canonicalization is a pattern, say "*/simple"; the limit is one of CAUSES, and the file
          must be such a one. A listed file that the peer accepts is a fault of the table; so is
          one that is not there, unless all of its top folder is not.
rejects   REJECTS holds the rows of the messages in FOLDER that were not signed. Which ones those
          must be, and why, is found out here, by other code.
"""
import collections
import email.utils
import fnmatch
import json
import os
import re
import sys

import verify_reference

DOMAIN = "peers.example"
BOTH = ("rsa-sha256", "ed25519-sha256")
ALGORITHMS = {"reference": BOTH, "dkimpy": BOTH, "opendkim": BOTH, "maildkim": ("rsa-sha256",)}


def lacks_final_line_end(data):
    return not data.endswith(b"\n")


def has_line_without_name(data):
    head = re.sub(rb"\r?\n", b"\n", data).partition(b"\n\n")[0]
    return any(not re.match(rb"[ \t]|[!-9;-~]+:", line) for line in head.split(b"\n"))


def authors_of(data):
    """The texts of the From fields."""
    fields, _ = verify_reference.split_message(data)
    return [field.partition(b":")[2].replace(b"\r\n", b"") for name, field in fields if name.lower() == b"from"]


def has_malformed_author(data):
    pairs = email.utils.getaddresses([text.decode("latin-1") for text in authors_of(data)])
    return not any("@" in address for _, address in pairs)


# What a peer cannot take, and how a file is known to be of that kind.
CAUSES = {
    "no-final-line-end": lacks_final_line_end,
    "line-without-name": has_line_without_name,
    "malformed-author": has_malformed_author,
}


def lines_of(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#")]


def split_name(name):
    """Canonicalization pair and name of the message, of a signed file's name."""
    header, body, message = name.split("/", 2)
    return f"{header}/{body}", message


def read_limits(path, peer):
    """{(file, canonicalization pattern): cause} of one peer."""
    rows = (line.split("\t") for line in lines_of(path))
    return {(file, canon): CAUSES[limit] for file, canon, owner, limit in rows if owner == peer}


def read_verdicts(path):
    """For each file, what the peer said on each algorithm; "-" for the message as a whole."""
    words = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines_of(path):
        name, label, word = line.split("\t")
        domain, _, rest = label.partition("/")
        if domain in (DOMAIN, "-"):
            words[name][rest.partition("/")[2] or "-"].append(word)
    return words


def judge_verdicts(peer, folder, list_path, verdicts_path, limits_path=None):
    limits = read_limits(limits_path, peer) if limits_path else {}
    limits_met = set()
    verdicts = read_verdicts(verdicts_path)
    names = lines_of(list_path)
    for name in names:
        canon, message = split_name(name)
        excuses = [limit for limit in limits
                   if limit[0] == message and fnmatch.fnmatchcase(canon, limit[1])]
        words = verdicts[name]
        wrong = [f"{name}: {peer} on {algorithm}: {words[algorithm] or words['-'] or 'no word'}"
                 for algorithm in ALGORITHMS[peer] if words[algorithm] != ["pass"]]
        if wrong and not excuses:
            yield from wrong
        if excuses and not wrong:
            yield f"{name}: {peer} accepts it; the table of limits is out of date"
        if excuses:
            limits_met.update(excuses)
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if not all(limits[excuse](data) for excuse in excuses):
                yield f"{name}: {peer}: the table names a limit that this file does not meet"
    parts = {split_name(name)[1].partition("/")[0] for name in names}
    yield from (f"{file} ({canon}): {peer}: listed, but no such file was signed"
                for file, canon in sorted(set(limits) - limits_met) if file.partition("/")[0] in parts)


def expected_reject(data):
    """The slug with which a message must be rejected, or None."""
    if not data:
        return "empty-message"
    fields, _ = verify_reference.split_message(data)
    if not fields:
        return "no-header"
    if data[:1] in b" \t":
        return "fold-before-field"
    if any(b"\0" in field for _, field in fields):
        return "nul-in-header"
    authors = authors_of(data)
    if len(authors) != 1:
        return "several-from" if authors else "no-from"
    return None if re.search(rb"@[\w[]", authors[0]) else "bad-from"


def judge_rejects(folder, rejects_path):
    rows = (json.loads(line) for line in lines_of(rejects_path))
    found = {row["message"].removeprefix(folder + "/"): row["rejected"] for row in rows}
    for parent, _, names in os.walk(folder):
        for file_name in names:
            path = os.path.join(parent, file_name)
            with open(path, "rb") as file:
                want = expected_reject(file.read())
            got = found.pop(os.path.relpath(path, folder), None)
            if got != want:
                yield f"{path}: {got or 'signed'}, wanted {want or 'signed'}"
    yield from (f"{name}: rejected, but not in {folder}" for name in sorted(found))


def main():
    judges = {"verdicts": judge_verdicts, "rejects": judge_rejects}
    faults = list(judges[sys.argv[1]](*sys.argv[2:]))
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()

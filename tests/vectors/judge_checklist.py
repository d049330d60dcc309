#!/usr/bin/python3
# judge_checklist.py - has every line of the checklist its vectors, and every vector its verdict?
# SPDX-License-Identifier: Apache-2.0
"""Usage: judge_checklist.py TABLES PROGRAM FOLDER SOURCE [LINE]

TABLES holds lines.tsv and checklist.tsv, FOLDER all files of the vectors, SOURCE the tests that the
table names. Runs PROGRAM's verify once for each set of options and prints for every line of the
checklist, or for the one named: its number, its sentence, and its faults, with tabs between.
"""
import collections
import json
import os
import re
import subprocess
import sys

NOW = "1700000000"
Vector = collections.namedtuple("Vector", "line name file options expect ignoring control")


def rows_of(path):
    with open(path, encoding="utf-8") as table:
        return [line.rstrip("\n").split("\t") for line in table if not line.startswith("#")]


def parse_token(token):
    """(result, reason or None, {key: value}) of one signature."""
    verdict, *more = token.split(",")
    result, _, reason = verdict.partition("/")
    return result, reason or None, dict(pair.split("=", 1) for pair in more)


def text_of(value):
    return json.dumps(value) if isinstance(value, (bool, int)) or value is None else str(value)


def key_matches(part, row):
    """Of the whole row: key=value, key~text that occurs in the value, or key!~text that does not."""
    key = re.match(r"\w+", part)[0]
    rest, value = part[len(key):], text_of(row.get(key, "-"))
    if rest.startswith("!~"):
        return rest[2:] not in value
    return rest[1:] in value if rest.startswith("~") else rest == "=" + value


def row_matches(want, row):
    """Does a verdict row say what one message's part of a table says?"""
    tokens, _, keys = want.partition("&")
    signatures = row.get("signatures", [])
    wanted = [parse_token(token) for token in tokens.split() if token != "none"]
    if "rejected" in row or len(wanted) != len(signatures):
        return False
    for (result, reason, more), have in zip(wanted, signatures):
        if have["result"] != result or (reason and have["reason"] != reason) or (result == "pass" and have["reason"]):
            return False
        if any(text_of(have.get(key, "-")) != value for key, value in more.items()):
            return False
    return all(key_matches(part, row) for part in keys.split("&") if part)


def matches(want, rows):
    parts = want.split(" | ")
    return len(parts) == len(rows) and all(row_matches(part, row) for part, row in zip(parts, rows))


def said(rows):
    words = []
    for row in rows:
        tokens = [s["result"] + ("/" + s["reason"] if s["reason"] else "") for s in row.get("signatures", [])]
        words.append(" ".join(tokens[:4]) or row.get("rejected", "none"))
    return " | ".join(words) or "nothing"


def run(program, folder, vectors):
    """{(file, options): rows} of all vectors."""
    sets = collections.defaultdict(list)
    for vector in vectors:
        if not vector.file.startswith("@") and vector.file not in sets[vector.options]:
            sets[vector.options].append(vector.file)
    answers = {}
    for options, files in sets.items():
        command = [program, "verify", "--quiet", "--keys", "keys.zone", "--keys", "answers.ndjson", "--now", NOW,
                   *options.split(), "-o", "-", *files]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        rows = collections.defaultdict(list)
        for line in done.stdout.decode().splitlines():
            row = json.loads(line)
            rows[row["message"].partition("!")[0]].append(row)
        for file in files:
            answers[file, options] = rows[file]
        if done.returncode not in (0, 1):
            answers[files[0], options] = [{"rejected": f"exit code {done.returncode}: {done.stderr.decode()[-300:]}"}]
    return answers


def held_faults(source, vector):
    """The line is held by a test elsewhere: is it there?"""
    file, _, name = vector.file[1:].partition(":")
    with open(os.path.join(source, "tests", file), encoding="utf-8") as text:
        lines = [line for line in text if name in line]
    call = "(" + name + ")" if file.endswith(".c") else '"' + name + '"'
    if not any(call in line for line in lines):
        yield f"{file} runs no test '{name}'"


def vector_faults(vector, by_name, answers):
    rows = answers[vector.file, vector.options]
    if not matches(vector.expect, rows):
        yield f"{vector.name}: {said(rows)}; must be {vector.expect}"
    if matches(vector.ignoring, rows):
        yield f"{vector.name}: answered like one that ignores the line"
    control = by_name.get(vector.control)
    if not control:
        yield f"{vector.name}: no control {vector.control}"
    elif not matches(vector.ignoring, answers[control.file, control.options]):
        yield f"{vector.name}: its control {control.name} is {said(answers[control.file, control.options])}, not {vector.ignoring}"


def main():
    tables, program, folder, source, *only = sys.argv[1:]
    vectors = [Vector(*row) for row in rows_of(os.path.join(tables, "checklist.tsv"))]
    by_name = {vector.name: vector for vector in vectors}
    lines = [["0", "", "the plain message passes, the forged one fails"], *rows_of(os.path.join(tables, "lines.tsv"))]
    if only:
        lines = [line for line in lines if line[0] in only]
        vectors = [vector for vector in vectors if vector.line in only]
    controls = [by_name[vector.control] for vector in vectors if vector.control in by_name]
    answers = run(os.path.abspath(program), folder, vectors + controls)
    faults = collections.defaultdict(list)
    for vector in vectors:
        found = held_faults(source, vector) if vector.file.startswith("@") else vector_faults(vector, by_name,
                                                                                              answers)
        faults[vector.line] += found
    for number, where, sentence in lines:
        if number not in faults:
            faults[number].append("no vector stands for this line")
        print(number, f"{sentence} ({where})" if where else sentence, "; ".join(faults.pop(number)), sep="\t")
    for number in faults:
        print(number, "there is no such line", "vectors for it", sep="\t")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# verdict_rows.py - do rows of verify have exactly the keys and types that the manual gives them?
# SPDX-License-Identifier: Apache-2.0
"""Usage: verdict_rows.py [FIELD...] < ROWS

ROWS are JSON lines. Each key that is missing, more, doubled or of another type, and each result that
does not follow from those of the signatures, is a line on stderr, and then the exit code is 1. With
fields, their values are printed, a line a row: "message", "result", … of the row, "0.reason" of its
topmost signature, "rejected", …; "-" where there is none.
"""
import json
import re
import sys

RESULTS = "none pass fail policy neutral temperror permerror".split()
ORDER = "pass temperror policy fail permerror neutral".split()


def text(pattern=r"(?s).*"):
    return lambda v: isinstance(v, str) and re.fullmatch(pattern, v)


def number(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


def number_or_null(v):
    return v is None or number(v)


def true(v):
    return v is True


SIGNATURE = {
    "index": number,
    "result": lambda v: v in ORDER,
    "reason": text(r"([a-z0-9]+(-[a-z0-9]+)*)?"),
    "domain": text(),
    "selector": text(),
    "auid": text(),
    "algorithm": text(),
    "canon": text(),
    "key_bits": number_or_null,
    "testing": lambda v: isinstance(v, bool),
    "body_hash": text("ok|bad|unchecked"),
    "signature": text("ok|bad|unchecked"),
    "body_length": number_or_null,
    "uncovered_bytes": number,
    "signed_at": number_or_null,
    "expires_at": number_or_null,
    "headers": text(),
    "b": text(r"(?s).{0,8}"),
}
SIGNATURE_MORE = {"dnssec": true}
VERDICT = {
    "message": text(),
    "bytes": number,
    "eol": text("crlf|lf|mixed"),
    "from_domain": text(),
    "result": lambda v: v in RESULTS,
    "signatures": lambda v: isinstance(v, list),
}
VERDICT_MORE = {
    "signatures_skipped": lambda v: number(v) and v > 0,
    "reading": lambda v: v == "mboxo",
    "authentication_results": text(r"(?s)Authentication-Results: .*"),
    "authentication_results_removed": lambda v: number(v) and v > 0,
    "raw_bytes": true,
}
REJECT = {
    "message": text(),
    "rejected": text(r"[a-z]+(-[a-z]+)*"),
    "detail": text(),
    "offset": number_or_null,
}


def no_doubles(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key comes twice")
    return dict(pairs)


def faults_of(what, value, keys, more):
    if list(value)[: len(keys)] != list(keys):
        yield f"{what}: keys {list(value)}, wanted {list(keys)}"
    for key, v in value.items():
        check = keys.get(key) or more.get(key)
        if not check:
            yield f"{what}: a key {key} more"
        elif not check(v):
            yield f"{what}: {key} is {v!r}"


def row_faults(row):
    if "rejected" in row:
        yield from faults_of("reject", row, REJECT, {"raw_bytes": true})
        return
    yield from faults_of("row", row, VERDICT, VERDICT_MORE)
    signatures = row["signatures"]
    for place, signature in enumerate(signatures):
        yield from faults_of(f"signature {place}", signature, SIGNATURE, SIGNATURE_MORE)
        if signature["index"] != place:
            yield f"signature {place}: index {signature['index']}"
        if (signature["result"] == "pass") != (signature["reason"] == ""):
            yield f"signature {place}: {signature['result']} with reason '{signature['reason']}'"
    results = [s["result"] for s in signatures]
    want = next((word for word in ORDER if word in results), "none")
    if row["result"] != want:
        yield f"result {row['result']} of {results}"


def field(row, name):
    at, dot, key = name.partition(".")
    if dot:
        signatures = row.get("signatures", [])
        row, name = (signatures[int(at)] if int(at) < len(signatures) else {}), key
    value = row.get(name, "-")
    return value if isinstance(value, str) else json.dumps(value)


def main():
    faulty = False
    for line_number, line in enumerate(sys.stdin.buffer, 1):
        try:
            if not line.endswith(b"\n") or re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", line):
                raise ValueError("no line of printable text")
            row = json.loads(line.decode("utf-8"), object_pairs_hook=no_doubles)
            faults = list(row_faults(row))
        except (ValueError, KeyError, TypeError) as error:
            row, faults = {}, [f"{type(error).__name__}: {error}"]
        for fault in faults:
            faulty = True
            print(f"row {line_number}: {fault}", file=sys.stderr)
        if len(sys.argv) > 1:
            print(" ".join(field(row, name) for name in sys.argv[1:]))
    sys.exit(faulty)


if __name__ == "__main__":
    main()

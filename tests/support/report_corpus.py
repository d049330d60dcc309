"""report_corpus.py - compare aggregate and TLS reports of a corpus with its table of facts.

SPDX-License-Identifier: Apache-2.0

    report_corpus.py PROGRAM CORPUS DEVIATIONS

PROGRAM is report_facts; CORPUS holds expected.tsv; DEVIATIONS is a table "file, reason" of rows that
are known to end otherwise. Containers are opened here, by Python's own library, so that only the
reading of documents is looked at. Prints TAP.
"""
import calendar
import csv
import email
import gzip
import io
import json
import os
import subprocess
import sys
import time
import zipfile
import zlib

KINDS = ("dmarc-aggregate", "tls-rpt")


def open_container(name, data, depth=0):
    """(name, bytes) of each document in it that looks like one."""
    if data[:2] == b"\x1f\x8b":
        inflated = zlib.decompressobj(31).decompress(data)
        yield from open_container(name, inflated, depth + 1)
    elif data[:4] == b"PK\x03\x04" or data[:4] == b"PK\x05\x06":
        archive = zipfile.ZipFile(io.BytesIO(data))
        for member in archive.infolist():
            base = member.filename.rsplit("/", 1)[-1]
            if member.is_dir() or member.filename.startswith("__MACOSX/") or base.startswith("._"):
                continue
            yield from open_container(base, archive.read(member), depth + 1)
    elif name.endswith(".zlib") and depth == 0:
        yield from open_container(name, zlib.decompress(data), depth + 1)
    elif name.endswith(".eml"):
        for part in email.message_from_bytes(data).walk():
            body = None if part.is_multipart() else part.get_payload(decode=True)
            found = part.get_filename() or "unnamed"
            kind = part.get_content_type()
            if body and (body[:2] in (b"\x1f\x8b", b"PK") or "xml" in kind or "json" in kind or "tlsrpt" in kind):
                yield from open_container(found, body, depth + 1)
    else:
        yield name, data


def kind_of(row, data):
    return "tls" if row["kind"] == "tls-rpt" else "dmarc"


def ask(program, documents):
    """One JSON object for each (kind, name, bytes)."""
    question = b"".join(
        b"%s %d %s\n%s" % (kind.encode(), len(data), name.replace("\n", " ").encode(), data)
        for kind, name, data in documents)
    answer = subprocess.run([program], input=question, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in answer.splitlines()]


def seconds(text):
    """A date-time without fraction and with no zone but Z, as the corpus has them."""
    return calendar.timegm(time.strptime(text.rstrip("Z"), "%Y-%m-%dT%H:%M:%S"))


def dmarc_facts(got):
    """What the table says of an aggregate report, out of ours."""
    facts = {key: got[key] for key in ("report_id", "records", "count_sum", "dkim_aligned", "spf_aligned",
                                       "dmarc_pass", "max_dkim_per_record")}
    facts.update({key: got[key] or None for key in ("org_name", "domain", "p", "sp", "np", "testing",
                                                    "discovery_method", "generator")})
    facts["begin"], facts["end"] = got["begin"], got["end"]
    dispositions = {}
    for word, count in got["dispositions"]:
        word = word or "(none given)"
        dispositions[word] = dispositions.get(word, 0) + count
    facts["dispositions"] = dispositions
    return facts


def tls_facts(got):
    policies = got["policies"]
    failures = [failure for policy in policies for failure in policy["failures"]]
    results = {}
    for word, count in failures:
        results[word] = results.get(word, 0) + count
    return {"organization-name": got["organization-name"], "report-id": got["report-id"],
            "start": got["start_us"] // 1000000, "end": got["end_us"] // 1000000, "policies": len(policies),
            "policy_types": sorted({policy["type"] for policy in policies}),
            "policy_domains": sorted({policy["domain"] for policy in policies if policy["domain"]}),
            "successful_sessions": sum(max(policy["successful"], 0) for policy in policies),
            "failed_sessions": sum(max(policy["failed"], 0) for policy in policies),
            "failure_details": len(failures),
            "failure_detail_sessions": sum(count for _, count in failures), "result_types": results}


def wanted(facts):
    """The table's facts in the types that ours have; `via` is the container's matter."""
    facts = {key: value for key, value in facts.items() if key != "via"}
    read = seconds if "start" in facts else lambda text: int(float(text))
    for key in ("begin", "start", "end"):
        if key in facts:
            facts[key] = read(facts[key])
    if "policy_types" in facts:
        facts["policy_types"] = sorted(set(facts["policy_types"]))
    if "domain" in facts:
        facts["domain"] = facts["domain"].lower().rstrip(".")
    return facts


def judge(row, answers):
    """Words for what is wrong, or nothing."""
    facts = json.loads(row["facts"])
    facts = facts if isinstance(facts, list) else [facts]
    good = [answer for answer in answers if "reject" not in answer]
    if row["verdict"] == "reject":
        if good or not all(answer["reject"] for answer in answers):
            return "not rejected"
        for key in ("org_name", "report_id"):
            if key in facts[0] and facts[0][key] != answers[0][key]:
                return "rejected without naming %s %r" % (key, facts[0][key])
        return ""
    if len(good) != len(facts):
        return "%d reports, wanted %d: %s" % (len(good), len(facts), answers)
    for want, got in zip(facts, good):
        salvaged = "salvaged" in got["flags"]
        if salvaged != (row["verdict"] == "salvage"):
            return "salvaged" if salvaged else "not salvaged"
        have = tls_facts(got) if got["kind"] == "tls" else dmarc_facts(got)
        for key, value in wanted(want).items():
            if have.get(key) != value:
                return "%s is %r, wanted %r" % (key, have.get(key), value)
    return ""


def totals(rows, answers):
    """Sums over the reports of verdict ok and lenient, before and after duplicates."""
    before, after = [0, 0, 0, 0], {}
    for row, given in zip(rows, answers):
        for got in given:
            if got.get("kind") != "dmarc" or row["verdict"] not in ("ok", "lenient"):
                continue
            one = (1, got["records"], got["count_sum"], got["dmarc_pass"])
            before = [sum(pair) for pair in zip(before, one)]
            rank = (got["records"], got["count_sum"])
            if got["key"] not in after or after[got["key"]][0] < rank:
                after[got["key"]] = (rank, one)
    return before, [sum(column) for column in zip(*(one for _, one in after.values()))]


def main():
    program, corpus, deviations = sys.argv[1:]
    with open(os.path.join(corpus, "expected.tsv"), newline="") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
                if row["kind"] in KINDS]
    with open(deviations) as table:
        known = dict(line.rstrip("\n").split("\t") for line in table if not line.startswith("#"))
    documents, counts = [], []
    for row in rows:
        with open(os.path.join(corpus, row["file"]), "rb") as file:
            data = file.read()
        found = [(kind_of(row, data), name, inner)
                 for name, inner in open_container(os.path.basename(row["file"]), data)]
        documents += found
        counts.append(len(found))
    flat = iter(ask(program, documents))
    answers = [[next(flat) for _ in range(count)] for count in counts]
    wrong = 0
    passing = set(known)
    for row, given in zip(rows, answers):
        words = judge(row, given)
        if words and row["file"] in known:
            passing.discard(row["file"])
        elif words:
            wrong += 1
            print("# %s (%s): %s" % (row["file"], row["verdict"], words))
    print("%s - %d rows end as the table says" % ("not ok" if wrong else "ok", len(rows)))
    for name in sorted(passing):
        print("# %s is listed as a deviation, and is none" % name)
    print("%s - the %d deviations deviate" % ("not ok" if passing else "ok", len(known)))
    before, after = totals(rows, answers)
    print("# reports, records, messages, passed: %s, without duplicates %s" % (before, after))
    good = before == [1398, 13808, 294149, 287669] and after == [1383, 13752, 288017, 281547]
    print("%s - the sums are those that are known" % ("ok" if good else "not ok"))
    return bool(wrong or passing or not good)


if __name__ == "__main__":
    sys.exit(main())

"""reports_expected.py - compare a dataset of reports with a corpus' table of facts.

SPDX-License-Identifier: Apache-2.0

    reports_expected.py PROGRAM CORPUS WORK DEVIATIONS

PROGRAM is mailmill; CORPUS holds expected.tsv and the files that it names; WORK is an empty folder;
DEVIATIONS is a table "file, reason" of rows that are known to end otherwise. The program runs over
the whole corpus at once and over each file whose report another file told already. Prints TAP.
"""
import collections
import csv
import glob
import json
import os
import subprocess
import sys

TABLES = ("dmarc_reports", "dmarc_records", "tls_reports", "tls_policies", "tls_failures", "arf",
          "bounces", "rejects", "duplicates", "daily")


def run(program, sources, out):
    """Rows of every table, and the counters of the run."""
    done = subprocess.run([program, "reports", "--format", "ndjson", "--stats", "--quiet", "-o", out, "--"] + sources,
                          stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        sys.exit("the program ended with %d: %s" % (done.returncode, done.stderr.decode(errors="replace")))
    tables = {}
    for table in TABLES:
        with open(os.path.join(out, table + ".ndjson"), encoding="utf-8") as rows:
            tables[table] = [json.loads(row) for row in rows]
    stats = json.loads(done.stderr.decode().splitlines()[-1])
    return tables, stats


def by_path(rows, root):
    found = collections.defaultdict(list)
    for row in rows:
        found[row["source_path"][len(root):].lstrip("/")].append(row)
    return found


def seconds(text):
    """A timestamp of ours, whole seconds."""
    import calendar
    import time
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def dmarc_facts(report, records):
    total = lambda key: sum(row["count"] for row in records if row[key])
    return {"org_name": report["org_name"], "report_id": report["report_id"], "domain": report["policy_domain"],
            "begin": seconds(report["begin_time"]), "end": seconds(report["end_time"]),
            "p": report["p"], "sp": report["sp"], "records": len(records),
            "count_sum": sum(row["count"] for row in records), "dkim_aligned": total("dkim_aligned"),
            "spf_aligned": total("spf_aligned"), "dmarc_pass": total("dmarc_pass")}


def tls_facts(report, policies, failures):
    add = lambda key: sum(row[key] or 0 for row in policies)
    return {"organization-name": report["organization_name"], "report-id": report["report_id"],
            "policies": report["policy_count"], "successful_sessions": add("total_successful_session_count"),
            "failed_sessions": add("total_failure_session_count"), "failure_details": len(failures),
            "failure_detail_sessions": sum(row["failed_session_count"] or 0 for row in failures)}


class Dataset:
    """What a run told, by file."""

    def __init__(self, tables, root):
        self.tables = tables
        for table in ("dmarc_reports", "tls_reports", "arf", "bounces", "rejects", "duplicates"):
            setattr(self, table, by_path(tables[table], root))
        self.of_report = {}
        for table in ("dmarc_records", "tls_policies", "tls_failures"):
            self.of_report[table] = collections.defaultdict(list)
            for row in tables[table]:
                self.of_report[table][row["report_key"]].append(row)

    def facts(self, path):
        """Facts of each report that the file told."""
        found = [dmarc_facts(row, self.of_report["dmarc_records"][row["report_key"]])
                 for row in self.dmarc_reports[path]]
        found += [tls_facts(row, self.of_report["tls_policies"][row["report_key"]],
                            self.of_report["tls_failures"][row["report_key"]]) for row in self.tls_reports[path]]
        return found

    def rows(self, path):
        return (len(self.dmarc_reports[path]) + len(self.tls_reports[path]) + len(self.arf[path]) +
                len(self.bounces[path]))


def same(key, want, got):
    if key in ("begin", "end"):
        return int(float(want)) == got
    if key == "domain":
        return (want or "").lower().rstrip(".") == (got or "")
    if key in ("p", "sp", "org_name"):
        return (want or None) == (got or None)
    return want == got


def compare_facts(wanted, found):
    if len(wanted) != len(found):
        return "%d reports, wanted %d" % (len(found), len(wanted))
    key = lambda facts: (facts.get("records", 0), facts.get("count_sum", 0), str(facts.get("report_id", facts.get("report-id"))))
    for want, got in zip(sorted(wanted, key=key), sorted(found, key=key)):
        for name in got:
            if name in want and not same(name, want[name], got[name]):
                return "%s is %r, wanted %r" % (name, got[name], want[name])
    return None


def judge_report(row, facts, data):
    path = row["file"]
    if row["kind"] in ("dmarc-aggregate", "tls-rpt"):
        return compare_facts(facts, data.facts(path))
    if row["kind"] in ("arf", "dmarc-failure"):
        found = data.arf[path]
        if not found:
            return "no row of arf"
        want = facts[0].get("feedback-type")
        return None if want in (None, found[0]["feedback_type"]) else "feedback_type is %r" % found[0]["feedback_type"]
    found = data.bounces[path]
    wanted = {facts[0].get("recipients", 1), len(facts[0].get("sisimai", ()))} - {0}
    # Of an mbox the table counts only what a delivery-status says.
    good = len(found) in wanted or (found and "recipients" not in facts[0]) or \
        (facts[0].get("messages", 1) > 1 and len(found) > max(wanted))
    return None if good else "%d rows of bounces, wanted %s" % (len(found), sorted(wanted))


def judge(row, facts, data):
    """Words for what is wrong, or nothing."""
    path = row["file"]
    reasons = sorted({reject["reason"] for reject in data.rejects[path]})
    if row["verdict"] == "not-report":
        return None if data.rows(path) == 0 and reasons == ["not-a-report"] else \
            "%d rows and rejects %s, wanted no report" % (data.rows(path), reasons)
    if row["verdict"] == "reject":
        return None if data.rows(path) == 0 and reasons and reasons != ["not-a-report"] else \
            "%d rows and rejects %s, wanted a reject" % (data.rows(path), reasons)
    if row["verdict"] == "salvage" and reasons and data.rows(path) == 0:
        return None
    if row["verdict"] == "salvage" and any("salvaged" not in report["flags"] and "recovered" not in report["flags"]
                                           for report in data.dmarc_reports[path]):
        return "damage is not told"
    return judge_report(row, facts, data)


def bounce_scores(rows, data):
    """For each file with labels: (right reasons, labels, rows called hard beyond the labels, words). Rows are in the
    table's order and labels in the mail's, so that only how often a reason is told can be compared."""
    for row, facts in rows:
        labels = facts[0].get("sisimai") or []
        found = data.bounces[row["file"]]
        if row["kind"] not in ("dsn", "bounce-text") or len(labels) != len(found):
            continue
        want = collections.Counter(label["reason"] for label in labels)
        got = collections.Counter(bounce["reason"] for bounce in found)
        hard = sum(bounce["class"] == "hard" for bounce in found) - sum(bool(label["hard"]) for label in labels)
        yield sum((want & got).values()), len(labels), max(hard, 0), "%s: %s, labelled %s" % (
            row["file"], sorted((got - want).elements()), sorted((want - got).elements()))


def add_up(reports):
    total = collections.Counter(reports=0, records=0, messages=0, dmarc_pass=0)
    for facts in reports:
        total.update(reports=1, records=facts["records"], messages=facts["count_sum"], dmarc_pass=facts["dmarc_pass"])
    return dict(total)


def without_duplicates(reports):
    """Of several reports with one key: most records, then most messages."""
    kept = {}
    for facts in reports:
        key = (facts.get("org_name"), facts.get("report_id"), (facts.get("domain") or "").lower().rstrip("."),
               int(float(facts["begin"])), int(float(facts["end"])))
        rank = (facts["records"], facts["count_sum"])
        if key not in kept or rank > kept[key][0]:
            kept[key] = (rank, facts)
    return [facts for _, facts in kept.values()]


def tell(number, good, words):
    print("%s %d - %s" % ("ok" if good else "not ok", number, words))


def main():
    program, corpus, work, deviations_path = sys.argv[1:]
    with open(os.path.join(corpus, "expected.tsv"), encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    with open(deviations_path, encoding="utf-8") as table:
        deviations = {line.split("\t")[0] for line in table if line.strip() and not line.startswith("#")}
    pairs = []
    for row in rows:
        facts = json.loads(row["facts"] or "{}")
        pairs.append((row, facts if isinstance(facts, list) else [facts]))
    folders = sorted({row["file"].split("/")[0] for row in rows})
    tables, stats = run(program, [os.path.join(corpus, folder) for folder in folders], os.path.join(work, "all"))
    data = Dataset(tables, corpus)
    wrong, before = {}, []
    for number, (row, facts) in enumerate(pairs):
        mine = data
        if data.duplicates[row["file"]]:
            alone, _ = run(program, [os.path.join(corpus, row["file"])], os.path.join(work, "alone%d" % number))
            mine = Dataset(alone, corpus)
        said = judge(row, facts, mine)
        if said:
            wrong[row["file"]] = "%s: %s" % (row["verdict"], said)
        if row["kind"] == "dmarc-aggregate" and row["verdict"] in ("ok", "lenient"):
            before += mine.facts(row["file"])
    for path in sorted(set(wrong) - deviations):
        print("# %s: %s" % (path, wrong[path]))
    tell(1, not set(wrong) - deviations, "%d files end as the table says, %d of them otherwise on purpose" %
         (len(rows), len(deviations)))
    tell(2, deviations <= set(wrong) and len(deviations) <= 20, "the %d deviations deviate" % len(deviations))
    outcomes = stats["extracted"] + stats["rejected"] + stats["duplicates"]
    tell(3, stats["inputs"] == outcomes, "%d inputs have as many outcomes" % stats["inputs"])
    wanted = [report for row, facts in pairs for report in facts
              if row["kind"] == "dmarc-aggregate" and row["verdict"] in ("ok", "lenient")]
    kept = [dmarc_facts(row, data.of_report["dmarc_records"][row["report_key"]])
            for row in tables["dmarc_reports"] if "salvaged" not in row["flags"]]
    print("# aggregate reports: %s; without duplicates and salvaged ones: %s" % (add_up(before), add_up(kept)))
    tell(4, add_up(before) == add_up(wanted), "the sums of all aggregate reports are the table's")
    tell(5, add_up(kept) == add_up(without_duplicates(wanted)), "and so are those without duplicates")
    scores = list(bounce_scores(pairs, data))
    right, labels, hard = (sum(score[i] for score in scores) for i in range(3))
    for score in scores:
        if score[0] < score[1] or score[2]:
            print("# bounce %s%s" % (score[3], ", hard against the label" if score[2] else ""))
    print("# bounces: %d of %d reasons as labelled" % (right, labels))
    tell(6, right * 100 >= 95 * labels, "at least 95 of 100 reasons are as labelled")
    tell(7, not hard, "no class hard where the label is not")
    print("1..7")


main()

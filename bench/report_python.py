#!/usr/bin/env python3
# report_python.py - what aggregate reports cost a script of Python's own library: one flat CSV.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: report_python.py FOLDER OUT.csv
#
# FOLDER comes from make_reports. gzip, ElementTree and csv, a row a record, the columns that
# report_yardstick writes but for those that occur twice. One line tells what the work took,
# start-up left out.
import csv
import gzip
import resource
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPORT = ["report_metadata/org_name", "report_metadata/email", "report_metadata/report_id",
          "report_metadata/date_range/begin", "report_metadata/date_range/end",
          "policy_published/domain", "policy_published/adkim", "policy_published/aspf",
          "policy_published/p", "policy_published/sp", "policy_published/pct"]
RECORD = ["row/source_ip", "row/count", "row/policy_evaluated/disposition",
          "row/policy_evaluated/dkim", "row/policy_evaluated/spf", "identifiers/header_from",
          "identifiers/envelope_from", "auth_results/dkim/domain", "auth_results/dkim/selector",
          "auth_results/dkim/result", "auth_results/spf/domain", "auth_results/spf/result"]


def without_namespaces(root):
    for element in root.iter():
        if element.tag[0] == "{":
            element.tag = element.tag.partition("}")[2]
    return root


def main(folder, out):
    cpu, wall, reports, records = time.process_time(), time.monotonic(), 0, 0
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        for name in (Path(folder) / "list").read_text().splitlines():
            with gzip.open(Path(folder) / name) as packed:
                root = without_namespaces(ElementTree.fromstring(packed.read()))
            head = [root.findtext(path) for path in REPORT]
            for record in root.iterfind("record"):
                writer.writerow(head + [record.findtext(path) for path in RECORD])
                records += 1
            reports += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"cpu_s={time.process_time() - cpu:.6f} wall_s={time.monotonic() - wall:.6f} peak_bytes={peak} "
          f"reports={reports} records={records}")


if len(sys.argv) != 3:
    sys.exit("usage: report_python.py FOLDER OUT.csv")
main(sys.argv[1], sys.argv[2])

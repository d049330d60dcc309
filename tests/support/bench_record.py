# bench_record.py - a record of mailmill bench has the members that the manual names.
# SPDX-License-Identifier: Apache-2.0
#
# Usage: bench_record.py RECORD MEASURE WORKLOAD...
import json, sys
record = json.load(open(sys.argv[1]))
assert record["mailmill_bench"] == 1 and record["workloads_version"] >= 1
assert record["measure"] == sys.argv[2] and record["cold"] is False
assert set(record["machine"]) == {"tier", "cpu", "kernel", "version", "libraries", "compiler", "flags"}
assert all(isinstance(text, str) and text for text in record["machine"].values()), record["machine"]
assert [w["name"] for w in record["workloads"]] == sys.argv[3:]
for w in record["workloads"]:
    assert set(w) == {"name", "unit", "ratio", "ratio_low", "ratio_high", "rounds", "items", "items_per_s", "mb_per_s",
                      "cpu_us", "peak_bytes", "stages"}
    assert 0 < w["ratio_low"] <= w["ratio"] <= w["ratio_high"]
    assert w["items"] > 0 and w["peak_bytes"] > 1000000 and w["cpu_us"] > 0
    assert set(w["stages"]) == {"read", "parse", "canonicalize", "hash", "crypto", "encode", "write", "other"}
    assert abs(sum(w["stages"].values()) / w["ratio"] - 1) < 0.01, w

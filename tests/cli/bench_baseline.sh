# bench_baseline.sh - mailmill bench: what is measured is compared with what was, and with another program.
# SPDX-License-Identifier: Apache-2.0
#
# Not under sanitizers: what they cost is not the program's. Tolerances are wide, and what is planted is wider.
. "$MAILMILL_SOURCE_DIR/tests/support/bench_again.sh" || exit 1

check "there is something to compare with" bench --budget 300 --tolerance 100 --json now.json kernel-base64 kernel-sha256-x1 sign-large

# ---- baselines, planted ----

# planted EXPRESSION: now.json with `r`, the record, changed
planted()
{
    python3 -c 'import json, sys
r = json.load(open("now.json"))
w = r["workloads"]
'"$1"'
json.dump(r, open("planted.json", "w"))'
}
against_planted()
{
    bench --budget 300 --tolerance 90 --baseline planted.json "$@" kernel-base64
}
scale='def scale(i, f):
    for k in ("ratio", "ratio_low", "ratio_high"): w[i][k] *= f
    for k in w[i]["stages"]: w[i]["stages"][k] *= f
'
planted "$scale
scale(2, 0.1)"
refuse "ten times the cost of the baseline is a regression" 1 against_planted
against_planted >out 2>err
is "its last line is one sentence, with workload, change and stage" \
    "$(tail -n 1 err | sed -E 's/[0-9]+\.[0-9]/N/g')" \
    "mailmill bench: kernel-base64 got slower by N % (N to N), most of it in other"
check "the table tells what moved" grep -qE '^kernel-base64 .* SLOWER$' out
planted "$scale
scale(2, 100)"
check "a hundredth of it is none" against_planted
check "but it is told" sh -c 'grep -qE "^kernel-base64 .* faster$" "$0"' <(against_planted)
planted 'pass'
check "the same is none" against_planted
planted 'w[2]["name"] = "kernel-base32"'
bench --budget 300 --tolerance 100 --baseline planted.json kernel-base64 kernel-sha256-x1 >out 2>err
is "a workload that only one side has is named, whichever it is" "$? $(sort err)" \
    "0 mailmill bench: kernel-base64: not in planted.json, so not compared"
against_planted --format junit >out.xml 2>err
is "to have compared nothing is no success" "$? $(sort err)" \
    "78 mailmill bench: kernel-base64: not in planted.json, so not compared
mailmill bench: nothing was compared: planted.json has none of these workloads"
check "nor does it pass in junit" grep -q '<skipped message="not in what this is compared with"/>' out.xml
planted 'w.append(dict(w[2], name="kernel-base32"))'
bench --budget 300 --tolerance 100 --baseline planted.json kernel-base64 kernel-sha256-x1 >out 2>err
is "what was not asked for is not missed" "$? $(cat err)" "0 "
planted 'w.append(dict(w[2], name="kernel-base64-wide"))'
bench --budget 300 --tolerance 100 --baseline planted.json kernel-base64 >out 2>err
is "nor is it behind a whole name" "$? $(cat err)" "0 "
for change in 'r["machine"]["tier"] = "another"' 'r["workloads_version"] += 1' 'r["cold"] = True' \
    'r["measure"] = "instructions"'; do
    planted "$change"
    refuse "not comparable: $change" 78 against_planted
    check "but with --force: $change" against_planted --force
done
planted 'r["machine"]["cpu"] = r["machine"]["kernel"] = "another"'
check "another model of the same tier is comparable" against_planted
planted 'del w[0]["ratio"]'
refuse "a baseline without a ratio is none" 78 against_planted
head -c 300 now.json >planted.json
refuse "nor is one that is cut" 78 against_planted
refuse "one that is not there is no input" 66 bench --baseline nowhere.json kernel-base64
refuse "nor is a program that is not there" 66 bench --against ./not-there kernel-base64
is "which is named" "$(bench --against mailmill.before kernel-base64 2>&1)" \
    "mailmill bench: --against mailmill.before: No such file or directory; give it with its path"
refuse "a program that cannot be run is one of permission" 77 bench --against ./now.json kernel-base64
refuse "a record that has no folder is told at once" 73 bench --json nowhere/new.json kernel-base64
check "no time is spent on what is refused" sh -c '[ -z "$(ls -A "$TMPDIR")" ]'

# ---- another program ----

check "against itself there is no regression" bench --budget 300 --tolerance 60 --against "$MAILMILL_PROGRAM" kernel-base64 sign-small

# ---- forms for CI ----

planted "$scale
scale(2, 0.1)"
against_planted --format github-benchmark >out.json 2>/dev/null
check "github-benchmark is a list of names, units and values" python3 -c '
import json
rows = json.load(open("out.json"))
assert [r["name"] for r in rows] == ["kernel-base64"] and rows[0]["unit"] == "ratio" and rows[0]["value"] > 0, rows'
against_planted --format junit >out.xml 2>/dev/null
is "junit tells of a regression by its exit code, too" $? 1
check "junit has it as a failure" python3 -c '
import xml.etree.ElementTree as e
suite = e.parse("out.xml").getroot()
assert suite.tag == "testsuite" and suite.get("tests") == "1" and suite.get("failures") == "1" and suite.get("errors") == "0"
case = suite.find("testcase")
assert case.get("name") == "kernel-base64" and "slower by" in case.find("failure").get("message")'
plan

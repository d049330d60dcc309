# bench.sh - mailmill bench: what it measures, whom it asks, what it says, how it ends.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

# Nothing here depends on how fast this machine is, or how busy: tolerances are wide, and what is planted is wider.
export TMPDIR=$tap_dir/tmp
mkdir "$TMPDIR"
bench()
{
    "$MAILMILL_PROGRAM" bench --quiet "$@"
}
left_behind()
{
    ls -A "$TMPDIR"
}

# ---- the list ----

names=$(bench --list | awk '{ print $1 }')
for mix in small mixed large archive; do
    for verb in sign verify; do
        for keys in '' -ed25519 -dual; do
            grep -qx -- "$verb-$mix$keys" <<<"$names" || echo "$verb-$mix$keys"
        done
    done
done >"$tap_dir/missing"
is "signing and verifying have four mixes with three kinds of keys each" "$(cat "$tap_dir/missing")" ""
for name in reports-aggregate reports-tls reports-bounces kernel-canonicalize kernel-sha256-x16 kernel-sha256-x3 \
    kernel-sha256-x1 kernel-rsa-sign-x1 kernel-rsa-sign-x8 kernel-rsa-verify-x1 kernel-rsa-verify-x8 kernel-base64 \
    kernel-xml kernel-parquet; do
    grep -qx -- "$name" <<<"$names"
    ok "there is $name" $?
done

# ---- a run, and what it writes ----

cd "$tap_dir" || exit 1
check "two kernels and a run can be measured" bench --budget 300 --tolerance 100 --json now.json kernel-base64 kernel-sha256-x1 \
    sign-large
check "the record has the members that the manual names" python3 "$MAILMILL_SOURCE_DIR/tests/support/bench_record.py" now.json cpu \
    sign-large kernel-sha256-x1 kernel-base64
check "stages of a run are told apart" python3 -c '
import json
stages = json.load(open("now.json"))["workloads"][0]["stages"]
assert stages["hash"] > stages["encode"] and stages["read"] > 0 and stages["write"] > 0, stages'
is "the folder of the data is gone" "$(left_behind)" ""
check "the table has a line for each workload" sh -c '[ "$("$0" bench --quiet --budget 300 --tolerance 100 kernel-base64 | wc -l)" = 2 ]' \
    "$MAILMILL_PROGRAM"
refuse "a record that cannot be written is said" 73 bench --budget 300 --tolerance 100 --json no/such/folder kernel-base64

# ---- noise ----

refuse "what cannot be told in the time is neither success nor failure" 75 bench --budget 5 --tolerance 0.1 kernel-sha256-x1
bench --budget 5 --tolerance 0.1 kernel-sha256-x1 2>err >out
is "and says so" "$(sed 's/;.*//' err)" "mailmill bench: this machine is too noisy for kernel-sha256-x1"

bench --budget 1 --tolerance 100 --json late.json sign >out 2>err
is "time that is over is over: what was left out is counted, and that is no success" \
    "$? $(sed -E 's/[0-9]+ more/N more/; s/sign-[a-z0-9-]+/NAME/' <<<"$(grep 'no time' err)")" \
    "75 mailmill bench: no time was left for NAME and N more; give more with --budget, or choose fewer"
check "a record of what there is is written" python3 -c 'import json; assert len(json.load(open("late.json"))["workloads"]) < 12'

# ---- another program ----

# program NAME: a stand-in for another mailmill
program()
{
    cat >"$1"
    chmod +x "$1"
}
hello="echo 'mailmill-bench 1 1 9.9.9'"
program dead <<<'#!/bin/sh'
program other-version <<<"#!/bin/sh
echo 'mailmill-bench 1 999 9.9.9'; cat >/dev/null"
program other-protocol <<<"#!/bin/sh
echo 'mailmill-bench 2 1 9.9.9'; cat >/dev/null"
program no-mailmill <<<'#!/bin/sh
echo "unknown verb bench"; cat >/dev/null'
program endless <<<'#!/bin/sh
exec tr "\0" x </dev/zero'
program without <<<"#!/bin/sh
$hello; while read -r line; do echo missing; done"
program no-work <<<"#!/bin/sh
$hello; while read -r line; do case \$line in open*) echo ready ;; *) echo sample 0 0 0 0 0 0 0 0 0 0 0 0 0 ;; esac; done"
program too-few <<<"#!/bin/sh
$hello; while read -r line; do case \$line in open*) echo ready ;; *) echo sample 1 1 1 1 1 ;; esac; done"
program too-large <<<"#!/bin/sh
$hello; while read -r line; do case \$line in open*) echo ready ;; *) echo sample 1 1 1 99999999999999999999 1 1 1 1 1 1 1 1 1 ;; esac; done"
program fails <<<"#!/bin/sh
$hello; while read -r line; do printf 'failed because \\033[2J\\n'; done"
for stranger in no-work too-few too-large fails; do
    refuse "another program that is $stranger" 74 bench --budget 1 --against "./$stranger" kernel-base64
done
is "what it says cannot act on a terminal" "$(bench --budget 1 --against ./fails kernel-base64 2>&1)" \
    'mailmill bench: kernel-base64: ./fails: because \x1b[2J'
for stranger in dead endless no-mailmill other-version other-protocol; do
    refuse "another program that is $stranger" 78 bench --budget 1 --against "./$stranger" kernel-base64
done
program told <<<"#!/bin/sh
tee -a questions | \"$MAILMILL_PROGRAM\" \"\$@\""
bench --budget 300 --tolerance 100 --against ./told kernel-base64 kernel-sha256-x1 >/dev/null 2>&1
is "workloads take turns, and each has processes of its own in three visits" "$(sed -n 's/^open //p' questions | head -n 6 | tr '\n' ' ')" \
    "$(for _ in 1 2 3; do printf 'kernel-sha256-x1 kernel-base64 '; done)"
program stays <<<"#!/bin/sh
{ taskset -cp \$\$; taskset -cp \$PPID; } | sed 's/.*: //' >>processors
exec '$MAILMILL_PROGRAM' \"\$@\""
bench --budget 300 --tolerance 100 --against ./stays kernel-base64 >/dev/null 2>&1
is "all of it stays on one processor, the last that there is" "$(sort -u processors)" "$(taskset -cp $$ | grep -o '[0-9]*$')"
bench --budget 300 --tolerance 100 --against ./without kernel-base64 >out 2>err
is "a workload that it lacks is named" "$? $(head -n 1 err)" "78 mailmill bench: kernel-base64: not in ./without, so not compared"
is "no folder is left by any of them" "$(left_behind)" ""

# ---- forms for CI ----

bench --budget 5 --tolerance 0.1 --format junit kernel-sha256-x1 >out.xml 2>/dev/null
check "junit has noise as an error" python3 -c '
import xml.etree.ElementTree as e
suite = e.parse("out.xml").getroot()
assert suite.get("failures") == "0" and suite.get("errors") == "1" and suite.find("testcase/error") is not None'

# ---- the machine mode ----

mkdir serve
refuse "it takes no option that it has no use for" 64 bench --serve serve --tolerance 7
is "it refuses what it does not know" "$(echo frob | bench --serve serve | tail -n +2; echo "${PIPESTATUS[1]}")" 64
is "it runs nothing before a workload is open" "$(echo pass | bench --serve serve | tail -n +2)" "failed no workload is open"
is "it says what it has not" "$(echo open frob | bench --serve serve | tail -n +2)" "missing"
is "it answers with thirteen numbers" \
    "$(printf 'open kernel-base64\npass\n' | bench --serve serve | tail -n +2 | sed -E 's/( [0-9]+){13}$/ NUMBERS/')" \
    "ready
sample NUMBERS"
is "it leaves nothing" "$(ls -A serve)" ""
refuse "a folder that is not there" 73 bench --serve nowhere

# ---- stopped ----

"$MAILMILL_PROGRAM" bench --quiet --budget 100 sign >out 2>err &
pid=$!
for _ in $(seq 100); do
    [ -z "$(find "$TMPDIR" -name 'out-*' 2>/dev/null)" ] || break
    sleep 0.1
done
kill -INT "$pid"
wait "$pid"
is "SIGINT ends it" "$? $(cat err)" "75 mailmill bench: stopped"
is "and takes its folder away" "$(left_behind)" ""

# ---- the page cache ----

check "files can be dropped from the page cache" bench --cold --budget 300 --tolerance 100 sign-large
PATH=$tap_dir refuse "counting instructions needs valgrind" 69 "$MAILMILL_PROGRAM" bench --count-instructions kernel-base64
is "at the end nothing is left" "$(left_behind)" ""
plan

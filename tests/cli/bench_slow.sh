# bench_slow.sh - mailmill bench: slowdowns planted in test builds are found, in the stage where they are.
# SPDX-License-Identifier: Apache-2.0
#
# Not under sanitizers: their time is not that of a stage.
. "$MAILMILL_SOURCE_DIR/tests/support/bench_again.sh" || exit 1

# program NAME: a stand-in for another mailmill
program()
{
    cat >"$1"
    chmod +x "$1"
}

check "this is a test build" bench --slow hash:1% --list
for stage in read parse canonicalize hash crypto encode write; do
    bench --slow $stage:100% --budget 300 --tolerance 40 --against "$MAILMILL_PROGRAM" sign-small >out 2>err
    is "twice the cost is found in $stage" "$? $(tail -n 1 err | sed -E 's/[0-9]+\.[0-9]/N/g')" \
        "1 mailmill bench: sign-small got slower by N % (N to N), most of it in $stage"
done
for stage in parse encode; do
    bench --slow $stage:100% --budget 300 --tolerance 40 --against "$MAILMILL_PROGRAM" reports-tls >out 2>err
    is "and in $stage of reports" "$? $(tail -n 1 err | sed -E 's/[0-9]+\.[0-9]/N/g')" \
        "1 mailmill bench: reports-tls got slower by N % (N to N), most of it in $stage"
done
program slower <<<"#!/bin/sh
exec '$MAILMILL_PROGRAM' \"\$@\" --slow crypto:100%"
bench --budget 300 --tolerance 30 --against ./slower sign-small >out 2>err
is "faster than another one is no regression" "$? $(cat err)" "0 "
check "and is told" grep -qE '^sign-small .* faster$' out
refuse "a stage that there is not" 64 bench --slow scan:8% kernel-base64
plan

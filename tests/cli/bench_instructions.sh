# bench_instructions.sh - mailmill bench --count-instructions: what valgrind counts is the same again.
# SPDX-License-Identifier: Apache-2.0
#
# Not under sanitizers, which valgrind does not go with.
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

cd "$tap_dir" || exit 1
mkdir tmp
export TMPDIR=$tap_dir/tmp
bench()
{
    "$MAILMILL_PROGRAM" bench --quiet "$@"
}

command -v valgrind >/dev/null
ok "valgrind is here" $?
bench --count-instructions --budget 100 --json first.json kernel-base64 sign-small >out 2>err
is "instructions are counted, and the tier is told" "$? $(cat err)" \
    "0 mailmill bench: counting instructions under valgrind, with kernels of avx2 at most"
check "the record says what was counted" python3 "$MAILMILL_SOURCE_DIR/tests/support/bench_record.py" first.json instructions \
    sign-small kernel-base64
check "once more they are the same within 1 %" bench --count-instructions --budget 100 --tolerance 1 --baseline first.json \
    kernel-base64 sign-small
is "at the end nothing is left" "$(ls -A tmp)" ""
plan

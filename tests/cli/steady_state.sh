#!/usr/bin/env bash
# steady_state.sh - the program signs and verifies twice as many messages with no more allocations.
# SPDX-License-Identifier: Apache-2.0
#
# What is left grows with folders, not with messages: a folder's names are read whole, in a block of
# their own that is given back, eight allocations or so for each thousand messages here.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

if [ -n "${MAILMILL_SANITIZE-}" ]; then
    skip "allocations are counted" "the sanitizers have an allocator of their own"
    plan
    exit
fi

few=2000
most=50 # that many more for few more messages
"$MAILMILL_CC" -O1 -shared -fPIC -fno-builtin -o count.so "$MAILMILL_SOURCE_DIR/tests/support/preload/count_malloc.c" || exit 1
make_spool few $few
make_spool many $((2 * few))

# counted COMMAND...: how often it asked the heap
counted()
{
    rm -rf out out.ndjson
    LD_PRELOAD=./count.so COUNT_MALLOC=calls "$mailmill" "$@" --threads 1 --now $now --quiet >&2 && cat calls
}
signs()
{
    counted sign $one --durability none -o out/ "$1"
}
verifies()
{
    counted verify --keys keys/zone -o out.ndjson "$1.signed"
}
# few_more VERB: twice the messages need `most` allocations more, or fewer
few_more()
{
    local a b
    a=$("$1" few) && b=$("$1" many) || return 1
    echo "$few messages: $a allocations, $((2 * few)): $b"
    [ $((b - a)) -le $most ]
}

check "twice the messages are signed with hardly more allocations" few_more signs
for spool in few many; do
    "$mailmill" sign $one --now $now --quiet --durability none -o $spool.signed/ $spool || exit 1
done
check "and verified" few_more verifies
export COUNT_MALLOC_PLANT=1
refuse "one allocation a message is noticed" 1 few_more verifies
refuse "when signing, too" 1 few_more signs
plan

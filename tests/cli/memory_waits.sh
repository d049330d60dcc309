#!/usr/bin/env bash
# memory_waits.sh - a run that is short of memory comes to its end, whoever waits for whom.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

# in_time COMMAND...: what hangs is killed after a minute.
in_time()
{
    timeout -s KILL 60 "$@"
}

# sized FILE BYTES: a message of that size; the body is a hole.
sized()
{
    printf 'From: Author <author@example.com>\r\nSubject: sized\r\n\r\n' >"$1"
    truncate -s "$2" "$1"
}

# Messages just over a slot, and large ones between them: whoever gets memory first holds it while an
# earlier one waits.
mkdir mixed
for i in $(seq -w 0 1499); do
    if [ $((10#$i % 9)) -eq 0 ]; then sized mixed/$i.eml 3000000; else sized mixed/$i.eml 32720; fi
done
for threads in 1 2 4; do
    trouble=$(
        for round in 1 2 3 4; do
            in_time "$mailmill" verify --keys none --quiet --stats --io threads --threads $threads --memory 16M \
                -o - mixed >rows 2>stats || echo "exit code $?"
            [ "$(stat_of stats verified) $(wc -l <rows)" = "1500 1500" ] || echo "round $round: $(cat stats)"
        done
    )
    is "large messages between small ones, $threads threads" "$trouble" ""
done

# A tree whose messages fill the memory, then an mbox whose messages do.
mkdir tree
for i in $(seq 1 30); do sized tree/$i.eml 3000000; done
for i in $(seq 1 30); do
    printf 'From sender@example.com Tue Nov 14 22:13:20 2023\n'
    message example.com $i | tr -d '\r'
    head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 70
    printf '\n\n'
done >box.mbox
for threads in 2 4; do
    for out in out out.mbox; do
        rm -rf out out.mbox
        check "a tree and an mbox to $out, $threads threads" in_time "$mailmill" sign $one --now $now --stats \
            --durability none --threads $threads --memory 16M -o $out tree box.mbox
    done
done

# What is larger than half of the memory is refused by name, wherever it comes from.
mkdir huge
sized huge/1.eml 6000000
printf 'From sender@example.com Tue Nov 14 22:13:20 2023\n' | cat - huge/1.eml >huge.mbox
message example.com 2 >huge/2.eml
refuse "too large for the memory" 1 in_time "$mailmill" sign $one --now $now --memory 16M -o outhuge huge huge.mbox
is "in a tree and in an mbox" \
    "$(sed -n 's/^{"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' outhuge/.mailmill/rejects.ndjson)" \
    "huge/1.eml message-too-large
huge.mbox!0 message-too-large"
is "and all others are signed" "$(cd outhuge && find . -name '*.eml')" "./huge/2.eml"
plan

#!/usr/bin/env bash
# memory_bound.sh - a run stays within --memory and a little more, whatever the sources hold, and however many.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
# Sanitizers need memory of their own: then only how the runs end is looked at.
measured=$([ -n "$MAILMILL_SANITIZE" ] || echo yes)
sign="$mailmill sign $one --now $now --stats --quiet --durability none --threads 8 --memory 128M"
verify="$mailmill verify --keys none --stats --quiet --threads 8 --memory 128M"
limit=$(((128 + 64) * 1024 * 1024))

# within NAME COUNT COMMAND...: it ends well with that many inputs, and its peak is within the limit.
within()
{
    local name=$1 count=$2 code=0
    shift 2
    "$@" 2>stats || code=$?
    is "$name" "$code $(stat_of stats inputs) $(stat_of stats rejected)" "0 $count 0"
    [ -z "$measured" ] || check "$name: within --memory and 64 MiB" test "$(stat_of stats peak_bytes)" -le $limit
}

# Messages of a bit less than the largest that there is room for, with and without quoted lines.
mkdir large
{ message example.com 1 && head -c 37000000 /dev/zero | tr '\0' x | fold -w 70 && echo; } | tr -d '\r' >large/00.eml
for i in $(seq -w 1 11); do ln large/00.eml large/$i.eml; done
for i in 1 2 3 4 5 6 7 8; do
    printf 'From x Tue Nov 14 22:13:20 2023\n'
    cat large/00.eml
    printf '>From the start\n\n'
done >quoted.mbox
within "large files" 12 $verify -o 1.ndjson large
within "large files to a tree" 12 $sign -o tree large
rm -rf tree
within "large files to an mbox" 12 $sign -o all.mbox large
rm -f all.mbox
within "a large mbox" 8 $verify -o 2.ndjson quoted.mbox
within "a large mbox to a tree" 8 $sign -o tree quoted.mbox
rm -rf tree
within "all of it" 20 $verify -o 3.ndjson quoted.mbox large
within "a large mbox from stdin" 8 $verify -o 4.ndjson - <quoted.mbox

# The number of messages does not matter: names are counted apart. Whether two workers have each a segment more at once
# is a matter of turns, so the least of a few runs over many messages is held against the most over few.
make_spool few 4000
make_spool many 24000
for verb in verify sign; do
    for spool in few few few many many many; do
        if [ $verb = verify ]; then how="--keys none -o rows.ndjson"; else how="$one --now $now --durability none -o out"; fi
        "$mailmill" $verb $how --stats --quiet --threads 2 $spool 2>stats
        is "$verb $spool messages" "$? $(stat_of stats inputs)" "0 $(find $spool -type f | wc -l)"
        echo $(($(stat_of stats peak_bytes) - $(stat_of stats names_bytes))) >>peaks.$spool
        rm -rf rows.ndjson out
    done
    sort -n peaks.few | tail -n 1 >peak.few
    sort -n peaks.many | head -n 1 >peak.many
    rm peaks.few peaks.many
    [ -n "$measured" ] || continue
    check "$verb: six times the messages, the same memory" \
        awk "BEGIN { few = $(cat peak.few); many = $(cat peak.many); exit !(many < few * 1.05) }"
    check "$verb: and under 64 MiB" test "$(cat peak.many)" -lt 67108864
    echo "# $verb: $(cat peak.few) and $(cat peak.many) bytes"
done
plan

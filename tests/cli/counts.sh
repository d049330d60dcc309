#!/usr/bin/env bash
# counts.sh - of 20,000 messages the 50 damaged ones are named, each with its reason, and all the others are signed.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

good=19950
make_spool spool $good
printf 'example.com mail\n' >keys/Rows
bad=spool/bad
mkdir $bad
for i in 1 2 3 4 5; do
    message example.com $i | grep -v '^From:' >$bad/no-from-$i.eml
    { printf 'From: second@example.com\r\n'; message example.com $i; } >$bad/several-from-$i.eml
    printf 'just text\r\nwithout any field\r\n' >$bad/no-header-$i.eml
    : >$bad/empty-message-$i.eml
    { printf 'X-Nul: a\0b\r\n'; message example.com $i; } >$bad/nul-in-header-$i.eml
    { printf 'X-Long: '; head -c 2097152 /dev/zero | tr '\0' x; printf '\r\n'; message example.com $i; } >$bad/header-too-large-$i.eml
    message elsewhere.example $i >$bad/no-signing-row-$i.eml
    { printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=m1;\r\n h=from; bh=; b=\r\n'; message example.com $i; } >$bad/already-signed-$i.eml
    ln -s nowhere-$i $bad/dangling-link-$i.eml
    mkfifo $bad/special-file-$i.eml
done

tables="--key-table keys/KeyTable --signing-table keys/Rows"
# KeyTable's domain is the author's, its selector m1: what already-signed looks for.
refuse "a spool with damaged messages ends with 1" 1 \
    "$mailmill" sign $tables --now $now --stats --durability none -o out spool
"$mailmill" sign $tables --now $now --stats --durability none -o out2 spool 2>stats
is "inputs are all messages" "$(stat_of stats inputs)" $((good + 50))
is "signed are all good ones" "$(stat_of stats signed)" $good
is "rejected are the damaged ones" "$(stat_of stats rejected)" 50
is "as many files came out" "$(find out -name '*.eml' | wc -l)" $good

reasons()
{
    sed -n 's/^{"message":"\([^"]*\)-[0-9]\.eml","rejected":"\([^"]*\)".*/\1 \2/p' "$1" |
        sed 's,.*/,,' | sort | uniq -c | awk '{ print $1, $2, $3 }'
}
is "each of the 50 has its own reason" "$(reasons out/.mailmill/rejects.ndjson)" "$(
    for slug in already-signed dangling-link empty-message header-too-large no-from no-header \
        no-signing-row nul-in-header several-from special-file; do
        echo "5 $slug $slug"
    done)"

refuse "the rejects file is a list of files" 1 "$mailmill" sign $tables --now $now \
    --files-from out/.mailmill/rejects.ndjson --rejects again.ndjson -o again
is "it names the same 50" "$(sed 's/,"rejected.*//' again.ndjson | sort)" \
    "$(sed 's/,"rejected.*//' out/.mailmill/rejects.ndjson | sort)"
is "for the same reasons" "$(reasons again.ndjson)" "$(reasons out/.mailmill/rejects.ndjson)"

# verify gives most of these a verdict row; only what cannot be read or exceeds a limit is rejected.
"$mailmill" verify --keys "$keys/zone" --now $now --stats -o rows.ndjson $bad 2>stats
is "verify rejects links, FIFOs and headers over the limit" "$(stat_of stats rejected)" 15
is "and gives all others a verdict" "$(stat_of stats verified)" 35
is "a row for every input" "$(wc -l <rows.ndjson)" 50
is "in input order" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' rows.ndjson)" "$(ls -d $bad/* | LC_ALL=C sort)"
is "an unsigned or empty message is none" "$(grep -c '"result":"none"' rows.ndjson)" 30
plan

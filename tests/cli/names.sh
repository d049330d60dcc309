#!/usr/bin/env bash
# names.sh - any name that a file may have goes through rows, rejects and lists, and comes back as it was.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now --stats --durability none"
verify="$mailmill verify --keys none --stats"

odd_names()
{
    printf '%s\0' 'plain.eml' 'two  words.eml' ' blank first' 'quote"d.eml' "apostrophe's" 'back\slash' \
        'box!12' 'box.mbox!0' '!' '{' '{"message":"plain.eml"}' '-dash' '--overwrite' '#hash' $'tab\there' \
        $'line\nend' $'cr\rend' $'bell\a' $'esc\e[31mred' 'Grüße.eml' $'latin-1 gr\xfc\xdfe' $'\xc3\xa9 and \xff' \
        $'cut \xe2\x82' $'\xed\xa0\x80surrogate' $'\xef\xbb\xbfbom' '$(touch broken)' 'a:b' 'x.mailmill' '...'
    printf 'x%.0s' $(seq 1 255)
    printf '\0'
}
mkdir -p good 'sub "dir"/deeper'
odd_names | while IFS= read -r -d '' name; do
    message example.com 1 >"good/$name"
    message example.com 2 >"sub \"dir\"/deeper/$name"
done
count=$(find good -type f ! -path '*/.mailmill/*' -print0 | tr -cd '\0' | wc -c)
is "all the names are there" "$count" 29

check "a tree with odd names is signed" $sign -o out good
is "into the same names" "$(cd out && find . -type f ! -path '*/.mailmill/*' -print0 | LC_ALL=C sort -z | od -c)" \
    "$(cd good && find . -type f ! -path '*/.mailmill/*' -print0 | LC_ALL=C sort -z | od -c)"
find good sub* -type f ! -path '*/.mailmill/*' -print0 >list
check "a list with NULs takes any name" $sign -0 --files-from list -o out.listed
is "and keeps them" "$(cd out.listed && find . -type f ! -path '*/.mailmill/*' -print0 | LC_ALL=C sort -z | od -c)" \
    "$(find good sub* -type f ! -path '*/.mailmill/*' -print0 | sed -z 's,^,./,' | LC_ALL=C sort -z | od -c)"

# Rejects name their files so that a list of them names the same ones.
cp -r good bad
find bad -type f -exec sh -c 'for f; do echo "Subject: no author" >"$f"; done' - {} +
refuse "messages without From" 1 $sign --rejects rejects -o out.bad bad
is "each is rejected once" "$(wc -l <rejects)" 29
refuse "the rejects fed back" 1 $sign --files-from rejects --rejects again -o out.again
is "are the same ones" "$(cat again)" "$(cat rejects)"
sed -i 's/^{"message"/ &/' again
refuse "lines that are no rows are names" 1 $verify --files-from again --rejects third -o third.ndjson
is "of files that are not there" "$(grep -c '"rejected":"vanished"' third)" 29

# Rows: one an input, in input order, and the message's name can be had back from each.
$verify -o rows.ndjson good "sub \"dir\"" 2>stats
is "a row for every input" "$(wc -l <rows.ndjson) $(stat_of stats inputs)" "58 58"
is "each with a name of its own" "$(sed 's/,"bytes".*//' rows.ndjson | LC_ALL=C sort -u | wc -l)" 58
check "every row is JSON" python3 -c 'import json,sys
for line in open("rows.ndjson", "rb"): json.loads(line.decode("utf-8"))'
"$mailmill" verify --keys none --quiet -o plain.ndjson good/plain.eml 'good/two  words.eml' good/Grüße.eml
is "names of UTF-8 stay as they are" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' plain.ndjson)" "good/plain.eml
good/two  words.eml
good/Grüße.eml"
check "no name of a file ran" test ! -e broken

# Members of mboxes: listed by name they go below their mbox' name, so that two mboxes do not meet.
for box in a b; do
    { printf 'From x Tue Nov 14 22:13:20 2023\n' && message example.com $box && echo; } | tr -d '\r' >$box.mbox
    cat $box.mbox >>$box.twice && cat $box.mbox >>$box.twice
done
printf 'a.mbox!0\nb.mbox!0\na.twice!%d\n' "$(stat -c %s a.mbox)" >list
check "members of several mboxes to a tree" $sign --files-from list -o members
is "each has a place of its own" "$(cd members && find . -name '*.eml' | LC_ALL=C sort)" "./a.mbox/000000000000.eml
./a.twice/$(printf %012d "$(stat -c %s a.mbox)").eml
./b.mbox/000000000000.eml"
cp a.mbox 'a.mbox!7'
printf 'a.mbox!7\n' >list
check "a file that has such a name comes first" $verify --files-from list -o seven.ndjson
is "it is that file" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' seven.ndjson | sort -u)" 'a.mbox!7!0'

# What is ours is no source.
mkdir -p ours/.mailmill && message example.com 3 >ours/.mailmill/3.eml && message example.com 4 >ours/4.eml
check "a tree with a working folder" $sign -o out.ours ours
is "the working folder is not read" "$(find out.ours -type f ! -path '*/.mailmill/*')" "out.ours/4.eml"
refuse "nor as a source" 64 $sign -o out.ours2 ours/.mailmill
printf 'ours/.mailmill/3.eml\n' >list
refuse "nor in a list" 64 $sign --files-from list -o out.ours2

# A line that is no path.
xs() { head -c "$1" /dev/zero | tr '\0' x; }
for option in "" -0; do
    xs 32768 >list
    says "a long line is read whole${option:+, with $option}" 64 "list: a name of 32768 bytes is no path" \
        $verify $option --files-from list -o out.long
    xs 32769 >list
    says "a longer one is not${option:+, with $option}" 64 "list: a line of more than 32768 bytes is no path" \
        $verify $option --files-from list -o out.long
    xs 20000000 | $verify $option --files-from - -o out.long 2>said
    is "one without end is left where that is known${option:+, with $option}" "${PIPESTATUS[*]} $(grep -c 'of more than 32768 bytes' said)" "141 64 1"
done
xs 32768 >list
printf '\r\none/5.eml\n' >>list
says "the end of a line does not count" 64 "list: a name of 32768 bytes" $verify --files-from list -o out.long

# Many names.
mkdir one && message example.com 5 >one/5.eml
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "none/%07d.eml\n", i; print "one/5.eml" }' >list
$verify --quiet --files-from list -o million.ndjson 2>stats
is "a list of a million names" "$? $(stat_of stats inputs) $(stat_of stats verified)" "1 1000001 1"
is "in its order" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' million.ndjson | cmp - list && echo same)" same
check "in bounded memory" test "$(($(stat_of stats peak_bytes) - $(stat_of stats names_bytes)))" -lt 67108864
plan

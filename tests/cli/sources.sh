#!/usr/bin/env bash
# sources.sh - what may be named as a source and as OUT, and what is refused before work.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now"
verify="$mailmill verify --keys $keys/zone --now $now"

mkdir -p a/sub b/a
message example.com 1 >a/1.eml
message example.com 2 >a/sub/2.eml
message example.com 3 >b/a/3.eml
message example.com 4 >lone.eml

refuse "a source that is not there" 66 $sign -o out nowhere
refuse "no source at all" 64 $sign -o out
check "one folder: OUT holds what it holds" $sign -o out1 a
is "same relative paths" "$(cd out1 && find . -type f ! -path '*/.mailmill/*' | LC_ALL=C sort)" "$(cd a && find . -type f ! -path '*/.mailmill/*' | LC_ALL=C sort)"
check "several: OUT holds each under its base name" $sign -o out2 a lone.eml
is "base names" "$(cd out2 && find . -type f ! -path '*/.mailmill/*' | LC_ALL=C sort)" "./a/1.eml
./a/sub/2.eml
./lone.eml"
refuse "equal base names" 64 $sign -o out3 a b/a
refuse "OUT inside a source" 64 $sign -o a/out a
refuse "a source inside OUT" 64 $sign -o . --overwrite a
is "nothing was made of them" "$(ls -d out out3 a/out 2>/dev/null)" ""

refuse "an OUT that holds something" 73 $sign -o out1 b
"$mailmill" sign $one --now $now -o out1 b 2>said
check "the words name --overwrite" grep -q -- --overwrite said
check "--overwrite writes into it" $sign --overwrite -o out1 a
mkdir empty
check "an empty folder may be OUT" $sign -o empty a
: >taken.mbox
refuse "an mbox that exists" 73 $sign -o taken.mbox a
check "unless it is to be overwritten" $sign --overwrite -o taken.mbox a
is "no part of it stays" "$(ls -d taken.mbox*)" "taken.mbox
taken.mbox.mailmill"
: >file
refuse "an OUT that is a file" 73 $sign -o file a
refuse "rows without a sink of rows" 64 $sign -o x.ndjson a

# A folder's .eml is one message each; an mbox is told by its first line, whatever its name.
check "sign to an mbox" $sign -o signed.mbox a b
is "three separators" "$(grep -c '^From ' signed.mbox)" 3
check "verify the mbox" $verify --require pass -o rows.ndjson signed.mbox
is "members are named by offset" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' rows.ndjson | head -n 1)" 'signed.mbox!0'
cp signed.mbox boxes.eml
mkdir boxes && mv boxes.eml boxes/
check "verify finds it in a folder, too" $verify --require pass -o rows2.ndjson boxes
is "with all its messages" "$(wc -l <rows2.ndjson)" 3
refuse "--source-format message reads it as one" 1 $verify --require pass --source-format message -o rows3.ndjson boxes
is "and says so in one row" "$(wc -l <rows3.ndjson)" 1
cat signed.mbox | $verify --require pass - >rows4.ndjson 2>/dev/null
is "from stdin as well" "$? $(sed 's/^{"message":"\([^"]*\)".*/\1/' rows4.ndjson | head -n 1)" '0 -!0'
refuse "sign takes such a file of a folder as one message" 0 $sign --signed-already sign -o asone boxes
is "and signs it once" "$(ls asone)" boxes.eml

# What is in the way of a tree.
mkdir -p odd/sub /"$tap_dir"/outside
message example.com 5 >odd/sub/5.eml
message example.com 6 >outside/6.eml
ln -s sub/5.eml odd/inside.eml
ln -s ../outside odd/out
ln -s gone odd/gone.eml
mkfifo odd/fifo
$verify --stats -o odd.ndjson odd >/dev/null 2>stats
is "links inside are skipped, others and FIFOs rejected" \
    "$(sed -n 's/^{"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' odd.ndjson)" \
    "odd/fifo special-file
odd/gone.eml dangling-link
odd/out link-outside"
is "and counted" "$(stat_of stats links_skipped) $(stat_of stats rejected) $(stat_of stats verified)" "1 3 1"
$verify --follow -o follow.ndjson odd >/dev/null 2>&1
is "--follow reads them" "$(sed -n 's/^{"message":"\([^"]*\)","bytes.*/\1/p' follow.ndjson)" "odd/inside.eml
odd/out/6.eml
odd/sub/5.eml"

# Lists of files.
printf 'a/1.eml\nlone.eml\n' | check_list=$($sign --files-from - -o listed 2>&1)
is "a list from stdin" "$? $(cd listed && find . -type f ! -path '*/.mailmill/*' | LC_ALL=C sort | tr '\n' ' ')" "0 ./a/1.eml ./lone.eml "
printf 'a/1.eml\0lone.eml\0' >list0
check "names that end in NUL" $sign --files-from list0 -0 -o listed0
printf '../x\n' >list && refuse "a name that leads out of OUT" 64 $sign --files-from list -o listed1
printf '/etc/hostname\n' >list && refuse "an absolute name" 64 $sign --files-from list -o listed1
is "refused before work" "$(ls -d listed1 2>/dev/null)" ""
printf '%s\n' "$tap_dir/lone.eml" >list
check "an mbox takes any name" $sign --files-from list -o listed.mbox
printf 'a/1.eml\nmissing.eml\na\n' >list
refuse "what a list names and is not there" 1 $sign --files-from list -o listed2
is "is rejected by name" "$(sed -n 's/^{"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' listed2/.mailmill/rejects.ndjson)" "missing.eml vanished
a not-a-file"

printf 'odd/out\nodd/inside.eml\nodd/gone.eml\n' >list
$verify --files-from list -o links.ndjson >/dev/null 2>&1
is "links of a list are not read unasked" \
    "$(sed -n 's/^{"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' links.ndjson)" "odd/out link-outside
odd/inside.eml link-outside
odd/gone.eml dangling-link"
check "--follow reads them" $verify --follow --files-from <(echo odd/inside.eml) -o links2.ndjson

# A message of an mbox by its name.
printf 'signed.mbox!0\n' >list
check "a member named as rows name it" $verify --require pass --files-from list -o member.ndjson
is "is that member" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' member.ndjson)" 'signed.mbox!0'
plan

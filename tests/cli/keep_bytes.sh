#!/usr/bin/env bash
# keep_bytes.sh - a signed message is the message that came, with new fields on top and nothing else changed.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1

mkdir "$tap_dir/in"
cd "$tap_dir/in" || exit 1
message example.com crlf >crlf.eml
message example.com lf | tr -d '\r' >lf.eml
{ message example.com mixed; printf 'a bare LF\nand a CRLF\r\na bare \r in it\n'; } >mixed.eml
{ message example.com nul; printf 'a NUL: \0, then more\0\r\n'; } >nul.eml
{ message example.com open; printf 'no line end here'; } >open.eml
{ message example.com cr; printf 'CR before a line end\r\r\n\r\r\nand at the end\r'; } >cr.eml
{ message example.com blanks; printf 'blanks \t \r\n\t\r\n\r\n\r\n'; } >blanks.eml
message example.com headonly | sed '/^\r$/,$d' >headonly.eml
message example.com emptybody | sed '/^\r$/q' >emptybody.eml
{ printf 'From sender@example.com Tue Nov 14 22:13:20 2023\n'; message example.com fromline | tr -d '\r'; } >fromline.eml
cd "$tap_dir" || exit 1

# The output without the fields that sign put on top: after the separator line, up to the first line that was there.
strip_new()
{
    /usr/bin/env perl -0777 -pe 's/\A(From [^\n]*\n)?(DKIM-Signature:[^\n]*\n([ \t][^\n]*\n)*)+/$1/' "$1"
}

same_but_for_new_fields()
{
    local file
    for file in in/*.eml; do
        strip_new "$1/$(basename "$file")" | cmp -s - "$file" || { echo "$file differs"; return 1; }
        grep -qa '^DKIM-Signature: ' "$1/$(basename "$file")" || { echo "$file is not signed"; return 1; }
    done
}

for way in uring threads; do
    io=$([ $way = uring ] && echo "$ring" || echo threads)
    check "a tree is signed with --io $io" "$mailmill" sign $one --io $io --now $now -o "out-$way" in
    check "every byte is kept with --io $io" same_but_for_new_fields "out-$way"
done
check "both ways of reading give the same tree" diff -r out-uring out-threads
check "what was signed verifies" "$mailmill" verify --keys "$keys/zone" --now $now --require pass -o rows.ndjson out-uring

# An mbox has line ends of its own, and the signatures hold in it all the same.
for canon in simple/simple relaxed/relaxed; do
    check "they are signed to an mbox, $canon" "$mailmill" sign $one --canon $canon --now $now --overwrite -o tree.mbox in
    check "all of it verifies" "$mailmill" verify --keys "$keys/zone" --now $now --require pass --overwrite -o rows.ndjson tree.mbox
    is "message by message" "$(wc -l <rows.ndjson)" "$(ls in | wc -l)"
done

# A message that begins with a "From " line of its own, behind another one: stored twice, or quoted by a host on the way.
twice() # SECOND-LINE-OF-THE-FIRST: an mbox of three
{
    printf 'From a@example.com Tue Nov 14 22:13:20 2023\n%sFrom b@example.com Tue Nov 14 22:13:21 2023\n' "$1"
    message example.com 1 | tr -d '\r'
    printf '\nFrom c@example.com Tue Nov 14 22:13:22 2023\n>From d@example.com Tue Nov 14 22:13:23 2023 remote from e\n'
    message example.com 2 | tr -d '\r'
    printf '\nFrom f@example.com Tue Nov 14 22:13:24 2023\n'
    message example.com 3 | tr -d '\r'
    printf '\n'
}
# The mbox without signatures.
strip_all() { /usr/bin/env perl -0777 -pe 's/^DKIM-Signature:[^\n]*\n([ \t][^\n]*\n)*//mg' "$1"; }
twice '' >twice.mbox
twice '>' >quoted.mbox
check "an mbox with two lines From before a message is signed" "$mailmill" sign $one --now $now -o twice.out.mbox twice.mbox
check "both are in what was signed, the second one quoted" cmp <(strip_all twice.out.mbox) quoted.mbox
"$mailmill" sign $one --now $now --quiet -o quoted.out.mbox quoted.mbox
check "as where it was quoted before" cmp quoted.out.mbox twice.out.mbox
"$mailmill" sign $one --now $now --quiet -o - - <twice.mbox >twice.stdout
check "as on standard output" cmp twice.stdout twice.out.mbox
is "fields stand below both" "$(grep -n '^DKIM-Signature' twice.out.mbox | head -n 1 | cut -d : -f 1)" 3
check "all of it verifies" "$mailmill" verify --keys "$keys/zone" --now $now --require pass --overwrite -o rows.ndjson twice.out.mbox
is "as three messages" "$(wc -l <rows.ndjson)" 3
"$mailmill" sign $one --now $now --quiet --signed-already skip -o twice.again.mbox twice.out.mbox
check "signed again it is the same" cmp twice.again.mbox twice.out.mbox
"$mailmill" sign $one --now $now --quiet -o twice twice.mbox
is "a tree has no such line, with which its files would be mboxes" "$(head -qn 1 twice/*.eml | cut -d : -f 1 | sort | uniq -c | tr -s ' ')" " 3 DKIM-Signature"
"$mailmill" sign $one --now $now --quiet -o twice.tar twice.mbox
mkdir untarred && tar -xf twice.tar -C untarred
check "nor has a tar" diff -r --exclude=.mailmill twice untarred

mkdir pickup
{ printf 'X-Sender: a@example.com\r\nX-Receiver: b@example.org\r\nFrom a@example.com Tue Nov 14 22:13:20 2023\r\n'; message example.com 1; } >pickup/1.eml
cp pickup/1.eml pickup.eml
"$mailmill" sign $one --now $now --quiet --source-format pickup -o picked pickup
"$mailmill" sign $one --now $now --quiet --source-format pickup --in-place pickup
check "a pickup file keeps it in place" cmp <(strip_all pickup/1.eml) pickup.eml
check "and in a tree" cmp picked/1.eml pickup/1.eml
is "behind the lines for the server, before the fields" "$(cut -d : -f 1 pickup/1.eml | head -n 4 | cut -c 1-6 | tr '\n' ' ')" "X-Send X-Rece From a DKIM-S "

cp -r in place
chmod 640 place/crlf.eml
check "a tree is signed in place" "$mailmill" sign $one --now $now --in-place place
check "every byte is kept in place" same_but_for_new_fields place
is "a file keeps its mode in place" "$(stat -c %a place/crlf.eml)" 640
is "of the working folders a journal stays" "$(find place out-uring -path "*/.mailmill/*" | LC_ALL=C sort | tr "\n" " ")" "out-uring/.mailmill/journal place/.mailmill/journal "
refuse "what is signed already is not signed again" 1 "$mailmill" sign $one --now $now --in-place place
check "nor with --signed-already skip" "$mailmill" sign $one --now $now --in-place --signed-already skip place
check "and it is as it was" same_but_for_new_fields place

check "one message goes to a .eml" "$mailmill" sign $one --now $now -o one.eml in/mixed.eml
check "it is the same as in a tree" cmp one.eml out-uring/mixed.eml
"$mailmill" sign $one --now $now -o - - <in/nul.eml >stdout.eml 2>/dev/null
check "stdin to stdout is the same as well" cmp stdout.eml out-uring/nul.eml

# The test itself: one changed byte must be noticed.
cp -r out-uring spoiled
sed -i 's/Dear/dear/' spoiled/crlf.eml
refuse "a changed byte would be noticed" 1 same_but_for_new_fields spoiled

# The new field has the line ends of the message's first line.
is "a CRLF message gets CRLF fields" "$(head -n 3 out-uring/crlf.eml | grep -c $'\r$')" 3
is "an LF message gets LF fields" "$(head -n 3 out-uring/lf.eml | grep -c $'\r$')" 0
is "the longest line of a new field is under 78 columns" \
    "$(sed -n '/^DKIM-Signature:/,/^[A-Z]/p' out-uring/crlf.eml | tr -d '\r' | awk 'length > 77' | wc -l)" 0

# Mail that others could not read stays so, in all that has a file a message.
(
    umask 022
    mkdir -p modes box/new box/cur box/tmp
    for mode in 600 640 644 666 400 000; do
        cp in/crlf.eml modes/$mode.eml
        chmod $mode modes/$mode.eml
    done
    cp in/crlf.eml box/new/1700000000.1.host
    chmod 600 box/new/1700000000.1.host
    [ "$(id -u)" = 0 ] || rm -f modes/000.eml
    sign="$mailmill sign $one --now $now --quiet"
    $sign -o modes-tree modes
    $sign --io threads -o modes-threads modes
    $sign --sink maildir -o modes-maildir modes/600.eml box
    $sign --sink pickup -o modes-pickup modes/600.eml
    : >modes-600.eml.part # left over, with what the umask gave it
    $sign -o modes-600.eml modes/600.eml
    $sign -o modes-666.eml modes/666.eml
    $sign -o modes-stdin.eml - <modes/600.eml
    "$mailmill" verify --keys none --quiet --authentication-results a.example --sink tree -o modes-verified modes-tree >/dev/null
    umask 077
    $sign -o modes-private modes
)
# modes_of FOLDER: NAME:MODE of each file
modes_of() { find "$1" -type f ! -path '*/.mailmill/*' -printf '%f:%m\n' | LC_ALL=C sort | tr '\n' ' '; }
for folder in modes-tree modes-threads modes-verified; do
    is "$folder: nobody gains a right" "$(modes_of $folder | sed 's/^000.eml:600 //')" "400.eml:600 600.eml:600 640.eml:640 644.eml:644 666.eml:644 "
done
is "the umask counts" "$(modes_of modes-private | tr ' ' '\n' | cut -d : -f 2 | sort -u | tr -d '\n')" 600
is "in a Maildir" "$(modes_of modes-maildir | grep -o ':600' | wc -l) $(modes_of modes-maildir | wc -w)" "2 2"
is "in a pickup folder" "$(modes_of modes-pickup | cut -d : -f 2)" "600 "
is "in a file of one message" "$(stat -c %a modes-600.eml modes-666.eml modes-stdin.eml | tr '\n' ' ')" "600 644 644 "
plan

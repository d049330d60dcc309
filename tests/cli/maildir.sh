# maildir.sh - a Maildir or pickup folder as output: other readers find every message whole, under names that do not change.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

# in_maildir DIR: what Python's mailbox finds in it: of each message its flags and the hash of its bytes, sorted.
in_maildir()
{
    "$python" - "$1" <<'END'
import hashlib, mailbox, sys
box = mailbox.Maildir(sys.argv[1], create=False)
for line in sorted(f"{box[k].get_subdir()} {box[k].get_flags()} {hashlib.sha256(box.get_bytes(k)).hexdigest()}" for k in box.keys()):
    print(line)
END
}
# lf_of DIR: the same of a tree's files, with LF line ends, as new messages
lf_of() { find "$1" -type f ! -path '*/.mailmill/*' | while read -r f; do echo "new  $(sed 's/\r$//' "$f" | sha256sum | cut -d ' ' -f 1)"; done | LC_ALL=C sort; }

# ---- what is written ----

make_spool spool 300
mkdir spool/deep && message example.com 1 >spool/deep/one.eml
$sign -o tree spool
$sign -o box --sink maildir --threads 1 spool
is "Python's mailbox reads every message, as the tree has it" "$(in_maildir box)" "$(lf_of tree)"
is "all of them are new, and nothing else is there" "$(ls -A box | grep -v "^.mailmill$" | tr '\n' ' ')$(ls box/cur box/tmp | grep -v :)" "cur new tmp "
check "each signature passes" $verify --require pass -o rows.ndjson box
is "every message has a row" "$(wc -l <rows.ndjson)" 301
$sign -o again --sink maildir --threads 4 --io threads spool
check "names and bytes do not depend on time, threads or reads" diff -r box again
ok "no line ends in CRLF" $(! grep -rq $'\r' box; echo $?)
$sign -o same --sink tree spool
check "--sink tree is what there is without it" diff -r -x .mailmill tree same

mkdir empty
check "an empty folder makes an empty Maildir" $sign -o none --sink maildir empty
is "Python reads it" "$(in_maildir none)" ""

# ---- line ends and From lines ----

mkdir lines
message example.com 1 | sed 's/\r$//' >lines/lf.eml
{ message example.com 2; printf 'ends in a CR\r\r\nlast\r\n'; } >lines/crs.eml
{ printf 'From sender Tue Nov 14 22:13:20 2023\n'; message example.com 3; } >lines/from.eml
message example.com 4 | head -c -2 >lines/no-end.eml
$sign -o lines.md --sink maildir lines
check "signatures pass whatever line ends there were" $verify --require pass -o lines.ndjson lines.md
is "a From line is left out" "$(grep -rl '^From sender' lines.md)" ""
$sign -o lines.pk --sink pickup lines
check "in a pickup folder too" $verify --require pass -o lines-pk.ndjson lines.pk
is "whose line ends are all CRLF" "$(cat lines.pk/*.eml | perl -0777 -ne 'print scalar(() = /(?<!\r)\n/g)')" 0
is "and whose names end in .eml" "$(ls -A lines.pk | grep -c '^[0-9a-f]\{32\}\.eml$') $(ls -A lines.pk | grep -vc '^.mailmill$')" "4 4"

# ---- flags, sources ----

mkdir -p old/cur old/new old/tmp
message example.com 1 >"old/cur/1.host:2,S"
message example.com 2 >"old/cur/2.host:2,FRS"
message example.com 3 >"old/cur/3.host:2,"
message example.com 4 >"old/cur/4.host"
message example.com 5 >"old/cur/5.host:2,S,x=1"
message example.com 6 >"old/new/6.host:2,S"
$sign -o kept --sink maildir old
is "flags of a Maildir's cur are kept" "$(in_maildir kept | cut -d ' ' -f 1-2 | sort | tr '\n' ',')" "cur ,cur FRS,cur S,new ,new ,new ,"

mkdir a b
message example.com 1 >a/1.eml
message example.com 1 >b/1.eml
$sign -o both --sink maildir a b
is "of several folders there is a Maildir each" "$(in_maildir both/a | wc -l) $(in_maildir both/b | wc -l) $(ls -A both | grep -v '^.mailmill$' | tr '\n' ' ')" "1 1 a b "
message example.com 7 >c.eml
message example.com 8 >d.eml
$sign -o files --sink maildir c.eml d.eml
is "files by themselves lie in one" "$(in_maildir files | wc -l)" 2
$sign -o all.mbox spool
$sign -o from-mbox --sink maildir --signed-already sign all.mbox
is "messages of an mbox too" "$(in_maildir from-mbox | wc -l)" 301
message example.com 9 | $sign -o from-stdin --sink maildir -
is "and one of standard input" "$(in_maildir from-stdin | wc -l)" 1

# ---- nothing is replaced unasked, nothing is half done ----

says "a Maildir that holds mail is not written to" 73 "--overwrite" $sign -o box --sink maildir spool
check "with --overwrite it is" $sign -o box --sink maildir --overwrite spool
check "and is as it was" diff -r box again
printf 'Subject: no author\n\nx\n' >spool/bad.eml
refuse "a message that is rejected" 1 $sign -o partly --sink maildir spool
is "is missing, the others are there" "$(in_maildir partly | wc -l) $(grep -c no-from partly/.mailmill/rejects.ndjson)" "301 1"
rm spool/bad.eml

# How a message comes to its name.
message example.com 1 >lone.eml
$sign -o lone --sink maildir lone.eml
name=$(basename lone/new/*)
rm -r lone
mkdir lone
if command -v strace >/dev/null && strace -o trace -f true 2>/dev/null; then
    ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=renameat,renameat2,openat $sign -o lone --sink maildir lone.eml
    is "it is made in tmp, and renamed into new when it is whole" \
        "$(grep -c "renameat2*([0-9]*, \"[^\"]*\.tmp\", [0-9]*, \"$name\"" trace) $(grep -c "O_CREAT.*$name" trace)" "1 0"
else
    skip "it is made in tmp, and renamed into new when it is whole" "strace may not trace here"
fi

# What a killed run left in tmp goes, whichever way the next one begins; what others deliver stays.
$sign -o left --sink maildir lone.eml
touch left/tmp/4194999-0-17.tmp left/tmp/1700000000.M1P2.host left/tmp/17-mine.tmp
$sign -o left --sink maildir --overwrite lone.eml
is "a run that begins anew clears its own names from tmp" "$(LC_ALL=C ls left/tmp | tr '\n' ' ')" "17-mine.tmp 1700000000.M1P2.host "
touch left/tmp/4194999-0-17.tmp
$verify --authentication-results mx -o left --sink maildir --overwrite lone.eml >/dev/null
is "so does one that hands on" "$(LC_ALL=C ls left/tmp | tr '\n' ' ')" "17-mine.tmp 1700000000.M1P2.host "

for bad in "-o x.mbox --sink maildir" "-o x.ndjson --sink tree" "-o - --sink pickup" "--sink maildir" "--in-place --sink tree" \
    "-o x --sink mh"; do
    refuse "'$bad' is a slip" 64 $sign $bad spool
done
plan

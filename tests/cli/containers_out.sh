#!/usr/bin/env bash
# containers_out.sh - tar, tar.zst, batch SMTP, mbox and rows of signatures, as others read them.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

long=$(printf 'n%.0s' $(seq 1 180))
mkdir -p in/sub "in/$long"
for n in 1 2 3; do message example.com $n >in/$n.eml; done
message example.com 4 | sed 's/\r$//' >in/4-lf.eml
message example.com 5 >in/sub/5.eml
message example.com 6 >"in/$long/$long.eml"
{ message example.com 7 && printf '.\r\n..two\r\n.\r\nFrom here\r\n\r\nFrom there\r\n.no end'; } >in/7-dots.eml
message example.com 8 >"in/$(printf 'd%.0s' $(seq 1 90)).eml"
check "a tree, to compare with" $sign -o tree in
find tree -name '*.eml' | LC_ALL=C sort >names

# What GNU tar takes out is what the tree has.
for out in out.tar out.tar.zst; do
    check "$out is written" $sign -o $out in
    mkdir x-$out
    case $out in
    *.zst) zstd -qdc $out ;;
    *) cat $out ;;
    esac | tar -xf - -C x-$out 2>tar.said
    is "$out: tar says nothing" "$(cat tar.said)" ""
    rm -rf tree/.mailmill
    is "$out: the same files" "$(diff -r tree x-$out 2>&1)" ""
    check "$out: and passes" $verify --require pass -o $out.ndjson $out
    check "$out: the same twice" $sign -o again-$out in
    is "$out: byte for byte" "$(cmp $out again-$out 2>&1)" ""
done
check "zstd accepts it, checksums and all" zstd -q -t out.tar.zst
# Frames are packed by several threads: which ones, and how many, must not show.
make_spool many 3000
check "frames of one thread" $sign --threads 1 -o one.tar.zst many
for threads in 2 3 8; do
    check "frames of $threads threads" $sign --threads $threads -o several.tar.zst many
    is "byte for byte the same" "$(cmp one.tar.zst several.tar.zst 2>&1)" ""
    rm -r several.tar.zst*
done
check "are four or more" test "$(zstd -lv one.tar.zst | sed -n 's/^Number of frames: //p; s/^# Zstandard Frames: //p')" -ge 4
if command -v bsdtar >/dev/null; then
    for out in out.tar out.tar.zst; do
        is "bsdtar lists $out" "$(bsdtar -tf $out | sed 's,^,tree/,' | LC_ALL=C sort)" "$(cat names)"
        mkdir b-$out && bsdtar -xf $out -C b-$out
        is "and takes the same files out" "$(diff -r tree b-$out 2>&1)" ""
    done
fi
is "Python's tarfile reads the names" "$(python3 -c 'import tarfile; [print("tree/" + n) for n in sorted(tarfile.open("out.tar").getnames(), key=lambda n: ("tree/" + n).encode())]')" "$(cat names)"
# The table at the end: frames, their lengths and checksums.
cat >table.py <<'PYTHON'
import struct, sys
data = open(sys.argv[1], "rb").read()
frames, flags, magic = struct.unpack("<IBI", data[-9:])
size = struct.unpack("<I", data[-9 - 12 * frames - 4:][:4])[0]
entries = [struct.unpack_from("<III", data, len(data) - 9 - 12 * (frames - i)) for i in range(frames)]
packed = sum(e[0] for e in entries)
print(hex(magic), flags, size == 12 * frames + 9, packed + 8 + size == len(data), sum(e[1] for e in entries))
PYTHON
is "the table fits the frames" "$(python3 table.py out.tar.zst)" "0x8f92eab1 128 True True $(stat -c %s out.tar)"

# Members lie below the folder where the tar is unpacked.
members() { python3 -c 'import sys, tarfile; print(*tarfile.open(sys.argv[1]).getnames())' "$1"; }
mkdir -p one/box two/box below
message example.com 1 >one/box/1.eml
message example.com 2 >two/box/1.eml
printf '%s\n' "$PWD/one/box/1.eml" below/../two/box/1.eml ./in/1.eml >list
check "a tar takes any names in a list" $sign -o any.tar --files-from list
is "and leaves out what leads out of it" "$(members any.tar)" "${PWD#/}/one/box/1.eml two/box/1.eml ./in/1.eml"
says "which is said once" 0 "mailmill sign: warning: names that lead out of the tar lose what does" \
    "$mailmill" sign $one --now $now -o said.tar --files-from list
is "and no more" "$(grep -c warning .says-err)" 1
check "as a tar.zst" $sign -o any.tar.zst --files-from list
is "with the same members" "$(zstd -qdc any.tar.zst | cmp - any.tar 2>&1)" ""
says "equal base names make equal members, which is said" 0 "mailmill sign: warning: one/box and two/box have the same base name" \
    "$mailmill" sign $one --now $now -o doubled.tar one/box two/box
is "and both are there" "$(members doubled.tar | tr ' ' '\n' | sort | uniq -c | sed 's/^ *//')" "2 box/1.eml"
python3 - <<'PYTHON'
import io, tarfile
with tarfile.open("evil.tar", "w") as out:
    for name in ("/abs/1.eml", "../../2.eml", "a/../../3.eml", ".."):
        data = open("in/1.eml", "rb").read()
        info = tarfile.TarInfo(name)
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
PYTHON
check "a tar with names that lead out is a source" $sign -o tame.tar evil.tar
is "and its members are inside" "$(members tame.tar)" "abs/1.eml 2.eml 3.eml unnamed.eml"

# Batch SMTP, read by a parser of Exim's description: commands, dots, CRLF.
cat >bsmtp.py <<'PYTHON'
import sys
from matrix import bsmtp_messages, read
for i, (sender, recipients, text) in enumerate(bsmtp_messages(read(sys.argv[1]))):
    print("<%s>" % sender.decode("utf-8", "backslashreplace"), *[r.decode("utf-8", "backslashreplace") for r in recipients])
    open("bsmtp-%d.eml" % i, "wb").write(text)
PYTHON
export PYTHONPATH=$MAILMILL_SOURCE_DIR/tests/support PYTHONDONTWRITEBYTECODE=1
check "batch SMTP is written" $sign -o out.bsmtp in
is "with an envelope each" "$(python3 bsmtp.py out.bsmtp | sort -u)" "<author@example.com> reader@example.org"
i=0
same=0
while read -r name; do
    # Its line ends are CRLF, the last one included.
    { cat "$name" && [ "${name##*/}" != 7-dots.eml ] || echo; } | sed 's/\r$//; s/$/\r/' | cmp -s - bsmtp-$i.eml && same=$((same + 1))
    i=$((i + 1))
done <names
is "and the messages of the tree" "$same of $i" "8 of 8"
check "it passes when read back" $verify --require pass -o bsmtp.ndjson out.bsmtp
printf 'MAIL FROM:<>\nRCPT TO:<one@example.org>\nRCPT TO:<"o d"@example.net>\nDATA\n' >env.bsmtp
sed 's/\r$//' in/1.eml >>env.bsmtp
printf '.\n' >>env.bsmtp
check "an envelope that came with a message" $sign -o env-out.bsmtp env.bsmtp
is "goes with it" "$(python3 bsmtp.py env-out.bsmtp)" '<> one@example.org "o d"@example.net'

# Envelopes out of headers, hostile ones among them.
mkdir who
cat >who/1.eml <<'EOF'
Return-Path: <bounce+1@example.com>
From: Author <author@example.com>
To: A <a@example.org>, "B, b" <b@example.org>, Group: c@example.org, d@example.org;
Cc: "quoted local"@example.org (a comment, with@example.org in it)
Bcc: e@example.org
Subject: x

x
EOF
printf 'From: author@example.com\nTo: "a\\\rRSET"@example.org, ok@example.org\n\nx\n' >who/2.eml
printf 'From: author@example.com\nSubject: nobody\n\nx\n' >who/3.eml
printf 'Return-Path: <>\nFrom: author@example.com\nTo: f@example.org\n\nx\n' >who/4.eml
refuse "one names no recipient" 1 $sign -o who.bsmtp --rejects who.rejects who
is "and is named" "$(sed -n 's/.*"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' who.rejects)" "who/3.eml no-recipient"
is "the others have theirs" "$(python3 bsmtp.py who.bsmtp)" '<bounce+1@example.com> a@example.org b@example.org c@example.org d@example.org "quoted local"@example.org e@example.org
<author@example.com> ok@example.org
<> f@example.org'

# An mbox, as Python's mailbox reads it: it leaves the quoting in place.
check "an mbox is written" $sign -o out.mbox in
python3 - <<'PYTHON' >mbox.said
import mailbox, re
from matrix import lf_ended, read
box = mailbox.mbox("out.mbox", create=False)
texts = [re.sub(rb"(?m)^>(>*From )", rb"\1", box.get_bytes(k)) for k in box.keys()]
names = open("names").read().split("\n")[:-1]
print(len(texts), sum(text == lf_ended(read(name)) for text, name in zip(texts, names)))
PYTHON
is "Python's mailbox reads the messages of the tree" "$(cat mbox.said)" "8 8"

# A file of one message is no mbox of one: no separator, nothing quoted.
printf 'From a@example.com Tue Nov 14 22:13:20 2023\n' >separator
printf 'From: author@example.com\nSubject: quoted\n\n>From here\n\n' >body
{ cat separator; cat body; } >single.mbox
sed 's/^>From/From/; $d' body >plain.eml
check "an mbox of one message goes into an .eml" $sign -o single.eml single.mbox
check "as the same message would from a file" $sign -o plain-signed.eml plain.eml
is "byte for byte" "$(cmp single.eml plain-signed.eml 2>&1)" ""
check "so it does from standard input" sh -c "$sign -o piped.eml - <single.mbox"
is "with the same bytes" "$(cmp piped.eml single.eml 2>&1)" ""
check "and passes as one message" $verify --require pass -o single.ndjson single.eml
is "under the name of the file" "$(sed 's/^{"message":"\([^"]*\)".*/\1/' single.ndjson)" single.eml
{ cat single.mbox separator body separator body; } >several.mbox
refuse "of several on standard input it takes the first" 1 sh -c "$sign -o first.eml --rejects further - <several.mbox"
is "which is whole" "$(cmp first.eml single.eml 2>&1)" ""
is "and names the others" "$(sed -n 's/.*"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' further | paste -sd ' ')" \
    "-!$(stat -c %s single.mbox) several-messages -!$((2 * $(stat -c %s single.mbox))) several-messages"

# Rows of signatures: what a mail system puts on top by itself.
check "rows of signatures" $sign --sink signatures -o sig.ndjson in
cat >insert.py <<'PYTHON'
import json, os
for line in open("sig.ndjson"):
    row = json.loads(line)
    path = os.path.join("inserted", os.path.relpath(row["message"], "in"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(row["fields"].encode("latin-1") + open(row["message"], "rb").read())
PYTHON
python3 insert.py
is "inserted, they make the tree" "$(diff -r tree inserted 2>&1)" ""
refuse "and go to no folder" 64 $sign --sink signatures -o folder in
refuse "nor are rows written without asking" 64 $sign -o rows.ndjson in

# What a full device or a signal leaves: no OUT under its name.
for out in full.tar full.tar.zst full.bsmtp; do
    (ulimit -f 2; trap '' XFSZ; $sign -o $out in) >/dev/null 2>&1
    is "$out: a limit on the file's size is an I/O error" "$? $(ls $out 2>/dev/null)" "74 "
done
refuse "what exists is not replaced" 73 $sign -o out.tar in
plan

#!/usr/bin/env bash
# mail_folders.sh - folders as other programs keep them, made by other writers: Maildir, Maildir++, MH; archives in folders.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/rows.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

mkdir plain
for n in 1 2 3 4 5 6 7 8; do message example.com $n >plain/$n.eml; done
$sign -o signed plain

# names ROWS: the messages, as rows name them
names() { sed -n 's/^{"message":"\([^"]*\)".*/\1/p' "$1"; }

# ---- Maildir ----

"$python" - <<'END'
import mailbox, os
box = mailbox.Maildir("box", create=True)
sent = box.add_folder("Sent")
for n in range(1, 9):
    m = mailbox.MaildirMessage(open(f"signed/{n}.eml", "rb").read())
    if n % 2:
        m.set_subdir("cur")
        m.set_flags("S")
    (sent if n > 6 else box).add(m)
open("box/tmp/half", "wb").write(b"From: half")
open("box/.Sent/tmp/half", "wb").write(b"From: half")
open("box/dovecot-uidlist", "w").write("3 V1 N1\n")
open("box/cur/.nfs000001", "wb").write(b"gone")
END
verified "a Maildir by Python: new and cur, and those of its folder" "0 8 pass" box
is "its names are paths" "$(names rows.ndjson | sed 's,/[^/]*$,,' | LC_ALL=C sort | uniq -c | sed 's/^ *//' | paste -sd ' ')" \
    "1 box/.Sent/cur 1 box/.Sent/new 3 box/cur 3 box/new"
verified "--source-format maildir is the same" "0 8 pass" --source-format maildir box
refuse "and refuses what is none" 64 $verify --source-format maildir -o no.ndjson box/cur
$verify --source-format maildir -o no.ndjson signed 2>said
check "in words" grep -q 'signed is no folder with new, cur and tmp' said
$sign --signed-already sign -o tree box
is "sign reads it the same way" "$(find tree -type f ! -path '*/.mailmill/*' | sed 's,/[^/]*$,,' | LC_ALL=C sort | uniq -c | sed 's/^ *//' | paste -sd ' ')" \
    "1 tree/.Sent/cur 1 tree/.Sent/new 3 tree/cur 3 tree/new"
cp -r box mine
$sign --signed-already sign --in-place mine
is "in place tmp is left alone" "$(cat mine/tmp/half) $(grep -c '^DKIM-Signature' mine/cur/*S | cut -d : -f 3 | paste -sd ' ')" "From: half 2 2 2"

# ---- MH ----

"$python" - <<'END'
import mailbox
box = mailbox.MH("mh", create=True)
for n in range(1, 8):
    box.add(open(f"signed/{n}.eml", "rb").read())
box.set_sequences({"unseen": [1, 2]})
mailbox.MH("mh/inner", create=True).add(open("signed/8.eml", "rb").read())
END
cp mh/3 'mh/,3'
printf 'cache' >mh/.xmhcache
verified "MH by Python: neither what it deleted nor what it notes" "0 8 pass" mh
is "the names are its numbers" "$(names rows.ndjson | paste -sd ' ')" "mh/1 mh/2 mh/3 mh/4 mh/5 mh/6 mh/7 mh/inner/1"
verified "without MH's own files every file is an input" "0 1 none 2 pass" \
    "$(mkdir odd && cp signed/1.eml odd/,1 && cp signed/2.eml odd/2 && message example.com 9 >odd/.3 && echo odd)"

# ---- archives in a folder ----

mkdir -p spool/deep
tar -cf spool/deep/a.tar signed/1.eml signed/2.eml
tar -czf spool/deep/b.data signed/3.eml signed/4.eml
zstd -q -o spool/c.eml.zst signed/5.eml
{
    printf 'MAIL FROM:<a@example.com>\nRCPT TO:<b@example.org>\nDATA\n'
    sed 's/^\./../; s/\r$//' signed/6.eml
    printf '.\nQUIT\n'
} >spool/d.bsmtp
"$python" - <<'END'
import mailbox
box = mailbox.mbox("spool/e")
for n in (7, 8):
    box.add(open(f"signed/{n}.eml", "rb").read().replace(b"\r\n", b"\n"))
box.close()
END
gzip -k spool/e
verified "a folder of archives: tar, batch SMTP, mbox, packed or not" "0 10 pass" spool
is "members are named as those of operands" "$(names rows.ndjson | sed '/!0$/!s/![1-9][0-9]*$/!N/' | paste -sd ' ')" \
    "spool/c.eml.zst spool/d.bsmtp!0 spool/deep/a.tar!signed/1.eml spool/deep/a.tar!signed/2.eml spool/deep/b.data!signed/3.eml spool/deep/b.data!signed/4.eml spool/e!0 spool/e!N spool/e.gz!0 spool/e.gz!N"
cp rows.ndjson once.ndjson
for n in 1 4; do
    rm -f rows.ndjson
    $verify --threads $n --io threads -o rows.ndjson spool
    check "rows are the same, $n workers" cmp once.ndjson rows.ndjson
done
verified "a name in a list of files is looked into, too" "0 2 pass" --files-from - <<<spool/deep/b.data
names rows.ndjson >list
verified "and so are its members" "0 2 pass" --files-from - <list
is "by the same names" "$(names rows.ndjson)" "$(cat list)"
$verify --authentication-results mx.example --sink tree -o handed spool >rows.handed
is "with --sink tree each archive is a folder" "$(cd handed && find . -type f -name '*.eml' | sed 's,/0*[1-9][0-9]*\.eml$,/N.eml,' | LC_ALL=C sort | paste -sd ' ')" \
    "./c.eml.zst/c.eml ./d.bsmtp/000000000000.eml ./deep/a.tar/signed/N.eml ./deep/a.tar/signed/N.eml ./deep/b.data/signed/N.eml ./deep/b.data/signed/N.eml ./e.gz/000000000000.eml ./e.gz/N.eml ./e/000000000000.eml ./e/N.eml"
$sign --stats --signed-already sign -o asone spool 2>said
is "sign takes each file as one message, so that none smuggles a second one in" "$(stat_of said inputs) $(stat_of said rejected)" "6 4"
is "the one with a From line and a header is signed once" "$(grep -c '^DKIM-Signature: .*s=m1' asone/e)" 3

# What is damaged costs one reject, and what is before it is read.
mkdir bad
head -c 2500 spool/deep/a.tar >bad/short.tar
head -c $(($(stat -c %s spool/e.gz) - 30)) spool/e.gz >bad/short.gz
{ cat spool/d.bsmtp; printf 'MAYL\n'; } >bad/line.bsmtp
verified "damaged archives in a folder" "1 2 damaged-archive 3 pass 1 truncated-archive" bad

# Bombs: a gigabyte of nothing in one file, and one message over the limit between two that are whole.
mkdir bombs
head -c 1G /dev/zero | gzip -1 >bombs/a.gz
head -c 1G /dev/zero | zstd -q -o bombs/b.zst
"$python" - <<'END'
import io, tarfile
t = tarfile.open("bombs/c.tar.gz", "w:gz", compresslevel=1)
for name, size in (("one.eml", 0), ("huge.eml", 300 << 20), ("two.eml", 0)):
    body = open("signed/1.eml", "rb").read() + b"x" * size
    i = tarfile.TarInfo(name)
    i.size = len(body)
    t.addfile(i, io.BytesIO(body))
t.close()
END
verified "bombs are named, and what is around them is read" "1 3 message-too-large 2 pass" --memory 64M --threads 2 bombs
[ -n "$MAILMILL_SANITIZE" ] || ok "in bounded memory: $(stat_of said peak_bytes) bytes" $(($(stat_of said peak_bytes) > 100 * 1048576))

# Many files that all need memory at once: nobody waits for ever.
mkdir many
for n in $(seq 1 24); do
    { cat signed/1.eml; head -c 9M /dev/zero | tr '\0' '\n'; } | gzip -1 >many/$n.gz
done
rm -f rows.ndjson
timeout 120 $mailmill verify --keys "$keys/zone" --now $now --quiet --memory 48M --threads 4 -o rows.ndjson many
is "large messages in packed files share little memory" "$? $(rows rows.ndjson)" "0 24 pass"
plan

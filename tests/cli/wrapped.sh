#!/usr/bin/env bash
# wrapped.sh - files that wrap one message: emlx, pickup, Postfix queue files made by its own sendmail.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/rows.sh" || exit 1
cd "$tap_dir" || exit 1
PATH=$PATH:/usr/sbin
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

mkdir plain
for n in 1 2 3; do message example.com $n >plain/$n.eml; done
printf '.\r\n..two\r\n\r\nFrom there\r\n%s\r\nend\r\n' "$(head -c 5000 /dev/zero | tr '\0' q)" >>plain/2.eml
$sign -o signed plain
for f in signed/*.eml; do tr -d '\r' <$f >$f.lf; done


# ---- emlx ----

mkdir emlx
for n in 1 2 3; do
    {
        printf '%-11s\n' "$(wc -c <signed/$n.eml.lf)"
        cat signed/$n.eml.lf
        printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>flags</key><integer>1</integer></dict></plist>\n'
    } >emlx/$n.emlx
done
verified "a folder of emlx" "0 3 pass" emlx
gzip -k emlx/2.emlx && mkdir emlx-packed && mv emlx/2.emlx.gz emlx-packed/
verified "packed, in a folder" "0 1 pass" emlx-packed
verified "packed, by name" "0 1 pass" emlx-packed/2.emlx.gz
verified "from standard input" "0 1 pass" - <emlx/2.emlx
check "sign takes one that is named" $sign --signed-already sign -o one.eml emlx/2.emlx
is "its message comes out, without what was around it" "$(sed '1,/^DKIM-Signature/{/^DKIM-Signature/!d}' one.eml | tail -n 1) $(grep -c plist one.eml)" "end 0"
$sign --signed-already sign --source-format emlx -o tree emlx
is "a folder with --source-format" "$(grep -L plist tree/*.emlx | wc -l)" 3
$sign --stats --signed-already sign -o as-is emlx 2>said
is "in a folder without it a file is a message as it lies there" "$(grep -l plist as-is/*.emlx 2>/dev/null | wc -l)" "$(stat_of said signed)"
cp -r emlx kept
refuse "none is replaced" 1 $sign --signed-already sign --source-format emlx --in-place kept
check "and all are as they were" cmp kept/1.emlx emlx/1.emlx
mkdir bad
sed '1s/.*/99999999/' emlx/1.emlx >bad/long.emlx
sed '1s/.*/12/' emlx/1.emlx >bad/short.emlx
verified "lengths that are wrong are named" "1 2 damaged-wrapping" bad
verified "what is none is named, where it must be one" "1 1 wrong-form" --source-format emlx signed/1.eml

# ---- pickup ----

mkdir pickup
for n in 1 2 3; do
    printf 'X-Sender: bounce%s@example.com\r\nX-Receiver: <a@example.org> NOTIFY=NEVER\r\nX-receiver: b@example.org\r\n' $n | cat - signed/$n.eml >pickup/$n.eml
done
verified "a folder of pickup files" "0 3 pass" pickup
for n in 1 2 3; do printf 'X-Sender: bounce@example.com\r\nX-Receiver: a@example.org\r\n' | cat - plain/$n.eml >pickup/$n.eml; done
$sign --source-format pickup -o picked pickup
is "signed: the lines stay on top" "$(head -n 2 picked/2.eml | tr -d '\r' | paste -sd ' ') $(sed -n 3p picked/2.eml | cut -c 1-15)" \
    "X-Sender: bounce@example.com X-Receiver: a@example.org DKIM-Signature:"
verified "and are not signed" "0 3 pass" picked
tail -n +3 picked/2.eml >without.eml
verified "a mail server takes them off" "0 1 pass" without.eml
$sign --source-format pickup --sink pickup -o sink pickup
is "a pickup folder gets them, too" "$(head -qn 1 sink/*.eml | tr -d '\r' | sort | uniq -c | sed 's/^ *//')" "3 X-Sender: bounce@example.com"
$sign --source-format pickup -o out.mbox pickup
is "an mbox does not" "$(grep -c '^From ' out.mbox) $(grep -c '^X-Sender' out.mbox)" "3 0"
$sign --source-format pickup -o out.bsmtp pickup
is "batch SMTP gets the envelope" "$(tr -d '\r' <out.bsmtp | grep -E '^(MAIL|RCPT)' | sort | uniq -c | sed 's/^ *//' | paste -sd ' ')" \
    "3 MAIL FROM:<bounce@example.com> 3 RCPT TO:<a@example.org>"
cp -r pickup mine
$sign --source-format pickup --in-place mine
is "in place, the same" "$(cat mine/2.eml | sha256sum)" "$(cat picked/2.eml | sha256sum)"
printf 'X-Sender: me\r\n' | cat - signed/1.eml >one-line.eml
verified "X-Sender alone is a field of the message" "0 1 pass" one-line.eml
is "of which nothing is taken off" "$(sed -n 's/.*"bytes":\([0-9]*\),.*/\1/p' rows.ndjson)" "$(wc -c <one-line.eml)"

# ---- Postfix: files by its sendmail, with a configuration of our own; postcat reads the same ----

mkdir -p postfix/etc postfix/queue/{maildrop,pid,public}
chmod 755 . postfix postfix/*
printf 'compatibility_level = 3.6\nqueue_directory = %s/postfix/queue\ndata_directory = %s/postfix\nmyhostname = host.example.com\n' "$PWD" "$PWD" >postfix/etc/main.cf
: >postfix/etc/master.cf
export MAIL_CONFIG=$PWD/postfix/etc
if [ "$(id -u)" = 0 ] && command -v postcat >/dev/null; then
    for n in 1 2 3; do
        sendmail -i -f "bounce$n@example.com" a@example.org "b$n@example.org" <signed/$n.eml.lf 2>/dev/null
    done
    mkdir queue && cp postfix/queue/maildrop/* queue/
else # its record format, as written by the program above
    mkdir queue
    python3 - <<'END'
def record(kind, data):
    n, length = len(data), b""
    while n > 127:
        length, n = length + bytes([n & 127 | 128]), n >> 7
    return kind + length + bytes([n]) + data
for k in "123":
    out = record(b"T", b"1795352588 644817") + record(b"A", b"rewrite_context=local") + record(b"F", b"root")
    out += record(b"S", b"bounce%s@example.com" % k.encode()) + record(b"R", b"a@example.org")
    out += record(b"R", b"b%s@example.org" % k.encode()) + record(b"M", b"")
    for line in open(f"signed/{k}.eml.lf", "rb").read().split(b"\n")[:-1]:
        while len(line) > 2048:
            out, line = out + record(b"L", line[:2048]), line[2048:]
        out += record(b"N", line)
    open(f"queue/{k}", "wb").write(out + record(b"X", b"") + record(b"E", b""))
END
fi
is "there are queue files" "$(ls queue | wc -l)" 3
verified "a folder of them" "0 3 pass" queue
if command -v postcat >/dev/null; then
    for f in queue/*; do
        postcat -bh "$f" >cat.eml 2>/dev/null
        $mailmill verify --quiet --extract "$f" -o - >ours.eml
        check "postcat reads the same message" cmp cat.eml ours.eml
    done
fi
$sign --signed-already sign --source-format postfix -o queue.bsmtp queue
is "the envelope goes with the message" "$(tr -d '\r' <queue.bsmtp | grep -E '^(MAIL|RCPT)' | LC_ALL=C sort | paste -sd ' ')" \
    "MAIL FROM:<bounce1@example.com> MAIL FROM:<bounce2@example.com> MAIL FROM:<bounce3@example.com> RCPT TO:<a@example.org> RCPT TO:<a@example.org> RCPT TO:<a@example.org> RCPT TO:<b1@example.org> RCPT TO:<b2@example.org> RCPT TO:<b3@example.org>"
verified "what is signed so passes" "0 3 pass" queue.bsmtp
mkdir cut
for f in queue/*; do head -c 800 "$f" >"cut/${f#*/}"; done
verified "cut short they are named" "1 3 damaged-wrapping" cut
plan

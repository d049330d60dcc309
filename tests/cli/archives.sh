#!/usr/bin/env bash
# archives.sh - messages in tar, batch SMTP and mbox, packed or not, written by other programs.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

# Signed messages, some with lines that containers have to quote, one with a long name.
long=$(printf 'n%.0s' $(seq 1 180))
mkdir -p plain/sub "plain/$long"
for n in 1 2 3 4 5 6; do message example.com $n >plain/$n.eml; done
message example.com 7 >plain/sub/7.eml
message example.com 8 >"plain/$long/$long.eml"
printf '.\r\n..two dots\r\n.\r\nFrom here on\r\n\r\nFrom there\r\n>From quoted\r\nend\r\n' >>plain/3.eml
check "the messages are signed" $sign -o signed plain
sed -i 's/\r$//' signed/5.eml # a mail system stores lines as LF
find signed -name '*.eml' | LC_ALL=C sort >names

# rows FILE: result of each message, in order
rows()
{
    sed 's/.*"from_domain":"[^"]*","result":"\([a-z]*\)".*/\1/' "$1" | sort | uniq -c | sed 's/^ *//'
}
# all_pass NAME SOURCE [COUNT]: 8 messages (or COUNT), each passes
all_pass()
{
    local count=${3-8} code=0
    rm -f rows.ndjson
    case $2 in
    -*) $verify -o rows.ndjson - <"${2#-}" 2>said || code=$? ;;
    *) $verify -o rows.ndjson "$2" 2>said || code=$? ;;
    esac
    is "$1" "$code: $(rows rows.ndjson)" "0: $count pass"
}

for format in ustar pax gnu v7; do
    what="signed"
    # Neither has room for the long name.
    [ $format = v7 ] || [ $format = ustar ] && what="signed/1.eml signed/2.eml signed/3.eml signed/4.eml signed/5.eml signed/6.eml signed/sub/7.eml"
    tar --format=$format -cf $format.tar --exclude=.mailmill $what 2>/dev/null
done
tar -cf whole.tar signed
check "a tar of an output has what the run kept beside it" grep -q signed/.mailmill/journal whole.tar
all_pass "which is no source there either" whole.tar
zip -qr whole.zip signed
check "nor in a zip: that has it too" grep -q signed/.mailmill/journal whole.zip
all_pass "and it is passed over" whole.zip
mkdir beside
$sign -o beside/1.eml plain/1.eml
$sign -o beside/2.eml plain/2.eml
tar -cf beside.tar beside
zip -qr beside.zip beside
check "what a run keeps beside a file is there too" grep -q beside/1.eml.mailmill/journal beside.tar
for source in beside beside.tar beside.zip; do all_pass "and is no source: $source" $source 2; done
mkdir maildir maildir/new maildir/cur maildir/tmp maildir/.lists.mailmill
mkdir maildir/.lists.mailmill/new maildir/.lists.mailmill/cur maildir/.lists.mailmill/tmp
cp beside/1.eml maildir/cur/1
cp beside/2.eml maildir/.lists.mailmill/cur/2
all_pass "mail is, in a folder of such a name" maildir 2
mv beside beside.mailmill
tar -cf beside.tar beside.mailmill
zip -qr beside2.zip beside.mailmill
for source in beside.mailmill beside.tar beside2.zip; do all_pass "and in one that holds such folders: $source" $source 2; done
find "$PWD/beside.mailmill" -name '*.eml' -type f >beside.list
is "also where it is listed" "$($verify --files-from beside.list | grep -c '"result":"pass"')" 2
all_pass "GNU tar, ustar" ustar.tar 7
all_pass "GNU tar, pax" pax.tar
all_pass "GNU tar, long names" gnu.tar
all_pass "a tar of before POSIX" v7.tar 7
all_pass "from standard input" -pax.tar
python3 - <<'PYTHON'
import mailbox, tarfile
t = tarfile.open("python.tar", "w:gz", format=tarfile.PAX_FORMAT)
box = mailbox.mbox("python.mbox")
for n in open("names").read().split("\n")[:-1]:
    t.add(n)
    box.add(open(n, "rb").read().replace(b"\r\n", b"\n"))
t.add("signed", recursive=False)
t.close()
box.close()
PYTHON
all_pass "Python's tarfile, packed: told by content, not by name" python.tar
mv python.tar python.tar.gz
all_pass "and with the other name" python.tar.gz
is "members are named as the tar names them" "$(sed -n 's/^{"message":"\([^"]*\)".*/\1/p' rows.ndjson | head -n 1)" 'python.tar.gz!signed/1.eml'
for tool in gzip zstd; do
    $tool -c -k pax.tar >packed.$tool
done
all_pass "a tar packed with gzip" packed.gzip
all_pass "a tar packed with zstd" packed.zstd
head -c 20000 pax.tar | zstd -q >frames.zst
tail -c +20001 pax.tar | zstd -q >>frames.zst
all_pass "of several frames" frames.zst
gzip -c signed/1.eml >lone.eml.gz
all_pass "one packed message" lone.eml.gz 1
is "is named as its file" "$(sed -n 's/^{"message":"\([^"]*\)".*/\1/p' rows.ndjson)" lone.eml.gz
check "and signed into a tree" $sign --signed-already sign -o unpacked lone.eml.gz
is "without the suffix of the packing" "$(ls unpacked)" lone.eml

# An mbox by Python quotes as mboxo: `>From ` is left alone. Number 3 has lines of both kinds, so it has too many '>' in
# the one reading, and too few in the other.
gzip -k python.mbox
rm -f rows.ndjson
$verify -o rows.ndjson python.mbox.gz 2>/dev/null
is "Python's mbox, packed: all but the one that no reading of the whole gives back" "$(rows rows.ndjson)" "1 fail
7 pass"
mkdir quotes
for n in 1 2 3 4 5 6; do message example.com 1$n >quotes/$n.eml; done
printf '>From here on\r\n\r\n>>From there\r\n' >>quotes/1.eml
printf 'From here on\r\n\r\nFrom there\r\n' >>quotes/2.eml
printf '>From here on\r\n' >>quotes/3.eml
sed -i 's/^Subject/>From: x\r\nSubject/' quotes/5.eml
$sign -o quoted quotes
$sign --canon simple/simple -o simple quotes
python3 - <<'PYTHON'
import mailbox
box, crlf = mailbox.mbox("quoted.mbox"), open("simple.mbox", "wb")
for n in "123456":
    box.add(open(f"quoted/{n}.eml", "rb").read().replace(b"\r\n", b"\n"))
    m = open(f"simple/{n}.eml", "rb").read().replace(b"\r\nFrom ", b"\r\n>From ")
    crlf.write(b"From x Tue Nov 14 22:13:20 2023\r\n" + m + b"\r\n")
box.close()
crlf.close()
PYTHON
for box in quoted simple; do
    all_pass "mboxo, $box: what had its '>' before, and what got it" $box.mbox 6
    is "a row tells which message has the other reading" \
        "$(grep -n '"reading":"mboxo"' rows.ndjson | cut -d : -f 1 | paste -sd ' ') $(grep -c reading rows.ndjson)" "1 3 2"
    is "the message is as long as it is in that reading" "$(sed -n '1,3s/.*"bytes":\([0-9]*\),.*/\1/p' rows.ndjson | paste -sd ' ')" \
        "$(for n in 1 2 3; do if [ $box = quoted ]; then tr -d '\r' <quoted/$n.eml; else cat simple/$n.eml; fi | wc -c; done | paste -sd ' ')"
    mkdir in-$box && cp $box.mbox in-$box/a
    all_pass "the same in a folder" in-$box 6
    $verify --authentication-results mx.example --sink tree -o handed-$box $box.mbox >/dev/null
    rm -f rows.ndjson
    $verify -o rows.ndjson handed-$box
    explained=$($mailmill verify --keys "$keys/zone" --now $now --quiet --explain "$box.mbox!0" --json | grep -c '"body_hash":"ok"')
    is "an explanation is of the same reading" "$explained" 1
    is "and the message comes out as mboxrd has it" "$($mailmill verify --quiet --extract "$box.mbox!0" -o - | grep -c '^From here on')" 1
    is "handed on, each still passes" "$(rows rows.ndjson)" "6 pass"
done
sed 's/^the body/THE BODY/; s/^Hello/HELLO/' quoted.mbox | sed 's/^>From/>From now/' >neither.mbox
rm -f rows.ndjson
$verify -o rows.ndjson neither.mbox
is "where no reading matches it is read as mboxrd" "$(rows rows.ndjson | head -n 1) $(grep -c reading rows.ndjson)" "3 fail 0"
# Batch SMTP as Exim's -bS reads it.
bsmtp()
{
    echo "HELO client.example.org"
    while read -r name; do
        printf 'MAIL FROM:<bounce@example.com>\nRCPT TO:<a@example.org>\nRCPT TO:<b@example.org>\nDATA\n'
        sed 's/^\./../; s/\r$//' "$name"
        printf '.\n'
    done <names
    echo QUIT
}
bsmtp >batch.bsmtp
all_pass "batch SMTP" batch.bsmtp
bsmtp | sed 's/$/\r/' | zstd -q >batch.crlf
all_pass "batch SMTP with CRLF, packed" batch.crlf
all_pass "batch SMTP from standard input" -batch.bsmtp

# mboxcl2: lengths, and nothing quoted.
while read -r name; do
    printf 'From bounce@example.com Tue Nov 14 22:13:20 2023\n'
    sed 's/\r$//' "$name" | sed '/^$/q' | sed '$d'
    printf 'Content-Length: %s\n\n' "$(sed 's/\r$//' "$name" | sed '1,/^$/d' | wc -c)"
    sed 's/\r$//' "$name" | sed '1,/^$/d'
    echo
done <names >cl2.mbox
rm -f rows.ndjson
$verify --source-format mboxcl2 -o rows.ndjson cl2.mbox 2>/dev/null
is "mboxcl2 by its lengths" "$(rows rows.ndjson)" "8 pass"
printf 'From a\nContent-Length: 4\nFrom: a@example.com\n\nx\n\n\n\nFrom b\nContent-Length: 2\n\nx\n\n' >empty-lines.mbox
is "empty lines that a length counts are the message's" "$($mailmill verify --quiet --source-format mboxcl2 --extract 'empty-lines.mbox!0' -o - | tail -n 3 | od -An -c | tr -d ' ')" 'x\n\n\n'
rm -f rows.ndjson
$verify -o rows.ndjson cl2.mbox 2>/dev/null
is "read as an mbox, its text makes one more message" "$(wc -l <rows.ndjson)" 9

# What a tar holds besides messages, and what leads out of it.
mkdir odd
cp signed/1.eml odd/1.eml
ln odd/1.eml odd/hard.eml
ln -s 1.eml odd/soft.eml
mkfifo odd/pipe
truncate -s 1M odd/sparse.eml
tar --sparse -cf odd.tar odd
rm -f rows.ndjson
$verify --stats -o rows.ndjson odd.tar 2>said
is "a FIFO and a sparse file have their reasons" \
    "$(sed -n 's/.*"rejected":"\([^"]*\)".*/\1/p' rows.ndjson | LC_ALL=C sort)" "sparse-member
special-file"
is "links are counted" "$(stat_of said links_skipped)" 2
python3 - <<'PYTHON'
import io, tarfile
t = tarfile.open("evil.tar", "w", format=tarfile.USTAR_FORMAT)
for name in ("../../escaped.eml", "/tmp/../absolute.eml", "a/../../up.eml", "fine.eml"):
    body = open("plain/1.eml", "rb").read()
    i = tarfile.TarInfo(name)
    i.size = len(body)
    t.addfile(i, io.BytesIO(body))
t.close()
PYTHON
mkdir deep
refuse "names that lead out of OUT are rejected" 1 $sign -o deep/out evil.tar
is "one by one" "$(find deep -name '*.eml' | sed 's,.*/,,' | LC_ALL=C sort) $(ls escaped.eml up.eml deep/*.eml 2>/dev/null)" "fine.eml "

# Cut short: what is whole is read, and one reject tells the place.
cut_short()
{
    rm -f rows.ndjson
    head -c "$3" "$2" | $verify -o rows.ndjson - 2>/dev/null
    is "$1" "$? $(sed -n 's/.*"rejected":"\([^"]*\)".*/\1/p' rows.ndjson) $(grep -c '"result":"pass","signatures"' rows.ndjson)" "$4"
}
cut_short "a tar cut in a message" ustar.tar 2500 "1 truncated-archive 1"
cut_short "a tar cut in a header" ustar.tar 600 "1 truncated-archive 0"
cut_short "batch SMTP cut in a message" batch.bsmtp 1500 "1 truncated-archive 1"
cut_short "packed data cut short" packed.gzip $(($(stat -c %s packed.gzip) - 30)) "1 damaged-archive 8"
sed 's/^MAIL FROM/MAYL FROM/3' batch.bsmtp | awk '/^MAIL/ && ++n == 3 { print "MAYL FROM:<x>"; next } { print }' >bad.bsmtp
rm -f rows.ndjson
$verify -o rows.ndjson bad.bsmtp 2>/dev/null
is "a line that is no command" "$(sed -n 's/.*"rejected":"\([^"]*\)".*"offset":\([0-9]*\).*/\1 \2/p' rows.ndjson)" \
    "damaged-archive $(grep -b MAYL bad.bsmtp | cut -d : -f 1)"

# A rejects file names members: fed back, the same ones come.
python3 - <<'PYTHON'
import io, tarfile
t = tarfile.open("mixed.tar", "w")
for k in range(40):
    body = open("plain/1.eml", "rb").read() if k % 4 else b"no header at all"
    i = tarfile.TarInfo("dir/%02d.eml" % k)
    i.size = len(body)
    t.addfile(i, io.BytesIO(body))
t.close()
PYTHON
gzip -k mixed.tar
for archive in mixed.tar mixed.tar.gz; do
    rm -f rejects*.ndjson
    $sign --rejects rejects.ndjson -o out-$archive.d $archive 2>/dev/null
    is "$archive: ten are rejected" "$(wc -l <rejects.ndjson)" 10
    $sign --rejects rejects2.ndjson --files-from rejects.ndjson -o again-$archive.mbox 2>/dev/null
    is "$archive: and again when they are named" "$(sed 's/,"detail.*//' rejects2.ndjson)" "$(sed 's/,"detail.*//' rejects.ndjson)"
done
printf 'mixed.tar.gz!dir/07.eml\n' | $sign -o seven.mbox --files-from - 2>/dev/null
is "a member named by hand" "$? $(grep -c '^Subject' seven.mbox)" "0 1"

# What is packed in a form that is not read is named, and not read as a message.
mkdir strange
for packer in bzip2 xz lz4 compress; do bsdtar -cf strange/1.$packer --$packer plain/1.eml; done
bsdtar -cf strange/1.7z --format 7zip plain/1.eml
python3 -c 'import bz2; open("strange/empty.bzip2", "wb").write(bz2.compress(b""))'
printf 'Rar!\032\7\1\0' >strange/1.rar
$verify strange 2>/dev/null >rows.ndjson
is "so it is in a folder" "$? $(wc -l <rows.ndjson) $(grep -c '"rejected":"unknown-packing","detail":"packed in a form that is not read: unpack it first"' rows.ndjson)" "1 7 7"
is "as a file" "$($verify strange/1.xz 2>/dev/null | cut -d , -f 1,2)" '{"message":"strange/1.xz","rejected":"unknown-packing"'
is "from a pipe" "$($verify - <strange/1.bzip2 2>/dev/null | cut -d , -f 1,2)" '{"message":"-","rejected":"unknown-packing"'
$sign --rejects strange.ndjson -o strange.mbox strange/1.lz4 2>/dev/null
is "and where it is to be signed" "$(cut -d , -f 1,2 strange.ndjson)" '{"message":"strange/1.lz4","rejected":"unknown-packing"'
printf 'BZh91AY is no magic number\r\n' >lone.txt
is "text that begins like it is none" "$($verify lone.txt 2>/dev/null | grep -c '"result":"none"')" 1
is "nor is it where a message is named" "$($verify --source-format message strange/1.xz 2>/dev/null | grep -c '"result":"none"')" 1

# A tar without members has no messages; zeros that are no tar are a damaged message.
mkdir nothing-in nothing nothing/sub
$sign -o nothing/ours.tar nothing-in
tar -cf nothing/sub/theirs.tar -T /dev/null
gzip -c nothing/sub/theirs.tar >nothing/sub/theirs.tar.gz
is "an empty tar is there" "$(($(wc -c <nothing/ours.tar) % 512)) $(tr -d '\0' <nothing/ours.tar | wc -c)" "0 0"
for source in nothing/ours.tar nothing/sub/theirs.tar nothing/sub/theirs.tar.gz; do
    $verify --stats $source >rows.ndjson 2>said
    is "empty tar: $source" "$? $(wc -l <rows.ndjson) $(grep -o '"inputs":[0-9]*' said)" '0 0 "inputs":0'
done
is "from a pipe" "$($verify - <nothing/ours.tar 2>/dev/null | wc -l)" 0
rm nothing/sub/theirs.tar.gz
is "in a folder zeros are a message that a crash has left" "$($verify --require pass nothing 2>/dev/null | grep -c '"result":"none"')" 2
head -c 512 /dev/zero >zeros
is "and so is half of a tar's end" "$($verify zeros 2>/dev/null | wc -l)" 1
head -c 1025 /dev/zero >zeros
is "zeros are one message" "$($verify zeros 2>/dev/null | wc -l)" 1
{ head -c 1024 /dev/zero; head -c 512 /dev/urandom; } >zeros
is "so is what follows them" "$($verify zeros 2>/dev/null | wc -l)" 1

# A pipe that pauses delivers what is whole.
mkfifo slow
(
    cat batch.bsmtp
    sleep 3
) >slow &
feeder=$!
timeout 20 $mailmill verify --keys "$keys/zone" --now $now --quiet - <slow >slow.ndjson 2>/dev/null &
reader=$!
for _ in $(seq 1 25); do
    [ "$(wc -l <slow.ndjson)" -ge 8 ] && break
    sleep 0.1
done
is "rows come while the pipe pauses" "$(wc -l <slow.ndjson) $(kill -0 $feeder 2>/dev/null && echo open)" "8 open"
wait $feeder $reader
plan

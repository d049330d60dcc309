# verify_options.sh - each option of verify does what the manual says, and rows have the shape it tells.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
zone=$keys/zone
ed="--domain example.com --selector e1 --key $keys/ed25519.pem"
verify() { "$mailmill" verify --now $now "$@" 2>err; }
# rows FIELD... < ROWS: these fields of each row, and on stderr what is wrong with its shape
rows() { "$python" "$MAILMILL_SOURCE_DIR/tests/support/verdict_rows.py" "$@" 2>>shape; }
# says_of "FIELD..." VERIFY_OPTION...: the exit code, then the fields
says_of()
{
    local fields=$1 code=0
    shift
    verify "$@" >.rows || code=$?
    echo "$code $(rows $fields <.rows | tr '\n' ',' | sed 's/,$//')"
}
message example.com 1 >plain.eml
"$mailmill" sign $one $ed --now $now --expire 1h --quiet -o signed.eml plain.eml

# ---- a row for each message, in order, of one shape ----

is "two signatures that pass" "$(says_of "message bytes eol from_domain result 0.index 0.result 0.selector 0.algorithm 0.key_bits \
1.index 1.result 1.selector 1.algorithm 1.key_bits" --keys "$zone" signed.eml)" \
    "0 signed.eml $(wc -c <signed.eml) crlf example.com pass 0 pass m1 rsa-sha256 2048 1 pass e1 ed25519-sha256 256"
is "what their tags say" "$(says_of "0.reason 0.domain 0.auid 0.canon 0.testing 0.body_hash 0.signature 0.body_length \
0.uncovered_bytes 0.signed_at 0.expires_at 0.headers 0.b" --keys "$zone" signed.eml)" \
    "0  example.com @example.com relaxed/relaxed false ok ok null 0 $now $((now + 3600)) from:subject:date:to:from $(tag signed.eml 0 b | cut -c 1-8)"
is "the row, byte for byte" "$(verify --keys none --max-signatures 1 signed.eml | sed 's/"b":"[^"]*"/"b":"…"/')" \
    '{"message":"signed.eml","bytes":'"$(wc -c <signed.eml)"',"eol":"crlf","from_domain":"example.com","result":"neutral","signatures":[{"index":0,"result":"neutral","reason":"no-key-source","domain":"example.com","selector":"m1","auid":"@example.com","algorithm":"rsa-sha256","canon":"relaxed/relaxed","key_bits":null,"testing":false,"body_hash":"ok","signature":"unchecked","body_length":null,"uncovered_bytes":0,"signed_at":1700000000,"expires_at":1700003600,"headers":"from:subject:date:to:from","b":"…"}],"signatures_skipped":1}'

mkdir many
for i in $(seq 600); do cp signed.eml many/$i.eml; done
verify --keys "$zone" --threads 4 -o four.ndjson many
verify --keys "$zone" --threads 1 -o one.ndjson many
check "rows do not depend on the number of threads" cmp one.ndjson four.ndjson
is "they come in input order" "$(rows message <four.ndjson)" "$(ls many/* | LC_ALL=C sort)"
verify --keys "$zone" --crypto openssl -o openssl.ndjson many
check "nor on --crypto" cmp one.ndjson openssl.ndjson
verify --keys "$zone" signed.eml >here.ndjson
verify --keys "$zone" -o - signed.eml >there.ndjson
check "stdout is JSON lines without -o and with -o -" cmp here.ndjson there.ndjson
is "standard input is named -" "$(verify --keys "$zone" - <signed.eml | rows message result)" "- pass"

# ---- bad input is a row like any other ----

: >empty.eml
printf 'From: a@example.com\r\nSubject: no end' >no-end.eml
{ sed -n '/^Date/q;p' signed.eml; printf 'no colon in it\r\n'; sed -n '/^Date/,$p' signed.eml; } >no-colon.eml
sed '/^\r$/,$d' signed.eml >head-only.eml
printf 'no field at all\r\n' >no-header.eml
message example.com 1 | grep -v ^From: >no-from.eml
is "an empty file is none" "$(says_of "result bytes from_domain" --keys none empty.eml)" "0 none 0 "
is "so is a header without an end" "$(says_of "result from_domain" --keys none no-end.eml)" "0 none example.com"
is "a line without a colon is skipped" "$(says_of "result 0.result" --keys "$zone" no-colon.eml)" "0 pass pass"
is "a header that never ends has an empty body" "$(says_of "0.reason 0.signature" --keys "$zone" head-only.eml)" \
    "1 body-hash-mismatch ok"
is "no header and no From are none" "$(says_of "result" --keys none no-header.eml no-from.eml)" "0 none,none"
tr -d '\r' <signed.eml >lf.eml
{ cat signed.eml; printf '\n'; } >mixed.eml
is "line ends are told, and do not matter" "$(says_of "eol result" --keys "$zone" signed.eml lf.eml mixed.eml)" \
    "0 crlf pass,lf pass,mixed pass"
is "an input that cannot be read is a row, too" "$(mkfifo fifo; ln -s nowhere gone
    says_of "message rejected offset" --keys none fifo gone)" "1 fifo special-file null,gone dangling-link null"
{ printf 'X: '; head -c 1100000 /dev/zero | tr '\0' x; printf '\r\n\r\n'; } >long.eml
is "so is one beyond a limit" "$(says_of "rejected" --keys none long.eml)" "1 header-too-large"
{ cat plain.eml; head -c 17000000 /dev/zero; } >large.eml
is "a message that --memory has no room for is named" "$(says_of "message rejected" --keys none --memory 16M large.eml)" \
    "1 large.eml message-too-large"
rm large.eml long.eml

# ---- results, reasons and exit codes ----

# One signature of each result; they do not sign one another and can be stacked.
field_of() { perl -0777 -ne 'print $1 if /^(DKIM-Signature:.*\n(?:[ \t].*\n)*)/m' "$1"; }
pair() { "$mailmill" sign --domain example.com --selector "$1" --key "$keys/mail.pem" --now $now --quiet "${@:2}" -o - plain.eml; }
mkdir fields
pair m1 >fields/pass
pair down >fields/temperror
pair m1 --expire 1s >fields/policy
pair m1 --canon simple/simple | sed 's/ b=../ b=AA/' >fields/fail
pair never >fields/permerror
pair m1 | sed 's/ v=1/ v=2/' >fields/neutral
for kind in pass temperror policy fail permerror neutral; do
    field_of fields/$kind >fields/$kind.field
    cat fields/$kind.field plain.eml >$kind.eml
done
cp plain.eml none.eml
text=$(peer_keys | sed -n 's/^m1._domainkey.example.com\t//p')
# record NAME STATUS [TEXT [MORE]]: a recorded answer
record()
{
    printf '{"name":"%s","type":"TXT","status":"%s","ttl":3600,"ad":false,"time":%s,"txt":[%s]%s}\n' \
        "$1" "$2" $now "${3:+\"$3\"}" "${4-}"
}
{
    record m1._domainkey.example.com NOERROR "$text"
    record down._domainkey.example.com SERVFAIL
    record late._domainkey.example.com TIMEOUT
    record never._domainkey.example.com NXDOMAIN
    record nodata._domainkey.example.com NODATA
    record nothing._domainkey.example.com NOERROR
} >recorded.ndjson

while read -r kind code reason; do
    is "$kind" "$(says_of "result 0.result 0.reason" --keys recorded.ndjson --now $((now + 2)) $kind.eml)" "$code $kind $kind $reason"
    [ "$code" = 1 ] || [ $kind = pass ] && require=$code || require=1
    is "$kind with --require pass" "$(says_of result --keys recorded.ndjson --now $((now + 2)) --require pass $kind.eml)" "$require $kind"
done <<'END'
pass 0
temperror 1 dns-servfail
policy 1 expired
fail 1 signature-mismatch
permerror 1 no-key
neutral 0 unsupported-version
END
is "none" "$(says_of result --keys recorded.ndjson none.eml)" "0 none"
is "none with --require pass" "$(says_of result --keys recorded.ndjson --require pass none.eml)" "1 none"
is "one of many is enough for 1" "$(says_of result --keys recorded.ndjson pass.eml fail.eml none.eml)" "1 pass,fail,none"

stack=
for kind in neutral permerror fail policy temperror pass; do
    stack="$stack fields/$kind.field"
    cat $stack plain.eml >stacked.eml
    is "$kind speaks for$(echo "$stack" | sed 's,fields/,,g; s/\.field//g')" \
        "$(says_of result --keys recorded.ndjson --now $((now + 2)) stacked.eml | cut -d ' ' -f 2)" $kind
done
is "signatures are listed from the top down" \
    "$(says_of "0.result 1.result 2.result 3.result 4.result 5.result" --keys recorded.ndjson --now $((now + 2)) stacked.eml)" \
    "0 neutral permerror fail policy temperror pass"
is "--max-signatures looks at the topmost ones" \
    "$(says_of "result 0.result 1.result 2.result signatures_skipped" --keys recorded.ndjson --now $((now + 2)) --max-signatures 2 stacked.eml)" \
    "1 permerror neutral permerror - 4"
is "no others are counted where there are none" \
    "$(says_of "signatures_skipped" --keys recorded.ndjson --max-signatures 6 stacked.eml)" "0 -"
{ for i in $(seq 40); do cat fields/neutral.field; done; cat fields/pass.field plain.eml; } >forty.eml
is "32 without it" "$(says_of "31.index 32.index signatures_skipped" --keys recorded.ndjson forty.eml)" "0 31 - 9"

sed 's/^this/That/' pass.eml >body.eml
sed 's/^Subject: /Subject: Re: /' pass.eml >subject.eml
is "another body" "$(says_of "0.reason 0.body_hash 0.signature" --keys recorded.ndjson body.eml)" "1 body-hash-mismatch bad ok"
is "another subject" "$(says_of "0.reason 0.body_hash 0.signature" --keys recorded.ndjson subject.eml)" "1 signature-mismatch ok bad"

# ---- the clock ----

is "x= is the last second that counts" "$(says_of result --keys "$zone" --now $((now + 3600)) signed.eml)" "0 pass"
is "then the signature has expired" "$(says_of "result 0.reason 0.signature" --keys "$zone" --now $((now + 3601)) signed.eml)" \
    "1 policy expired ok"
is "a t= to come is no matter" "$(says_of result --keys "$zone" --now 1 signed.eml)" "0 pass"
"$mailmill" verify --keys "$zone" signed.eml 2>/dev/null | rows result >clock
is "without --now it is the clock's" "$(cat clock)" policy

# ---- --policy ----

openssl genrsa -out small.pem 768 2>/dev/null
openssl genrsa -out least.pem 512 2>/dev/null
{
    cat "$zone"
    for name in small least; do
        printf '%s._domainkey.example.com. TXT "v=DKIM1; p=%s"\n' $name "$(openssl pkey -in $name.pem -pubout -outform DER | base64 -w 0)"
    done
} >policy.zone
py_sign()
{
    "$python" -c 'import sys, dkim
key, selector, algorithm, length = sys.argv[1:]
mail = sys.stdin.buffer.read()
field = dkim.sign(mail, selector.encode(), b"example.com", open(key, "rb").read(),
                  signature_algorithm=algorithm.encode(), length=bool(length))
sys.stdout.buffer.write(field + mail)' "$@" <plain.eml
}
py_sign small.pem small rsa-sha256 '' >small.eml
py_sign least.pem least rsa-sha256 '' >least.eml
py_sign "$keys/mail.pem" m1 rsa-sha1 '' >sha1.eml
py_sign "$keys/mail.pem" m1 rsa-sha256 yes >length.eml
for policy in strict legacy; do
    [ $policy = strict ] && want="1 permerror key-too-short 768 ok,permerror key-too-short 512 ok,permerror historic-algorithm 2048 ok" ||
        want="0 pass  768 ok,pass  512 ok,pass  2048 ok"
    is "--policy $policy: short keys and SHA-1" \
        "$(says_of "0.result 0.reason 0.key_bits 0.signature" --policy $policy --keys policy.zone small.eml least.eml sha1.eml)" "$want"
    is "--policy $policy: all else as it is" "$(says_of "0.reason" --policy $policy --keys "$zone" signed.eml body.eml neutral.eml)" \
        "1 ,body-hash-mismatch,unsupported-version"
done
is "strict is the default" "$(says_of 0.reason --keys policy.zone small.eml)" "1 key-too-short"
printf 'more\r\n' >>length.eml
is "l= covers what it covers" "$(says_of "result 0.body_length 0.uncovered_bytes" --keys "$zone" length.eml)" "0 pass 35 6"

# ---- --keys ----

is "--keys none checks what needs no key" "$(says_of "result 0.reason 0.body_hash 0.signature 0.key_bits" --keys none pass.eml)" \
    "0 neutral no-key-source ok unchecked null"
is "and finds what is wrong without one" "$(says_of "0.result 0.reason" --keys none --now $((now + 2)) body.eml policy.eml neutral.eml)" \
    "1 fail body-hash-mismatch,policy expired,neutral unsupported-version"
is "which is no pass" "$(says_of result --keys none --require pass pass.eml)" "1 neutral"

for selector in late nodata nothing unknown; do pair $selector >$selector.eml; done
is "recorded answers of every status" "$(says_of "0.result 0.reason" --keys recorded.ndjson late.eml nodata.eml nothing.eml unknown.eml)" \
    "1 temperror dns-timeout,permerror no-key,permerror no-key,permerror key-not-recorded"
printf 'm1._domainkey.example.com. IN TXT "v=DKIM1; p="\n' >revoked.zone
is "a later file replaces the records of a name" "$(says_of "result 0.reason 1.result" --keys "$zone" --keys revoked.zone signed.eml)" \
    "0 pass key-revoked pass"
is "and only of that name" "$(says_of "result 0.reason 1.result" --keys revoked.zone --keys "$zone" signed.eml)" "0 pass  pass"
mkdir folder
cp revoked.zone folder/b.zone
cp "$zone" folder/a.zone
cp recorded.ndjson folder/c.ndjson
is "the files of a folder count as one" "$(says_of "result 0.result" --keys folder signed.eml temperror.eml)" "1 pass pass,temperror temperror"
is "which a later file replaces, too" "$(says_of "0.reason" --keys folder --keys revoked.zone signed.eml)" "0 key-revoked"
{
    record m1._domainkey.example.com NOERROR "v=DKIM1; p=" ',"until":1699999999'
    record m1._domainkey.example.com NOERROR "$text" ',"from":1700000000,"until":1700000010'
    record m1._domainkey.example.com NXDOMAIN "" ',"from":1700000011'
} >dated.ndjson
for at in -1:key-revoked 0: 10: 11:no-key; do
    is "dated answers, ${at%:*} s from t=" "$(says_of 0.reason --keys dated.ndjson --now $((now + ${at%:*})) pass.eml | cut -d ' ' -f 2)" "${at#*:}"
done
printf '{"name":"M1._domainkey.Example.COM.","type":"TXT","status":"NOERROR","txt":["v=DKIM1; \\u0070%s"]}\n' "${text#*; p}" >escaped.ndjson
is "names in any case, text with escapes" "$(says_of result --keys escaped.ndjson pass.eml)" "0 pass"

# fault FILE WORDS: the file is refused before work, and these words begin with its name
fault() { says "refused: $2" 78 "mailmill verify: $1$2" "$mailmill" verify --keys "$1" -o no.ndjson pass.eml; }
printf '; a comment\n\nx TXT "open\n' >open.zone
fault open.zone ':3: no closing quote on this line (byte 19)'
printf '$INCLUDE other\n' >include.zone
fault include.zone ':1: $INCLUDE is not followed: give each file itself (byte 0)'
printf '{"name":"a","txt":["x"]}\n{"name":\n' >cut.ndjson
fault cut.ndjson ':2: bad JSON (byte '
printf '{"name":"a","status":"MAYBE"}\n' >status.ndjson
fault status.ndjson ':1: "status" is NOERROR, NXDOMAIN, NODATA, SERVFAIL or TIMEOUT (byte '
fault missing.zone ': No such file or directory'
mkdir faulty && cp open.zone faulty/
says "the file of a folder is named" 78 "mailmill verify: faulty/open.zone:3: " "$mailmill" verify --keys faulty pass.eml
is "nothing is written of it" "$(ls no.ndjson* 2>/dev/null)" ""

# ---- what came from a message stays what it is ----

printf 'DKIM-Signature: v=1; a=rsa-sha256; d=\033[2Jex\302\233.com; s=\377s; h=from;\r\n b=A"\\A; bh=AAAA; x=\r\nFrom: a@\342\200\256example.com\r\n\r\n' >odd.eml
mkdir odd
cp odd.eml "odd/$(printf 'a\033]0;b\007\n\377\342\200\256.eml')"
verify --keys none odd odd.eml >odd.ndjson
is "rows are lines of printable text" "$(LC_ALL=C tr -d '\n\040-\176' <odd.ndjson | wc -c)" 0
is "and say so where bytes are no UTF-8" "$(rows raw_bytes <odd.ndjson | tr '\n' ' ')" "true true "
is "the name can be had from it" "$("$python" -c 'import json, sys
print(all(row["message"].encode("latin-1").startswith(b"odd") for row in map(json.loads, sys.stdin) if row["raw_bytes"]))' \
    <<<"$(head -n 1 odd.ndjson | sed 's/\\u202e//')")" True
is "a row of sound text says nothing" "$(says_of raw_bytes --keys none pass.eml)" "0 -"
verify --keys none --files-from odd.ndjson -o again.ndjson
is "the row names the file again" "$(rows message <again.ndjson)" "$(rows message <odd.ndjson)"

# ---- the end of a run ----

"$mailmill" verify --keys recorded.ndjson --now $now --stats pass.eml fail.eml none.eml fifo >/dev/null 2>err
is "the closing line counts outcomes and results" "$(tail -n 2 err | sed -n '1s/; .*//p')" \
    "mailmill verify: 4 inputs: 3 verified (none 1, pass 1, fail 1), 1 rejected"
is "the last line is --stats" "$(stat_of err inputs) $(stat_of err verified) $(stat_of err rejected)" "4 3 1"
is "all five outcomes and the results are there" "$(tail -n 1 err | grep -oE '"(inputs|signed|verified|extracted|rejected|duplicates)":[0-9]+|"results":\{[^}]*\}')" \
    '"inputs":4
"signed":0
"verified":3
"extracted":0
"rejected":1
"duplicates":0
"results":{"none":1,"pass":1,"fail":1,"policy":0,"neutral":0,"temperror":0,"permerror":0}'
"$mailmill" verify --keys none --quiet --stats pass.eml >/dev/null 2>err
is "--quiet leaves the last line" "$(wc -lw <err | tr -s ' ')" " 1 1"
"$mailmill" verify --keys none --quiet pass.eml >/dev/null 2>err
is "and nothing else" "$(cat err)" ""
"$mailmill" verify --keys none --now $now many 2>err | head -n 1 | rows result >first
is "a reader that leaves early has its row" "$(cat first)" neutral
is "and ends it without a fault" "$(grep -cv ' inputs: ' err)" 0

verify --keys recorded.ndjson . | rows message >all
ok "what is no mail has rows, too" $(($(wc -l <all) < 640))
is "every row above has the shape of the manual" "$(cat shape)" ""
if [ -d "$MAILMILL_CORPUS/dkim" ]; then
    verify --keys none --quiet "$MAILMILL_CORPUS/dkim" | rows message >corpus
    ok "the corpus has rows" $(($(wc -l <corpus) < 1000))
    is "so has every row of the corpus" "$(head -n 20 shape)" ""
else
    skip "rows of the corpus" "it is not at hand"
fi
plan

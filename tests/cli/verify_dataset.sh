# verify_dataset.sh - verdicts become a dataset: what the rows tell, the same bytes whatever the way.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
tables() { /usr/bin/python3 "$MAILMILL_SOURCE_DIR/tests/support/verdict_tables.py" "$@" | head -n 20; }
about() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1] + "/_mailmill.json")); print(eval(sys.argv[2]))' "$@"; }

# ---- inputs: good, bad, strange and none ----
mkdir in in/odd in/many
cp -r "$MAILMILL_SOURCE_DIR/datasets/mail" "$MAILMILL_SOURCE_DIR/datasets/mbox" in
for i in $(seq 40); do message example.com $i >in/many/$i.eml; done
"$mailmill" sign $one --domain news.example.com --selector e1 --key "$keys/ed25519.pem" --now $now --quiet -o signed in/many
"$mailmill" sign $one --now $now --expire 1h --quiet -o in/expired in/many
sed -i 's/this is/it was/' signed/1.eml signed/2.eml
mv signed in/signed
field() { printf 'DKIM-Signature: %s\r\n' "$1"; }
field 'v=1; a=rsa-sha256; d=sigs.example; s=l; h=From : To:\r\n  Subject; bh=AAAA; b=AB\r\n CDEFGHIJ; l=99999999999999999999999; t=999999999999; x=1' >in/odd/numbers.eml
field 'v=1; a=rsa-sha256; d=a.example; s=l; h=from; bh=AAAA; b=AB; l=12; t=1700000000; x=1700000001; i=x@b.a.example' >in/odd/length.eml
field 'nonsense' >in/odd/nonsense.eml
field "$(printf 'v=1; a=rsa\351; d=\377\376.example; s=\303\251; h=from:\200; bh=AAAA; b=\001\033[1m')" >in/odd/raw.eml
for i in $(seq 40); do field "v=1; d=d$i.example; s=s"; done >in/odd/forty.eml
for file in in/odd/*.eml; do message "$(basename $file .eml).example" 1 >>$file; done
cp in/odd/length.eml "$(printf 'in/odd/name\377with\nline.eml')"
message '=?x?=,"<script>"' 1 >'in/odd/=1+1,"a".eml'
{ printf 'X: '; head -c 2097152 /dev/zero | tr '\0' x; printf '\r\n'; message example.com 1; } >in/odd/long.eml
mkfifo in/odd/fifo
verify="$mailmill verify --keys $keys/zone --now $((now + 7200))"
says "a run ends as it does with rows" 1 " rejected; " $verify --stats -o set/ in
code=0
$verify --stats -o rows.ndjson in 2>err || code=$?
is "and so does that with rows" "$code" 1
for format in ndjson csv; do
    $verify --quiet --format $format -o $format in 2>/dev/null
    is "the tables as $format have each value of the rows" "$(tables rows.ndjson $format $format)" ""
done
is "a value that is changed on the way is noticed" \
    "$(sed '7s/"result":"[a-z]*"/"result":"planted"/' rows.ndjson >planted && tables planted ndjson ndjson | grep -c planted)" 1
is "_mailmill.json counts what the run has counted" \
    "$(about set '(d["verb"], d["schema_version"], d["inputs"]["count"], d["counts"], d["tables"])')" \
    "('verify', 1, $(stat_of err inputs), {'verified': $(stat_of err verified), 'rejected': $(stat_of err rejected)}, {'messages': $(wc -l <rows.ndjson), 'signatures': $(grep -o '"index":' rows.ndjson | wc -l)})"
is "inputs are verified or rejected" "$(stat_of err inputs)" "$(($(stat_of err verified) + $(stat_of err rejected)))"
is "what was rejected is a row of messages" "$(grep -o '"rejected":"[^"]*"' ndjson/messages.ndjson | LC_ALL=C sort | xargs)" \
    "rejected:header-too-large rejected:special-file"
is "and is listed where --files-from takes it" "$(wc -l <set/.mailmill/rejects.ndjson)" 2
is "the inputs have what the test is about" \
    "$(for what in '"raw_bytes":true' '"signatures_skipped":8' '"body_length":9223372036854775807' '"body_length":12' 'expired' 'bad-tag-list' 'body-hash-mismatch'; do
        cat ndjson/*.ndjson | grep -qF "$what" || echo "$what"
    done)" ""
is "nothing lies beside the dataset" "$(ls -d set* | xargs) $(ls set | xargs)" "set _mailmill.json messages signatures"

# ---- the same whatever the way ----
# the same NAME OPTION...: as `set`
same()
{
    local name=$1
    shift
    $verify --quiet -o again "$@" 2>/dev/null
    [ $? -eq 1 ] || ok "$name" 1
    check "$name: the same bytes" diff -r -x .mailmill set again
    rm -rf "${tap_dir:?}/again"
}
same "one worker" --threads 1 in
same "four workers" --threads 4 in
same "without the ring" --io threads in
same "OpenSSL alone" --crypto openssl in
same "little memory" --memory 64M --threads 4 in
find in -name .mailmill -prune -o ! -type d -print0 | LC_ALL=C sort -zR --random-source=<(yes) >list
same "another order" --files-from list -0
$verify --quiet --format ndjson --authentication-results mx.example.org -o fields in 2>/dev/null
$verify --quiet --authentication-results mx.example.org -o fields.ndjson in 2>/dev/null
is "with Authentication-Results" "$(tables fields.ndjson fields ndjson)$(grep -c '"authentication_results":"Auth' fields/messages.ndjson)" "$(stat_of err verified)"
$verify --quiet --max-signatures 2 -o two in 2>/dev/null
ok "_mailmill.json tells other options from these" "$([ "$(about two 'd["config"]')" != "$(about set 'd["config"]')" ] && [ "$(about ndjson 'd["config"]')" = "$(about set 'd["config"]')" ]; echo $?)"
is "and other inputs" "$([ "$(about two 'd["inputs"]["hash"]')" = "$(about set 'd["inputs"]["hash"]')" ] && $verify --quiet -o less in/odd 2>/dev/null; about less 'd["inputs"]["hash"]' | grep -c "$(about set 'd["inputs"]["hash"]')")" 0

if [ -d "${MAILMILL_CORPUS:-/nonexistent}/dkim" ]; then
    for what in "--keys none" "--keys $MAILMILL_CORPUS/dkim/keys.zone --policy legacy --authentication-results mx.example.org"; do
        "$mailmill" verify $what --now $now --quiet -o corpus.ndjson "$MAILMILL_CORPUS/dkim" 2>/dev/null
        "$mailmill" verify $what --now $now --quiet --format ndjson -o corpus "$MAILMILL_CORPUS/dkim" 2>/dev/null
        is "the corpus with $what has each value of its rows" "$(tables corpus.ndjson corpus ndjson)" ""
        rm -rf "${tap_dir:?}/corpus" corpus.ndjson
    done
fi

# ---- whole or not there ----
says "a dataset that exists is refused" 73 "set exists" $verify -o set/ in
: >old.list
says "whatever else may be replaced" 73 "set exists" $verify --overwrite --rejects old.list -o set in
check "and is as it was" cmp set/_mailmill.json <($verify --quiet -o new in 2>/dev/null; cat new/_mailmill.json)
mkdir mine.part && touch mine.part/file
says "a folder that is in the way is left alone" 73 "in the way" $verify -o mine in
is "with what is in it" "$(ls mine.part)" file
says "a dataset in its source is refused" 64 "" $verify -o in/set in
mkdir blocked && chmod 555 blocked
[ "$(id -u)" = 0 ] || says "a folder that cannot be made" 73 "blocked" $verify -o blocked/set in
make_spool slow 3000
code=0
$verify --quiet -o unbroken slow || code=$?
is "a run over good mail ends well" "$code" 0
for second in 0.02 0.05 0.1 0.2; do
    $verify --quiet -o killed slow 2>/dev/null &
    pid=$!
    sleep $second
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    check "killed after $second s it is gone on with" $verify --quiet --resume -o killed slow
    check "to the same bytes" diff -r -x .mailmill unbroken killed
    is "and nothing lies beside them" "$(ls -d killed*)" killed
    rm -rf "${tap_dir:?}/killed"
done
mkfifo pipe
$verify -o stopped - <pipe 2>err &
pid=$!
exec 9>pipe
cat in/many/1.eml >&9
sleep 0.3
kill -TERM $pid
wait $pid
is "a stop ends with 75" $? 75
exec 9>&-
is "and leaves no dataset" "$(ls -d stopped 2>/dev/null)" ""
is "and says how to go on" "$(grep -c -- 'go on with: .* -o stopped - --resume$' err)" 1

# ---- more rows than there is memory for ----
mkdir wide
/usr/bin/python3 -c 'import os
for i in range(6000):
    os.link("in/odd/forty.eml", "wide/%04d.eml" % i)'
code=0
"$mailmill" verify --keys none --quiet --stats --memory 64M -o little wide 2>err || code=$?
is "192,000 rows of signatures, in 8 MiB" "$code $(stat_of err inputs) $(about little 'd["tables"]')" "1 6000 {'messages': 6000, 'signatures': 192000}"
[ -n "$MAILMILL_SANITIZE" ] || check "the run keeps to its memory" test "$(stat_of err peak_bytes)" -le $(((64 + 64) * 1024 * 1024))
"$mailmill" verify --keys none --quiet --memory 4G --threads 3 -o much wide
check "and the bytes are those of a run with plenty" diff -r -x .mailmill little much
rm -rf "${tap_dir:?}/wide" little much

# ---- failures of the disk ----
needs_faults
# A fault may strike the making of a folder that is there already, which is borne; or strike once the dataset has its
# name: then it is whole.
$verify --quiet -o good in/odd 2>/dev/null
# strike FAULT: each time that it can strike, one after the other; what is wrong with how the run ends
strike()
{
    local fault=$1 at=0 code fired=1
    while [ "$fired" = 1 ]; do
        at=$((at + 1)) code=0
        $verify --stats --threads 1 --fault "$fault@$at" -o failed in/odd >/dev/null 2>err || code=$?
        fired=$(stat_of err faults)
        case $fired.$fault.$code in 1.*.73 | 1.*.74 | 0.*.1 | 1.create:*.1) ;; *) echo "$fault@$at ends with $code" ;; esac
        [ "$code" != 1 ] || [ -e failed ] || echo "$fault@$at ends without a dataset"
        [ ! -e failed ] || diff -r -x .mailmill good failed || echo "$fault@$at leaves another dataset"
        rm -rf "${tap_dir:?}/failed" "${tap_dir:?}/failed.part"
    done
    echo "$((at - 1)) times" >struck
}
for fault in write:ENOSPC write:EIO create:ENOSPC sync:EIO rename:EIO; do
    is "$fault is told, and leaves a whole dataset or none" "$(strike $fault)" ""
    echo "# $(cat struck)"
    ok "$fault struck" $((! $(cut -d ' ' -f 1 struck)))
done
plan

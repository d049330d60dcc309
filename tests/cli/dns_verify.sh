# dns_verify.sh - verify asks DNS for keys: the same rows as from files, in bounded time, and again offline.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
ed="--domain example.com --selector e1 --key $keys/ed25519.pem"
verify() { timeout 120 "$mailmill" verify --quiet "$@"; }
rows() { "$python" "$MAILMILL_SOURCE_DIR/tests/support/verdict_rows.py" "$@" 2>>shape; }
# dns_count FILE NAME: a counter of the object "dns"
dns_count() { tail -n 1 "$1" | sed -n 's/.*"dns":{\([^}]*\)}.*/\1/p' | tr ',' '\n' | sed -n "s/\"$2\"://p"; }
# answers NAME<TAB>STATUS...: recorded lines that say so
answers() { awk -F '\t' '{ printf "{\"name\":\"%s\",\"type\":\"TXT\",\"status\":\"%s\",\"ttl\":0,\"ad\":false,\"time\":1,\"txt\":[]}\n", $1, $2 }'; }
# What files do not hold a server denies.
as_live() { sed 's/"reason":"key-not-recorded"/"reason":"no-key"/g'; }

{ printf '@ IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 300\n@ IN NS ns.invalid.\n'; cat "$keys/zone"; } >served.zone
nsd_start served.zone
relay_start plain
plain=127.0.0.1:$relay_port
message example.com 1 >plain.eml
"$mailmill" sign $one $ed --now $now --expire 1h --quiet -o signed.eml plain.eml

# ---- one message ----

verify --keys "$keys/zone" --now $now signed.eml >files.ndjson
verify --dns=$plain --now $now signed.eml >live.ndjson
check "the row is that of the files" cmp files.ndjson live.ndjson
is "it passes" "$(rows result 0.reason 1.reason <live.ndjson)" "pass  "
is "each name is asked once" "$(sort plain.log)" $'udp e1._domainkey.example.com\nudp m1._domainkey.example.com'
verify --dns=$plain --now $now --stats signed.eml >live.ndjson 2>err
is "--stats has the counts of DNS" "$(tail -n 1 err | grep -oE '"dns":\{.*"recorded":[0-9]+\}')" \
    '"dns":{"questions":2,"noerror":2,"nxdomain":0,"nodata":0,"servfail":0,"timeout":0,"hits":0,"merged":0,"retries":0,"tcp_connections":0,"evicted":0,"recorded":0}'
verify --keys "$keys/zone" --now $now --stats signed.eml 2>err >rows.ndjson
is "without DNS there are none" "$(dns_count err questions)" ""
: >plain.log
verify --keys "$keys/zone" --dns=$plain --now $now signed.eml >both.ndjson
check "files come first" cmp files.ndjson both.ndjson
is "then nothing is asked" "$(cat plain.log)" ""
relay_start trusted --ad
is "an authenticated answer is told" "$(verify --dns=127.0.0.1:$relay_port --now $now --dns-record ad.ndjson signed.eml | tee ad.rows |
    rows result 0.dnssec 1.dnssec)" "pass true true"
verify --keys ad.ndjson --now $now signed.eml >again.rows
check "its recording tells so, too" cmp ad.rows again.rows
is "another is not" "$(grep -c dnssec live.ndjson)" 0
is "a server that is not there" "$(verify --dns=127.0.0.1:1 --dns-timeout 1 --now $now signed.eml | rows result 0.reason)" \
    "temperror dns-timeout"
is "rows have the shape of the manual" "$(sort -u shape)" ""

# ---- a dry run of sign: do the keys fit what is published? ----

dry() { timeout 60 "$mailmill" sign --now $now --dry-run "$@" plain.eml >plan 2>err; }
: >plain.log
dry $one $ed --dns=$plain
is "keys that are published" "$? $(tr -d '\0' <plain.log | sort)" $'0 udp e1._domainkey.example.com\nudp m1._domainkey.example.com'
dry --domain example.com --selector m1 --key "$keys/campaign.pem" --dns=$plain
is "another key" "$? $(cat err)" "78 mailmill sign: m1._domainkey.example.com: has a record with another key than the private one"
dry --domain example.com --selector nowhere --key "$keys/mail.pem" $one --dns=$plain
is "a key without a record" "$? $(grep -c 'nowhere._domainkey.example.com: has no record' err) $(cat plan)" "78 1 "
: >plain.log
dry $one --keys "$keys/zone" --dns=$plain
is "files come first there, too" "$? $(cat plain.log)" "0 "
mkdir table
cp "$keys"/*.pem table
chmod 600 table/*.pem
for i in $(seq 200); do printf 'k%s example.com:gone%s:mail.pem\n' $i $i; done >table/keys
printf '* k1\n' >table/rows
relay_start slow --delay 200
dry --key-table table/keys --signing-table table/rows --dns=127.0.0.1:$relay_port
is "200 names are asked side by side" "$? $(grep -c 'gone1\._.*; 199 more keys have no record' err)" "78 1"
is "each once" "$(wc -l <slow.log)" 200
# A server that says nothing for a minute: once it was asked, before mail is read, or after it.
stopped_dry()
{
    : >silent.log
    "$mailmill" sign --now $now --dry-run --dns=127.0.0.1:$relay_port --dns-timeout 50 "$@" plain.eml >plan 2>err &
    local pid=$! i
    for i in $(seq 400); do [ -s silent.log ] && break || sleep 0.05; done
    kill -TERM $pid
    for i in $(seq 200); do kill -0 $pid 2>/dev/null || break; sleep 0.05; done
    kill -KILL $pid 2>/dev/null && echo "still there after 10 s"
    wait $pid
    echo "$? $(head -n 1 err)"
}
relay_start silent --delay 60000
said="75 mailmill sign: stopped by a signal while keys were looked up"
is "a signal is not kept waiting" "$(stopped_dry $one)" "$said"
printf 'author %%:m1:mail.pem\n' >table/keys
printf '* author\n' >table/rows
is "nor where the author's domain decides" "$(stopped_dry --key-table table/keys --signing-table table/rows)" "$said"
relay_stop silent
dry $one --dns=127.0.0.1:1 --dns-timeout 1
is "a server that is not there" "$? $(grep -c 'm1._domainkey.example.com: could not be looked up' err)" "78 1"

# ---- many messages, one pile of keys ----

mkdir pile
for i in $(seq 3000); do cp signed.eml pile/$i.eml; done
: >plain.log
verify --dns=$plain --now $now --threads 3 --stats pile >pile.rows 2>err
is "3000 messages are asked for once" "$(wc -l <plain.log) $(wc -l <pile.rows) $(grep -c '"result":"pass","sig' pile.rows)" "2 3000 3000"
is "the other look-ups are counted" "$(($(dns_count err hits) + $(dns_count err merged)))" 5998
verify --keys "$keys/zone" --now $now pile >pile.files
check "rows are in order" cmp pile.files pile.rows
verify --keys "$keys/zone" --now $now -o files.set pile
verify --dns=$plain --now $now --threads 3 -o live.set pile
check "tables are the same as well" diff -r -x _mailmill.json -x .mailmill files.set live.set
is "and hash the inputs alike, whose bytes were gone when the keys came" \
    "$(grep -o '"inputs":{[^}]*}' live.set/_mailmill.json)" "$(grep -o '"inputs":{[^}]*}' files.set/_mailmill.json)"

# ---- the cap of a message ----

message example.com 2 >many.eml
{ for i in $(seq 129); do printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s%d; h=from; bh=AAAA; b=AAAA\r\n' $i; done
  cat many.eml; } >selectors.eml
: >plain.log
is "129 selectors are 32 questions" "$(verify --dns=$plain --now $now selectors.eml | rows signatures_skipped result) $(wc -l <plain.log)" \
    "97 permerror 32"
{ for i in $(seq 1000); do printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s%d; h=from; bh=AAAA; b=AAAA\r\n' $((i + 200)); done
  cat many.eml; } >thousand.eml
: >plain.log
is "a thousand signatures, too" "$(verify --dns=$plain --now $now thousand.eml | rows signatures_skipped result) $(wc -l <plain.log)" \
    "968 permerror 32"
: >plain.log
is "and as many as are asked for" "$(verify --dns=$plain --now $now --max-signatures 129 selectors.eml | rows signatures_skipped) $(wc -l <plain.log)" \
    "- 129"
names=$(printf 'from%.0s:' $(seq 5000))
{ printf 'DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=m1; bh=AAAA; b=AAAA; h=%s\r\n' "${names%:}"; cat many.eml; } >names.eml
: >plain.log
is "h= beyond its limit is named" "$(verify --dns=$plain --now $now names.eml | rows 0.reason) $(wc -l <plain.log)" "too-many-headers 0"

# ---- times ----

sed "s/^From:/Received: from a (b; c) by d;\\r\\n Tue, 14 Nov 2023 22:23:20 +0000 (UTC)\\r\\n&/" signed.eml >received.eml
later=$((now + 86400))
is "after x=" "$(verify --keys "$keys/zone" --now $later received.eml | rows 0.reason)" "expired"
is "but not when it was received" "$(verify --keys "$keys/zone" --now $later --time-from received received.eml | rows 0.reason)" ""
sed "s/^From:/Received: from a (b; c)\\r\\n by d with ESMTP; Tue, 14 Nov 2023 22:23:20 +0000\\r\\n  id 5076FDBF.0000586C\\r\\n&/" signed.eml >courier.eml
is "nor where an id stands behind the date" "$(verify --keys "$keys/zone" --now $later --time-from received courier.eml | rows 0.reason)" ""
is "without a date --now counts" "$(verify --keys "$keys/zone" --now $later --time-from received signed.eml | rows 0.reason)" "expired"
# line TIME PATTERN REPLACEMENT: what was recorded of m1, at another time
line() { grep m1 ad.ndjson | sed "s/\"time\":[0-9]*/\"time\":$1/; s/$2/$3/"; }
{ line $((now - 1000)) x x; line $((now + 2000)) 'p=[^"]*' 'p='; } >dated.ndjson
is "of dated keys the last one counts" "$(verify --keys dated.ndjson --now $later received.eml | rows 0.reason)" "expired"
is "by --now" "$(verify --keys dated.ndjson --now $((now + 2500)) received.eml | rows 0.reason)" "key-revoked"
is "or that of the day it was received" "$(verify --keys dated.ndjson --now $((now + 2500)) --time-from received received.eml | rows 0.reason)" ""

# ---- the recording ----

says "an existing recording is kept" 73 "ad.ndjson exists; --overwrite replaces it" \
    "$mailmill" verify --dns=$plain --dns-record ad.ndjson signed.eml
verify --dns=$plain --now $now --dns-record ad.ndjson --overwrite signed.eml >over.rows
is "--overwrite replaces it" "$(grep -c '"ad":true' ad.ndjson) $(wc -l <ad.ndjson)" "0 2"
says "a recording is not one of the files" 64 "is one of the --keys" \
    "$mailmill" verify --keys ad.ndjson --dns=$plain --dns-record ./ad.ndjson --overwrite signed.eml
says "a bad server" 64 "--dns" "$mailmill" verify --dns=nonsense --dns-record none.ndjson signed.eml
[ ! -e none.ndjson ]
ok "leaves no recording behind" $?
says "--dns= wants something behind it" 64 "--dns= has an empty value" "$mailmill" verify --dns= signed.eml
says "no keys and DNS" 64 "exclude each other" "$mailmill" verify --keys none --dns signed.eml
says "a timeout without DNS" 64 "--dns-timeout is of use only with --dns" "$mailmill" verify --keys none --dns-timeout 3s signed.eml
says "a recording on standard output" 64 "--dns-record wants a file, not standard output" \
    "$mailmill" verify --dns=$plain --dns-record - signed.eml
says "one that is the output" 64 "--dns-record two.ndjson: that is the output" \
    "$mailmill" verify --dns=$plain --dns-record two.ndjson -o ./two.ndjson signed.eml
says "also with --overwrite, by another name" 64 "that is the output" \
    "$mailmill" verify --dns=$plain --dns-record ../"${PWD##*/}"/over.rows -o over.rows --overwrite signed.eml
says "one that is the list of rejects" 64 "is that of --rejects" \
    "$mailmill" verify --dns=$plain --dns-record two.ndjson --rejects two.ndjson signed.eml
says "one that is a source" 64 "--dns-record signed.eml: that is a source" \
    "$mailmill" verify --dns=$plain --dns-record signed.eml --overwrite signed.eml
mkdir record.in record.keys
cp signed.eml record.in
cp ad.ndjson record.keys
echo signed.eml >record.list
says "one that lies in a source" 64 "lies inside the source record.in" \
    "$mailmill" verify --dns=$plain --dns-record record.in/a.ndjson record.in
says "one that is the list of sources" 64 "that is the list of sources" \
    "$mailmill" verify --dns=$plain --dns-record record.list --overwrite --files-from record.list
says "one that lies among the keys" 64 "is one of the --keys" \
    "$mailmill" verify --keys record.keys --dns=$plain --dns-record record.keys/ad.ndjson --overwrite signed.eml
cp plain.eml mail.kept
says "--overwrite replaces nothing but a recording" 73 "mail.kept exists and is no recording" \
    "$mailmill" verify --dns=$plain --dns-record mail.kept --overwrite signed.eml
is "all of them are as they were" "$(ls record.in) $(cat record.list) $(cmp plain.eml mail.kept && cmp ad.ndjson record.keys/ad.ndjson && test -s signed.eml && echo same)" \
    "signed.eml signed.eml same"
is "none of them was made or emptied" "$(ls -d -- - two.ndjson 2>/dev/null; test -s over.rows && echo rows)" rows
says "a recording without DNS" 64 "--dns-record is of use only with --dns" "$mailmill" verify --keys none --dns-record x signed.eml
says "a time that is none" 64 "--dns-timeout '0': want" "$mailmill" verify --dns --dns-timeout 0 signed.eml
says "no word of keys" 64 "name --keys FILE, --dns or --keys none" "$mailmill" verify signed.eml

# ---- a stop ----

relay_start silent --delay 60000
mkdir silent
for i in $(seq 600); do cp signed.eml silent/$i.eml; done
"$mailmill" verify --quiet --dns=127.0.0.1:$relay_port --dns-timeout 50s --now $now --stats silent >stop.rows 2>err &
running=$!
for i in $(seq 100); do grep -q m1 silent.log 2>/dev/null && break; sleep 0.05; done
sleep 0.3
begun=$(date +%s%N)
kill -TERM $running
wait $running
code=$?
took=$((($(date +%s%N) - begun) / 1000000))
is "a stop says so" "$code" 75
[ $took -lt 2000 ]
ok "and does not wait for answers (took $took ms)" $?
is "what has no row is not counted" "$(stat_of err inputs) $(wc -l <stop.rows)" "0 0"

# Of a dataset half of the messages have their key at once, and the others wait for it when the stop comes.
relay_start late --delay 2000
"$mailmill" sign $ed --allow-ed25519-only --now $now --quiet -o waits.eml plain.eml
"$mailmill" sign $one --now $now --quiet -o goes.eml plain.eml
grep -v '^e1' "$keys/zone" >part.zone
mkdir mixed
for i in $(seq 1500); do cp goes.eml mixed/$i.eml && cp waits.eml mixed/$i.waits.eml; done
verify --keys "$keys/zone" --now $now -o mixed.files mixed
half="$mailmill verify --quiet --keys part.zone --dns=127.0.0.1:$relay_port --now $now --threads 2 --stats -o mixed.set mixed"
$half 2>err &
running=$!
for i in $(seq 100); do grep -q e1 late.log 2>/dev/null && break; sleep 0.05; done
sleep 0.3
kill -TERM $running
wait $running
is "a dataset is stopped while half of it waits" "$? $([ -e mixed.set ] || echo none)" "75 none"
check "and gone on with" $half --resume
check "to the end, and nothing is taken for done that had waited" diff -r -x _mailmill.json -x .mailmill mixed.files mixed.set

# ---- the corpus ----

corpus=${MAILMILL_CORPUS:-}/dkim
if [ ! -f "$corpus/expected.tsv" ]; then
    skip "the corpus through DNS" "no corpus here"
    plan
fi
nsd_stop
tail -n +2 "$corpus/keys.faults.tsv" | cut -f 1,2 | grep -v NODATA >faults
tail -n +2 "$corpus/keys.faults.tsv" | cut -f 1,2 | answers >faults.ndjson
cp -r "$corpus" mail
chmod -R u+w mail
# Zones that replace names of the plain one, each served in its place.
overlays=$(cut -f 15 mail/expected.tsv | grep '^zones/' | sort -u)
for overlay in $overlays; do
    { awk 'NR == FNR { if (/^[a-z0-9]/) replaced[$1] = 1; next } !($1 in replaced)' "mail/$overlay" "$corpus/keys.zone"
        grep '^[a-z0-9]' "mail/$overlay"; } >merged.zone
    nsd_start merged.zone
    awk -F '\t' -v zone="$overlay" '$15 == zone { print "mail/" $1 }' mail/expected.tsv >list
    verify --now 1767225600 --files-from list --keys "$corpus/keys.zone" --keys "mail/$overlay" >>corpus.files
    verify --now 1767225600 --files-from list --dns=127.0.0.1:$nsd_port >>corpus.live
    nsd_stop
done
nsd_start "$corpus/keys.zone"
relay_start corpus --faults faults
# files_at TIME: the files of the corpus that are judged at this time, with the plain zone
files_at() { tail -n +2 mail/expected.tsv | awk -F '\t' -v at="$1" '$14 == at && $15 == "keys.zone" { print "mail/" $1 }' | uniq; }
tail -n +2 mail/expected.tsv | cut -f 14 | sort -u >times
for at in $(cat times); do
    files_at "$at" >list
    verify --now "$at" --files-from list --keys "$corpus/keys.zone" --keys faults.ndjson | as_live >>corpus.files
    verify --now "$at" --files-from list --dns=127.0.0.1:$relay_port --dns-timeout 1s --dns-record "$at.ndjson" | as_live >>corpus.live
done
is "the corpus has the rows of its files" "$(diff corpus.files corpus.live | head -n 20)" ""
ok "which are $(wc -l <corpus.live), with $(echo $overlays | wc -w) zones more" $(($(wc -l <corpus.live) < 500))

# One name in ten has no answer.
at=$(tail -n +2 mail/expected.tsv | cut -f 14 | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')
files_at "$at" >list
grep -o '"name":"[^"]*"' "$at.ndjson" | cut -d '"' -f 4 | sort -u | awk 'NR % 10 == 3 { print $1 "\tTIMEOUT" }' >tenth
cat tenth faults | awk -F '\t' '!seen[$1]++' >some-faults
cat faults.ndjson <(answers <tenth) >some.ndjson
relay_start tenth --faults some-faults
begun=$(date +%s%N)
verify --now "$at" --files-from list --dns=127.0.0.1:$relay_port --dns-timeout 2s --dns-record tenth.ndjson >tenth.rows
took=$((($(date +%s%N) - begun) / 1000000))
[ $took -ge 2000 ] && [ $took -lt 20000 ]
ok "one name in ten times out, all together in bounded time (took $took ms)" $?
verify --now "$at" --files-from list --keys "$corpus/keys.zone" --keys some.ndjson | as_live >tenth.files
is "temperror is exactly there" "$(as_live <tenth.rows | diff tenth.files - | head -n 20)" ""
ok "$(grep -c '"reason":"dns-timeout"' tenth.rows) messages have one" $(($(grep -c '"reason":"dns-timeout"' tenth.rows) < 10))

offline=(unshare -n)
"${offline[@]}" true 2>/dev/null || offline=(unshare -rn)
if "${offline[@]}" true 2>/dev/null; then
    is "there is no network" "$("${offline[@]}" cat /proc/net/dev | grep -c : | tr '\n' ' ')$("${offline[@]}" cat /proc/net/route | wc -l)" "1 0"
    "${offline[@]}" timeout 120 "$mailmill" verify --quiet --now "$at" --files-from list --keys tenth.ndjson >offline.rows
    as_live <offline.rows >offline.live
    is "the recording gives the same rows there" "$(as_live <tenth.rows | diff - offline.live | head -n 20)" ""
    check "byte for byte" cmp tenth.rows offline.rows
else
    skip "the recording without a network" "no network namespaces here"
fi
plan

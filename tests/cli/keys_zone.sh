# keys_zone.sh - keys zone collects the keys of a pile of mail; verify then says the same without the rest.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh" || exit 1
cd "$tap_dir" || exit 1
umask 022

# ---- a pile with 12 keys, each used many times, and some that have no key ----

for i in {1..12}; do
    name="--domain d$i.example --selector s$i"
    "$mailmill" keys new $name --type ed25519 -o k$i.pem >>all.zone
    echo "k$i d$i.example:s$i:k$i.pem" >>KeyTable
    echo "*@d$i.example k$i" >>SigningTable
done
"$mailmill" keys record --key k1.pem --domain unused.example --selector s >>all.zone
mkdir in
for i in {1..12}; do
    for n in {1..40}; do message d$i.example $n >in/$i.$n.eml; done
done
"$mailmill" sign --key-table KeyTable --signing-table refile:SigningTable --allow-ed25519-only --now $now --quiet -o mail/ in
message plain.example 1 >mail/unsigned.eml
while read -r selector status; do
    sed "s/s=s1;/s=$selector;/; s/d=d1\.example/d=D1.example/" mail/1.1.eml >mail/$selector.eml
    [ -z "$status" ] || printf '{"name":"%s._domainkey.d1.example","status":"%s"}\n' "$selector" "$status"
done >no.ndjson <<'END'
nx NXDOMAIN
empty NODATA
fail SERVFAIL
slow TIMEOUT
unknown
END
sed 's/d=d1\.example/d=bad domain/' mail/1.1.eml >mail/bad.eml

# zone OPTIONS...: collects; the exit code and what stderr says of names
zone()
{
    code=0
    "$mailmill" keys zone --keys all.zone --keys no.ndjson --now $now "$@" 2>err || code=$?
    echo "$code|$(sed -n 's/^mailmill keys zone: \([0-9]* names\{0,1\} of keys.*\)/\1/p' err)"
}
rows()
{
    "$mailmill" verify --now $now --quiet -o - "$@" mail
}
counts="17 names of keys: 12 found, 2 without a record, 2 without an answer, 1 not recorded"
is "every name is counted, and one without an answer is exit 1" "$(zone -o out.ndjson mail)" "1|$counts"
is "every input is" "$(grep -c 'mailmill keys zone: 487 inputs: 487 extracted, 0 rejected' err)" 1
is "each name has one line, but for those that files do not hold" "$(wc -l <out.ndjson)" 16
check "sorted by name" sh -c 'cut -d \" -f 4 out.ndjson | LC_ALL=C sort -c'
is "a line has what was asked for" "$(grep '"slow\.' out.ndjson)" \
    "{\"name\":\"slow._domainkey.d1.example\",\"type\":\"TXT\",\"status\":\"TIMEOUT\",\"ttl\":3600,\"ad\":false,\"time\":$now,\"txt\":[]}"
rows --keys all.zone --keys no.ndjson >want
rows --keys out.ndjson >got
check "verify says the same with the collected keys" cmp want got
is "of which some pass and some do not" "$(grep -o '^{.*"signatures"' got | grep -o '"result":"[a-z]*"' | LC_ALL=C sort | uniq -c | tr -s ' \n' ' ')" \
    ' 1 "result":"neutral" 1 "result":"none" 480 "result":"pass" 3 "result":"permerror" 2 "result":"temperror" '
is "the key that no mail needs is left out" "$(grep -c unused out.ndjson)" 0
for threads in 1 3; do
    zone --threads $threads -o again.ndjson --overwrite mail >/dev/null
    check "the same with $threads threads" cmp out.ndjson again.ndjson
done
is "nor does the order of sources matter" "$("$mailmill" keys zone --keys all.zone --now $now mail/4.1.eml mail/3.1.eml mail/4.2.eml 2>/dev/null | cksum)" \
    "$("$mailmill" keys zone --keys all.zone --now $now mail/3.1.eml mail/4.1.eml 2>/dev/null | cksum)"
is "the collected keys collected" "$("$mailmill" keys zone --keys out.ndjson --now $now mail 2>/dev/null | cksum)" "$(cksum <out.ndjson)"

is "a master file" "$(zone --format zone -o out.zone mail)" "1|$counts"
is "has a record a line, and says what is not there" "$(grep -c ' IN TXT ( "v=DKIM1' out.zone) $(grep -c '^; ' out.zone)" "12 4"
is "in words" "$(grep '^; slow' out.zone)" "; slow._domainkey.d1.example. TIMEOUT"
rows --keys out.zone | grep '"pass"' >got
check "verify passes the same with it" sh -c 'grep "\"pass\"" want | cmp - got'

# ---- the same from DNS ----

{
    printf '$TTL 300\n. IN SOA ns. root. 1 3600 600 86400 300\n. IN NS ns.\nns. IN A 127.0.0.1\n'
    printf 'empty._domainkey.d1.example. IN A 127.0.0.1\n'
    cat all.zone
} >root.zone
nsd_start root.zone
printf 'slow._domainkey.d1.example\tTIMEOUT\nfail._domainkey.d1.example\tSERVFAIL\n' >faults
relay_start relay --faults faults
dns=127.0.0.1:$relay_port
code=0
"$mailmill" keys zone --dns=$dns --dns-timeout 1s --now $now -o dns.ndjson mail 2>err || code=$?
is "DNS has an answer for every name" "$code|$(grep -c '17 names of keys: 12 found, 3 without a record, 2 without an answer, 0 not recorded' err)" "1|1"
is "each name is asked once, those without an answer more often" \
    "$(grep '^udp' relay.log | LC_ALL=C sort | uniq -c | awk '$1 > 1 { print $3 }')" "slow._domainkey.d1.example"
is "what it says is what the files said, and of one name more" "$(diff out.ndjson dns.ndjson | grep '^[<>]' | cut -c 1-42)" \
    '> {"name":"unknown._domainkey.d1.example",'
rows --dns=$dns --dns-timeout 1s >want
nsd_stop
relay_stop relay
rows --keys dns.ndjson >got
check "verify says the same of it as of DNS, without DNS" cmp want got
is "what the files hold is not asked" \
    "$("$mailmill" keys zone --keys dns.ndjson --dns=$dns --dns-timeout 1s --now $now mail 2>/dev/null | cksum)" "$(cksum <dns.ndjson)"

# ---- limits, sources, output ----

{
    printf 'DKIM-Signature: v=1; a=rsa-sha256; d=d9.example; s=s9; h=from; bh=AA==; b=AA==\r\n'
    cat mail/2.1.eml
} >two.eml
is "--max-signatures counts from the top, as verify does" "$(zone --max-signatures 1 two.eml | sed 's/"ttl.*//') $(zone two.eml | grep -c '"status"')" \
    '{"name":"s9._domainkey.d9.example","type":"TXT","status":"NOERROR",
0|1 name of keys: 1 found, 0 without a record, 0 without an answer, 0 not recorded 2'
says "an output that exists stays" 73 "out.zone exists; --overwrite replaces it" "$mailmill" keys zone --keys all.zone -o out.zone mail
is "as it was" "$(grep -c ' IN TXT' out.zone)" 12
says "so does one in a folder that is not there" 73 "cannot make no/out: No such file or directory" "$mailmill" keys zone --keys all.zone -o no/out mail
says "a source that is not there" 66 "no.eml" "$mailmill" keys zone --keys all.zone -o new.zone no.eml
is "leaves no output" "$(ls new.zone* 2>/dev/null)" ""
says "an output inside a source" 64 "" "$mailmill" keys zone --keys all.zone -o mail/out.ndjson mail
says "rows that cannot be written" 74 "" sh -c '"$1" keys zone --keys all.zone mail >/dev/full' sh "$mailmill"
is "an output that cannot take more leaves nothing half done" \
    "$( (ulimit -f 1; "$mailmill" keys zone --keys all.zone -o full.zone mail 2>/dev/null; echo $?) | cat; ls full.zone* 2>/dev/null)" 74
{ "$mailmill" keys zone --keys all.zone mail 2>err; echo $? >code; } | :
is "a reader that leaves is none of our business" "$(grep -v 'names of keys\|inputs' err)" ""
printf 'From a@b\n\nFrom: x@d1.example\n\nbody\n' >empty.mbox
is "a pile without signatures needs no key" "$(zone empty.mbox)" "0|0 names of keys: 0 found, 0 without a record, 0 without an answer, 0 not recorded"
is "messages of an mbox are looked into" "$( (for i in 5 6; do echo 'From a@b'; tr -d '\r' <mail/$i.1.eml; echo; done) >two.mbox; zone two.mbox | tail -n 1)" \
    "0|2 names of keys: 2 found, 0 without a record, 0 without an answer, 0 not recorded"
mkfifo pipe
is "what is rejected is exit 1" "$(zone mail/1.1.eml pipe | tail -n 1 | cut -c 1-30)" "1|1 name of keys: 1 found, 0 w"
plan

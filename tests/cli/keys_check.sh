# keys_check.sh - keys check finds what is wrong with a published key, and says what to do.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh" || exit 1
cd "$tap_dir" || exit 1

vectors=$MAILMILL_SOURCE_DIR/tests/vectors/keys
cp "$vectors"/rsa512.pem "$vectors"/rsa1024.pem "$vectors"/rsa2048_pkcs8.pem "$vectors"/ed25519_pkcs8.pem .
chmod 600 ./*.pem
rsa=rsa2048_pkcs8.pem
# p= of a key
p_of()
{
    "$mailmill" keys record --key "$1" | sed 's/.*p=//'
}
p=$(p_of $rsa)
other=$(p_of rsa1024.pem)

# publish SELECTOR RECORD...: adds the records to the zone, a line each
publish()
{
    local selector=$1 record
    shift
    for record in "$@"; do
        printf '%s._domainkey.a.example. IN TXT (%s )\n' "$selector" "$(fold -w 200 <<<"$record" | sed 's/.*/ "&"/' | tr -d '\n')"
    done >>zone
}

# ---- ten faults, planted one by one, among keys that are well ----

: >zone
publish good "v=DKIM1; k=rsa; p=$p"
publish ed "v=DKIM1; k=ed25519; p=$(p_of ed25519_pkcs8.pem)"
publish revoked "v=DKIM1; k=rsa; p="
publish short "v=DKIM1; k=rsa; p=$(openssl pkey -in rsa512.pem -pubout -outform DER | base64 -w 0)"
publish type "v=DKIM1; k=ed25519; p=$p"
publish service "v=DKIM1; k=rsa; s=other; p=$p"
publish mismatch "v=DKIM1; k=rsa; p=$other"
publish testing "v=DKIM1; k=rsa; t=y; p=$p"
publish base64 "v=DKIM1; k=rsa; p=${p:0:40}*${p:40}"
publish empty "v=DKIM1; k=rsa; n=no key here"
publish several "v=DKIM1; k=rsa; p=$p" "v=DKIM1; k=rsa; p=$other"
publish semicolon "v=DKIM1; k=rsa p=$p"
for selector in good ed revoked short type service mismatch testing base64 empty several semicolon; do
    key=$rsa
    [ $selector = ed ] && key=ed25519_pkcs8.pem
    [ $selector = short ] && key=rsa512.pem
    echo "$selector a.example:$selector:$key"
done >KeyTable

# faults_of SELECTOR: the words of its line in `out`
faults_of()
{
    sed -nE "s/^[a-z]+ +$1\._domainkey\.a\.example( +(RSA|Ed25519) [0-9]+)? *//p" out
}
# detail SELECTOR: what stands below its line
detail()
{
    awk -v name="$1._domainkey.a.example" '/^[^ ]/ { on = $2 == name; next } on' out
}

# planted SELECTOR WORDS [DETAIL]: its findings, and the record to publish
planted()
{
    is "$how: $1 has its fault by name" "$(faults_of "$1")" "$2"
    is "$how: $1 tells where" "$(detail "$1" | grep -cF -- "$3")" 1
    is "$how: $1 tells what to publish" "$(detail "$1" | sed -n 's/.*publish this record[^:]*: //p')" \
        "$("$mailmill" keys record --key "${4:-$rsa}" --domain a.example --selector "$1" | tee want)"
}

# check_all HOW OPTIONS...: the KeyTable against records had by these options
check_all()
{
    how=$1
    shift
    code=0
    "$mailmill" keys check --key-table KeyTable "$@" >out 2>err || code=$?
    is "$how: a fault is exit 1" "$code" 1
    is "$how: every key has its line" "$(grep -c '^[^ ]' out)" 12
    is "$how: in the order of the table" "$(grep '^[^ ]' out | awk '{ print $2 }' | cut -d . -f 1 | tr '\n' ' ')" \
        "$(cut -d ' ' -f 1 KeyTable | tr '\n' ' ')"
    is "$how: the counts are said" "$(cat err)" "mailmill keys check: 12 keys: 2 ok, 1 with a warning, 9 with a fault, 0 unchecked"
    is "$how: what is well is told in a line" "$(grep -A 1 -E ' (good|ed)\.' out | grep -v -- --)" "ok         good._domainkey.a.example  RSA 2048
ok         ed._domainkey.a.example  Ed25519 256
fault      revoked._domainkey.a.example  RSA 2048  key-revoked"
    planted revoked key-revoked "    key-revoked, byte 16: the key was revoked: p= is empty"
    planted type key-type-mismatch "    key-type-mismatch, byte 11: "
    planted service key-not-for-email "    key-not-for-email, byte 18: "
    planted mismatch key-mismatch "    key-mismatch, byte 18: p= is another key than the one that signs"
    planted testing key-testing "    warning: key-testing, byte 18: "
    planted base64 key-bad-base64 "    key-bad-base64, byte 58: "
    planted empty key-without-p "    key-without-p, byte 0: "
    planted several "several-records, key-mismatch" "    several-records: the name has several records"
    planted semicolon "missing-semicolon, key-without-p" "    missing-semicolon, byte 15: "
    is "$how: of two records only one is to stay" "$(detail several | grep -c 'publish this record and no other')" 1
    is "$how: a key too short is so here and there" "$(faults_of short)" "key-unusable, key-too-short"
    is "$how: and cannot sign" "$(detail short | grep -c 'KeyTable:4: rsa512.pem: an RSA key of 512 bits must not sign')" 1
}
check_all "zone file" --keys zone
cp out told
{
    printf '$TTL 300\n. IN SOA ns. root. 1 3600 600 86400 300\n. IN NS ns.\nns. IN A 127.0.0.1\n'
    cat zone
} >root.zone
nsd_start root.zone
printf 'mute._domainkey.a.example\tTIMEOUT\nill._domainkey.a.example\tSERVFAIL\n' >faults
relay_start relay --faults faults
check_all "nsd" --dns=127.0.0.1:$relay_port
is "nsd: every word is the same, whichever record came first" "$(sed 's/record [12] of/record N of/' out)" "$(sed 's/record [12] of/record N of/' told)"
is "nsd: each name is one question" "$(grep -c '^udp' relay.log) $(LC_ALL=C sort -u relay.log | grep -c '^udp')" "12 12"
(
    while read -r selector; do
        printf '{"name":"%s._domainkey.a.example","status":"NOERROR","txt":["%s"]}\n' "${selector%% *}" "${selector#* }"
    done
) >recorded.ndjson <<END
good v=DKIM1; p=$p
END
check "a recorded answer does as well" "$mailmill" keys check --domain a.example --selector good --key $rsa --keys recorded.ndjson

# What no name server would take, though verify does.
printf 'long._domainkey.a.example. IN TXT "v=DKIM1; k=rsa; p=%s"\n' "$p" >long.zone
says "a string of more than 255 bytes is no fault" 0 "1 with a warning" \
    "$mailmill" keys check --domain a.example --selector long --key $rsa --keys long.zone
is "but a warning, with the record to publish" "$(grep -oE '^warning .*|warning: string-too-long: .* bytes|publish this record' .says-out)" \
    "warning    long._domainkey.a.example  RSA 2048  string-too-long
warning: string-too-long: a string of more than 255 bytes
publish this record"
sed -n 's/.*publish this record: //p' .says-out >mended.zone
says "which is well" 0 "1 ok" "$mailmill" keys check --domain a.example --selector long --key $rsa --keys mended.zone
x=$(printf %255s '' | tr ' ' x)
printf 'most._domainkey.a.example. IN TXT "v=DKIM1; k=rsa; p=%s; n=" "%s"\n' "$p" "$x" | sed 's/p=\(.\{200\}\)/p=\1" "/' >most.zone
says "255 bytes are not too long" 0 "1 ok" "$mailmill" keys check --domain a.example --selector most --key $rsa --keys most.zone

# A zone that is as it must be has no finding; what was advised makes it so.
sed -n 's/.*publish this record[^:]*: //p' out >advised
grep -vE '^(short|good|ed) ' KeyTable >KeyTable.rest
code=0
"$mailmill" keys check --key-table KeyTable.rest --keys advised --quiet >out 2>err || code=$?
is "what was advised is right" "$code|$(cat err)|$(grep -cv '^ok  ' out)" "0||0"

# ---- the same for a machine ----

code=0
"$mailmill" keys check --key-table KeyTable --keys zone --json >rows 2>err || code=$?
is "rows are for the same keys, with the same exit code" "$code $(wc -l <rows)" "1 12"
/usr/bin/python3 - rows >got <<'PY'
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    print(row["selector"], row["result"], row["key_type"], row["key_bits"], row["status"], len(row["records"]),
          ",".join("%s@%s:%s" % (f["finding"], f["record"], f["offset"]) for f in row["findings"]),
          bool(row["publish"]))
PY
is "and say the same" "$(cat got)" "good ok rsa 2048 NOERROR 1  False
ed ok ed25519 256 NOERROR 1  False
revoked fault rsa 2048 NOERROR 1 key-revoked@0:16 True
short fault None None NOERROR 1 key-unusable@None:None,key-too-short@0:18 False
type fault rsa 2048 NOERROR 1 key-type-mismatch@0:11 True
service fault rsa 2048 NOERROR 1 key-not-for-email@0:18 True
mismatch fault rsa 2048 NOERROR 1 key-mismatch@0:18 True
testing warning rsa 2048 NOERROR 1 key-testing@0:18 True
base64 fault rsa 2048 NOERROR 1 key-bad-base64@0:58 True
empty fault rsa 2048 NOERROR 1 key-without-p@0:0 True
several fault rsa 2048 NOERROR 2 several-records@None:None,key-mismatch@1:18 True
semicolon fault rsa 2048 NOERROR 1 missing-semicolon@0:15,key-without-p@0:0 True"

# ---- one key; answers that are none ----

one()
{
    local selector=$1
    shift
    code=0
    "$mailmill" keys check --domain a.example --selector "$selector" --quiet "$@" >out 2>err || code=$?
    echo "$code $(faults_of "$selector")"
}
openssl pkey -in $rsa -pubout -out public.pem
is "a private key" "$(one good --key $rsa --keys zone)" "0 "
is "its public half" "$(one good --key public.pem --keys zone)" "0 "
is "another one" "$(one good --key rsa1024.pem --keys zone)" "1 key-mismatch"
is "another type" "$(one good --key ed25519_pkcs8.pem --keys zone)" "1 key-type-mismatch"
is "a key too short, by its private half" "$(one short --key rsa512.pem --keys zone)" "1 key-too-short"
is "is not to be published" "$(grep -c publish out)" 0
is "but to be replaced" "$(grep 'keys new' out)" \
    "    make a new key, with a selector of its own: mailmill keys new --domain a.example --selector SELECTOR -o FILE.pem"
is "also where it has no record" "$(one nobody --key rsa512.pem --keys zone; grep -c publish out)" "1 key-not-recorded
0"
is "and for a machine" "$("$mailmill" keys check --domain a.example --selector short --key rsa512.pem --keys zone --json --quiet |
    grep -o '"publish":[^,}]*')" '"publish":null'
is "1024 bits are well" "$(one mismatch --key rsa1024.pem --keys zone)" "0 "
is "with a note" "$(tail -n +2 out)" "    note: an RSA key of 2048 bits is advised (RFC 8301 section 3.2)"
is "no key: the record by itself" "$(one good --keys zone) $(one revoked --keys zone) $(one mismatch --keys zone)" "0  1 key-revoked 0 "
is "of which nothing can be advised" "$(one revoked --keys zone; grep -c publish out)" "1 key-revoked
0"
is "a warning alone is no failure" "$(one testing --key $rsa --keys zone)" "0 key-testing"
is "a name that the files do not hold" "$(one nobody --key $rsa --keys zone)" "1 key-not-recorded"
for status in NXDOMAIN NODATA SERVFAIL TIMEOUT; do
    printf '{"name":"s._domainkey.a.example","status":"%s"}\n' $status >recorded.ndjson
    case $status in
    NX* | NO*) want="no-key"; advice="publish this record: s._domainkey" ;;
    SERVFAIL) want="dns-servfail"; advice="the name server gave no answer" ;;
    TIMEOUT) want="dns-timeout"; advice="the name server gave no answer" ;;
    esac
    is "$status" "$(one s --key $rsa --keys recorded.ndjson; grep -c "$advice" out)" "1 $want
1"
done
printf '{"name":"s._domainkey.a.example","status":"NOERROR","txt":["v=DKIM1; p="],"from":100,"until":200}\n' >recorded.ndjson
printf '{"name":"s._domainkey.a.example","status":"NOERROR","txt":["v=DKIM1; p=%s"],"from":201}\n' "$p" >>recorded.ndjson
is "the record in force at --now" "$(one s --key $rsa --keys recorded.ndjson --now 150) $(one s --key $rsa --keys recorded.ndjson --now 250)" \
    "1 key-revoked 0 "

for case in gone/no-key ill/dns-servfail mute/dns-timeout; do
    is "nsd: ${case%/*}" "$(one ${case%/*} --key $rsa --dns=127.0.0.1:$relay_port --dns-timeout 1s)" "1 ${case#*/}"
done

# ---- tables ----

cat >KeyTable <<'END'
k1 a.example:good:rsa2048_pkcs8.pem
gone a.example:good:gone.pem
any %:s1:rsa2048_pkcs8.pem
each %:good:%.pem
END
cp $rsa a.example.pem
code=0
"$mailmill" keys check --key-table KeyTable --keys zone >out 2>err || code=$?
is "a key that is gone is one fault, and the others are checked" "$code|$(sed "s/\(gone.pem: No such file or dire\).*/\1/" out)" "1|ok         good._domainkey.a.example  RSA 2048
fault      good._domainkey.a.example  key-unusable
    key-unusable: KeyTable:2: gone.pem: No such file or dire
unchecked  s1._domainkey.%  RSA 2048  the domain is the author's
ok         good._domainkey.a.example  RSA 2048"
is "and so counted" "$(cat err)" "mailmill keys check: 4 keys: 2 ok, 0 with a warning, 1 with a fault, 1 unchecked"
echo '*@a.example k1' >SigningTable
check "the SigningTable is read" sh -c '"$1" keys check --key-table KeyTable --signing-table refile:SigningTable --keys zone; [ $? = 1 ]' sh "$mailmill"
echo '*@a.example k9' >SigningTable
says "a row of it that names no key is a fault of configuration" 78 'SigningTable:1: the KeyTable has no row "k9"' \
    "$mailmill" keys check --key-table KeyTable --signing-table refile:SigningTable --keys zone
says "a KeyTable that is none" 78 "zone:1: a key is DOMAIN:SELECTOR:FILE" "$mailmill" keys check --key-table zone --keys zone
chmod 644 $rsa
echo "k1 a.example:good:$rsa" >KeyTable
is "a key that others can read is told as a fault of the table" \
    "$("$mailmill" keys check --key-table KeyTable --keys zone --quiet | grep -c 'key-unusable: .*type: chmod 600')" 1
says "and refused by itself" 77 "everyone can read this private key" "$mailmill" keys check --domain a.example --selector good --key $rsa --keys zone
is "unless it is allowed" "$(one good --key $rsa --keys zone --allow-insecure-key)" "0 "
says "records that cannot be read" 78 "no: No such file or directory" "$mailmill" keys check --key-table KeyTable --keys no

# What a stranger publishes forges no line.
printf 's._domainkey.a.example. IN TXT "v=DKIM1; p=\\027[2J\\010ok  x"\n' >zone
is "bytes of a record are not printed" "$(one s --keys zone) $(grep -c '^ok' out) $(LC_ALL=C grep -c '[[:cntrl:]]' out)" "1 key-bad-base64 0 0"
"$mailmill" keys check --domain a.example --selector s --keys zone --json --quiet | /usr/bin/python3 -c '
import json, sys
print(repr(json.loads(sys.stdin.readline())["records"]))' >got
is "and escaped in a row" "$(cat got)" "['v=DKIM1; p=\\x1b[2J\\nok  x']"
"$mailmill" keys check --domain a.example --selector s --keys zone --quiet >/dev/full 2>err
is "rows that cannot be written are an I/O error" "$?|$(cat err)" "74|mailmill keys check: standard output: No space left on device"
plan

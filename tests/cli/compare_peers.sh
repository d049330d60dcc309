# compare_peers.sh - scripts/compare-peers sees where two programs do not agree, and tells what it measured as it was.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
peers=$MAILMILL_SOURCE_DIR/bench/peers
bench=$MAILMILL_BINARY_DIR/bench
python=/usr/bin/python3
cd "$tap_dir" || exit 1
umask 077
export PYTHONDONTWRITEBYTECODE=1

# complains NAME TEXT COMMAND...: it exits with 1 and prints a line with that text
complains()
{
    local name=$1 text=$2 code=0
    shift 2
    "$@" >said 2>&1 </dev/null || code=$?
    is "$name" "$code $(grep -cF -- "$text" said)" "1 1"
}

# ---- usage, refused before anything is installed, built or measured ----

compare=$MAILMILL_SOURCE_DIR/scripts/compare-peers
refuse "a program that nobody knows is refused" 64 "$compare" --only opendkim,sendmail
refuse "too few messages are refused" 64 "$compare" 10
refuse "an option without its value is refused" 64 "$compare" --rounds
check "--help says how it is used" "$compare" --help

# ---- what is not there is named, with the reason ----

(
    # shellcheck disable=SC2034
    only=dkimpy,opendkim bench=/nowhere root=$MAILMILL_SOURCE_DIR python=$tap_dir/none dir=$tap_dir
    . "$peers/programs.sh" || exit 1
    find_programs
    printf '%s\n' "${peers[@]}" "${absent[@]}"
) >found
is "a library that is not there is named, the others are measured" "$(cat found)" "opendkim
dkimpy: not installed: python3-dkim is not there"

# ---- the judge: each kind of disagreement is seen, and its message named ----

printf '000/%s.eml\t0\t600\t900\n' a b c >list
echo 000/b.eml >damaged
row()
{
    printf '{"message":"%s","bytes":1500,"result":"%s"}\n' "$1" "$2"
}
{ row signed/000/a.eml pass && row signed/000/b.eml fail && row signed/000/c.eml pass; } >ours
{ row 000/a.eml pass && row 000/c.eml pass; } >theirs.0
row 000/b.eml fail >theirs.1
verdicts()
{
    "$peers/agree.py" verdicts list "${4-damaged}" "$1" "$2" "$3"
}
is "verdicts that agree are counted" "$(verdicts ours theirs.0 theirs.1)" 3
sed 's/pass/fail/' theirs.0 | head -n 1 >changed
sed -n 2p theirs.0 >>changed
complains "a verdict of the other that is changed is seen" "000/a.eml: the other says fail, pass is right" verdicts ours changed theirs.1
sed 's/"fail"/"pass"/' theirs.1 >changed
complains "a forgery that the other accepts is seen" "000/b.eml: the other says pass, fail is right" verdicts ours theirs.0 changed
sed 's/"fail"/"pass"/' ours >changed
complains "a forgery that mailmill accepts is seen" "000/b.eml: mailmill says pass, fail is right" verdicts changed theirs.0 theirs.1
sed 's/"fail"/"neutral"/' theirs.1 >neutral
complains "a third word is no agreement" "000/b.eml: the other says neutral" verdicts ours theirs.0 neutral
complains "two that accept the same forgery are both seen" "000/b.eml: the other says fail, pass is right" \
    verdicts ours theirs.0 theirs.1 /dev/null
complains "a message that is missing is seen" "000/b.eml: the other says nothing, fail is right" verdicts ours theirs.0 /dev/null
row 000/d.eml pass >extra
complains "a message that nobody asked for is seen" "000/d.eml: the other says pass, nothing is right" verdicts ours theirs.0 <(cat theirs.1 extra)
complains "a message that comes twice is seen" "000/b.eml: the other says it twice" verdicts ours theirs.0 <(cat theirs.1 theirs.1)
: >none
complains "no message at all is no agreement" "no message" "$peers/agree.py" verdicts none none none none

{ row x.mbox!0 pass && row x.mbox!1500 pass; } >signed
is "what another signed and mailmill accepts is counted" "$("$peers/agree.py" signed 2 signed)" 2
complains "a message too few is seen" "2 messages, 3 were signed" "$peers/agree.py" signed 3 signed
sed 's/1500","bytes":1500,"result":"pass/1500","bytes":1500,"result":"fail/' signed >changed
complains "a signature that mailmill does not accept is seen" "x.mbox!1500: mailmill says fail" "$peers/agree.py" signed 2 changed

cat >ours.csv <<'END'
org_name,policy_domain,source_ip_text,count,disposition,header_from
R,a.example,2001:db8::1,3,none,a.example
END
echo 'R,,,,,a.example,,,,,,2001:DB8:0::1,3,none,,,a.example' >flat.csv
is "records of reports that agree are counted, whatever the form of an address" "$("$peers/agree.py" reports ours.csv flat.csv)" 1
sed 's/,3,none/,4,none/' flat.csv >changed
complains "a count of a record that is changed is seen" "only the other has" "$peers/agree.py" reports ours.csv changed
complains "a record that is missing is seen" "only mailmill has" "$peers/agree.py" reports ours.csv none

# ---- the drivers say what mailmill says, and sign what it accepts ----

# A campaign as make_campaign lays it out, of two domains; that program is not in every build.
mkdir -p campaign/{keys,pkcs1,mail/000}
for domain in 00 01; do
    key=campaign/keys/shop$domain.pem
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key"
    openssl pkey -traditional -in "$key" -out "campaign/pkcs1/shop$domain.pem"
    openssl pkey -in "$key" -pubout -outform DER >der
    cat der >>campaign/public
    record="v=DKIM1; k=rsa; p=$(base64 -w 0 der)"
    printf 'bench._domainkey.shop%s.example\t%s\n' "$domain" "$record" >>campaign/records
    printf 'bench._domainkey.shop%s.example. IN TXT "%s" "%s"\n' "$domain" "${record:0:250}" "${record:250}" >>campaign/zone
    echo "shop$domain shop$domain.example:bench:$PWD/$key" >>campaign/KeyTable
    echo "shop$domain.example shop$domain" >>campaign/SigningTable
done
for i in {10..21}; do
    name=000/0000$i.eml
    printf 'From: news@shop0%d.example\r\nTo: a@b.example\r\nSubject: number %d\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nDear reader  %d,\r\n\tbye \r\n\r\n' \
        $((i % 2)) "$i" "$i" >"campaign/mail/$name"
    printf '%s\t%d\t600\t32\n' "$name" $((i % 2)) >>campaign/list
done
check "a campaign is signed" "$MAILMILL_PROGRAM" sign --key-table campaign/KeyTable --signing-table campaign/SigningTable \
    --quiet --durability none -o mail/ campaign/mail
cp -R mail before
"$peers/messages.py" damage mail campaign/list 5 >damaged
is "one in five is damaged" "$(wc -l <damaged)" 3
is "by one byte of its body" "$(while read -r name; do cmp -l "before/$name" "mail/$name"; done <damaged | wc -l)" 3
refuse "which mailmill sees" 1 "$MAILMILL_PROGRAM" verify --keys campaign/zone --require pass --quiet -o ours.ndjson mail
drivers=("$python $peers/dkimpy_driver.py" "perl $peers/maildkim_driver.pl" "$bench/opendkim_driver")
for driver in "${drivers[@]}"; do
    name=$(basename "${driver##* }")
    rm -f theirs.*
    $driver verify campaign mail theirs 2 >figures
    is "$name tells its figures" "$(grep -cE '^cpu_s=[0-9.]+ wall_s=[0-9.]+ peak_bytes=[0-9]+ messages=12$' figures)" 1
    is "$name says of each message what mailmill says" \
        "$("$peers/agree.py" verdicts campaign/list damaged ours.ndjson theirs.*)" 12
    rm -f theirs.*
    $driver sign campaign campaign/mail theirs 2 >/dev/null
    cat theirs.* >"$name.mbox"
    "$MAILMILL_PROGRAM" verify --keys campaign/zone --quiet -o - "$name.mbox" >checked
    is "mailmill accepts what $name signs" "$("$peers/agree.py" signed 12 checked)" 12
done

# ---- fewer messages, of the same mean size ----

for i in {1..1000}; do printf '%s.eml\t0\t0\t%s\n' "$i" $((i * i)); done >many
"$peers/messages.py" pick many 20 >few
is "twenty of a thousand have their mean size" \
    "$(awk -F '\t' '{ sum += $4 } END { printf "%d %.2f", NR, sum / NR / 333833.5 }' few)" "20 1.00"

# ---- the page ----

mkdir made
printf 'small\t2\t8000\n' >made/campaigns
: >made/stages
printf 'dkimpy (Python)\t%s\t%s\n' signed 3 verified 5 damaged 1 verified 2 >made/agreement
{
    for fact in command date rounds cpu cores memory system files mailmill kernels openssl; do printf '%s\tso\n' "$fact"; done
    printf 'words\t%s\t%s\n' mailmill mailmill yardstick "C yardstick" dkimpy "dkimpy (Python)"
    printf 'absent\tmailauth (Node.js)\tnot installed: no npm\n'
} >made/facts
# In the second round the machine is four times as slow, in the third nine times: the ratios stay.
for verb in sign verify; do
    for round in 1 2 3; do
        slow=$((round * round))
        printf "small\t$verb\tmailmill\t1\t$round\t1000\t$slow\t$slow\t4000000\n"
        printf "small\t$verb\tyardstick\t1\t$round\t100\t0.0$slow\t$slow\t4000000\n"
        printf "small\t$verb\tdkimpy\t1\t$round\t10\t0.$slow\t$slow\t4000000\n"
    done
done >made/results
check "a page is made" sh -c "'$python' '$peers/page.py' made >page"
is "CPU time is the median of rounds, its ratio that within a round" "$(grep -c '^| dkimpy (Python) | 10 | 40,000 | 10.0 |' page)" 2
is "a yardstick that is faster is said to be" "$(grep -c 'mailmill takes 10.0 times as long as it' page)" 2
is "a program that is not there is named" "$(grep -c '^mailauth (Node.js): not installed: no npm\.$' page)" 1
is "what agrees is counted" "$(grep -c '^| dkimpy (Python) | 3 | 7 | 1 |$' page)" 1
plan

# sign_options.sh - each option of sign does what the manual says, and other people's verifiers agree.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
ed="--domain example.com --selector e1 --key $keys/ed25519.pem"
message example.com 1 >a.eml
quietly() { "$mailmill" "$@" 2>err; }
# verdict FILE: the result and then that of each signature
verdict()
{
    quietly verify --keys "$keys/zone" --now $now "$@" | grep -o '"result":"[a-z]*"' | cut -d '"' -f 4 | tr '\n' ' ' |
        sed 's/ $//'
}

# ---- several signatures ----

check "two pairs sign" "$mailmill" sign $one $ed --now $now -o two.eml a.eml
is "the first pair is on top" "$(tag two.eml 0 s) $(tag two.eml 0 a), $(tag two.eml 1 s) $(tag two.eml 1 a)" \
    "m1 rsa-sha256, e1 ed25519-sha256"
check "the other way round" "$mailmill" sign $ed $one --now $now -o owt.eml a.eml
is "the first pair is on top there, too" "$(tag owt.eml 0 s), $(tag owt.eml 1 s)" "e1, m1"
is "the same fields in another order" "$(sort two.eml)" "$(sort owt.eml)"
is "peers accept both signatures, in both orders" "$(peers two.eml owt.eml)" pass
is "so do we" "$(verdict two.eml)" "pass pass pass"

# ---- the field ----

for canon in simple/simple simple/relaxed relaxed/simple relaxed/relaxed simple relaxed; do
    case $canon in */*) want=$canon ;; *) want=$canon/simple ;; esac
    quietly sign $one --canon $canon --now $now -o - a.eml >"c.eml"
    is "--canon $canon" "$(tag c.eml 0 c)" "$want"
done
is "the default is relaxed/relaxed" "$(tag two.eml 0 c)" relaxed/relaxed
is "t= is --now" "$(tag two.eml 0 t)" $now
before=$(date +%s)
quietly sign $one -o - a.eml >clock.eml
t=$(tag clock.eml 0 t)
ok "t= is the clock without it" $((t < before || t > before + 60))
is "no x=, i= or l= unasked" "$(tag two.eml 0 x)$(tag two.eml 0 i)$(tag two.eml 0 l)" ""

while read -r time seconds; do
    quietly sign $one --now $now --expire "$time" -o - a.eml >x.eml
    is "--expire $time" "$(tag x.eml 0 x)" $((now + seconds))
done <<'END'
7d 604800
12h 43200
1d12h 129600
90 90
1d2h3m4s 93784
END
quietly sign $one --expire 7d -o - a.eml >x.eml
is "peers accept an x= to come" "$(peers x.eml)" pass
says "x= of 13 digits is refused" 64 "--expire: x= has no room" \
    "$mailmill" sign $one --now 999999999999 --expire 1s -o no.eml a.eml

quietly sign $one $ed --now $now --identity '"joe=x;"@sub.example.com' -o - a.eml >i.eml
is "--identity is i=, in quoted-printable" "$(tag i.eml 0 i) $(tag i.eml 1 i)" \
    '"joe=3Dx=3B"@sub.example.com "joe=3Dx=3B"@sub.example.com'
is "peers accept it" "$(peers i.eml)" pass
says "--identity outside of d= is refused" 64 "neither in nor below d=example.com" \
    "$mailmill" sign $one --identity @example.net -o no.eml a.eml
says "so is one that is no address" 64 "want @DOMAIN or LOCAL@DOMAIN" \
    "$mailmill" sign $one --identity example.com -o no.eml a.eml
for local in joe@ .joe joe. j..oe 'a b' $'joe\n' 'joe;' '"joe' $'\xff'; do
    says "nor does one have the local part $(printf %q "$local")" 64 "mailmill sign: --identity '" \
        "$mailmill" sign $one --identity "$local@example.com" -o no.eml a.eml
    is "which is told" "$(grep -c 'what stands before the .@. is neither' .says-err)" 1
done
for local in '' j.o.e "o'neil+x=y" '"a b"' '"@"' jö; do
    check "but it may be '$local'" "$mailmill" sign $one --overwrite --identity "$local@example.com" -o local.eml a.eml
done
is "peers accept the last one" "$(peers local.eml)" pass

# ---- which fields ----

{ printf 'Received: top\r\nSubject: upper\r\nReceived: bottom\r\n'; message example.com 2; } >several.eml
quietly sign $one --now $now --headers subject:subject,Subject:received:FROM,reply-to --oversign '' -o - several.eml >h.eml
is "--headers: one instance a mention, names without one left are dropped" "$(tag h.eml 0 h)" \
    "subject:subject:received:FROM"
is "peers accept it" "$(peers h.eml)" pass
sed 's/^Received: top/Received: other/' h.eml >h1.eml
sed 's/^Received: bottom/Received: other/' h.eml >h2.eml
sed 's/^Subject: upper/Subject: other/' h.eml >h3.eml
is "a single mention is the lowest instance" "$(verdict h1.eml), $(verdict h2.eml)" "pass pass, fail fail"
is "two mentions are both" "$(verdict h3.eml)" "fail fail"
says "--headers without From is refused" 64 "--headers: From must be in the list" \
    "$mailmill" sign $one --headers to:subject -o no.eml a.eml
says "so is a name that is none" 64 "--headers: 'a b' is no header field name" \
    "$mailmill" sign $one --headers 'from:a b' -o no.eml a.eml
says "and an empty one" 64 "--headers: '' is no header field name" "$mailmill" sign $one --headers from::to -o no.eml a.eml

# RFC 6376 section 5.4.1, RFC 8058 section 4 and Feedback-ID, two of each but From; others are left out.
names="Reply-To Subject Date To Cc Resent-Date Resent-From Resent-To Resent-Cc In-Reply-To References List-Id List-Help \
List-Unsubscribe List-Subscribe List-Post List-Owner List-Archive List-Unsubscribe-Post Feedback-ID"
{
    printf 'From: a@example.com\r\n'
    for name in $names $names Received Return-Path Message-ID X-Other Content-Type; do printf '%s: x\r\n' "$name"; done
    printf '\r\nbody\r\n'
} >all.eml
quietly sign $one --now $now -o - all.eml >signed-all.eml
is "the default list covers every instance of what the RFCs name" \
    "$(tag signed-all.eml 0 h | tr ':' '\n' | LC_ALL=C sort | uniq -c | awk '{ print $1, tolower($2) }')" \
    "$(for name in From $names; do echo "2 $name" | tr '[:upper:]' '[:lower:]'; done | LC_ALL=C sort -k 2)"
is "peers accept it" "$(peers signed-all.eml)" pass
{ printf 'From: a@example.com\r\n\r\n'; } >bare.eml
quietly sign $one --now $now -o - bare.eml >signed-bare.eml
is "only what is present, and From once more" "$(tag signed-bare.eml 0 h)" from:from
is "a message without a body" "$(peers signed-bare.eml)" pass

# ---- oversigning ----

add_on_top() { { printf '%s\r\n' "$1"; cat "$2"; } >added.eml; verdict added.eml; }
is "a second From breaks the default" "$(add_on_top 'From: x@example.com' two.eml)" "fail fail fail"
quietly sign $one --now $now --oversign '' -o - a.eml >plain.eml
is "--oversign '' adds nothing" "$(tag plain.eml 0 h)" from:subject:date:to
quietly sign $one --now $now --oversign From,subject:Reply-To -o - a.eml >over.eml
is "--oversign names once more, present or not" "$(tag over.eml 0 h)" from:subject:date:to:From:subject:Reply-To
is "and says that one is absent" "$(grep -c 'warning: 1 message lacks a field named in --oversign' err)" 1
is "peers accept it" "$(peers over.eml)" pass
is "none of them can be added" "$(add_on_top 'Subject: x' over.eml), $(add_on_top 'Reply-To: x@y' over.eml)" "fail fail, fail fail"
quietly sign $one --now $now --headers from:to --oversign from:subject -o - a.eml >over.eml
is "nor where --headers leaves one out" "$(tag over.eml 0 h) $(verdict over.eml) $(add_on_top 'Subject: x' over.eml)" \
    "from:to:from:subject:subject pass pass fail fail"
quietly sign $one --now $now --oversign From,subject:Reply-To -o - a.eml >over.eml
is "another one can" "$(add_on_top 'X-Spam: no' over.eml)" "pass pass"
quietly sign $one --now $now --quiet --oversign reply-to -o - a.eml >/dev/null
is "--quiet has no warnings" "$(cat err)" ""
quietly sign $one --now $now --oversign from:subject -o - a.eml >/dev/null
is "nor has a message that lacks nothing" "$(grep -c warning err)" 0
says "--oversign dkim-signature is refused" 64 "a later signature would break this one" \
    "$mailmill" sign $one --oversign dkim-signature -o no.eml a.eml

# ---- same input, same bytes ----

mkdir many
for i in $(seq 300); do message example.com $i >many/$i.eml; done
for way in "uring 1" "uring 3" "threads 1" "threads 4"; do
    [ "${way% *}" = threads ] || "$mailmill" version | grep -q '^io  *uring$' || continue
    quietly sign $one $ed --now $now --durability none --io ${way% *} --threads ${way#* } -o "${way/ /-}.mbox" many
done
is "an mbox does not depend on threads or the way of reading" "$(cat ./*-*.mbox | wc -l)" \
    "$(($(wc -l <threads-1.mbox) * $(ls ./*-*.mbox | wc -l)))"
for mbox in ./*-*.mbox; do check "$mbox is the same" cmp threads-1.mbox "$mbox"; done
quietly sign $one $ed --now $now --crypto openssl --threads 2 -o openssl.mbox many
check "nor on --crypto" cmp threads-1.mbox openssl.mbox
for tier in portable sse2 avx2; do
    MAILMILL_CPU=$tier quietly sign $one $ed --now $now --threads 2 -o $tier.mbox many
    check "nor on the CPU ($tier)" cmp threads-1.mbox $tier.mbox
done

# ---- line ends ----

tr -d '\r' <a.eml >lf.eml
{ cat a.eml; printf 'bare\n'; } >mixed.eml
{ cat a.eml; printf 'a\rb\r\n'; } >cr.eml
"$mailmill" sign $one --now $now --eol strict --rejects strict.ndjson -o strict a.eml lf.eml mixed.eml cr.eml 2>err
is "--eol strict rejects lines that end in LF alone" "$? $(cd strict && echo *)" "1 a.eml cr.eml"
is "and tells where the LF is" "$(sed 's/"detail":"[^"]*",//' strict.ndjson)" \
    "{\"message\":\"lf.eml\",\"rejected\":\"bare-lf\",\"offset\":33}
{\"message\":\"mixed.eml\",\"rejected\":\"bare-lf\",\"offset\":188}"
is "on stderr, too" "$(grep -c '^mailmill sign: mixed.eml:188: .*(bare-lf)$' err)" 1
quietly sign $one --now $now --eol auto -o auto a.eml lf.eml mixed.eml
is "--eol auto signs them as CRLF" "$(tag auto/lf.eml 0 b)" "$(tag auto/a.eml 0 b)"
is "peers accept them" "$(peers auto/a.eml auto/lf.eml auto/mixed.eml)" pass

# ---- signed already ----

says "a message that has this d= and s= is rejected" 1 "two.eml:0: " "$mailmill" sign $one --now $now -o no.eml two.eml
is "with its reason" "$(grep -c '"rejected":"already-signed"' no.eml.mailmill/rejects.ndjson)" 1
is "and no empty message in its place" "$(ls -d no.eml no.eml.part 2>/dev/null)" ""
says "also where only one of two is there" 1 "(already-signed)" "$mailmill" sign $one \
    --domain example.com --selector c1 --key "$keys/campaign.pem" --now $now -o no.eml two.eml
sed 's/^DKIM-Signature: .*d=example.com;/dkim-signature : v=1; d = Example.COM ;/; s/ s=m1;/ s = M1 ;/' two.eml >case.eml
says "in any spelling" 1 "(already-signed)" "$mailmill" sign $one --now $now -o no.eml case.eml
check "--signed-already sign signs once more" "$mailmill" sign $one --now $now --signed-already sign -o more.eml two.eml
is "all three are valid" "$(verdict more.eml) $(peers more.eml)" "pass pass pass pass pass"
says "--signed-already skip counts a duplicate" 0 '"signed":0,"verified":0,"extracted":0,"rejected":0,"duplicates":1,' \
    "$mailmill" sign $one --now $now --signed-already skip --stats -o skip.eml two.eml
check "and leaves it as it is" cmp skip.eml two.eml
check "another selector is no matter" "$mailmill" sign --domain example.com --selector other --key "$keys/mail.pem" \
    --now $now -o other.eml two.eml

# ---- FILE.eml is for one message ----

for i in 1 2; do
    printf 'From someone Tue Nov 14 22:13:20 2023\n'
    message example.com $i | tr -d '\r'
    echo
done >both.mbox
sed '/^$/,$d' both.mbox >first.mbox
check "an mbox of one message is one" "$mailmill" sign $one --now $now -o lone.eml first.mbox
is "its separator is no part of the message" "$(head -n 1 lone.eml | cut -d : -f 1) $(tag lone.eml 0 s)" "DKIM-Signature m1"
check "an mbox of two is none, and -o names a folder" "$mailmill" sign $one --now $now -o pair.eml both.mbox
is "with a file each" "$(ls pair.eml | wc -l) $(cat pair.eml/* | grep -c ^DKIM-Signature:)" "2 2"
"$mailmill" sign $one --now $now -o piped.eml - <both.mbox 2>said
is "what follows the first from a pipe is rejected" "$? $(grep -c -- '^mailmill sign: -![0-9]*: one .eml holds one message' said)" "1 1"
is "the first is signed" "$(verdict piped.eml) $(grep -c ^DKIM-Signature: piped.eml)" "pass pass 1"
check "--source-format message takes it as one" "$mailmill" sign $one --now $now --source-format message -o asone.eml both.mbox
is "and signs it once" "$(grep -c ^DKIM-Signature: asone.eml)" 1

# ---- names ----

says "a domain of one label" 64 "--domain 'com', --selector 's': the domain is none" \
    "$mailmill" sign --domain com --selector s --key "$keys/mail.pem" -o no.eml a.eml
says "a selector with a blank" 64 "the selector is none" \
    "$mailmill" sign --domain example.com --selector 's s' --key "$keys/mail.pem" -o no.eml a.eml
says "a pair that comes twice" 64 "the same pair twice" "$mailmill" sign $one $one -o no.eml a.eml
says "a domain that is only for tables" 64 "only in a KeyTable" \
    "$mailmill" sign --domain % --selector s --key "$keys/mail.pem" -o no.eml a.eml

# ---- Ed25519 alone ----

says "Ed25519 alone is refused" 64 "say --allow-ed25519-only" "$mailmill" sign $ed --now $now -o no.eml a.eml
check "unless allowed" "$mailmill" sign $ed --now $now --allow-ed25519-only -o ed.eml a.eml
is "peers accept it" "$(tag ed.eml 0 a) $(peers ed.eml)" "ed25519-sha256 pass"

# ---- a dry run ----

mkdir dry
for i in 1 2 3; do message example.com $i >dry/$i.eml; done
message example.net 4 >dry/4.eml
: >dry/5.eml
cp two.eml dry/6.eml
printf 'k %%:m1:mail.pem\n' >keys/Any
printf 'example.com k\n' >keys/Com
ls -lR --time-style=full-iso dry . >before
says "a dry run counts and rejects" 1 "6 inputs: 4 would be signed, 2 rejected" "$mailmill" sign $one --now $now --dry-run dry
is "it tells messages a key, rejects a reason and the time" "$(sed 's/: [0-9.]* s, /: N s, /' .says-out)" \
    "           4  m1._domainkey.example.com
           1  rejected: empty-message
           1  rejected: already-signed
estimated time to sign: N s, without writing"
"$mailmill" sign --key-table keys/Any --signing-table keys/Com --unmatched copy --signed-already sign --dry-run dry \
    >plan 2>said
is "and what a table does not match" "$? $(head -n 3 plan)" "1            4  m1._domainkey.example.com
           1  copied: no row of the signing table
           1  rejected: empty-message"
ls -lR --time-style=full-iso dry . >after
is "it writes nothing" "$(grep -v ' \(\.says-.*\|before\|after\|plan\|said\)$' before | grep -v '^total')" \
    "$(grep -v ' \(\.says-.*\|before\|after\|plan\|said\)$' after | grep -v '^total')"
says "stdin can be asked about, too" 0 "1 input: 1 would be signed" bash -c '"$0" sign "$@" - <a.eml' "$mailmill" $one --dry-run

says "keys that fit their records" 1 "4 would be signed" "$mailmill" sign $one --dry-run --keys "$keys/zone" dry
says "a key that is another one ends it before work" 78 "m1._domainkey.example.com: has a record with another key" \
    "$mailmill" sign --domain example.com --selector m1 --key "$keys/campaign.pem" --dry-run --keys "$keys/zone" dry
is "with nothing on stdout" "$(cat .says-out)" ""
says "so does one without a record" 78 "c1._domainkey.example.com: has no record" \
    "$mailmill" sign --domain example.com --selector c1 --key "$keys/campaign.pem" --dry-run --keys "$keys/zone" dry
says "--keys and --dns are for a dry run" 64 "--dns is of use only with --dry-run" "$mailmill" sign $one --dns -o no dry
says "and want something to compare with" 64 "--keys none leaves nothing" "$mailmill" sign $one --keys none --dry-run dry
printf '* k\n' >keys/All
says "keys of tables are compared once their domains are known" 0 "4 would be signed" \
    "$mailmill" sign --key-table keys/Any --signing-table keys/All --dry-run --keys "$keys/zone" dry/[1-4].eml
sed 's/^$ORIGIN _domainkey.example.net/$ORIGIN _domainkey.gone.example.net/' "$keys/zone" >gone.zone
says "and a record that one of them lacks is named" 78 "m1._domainkey.example.net: has no record" \
    "$mailmill" sign --key-table keys/Any --signing-table keys/All --dry-run --keys gone.zone dry/[1-4].eml
: >empty.zone
says "and how many others lack theirs" 78 "1 more key has no record" \
    "$mailmill" sign --key-table keys/Any --signing-table keys/All --dry-run --keys empty.zone dry/[1-4].eml
plan

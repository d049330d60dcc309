# explain.sh - verify --explain shows what a verdict rests on, and names each kind of damage.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
zone=$keys/zone
python=/usr/bin/python3
explain() { "$mailmill" verify --quiet --now $now --keys "$zone" --explain "$@"; }
# diagnosed FILE: damage of the body, damage of the header, with lines left out; "-" where it is well.
diagnosed()
{
    explain "$1" --json | "$python" -c '
import json, sys
def say(d):
    if d is None: return "-"
    if not d["found"]: return "unknown"
    return d["damage"] + ("+%d" % d["lines_added"] if d["lines_added"] else "")
for s in json.load(sys.stdin)["signatures"]:
    print(say(s["body"]["diagnosis"]), say(s["header"]["diagnosis"]))'
}
# sign OUT CANON [KEY OPTIONS]: sign standard input
sign()
{
    local out=$1 canon=$2
    shift 2
    cat >in.eml
    "$mailmill" sign ${*:-$one} --canon "$canon" --now $now --quiet --overwrite -o "$out" in.eml
}
text()
{
    printf 'From: Ann Author <ann@example.com>\r\nTo: bob@example.net,\r\n\tcarl@example.net\r\n'
    printf 'Subject: hello  there\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
    printf 'Content-Transfer-Encoding: %s\r\n\r\n' "${1:-8bit}"
}
body()
{
    printf 'Dear Bob,\r\nFrom here on it is gr\303\274n = green \r\n>From: no separator\r\n'
    printf '.one dot\r\n-- \r\nAnn\r\n'
}

# ---- what an undamaged message says ----

{ text; body; } | sign good.eml relaxed/relaxed
explain good.eml >good.txt
is "a message that passes exits 0" $? 0
is "and says nothing of damage" "$(grep -c Diagnosis good.txt)" 0
is "nor does its JSON" "$(diagnosed good.eml)" "- -"
is "no fault is found" "$(grep -c '^    YES' good.txt)" 0
is "every fault is listed once" "$(grep -cE '^    (no |YES|-  )  [^ ]' good.txt)" \
    "$(grep -c '^MM_REASON(' "$MAILMILL_SOURCE_DIR/include/mailmill/reasons.def" | awk '{ print $1 - 1 }')"
is "the key and where it came from" "$(grep -c "^    m1._domainkey.example.com: NOERROR, $zone:[0-9]" good.txt)" 1
is "white space is made visible" "$(grep -c '| From·here·on·it·is·gr\\xc3\\xbcn·=·green\\r\\n$' good.txt)" 1
explain good.eml --json >good.json
hashed=$("$python" -c '
import base64, hashlib, json
s = json.load(open("good.json"))["signatures"][0]
h = base64.b64decode(s["header"]["hashed"])
assert hashlib.sha256(h).hexdigest() == s["header"]["computed"]["hex"] == s["header"]["signed"]["hex"]
b = base64.b64decode(s["body"]["head"]) + base64.b64decode(s["body"]["tail"])
assert hashlib.sha256(b).hexdigest() == s["body"]["computed"]["hex"] == s["body"]["claimed"]["hex"]
assert base64.b64decode(s["body"]["computed"]["base64"]).hex() == s["body"]["computed"]["hex"]
assert len(h) == s["header"]["bytes"] and len(b) == s["body"]["bytes"] == s["body"]["of"]
print(h.decode().split("\r\n")[0], b.decode().split("\r\n")[0])')
is "the JSON holds the very bytes" "$hashed" "from:Ann Author <ann@example.com> Dear Bob,"

# ---- one kind of damage each: name, canon, what is done (perl on the whole message), what is said ----

hurt()
{
    local name=$1 canon=$2 damage=$3 want=$4
    shift 4
    { text; body; } | sign signed.eml "$canon" "$@"
    perl -0777 -pe "$damage" signed.eml >hurt.eml
    is "$name ($canon)" "$(diagnosed hurt.eml)" "$want"
}
hurt "a line was quoted for an mbox" relaxed/simple 's/^From here/>From here/m' "from-quoted -"
hurt "so were several, by mboxrd" relaxed/relaxed 's/^(>*From )/>$1/mg; s/\A>//; s/^>From: Ann/From: Ann/m' "from-quoted -"
hurt "quotes were taken off" relaxed/relaxed 's/^>From: no/From: no/m' "unknown -"
hurt "a footer was added" relaxed/relaxed 's/\z/_______\r\nlist footer\r\n/' "none+2 -"
hurt "a footer was added" simple/simple 's/\z/_______\r\n\r\nlist footer\r\n\r\n/' "none+3 -"
hurt "a footer was added and a line quoted" relaxed/relaxed 's/\z/list\r\n/; s/^From here/>From here/m' "from-quoted+1 -"
hurt "a blank line at the end does not matter" simple/simple 's/\z/\r\n\r\n/' "- -"
hurt "blank lines came on top" relaxed/relaxed 's/Dear/\r\n\r\nDear/' "blank-lines-above -"
hurt "white space at the ends of lines" simple/simple 's/Bob,\r/Bob,  \r/; s/green /green/; s/-- \r/--\r/' "unknown -"
hurt "white space was cut behind dashes" simple/simple 's/-- \r/--\r/' "signature-dashes-cut -"
hurt "CRs were added" simple/simple 's/(Dear.*)\z/$1 =~ s,\r\n,\r\r\n,gr/se' "cr-added -"
hurt "dots were doubled" simple/simple 's/^\./../mg' "dots-doubled -"
hurt "a dot was lost" simple/simple 's/^\.one/one/m' "unknown -"
hurt "text was changed" relaxed/relaxed 's/Dear/dear/' "unknown -"
hurt "a list put its tag into Subject" relaxed/relaxed 's/^Subject: /Subject: [list] /m' "- subject-tag-added"
hurt "a list put its tag into Subject" simple/simple 's/^Subject: /Subject: [list] /m' "- subject-tag-added"
hurt "a filter put stars into Subject" simple/simple 's/^Subject: /Subject: ***SPAM*** /m' "- subject-tag-added"
hurt "the tag stands behind Re:" relaxed/relaxed 's/^Subject: /Subject: [list] /m' "- subject-tag-added" $one
hurt "tag and footer" relaxed/relaxed 's/^Subject: /Subject: [x] /m; s/\z/footer\r\n/' "none+1 subject-tag-added"
hurt "the same with Ed25519" relaxed/relaxed 's/^Subject: /Subject: [x] /m' "- subject-tag-added" \
    --domain example.com --selector e1 --key "$keys/ed25519.pem" --allow-ed25519-only
hurt "a field was folded" simple/simple 's/^Subject: hello /Subject: hello\r\n /m' "- field-folded"
hurt "folds do not matter to relaxed" relaxed/relaxed 's/^Subject: hello /Subject: hello\r\n /m' "- -"
hurt "a fold's tab became a blank" simple/simple 's/^\tcarl/ carl/m' "- folds-with-blanks"
hurt "a second From was added" relaxed/relaxed 's/^To:/From: mallory\@example.org\r\nTo:/m' "- field-added"
hurt "the blank behind a colon was doubled" simple/simple 's/^Subject: /Subject:  /m' "- colon-space-changed"
hurt "white space at the end of a field" simple/simple 's/^(Subject.*)\r/$1 \r/m' "- field-trailing-space-added"
hurt "c= is not what was signed" relaxed/relaxed 's/^(Subject: .*)there/$1 else/m' "- unknown"

# ---- line ends, encodings ----

printf 'one\r\ntwo\r\n' >crlf-body
{ text; printf 'one\r\rtwo\r\n'; } | sign signed.eml simple/simple
perl -0777 -pe 's/one\r\rtwo/onetwo/' signed.eml >hurt.eml
is "CRs that were lost are gone" "$(diagnosed hurt.eml)" "unknown -"
{ text; printf 'one\r\ntwo\r\n'; } | sign signed.eml simple/simple
perl -0777 -pe 's/one\r\ntwo/one\rtwo/' signed.eml >hurt.eml
is "a line end became a CR alone" "$(diagnosed hurt.eml)" "cr-was-line-end -"
perl -0777 -pe 's/(\r\n\r\n)(.*)/my ($h, $b) = ($1, $2); $h . $b =~ s,\r\n,\n,gr/se' signed.eml >lf.eml
is "bare LF in the body alone does not matter" "$(diagnosed lf.eml)" "- -"

recode()
{
    local name=$1 damage=$2 want=$3
    { text "$4"; cat text-body; } | sign signed.eml relaxed/simple --headers from:to:subject $one
    perl -MMIME::Base64 -MMIME::QuotedPrint -0777 -pe '
        /\A(.*?\r\n\r\n)(.*)\z/s; my ($h, $b) = ($1, $2);'"$damage"'; $_ = "$h$b"' signed.eml >hurt.eml
    is "$name" "$(diagnosed hurt.eml)" "$want"
}
body >text-body
recode "8bit became quoted-printable" '$b =~ s/\r\n/\n/g; $b = encode_qp($b, "\r\n")' "quoted-printable-added -" 8bit
recode "8bit became base64" '$b = encode_base64($b, "\r\n")' "base64-added -" 8bit
perl -MMIME::QuotedPrint -0777 -ne 's/\r\n/\n/g; print encode_qp($_ . "x" x 200 . "\n", "\r\n")' <(body) >text-body
recode "quoted-printable was decoded" '$b =~ s/\r\n/\n/g; $b = decode_qp($b); $b =~ s/\n/\r\n/g' \
    "quoted-printable-lost -" quoted-printable
perl -MMIME::Base64 -0777 -ne 'print encode_base64($_, "\r\n")' <(body) >text-body
recode "base64 was decoded" '$b = decode_base64($b)' "base64-lost -" base64
{ text; body; } | sign signed.eml relaxed/relaxed --headers from:content-transfer-encoding $one
perl -0777 -pe 's/^(Content-Transfer-Encoding:) 8bit/$1 quoted-printable/m' signed.eml >hurt.eml
is "the field of the encoding was changed" "$(diagnosed hurt.eml)" "- transfer-encoding-changed"
{
    printf 'From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n'
} | sign signed.eml relaxed/relaxed
perl -0777 -pe 's/--b--/--b\r\n\r\nfooter\r\n--b--/' signed.eml >hurt.eml
is "a part was added to a multipart" "$(diagnosed hurt.eml)" "none+3 -"
is "above its end" "$(explain hurt.eml --json | grep -c '"above_boundary":true')" 1

# ---- several signatures, other keys, faults ----

{ text; body; } | sign two.eml relaxed/relaxed $one --domain example.com --selector e1 --key "$keys/ed25519.pem"
{ cat two.eml; printf 'footer\r\n'; } >hurt.eml
is "each signature is explained" "$(diagnosed hurt.eml)" $'none+1 -\nnone+1 -'
perl -0777 -pe 's/\bb=(\w)/"b=" . ($1 eq "A" ? "B" : "A")/e' good.eml >hurt.eml
is "a damaged b= holds no hash" "$(explain hurt.eml | grep -c 'b= was not made with this key, or is damaged')" 1
perl -0777 -pe 's/; d=example/;; d=example/' good.eml >hurt.eml
explain hurt.eml >bad.txt
is "a field at fault has a field and faults, and no more" \
    "$(grep -cE '^  (Field|Key|Header|Body)' bad.txt) $(grep -c '^    YES  the field is no list' bad.txt) $(grep -c '^    -    ' bad.txt)" \
    "1 1 $(($(grep -c '^MM_REASON(' "$MAILMILL_SOURCE_DIR/include/mailmill/reasons.def") - 2))"
is "no signature, no explanation" "$({ text; body; } | explain - | head -n 1 | grep -c 'none, 0 signatures')" 1

# ---- it is the verdict of verify, with its exit code ----

for file in good.eml hurt.eml two.eml; do
    row=$("$mailmill" verify --quiet --now $now --keys "$zone" $file)
    want=$?
    got=$(explain $file --json)
    is "$file: exit code and row are those of verify" "$? $(cut -c 8- <<<"$got" | head -c ${#row})" "$want $row"
done
is "--keys none tells what it can" "$("$mailmill" verify --quiet --keys none --explain good.eml | grep -c 'nobody was asked')" 1
record=$(explain good.eml --json | "$python" -c '
import json, sys
print(json.load(sys.stdin)["signatures"][0]["key"]["records"][0]["text"])')
printf '{"name":"m1._domainkey.example.com","type":"TXT","status":"NOERROR","from":1600000000,"until":1700000100,"txt":["%s"]}\n' \
    "$record" >dated.ndjson
{ printf 'Received: from a by b; Tue, 14 Nov 2023 22:13:20 +0000\r\n'; cat good.eml; } >received.eml
is "the key is that of the time of receipt" "$("$mailmill" verify --quiet --now 1800000000 --keys dated.ndjson \
    --time-from received --explain received.eml | grep -cE '^received.eml: pass|NOERROR, dated.ndjson:1, from 2020-09-13')" 2
echo 'other._domainkey.example.com. TXT "v=DKIM1; p="' >other.zone
"$mailmill" verify --quiet --keys other.zone --explain good.eml >unrecorded.txt
is "a name that is not recorded has no dates" "$(grep -c 'm1._domainkey.example.com: not recorded$' unrecorded.txt)" 1
is "in JSON neither" "$("$mailmill" verify --quiet --keys other.zone --explain good.eml --json |
    grep -oE '"status":"not recorded"|"(from|until)":-?[0-9]+')" '"status":"not recorded"'
{ printf 'From x\n'; cat good.eml; printf '\nFrom x\n'; cat two.eml; } >mail.mbox
at=$(grep -abo '^From x' mail.mbox | tail -n 1 | cut -d : -f 1)
is "a message of an mbox, by its offset" "$(explain "mail.mbox!$at" --json | grep -c '"row":{"message":"mail.mbox!'"$at"'".*"result":"pass"')" 1
says "it counts as verified" 0 "1 verified (pass 1)" "$mailmill" verify --now $now --keys "$zone" --explain good.eml

# ---- hostile bytes ----

printf 'From: \033]0;x\007 <a@example.com>\r\nDKIM-Signature: v=1; a=rsa-sha256; d=\033[31m.example; s=\233x; h=from; bh=\r\033[2J; b=\302\233\r\n\r\n\033[31mred\342\200\256\r\n' >esc.eml
explain esc.eml >esc.txt
"$mailmill" verify --quiet --keys none --explain good.eml >>esc.txt
is "nothing acts on a terminal" "$(LC_ALL=C tr -d '\n\040-\176' <esc.txt | sed 's/\xc2\xb7//g' | wc -c)" 0
explain esc.eml --json >esc.json
is "nor in JSON" "$(LC_ALL=C tr -d '\n\040-\176' <esc.json | wc -c)" 0
cp esc.eml $'evil\e[31m.eml'
is "nor does a name" "$(explain $'evil\e[31m.eml' | head -n 1 | grep -c '^evil\\x1b\[31m.eml: ')" 1
{ text; head -c 300000 /dev/zero | tr '\0' 'x' | fold -w 70; } | sign long.eml simple/simple
is "a long body shows its ends" "$(explain long.eml | grep -cE '\.\.\. [0-9]+ bytes are not shown \.\.\.')" 1

# ---- usage, manual ----

says "no keys" 64 "no keys" "$mailmill" verify --explain good.eml
says "a source beside it" 64 "no SOURCE beside it" "$mailmill" verify --keys none --explain good.eml two.eml
says "--extract as well" 64 "exclude each other" "$mailmill" verify --keys none --explain good.eml --extract good.eml
says "--json alone" 64 "--json is of use only with --explain" "$mailmill" verify --keys none --json good.eml
says "output to a file" 64 "standard output" "$mailmill" verify --keys none --explain good.eml -o x.ndjson
says "no such file" 66 "gone.eml: No such file" "$mailmill" verify --keys none --explain gone.eml
for slug in $(sed -n 's/^MM_DAMAGE([A-Z_0-9]*, "\([^"]*\)".*/\1/p' "$MAILMILL_SOURCE_DIR/src/dkim/damage.def" | grep -v '^none$'); do
    ok "the manual has the damage $slug" "$(grep -q "^|  \*$slug\*\$" "$MAILMILL_SOURCE_DIR/docs/mailmill.1.scd"; echo $?)"
done
plan

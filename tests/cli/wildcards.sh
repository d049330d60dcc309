# wildcards.sh - wildcards of a master file answer as a name server that serves it does (RFC 4592).
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
verify() { timeout 120 "$mailmill" verify --quiet --now $now "$@"; }
rows() { "$python" "$MAILMILL_SOURCE_DIR/tests/support/verdict_rows.py" "$@" 2>>shape; }
# What files do not hold a server denies.
as_live() { sed 's/"reason":"key-not-recorded"/"reason":"no-key"/g'; }

# ---- a zone with names of all kinds below wildcards, and a message for each question ----

"$mailmill" keys new --domain key.example --selector s1 --type ed25519 -o key.pem >key.record
key=$(sed -n 's/.*\("v=DKIM1[^"]*"\).*/\1/p' key.record)
revoked='"v=DKIM1; p="'
cat >zone <<END
\$TTL 300
@ IN SOA ns. root. 1 3600 600 86400 300
@ IN NS ns.
ns. IN A 127.0.0.1
*._domainkey.all.example. IN TXT $key
own._domainkey.all.example. IN TXT $revoked
address._domainkey.all.example. IN A 127.0.0.1
x.deep._domainkey.all.example. IN TXT $revoked
alias._domainkey.all.example. IN CNAME s1._domainkey.revoked.example.
*._domainkey.revoked.example. IN TXT $revoked
*.wide.example. IN TXT $key
host.wide.example. IN AAAA ::1
_ssh._tcp.served.wide.example. IN SRV 0 0 22 host.wide.example.
*.near.wide.example. IN A 127.0.0.1
*._domainkey.nearer.wide.example. IN TXT $revoked
*._domainkey.mail.wide.example. IN MX 10 host.wide.example.
*._domainkey.alias.example. IN CNAME any._domainkey.all.example.
*._domainkey.twice.example. IN CNAME x._domainkey.alias.example.
*._domainkey.circle.example. IN CNAME again._domainkey.circle.example.
*._domainkey.gone.example. IN CNAME nothing.invalid.
*._domainkey.blocked.example. IN CNAME y.deep._domainkey.all.example.
x.*._domainkey.middle.example. IN TXT $key
*x._domainkey.part.example. IN TXT $key
\\042._domainkey.escaped.example. IN TXT $key
a\\.b._domainkey.dotted.example. IN TXT $revoked
*._domainkey.dotted.example. IN TXT $key
*.several.example. IN TXT "something else"
*.several.example. IN TXT $key
cut.example. IN NS ns.elsewhere.invalid.
*.cut.example. IN TXT $key
*.parent.example. IN TXT $key
below.parent.example. IN NS ns.elsewhere.invalid.
END
cat >questions <<'END'
s1 key.example no-key
any all.example
two.labels all.example
a.b.c.d.e.f.g.h all.example
own all.example key-revoked
below.own all.example no-key
address all.example no-key
below.address all.example no-key
deep all.example no-key
x.deep all.example key-revoked
y.deep all.example no-key
z.y.deep all.example no-key
alias all.example key-revoked
below.alias all.example no-key
any below.all.example no-key
s1 revoked.example key-revoked
s1 wide.example
s1 sub.wide.example
s1 a.b.c.wide.example
s1 host.wide.example no-key
s1 a.host.wide.example no-key
s1 served.wide.example no-key
s1 other.served.wide.example no-key
s1 near.wide.example no-key
s1 nearer.wide.example key-revoked
s1 sub.nearer.wide.example no-key
s1 mail.wide.example no-key
s1 alias.example
s2.s1 alias.example
s1 twice.example
s1 circle.example dns-servfail
s1 gone.example no-key
s1 blocked.example no-key
x.y middle.example no-key
y middle.example no-key
x part.example no-key
yx part.example no-key
s1 escaped.example
b dotted.example
a.b dotted.example
s1 several.example
END
mkdir in
number=100
while read -r selector domain _; do
    number=$((number + 1))
    message author.example $number | sed "s/<author@/<u$number@/" >in/$number.eml
    echo "k$number $domain:$selector:key.pem" >>KeyTable
    echo "u$number@author.example k$number" >>SigningTable
done <questions
"$mailmill" sign --key-table KeyTable --signing-table refile:SigningTable --allow-ed25519-only --now $now --quiet -o mail/ in

nsd_start zone
dns=127.0.0.1:$nsd_port

# ---- verify ----

verify --keys zone mail >files.rows
verify --dns=$dns --dns-record recorded.ndjson mail >live.rows
# told FILE: a question and the reason why not, for each row
told() { paste -d ' ' <(cut -d ' ' -f 1,2 questions) <(as_live <"$1" | rows 0.reason) | sed 's/ *$//'; }
told files.rows >files.told
is "each question has its answer" "$(diff files.told questions)" ""
is "nsd has the same for each" "$(told live.rows | diff files.told -)" ""
as_live <files.rows >files.live
check "and so has every row, whole" cmp files.live live.rows
is "some pass" "$(grep -c '"result":"pass","sig' files.rows)" "$(awk 'NF == 2' questions | wc -l)"
is "what no wildcard answers for is not recorded" "$(grep -c key-not-recorded files.rows)" "$(grep -c no-key questions)"
tac zone >reversed
verify --keys reversed mail >reversed.rows
check "the order of lines does not matter" cmp files.rows reversed.rows
mkdir parts
awk '{ print > ("parts/" NR % 3) }' zone
verify --keys parts mail >parts.rows
check "nor how they lie in the files of a folder" cmp files.rows parts.rows
for part in parts/?; do echo --keys $part; done >options
verify $(cat options) mail >parts.rows
check "or in several --keys" cmp files.rows parts.rows
verify --keys zone --dns=$dns --stats mail 2>err >both.rows
check "files and DNS together say the same" cmp live.rows both.rows
is "and only what files do not hold is asked" "$(tail -n 1 err | grep -o '"dns":{"questions":[0-9]*')" \
    "\"dns\":{\"questions\":$(grep -c no-key questions)"
is "rows have the shape of the manual" "$(sort -u shape)" ""

# ---- recorded answers are those of their names only ----

verify --keys recorded.ndjson mail >again.rows
check "the recording of nsd gives its rows" cmp live.rows again.rows
printf '{"name":"*._domainkey.all.example","type":"TXT","status":"NOERROR","txt":[%s]}\n' "$key" >star.ndjson
is "a recorded wildcard is a name" "$(verify --keys star.ndjson mail/102.eml | rows 0.reason)" key-not-recorded
is "which a master file's is not by it" "$(verify --keys star.ndjson --keys zone mail/102.eml | rows result)" pass

# ---- the verbs of keys ----

# found FILE: the answers of keys zone that a master file can give, too
found() { grep -vE '"status":"(NXDOMAIN|NODATA)"' "$1"; }
"$mailmill" keys zone --now $now --keys zone mail >files.ndjson 2>err
"$mailmill" keys zone --now $now --dns=$dns mail >live.ndjson 2>err
is "keys zone collects the same" "$(found live.ndjson | diff files.ndjson -)" ""
"$mailmill" keys zone --now $now --keys zone --format zone mail >exact 2>err
is "names in the place of wildcards" "$(grep -c '^\*' exact) $(grep -c '^two\.labels\._domainkey\.all\.example\. IN TXT' exact)" "0 1"
verify --keys exact mail | grep '"result":"pass","sig' >exact.rows
check "with which the same passes" sh -c 'grep "\"result\":\"pass\",\"sig" files.rows | cmp - exact.rows'
# checked DOMAIN SELECTOR: what keys check says of it, by the file and by nsd
checked()
{
    local way
    for way in --keys=zone --dns=$dns; do
        "$mailmill" keys check --domain "$1" --selector "$2" --key key.pem "$way" 2>/dev/null
        echo $?
    done | grep -vE '^ ' | tr -s ' \n' ' '
}
is "keys check knows a key by its wildcard" "$(checked all.example any)" \
    "ok any._domainkey.all.example Ed25519 256 0 ok any._domainkey.all.example Ed25519 256 0 "
is "and one that it revokes" "$(checked revoked.example any)" \
    "fault any._domainkey.revoked.example Ed25519 256 key-revoked 1 fault any._domainkey.revoked.example Ed25519 256 key-revoked 1 "
says "sign --dry-run as well" 0 "" "$mailmill" sign --domain all.example --selector any --key key.pem --allow-ed25519-only \
    --keys zone --dry-run in/101.eml
says "a revoked one is no key to sign with" 78 "any._domainkey.revoked.example" "$mailmill" sign --domain revoked.example \
    --selector any --key key.pem --allow-ed25519-only --keys zone --dry-run in/101.eml

# ---- below a delegation nsd refers to others; a file answers with what it holds ----

# asked SELECTOR DOMAIN: the reasons by the file and by nsd
asked()
{
    "$mailmill" sign --domain "$2" --selector "$1" --key key.pem --allow-ed25519-only --now $now --quiet --overwrite -o cut.eml in/101.eml
    echo "$(verify --keys zone cut.eml | rows 0.reason), $(verify --dns=$dns cut.eml | rows 0.reason)"
}
is "a wildcard above does not reach below it" "$(asked s1 below.parent.example)" "key-not-recorded, dns-servfail"
is "beside it, it does" "$(asked s1 beside.parent.example)" ", "
is "one that the file has below it counts" "$(asked s1 cut.example)" ", dns-servfail"
plan

# live_dns.sh - keys from a real DNS server: what it says, how often it is asked, and what is recorded.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh" || exit 1
cd "$tap_dir" || exit 1
zone=$MAILMILL_SOURCE_DIR/tests/vectors/dns/root.zone
dns_ask=$MAILMILL_BINARY_DIR/tests/dns_ask
# ask OPTION... < NAMES: the answers on stdout, the counts into ./counts
ask() { timeout 60 "$dns_ask" "$@" 2>counts; }
# one NAME OPTION...: what is said of it, without the name
one()
{
    local name=$1
    shift
    echo "$name" | ask "$@" | cut -d ' ' -f 2-
}
# counted WORD: a number of the last ask
counted() { grep -o "\b$1=[0-9]*" counts | cut -d = -f 2; }
# lines PATTERN FILE: how many lines match
lines() { grep -c -- "$1" "$2" || true; }

nsd_start "$zone"
relay_start plain
plain=127.0.0.1:$relay_port

# ---- what the server says ----

is "a record" "$(one one._domainkey.example.com --dns $plain)" "NOERROR 0 v=DKIM1; p="
is "its strings are joined" "$(one strings._domainkey.example.com --dns $plain)" "NOERROR 0 v=DKIM1; k=rsa; p="
is "any case, final dot" "$(one ONE._DomainKey.Example.COM. --dns $plain)" "NOERROR 0 v=DKIM1; p="
is "several records" "$(one several._domainkey.example.com --dns $plain)" "NOERROR 0 v=DKIM1; p=|v=spf1 -all"
is "any bytes" "$(one bytes._domainkey.example.com --dns $plain)" 'NOERROR 0 a\000\010"\233'
is "an empty record" "$(one empty._domainkey.example.com --dns $plain)" "NOERROR 0 "
is "no such name" "$(one none._domainkey.example.com --dns $plain)" "NXDOMAIN 0 "
is "a name without TXT" "$(one nodata._domainkey.example.com --dns $plain)" "NODATA 0 "
is "what is no name is not asked" "$(one "a..b" --dns $plain) $(counted questions)" "NOT-RECORDED 0  0"
is "a label of 64 octets is no name" "$(one "$(printf 'x%.0s' $(seq 64)).example.com" --dns $plain)" "NOT-RECORDED 0 "
is "a large answer over TCP" "$(one large._domainkey.example.com --dns $plain | wc -c) $(counted tcp)" "4011 1"
is "it was asked for over UDP first" "$(grep large plain.log)" $'udp large._domainkey.example.com\ntcp large._domainkey.example.com'
is "a chain of CNAMEs" "$(one alias._domainkey.example.com --dns $plain)" "NOERROR 0 v=DKIM1; p="
is "a CNAME to a name without TXT" "$(one toempty._domainkey.example.com --dns $plain)" "NODATA 0 "
is "a CNAME to no name" "$(one tonone._domainkey.example.com --dns $plain)" "NXDOMAIN 0 "
is "a loop of CNAMEs" "$(one loop1._domainkey.example.com --dns $plain)" "SERVFAIL 0 "
is "a CNAME to itself" "$(one self._domainkey.example.com --dns $plain)" "SERVFAIL 0 "
is "the server's own address without the relay" "$(one one._domainkey.example.com --dns 127.0.0.1:$nsd_port)" "NOERROR 0 v=DKIM1; p="

# ---- files come first ----

echo 'one._domainkey.example.com. TXT "from a file"' >file.zone
is "a file answers first" "$(one one._domainkey.example.com --keys file.zone --dns $plain) $(counted questions)" \
    "NOERROR 0 from a file 0"
is "what it does not hold is asked" "$(one strings._domainkey.example.com --keys file.zone --dns $plain)" "NOERROR 0 v=DKIM1; k=rsa; p="

# ---- files say the same as the server that has them ----

{ grep -oE '^[a-z0-9*.]+\._domainkey[.a-z]*' "$zone" | sed 's/\._domainkey$/&.example.com/; s/\.wild$/&.example.com/'
    printf '%s._domainkey.wild.example.com\n' any a.b below.own 'ghost.*' '*.*'
    printf '%s\n' _domainkey.wild.example.com wild.example.com other.example.com example.com .; } | sort -u >questions
ask --dns $plain <questions | sed -E 's/ (NXDOMAIN|NODATA) / NOT-RECORDED /' >live.said
ask --keys "$zone" <questions >files.said
is "files answer as their server does, also for a wildcard by its name" "$(diff files.said live.said)" ""
is "and have records for many" "$(lines NOERROR files.said)" 13
is "of wildcards for those that are theirs" "$(grep -E 'of the wildcard|below its name' files.said | cut -d ' ' -f 1 | tr '\n' ' ')" \
    "*._domainkey.wild.example.com a.b._domainkey.wild.example.com any._domainkey.wild.example.com sub.*._domainkey.wild.example.com "

# ---- each name is asked once ----

: >plain.log
for i in $(seq 500); do printf '%s\n' one._domainkey.example.com none._domainkey.example.com; done >many
is "a thousand look-ups of two names" "$(ask --dns $plain <many | sort | uniq -c | tr -s ' ' | cut -d ' ' -f 2,4)" $'500 NXDOMAIN\n500 NOERROR'
is "are two questions" "$(wc -l <plain.log) $(counted questions) $(($(counted merged) + $(counted hits)))" "2 2 998"

# ---- servers that do not answer ----

printf 'dead%d._domainkey.example.com\tTIMEOUT\n' $(seq 200) >faults
printf 'bad._domainkey.example.com\tSERVFAIL\nno._domainkey.example.com\tREFUSED\n' >>faults
relay_start faulty --faults faults
faulty=127.0.0.1:$relay_port
is "SERVFAIL" "$(one bad._domainkey.example.com --dns $faulty)" "SERVFAIL 0 "
is "REFUSED" "$(one no._domainkey.example.com --dns $faulty)" "SERVFAIL 0 "
is "is told at once, and once" "$(lines 'udp bad' faulty.log)" 1
for i in 1 2 3 4 5; do printf 'dead%d._domainkey.example.com\n' $(seq 200); done >dead
echo one._domainkey.example.com >>dead
is "200 names time out together" "$(ask --dns $faulty --timeout 700 <dead | cut -d ' ' -f 2 | sort | uniq -c | tr -s ' ')" \
    $' 1 NOERROR\n 1000 TIMEOUT'
took=$(counted ms)
[ "$took" -ge 700 ] && [ "$took" -lt 5000 ]
ok "in the time of one (took $took ms)" $?
tries=$(lines 'udp dead7\.' faulty.log)
[ "$tries" -ge 2 ] && [ "$tries" -le 3 ]
ok "after two or three tries each (saw $tries)" $?
relay_stop faulty
is "nobody listens" "$(one one._domainkey.example.com --dns $faulty --timeout 600)" "TIMEOUT 0 "
took=$(counted ms)
[ "$took" -ge 600 ] && [ "$took" -lt 5000 ]
ok "which is known in time (took $took ms)" $?
port=${faulty##*:}
{ echo one._domainkey.example.com | ask --dns $faulty --timeout 20000 >late; } &
asking=$!
sleep 0.5
relay_start late --port "$port"
wait $asking
is "a server that comes up late is found" "$(cut -d ' ' -f 2- late)" "NOERROR 0 v=DKIM1; p="

# ---- servers of other kinds ----

relay_start truncating --truncate
is "all over TCP" "$(printf '%s\n' one._domainkey.example.com strings._domainkey.example.com none._domainkey.example.com |
    ask --dns 127.0.0.1:$relay_port | cut -d ' ' -f 2 | tr '\n' ' ')$(($(counted tcp) >= 1 && $(counted tcp) <= 3))" "NOERROR NOERROR NXDOMAIN 1"
relay_start older --no-edns --delay 100
is "a server that knows no EDNS is asked without, by all that are under way" \
    "$(seq -f 'gone%g._domainkey.example.com' 60 | ask --dns 127.0.0.1:$relay_port | cut -d ' ' -f 2 | sort | uniq -c | tr -s ' ')" " 60 NXDOMAIN"
relay_start old --no-edns
is "a server that knows no EDNS" "$(printf '%s\n' one._domainkey.example.com large._domainkey.example.com |
    ask --dns 127.0.0.1:$relay_port | cut -d ' ' -f 2 | tr '\n' ' ')" "NOERROR NOERROR "
relay_start signed --ad
is "AD of a resolver on loopback" "$(one one._domainkey.example.com --dns 127.0.0.1:$relay_port)" "NOERROR 1 v=DKIM1; p="

# ---- connections that are refused, or end before the answer ----

# beside OPTION...: what became of the truncated name, and of 40 others that were under way with it
printf '%s\n' large._domainkey.example.com one._domainkey.example.com strings._domainkey.example.com >beside
for i in $(seq 38); do echo "n$i._domainkey.example.com"; done >>beside
beside()
{
    ask "$@" <beside | cut -d ' ' -f 2 >answers
    echo "$(head -n 1 answers), $(tail -n +2 answers | sort | uniq -c | tr -s ' \n' ' ')"
}
relay_start udp_only --no-tcp --delay 300
is "connections are refused: one name fails" "$(beside --dns 127.0.0.1:$relay_port)" "SERVFAIL,  2 NOERROR 38 NXDOMAIN "
is "and others are asked once" "$(lines '^udp' udp_only.log)" "$(wc -l <beside)"
took=$(counted ms)
[ "$took" -lt 4000 ]
ok "it does not take a question's whole time (took $took ms)" $?
printf 'large._domainkey.example.com\tTCP-CLOSE\n' >faults.close
relay_start closing --faults faults.close --delay 300
is "connections are closed: one name fails" "$(beside --dns 127.0.0.1:$relay_port)" "SERVFAIL,  2 NOERROR 38 NXDOMAIN "
is "and others are asked once" "$(lines '^udp' closing.log)" "$(wc -l <beside)"
again=$(lines '^tcp large' closing.log)
[ "$again" -ge 2 ] && [ "$again" -le 4 ]
ok "that one a few times (saw $again)" $?
is "which are counted" "$(counted retries)" "$((again - 1))"
relay_start closing_all --truncate --faults faults.close
is "those on the same connection do not fail with it" "$(beside --dns 127.0.0.1:$relay_port)" "SERVFAIL,  2 NOERROR 38 NXDOMAIN "
printf 'large._domainkey.example.com\tTCP-TIMEOUT\n' >faults.hang
relay_start hanging --truncate --faults faults.hang
is "a connection is silent: one name fails" "$(beside --dns 127.0.0.1:$relay_port --timeout 4000)" "TIMEOUT,  2 NOERROR 38 NXDOMAIN "
for i in $(seq 300); do echo "t$i._domainkey.example.com"; done >many
relay_start one_each --truncate --tcp-questions 1
is "a server that answers one question a connection" "$(ask --dns 127.0.0.1:$relay_port <many | cut -d ' ' -f 2 | sort | uniq -c)" \
    "    300 NXDOMAIN"
again=$(counted retries)
[ "$again" -gt 0 ] && [ "$again" -le 300 ]
ok "is asked again for those on the first connections only (counted $again)" $?

# ---- recording and replay ----

grep -oE '^[a-z0-9]+\._domainkey' "$zone" | sort -u | sed 's/$/.example.com/' >names
printf '%s\n' none._domainkey.example.com dead1._domainkey.example.com bad._domainkey.example.com >>names
relay_start recorded --faults faults --ad
ask --dns 127.0.0.1:$relay_port --timeout 300 --record answers.ndjson <names >live
ask --keys answers.ndjson <names >replayed
check "what is replayed is what was live" cmp live replayed
is "with every status" "$(cut -d ' ' -f 2 live | sort -u | tr '\n' ' ')" "NODATA NOERROR NXDOMAIN SERVFAIL TIMEOUT "
is "a line a name" "$(cut -d '"' -f 4 answers.ndjson | sort)" "$(sort names)"
is "counted" "$(ask --dns 127.0.0.1:$relay_port --record more.ndjson <names >/dev/null; counted recorded)" "$(wc -l <names)"
cp answers.ndjson whole.ndjson
ask --keys answers.ndjson --dns $plain --record answers.ndjson <names >again
check "a replay asks nothing and adds nothing" cmp answers.ndjson whole.ndjson
echo one._domainkey.example.net | ask --dns $plain --record answers.ndjson >/dev/null
is "a second run adds to the file" "$(wc -l <answers.ndjson)" "$(($(wc -l <whole.ndjson) + 1))"
printf '{"name":"half' >half.ndjson
refuse "a file that ends in half a line is left alone" 74 "$dns_ask" --dns $plain --record half.ndjson
is "byte for byte" "$(cat half.ndjson)" '{"name":"half'
refuse "a folder is no recording" 74 "$dns_ask" --dns $plain --record .
refuse "nor is a device" 64 "$dns_ask" --dns $plain --record /dev/null
exec 9>>busy.ndjson
flock 9
refuse "a file that another process records to" 73 "$dns_ask" --dns $plain --record busy.ndjson
exec 9>&-

# ---- bad servers, and leaving ----

for server in x 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:x 127.0.0 [::1 '[::1]x' '[::1]:' ::1::2 example.com; do
    refuse "'$server' is no server" 64 "$dns_ask" --dns "$server"
done
relay_start slow --delay 3000
for i in $(seq 5000); do echo "s$i._domainkey.example.com"; done >many
ask --dns 127.0.0.1:$relay_port --leave <many
ok "leaving while all is under way" $?
took=$(counted ms)
[ "$took" -lt 2500 ]
ok "waits for nothing (took $took ms)" $?

# ---- the corpus, where it is ----

corpus=$MAILMILL_CORPUS/dkim
if [ -f "$corpus/keys.zone" ]; then
    relay_stop plain
    nsd_stop
    nsd_start "$corpus/keys.zone"
    relay_start corpus --faults "$corpus/keys.faults.tsv"
    sed -n 's/^\([a-zA-Z0-9][^ ]*\)\. .*/\1/p' "$corpus/keys.zone" | sort -u >names
    cut -f 1 "$corpus/keys.faults.tsv" | grep -v '^#' >>names
    ask --keys "$corpus/keys.zone" <names | sed 's/ NOT-RECORDED / NXDOMAIN /' >offline
    ask --dns 127.0.0.1:$relay_port --timeout 1000 <names >live
    sed 's/ \(TIMEOUT\|SERVFAIL\|NODATA\) / NXDOMAIN /' live >expected
    check "the corpus: live answers are those of the file" cmp offline expected
    is "the corpus: all of it" "$(wc -l <live)" "$(wc -l <names)"
    is "the corpus: faults" "$(grep -cE ' (TIMEOUT|SERVFAIL) ' live)" "$(grep -cE '	(TIMEOUT|SERVFAIL)	' "$corpus/keys.faults.tsv")"
fi
plan

# authentication_results.sh - the field that verify says: strict readers get back what the row says, whatever a mail holds.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
zone=$keys/zone
id=mx.example.com
ar="--authentication-results $id"
verify() { "$mailmill" verify --now $now --quiet "$@"; }
# reader WHAT...: the reader of tests/peers; it names faults, and at last how many fields it read
reader() { "$python" "$MAILMILL_SOURCE_DIR/tests/peers/read_authres.py" "$@"; }
# field < ROWS: the field of each row
field() { "$python" -c 'import json, sys
for row in map(json.loads, sys.stdin): print(row.get("authentication_results", "-"))'; }

# ---- the field of a row ----

message example.com 1 >plain.eml
ed="--domain example.com --selector e1 --key $keys/ed25519.pem"
"$mailmill" sign $one $ed --now $now --quiet -o signed.eml plain.eml
b() { tag signed.eml $1 b | cut -c 1-8 | sed 's,.*[/=].*,"&",'; }
is "one result for each signature" "$(verify $ar --keys "$zone" signed.eml | field)" \
    "Authentication-Results: $id; dkim=pass header.d=example.com header.i=@example.com header.s=m1 header.a=rsa-sha256 header.b=$(b 0); \
dkim=pass header.d=example.com header.i=@example.com header.s=e1 header.a=ed25519-sha256 header.b=$(b 1)"
sed 's/message 1/message 2/' signed.eml >changed.eml
is "a reason where it is no pass" "$(verify $ar --keys "$zone" --max-signatures 1 changed.eml | field)" \
    "Authentication-Results: $id; dkim=fail reason=\"body-hash-mismatch\" header.d=example.com header.i=@example.com header.s=m1 \
header.a=rsa-sha256 header.b=$(b 0) (1 more signatures were not looked at)"
is "none where nothing is signed" "$(verify $ar --keys none plain.eml | field)" "Authentication-Results: $id; dkim=none"
is "no field that was not asked for" "$(verify --keys none plain.eml | field)" "-"
{ sed -n '/^DKIM-Signature/,/^From:/{/^From:/!p}' signed.eml; cat signed.eml; } >same.eml
is "the same signature twice" "$(verify $ar --keys "$zone" same.eml | reader rows $id)" "1 fields"

for bad in 'mx example.com' 'mx;dkim=pass' 'mx(x)' '"mx"' 'mx/1' "$(printf 'mx\r\nBcc: x')" 'bücher.example' \
    "$(printf '%0254d' 0)"; do
    says "$(printf %.20s "$bad" | tr -d '\r\n') is no name of a host" 64 "--authentication-results" verify --authentication-results "$bad" --keys none plain.eml
done
says "nor is nothing" 64 "--authentication-results" verify --authentication-results '' --keys none plain.eml

# ---- hostile mail ----

"$python" - <<'END'
import os

os.mkdir("hostile")
values = [
    b'x" header.d=bank.example', b'x"', b"\\", b'\\"', b"(x", b"x)", b"()", b"a@b@example.com", b"x\0y", b"x\ry", b"x\ty",
    b"x\r\n dkim=pass", b"x\r\n\theader.d=bank.example", b"\x1b[2J", b"\x7f", b"\xfc", b"\xc3\xbc", b"\xe2\x80\xae", b"\xe3\x80\x80x",
    b"\xc2\x9b", b'""', b'"a b"@example.com', b"a b@example.com", b"@", b"x@", b"a=b", b"/", b"x" * 320, b"x" * 321, b'"' * 320,
    b"pass header.d=bank.example", b"none", b"reason=x", b"a.b.", b".a", b"%0d%0aBcc", b"=0D=0A", b"\xff\xfe", b"a\x0b\x0cb",
]
fixed = {b"d": b"example.com", b"s": b"m1", b"i": b"@example.com", b"a": b"rsa-sha256", b"b": b"AAAA"}
for n, value in enumerate(values):
    for tag in fixed:
        tags = {**fixed, tag: value}
        field = b"; ".join(k + b"=" + v for k, v in tags.items())
        with open(f"hostile/{n:02d}-{tag.decode()}.eml", "wb") as f:
            f.write(b"DKIM-Signature: v=1; h=from; bh=AAAA; " + field + b"\r\nFrom: a@example.com\r\n\r\nx\r\n")
END
verify $ar --keys "$zone" hostile >hostile.ndjson
hostile=$(ls hostile | wc -l)
is "hostile values stay in their places" "$(reader rows $id <hostile.ndjson)" "$hostile fields"
ok "some of them stand in quotes" $(($(grep -c 'header.[disa]=\\"' hostile.ndjson) < 40))
is "no field has a line end in it" "$(field <hostile.ndjson | grep -c '^Authentication-Results: mx.example.com; dkim=')" "$hostile"

# The reader notices what the writer might get wrong.
# planted NAME SED-SCRIPT ROWS
planted()
{
    sed -E "$2" "$3" >planted.ndjson
    ok "the readers notice $1" $(($(reader rows $id <planted.ndjson | wc -l) < 2))
}
planted "values without quotes" 's/(header.[disa]=)\\"([^"]*)\\"/\1\2/g' hostile.ndjson
planted "quotes that are not escaped" 's/\\\\\\"/\\"/g' hostile.ndjson
planted "escapes that are not escaped" 's/\\\\\\\\/\\\\/g' hostile.ndjson
verify $ar --keys "$zone" signed.eml changed.eml plain.eml >good.ndjson
planted "another result" 's/dkim=fail/dkim=pass/' good.ndjson
planted "a result too many" 's/; dkim=pass/; dkim=pass; dkim=pass/' good.ndjson
planted "a value of another signature" 's/header.s=m1/header.s=e1/' good.ndjson
planted "a reason behind the properties" 's/(reason=[^ ]*) (header.d=[^ ]*)/\2 \1/' good.ndjson
planted "a short header.b" 's/(header.b=\\?"?[^"]{7})[^";\\]/\1/' good.ndjson
planted "a comment that is open" 's/dkim=pass /dkim=pass (/' good.ndjson
planted "the name of another host" "s/: $id/: mx.example.org/" good.ndjson

# ---- the whole corpus, two readers ----

everything=$MAILMILL_SOURCE_DIR/datasets/mail
records=$zone
if [ -r "$MAILMILL_CORPUS/dkim/keys.zone" ]; then
    everything="$everything $MAILMILL_CORPUS/dkim"
    records="$records --keys $MAILMILL_CORPUS/dkim/keys.zone"
fi
verify $ar --keys $records $everything >all.ndjson
count=$(grep -vc '"rejected":' all.ndjson)
is "every field of all mail at hand reads back" "$(reader rows $id <all.ndjson)" "$count fields"
cat all.ndjson hostile.ndjson >more.ndjson
if "$python" -c 'import authres' 2>/dev/null; then
    reader authres $id <more.ndjson >by-authres
    is "python3-authres reads the same" "$(sed '$d' by-authres)" ""
    ok "it reads most of them" $(($(tail -n 1 by-authres | cut -d ' ' -f 1) < count / 2))
else
    skip "python3-authres reads the same" "python3-authres is not installed"
fi
plan

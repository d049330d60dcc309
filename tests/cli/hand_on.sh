# hand_on.sh - verify writes messages with its field on top: nothing else changes, and nobody else speaks in its name.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1
id=mx.example.com
verify() { "$mailmill" verify --now $now --keys "$keys/zone" --authentication-results $id "$@"; }
reader() { "$python" "$MAILMILL_SOURCE_DIR/tests/peers/read_authres.py" "$@"; }

# ---- sign, verify, verify again ----

make_spool spool 400
message example.com 1 >spool/unsigned.eml
sed 's/\r$//' spool/unsigned.eml >spool/lf.eml
"$mailmill" sign $one --now $now --quiet -o signed spool/000
mv spool/*.eml signed
verify --quiet -o tree --sink tree signed >tree.ndjson
is "every message has a row" "$(wc -l <tree.ndjson) $(grep -c '"result":"pass"' tree.ndjson)" "402 400"
is "and a field that says what its row says" "$(reader top $id tree.ndjson $(find tree -type f ! -path '*/.mailmill/*'))" "402 fields"
# without_top FILE: what follows the first field
without_top() { awk 'NR > 1 && !/^[ \t]/ { on = 1 } on' "$1"; }
changed=0
for f in $(cd signed && find . -type f ! -path '*/.mailmill/*'); do without_top tree/$f | cmp -s - signed/$f || changed=$((changed + 1)); done
is "behind it stands the message as it was" "$changed" 0
verify --quiet --threads 1 --io threads -o again --sink tree signed >again.ndjson
check "files do not depend on threads or reads" diff -r tree again
check "nor do rows" cmp tree.ndjson again.ndjson
verify --quiet -o box --sink maildir signed >box.ndjson
check "rows are the same whatever the sink" cmp tree.ndjson box.ndjson
is "Python's mailbox reads the Maildir" "$("$python" -c 'import mailbox
box = mailbox.Maildir("box", create=False)
print(len(box), sum(m["Authentication-Results"].startswith("mx.example.com;") for m in box))')" "402 402"
ok "its line ends are LF" $(! grep -rq $'\r' box; echo $?)
is "signatures pass as before" "$("$mailmill" verify --now $now --keys "$keys/zone" box --quiet | grep -c '"result":"pass"')" 400
verify --quiet -o twice --sink tree tree >twice.ndjson 2>said
check "handed on again it is the same, the field made anew" diff -r tree twice
is "each row says what was left out" "$(grep -c '"authentication_results_removed":1}' twice.ndjson)" 402

# ---- forged fields ----

"$python" - <<'END'
import os

os.makedirs("forged"), os.makedirs("wanted")
ours = [
    b"mx.example.com; dkim=pass header.d=bank.example", b"mx.example.com 1; none", b"\r\n\tMX.example.COM\r\n ;\r\n dkim=pass",
    b"(x(y)\\)) mx.example.com; dkim=pass", b'"mx.example.com"; dkim=pass', b'"mx\\.example.com"; dkim=pass', b"", b"(", b'"mx.example.org',
    b"mx.example.com\0; dkim=pass", b"; dkim=pass", b"mx.example.com",
    b"=?utf-8?q?mx.example.com?=; dkim=pass", b"(=?utf-8?q?)_mx.example.com;_(?=) mx.example.org; dkim=pass",
    "\uff4d\uff58.example.com; dkim=pass".encode(),
]
others = [
    b"mx.example.org; dkim=pass", b"mx.example.com.example.net; dkim=pass", b"(mx.example.com) mx.example.org; none",
    b"spf=pass (mx.example.com) smtp.mailfrom=a@example.com", b"mx.example.org;\r\n dkim=pass header.d=mx.example.com",
    "mx.b\u00fccher.example; none".encode(), b"mx.example.org; spf=pass (=?utf-8?q?mx.example.com?=)",
]
names = [b"Authentication-Results:", b"authentication-results:", b"AUTHENTICATION-RESULTS :\t"]


def write(name, fields, eol):
    """The message in forged/, and in wanted/ what is to be left of it. The body has the same lines, and keeps them."""
    lines = [(names[n % 3] + b" " + text + b"\r\n", keep) for n, (text, keep) in enumerate(fields)]
    every = b"".join(line for line, _ in lines)
    kept = b"".join(line for line, keep in lines if keep)
    for folder, top in (("forged", every), ("wanted", kept)):
        data = b"Received: x\r\n" + top + b"Subject: hello\r\nFrom: a@example.com\r\n\r\n" + every
        with open(f"{folder}/{name}.eml", "wb") as f:
            f.write(data.replace(b"\r\n", eol))


for eol, end in ((b"\r\n", "crlf"), (b"\n", "lf")):
    for n, text in enumerate(ours):
        write(f"ours-{n:02d}-{end}", [(text, False)], eol)
    for n, text in enumerate(others):
        write(f"others-{n:02d}-{end}", [(text, True)], eol)
    mixed = [x for pair in zip([(t, False) for t in ours], [(t, True) for t in others * 3]) for x in pair]
    write(f"mixed-{end}", mixed, eol)
END
verify -o clean --sink tree forged >clean.ndjson 2>said
wrong=
for f in forged/*.eml; do without_top clean/${f##*/} | cmp -s - wanted/${f##*/} || wrong="$wrong ${f##*/}"; done
is "fields in our name are left out, wherever they stand, and nothing else" "$wrong" ""
is "a warning counts them" "$(grep -c '60 Authentication-Results fields that claimed to be from mx.example.com left out: forged or stale' said)" 1
is "and so do rows" "$(grep -o '"authentication_results_removed":[0-9]*' clean.ndjson | cut -d : -f 2 | sort -n | uniq -c | tr -s ' ' | tr '\n' ',')" " 30 1, 2 15,"
is "the field says what the row says" "$(reader top $id clean.ndjson clean/*.eml)" "$(ls clean | wc -l) fields"
is "its line ends are those of the message" "$(cat clean/*-lf.eml | grep -c $'\r') $(head -qn 1 clean/*-crlf.eml | grep -vc $'\r$')" "0 0"
is "no message has two fields in our name" "$(for f in clean/*; do sed -E '/^\r?$/q' "$f" | grep -aic '^authentication-results *:.*mx.example.com;'; done | sort | uniq -c | tr -s ' ')" " 46 1"

mkdir u-labels
for name in 'bücher' 'BÜCHER' 'xn--bcher-kva' '=?utf-8?q?b=c3=bccher?=' 'bucher'; do
    printf 'Authentication-Results: mx.%s.example; dkim=pass\nFrom: a@example.com\n\nhi\n' "$name" >"u-labels/$name.eml"
done
"$mailmill" verify --now $now --keys none --authentication-results mx.xn--bcher-kva.example -o a-labels --sink tree u-labels --quiet >/dev/null 2>said
is "a name in A-labels is known in U-labels" "$(for f in a-labels/*.eml; do without_top "$f" | head -n 1; done | sort | uniq -c | tr -s ' ' | tr '\n' ',')" \
    " 1 Authentication-Results: mx.bucher.example; dkim=pass, 4 From: a@example.com,"

# ---- lines that would join our field ----

mkdir joining
printf ' ; dkim=pass header.d=bank.example\r\nFrom: ceo@bank.example\r\n\r\nhi\r\n' >joining/fold.eml
printf '\t; dkim=pass header.d=bank.example\nFrom: ceo@bank.example\n\nhi\n' >joining/fold-lf.eml
printf ' only: a fold\n\nhi\n' >joining/fold-only.eml
printf '; dkim=pass header.d=bank.example\r\nFrom: ceo@bank.example\r\n\r\nhi\r\n' >joining/line.eml
printf ': dkim=pass\n fold\nFrom: ceo@bank.example\n\nhi\n' >joining/no-name.eml
printf 'Authentication-Results: %s; none\r\n; dkim=pass header.d=bank.example\r\nFrom: ceo@bank.example\r\n\r\nhi\r\n' $id >joining/below-a-claim.eml
printf 'From a Tue Nov 14 22:13:20 2023\n ; dkim=pass header.d=bank.example\nFrom: ceo@bank.example\n\nhi\n' >joining/separated.mbox
for sink in tree maildir; do
    code=0
    verify --stats -o joined-$sink --sink $sink joining >joined.ndjson 2>said || code=$?
    is "what would become part of our field is not handed on ($sink)" \
        "$code $(grep -c '"rejected":"fold-before-field"' joined.ndjson) $(grep -c '"rejected":"line-before-field"' joined.ndjson) \
$(wc -l <joined.ndjson) $(find joined-$sink -type f ! -path '*/.mailmill/*' | wc -l)" "1 4 3 7 0"
    is "each is counted once, and listed ($sink)" "$(stat_of said inputs) $(stat_of said verified) $(stat_of said rejected) \
$(wc -l <joined-$sink/.mailmill/rejects.ndjson) $(grep -c 'left out: forged' said)" "7 0 7 7 0"
done
is "the place is told" "$(grep -h 'claim.eml' joined.ndjson | grep -o '"offset":[0-9]*')" '"offset":46'
{ printf 'From a Tue Nov 14 22:13:20 2023\n' && cat joining/fold-lf.eml; } >of-its-own.eml
verify --quiet --source-format message -o joined-own --sink tree of-its-own.eml >own.ndjson 2>said
is "behind a From line, too" "$(grep -o '"rejected":.*' own.ndjson | grep -o '[a-z-]*-field\|"offset":[0-9]*' | tr '\n' ' ')" 'fold-before-field "offset":32 '
mkdir apart
printf '\r\nno header\r\n' >apart/no-header.eml
printf '\nno header\n' >apart/no-header-lf.eml
printf '' >apart/empty.eml
printf 'Authentication-Results: %s; none\n\nhi\n' $id >apart/claim-only.eml
printf 'From: a@example.com\n; no field\n : nor this\n\nhi\n' >apart/lower.eml
verify --quiet -o apart-out --sink tree apart >apart.ndjson
is "what stands apart from it is handed on as it is" "$(for f in no-header no-header-lf lower; do without_top apart-out/$f.eml | cmp - apart/$f.eml; done
without_top apart-out/claim-only.eml | od -An -c | tr -d ' '; find apart-out -name '*.eml' | wc -l)" '\nhi\n
5'

# ---- claims behind a CR that only some readers take for a line end ----

mkdir hidden seen
forged="Authentication-Results: $id; dkim=pass header.d=bank.example"
printf 'X: y\r%s\nFrom: a@bank.example\n\nhi\n' "$forged" >hidden/field.eml
printf 'X: y\r\n z\r\r \r%s\r\nFrom: a@bank.example\r\n\r\nhi\r\n' "$forged" >hidden/fold.eml
printf 'From: a@bank.example\n\r%s\n\nhi\n' "$forged" >hidden/line.eml
printf '\r%s\nFrom: a@bank.example\n\nhi\n' "$forged" >hidden/top.eml
printf 'From: a@bank.example\nno field\n fold\r%s\n\nhi\n' "${forged^^}" >hidden/stray.eml
printf 'X: y\r%s\nFrom: a@bank.example\n\r\r%s\n\nhi\n' "${forged/$id/mx.example.org}" "$forged" >hidden/second.eml
printf 'X: y\r%s\nFrom: a@bank.example\n\nhi\r%s\n' "${forged/$id/mx.example.org}" "$forged" >seen/others.eml
verify --quiet -o hidden-out --sink tree hidden >hidden.ndjson 2>said
is "a claim behind a CR is not handed on" "$(grep -c '"rejected":"claim-behind-cr"' hidden.ndjson) $(wc -l <hidden.ndjson) $(find hidden-out -name '*.eml' | wc -l)" "6 6 0"
is "the place of the CR is told" "$(grep -h '/field.eml' hidden.ndjson | grep -o '"offset":[0-9]*')" '"offset":4'
verify --quiet -o seen-out --sink tree seen >/dev/null
check "one from others, or in the body, is" cmp <(without_top seen-out/others.eml) seen/others.eml

# ---- sources, rejects ----

printf 'From a Tue Nov 14 22:13:20 2023\n' >in.mbox
message example.com 1 | sed 's/\r$//' >>in.mbox
printf '\nFrom b Tue Nov 14 22:13:20 2023\n' >>in.mbox
message example.com 2 | sed 's/\r$//' >>in.mbox
mkdir -p mixed/deep && cp in.mbox mixed/deep/old && message example.com 3 >mixed/one.eml
verify --quiet -o from-mixed --sink tree mixed >mixed.ndjson
is "messages of an mbox in a folder lie below its name" "$(cd from-mixed && find . -type f ! -path '*/.mailmill/*' | LC_ALL=C sort | tr '\n' ' ')" \
    "./deep/old/000000000000.eml ./deep/old/$(grep -b '^From b' in.mbox | sed 's/:.*//' | xargs printf %012d).eml ./one.eml "
is "without the From line that stood between them" "$(head -n 1 from-mixed/deep/old/000000000000.eml | cut -d : -f 1)" "Authentication-Results"
{ printf 'From a Tue Nov 14 22:13:20 2023\n' && message example.com 1; } >of-its-own.eml
verify --quiet --source-format message -o from-own --sink tree of-its-own.eml >/dev/null
is "one of its own stays on top" "$(head -n 2 from-own/of-its-own.eml | cut -d : -f 1 | tr '\n' ',')" "From a Tue Nov 14 22,Authentication-Results,"
verify --quiet -o mixed-box --sink maildir mixed in.mbox >/dev/null
is "of several sources there is a Maildir each" "$(ls mixed-box/mixed/new mixed-box/in.mbox/new | grep -c mailmill)" 5

{ printf 'Subject: x\r\nX: '; head -c 1100000 /dev/zero | tr '\0' a; printf '\r\n\r\n'; } >mixed/large.eml
code=0
verify --quiet -o rejected --sink tree mixed >rejected.ndjson 2>/dev/null || code=$?
is "what is rejected has its row, and no file" "$code $(grep -c '"rejected":"header-too-large"' rejected.ndjson) $(find rejected -name large.eml | wc -l) \
$(wc -l <rejected/.mailmill/rejects.ndjson) $(wc -l <rejected.ndjson)" "1 1 0 1 4"
rm mixed/large.eml
mkdir in-the-way && echo >in-the-way/deep
code=0
verify --quiet --stats --overwrite -o in-the-way --sink tree mixed >in-the-way.ndjson 2>said || code=$?
is "so has what could not be written" "$code $(grep -c '"rejected":"write-failed"' in-the-way.ndjson) $(wc -l <in-the-way.ndjson)" "1 2 3"
is "and it is counted as that" "$(stat_of said verified) $(stat_of said rejected)" "1 2"

# ---- slips ----

verify -o dataset --quiet mixed
is "a folder without --sink is a dataset" "$(cd dataset && ls -d */ | tr -d '\n')" "messages/signatures/"
says "--sink without a field" 64 "--authentication-results" "$mailmill" verify --keys none -o x --sink tree mixed
says "--sink without a folder" 64 "-o OUT" verify --sink tree mixed
says "--sink with a file of rows" 64 "folder" verify -o x.ndjson --sink tree mixed
says "--sink with standard output" 64 "folder" verify -o - --sink tree mixed
says "verify writes no pickup folders" 64 "tree or maildir" verify -o x --sink pickup mixed
says "a folder that is not empty" 73 "--overwrite" verify -o tree --sink tree mixed
is "which is not told of --resume" "$(grep -c -- --resume .says-err)" 0
says "rows on standard output cannot be gone on with" 64 "--overwrite" verify -o tree --sink tree --resume mixed

# ---- a stop: the command that goes on is one that works ----

mkfifo slow
for sink in tree maildir; do
    { cat in.mbox && exec sleep 20; } >slow &
    holder=$!
    "$mailmill" verify --now $now --keys "$keys/zone" --authentication-results $id -o stopped-$sink --sink $sink - <slow >/dev/null 2>said &
    pid=$!
    sleep 0.5
    kill -TERM $pid
    code=0
    wait $pid || code=$?
    kill $holder
    wait $holder 2>/dev/null
    is "a stop ends with 75 and the command that begins anew ($sink)" \
        "$code $(grep -c "go on with: .* --sink $sink - --overwrite$" said)" "75 1"
    verify --quiet -o stopped-$sink --sink $sink --overwrite - <in.mbox >rows
    is "which writes all of it" "$? $(wc -l <rows)" "0 2"
done
plan

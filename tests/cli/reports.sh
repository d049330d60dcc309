# reports.sh - archived reports become a dataset: the same one whatever the threads, order and container.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
cp -r "$MAILMILL_SOURCE_DIR/datasets/reports" in

# rows DATASET TABLE: lines of a table written as NDJSON
rows() { wc -l <"$1/$2.ndjson"; }
# without PLACES DATASET: every row without what tells where it was read, sorted
without_places()
{
    python3 - "$1" <<'PY'
import glob, json, os, sys
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.ndjson"))):
    for row in sorted(json.dumps({k: v for k, v in json.loads(line).items() if k not in ("source_path", "member")},
                                 sort_keys=True) for line in open(path, encoding="utf-8")):
        print(os.path.basename(path), row)
PY
}

# ---- what comes out ----
refuse "a damaged report makes it end with 1" 1 "$mailmill" reports --format ndjson --stats -o out in
"$mailmill" reports --format ndjson --stats -o again in 2>err
is "inputs have as many outcomes" "$(stat_of err inputs) $(($(stat_of err extracted) + $(stat_of err rejected) + $(stat_of err duplicates)))" "21 21"
is "outcomes" "$(stat_of err extracted) $(stat_of err rejected) $(stat_of err duplicates)" "18 2 1"
is "the closing line tells kinds, duplicates and what is no report" \
    "$(grep -o '21 inputs: .* rejected;' err)" \
    "21 inputs: 18 extracted (9 DMARC, 2 TLS, 3 feedback, 4 bounces), 1 duplicate, 1 no report, 1 rejected;"
is "rows of each table" \
    "$(for t in dmarc_reports dmarc_records tls_reports tls_policies tls_failures arf bounces rejects duplicates; do rows out $t; done | xargs)" \
    "9 45 2 2 2 3 4 2 1"
is "_mailmill.json counts them too" \
    "$(python3 -c 'import json; d = json.load(open("out/_mailmill.json")); print(d["inputs"]["count"], d["tables"]["dmarc_records"], d["counts"])')" \
    "21 45 {'extracted': 18, 'rejected': 2, 'duplicates': 1}"
config() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1] + "/_mailmill.json"))["config"])' "$1"; }
is "messages are summed" \
    "$(python3 -c 'import json; print(sum(json.loads(l)["count"] for l in open("out/dmarc_records.ndjson")), sum(json.loads(l)["message_count"] for l in open("out/daily.ndjson")))')" \
    "$(python3 -c 'print(" ".join([str(sum(7 * i + d + 1 for n in (2, 5, 8) for d in range(3) for i in range(n)))] * 2))')"
is "what is no report is told so, by kind" \
    "$(grep -h '"not-a-report"' out/rejects.ndjson | grep -o '"source_path":"[^"]*"')" '"source_path":"in/bounces/no-report.eml"'
is "a report sent twice is told once" "$(grep -o '"source_path":"[^"]*","member":"[^"]*","same_content":[a-z]*' out/duplicates.ndjson)" \
    '"source_path":"in/aggregate/sent-again.eml","member":"2","same_content":true'
is "classes of bounces" "$(grep -o '"class":"[a-z]*"' out/bounces.ndjson | sort | cut -d '"' -f 4 | xargs)" "delayed hard policy soft"
is "nothing is left beside the dataset" "$(ls -d out* | xargs)" "out"
is "rejects are listed where --files-from takes them" "$(wc -l <out/.mailmill/rejects.ndjson)" 2
"$mailmill" reports --format ndjson --quiet -o listed --files-from out/.mailmill/rejects.ndjson 2>/dev/null
is "and give the same again" "$(rows listed rejects) $(rows listed dmarc_reports)" "2 0"
rm in/aggregate/cut-short.xml
check "without damage it ends with 0, though a letter is no report" "$mailmill" reports -o whole in
refuse "nothing but letters ends with 1" 1 "$mailmill" reports -o letters in/bounces/no-report.eml

is "every column is explained in docs/datasets.md" "$(python3 - "$MAILMILL_SOURCE_DIR/docs/datasets.md" <<'PY'
import glob, json, re, sys
page = open(sys.argv[1], encoding="utf-8").read()
words = set(re.findall(r"[a-z_0-9]+", page))
for path in sorted(glob.glob("out/*.ndjson")):
    row = json.loads(open(path, encoding="utf-8").readline())
    print("".join("%s: %s\n" % (path, name) for name in row if name not in words), end="")
PY
)" ""

# ---- what of an input is damaged ----
python3 - <<'PY'
import base64, gzip, os
def report(name, counts, rest=""):
    rows = "".join("<record><row><source_ip>192.0.2.1</source_ip>%s<policy_evaluated><disposition>none</disposition><dkim>pass</dkim>"
                   "<spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers></record>"
                   % ("<count>%s</count>" % c if c is not None else "") for c in counts)
    return ("<feedback><report_metadata><org_name>receiver.example</org_name><email>n@receiver.example</email><report_id>%s"
            "</report_id><date_range><begin>1737504000</begin><end>1737590399</end></date_range></report_metadata>"
            "<policy_published><domain>example.com</domain><p>none</p></policy_published>%s%s" % (name, rows, rest or "</feedback>")).encode()
def mail(path, parts):
    text = "From: n@receiver.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    for name, data in parts:
        text += ("--B\nContent-Type: application/octet-stream; name=%s\nContent-Transfer-Encoding: base64\n\n" % name +
                 base64.encodebytes(data).decode())
    open(path, "w").write(text + "--B--\n")
os.makedirs("damaged")
os.makedirs("torn")
whole = gzip.compress(report("whole", [3]), mtime=0)
mail("damaged/part.eml", [("a.xml.gz", whole), ("b.xml.gz", whole[:12]), ("c.xml.gz", whole[:15])])
mail("damaged/person@example.com.eml", [("x.gz", gzip.compress(report("other", [1]))), ("y.gz", whole[:12])])
open("damaged/counts.xml", "wb").write(report("counts", ["1,234", 5, None, 35184372088831, 35184372088832]))
open("damaged/many.xml", "wb").write(report("many", [1] + [-1] * 20))
open("damaged/late.xml", "wb").write(report("late", [], "<rec"))
open("torn/9.xml.gz", "wb").write(whole[:9])
open("torn/19.xml.gz", "wb").write(whole[:19])
PY
list() { cut -d , -f 1-3 "$1/.mailmill/rejects.ndjson" | grep "$2"; }
refuse "a damaged part makes it end with 1" 1 "$mailmill" reports --format ndjson --stats -o parts damaged/part.eml
"$mailmill" reports --format ndjson --stats -o damaged.out damaged 2>err
is "an input that is damaged in part is listed, once" "$(list damaged.out part.eml | cut -c -120)" \
    '{"message":"damaged/part.eml","rejected":"packed-cut-short","detail":"member 2: the packed data ends too early'
is "with the number of its faults" "$(grep -c '(byte 12 of 12 packed ones, 0 unpacked); 1 more, see table rejects"' damaged.out/.mailmill/rejects.ndjson)" 1
is "and named on standard error" "$(grep -c '^mailmill reports: damaged/part.eml:[0-9]*: member 2: .* (packed-cut-short)$' err)" 1
is "it is extracted all the same" "$(stat_of err inputs) $(stat_of err extracted) $(stat_of err rejected) $(stat_of err damaged)" "5 4 1 4"
is "the closing line tells of parts and records" "$(grep -o '1 rejected, .*left out;' err)" "1 rejected, 3 damaged parts, 23 records left out;"
is "the list of a run is taken as it is" "$("$mailmill" reports --stats -o listed.parts --files-from parts/.mailmill/rejects.ndjson 2>&1 |
    grep -o '"inputs":1,\|"damaged":2,' | xargs)" "inputs:1, damaged:2,"
is "every fault has its row" "$(grep -c '"source_path":"damaged/part.eml"' damaged.out/rejects.ndjson)" 2
"$mailmill" keys new --redact -o redact.damaged
"$mailmill" reports --format ndjson --redact redact.damaged -o damaged.red damaged >red.err 2>&1
is "no local part is told of what is damaged" "$(cat damaged.red/*.ndjson damaged.red/.mailmill/rejects.ndjson red.err | grep -cE '(person|[^0-9a-z]n)@')" 0
"$mailmill" reports -o torn.out torn 2>/dev/null
is "words about one input are not those of another" "$(grep -o 'byte [0-9]* of' torn.out/.mailmill/rejects.ndjson | xargs)" "byte 19 of byte 9 of"

check "a record that is left out is no failure" "$mailmill" reports --format ndjson --stats -o counts damaged/counts.xml
is "its report stays, with the records that can be used" "$(grep -oE '"(record|message)_count":[0-9]*|"records_skipped"' counts/dmarc_reports.ndjson | xargs)" \
    "record_count:2 message_count:35184372088836 records_skipped"
is "each is a row of rejects, with its reason and place" \
    "$(grep -oE '"byte_offset":[0-9]*|"reason":"[a-z-]*"' counts/rejects.ndjson | cut -d : -f 2 | xargs -n 2 | while read -r at reason; do
        echo "$reason $(tail -c +$((at + 1)) damaged/counts.xml | sed 's/<policy_evaluated>.*//')"
    done)" "record-bad-count <record><row><source_ip>192.0.2.1</source_ip><count>1,234</count>
record-bad-count <record><row><source_ip>192.0.2.1</source_ip><count>35184372088832</count>
record-no-count <record><row><source_ip>192.0.2.1</source_ip>"
is "the list names the input" "$(list counts counts.xml)" \
    '{"message":"damaged/counts.xml","rejected":"record-bad-count","detail":"a record is left out: its count is no whole number from 0 to 35184372088831; 2 more'
is "of many the first are rows, and the last tells of the others" \
    "$(grep -c '"damaged/many.xml"' damaged.out/rejects.ndjson) $(grep -c 'left out: .*; so are 4 more of this report' damaged.out/rejects.ndjson)" "16 1"
cp damaged/counts.xml again.xml
check "a report that is told again is a duplicate, with records left out too" "$mailmill" reports --stats -o again.out damaged/counts.xml again.xml
is "a report without a whole record is named" "$(grep 'late.xml"' damaged.out/.mailmill/rejects.ndjson | grep -o '(org_name .*)')" \
    "(org_name receiver.example, report_id late, domain example.com)"
is "in its row too" "$(grep '"no-complete-record"' damaged.out/rejects.ndjson | grep -c 'report_id late')" 1

# ---- the same whatever the way ----
check "one worker" "$mailmill" reports --threads 1 -o one in
find in -type f | LC_ALL=C sort -R --random-source=<(yes) >list
check "two workers, another order" "$mailmill" reports --threads 2 -o two --files-from list
check "the bytes are the same, but for the journal, which knows the operands" diff -r -x journal one two
check "little memory" "$mailmill" reports --memory 64M -o little in
check "the bytes are the same" diff -r one little
check "without the ring" "$mailmill" reports --io threads -o threads in
check "the bytes are the same" diff -r one threads

check "a tree" "$mailmill" reports --format ndjson -o tree in
tar -C in -cf - . | zstd -q >in.tar.zst
(cd in && python3 -m zipfile -c ../in.zip ./*)
check "a tar.zst" "$mailmill" reports --format ndjson -o tar in.tar.zst
check "a zip" "$mailmill" reports --format ndjson -o zip in.zip
check "a tar on a pipe" sh -c '"$1" reports --format ndjson -o pipe - <in.tar.zst' sh "$mailmill"
without_places tree >tree.rows
for way in tar zip pipe; do
    without_places $way >$way.rows
    is "the rows are the same from a $way" "$(diff tree.rows $way.rows | head)" ""
done
is "a member of an archive says where it was" "$(grep -o '"source_path":"in.tar.zst","member":"[^"]*"' tar/duplicates.ndjson)" \
    '"source_path":"in.tar.zst","member":"./aggregate/sent-again.eml!2"'
find in -name '*.eml' | LC_ALL=C sort >mails
python3 - mails mails.mbox <<'PY'
import mailbox, sys
box = mailbox.mbox(sys.argv[2])
for name in open(sys.argv[1]):
    box.add(open(name.strip(), "rb").read())
box.flush()
PY
check "mails as files" "$mailmill" reports --format ndjson -o mails.out --files-from mails
check "mails as an mbox" "$mailmill" reports --format ndjson -o mbox.out mails.mbox
is "the rows are the same but for hashes of inputs" \
    "$(diff <(without_places mails.out | sed 's/"input_hash": -*[0-9]*//') <(without_places mbox.out | sed 's/"input_hash": -*[0-9]*//') | head)" ""
gzip -c "in/aggregate/receiver.example!news.example.com!1709164800!1709251199.xml" >packed
check "a packed report as an operand" "$mailmill" reports --format ndjson -o packed.out packed
is "is one input" "$(rows packed.out dmarc_reports)" 1

# ---- formats ----
check "CSV" "$mailmill" reports --format csv -o csv in
is "CSV has the same values" "$(python3 - <<'PY'
import csv, json
def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
wrong = 0
for table in ("dmarc_reports", "dmarc_records", "bounces", "daily", "rejects"):
    rows = [json.loads(line) for line in open("tree/%s.ndjson" % table, encoding="utf-8")]
    lines = list(csv.DictReader(open("csv/%s.csv" % table, encoding="utf-8", newline="")))
    wrong += len(rows) != len(lines)
    for row, line in zip(rows, lines):
        wrong += sum(text(value) != line[name] for name, value in row.items() if not isinstance(value, list))
        wrong += sum(json.loads(line[name]) != value for name, value in row.items() if isinstance(value, list))
print(wrong)
PY
)" 0
check "days are split" "$mailmill" reports --format ndjson --split-days -o days in
ok "and _mailmill.json tells other options from these" "$([ "$(config days)" != "$(config tree)" ] && [ "$(config csv)" = "$(config tree)" ]; echo $?)"
is "sums stay" "$(python3 -c 'import json; print(sum(json.loads(l)["count"] for l in open("days/dmarc_records.ndjson")))')" \
    "$(python3 -c 'import json; print(sum(json.loads(l)["count"] for l in open("tree/dmarc_records.ndjson")))')"

head -c 3000 "in/aggregate/inbox.example!news.example.com!1709164800!1709251199.xml.gz" >short.gz
printf '\0\0\0\0' | cat "in/aggregate/inbox.example!news.example.com!1709251200!1709337599.xml.gz" - | head -c -10 >sum.gz
"$mailmill" reports --format ndjson --quiet -o cut short.gz sum.gz 2>/dev/null
is "a packed report that is cut short is told as far as it is whole, and so flagged" \
    "$(grep -o '"record_count":[0-9]*\|"flags":\["salvaged"' cut/dmarc_reports.ndjson | xargs)" \
    "record_count:4 flags:[salvaged record_count:5 flags:[salvaged"

# ---- redaction ----
check "a key for redaction" "$mailmill" keys new --redact -o redact.key
is "only its owner reads it" "$(stat -c %a redact.key)" 600
refuse "it is not replaced" 73 "$mailmill" keys new --redact -o redact.key
for format in ndjson csv; do
    "$mailmill" reports --format $format --redact redact.key -o red-$format in >red.err 2>&1
    is "no local part is left in $format" "$(cat red-$format/*.$format red.err | grep -oE '(reader[0-9]|news|dmarc|tls|bounces|fbl|abuse|march[.0-9]*)@' | sort | uniq -c | head)" ""
done
is "the domains stay" "$(grep -c '"recipient_domain":"example.org"' red-ndjson/bounces.ndjson)" 4
is "equal addresses stay equal" "$(grep -ohE 'r-[a-z2-7]{26}@news.example.com' red-ndjson/*.ndjson | sort -u | wc -l)" \
    "$(grep -ohE '[a-z0-9.]+@news.example.com' tree/*.ndjson | sort -u | wc -l)"
mkdir -p away/deep
printf '%s\n' "From: MAILER-DAEMON@mx.example" "Subject: Undelivered Mail Returned to Sender" \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b" "" "--b" \
    "Content-Type: message/delivery-status" "" "Reporting-MTA: dns; mx.example" "" \
    "Final-Recipient: rfc822; nair_s" "Action: failed" "Status: 5.1.1 (nair_s)" \
    "Diagnostic-Code: x-unix; no such user nair_s" "" "--b--" >away/jane@example.com.eml
cp away/jane@example.com.eml away/deep
"$mailmill" reports --format ndjson --quiet --redact redact.key -o away.out away
is "a recipient without a domain is a hash, and where else its row names it" \
    "$(grep -cE '"final_recipient":"(r-[a-z2-7]{26})".*"status":"5.1.1 \(\1\)".*"no such user \1"' away.out/bounces.ndjson) $(grep -c nair away.out/*.ndjson | grep -vc ':0$')" "2 0"
is "an address in a file's name is the same one in any folder" \
    "$(grep -ohE 'r-[a-z2-7]{26}@example.com.eml' away.out/bounces.ndjson | sort -u | wc -l) $(grep -c '"source_path":"away/deep/r-' away.out/bounces.ndjson)" "1 1"
chmod 644 redact.key
says "a key that others read is refused" 77 "chmod 600 redact.key" "$mailmill" reports --redact redact.key -o no in
for mode in 600 644; do
    echo nonsense >bad.key && chmod $mode bad.key
    says "a key that is none is refused, mode $mode" 78 "keys new --redact" "$mailmill" reports --redact bad.key -o no in
done

# ---- refusals ----
says "no dataset" 64 "name -o DATASET" "$mailmill" reports in
says "standard output" 64 "a dataset is a folder" "$mailmill" reports -o - in
says "a file's name" 64 "folder" "$mailmill" reports -o out.ndjson in
says "no such input" 66 "nowhere" "$mailmill" reports -o no nowhere
says "what exists" 73 "choose another" "$mailmill" reports -o out in
says "a dataset inside the source" 64 "inside" "$mailmill" reports -o in/out in
is "nothing was made" "$(ls -d no* in/out* 2>/dev/null)" ""

# ---- ends that are none ----
mkfifo slow
"$mailmill" reports -o stopped - <slow 2>stop.err &
pid=$!
exec 9>slow
cat in/bounces/1.eml >&9
sleep 0.3
kill -TERM $pid
wait $pid
is "a stop ends with 75" $? 75
exec 9>&-
is "and tells how to go on" "$(grep -c 'go on with: mailmill reports -o stopped - --resume' stop.err)" 1
check "which goes on" sh -c 'cat in/bounces/1.eml | "$1" reports -o stopped - --resume --stats 2>stop.err' sh "$mailmill"
is "with the letter that had not come whole" "$(stat_of stop.err inputs) $(stat_of stop.err resumed)" "1 0"
mkdir -p left.part/bounces left.part/.mailmill && echo half >left.part/bounces/part-00000.parquet
check "what a killed run left is no hindrance" "$mailmill" reports -o left in
check "and nothing of it stays" diff -r one left
mkdir mine.part && echo dear >mine.part/letter
says "somebody's own folder of that name is refused" 73 "mine.part is in the way" "$mailmill" reports -o mine in
is "and left alone" "$(cat mine.part/letter; ls -A mine.part)" "dear
letter"
mkdir empty.part
check "an empty one is taken" "$mailmill" reports -o empty in
plan

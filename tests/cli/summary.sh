# summary.sh - what a dataset says: views, selections, forms, and values that try to act on who reads them.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
"$mailmill" reports --quiet -o reports "$MAILMILL_SOURCE_DIR/datasets/reports" 2>/dev/null
"$mailmill" verify --quiet --keys "$keys/campaign.zone" -o verdicts "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null ||
    "$mailmill" verify --quiet --keys none -o verdicts "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null
export LC_ALL=C.UTF-8

# value FILTER ARGUMENTS...: an expression of Python over the document `d` of summary --json
value()
{
    local expression=$1
    shift
    "$mailmill" summary --json "$@" | python3 -c 'import json, sys
d = json.load(sys.stdin)
v = {view["view"]: view for view in d["views"]}
print(eval(sys.argv[1]))' "$expression"
}

# ---- what is refused, before anything is read ----
says "no dataset is refused" 64 "no dataset" "$mailmill" summary
says "a view that is none names the nearest" 64 "no view sorces; nearest is sources" "$mailmill" summary --view sorces reports
says "a word of --by that the view has not" 64 "--by colour" "$mailmill" summary --view pass-rate --by day,colour reports
says "a word twice" 64 "twice" "$mailmill" summary --view pass-rate --by day,day reports
says "--by of a view with rows of its own" 64 "rows of its own" "$mailmill" summary --view policy --by day reports
says "--by of the overview" 64 "rows of its own" "$mailmill" summary --by day reports
says "CSV of the overview" 64 "one table" "$mailmill" summary --csv reports
says "CSV of the overview by its name" 64 "one table" "$mailmill" summary --csv --view overview reports
says "both forms" 64 "do not go together" "$mailmill" summary --csv --json --view sources reports
says "since behind until" 64 "after --until" "$mailmill" summary --since 2026-01-02 --until 2026-01-01 reports
for day in 2026-02-29 2026-13-01 2026-1-1 26-01-01 2026-01-01x 0000-01-01 yesterday ''; do
    refuse "no day: '$day'" 64 "$mailmill" summary --since "$day" reports
done
refuse "a leap day is one" 0 "$mailmill" summary --since 2024-02-29 reports
says "a view of reports wants them" 64 "wants a dataset of mailmill reports" "$mailmill" summary --view sources verdicts
says "a folder that is not there" 66 "is no dataset" "$mailmill" summary nowhere
mkdir folder
says "a folder that is none" 66 "is no dataset" "$mailmill" summary folder
says "one of two that is none" 66 "folder is no dataset" "$mailmill" summary reports folder

says "a dataset twice" 64 "reports and reports are one dataset: name it once" "$mailmill" summary reports reports
ln -s reports linked
for name in ./reports reports/ "$PWD/reports" linked; do
    says "under two names: ${name##*/tap*/}" 64 "are one dataset" "$mailmill" summary verdicts reports "$name"
done
refuse "a page of a dataset twice" 64 "$mailmill" summary --html twice.html reports ./reports
for form in ndjson csv; do
    "$mailmill" reports --quiet --format $form -o lines-$form "$MAILMILL_SOURCE_DIR/datasets/reports" 2>/dev/null
    says "tables in $form" 78 "lines-$form was written with --format ndjson or csv, which summary does not read: make it anew with --format parquet" \
        "$mailmill" summary lines-$form
done

# ---- damage, and what is newer ----
cp -r reports newer
sed -i 's/"schema_version":[0-9]*/"schema_version":99/; s/"mailmill":"[^"]*"/"mailmill":"9.1"/' newer/_mailmill.json
says "a newer schema names the version to use" 78 "use mailmill 9.1 or later" "$mailmill" summary newer
sed -i 's/"verb":"reports"/"verb":"weather"/' newer/_mailmill.json
says "so does a verb of the future" 78 "use mailmill 9.1 or later" "$mailmill" summary newer
cp -r reports damaged
python3 - damaged/daily/part-00000.parquet <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[20] ^= 0xff
open(sys.argv[1], "wb").write(data)
PY
says "a damaged table is said by its file" 74 "damaged/daily/part-00000.parquet" "$mailmill" summary damaged
refuse "but not where the view does not need it" 0 "$mailmill" summary --view bounces damaged
cp -r reports short
truncate -s -1 short/dmarc_records/part-00000.parquet
refuse "a table that is cut" 74 "$mailmill" summary --view sources short
cp -r reports without
rm -r without/dmarc_records
says "a table that is missing" 74 "has no table dmarc_records" "$mailmill" summary --view sources without
cp -r reports lost
rm lost/dmarc_records/part-*
says "a table whose files are gone" 74 "the table dmarc_records has 0 rows in 0 files, and _mailmill.json tells of" "$mailmill" summary --view sources lost
refuse "is not missed where no view needs it" 0 "$mailmill" summary --view bounces lost
cp -r reports fewer
"$mailmill" reports --append --quiet -o fewer "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null
rm fewer/rejects/part-00001.parquet
says "one of several files" 74 "the table rejects has 2 rows in 1 files" "$mailmill" summary --view health fewer
# While --append puts its files in their places: the list of what it does is there, and _mailmill.json is the old one.
cp -r reports moment
"$mailmill" reports --append --quiet -o moment "$MAILMILL_SOURCE_DIR/datasets/mail" 2>/dev/null
cp reports/_mailmill.json moment
says "rows that nobody told of" 74 "the table rejects has" "$mailmill" summary --view health moment
: >moment/.mailmill/append.commit
refuse "are an append's that is not done" 0 "$mailmill" summary --view health moment
cp -r verdicts lost-verdicts
rm lost-verdicts/messages/part-*
says "verdicts that are gone" 74 "the table messages has 0 rows in 0 files" "$mailmill" summary lost-verdicts

# ---- numbers ----
all=$((9 * 0 + $(python3 -c 'print(sum(7 * i + d + 1 for n in (2, 5, 8) for d in range(3) for i in range(n)))')))
is "messages of the overview" "$(value '[r["count"] for r in v["overview"]["rows"] if r["name"] == "messages"]' reports)" "[$all]"
is "and of the pass rate by nothing but the domain" \
    "$(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate --by domain reports)" "$all"
is "by days there are as many" "$(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate reports)" "$all"
is "by a column that the sums by day have not, the same" \
    "$(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate --by source_ip --limit 1000 reports)" "$all"
cp -r reports copied
is "datasets count together" \
    "$(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate reports copied)" $((2 * all))
is "days are chosen" \
    "$(value '[r["day"] for r in v["pass-rate"]["rows"]]' --view pass-rate --since 2024-03-01 --until 2024-03-01 reports)" "['2024-03-01']"
is "and add up" "$(($(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate --until 2024-02-29 reports) +
    $(value 'sum(r["messages"] for r in v["pass-rate"]["rows"])' --view pass-rate --since 2024-03-01 reports)))" "$all"
is "a domain that nobody has" "$(value 'v["sources"]["rows_total"]' --view sources --domain nobody.example reports)" 0
is "a domain in capitals is the same" "$(value 'v["pass-rate"]["rows_total"] > 0' --view pass-rate --domain NEWS.Example.com reports)" True
is "and with a dot at the end" "$(value 'v["pass-rate"]["rows_total"] > 0' --view pass-rate --domain news.example.com. reports)" True
is "weeks begin on Mondays" "$(value '[r["week"] for r in v["pass-rate"]["rows"]]' --view pass-rate --by week reports)" "['2024-02-26']"
is "months" "$(value '[r["month"] for r in v["pass-rate"]["rows"]]' --view pass-rate --by month reports)" "['2024-02', '2024-03']"
is "the head says the window and the inputs" "$(value '[d["first_day"], d["last_day"], d["inputs"], d["rejected"], d["duplicates"]]' reports)" \
    "['2024-02-29', '2024-03-02', 21, 2, 1]"
is "several views in the order of the asking" "$(value '[w["view"] for w in d["views"]]' --view tls --view bounces --view tls reports)" \
    "['tls', 'bounces', 'tls']"
is "what is cut is said" "$(value '[v["sources"][k] for k in ("rows_shown", "rows_total")]' --view sources --limit 1 reports | tr -d ' ')" \
    "[1,$(value 'v["sources"]["rows_total"]' --view sources reports)]"
is "verdicts and reports in one overview" "$(value '"results" in v and "policy" in v' reports verdicts)" True
is "every view answers" "$("$mailmill" summary --view list | grep -oE '^[a-z-]+' | while read -r view; do
    "$mailmill" summary --view "$view" reports verdicts >out 2>&1 || echo "$view: $(tail -n 1 out)"; done)" ""
cat >words.py <<'PY'
import json, re, subprocess, sys
mailmill, *datasets = sys.argv[1:]

def first_sum(view, *by):
    out = subprocess.run([mailmill, "summary", "--json", "--limit", "100000", "--view", view, *by, *datasets], capture_output=True)
    if out.returncode:
        return out.stderr.decode()
    table = json.loads(out.stdout)["views"][0]
    name = next(c["name"] for c in table["columns"] if c["kind"] == "count" and not c["key"])
    return sum(r[name] for r in table["rows"])

listed = subprocess.run([mailmill, "summary", "--view", "list"], capture_output=True, text=True).stdout
words = re.findall(r"^([a-z-]+).*\n +--by \S+ \(of (\S+)\)", listed, re.M)
for view, of in words:
    for word in of.split(","):
        got = first_sum(view, "--by", word)
        if got != first_sum(view):
            print(view, word, got)
print(len(words), "views")
PY
is "by any one word there is as much as by the usual ones" "$(python3 words.py "$mailmill" reports verdicts)" \
    "$("$mailmill" summary --view list | grep -c -e '--by') views"
for threads in 1 3; do
    "$mailmill" summary --json --threads $threads reports verdicts >json.$threads
done
check "threads change no byte" cmp json.1 json.3

# ---- sessions that a report counts under two policies of a domain ----
python3 - <<'PY'
import json, os
def report(name, policies):
    os.makedirs("tls.in", exist_ok=True)
    json.dump({"organization-name": "receiver.example", "date-range": {"start-datetime": "2024-03-01T00:00:00Z", "end-datetime": "2024-03-01T23:59:59Z"},
               "contact-info": "tls@receiver.example", "report-id": name,
               "policies": [{"policy": {"policy-type": kind, "policy-domain": domain},
                             "summary": {"total-successful-session-count": good, "total-failure-session-count": bad}}
                            for kind, domain, good, bad in policies]}, open("tls.in/%s.json" % name, "w"))
report("both", [("sts", "a.example", 5326, 303), ("tlsa", "a.example", 5326, 303)])
report("one", [("tlsa", "b.example", 10, 1)])
for day in range(4): # each of a kind by itself: nothing of them is the same
    report("sts%d" % day, [("sts", "d.example", 100, 0)])
    report("tlsa%d" % day, [("tlsa", "d.example", 50, 0)])
report("more", [("sts", "c.example", 100, 0), ("tlsa", "c.example", 90, 20), ("sts", "c.example", 40, 2), ("no-policy-found", "c.example", 7, 3),
                ("sts", "d.example", 1, 0)])
PY
"$mailmill" reports --quiet -o tls tls.in 2>/dev/null
tls_facts='[r["count"] for r in v["overview"]["rows"] if r["name"] in ("tls_successful", "tls_failed")]'
is "are counted once: the greater of sts and tlsa, and what has neither" "$(value "$tls_facts" tls)" "[$((5326 + 10 + 4 * 100 + 4 * 50 + 140 + 7 + 1)), $((303 + 1 + 2 + 3))]"
is "of a domain too" "$(value "$tls_facts" --domain a.example tls)" "[5326, 303]"
is "which is said" "$(value '[n["kind"] for n in v["overview"]["notes"]]' tls)" "['rule']"
"$mailmill" reports --quiet -o aggregate "$MAILMILL_SOURCE_DIR/datasets/reports/aggregate" 2>/dev/null
is "and nothing where there are none" "$(value 'v["overview"]["notes"]' aggregate)" "[]"
is "rows by policies are as they were told" "$(value '[[r["policy_type"], r["successful"]] for r in v["tls"]["rows"]]' --view tls --domain a.example tls)" \
    "[['sts', 5326], ['tlsa', 5326]]"
is "those that are not say that they may count twice" "$(value '[n["kind"] for n in v["tls"]["notes"]]' --view tls --by domain tls)" "['note']"
is "and those that are, not" "$(value 'v["tls"]["notes"]' --view tls --by policy_type,org tls)" "[]"

# ---- many threads, and little memory ----
# Two files of a table: in the second, rows of a domain whose records take ten times as much lie behind those of another, so
# that a thread that has too little memory has handed over rows already.
python3 - <<'PY'
import os
def report(name, domain, records, results):
    rows = "".join("<record><row><source_ip>10.%d.%d.%d</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>"
                   "<dkim>fail</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers>"
                   "<auth_results>%s<spf><domain>%s</domain><result>pass</result></spf></auth_results></record>"
                   % (i >> 16, i >> 8 & 255, i & 255, 1 + i % 7, ("pass", "fail")[i % 2], domain,
                      "".join("<dkim><domain>%s-%d.example</domain><selector>s%d</selector><result>fail</result></dkim>" % (domain, k, i % 50)
                              for k in range(results)), domain) for i in range(records))
    os.makedirs("wide.in", exist_ok=True)
    with open("wide.in/%s.xml" % name, "w") as out:
        out.write("<feedback><report_metadata><org_name>receiver.example</org_name><email>a@receiver.example</email><report_id>%s</report_id>"
                  "<date_range><begin>1709164800</begin><end>1709251199</end></date_range></report_metadata><policy_published><domain>%s</domain>"
                  "<p>none</p></policy_published>%s</feedback>" % (name, domain, rows))
report("first", "few.example", 3000, 1)
report("second", "few.example", 26000, 1)
report("third", "many.example", 12000, 12)
PY
"$mailmill" reports --append --quiet -o wide wide.in/first.xml 2>/dev/null
"$mailmill" reports --append --quiet -o wide wide.in/second.xml wide.in/third.xml 2>/dev/null
"$mailmill" summary --json --threads 1 wide >wide.json
is "all rows are read" "$(value '[r["count"] for r in v["overview"]["rows"] if r["name"] == "messages"]' wide)" \
    "[$(python3 -c 'print(sum(1 + i % 7 for n in (3000, 26000, 12000) for i in range(n)))')]"
for options in "--threads 64" "--threads 256" "--threads 7 --memory 64M" "--threads 2 --memory 64M" "--threads 20 --memory 256M"; do
    "$mailmill" summary --json $options wide >json.many 2>err
    is "$options: the same" "$(cmp json.many wide.json 2>&1; cat err)" ""
done
says "too little for one thread says what to choose" 74 "takes more than the 4 MiB that it may have of --memory: choose --memory 32M or more" \
    "$mailmill" summary --threads 2 --memory 16M wide

# ---- a terminal ----
on_terminal() { script -qefc "stty cols $1 2>/dev/null; $2" /dev/null </dev/null | tr -d '\004\r'; }
export TERM=xterm
unset NO_COLOR
for width in 40 80 132; do
    on_terminal $width "'$mailmill' summary reports verdicts" | sed 's/\x1b\[[0-9;]*m//g' >shown
    is "nothing is wider than $width columns" \
        "$(python3 -c 'import sys; print([l for l in open("shown", encoding="utf-8") if len(l.rstrip("\n")) > max(int(sys.argv[1]), 40)])' $width)" "[]"
done
is "colours are for terminals" "$(on_terminal 80 "'$mailmill' summary reports" | grep -c $'\e\\[31m' | sed 's/[1-9][0-9]*/some/')|$("$mailmill" summary reports | grep -c $'\e')" "some|0"
is "and not with NO_COLOR" "$(NO_COLOR=1 on_terminal 80 "'$mailmill' summary reports" | grep -c $'\e')" 0
is "bars in ASCII where the terminal has no more" "$(LC_ALL=C "$mailmill" summary reports | LC_ALL=C grep -c $'[\x80-\xff]')" 0

# ---- hostile values ----
python3 "$MAILMILL_SOURCE_DIR/tests/support/hostile_reports.py" hostile
"$mailmill" reports --quiet -o inert hostile 2>/dev/null
cat >inert.py <<'PY'
import csv, io, json, subprocess, sys, unicodedata
mailmill, dataset = sys.argv[1:3]
views = [line.split()[0] for line in subprocess.run([mailmill, "summary", "--view", "list"], capture_output=True, text=True).stdout.splitlines() if line[0] != " "]
def run(*arguments):
    return subprocess.run([mailmill, "summary", *arguments, dataset], capture_output=True, check=True).stdout.decode("utf-8")
def bad(text, allowed):
    return [hex(ord(c)) for c in text if c not in allowed and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp"))]
def judge(text, form, view):
    """What is wrong with an output, as sentences."""
    if bad(text, "\n\r" if form == "--csv" else "\n"):
        yield "%s %s: a control character %s" % (view, form, bad(text, "\n\r")[:3])
    if form == "--csv":
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if any(len(row) != len(rows[0]) for row in rows):
            yield "%s: a row of another length" % view
        if any(cell[:1] in "=+-@\uff1d\uff0b\uff0d\uff20" for row in rows for cell in row if cell):
            yield "%s: a formula" % view
    elif form == "--json":
        json.loads(text)
    elif max(len(line) for line in text.splitlines()) > 700:
        yield "%s: a line of %d" % (view, max(len(line) for line in text.splitlines()))
if len(sys.argv) > 3:
    for text, form in (("a,b\r\n=1,2\r\n", "--csv"), ("a\r\n1,2\r\n", "--csv"), ("\x1b[31m", ""), ("\u202e", ""), ("x" * 701, "")):
        print(bool(list(judge(text, form, "planted"))))
    sys.exit()
verdict_views = ("results", "reasons", "signers")
for view in views:
    if view in verdict_views:
        continue
    for form in ("", "--json", "--csv"):
        if form == "--csv" and view == "overview":
            continue
        for wrong in judge(run("--view", view, "--limit", "100", *([form] if form else [])), form, view):
            print(wrong)
PY
is "nothing of a report acts on terminal, program or spreadsheet" "$(python3 inert.py "$mailmill" inert)" ""
is "planted: a formula, a short row, an escape, a turned text, a long line are noticed" \
    "$(python3 inert.py "$mailmill" inert planted | xargs)" "True True True True True"
is "JSON has long names whole" "$(value 'max(len(r["header_from"] or "") for r in v["sources"]["rows"]) >= 10240' --view sources --limit 100 inert)" True
is "a person sees their ends" "$("$mailmill" summary --view tls inert | grep -c 'x…x')" 1
mkdir huge
for n in 1 2 3; do
    sed "s/^Feedback-Type:.*/&\\nIncidents: 9223372036854775807\\nX-Number: $n/; s/\r$//" \
        "$MAILMILL_SOURCE_DIR/datasets/reports/feedback/abuse.eml" >huge/$n.eml
done
"$mailmill" reports --quiet -o most huge 2>/dev/null
is "counts that nobody can have sent do not wrap, and a warning says so" \
    "$(value '[r["complaints"] for r in v["complaints"]["rows"]], [n["kind"] for n in v["complaints"]["notes"]]' --view complaints most)" \
    "([9223372036854775807], ['warning'])"

# ---- lists whose members begin their pages at rows of their own ----
python3 - <<'PY'
names = [("first.example", "s1", "pass")] * 3000 + [("second.example", "s2", "fail")] * 2000
with open("lists.xml", "w") as f:
    f.write("<feedback><report_metadata><org_name>o</org_name><email>e</email><report_id>1</report_id><date_range>"
            "<begin>1700000000</begin><end>1700086399</end></date_range></report_metadata>"
            "<policy_published><domain>a.example</domain><p>none</p></policy_published>")
    for i, (domain, selector, result) in enumerate(names):
        one = "<dkim><domain>%s</domain><selector>%s-%06d-%s</selector><result>%s</result></dkim>" % (domain, selector, i, "x" * 60, result)
        f.write("<record><row><source_ip>10.0.%d.%d</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>"
                "<dkim>pass</dkim></policy_evaluated></row><identifiers><header_from>a.example</header_from></identifiers>"
                "<auth_results>%s</auth_results></record>" % (i >> 8, i & 255, one * (1 + i % 3)))
    f.write("</feedback>")
PY
for pages in 1024 1048576; do
    "$mailmill" reports --quiet --page-bytes $pages -o lists-$pages lists.xml
    is "pages of $pages: each selector keeps its domain and its result" \
        "$("$mailmill" summary --csv --view selectors --by selector,signer,result --limit 10000 lists-$pages |
            tail -n +2 | tr -d '"' | sed 's/-[0-9]*-x*//' | cut -d , -f 1-3 | sort | uniq -c | tr -s ' ')" \
        " 3000 s1,first.example,pass
 2000 s2,second.example,fail"
done

# ---- one mailbox, however its domain is written ----
. "$MAILMILL_SOURCE_DIR/tests/support/hard_bounces.sh" || exit 1
mkdir mailboxes && hard_bounces mailboxes
"$mailmill" reports --quiet -o mailboxes.out mailboxes
is "capitals, a dot at the end and U-labels of a domain make no other address, capitals of a local part do" \
    "$(value 'sorted((r["final_recipient"], r["hard_bounces"]) for r in v["suppress"]["rows"])' --view suppress mailboxes.out)" \
    "[('U@d.example', 1), ('pipe', 1), ('u@d.example', 4), ('u@xn--bcher-kva.example', 2), ('ü@xn--bcher-kva.example', 1)]"

for domain in bücher.example BÜCHER.example xn--bcher-kva.example xn--bcher-kva.example.; do
    is "U-labels and A-labels are one domain: $domain" \
        "$(value '[r["hard_bounces"] for r in v["suppress"]["rows"]]' --view suppress --domain "$domain" mailboxes.out)" "[2, 1]"
done

# ---- what cannot be written ----
refuse "a full device" 74 sh -c '"$MAILMILL_PROGRAM" summary reports >/dev/full'
"$mailmill" summary reports 2>err | :
is "a reader that leaves" "${PIPESTATUS[0]}|$(cat err)" "0|"
plan

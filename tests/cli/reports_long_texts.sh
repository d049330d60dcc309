# reports_long_texts.sh - texts of strangers that are as long as they may be: no report of them stops the run.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

# A day of one domain whose reporters have names of 72 MB together, more than is held; each of them
# comes first and again last, since records of a day are in the order of their addresses.
mkdir names
python3 - <<'PY'
report = """<feedback><report_metadata><org_name>%s</org_name><report_id>%d</report_id><date_range><begin>1700006400</begin>
<end>1700092799</end></date_range></report_metadata><policy_published><domain>news.example.com</domain><p>none</p></policy_published>
%s</feedback>"""
record = """<record><row><source_ip>192.0.%d.%d</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>news.example.com</header_from></identifiers></record>"""
for i in range(80):
    with open("names/%d.xml" % i, "w") as f:
        f.write(report % ("%02d" % i + "x" * 900000, i, record % (0, i, 1) + record % (1, i, i + 2)))
PY
"$mailmill" reports --format ndjson -o out names 2>err
is "names of 72 MB on one day" $? 0
cat > sums.py <<'PY'
import json
rows = [json.loads(line) for line in open("out/daily.ndjson")]
right = [row["org_name"][:3] == "%02dx" % i and (row["record_count"], row["message_count"]) == (2, i + 3) for i, row in enumerate(rows)]
print(len(rows), all(right))
PY
is "each has one row of its two records" "$(python3 sums.py)" "80 True"

# What is said once and would stand in each of many rows.
mkdir repeated
python3 - <<'PY'
import json
def write(name, text):
    with open("repeated/" + name, "w") as f:
        f.write(text)
report = """<feedback><report_metadata><org_name>%s</org_name><report_id>1</report_id><date_range><begin>1700006400</begin>
<end>%d</end></date_range></report_metadata><policy_published><domain>news.example.com</domain><p>none</p></policy_published>
%s</feedback>"""
record = """<record><row><source_ip>192.0.2.1</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers></record>"""
write("name.xml", report % ("x" * 900000, 1700092799, record % (1, "a.example") * 2000))
write("days.xml", report % ("days", 1700006400 + 86400 * 3000, record % (5000, "x" * 900000)))
write("good.xml", report % ("good", 1700092799, record % (1, "a.example") * 2000))
def tls(name, failures):
    return json.dumps({"organization-name": name, "report-id": "1", "contact-info": "a@example.net",
        "date-range": {"start-datetime": "2023-11-14T00:00:00Z", "end-datetime": "2023-11-14T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "no-policy-found", "policy-domain": "example.com"},
            "summary": {"total-successful-session-count": 1, "total-failure-session-count": failures},
            "failure-details": [{"result-type": "validation-failure", "failed-session-count": 1}] * failures}]})
write("name.json", tls("x" * 900000, 2000))
write("text.json", tls("x" * (1 << 20) + "x", 2))
write("good.json", tls("good", 2000))
write("list.eml", """From: MAILER-DAEMON@mx.example
To: owner@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: %s

%s
--b--
""" % ("x" * 900000, "".join("Final-Recipient: rfc822; u%d@example.net\nAction: failed\nStatus: 5.1.1\n\n" % i for i in range(2000))))
PY
"$mailmill" reports --format ndjson --split-days --stats -o told repeated 2>err
is "rows that repeat it" $? 1
[ -n "${MAILMILL_SANITIZE-}" ] || ok "in bounded memory" $(($(stat_of err peak_bytes) > (1 << 28)))
is "each is named" "$(sed 's|.*"source_path":"repeated/\([^"]*\)".*"reason":"\([^"]*\)".*|\1 \2|' told/rejects.ndjson | sort | xargs)" \
    "days.xml too-much-repeated list.eml too-much-repeated name.json too-much-repeated name.xml too-much-repeated text.json json-text-too-long"
is "of which no row is left" "$(cat told/dmarc_records.ndjson told/tls_failures.ndjson told/bounces.ndjson | grep -c -v '"good"')" 0
is "and those of the others are there" "$(wc -l told/dmarc_records.ndjson told/tls_failures.ndjson told/bounces.ndjson | awk '{print $1}' | xargs)" \
    "2000 2000 0 4000"

# The same in many small reports of one archive.
python3 - <<'PY'
import base64, io, tarfile, zipfile
head = """<feedback><report_metadata><org_name>%s</org_name><report_id>%s</report_id><date_range><begin>1700006400</begin>
<end>%d</end></date_range></report_metadata><policy_published><domain>news.example.com</domain><p>none</p></policy_published>"""
record = """<record><row><source_ip>192.0.2.%d</source_ip><count>9</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>news.example.com</header_from></identifiers></record>"""
def report(name, number, days, records):
    rows = "".join(record % (i % 250) for i in range(records))
    return head % (name, number, 1700006400 + 86400 * days - 1) + rows + "</feedback>"
def write(name, members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for member, text in members:
            out.writestr(member, text)
    with open(name + ".zip", "wb") as out:
        out.write(packed.getvalue())
    with open(name + ".eml", "w") as out:
        out.write("From: a@example.com\nTo: b@example.com\nSubject: reports\nMIME-Version: 1.0\nContent-Type: application/zip; name=r.zip\n"
                  "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(packed.getvalue()).decode())
    with tarfile.open(name + ".tar", "w") as out:
        for member, text in members:
            info = tarfile.TarInfo(member)
            info.size = len(text)
            out.addfile(info, io.BytesIO(text.encode()))
def good(count, days, records):
    return [("good%d.xml" % i, report("good", "g%d" % i, days, records)) for i in range(count)]
def bad(count, name, records):
    return [("bad%d.xml" % i, report("x" * name, "b%d" % i, 1, records)) for i in range(count)]
write("some", [m for pair in zip(good(10, 1, 9), bad(10, 190000, 100)) for m in pair])
write("all", [m for pair in zip(good(30, 1, 9), bad(30, 300000, 100)) for m in pair])
write("honest", good(1000, 7, 40))
PY
# reports_of OPTION...: how it ends, what it refuses and why, reports called good and their rows
reports_of()
{
    rm -rf told
    "$mailmill" reports --format ndjson --quiet -o told "$@" 2>err
    echo "$? $(sed 's/.*"reason":"\([^"]*\)".*/\1/' told/rejects.ndjson | uniq -c | xargs)" \
        "good: $(grep -c '"org_name":"good"' told/dmarc_reports.ndjson) $(grep -c '"org_name":"good"' told/dmarc_records.ndjson)"
}
is "an archive of reports that each repeat a little too much" "$(reports_of some.eml)" "1 9 too-much-repeated good: 10 90"
is "each of those is named" "$(grep -o '"member":"[^"]*bad[0-9]*\.xml"' told/rejects.ndjson | sort -u | wc -l)" 9
ok "and little is left of them" $(($(cat told/*.ndjson | wc -c) > 32 << 20))
for form in eml zip tar; do
    is "$form: reports that repeat much are stopped, those beside them are not" "$(reports_of all.$form)" \
        "1 30 too-much-repeated good: 30 270"
    is "$form: a thousand of a week, told day by day, are not too much" "$(reports_of --split-days honest.$form)" \
        "0  good: 1000 280000"
done
plan

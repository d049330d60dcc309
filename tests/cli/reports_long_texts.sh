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
plan

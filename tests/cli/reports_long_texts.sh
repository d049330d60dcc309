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
plan

# summary_growth.sh - eight times as many domains cost a summary eight times the work, whatever the view.
# SPDX-License-Identifier: Apache-2.0
#
# Work is counted in instructions, which are the same again. Not under sanitizers, which valgrind does not go with: there only
# the answers are looked at.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

# few.tar, many.tar: of each domain up to four DMARC reports, of several days and policies, a TLS report and a bounce.
# few.csv, many.csv: the policy of each domain's last day, of several that day the first by name.
python3 - <<'PY'
import io, json, random, tarfile
record = ("<record><row><source_ip>10.%d.%d.%d</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>"
          "<dkim>%s</dkim><spf>fail</spf><reason><type>other</type></reason></policy_evaluated></row>"
          "<identifiers><header_from>mail.%s</header_from></identifiers><auth_results><dkim><domain>%s</domain>"
          "<selector>s</selector><result>pass</result></dkim><spf><domain>mta.%s</domain><result>pass</result></spf></auth_results></record>")
def aggregate(i, k, domain, day, policy):
    rows = "".join(record % (i >> 8, i & 255, n, ("pass", "fail")[n], domain, domain, domain) for n in range(2))
    begin = 1700006400 + 86400 * day
    return ("<feedback><report_metadata><org_name>org%d.example</org_name><report_id>%d-%d</report_id><date_range><begin>%d</begin>"
            "<end>%d</end></date_range></report_metadata><policy_published><domain>%s</domain>%s</policy_published>%s</feedback>"
            % (i, i, k, begin, begin + 86399, domain, "<p>%s</p>" % policy if policy else "", rows))
def tls(i, domain):
    return json.dumps({"organization-name": "org%d.example" % i, "report-id": "%d" % i, "contact-info": "a@example.net",
        "date-range": {"start-datetime": "2023-11-15T00:00:00Z", "end-datetime": "2023-11-15T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "sts", "policy-domain": domain},
            "summary": {"total-successful-session-count": 1, "total-failure-session-count": 1},
            "failure-details": [{"result-type": "validation-failure", "failed-session-count": 1, "receiving-mx-hostname": "mx." + domain}]}]})
def bounce(i, domain):
    return ("From: MAILER-DAEMON@mx.example\r\nTo: a@example.com\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx%d.example\r\nArrival-Date: Wed, 15 Nov 2023 10:00:00 +0000\r\n\r\n"
            "Final-Recipient: rfc822; user@%s\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n" % (i, domain))
def write(name, count):
    draw = random.Random(count)
    last = {}
    with tarfile.open(name + ".tar", "w") as tar:
        def add(member, text):
            info = tarfile.TarInfo(member)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
        for i in range(count):
            domain = "d%d.example" % i
            for k in range(1 + draw.randrange(4)):
                day, policy = draw.randrange(5), draw.choice(("none", "quarantine", "reject", ""))
                add("%d-%d.xml" % (i, k), aggregate(i, k, domain, day, policy))
                last[domain] = min(last.get(domain, (1, "")), (-day, not policy, policy))
            add("%d.json" % i, tls(i, domain))
            add("%d.eml" % i, bounce(i, domain))
    with open(name + ".csv", "w") as out:
        for domain in sorted(last):
            out.write("%s,%s\n" % (domain, last[domain][2]))
write("few", 500)
write("many", 4000)
PY
for name in few many; do
    refuse "reports of $name" 0 "$mailmill" reports --quiet -o $name $name.tar
    is "the policies of $name are those of last days" "$("$mailmill" summary --csv --view policy --limit 1000000 $name |
        sed '1d; s/"//g; s/\r$//' | cut -d , -f 1,2 | LC_ALL=C sort -t , -k 1,1 | cmp - $name.csv 2>&1)" ""
done

instructions() # VIEW DATASET
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$mailmill" summary --json --threads 1 --limit 1000000 --view "$1" "$2" 2>&1 \
        >/dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

if [ -z "${MAILMILL_SANITIZE-}" ]; then
    command -v valgrind >/dev/null
    ok "valgrind is here" $?
    for view in pass-rate policy policy-history sources new-sources unaligned selectors overrides subdomains reporters gaps tls tls-failures \
        bounces bounce-reasons suppress; do
        less=$(instructions $view few) more=$(instructions $view many)
        echo "# $view: $less, $more"
        ok "$view grows as they do" $((more > 9 * less))
    done
fi
plan

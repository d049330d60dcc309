# hostile_reports.py - reports with what must stay inert in every field: markup, escapes, formulas, long names.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 hostile_reports.py FOLDER      one aggregate report, one TLS report and one bounce for each text
import json
import os
import sys
from xml.sax.saxutils import escape

TEXTS = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(A1)", "\uff1dHYPERLINK(1)",
         "\u202eevil\u202c", "\u2066a\u2069", "tab\there", "a\"b'c,d;e", "\u0085\u009b31m", "x" * 10240,
         "\u4f60\u597d" * 40, "e\u0301" * 30, "&amp;", "%s%n", "\\x1b[31m", "&lt;b&gt;"]
ESC = "\x1b[31mred\x1b[0m\x07"  # XML 1.0 cannot hold it; JSON and mail can


def aggregate(text, number):
    t = escape(text)
    record = ("<record><row><source_ip>198.51.100.%d</source_ip><count>%d</count><policy_evaluated><disposition>%s"
              "</disposition><dkim>fail</dkim><spf>fail</spf><reason><type>%s</type><comment>%s</comment></reason>"
              "</policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers><auth_results><dkim>"
              "<domain>%s</domain><selector>%s</selector><result>pass</result></dkim><spf><domain>%s</domain><result>%s"
              "</result></spf></auth_results></record>") % (number + 1, 100 + number, t, t, t, t, t, t, t, t)
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><feedback><report_metadata><org_name>%s</org_name><email>%s</email>"
            "<report_id>%s</report_id><date_range><begin>1709164800</begin><end>1709251199</end></date_range>"
            "</report_metadata><policy_published><domain>%s</domain><p>%s</p><sp>%s</sp></policy_published>%s</feedback>"
            ) % (t, t, t, t, t, t, record)


def tls(text, number):
    return json.dumps({
        "organization-name": text, "contact-info": text, "report-id": text,
        "date-range": {"start-datetime": "2024-02-29T00:00:00Z", "end-datetime": "2024-02-29T23:59:59Z"},
        "policies": [{"policy": {"policy-type": text, "policy-string": [text], "policy-domain": text, "mx-host": [text]},
                      "summary": {"total-successful-session-count": 1, "total-failure-session-count": 100 + number},
                      "failure-details": [{"result-type": text, "sending-mta-ip": text, "receiving-mx-hostname": text,
                                           "failed-session-count": 100 + number, "failure-reason-code": text}]}]})


def main():
    folder = sys.argv[1]
    os.makedirs(folder)
    for number, text in enumerate(TEXTS):
        with open(os.path.join(folder, "%d.xml" % number), "w", encoding="utf-8") as out:
            out.write(aggregate(text, number))
    for number, text in enumerate(TEXTS + [ESC, "\x00nul", "line\r\nforged,row"]):
        with open(os.path.join(folder, "%d.json" % number), "w", encoding="utf-8") as out:
            out.write(tls(text, number))


main()

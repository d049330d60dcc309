# append_reports.py - reports with planted duplicates, for datasets that are made in several runs.
# SPDX-License-Identifier: Apache-2.0
#
# append_reports.py DIR SEED COUNT: COUNT readings of some COUNT / 2 reports below DIR, DMARC and TLS: as they are, with
# fewer records, in another order of members, packed, cut short, with other counts; no two files are equal.
import gzip
import json
import os
import random
import sys

folder, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
os.makedirs(folder, exist_ok=True)


def dmarc(org, number, domain, day, records):
    rows = "".join(
        "<record><row><source_ip>192.0.2.%d</source_ip><count>%d</count><policy_evaluated><disposition>%s</disposition>"
        "<dkim>%s</dkim><spf>%s</spf></policy_evaluated></row><identifiers><header_from>%s</header_from></identifiers>"
        "<auth_results><spf><domain>%s</domain><result>pass</result></spf></auth_results></record>\n"
        % (1 + i, n, disposition, dkim, spf, domain, domain) for i, (n, disposition, dkim, spf) in enumerate(records))
    return ("<?xml version=\"1.0\"?>\n<feedback><report_metadata><org_name>%s</org_name><email>d@%s</email>"
            "<report_id>%s</report_id><date_range><begin>%d</begin><end>%d</end></date_range></report_metadata>"
            "<policy_published><domain>%s</domain><p>none</p></policy_published>\n%s</feedback>\n"
            % (org, org, number, day * 86400, day * 86400 + 86399, domain, rows))


def tls(org, number, domain, day, records):
    return json.dumps({
        "organization-name": org, "date-range": {"start-datetime": "2024-03-%02dT00:00:00Z" % (day % 28 + 1),
                                                 "end-datetime": "2024-03-%02dT23:59:59Z" % (day % 28 + 1)},
        "contact-info": "t@" + org, "report-id": number,
        "policies": [{"policy": {"policy-type": "sts", "policy-string": ["version: STSv1"], "policy-domain": domain},
                      "summary": {"total-successful-session-count": n, "total-failure-session-count": 1},
                      "failure-details": [{"result-type": "certificate-expired", "failed-session-count": 1}]}
                     for n, _, _, _ in records]})


def report(i):
    r = random.Random(seed * 100003 + i)
    org, domain = "reporter%d.example" % r.randrange(4), "domain%d.example" % r.randrange(3)
    records = [(r.choice([1, 2, 30, 7]), r.choice(["none", "reject"]),
                r.choice(["pass", "fail"]), r.choice(["pass", "fail"])) for _ in range(r.randrange(1, 6))]
    return (tls if i % 4 == 3 else dmarc), org, "id-%d" % i, domain, 19700 + r.randrange(5), records


for n in range(count):
    form, org, number, domain, day, records = report(chance.randrange(count // 2))
    way = chance.randrange(6)
    if way == 1 and len(records) > 1:
        records = records[:-1]
    if way == 2:
        records = [(c + 1, *rest) if i == 0 else (c, *rest) for i, (c, *rest) in enumerate(records)]
    text = form(org, number, domain, day, records)
    if way == 3 and form is dmarc:
        text = text[:text.rindex("<record>")] if len(records) > 1 else text
    text += " " * chance.randrange(3) + "\n" * chance.randrange(9)
    name = os.path.join(folder, "%s-%05d.%s" % (chance.choice("abcdefgh"), n, "json" if form is tls else "xml"))
    if way == 4:
        open(name + ".gz", "wb").write(gzip.compress(text.encode(), mtime=n))
    else:
        # A reading of its own: its number, where a reader passes over it.
        mark = "<!-- %d -->\n" % n if form is dmarc else " " * n
        open(name, "w").write(text + mark)

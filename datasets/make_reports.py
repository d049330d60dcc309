"""make_reports.py - the reports of datasets/: what receivers tell the senders of the other mail there.

SPDX-License-Identifier: Apache-2.0

Used by `make`. Everything follows from the numbers below; nobody's report is in it.
"""
import base64
import json
import struct
import time
import zlib

DAY = 86400
FIRST_DAY = 1709164800  # 2024-02-29, UTC

AGGREGATE = '''<?xml version="1.0" encoding="UTF-8"?>
<feedback{namespace}>
  <report_metadata>
    <org_name>{org}</org_name>
    <email>dmarc@{org}</email>
    <report_id>{report_id}</report_id>
    <date_range><begin>{begin}</begin><end>{end}</end></date_range>{generator}
  </report_metadata>
  <policy_published>
    <domain>{domain}</domain>
    <adkim>r</adkim><aspf>r</aspf>
    <p>quarantine</p><sp>none</sp>{policy}
  </policy_published>
{records}</feedback>
'''
RECORD = '''  <record>
    <row>
      <source_ip>{ip}</source_ip>
      <count>{count}</count>
      <policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated>
    </row>
    <identifiers><header_from>{domain}</header_from><envelope_from>bounces.{domain}</envelope_from></identifiers>
    <auth_results>
      <dkim><domain>{domain}</domain><selector>campaign</selector><result>{dkim}</result></dkim>
      <spf><domain>bounces.{domain}</domain><scope>mfrom</scope><result>{spf}</result></spf>
    </auth_results>
  </record>
'''
ADDRESSES = ['192.0.2.10', '192.0.2.11', '2001:db8::25', '198.51.100.7', '203.0.113.99']


def aggregate(org, domain, day, records, new_shape=False):
    """An aggregate report: RFC 7489, or RFC 9990 with its namespace."""
    begin = FIRST_DAY + day * DAY
    rows = ''
    for i in range(records):
        good = i % 4 != 3
        rows += RECORD.format(ip=ADDRESSES[i % len(ADDRESSES)], count=7 * i + day + 1, domain=domain,
                              disposition=('pass' if new_shape else 'none') if good else 'quarantine',
                              dkim='pass' if good else 'fail', spf='pass' if i % 3 else 'fail')
    return AGGREGATE.format(
        namespace=' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"' if new_shape else '', org=org, domain=domain,
        report_id=f'{domain}.{begin}', begin=begin, end=begin + DAY - 1, records=rows,
        generator='\n    <generator>mill 1.0</generator>' if new_shape else '',
        policy='<np>reject</np><testing>n</testing><discovery_method>treewalk</discovery_method>' if new_shape
        else '<pct>100</pct>')


def gzip_stored(data):
    """gzip without compression: the same bytes from every version of zlib (RFC 1952, RFC 1951 section 3.2.4)."""
    out = b'\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff'
    for at in range(0, len(data), 65535):
        block = data[at:at + 65535]
        out += struct.pack('<BHH', at + 65535 >= len(data), len(block), len(block) ^ 0xffff) + block
    return out + struct.pack('<II', zlib.crc32(data), len(data))


def date(seconds):
    return time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(seconds))


def mail(sender, to, subject, seconds, content_type, body):
    return (f'From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {date(seconds)}\n'
            f'Message-ID: <{seconds}.{zlib.crc32(subject.encode())}@mx.example.org>\nMIME-Version: 1.0\n'
            f'Content-Type: {content_type}\n\n{body}')


def attachment(content_type, name, data):
    lines = base64.encodebytes(data).decode()
    return (f'Content-Type: {content_type}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
            f'Content-Transfer-Encoding: base64\n\n{lines}')


def multipart(parts, boundary='=_mill'):
    return ''.join(f'--{boundary}\n{part}\n' for part in parts) + f'--{boundary}--\n'


def tls_report(org, domain, day, good, failures):
    start = FIRST_DAY + day * DAY
    stamp = lambda seconds: time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))
    details = [{'result-type': kind, 'sending-mta-ip': '192.0.2.10', 'receiving-mx-hostname': f'mx.{domain}',
                'failed-session-count': count} for kind, count in failures]
    return json.dumps({
        'organization-name': org, 'contact-info': f'tls@{org}', 'report-id': f'{start}!{domain}',
        'date-range': {'start-datetime': stamp(start), 'end-datetime': stamp(start + DAY - 1)},
        'policies': [{'policy': {'policy-type': 'sts', 'policy-domain': domain, 'mx-host': [f'mx.{domain}'],
                                 'policy-string': ['version: STSv1', 'mode: enforce', f'mx: mx.{domain}', 'max_age: 604800']},
                      'summary': {'total-successful-session-count': good,
                                  'total-failure-session-count': sum(count for _, count in failures)},
                      'failure-details': details}]}, indent=1) + '\n'


RETURNED = '''From: News <news@news.example.com>
To: {to}
Subject: The mill in March
Message-ID: <march.{number}@news.example.com>
List-ID: <march.news.example.com>

'''


def complaint(kind, number):
    block = (f'Feedback-Type: {kind}\nUser-Agent: mill-fbl/1.0\nVersion: 1\nSource-IP: 192.0.2.10\n'
             f'Original-Mail-From: <bounces@news.example.com>\nOriginal-Rcpt-To: <reader{number}@example.org>\n'
             f'Arrival-Date: {date(FIRST_DAY + number)}\nReported-Domain: news.example.com\n')
    if kind == 'auth-failure':
        block += ('Auth-Failure: dmarc\nDelivery-Result: policy\nIdentity-Alignment: dkim, spf\n'
                  'DKIM-Domain: news.example.com\nDKIM-Selector: campaign\n')
    parts = ['Content-Type: text/plain\n\nThis is a report about mail from 192.0.2.10.\n',
             'Content-Type: message/feedback-report\n\n' + block,
             'Content-Type: message/rfc822\n\n' + RETURNED.format(to=f'reader{number}@example.org', number=number)]
    return mail('fbl@example.org', 'abuse@news.example.com', f'report {number}', FIRST_DAY + number,
                'multipart/report; report-type=feedback-report; boundary="=_mill"', multipart(parts))


def bounce(number, action, status, diagnostic):
    to = f'reader{number}@example.org'
    groups = (f'Reporting-MTA: dns; mx.news.example.com\nArrival-Date: {date(FIRST_DAY)}\n\n'
              f'Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n'
              f'Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {diagnostic}\n')
    parts = ['Content-Type: text/plain\n\nYour message could not be delivered.\n',
             'Content-Type: message/delivery-status\n\n' + groups,
             'Content-Type: message/rfc822\n\n' + RETURNED.format(to=to, number=number)]
    return mail('MAILER-DAEMON@mx.news.example.com', 'bounces@news.example.com', 'Undelivered Mail Returned to Sender',
                FIRST_DAY + 60 * number, 'multipart/report; report-type=delivery-status; boundary="=_mill"', multipart(parts))


def files():
    """(path, bytes) of every file."""
    reporters = ['receiver.example', 'inbox.example', 'mailhost.example']
    for r, org in enumerate(reporters):
        for day in range(3):
            xml = aggregate(org, 'news.example.com', day, 2 + 3 * r, new_shape=r == 2).encode()
            name = f'reports/aggregate/{org}!news.example.com!{FIRST_DAY + day * DAY}!{FIRST_DAY + (day + 1) * DAY - 1}.xml'
            yield (name + '.gz', gzip_stored(xml)) if r == 1 else (name, xml)
    again = gzip_stored(aggregate(reporters[0], 'news.example.com', 0, 2).encode())
    yield 'reports/aggregate/sent-again.eml', mail(
        f'dmarc@{reporters[0]}', 'dmarc@news.example.com', 'Report Domain: news.example.com', FIRST_DAY + 2 * DAY,
        'multipart/mixed; boundary="=_mill"',
        multipart(['Content-Type: text/plain\n\nA report is attached.\n',
                   attachment('application/gzip', 'report.xml.gz', again)])).encode()
    broken = aggregate('cut.example', 'news.example.com', 0, 3)
    yield 'reports/aggregate/cut-short.xml', broken[:broken.index('<record>') + 40].encode()
    yield 'reports/tls/receiver.example.json', tls_report('receiver.example', 'news.example.com', 0, 412, []).encode()
    yield 'reports/tls/inbox.example.eml', mail(
        'tls@inbox.example', 'tls@news.example.com', 'Report Domain: news.example.com', FIRST_DAY + DAY,
        'multipart/report; report-type=tlsrpt; boundary="=_mill"',
        multipart(['Content-Type: text/plain\n\nA report is attached.\n',
                   attachment('application/tlsrpt+gzip', 'report.json.gz', gzip_stored(tls_report(
                       'inbox.example', 'news.example.com', 0, 90,
                       [('certificate-expired', 3), ('starttls-not-supported', 1)]).encode()))])).encode()
    yield 'reports/feedback/abuse.eml', complaint('abuse', 1).encode()
    yield 'reports/feedback/not-spam.eml', complaint('not-spam', 2).encode()
    yield 'reports/feedback/auth-failure.eml', complaint('auth-failure', 3).encode()
    for number, (action, status, diagnostic) in enumerate([
            ('failed', '5.1.1', '550 5.1.1 <reader1@example.org>: Recipient address rejected: User unknown'),
            ('failed', '5.2.2', '552 5.2.2 <reader2@example.org>: Mailbox full'),
            ('failed', '5.7.1', '554 5.7.1 Service unavailable; client host blocked using a block list'),
            ('delayed', '4.4.1', '421 4.4.1 connection timed out'),
    ], 1):
        yield f'reports/bounces/{number}.eml', bounce(number, action, status, diagnostic).encode()
    yield 'reports/bounces/no-report.eml', mail(
        'reader5@example.org', 'news@news.example.com', 'Re: The mill in March', FIRST_DAY, 'text/plain',
        'A fine letter. When does the mill open?\n').encode()

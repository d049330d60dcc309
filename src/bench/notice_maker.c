/*
 * notice_maker.c - TLS reports and bounces for measuring: decided by the seed alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <time.h>

#include "bench/mail_maker.h"
#include "bench/report_maker.h"

enum { DAY = 86400, DOMAINS = 300, REPORTERS = 40 };

/* ---- TLS reports: RFC 8460 section 4.4 ---- */

static const char *day_text(char out[32], time_t when)
{
    struct tm tm;
    gmtime_r(&when, &tm);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return out;
}

static void put_failure(struct mm_report_maker *m, uint32_t domain)
{
    static const char *const types[] = {"certificate-expired", "certificate-host-mismatch",
                                        "starttls-not-supported", "validation-failure",
                                        "sts-policy-fetch-error"};
    uint32_t host = mm_draw_below(&m->draw, 65536), count = 1 + mm_draw_below(&m->draw, 90);
    const char *type = types[mm_draw_below(&m->draw, MM_COUNT(types))];
    mm_buf_printf(&m->text,
                  "{\"result-type\":\"%s\",\"sending-mta-ip\":\"198.18.%u.%u\","
                  "\"receiving-mx-hostname\":\"mx%u.brand%03u.example\","
                  "\"receiving-ip\":\"2001:db8::%x\",\"failed-session-count\":%u}",
                  type, host >> 8, host & 255, 1 + host % 3, domain, host, count);
}

static void put_policy(struct mm_report_maker *m, uint32_t domain, bool sts)
{
    uint32_t failures = mm_draw_one_in(&m->draw, 3) ? 1 + mm_draw_below(&m->draw, 4) : 0;
    mm_buf_printf(&m->text,
                  "{\"policy\":{\"policy-type\":\"%s\",\"policy-string\":[%s],"
                  "\"policy-domain\":\"brand%03u.example\",\"mx-host\":[\"*.brand%03u.example\"]},"
                  "\"summary\":{\"total-successful-session-count\":%u,"
                  "\"total-failure-session-count\":%u}",
                  sts ? "sts" : "no-policy-found",
                  sts ? "\"version: STSv1\",\"mode: enforce\",\"max_age: 604800\"" : "", domain,
                  domain, mm_draw_below(&m->draw, 100000), failures * 7);
    for (uint32_t i = 0; i < failures; i++) {
        mm_buf_append_str(&m->text, i ? "," : ",\"failure-details\":[");
        put_failure(m, domain);
    }
    mm_buf_append_str(&m->text, failures ? "]}" : "}");
}

bool mm_report_make_tls(struct mm_report_maker *m, uint32_t number)
{
    char begin[32], end[32];
    uint32_t domain = mm_draw_below(&m->draw, DOMAINS), mx = mm_draw_below(&m->draw, REPORTERS);
    uint32_t id = (uint32_t)mm_draw_next(&m->draw);
    time_t day = MM_MAIL_TIME - MM_MAIL_TIME % DAY + (time_t)(number / 2000 % 365) * DAY;
    mm_buf_clear(&m->text);
    m->records = 1 + mm_draw_below(&m->draw, 2);
    mm_buf_printf(&m->text,
                  "{\"organization-name\":\"Reporter %u\",\"date-range\":{"
                  "\"start-datetime\":\"%s\",\"end-datetime\":\"%s\"},"
                  "\"contact-info\":\"tls@mx%02u.example.org\",\"report-id\":\"%08x.%u\","
                  "\"policies\":[",
                  mx, day_text(begin, day), day_text(end, day + DAY - 1), mx, id, number);
    for (uint32_t i = 0; i < m->records; i++) {
        mm_buf_append_str(&m->text, i ? "," : "");
        put_policy(m, domain, i == 0);
    }
    mm_buf_append_str(&m->text, "]}\n");
    snprintf(m->name, sizeof m->name, "mx%02u.example.org!brand%03u.example!%lld!%lld!%08x.json.gz",
             mx, domain, (long long)day, (long long)day + DAY - 1, id);
    return mm_report_pack(m);
}

/* ---- bounces: RFC 3464 ---- */

/* What receivers say, with the code of RFC 3463 that goes with it. */
static const struct {
    const char *status, *text;
} answers[] = {
    {"5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"},
    {"5.2.2", "552 5.2.2 Mailbox full"},
    {"4.4.1", "connect to mx.reader.example[198.18.0.1]:25: Connection timed out"},
    {"5.7.1", "554 5.7.1 Message rejected due to content"},
    {"5.7.26", "550 5.7.26 Unauthenticated mail is not accepted due to the domain's DMARC policy"},
};

bool mm_report_make_bounce(struct mm_report_maker *m, uint32_t number)
{
    uint32_t answer = mm_draw_below(&m->draw, MM_COUNT(answers));
    uint32_t id = (uint32_t)mm_draw_next(&m->draw), reader = mm_draw_below(&m->draw, 100000);
    uint32_t domain = mm_draw_below(&m->draw, DOMAINS);
    const char *action = answers[answer].status[0] == '4' ? "delayed" : "failed";
    mm_buf_clear(&m->text);
    m->records = 1;
    mm_buf_printf(&m->text,
                  "Received: by mx.reader.example (Postfix)\r\n\tid %08X; "
                  "Tue, 14 Nov 2023 22:13:20 +0000 (UTC)\r\n"
                  "Date: Tue, 14 Nov 2023 22:13:20 +0000 (UTC)\r\n"
                  "From: MAILER-DAEMON@mx.reader.example (Mail Delivery System)\r\n"
                  "Subject: Undelivered Mail Returned to Sender\r\n"
                  "To: bounce+%u@brand%03u.example\r\nAuto-Submitted: auto-replied\r\n"
                  "MIME-Version: 1.0\r\nContent-Type: multipart/report; "
                  "report-type=delivery-status;\r\n\tboundary=\"%08X.1/mx\"\r\n"
                  "Message-Id: <%08x.%u@mx.reader.example>\r\n\r\n",
                  id, reader, domain, id, id, number);
    mm_buf_printf(&m->text,
                  "--%08X.1/mx\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
                  "This is the mail system at host mx.reader.example.\r\n\r\n"
                  "I'm sorry to have to inform you that your message could not\r\n"
                  "be delivered to one or more recipients.\r\n\r\n"
                  "<reader%u@reader.example>: host mx.reader.example said:\r\n    %s\r\n\r\n"
                  "--%08X.1/mx\r\nContent-Type: message/delivery-status\r\n\r\n"
                  "Reporting-MTA: dns; mx.reader.example\r\n"
                  "Arrival-Date: Tue, 14 Nov 2023 22:13:19 +0000 (UTC)\r\n\r\n"
                  "Final-Recipient: rfc822; reader%u@reader.example\r\nAction: %s\r\n"
                  "Status: %s\r\nRemote-MTA: dns; mx.reader.example\r\n"
                  "Diagnostic-Code: smtp; %s\r\n\r\n",
                  id, reader, answers[answer].text, id, reader, action, answers[answer].status,
                  answers[answer].text);
    mm_buf_printf(&m->text,
                  "--%08X.1/mx\r\nContent-Type: text/rfc822-headers\r\n\r\n"
                  "From: \"The shop\" <hello@brand%03u.example>\r\n"
                  "To: reader%u@reader.example\r\nSubject: Your order %u\r\n"
                  "Message-ID: <%u.%08x@brand%03u.example>\r\n\r\n--%08X.1/mx--\r\n",
                  id, domain, reader, number, number, id, domain, id);
    snprintf(m->name, sizeof m->name, "%06u.eml", number);
    return !m->text.failed;
}

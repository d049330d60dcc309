/*
 * test_report_arf.c - feedback reports: the corner cases of the checklist, each by its number.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/arf.h"
#include "support/mm_test.h"

#define HEAD                                                                                       \
    "From: Feedback <fbl@reporter.example.org>\r\nDate: Thu, 8 Mar 2005 17:40:36 +0000\r\n"        \
    "Subject: a report\r\nMIME-Version: 1.0\r\n"
#define REPORT                                                                                     \
    HEAD "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define TEXT  "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n"
#define BLOCK "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
#define ABUSE "Feedback-Type: abuse\r\nUser-Agent: X/1\r\nVersion: 1\r\n"
#define SAMPLE                                                                                     \
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"                                                  \
    "Received: from mx (mx [192.0.2.7]) by in.example.net; Thu, 8 Mar 2005 14:00:00 -0500\r\n"     \
    "DKIM-Signature: v=1; d=News.example.com; s=jan; b=AA==; bh=AA==; h=from; a=rsa-sha256\r\n"    \
    "From: News <news@Example.COM>\r\nSubject: =?utf-8?Q?Spr=C3=BCche?=\r\n"                       \
    "Message-ID: <one@example.com>\r\nList-Id: News <news.example.com>\r\n"                        \
    "List-Unsubscribe: <mailto:u@example.com>\r\nFeedback-ID: 1:2:3:esp\r\n\r\nBuy!\r\n"
#define END "--b--\r\n"

struct read {
    struct mm_arena arena;
    struct mm_mime mime;
    struct mm_arf_report report;
    enum mm_status st;
};

static struct read *read_mail(const char *mail)
{
    struct read *r = calloc(1, sizeof *r);
    mm_arena_init(&r->arena, 1 << 24);
    assert_int_equal(mm_mime_walk(&r->mime, mm_view_of(mail), &r->arena), MM_OK);
    r->st = mm_arf_read(&r->mime, &r->arena, &r->report);
    return r;
}

static void done(struct read *r)
{
    mm_arena_deinit(&r->arena);
    free(r);
}

static bool has(const struct mm_text_list *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (mm_view_eq(list->items[i], mm_view_of(text)))
            return true;
    return false;
}

static void item_28_a_block_is_found_whatever_carries_it(void **state)
{
    (void)state;
    static const struct {
        const char *label, *mail;
    } cases[] = {
        {"multipart/report", REPORT TEXT BLOCK ABUSE SAMPLE END},
        {"multipart/mixed", MIXED TEXT BLOCK ABUSE SAMPLE END},
        {"no report-type",
         HEAD "Content-Type: multipart/report; boundary=b\r\n\r\n" BLOCK ABUSE END},
        {"base64",
         REPORT "--b\r\nContent-Type: message/feedback-report\r\n"
                "Content-Transfer-Encoding: base64\r\n\r\n"
                "RmVlZGJhY2stVHlwZTogYWJ1c2UNClVzZXItQWdlbnQ6IFgvMQ0KVmVyc2lvbjogMQ0K\r\n" END},
        {"quoted-printable",
         REPORT "--b\r\nContent-Type: message/feedback-report\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                "Feedback-Type:=20abuse\r\nUser-Agent: X=\r\n/1\r\nVersion: 1\r\n" END},
        {"folded",
         REPORT BLOCK "Feedback-Type:\r\n abuse\r\nUser-Agent:\r\n\tX/1\r\nVersion: 1\r\n" END},
        {"LF", "From: a@b.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
               "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\n"
               "Version: 1\n--b--\n"},
        {"empty lines inside",
         REPORT BLOCK "Feedback-Type: abuse\r\n\r\nUser-Agent: X/1\r\n\r\n\r\nVersion: 1\r\n" END},
        {"inside a forwarded message",
         "From: me@example.net\r\nContent-Type: message/rfc822\r\n\r\n" REPORT BLOCK ABUSE END},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct read *r = read_mail(cases[i].mail);
        MM_CHECK_INT(cases[i].label, r->st, MM_OK);
        MM_CHECK_INT(cases[i].label, r->report.kind, MM_ARF_COMPLAINT);
        MM_CHECK_VIEW(cases[i].label, r->report.user_agent, MM_VIEW("X/1"));
        MM_CHECK_VIEW(cases[i].label, r->report.version, MM_VIEW("1"));
        done(r);
    }
}

static void item_29_fields_repeat_and_unknown_ones_are_kept(void **state)
{
    (void)state;
    struct read *r =
        read_mail(REPORT BLOCK
                  "FEEDBACK-TYPE: Abuse\r\nuser-agent: X\r\nOriginal-Rcpt-To: <a@example.net>\r\n"
                  "Original-Rcpt-To: b@example.net\r\nReported-Domain: Example.COM\r\n"
                  "Reported-Domain: example.org\r\nReported-URI: http://a/\r\nReported-URI: "
                  "mailto:x@y\r\nAuthentication-Results: in; spf=fail\r\nAuthentication-Results: "
                  "in; dkim=none\r\nIncidents: 17\r\nX-Campaign: 9: spring\r\n" END);
    assert_int_equal(r->st, MM_OK);
    assert_int_equal(r->report.original_rcpt_to.count, 2);
    MM_CHECK_VIEW("brackets", r->report.original_rcpt_to.items[0], MM_VIEW("a@example.net"));
    assert_int_equal(r->report.reported_domain.count, 2);
    MM_CHECK_VIEW("small", r->report.reported_domain.items[0], MM_VIEW("example.com"));
    assert_int_equal(r->report.reported_uri.count, 2);
    assert_int_equal(r->report.authentication_results.count, 2);
    assert_int_equal(r->report.incidents, 17);
    assert_int_equal(r->report.unknown_fields.count, 1);
    MM_CHECK_VIEW("unknown", r->report.unknown_fields.items[0], MM_VIEW("X-Campaign: 9: spring"));
    done(r);
    r = read_mail(REPORT BLOCK ABUSE "Incidents: many\r\n" END);
    assert_int_equal(r->report.incidents, 1);
    assert_true(has(&r->report.flags, "incidents_unreadable"));
    done(r);
}

static void item_30_the_text_of_an_address_is_in_the_form_of_all_tables(void **state)
{
    (void)state;
    static const struct {
        const char *field, *want;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"[192.0.2.1]", "192.0.2.1"},
        {"IPv6:2001:DB8:0::1", "2001:db8::1"},
        {"[IPv6:2001:db8::1]", "2001:db8::1"},
        {"::FFFF:192.0.2.1", "192.0.2.1"},
        /* What is told beside it is kept, and what is none. */
        {"192.0.2.1 (mx.example.org)", "192.0.2.1 (mx.example.org)"},
        {"x.x.x.x", "x.x.x.x"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[2048];
        snprintf(mail, sizeof mail, "%sSource-IP: %s\r\n%s", REPORT BLOCK ABUSE, cases[i].field,
                 END);
        struct read *r = read_mail(mail);
        MM_CHECK_VIEW(cases[i].field, r->report.source_ip_text, mm_view_of(cases[i].want));
        done(r);
    }
}

static void item_30_addresses_and_dates_as_reporters_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *label, *fields;
        bool has_ip;
        int64_t date;
        const char *flag;
    } cases[] = {
        {"host behind it",
         "Source-IP: 192.0.2.1 (mx.example.org)\r\nArrival-Date: Thu, 8 Mar 2005 14:00:00 EDT\r\n",
         true, 1110304800, NULL},
        {"IPv6", "Source-IP: IPv6:2001:db8::1\r\nReceived-Date: Thu, 8 Mar 2005 14:00:00 EDT\r\n",
         true, 1110304800, NULL},
        {"redacted", "Source-IP: x.x.x.x\r\nReceived-Date: 8 Mar 2005 14:00 EDT (local)\r\n", false,
         1110304800, "source_ip_unreadable"},
        {"PST", "Source-IP: 192.0.2.1\r\nReceived-Date: Tue, 28 Dec 2010 11:57:56 PST\r\n", true,
         1293566276, NULL},
        {"no date: the mail's", "Source-IP: 192.0.2.1\r\n", true, 1110303636, NULL},
        {"a date that is none: the mail's", "Source-IP: 192.0.2.1\r\nArrival-Date: yesterday\r\n",
         true, 1110303636, "arrival_date_unreadable"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[2048];
        snprintf(mail, sizeof mail, "%s%s%s", REPORT BLOCK ABUSE, cases[i].fields, END);
        struct read *r = read_mail(mail);
        MM_CHECK_INT(cases[i].label, r->report.source_ip.present, cases[i].has_ip);
        MM_CHECK_TRUE(cases[i].label, r->report.source_ip_text.len > 0);
        MM_CHECK_INT(cases[i].label, r->report.arrival_date, cases[i].date);
        MM_CHECK_INT(cases[i].label, r->report.flags.count, cases[i].flag ? 1 : 0);
        if (cases[i].flag)
            MM_CHECK_TRUE(cases[i].label, has(&r->report.flags, cases[i].flag));
        done(r);
    }
    struct read *r =
        read_mail("From: a@b.example\r\nContent-Type: message/feedback-report\r\n\r\n" ABUSE);
    assert_int_equal(r->st, MM_OK);
    assert_true(r->report.arrival_date == MM_NO_TIME);
    done(r);
}

static void item_31_types_known_and_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum mm_arf_kind kind;
    } cases[] = {
        {"abuse", MM_ARF_COMPLAINT},   {"fraud", MM_ARF_COMPLAINT},
        {"virus", MM_ARF_COMPLAINT},   {"other", MM_ARF_OTHER},
        {"not-spam", MM_ARF_NOT_SPAM}, {"auth-failure", MM_ARF_AUTH_FAILURE},
        {"opt-out", MM_ARF_OPT_OUT},   {"Not-Spam (human)", MM_ARF_NOT_SPAM},
        {"dreadful", MM_ARF_OTHER},
    };
    static const char *const versions[] = {"0.1", "1", "1.0"};
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%sFeedback-Type: %s\r\nVersion: %s\r\n%s", REPORT BLOCK,
                 cases[i].type, versions[i % 3], END);
        struct read *r = read_mail(mail);
        MM_CHECK_INT(cases[i].type, r->st, MM_OK);
        MM_CHECK_INT(cases[i].type, r->report.kind, cases[i].kind);
        MM_CHECK_VIEW(cases[i].type, r->report.version, mm_view_of(versions[i % 3]));
        done(r);
    }
    struct read *r = read_mail(REPORT BLOCK "Feedback-Type: dreadful\r\n" END);
    MM_CHECK_VIEW("unknown words are kept", r->report.feedback_type, MM_VIEW("dreadful"));
    done(r);
}

#define SAMPLE_HEADERS                                                                             \
    "From: News <news@Example.COM>\r\nMessage-ID: <one@example.com>\r\nSubject: Spring\r\n"

static void item_32_the_sample_is_read_in_any_form(void **state)
{
    (void)state;
    static const struct {
        const char *label, *part;
        enum mm_arf_sample kind;
    } cases[] = {
        {"message", SAMPLE, MM_ARF_SAMPLE_FULL},
        {"headers", "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" SAMPLE_HEADERS,
         MM_ARF_SAMPLE_HEADERS},
        {"headers by another name",
         "--b\r\nContent-Type: message/rfc822-headers\r\n\r\n" SAMPLE_HEADERS,
         MM_ARF_SAMPLE_HEADERS},
        {"text/rfc822", "--b\r\nContent-Type: text/rfc822\r\n\r\n" SAMPLE_HEADERS "\r\nBuy\r\n",
         MM_ARF_SAMPLE_FULL},
        {"quoted-printable",
         "--b\r\nContent-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: "
         "quoted-printable\r\n\r\n"
         "From: News <news=40Example.COM>\r\nMessage-ID: <one@exam=\r\nple.com>\r\n",
         MM_ARF_SAMPLE_HEADERS},
        {"base64",
         "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
         "RnJvbTogTmV3cyA8bmV3c0BFeGFtcGxlLkNPTT4NCk1lc3NhZ2UtSUQ6IDxvbmVAZXhhbXBsZS5jb20+"
         "DQoNCkJ1eQ0K\r\n",
         MM_ARF_SAMPLE_FULL},
        {"cut off",
         "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: n@example.com\r\nMessage-ID: "
         "<one@example.com>\r\nSubj",
         MM_ARF_SAMPLE_HEADERS},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[4096];
        snprintf(mail, sizeof mail, "Message-ID: <report@example.org>\r\n%s%s", REPORT BLOCK ABUSE,
                 cases[i].part);
        struct read *r = read_mail(mail);
        MM_CHECK_INT(cases[i].label, r->report.sample_kind, cases[i].kind);
        MM_CHECK_VIEW(cases[i].label, r->report.sample_message_id, MM_VIEW("one@example.com"));
        MM_CHECK_VIEW(cases[i].label, r->report.sample_from_domain, MM_VIEW("example.com"));
        done(r);
    }
    struct read *r = read_mail(REPORT BLOCK ABUSE SAMPLE END);
    MM_CHECK_VIEW("subject", r->report.sample_subject,
                  MM_VIEW("Spr\xc3\xbc"
                          "che"));
    MM_CHECK_VIEW("list", r->report.sample_list_id, MM_VIEW("news.example.com"));
    MM_CHECK_VIEW("unsubscribe", r->report.sample_list_unsubscribe,
                  MM_VIEW("<mailto:u@example.com>"));
    MM_CHECK_VIEW("feedback id", r->report.sample_feedback_id, MM_VIEW("1:2:3:esp"));
    MM_CHECK_VIEW("d=", r->report.sample_dkim_domain, MM_VIEW("news.example.com"));
    MM_CHECK_VIEW("s=", r->report.sample_dkim_selector, MM_VIEW("jan"));
    done(r);
    r = read_mail(REPORT BLOCK ABUSE END);
    assert_int_equal(r->report.sample_kind, MM_ARF_SAMPLE_NONE);
    assert_null(r->report.sample_message_id.data);
    done(r);
}

static void item_33_a_sparse_block_is_filled_and_says_from_where(void **state)
{
    (void)state;
    struct read *r = read_mail(REPORT BLOCK ABUSE SAMPLE END);
    assert_true(r->report.source_ip.present);
    MM_CHECK_VIEW("ip", r->report.source_ip_text, MM_VIEW("192.0.2.7"));
    assert_int_equal(r->report.arrival_date, 1110308400);
    assert_true(has(&r->report.provenance, "source_ip=sample-received"));
    assert_true(has(&r->report.provenance, "arrival_date=sample-received"));
    assert_true(has(&r->report.provenance, "reported_domain=sample"));
    done(r);
    /* Nothing is filled that the block says. */
    r = read_mail(REPORT BLOCK ABUSE "Source-IP: 198.51.100.1\r\nArrival-Date: Thu, 8 Mar 2005 "
                                     "14:00:00 EDT\r\nReported-Domain: example.org\r\n" SAMPLE END);
    MM_CHECK_VIEW("ip", r->report.source_ip_text, MM_VIEW("198.51.100.1"));
    assert_int_equal(r->report.provenance.count, 0);
    done(r);
}

static void item_33_reports_without_a_block_are_known_by_their_form(void **state)
{
    (void)state;
    struct read *r = read_mail(
        "From: <staff@example.org>\r\nSubject: complaint about message from 192.0.2.222\r\n"
        "Date: Thu, 8 Mar 2005 17:40:36 +0000\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
        "message/rfc822\r\n\r\n"
        "X-HmXmrOriginalRecipient: user@example.net\r\nFrom: n@example.com\r\nMessage-ID: "
        "<one@example.com>\r\n\r\nx\r\n" END);
    assert_int_equal(r->st, MM_OK);
    assert_int_equal(r->report.kind, MM_ARF_COMPLAINT);
    assert_null(r->report.feedback_type.data);
    MM_CHECK_VIEW("ip", r->report.source_ip_text, MM_VIEW("192.0.2.222"));
    assert_true(has(&r->report.original_rcpt_to, "user@example.net"));
    assert_true(has(&r->report.provenance, "original_rcpt_to=sample"));
    assert_true(has(&r->report.flags, "no_feedback_part"));
    done(r);
    r = read_mail(
        HEAD
        "Content-Type: text/plain\r\n\r\nA message has failed the published DMARC policy.\r\n\r\n"
        "  Sender Domain: Example.com\r\n  Sender IP Address: 192.0.2.68\r\n"
        "  Received date: Mon, 07 Apr 2025 23:16:09 +0200\r\n\r\n"
        "------ This is a copy of the headers that were received.\r\n\r\n"
        "From: <user@example.com>\r\nMessage-Id: <two@example.com>\r\n");
    assert_int_equal(r->st, MM_OK);
    assert_int_equal(r->report.kind, MM_ARF_AUTH_FAILURE);
    MM_CHECK_VIEW("domain", r->report.reported_domain.items[0], MM_VIEW("example.com"));
    assert_int_equal(r->report.arrival_date, 1744060569);
    MM_CHECK_VIEW("id", r->report.sample_message_id, MM_VIEW("two@example.com"));
    assert_true(has(&r->report.provenance, "source_ip=text"));
    done(r);
    r = read_mail(HEAD "Content-Type: text/plain\r\nX-Apple-Unsubscribe: true\r\nTo: "
                       "out@example.com\r\n\r\nx\r\n");
    assert_int_equal(r->st, MM_OK);
    assert_int_equal(r->report.kind, MM_ARF_OPT_OUT);
    done(r);
    static const char *const others[] = {
        HEAD "Content-Type: text/plain\r\n\r\nhello\r\n",
        MIXED TEXT SAMPLE END,
        HEAD "Content-Type: text/plain\r\n\r\nSender Domain: example.com\r\n",
        "",
    };
    for (size_t i = 0; i < MM_COUNT(others); i++) {
        r = read_mail(others[i]);
        MM_CHECK_INT(others[i], r->st, MM_END);
        done(r);
    }
}

static void item_34_redacted_recipients_stay_as_they_are(void **state)
{
    (void)state;
    static const char *const recipients[] = {"redacted@example.net", "hashed@example.com",
                                             "0d599f0ec05c3bda8c3b8a68c32a1b47@example.net",
                                             "undisclosed recipient <redacted@example.net>",
                                             "redacted"};
    for (size_t i = 0; i < MM_COUNT(recipients); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%sOriginal-Rcpt-To: %s\r\n%s", REPORT BLOCK ABUSE,
                 recipients[i], END);
        struct read *r = read_mail(mail);
        MM_CHECK_VIEW(recipients[i], r->report.original_rcpt_to.items[0],
                      mm_view_of(recipients[i]));
        done(r);
    }
}

static void item_35_alignment_is_a_list_and_failures_are_words(void **state)
{
    (void)state;
    struct read *r = read_mail(
        REPORT BLOCK
        "Feedback-Type: auth-failure\r\nIdentity-Alignment: SPF, dkim\r\n"
        "Auth-Failure: dmarc, (why) , bodyhash (b), Signature\r\n"
        "DKIM-Domain: Example.com\r\nDKIM-Selector: S1\r\nDKIM-Identity: @example.com\r\n"
        "SPF-DNS: txt : example.com : \"v=spf1 -all\"\r\nDelivery-Result: Delivered\r\n" END);
    assert_int_equal(r->report.kind, MM_ARF_AUTH_FAILURE);
    assert_int_equal(r->report.identity_alignment.count, 2);
    assert_true(has(&r->report.identity_alignment, "spf"));
    assert_true(has(&r->report.identity_alignment, "dkim"));
    assert_int_equal(r->report.auth_failure.count, 3);
    assert_true(has(&r->report.auth_failure, "dmarc"));
    assert_true(has(&r->report.auth_failure, "bodyhash"));
    assert_true(has(&r->report.auth_failure, "signature"));
    MM_CHECK_VIEW("domain", r->report.dkim_domain, MM_VIEW("example.com"));
    MM_CHECK_VIEW("selector", r->report.dkim_selector, MM_VIEW("S1"));
    MM_CHECK_VIEW("result", r->report.delivery_result, MM_VIEW("delivered"));
    done(r);
}

static void a_block_of_a_million_fields_is_read_so_far_and_flagged(void **state)
{
    (void)state;
    size_t len = strlen(REPORT BLOCK), fields = 200000;
    char *mail = malloc(len + fields * 5 + 1);
    memcpy(mail, REPORT BLOCK, len);
    for (size_t i = 0; i < fields; i++)
        memcpy(mail + len + i * 5, "a:b\r\n", 5);
    mail[len + fields * 5] = '\0';
    struct read *r = read_mail(mail);
    assert_int_equal(r->st, MM_OK);
    assert_true(has(&r->report.flags, "too_many_fields"));
    done(r);
    free(mail);
}

MM_TEST_MAIN(MM_TEST(item_28_a_block_is_found_whatever_carries_it),
             MM_TEST(item_29_fields_repeat_and_unknown_ones_are_kept),
             MM_TEST(item_30_the_text_of_an_address_is_in_the_form_of_all_tables),
             MM_TEST(item_30_addresses_and_dates_as_reporters_write_them),
             MM_TEST(item_31_types_known_and_unknown),
             MM_TEST(item_32_the_sample_is_read_in_any_form),
             MM_TEST(item_33_a_sparse_block_is_filled_and_says_from_where),
             MM_TEST(item_33_reports_without_a_block_are_known_by_their_form),
             MM_TEST(item_34_redacted_recipients_stay_as_they_are),
             MM_TEST(item_35_alignment_is_a_list_and_failures_are_words),
             MM_TEST(a_block_of_a_million_fields_is_read_so_far_and_flagged))

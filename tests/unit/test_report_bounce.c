/*
 * test_report_bounce.c - notices of delivery: the corner cases of the checklist, by their numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"
#include "report/bounce.h"
#include "support/mm_test.h"

#define HEAD                                                                                       \
    "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\nTo: sender@example.com\r\n"      \
    "Date: Thu, 8 Mar 2005 17:40:36 +0000\r\nSubject: Undelivered Mail Returned to Sender\r\n"
#define REPORT                                                                                     \
    HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
#define PLAIN  HEAD "Content-Type: text/plain\r\n\r\n"
#define STATUS "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
#define MTA                                                                                        \
    "Reporting-MTA: dns; MX.example.org\r\nArrival-Date: Thu, 8 Mar 2005 14:00:00 EDT\r\n\r\n"
#define FAILED "Final-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"
#define END    "--b--\r\n"

struct read {
    struct mm_arena arena;
    struct mm_mime mime;
    struct mm_notice notice;
    enum mm_status st;
};

static struct mm_bounce_rules *rules;
static struct mm_bounce_matcher *matcher;

static int make_matcher(void **state)
{
    (void)state;
    return mm_bounce_rules_new(&rules, mm_bounce_rules_builtin(), NULL) != MM_OK ||
           mm_bounce_matcher_new(&matcher, rules) != MM_OK;
}

static int drop_matcher(void **state)
{
    (void)state;
    mm_bounce_matcher_free(&matcher);
    mm_bounce_rules_free(&rules);
    return 0;
}

static struct read *read_bytes(struct mm_view mail)
{
    struct read *r = calloc(1, sizeof *r);
    mm_arena_init(&r->arena, 1 << 28);
    assert_int_equal(mm_mime_walk(&r->mime, mail, &r->arena), MM_OK);
    r->st = mm_bounce_read(matcher, &r->mime, &r->arena, &r->notice);
    return r;
}

static struct read *read_mail(const char *mail)
{
    struct read *r = read_bytes(mm_view_of(mail));
    assert_int_equal(r->st, MM_OK);
    return r;
}

static void done(struct read *r)
{
    mm_arena_deinit(&r->arena);
    free(r);
}

/* The one row of a notice. */
static struct mm_bounce *one_row(struct read *r, const char *label)
{
    MM_CHECK_INT(label, r->notice.kind, MM_NOTICE_BOUNCE);
    MM_CHECK_INT(label, r->notice.row_count, 1);
    return &r->notice.rows[0];
}

static bool has_flag(const struct mm_bounce *row, const char *flag)
{
    for (uint32_t i = 0; i < row->flags.count; i++)
        if (mm_view_eq(row->flags.items[i], mm_view_of(flag)))
            return true;
    return false;
}

static void item_43_each_recipient_group_is_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *label, *mail;
        uint32_t rows;
    } cases[] = {
        {"one", REPORT STATUS MTA FAILED END, 1},
        {"two",
         REPORT STATUS MTA FAILED
         "\r\nFinal-Recipient: rfc822; b@example.net\r\nAction: failed\r\nStatus: 5.2.2\r\n" END,
         2},
        {"no empty line between them",
         REPORT STATUS MTA FAILED
         "Final-Recipient: rfc822; b@example.net\r\nAction: failed\r\n" END,
         2},
        {"two, original recipient first",
         REPORT STATUS MTA FAILED
         "\r\nOriginal-Recipient: rfc822; b@example.net\r\nFinal-Recipient: rfc822; "
         "b@example.net\r\nAction: failed\r\n" END,
         2},
        {"empty lines inside a group",
         REPORT STATUS MTA "Final-Recipient: rfc822; a@example.net\r\n\r\nAction: "
                           "failed\r\n\r\nStatus: 5.1.1\r\n" END,
         1},
        {"empty lines in front", REPORT STATUS "\r\n\r\n\r\n" MTA "\r\n\r\n" FAILED END, 1},
        {"group before Reporting-MTA", REPORT STATUS FAILED "\r\n" MTA END, 1},
        {"no group on the message", REPORT STATUS FAILED END, 1},
        {"recipient at the end of its group",
         REPORT STATUS MTA "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 "
                           "no\r\nFinal-Recipient: rfc822; a@example.net\r\n" END,
         1},
        {"base64",
         REPORT
         "--b\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
         "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5uZXQNCkFjdGlvbjogZmFpbGVkDQpTdGF0dXM6IDUuM"
         "S4xDQo=\r\n" END,
         1},
        {"quoted-printable",
         REPORT
         "--b\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: "
         "quoted-printable\r\n\r\n"
         "Final-Recipient: rfc822; a=40example.net\r\nAction: fai=\r\nled\r\nStatus: 5.1.1\r\n" END,
         1},
        {"global",
         REPORT "--b\r\nContent-Type: message/global-delivery-status\r\n\r\n" MTA FAILED END, 1},
        {"bare CR",
         "From: MAILER-DAEMON@mx.example.org\rContent-Type: multipart/report; "
         "boundary=b\r\r--b\rContent-Type: message/delivery-status\r\r"
         "Reporting-MTA: dns; mx.example.org\r\rFinal-Recipient: rfc822; a@example.net\rAction: "
         "failed\rStatus: 5.1.1\r--b--\r",
         1},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct read *r = read_mail(cases[i].mail);
        MM_CHECK_INT(cases[i].label, r->notice.row_count, cases[i].rows);
        MM_CHECK_VIEW(cases[i].label, r->notice.rows[0].final_recipient, MM_VIEW("a@example.net"));
        MM_CHECK_VIEW(cases[i].label, r->notice.rows[0].action, MM_VIEW("failed"));
        MM_CHECK_TRUE(cases[i].label, r->notice.rows[0].has_delivery_status);
        if (cases[i].rows == 2)
            MM_CHECK_VIEW(cases[i].label, r->notice.rows[1].final_recipient,
                          MM_VIEW("b@example.net"));
        done(r);
    }
    struct read *r =
        read_mail(REPORT STATUS MTA FAILED "\r\nFinal-Recipient: rfc822; b@example.net\r\n" END);
    for (uint32_t i = 0; i < 2; i++) {
        MM_CHECK_VIEW("copied", r->notice.rows[i].reporting_mta, MM_VIEW("mx.example.org"));
        MM_CHECK_INT("copied", r->notice.rows[i].arrival_date, 1110304800);
        MM_CHECK_INT("copied", r->notice.rows[i].received_at, 1110303636);
    }
    done(r);
}

static void item_44_recipients_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *field, *final, *original, *domain;
    } cases[] = {
        {"Final-Recipient: rfc822; a@Example.NET\r\n", "a@Example.NET", NULL, "example.net"},
        {"Final-Recipient: rfc822;<a@example.net>\r\n", "a@example.net", NULL, "example.net"},
        {"Final-Recipient: a@example.net\r\n", "a@example.net", NULL, "example.net"},
        {"Final-Recipient: utf-8; j\xc3\xbcrgen@example.net\r\n", "j\xc3\xbcrgen@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; \"a b\"@example.net.\r\n", "\"a b\"@example.net.", NULL,
         "example.net"},
        /* xtext was to be decoded by who wrote the field: only the other one can tell that it was
         * not. */
        {"Original-Recipient: rfc822;a+2Bnews@example.net\r\nFinal-Recipient: rfc822; "
         "a+news@Example.NET\r\n",
         "a+news@Example.NET", "a+news@example.net", "example.net"},
        {"Final-Recipient: rfc822; a=b+c@example.net\r\nOriginal-Recipient: "
         "rfc822;a+3Db+2Bc@example.net\r\n",
         "a=b+c@example.net", "a=b+c@example.net", "example.net"},
        {"Original-Recipient: rfc822;a+2Bnews@example.net\r\nFinal-Recipient: rfc822; "
         "b@example.org\r\n",
         "b@example.org", "a+2Bnews@example.net", "example.org"},
        {"Original-Recipient: rfc822;a+2025@example.net\r\nFinal-Recipient: rfc822; "
         "a+2025@example.net\r\n",
         "a+2025@example.net", "a+2025@example.net", "example.net"},
        {"Original-Recipient: rfc822;a+3Db@example.net\r\nFinal-Recipient: rfc822; "
         "a+3Db@example.net\r\n",
         "a+3Db@example.net", "a+3Db@example.net", "example.net"},
        {"Original-Recipient: rfc822;a+12@example.net\r\nFinal-Recipient: rfc822; "
         "b@example.org\r\n",
         "b@example.org", "a+12@example.net", "example.org"},
        {"Original-Recipient: rfc822;a+2B@example.net\r\n", "a+2B@example.net", "a+2B@example.net",
         "example.net"},
        {"Original-Recipient: rfc822;a+AB@example.net\r\n", "a+AB@example.net", "a+AB@example.net",
         "example.net"},
        {"Final-Recipient: rfc822; root\r\n", "root", NULL, NULL},
        {"Final-Recipient: rfc822; a@example.net>\r\n", "a@example.net", NULL, "example.net"},
        {"Final-Recipient: rfc822; <a@example.net\r\n", "a@example.net", NULL, "example.net"},
        {"Final-Recipient: rfc822; a@example.net> (Anna (x))\r\n", "a@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; a@example.net (Anna) (b@c)\r\n", "a@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; <a@example.net> (Anna)\r\n", "a@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; a@example.net(Anna)\r\n", "a@example.net", NULL, "example.net"},
        {"Final-Recipient: rfc822; \"a (b)\"@example.net (c)\r\n", "\"a (b)\"@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; root (root@example.net)\r\n", "root", NULL, NULL},
        {"Final-Recipient: rfc822; a(b)c@example.net\r\n", "a(b)c@example.net", NULL,
         "example.net"},
        {"Final-Recipient: rfc822; a@example.net (Anna\r\n", "a@example.net (Anna", NULL,
         "example.net"},
        {"Final-Recipient: x-unix; |/bin/filter (a)\r\n", "|/bin/filter (a)", NULL, NULL},
        {"Final-Recipient: x-unix; |/bin/filter (a) b\r\n", "|/bin/filter (a) b", NULL, NULL},
        {"Final-Recipient: utf-8; j\\x{FC}rgen\\x{2b}\\x{1F408}@example.net\r\n",
         "j\xc3\xbcrgen+\xf0\x9f\x90\x88@example.net", NULL, "example.net"},
        {"Original-Recipient: UTF-8;j\\x{FC}@example.net\r\nFinal-Recipient: rfc822; "
         "a@example.net\r\n",
         "a@example.net", "j\xc3\xbc@example.net", "example.net"},
        {"Final-Recipient: utf-8; a\\x{D800}\\x{110000}\\x{0A}\\x{}\\x{41@example.net\r\n",
         "a\\x{D800}\\x{110000}\\x{0A}\\x{}\\x{41@example.net", NULL, "example.net"},
        {"Final-Recipient: rfc822; j\\x{FC}@example.net\r\n", "j\\x{FC}@example.net", NULL,
         "example.net"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%s%sAction: failed\r\n%s", REPORT STATUS MTA, cases[i].field,
                 END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].field);
        MM_CHECK_VIEW(cases[i].field, row->final_recipient, mm_view_of(cases[i].final));
        MM_CHECK_VIEW(cases[i].field, row->original_recipient, mm_view_of(cases[i].original));
        MM_CHECK_VIEW(cases[i].field, row->recipient_domain, mm_view_of(cases[i].domain));
        done(r);
    }
}

static void item_45_only_failed_is_a_failure(void **state)
{
    (void)state;
    static const struct {
        const char *action, *kept;
        enum mm_bounce_class kind;
    } cases[] = {
        {"failed", "failed", MM_BOUNCE_HARD},
        {"FAILED (bad host)", "failed", MM_BOUNCE_HARD},
        {"delayed", "delayed", MM_BOUNCE_DELAYED},
        {"delivered", "delivered", MM_BOUNCE_RECEIPT},
        {"relayed", "relayed", MM_BOUNCE_RECEIPT},
        {"expanded", "expanded", MM_BOUNCE_RECEIPT},
        {"deliverable", "deliverable", MM_BOUNCE_RECEIPT},
        {"expired", "expired", MM_BOUNCE_HARD},
        {"error", "error", MM_BOUNCE_HARD},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail,
                 "%sFinal-Recipient: rfc822; a@example.net\r\nAction: %s\r\nStatus: 5.1.1\r\n%s",
                 REPORT STATUS MTA, cases[i].action, END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].action);
        MM_CHECK_VIEW(cases[i].action, row->action, mm_view_of(cases[i].kept));
        MM_CHECK_INT(cases[i].action, row->bounce_class, cases[i].kind);
        done(r);
    }
}

static void item_46_status_is_kept_and_the_better_code_is_used(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *status;
        int parsed[3], reply;
        bool flagged;
    } cases[] = {
        {"Status: 5.1.1\r\n", "5.1.1", {5, 1, 1}, -1, false},
        {"Status: 5.7.606 (banned)\r\n", "5.7.606 (banned)", {5, 7, 606}, -1, false},
        {"Status: 5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n",
         "5.0.0",
         {5, 1, 1},
         550,
         false},
        {"Status: 5.5.0\r\nDiagnostic-Code: smtp; 552 5.2.2 full\r\n",
         "5.5.0",
         {5, 2, 2},
         552,
         false},
        {"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.0.0 no\r\n",
         "5.1.1",
         {5, 1, 1},
         550,
         false},
        {"Diagnostic-Code: smtp; 450 4.2.0 grey\r\n", NULL, {4, 2, 0}, 450, false},
        {"Diagnostic-Code: smtp; 550 no\r\n", NULL, {5, 0, 0}, 550, true},
        {"Status: 5.1.1111\r\n", "5.1.1111", {-1, -1, -1}, -1, false},
        {"Status: broken\r\n", "broken", {-1, -1, -1}, -1, false},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail,
                 "%sFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\n%s%s",
                 REPORT STATUS MTA, cases[i].fields, END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].fields);
        MM_CHECK_VIEW(cases[i].fields, row->status, mm_view_of(cases[i].status));
        MM_CHECK_INT(cases[i].fields, row->status_class, cases[i].parsed[0]);
        MM_CHECK_INT(cases[i].fields, row->status_subject, cases[i].parsed[1]);
        MM_CHECK_INT(cases[i].fields, row->status_detail, cases[i].parsed[2]);
        MM_CHECK_INT(cases[i].fields, row->reply_code, cases[i].reply);
        MM_CHECK_INT(cases[i].fields, has_flag(row, "status_from_reply"), cases[i].flagged);
        done(r);
    }
}

static void item_47_diagnostics_are_joined_and_understood_in_any_language(void **state)
{
    (void)state;
    static const struct {
        const char *label, *field, *type, *text, *reason;
    } cases[] = {
        {"folded", "Diagnostic-Code: smtp;\r\n 550 5.2.2 over\r\n\tquota\r\n", "smtp",
         "550 5.2.2 over quota", "mailboxfull"},
        {"lines of one reply",
         "Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried\r\n 550-5.2.1 to reach "
         "is\r\n 550 5.2.1 disabled.\r\n",
         "smtp",
         "550-5.2.1 The email account that you tried 550-5.2.1 to reach is 550 5.2.1 disabled.",
         "suspend"},
        {"X-Postfix",
         "Diagnostic-Code: X-Postfix; connect to mx.example.net[192.0.2.1]:25: Connection timed "
         "out\r\n",
         "x-postfix", "connect to mx.example.net[192.0.2.1]:25: Connection timed out", "expired"},
        {"x-unix", "Diagnostic-Code: x-unix; maildrop: maildir over quota.\r\n", "x-unix",
         "maildrop: maildir over quota.", "mailboxfull"},
        {"no type", "Diagnostic-Code: 552 mailbox full; sorry\r\n", NULL, "552 mailbox full; sorry",
         "mailboxfull"},
        {"French",
         "Diagnostic-Code: smtp; 550 5.5.0 Le compte du destinataire est bloqu\xc3\xa9. The "
         "recipient account is blocked.\r\n",
         "smtp",
         "550 5.5.0 Le compte du destinataire est bloqu\xc3\xa9. The recipient account is blocked.",
         "suspend"},
        {"only Japanese",
         "Diagnostic-Code: smtp; 550 5.1.1 \xe5\xae\x9b\xe5\x85\x88\xe4\xb8\x8d\xe6\x98\x8e\r\n",
         "smtp", "550 5.1.1 \xe5\xae\x9b\xe5\x85\x88\xe4\xb8\x8d\xe6\x98\x8e", "userunknown"},
        {"bytes that are no text", "Diagnostic-Code: smtp; 552 5.2.2 bo\xeete pleine \xff\r\n",
         "smtp", "552 5.2.2 bo\xeete pleine \xff", "mailboxfull"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[2048];
        snprintf(mail, sizeof mail,
                 "%sFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\n%s%s",
                 REPORT STATUS MTA, cases[i].field, END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].label);
        MM_CHECK_VIEW(cases[i].label, row->diagnostic_type, mm_view_of(cases[i].type));
        MM_CHECK_VIEW(cases[i].label, row->diagnostic_code, mm_view_of(cases[i].text));
        MM_CHECK_VIEW(cases[i].label, row->reason, mm_view_of(cases[i].reason));
        MM_CHECK_TRUE(cases[i].label, row->rule_id.len > 0);
        done(r);
    }
}

static void bytes_of_an_unknown_charset_stay_apart(void **state)
{
    (void)state;
    static const struct {
        const char *type, *first, *second;
    } cases[] = {
        {"message/delivery-status", "j\xfcrg@example.net", "j\xe4rg@example.net"},
        {"message/delivery-status; charset=us-ascii", "j\xfcrg@example.net", "j\xe4rg@example.net"},
        {"message/delivery-status; charset=utf-8", "j\xfcrg@example.net", "j\xe4rg@example.net"},
        {"message/delivery-status; charset=x-none", "j\xfcrg@example.net", "j\xe4rg@example.net"},
        {"message/delivery-status; charset=iso-8859-1", "j\xc3\xbcrg@example.net",
         "j\xc3\xa4rg@example.net"},
        {"message/delivery-status; charset=iso-8859-2", "j\xc3\xbcrg@example.net",
         "j\xc3\xa4rg@example.net"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[2048];
        snprintf(mail, sizeof mail,
                 REPORT "--b\r\nContent-Type: %s\r\n\r\n" MTA
                        "Final-Recipient: rfc822; j\xfcrg@example.net\r\nAction: failed\r\n\r\n"
                        "Final-Recipient: rfc822; j\xe4rg@example.net\r\nAction: failed\r\n" END,
                 cases[i].type);
        struct read *r = read_mail(mail);
        assert_int_equal(r->notice.row_count, 2);
        MM_CHECK_VIEW(cases[i].type, r->notice.rows[0].final_recipient, mm_view_of(cases[i].first));
        MM_CHECK_VIEW(cases[i].type, r->notice.rows[1].final_recipient,
                      mm_view_of(cases[i].second));
        done(r);
    }
    struct read *r = read_mail(
        PLAIN "Hi. This is the qmail-send program at mx.example.org.\r\nI'm afraid I "
              "wasn't able to deliver your message to the following addresses.\r\nThis is "
              "a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
              "<j\xfcrg@example.net>:\r\nSorry, no mailbox here by that name.\r\n\r\n"
              "<j\xe4rg@example.net>:\r\nSorry, no mailbox here by that name.\r\n");
    assert_int_equal(r->notice.row_count, 2);
    MM_CHECK_VIEW("qmail", r->notice.rows[0].final_recipient, MM_VIEW("j\xfcrg@example.net"));
    MM_CHECK_VIEW("qmail", r->notice.rows[1].final_recipient, MM_VIEW("j\xe4rg@example.net"));
    done(r);
}

static void item_48_class_comes_from_the_reason_and_then_from_the_status(void **state)
{
    (void)state;
    static const struct {
        const char *status, *diagnostic, *reason;
        enum mm_bounce_class kind;
    } cases[] = {
        {"5.1.1", "550 5.1.1 User unknown", "userunknown", MM_BOUNCE_HARD},
        {"5.4.4", "Host or domain name not found", "hostunknown", MM_BOUNCE_HARD},
        {"5.1.6", "550 5.1.6 Mailbox has moved", "hasmoved", MM_BOUNCE_HARD},
        {"5.2.2", "552 5.2.2 Mailbox full", "mailboxfull", MM_BOUNCE_SOFT},
        {"5.1.1", "552 5.1.1 sorry, mailbox is over quota", "mailboxfull", MM_BOUNCE_SOFT},
        {"5.0.0", "550 too many connections from you", "toomanyconn", MM_BOUNCE_SOFT},
        {"5.7.1", "550 5.7.1 rate limit exceeded", "speeding", MM_BOUNCE_SOFT},
        {"5.7.1",
         "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
         "blocked", MM_BOUNCE_POLICY},
        {"5.7.1", "550 5.7.1 message rejected as spam", "spamdetected", MM_BOUNCE_POLICY},
        {"5.7.26", "550 5.7.26 this mail is unauthenticated", "authfailure", MM_BOUNCE_POLICY},
        {"5.3.4", "552 5.3.4 message too big", "mesgtoobig", MM_BOUNCE_SOFT},
        {"4.4.7", "retry timeout exceeded", "expired", MM_BOUNCE_SOFT},
        {"4.4.1", "connect to mx: Connection refused", "networkerror", MM_BOUNCE_SOFT},
        {"5.0.0", "550 frobnication at 7", "onhold", MM_BOUNCE_UNKNOWN},
        {"4.0.0", "450 frobnication at 7", "onhold", MM_BOUNCE_SOFT},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail,
                 "%sFinal-Recipient: rfc822; a@example.net\r\nAction: failed\r\nStatus: "
                 "%s\r\nDiagnostic-Code: smtp; %s\r\n%s",
                 REPORT STATUS MTA, cases[i].status, cases[i].diagnostic, END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].diagnostic);
        MM_CHECK_VIEW(cases[i].diagnostic, row->reason, mm_view_of(cases[i].reason));
        MM_CHECK_INT(cases[i].diagnostic, row->bounce_class, cases[i].kind);
        done(r);
    }
}

static void item_49_notices_in_words_give_rows_too(void **state)
{
    (void)state;
    static const struct {
        const char *label, *words, *recipient, *reason;
        int reply;
    } cases[] = {
        {"qmail",
         "Hi. This is the qmail-send program at mx.example.org.\r\nI'm afraid I wasn't able to "
         "deliver your message.\r\n\r\n<a@example.net>:\r\n192.0.2.1 does not like "
         "recipient.\r\nRemote host said: 550 5.1.1 no such user\r\nGiving up on "
         "192.0.2.1.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nFrom: "
         "x@example.org\r\nTo: other@example.net\r\n",
         "a@example.net", "userunknown", 550},
        {"Exim",
         "This message was created automatically by mail delivery software.\r\n\r\nA message that "
         "you sent could not be delivered.\r\n\r\n  a@example.net\r\n    host mx.example.net "
         "[192.0.2.1]\r\n    SMTP error from remote mail server after RCPT TO:<a@example.net>:\r\n "
         "   552 5.2.2 mailbox full\r\n\r\n------ This is a copy of the message, including all the "
         "headers. ------\r\n\r\nFrom: x@example.org\r\n",
         "a@example.net", "mailboxfull", 552},
        {"Exchange 2003",
         "Your message\r\n\r\n  To:      a@example.net\r\n  Subject: x\r\n\r\ndid not reach the "
         "following recipient(s):\r\n\r\na@example.net on Thu, 29 Apr 2010 00:00:00 -0000\r\n    "
         "The recipient name is not recognized\r\n",
         "a@example.net", "userunknown", -1},
        {"Notes",
         "------- Failure Reasons  --------\r\n\r\nUser not listed in public Name & Address "
         "Book\r\na@example.net\r\n\r\n------- Returned Message --------\r\n\r\nFrom: "
         "x@example.org\r\n",
         "a@example.net", "userunknown", -1},
        {"why before who",
         "Your message:\r\n   From:    sender@example.com\r\n\r\nCould not be delivered because "
         "of\r\n\r\n550 5.1.1 User unknown\r\n\r\nThe following recipients were affected:\r\n    "
         "a@example.net\r\n\r\nAdditional Information\r\n",
         "a@example.net", "userunknown", 550},
        {"in single quotes",
         "Undeliverable mail\r\n\r\nFailed to deliver to 'a@example.net'\r\nSMTP module "
         "reports:\r\n host mx.example.net says:\r\n 550 5.1.1 User unknown\r\n",
         "a@example.net", "userunknown", 550},
        {"in a sentence",
         "There was an error delivering your mail to <a@example.net>.\r\n\r\nmx.example.net "
         "[192.0.2.1] did not like our RCPT TO:\r\n550 5.1.1 User unknown\r\n",
         "a@example.net", "userunknown", 550},
        {"fields without a part",
         "An error occurred.\r\n\r\nReporting-MTA: dns; mx.example.org\r\nAction: "
         "failed\r\nFinal-Recipient: rfc822; a@example.net\r\nDiagnostic-Code: smtp; 552 5.2.2 "
         "Mailbox full\r\nStatus: 5.2.2\r\n",
         "a@example.net", "mailboxfull", 552},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[2048];
        snprintf(mail, sizeof mail, "%s%s", PLAIN, cases[i].words);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].label);
        MM_CHECK_VIEW(cases[i].label, row->final_recipient, mm_view_of(cases[i].recipient));
        MM_CHECK_VIEW(cases[i].label, row->reason, mm_view_of(cases[i].reason));
        MM_CHECK_INT(cases[i].label, row->reply_code, cases[i].reply);
        MM_CHECK_TRUE(cases[i].label, !row->has_delivery_status);
        done(r);
    }
}

static void item_49_several_recipients_in_words_have_their_own_reasons(void **state)
{
    (void)state;
    struct read *r = read_mail(
        PLAIN
        "Hi. This is the qmail-send program.\r\nI wasn't able to deliver your message.\r\n\r\n"
        "<a@example.net>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: 552 5.2.2 "
        "full mailbox, over quota\r\n\r\n"
        "<b@example.net>:\r\n192.0.2.1 does not like recipient.\r\nRemote host said: 550 5.1.1 "
        "User unknown\r\n");
    assert_int_equal(r->notice.row_count, 2);
    MM_CHECK_VIEW("first", r->notice.rows[0].reason, MM_VIEW("mailboxfull"));
    MM_CHECK_VIEW("second", r->notice.rows[1].reason, MM_VIEW("userunknown"));
    MM_CHECK_INT("second", r->notice.rows[1].bounce_class, MM_BOUNCE_HARD);
    done(r);
}

static void item_49_what_is_said_begins_behind_the_colon_and_ends_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *words, *first, *second;
    } cases[] = {
        {"<a@example.net>:\r\n552 5.2.2 full\r\n\r\n<b@example.net>: 550 5.1.1 no such user\r\n",
         "552 5.2.2 full", "550 5.1.1 no such user"},
        {"  * a@example.net: 552 full\r\n  * b@example.net: : 550 no such user\r\n", "552 full",
         ": 550 no such user"},
        {"'a@example.net' 552 full\r\n>> \"b@example.net\":550 no such user\r\n", "552 full",
         "550 no such user"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%s%s", PLAIN, cases[i].words);
        struct read *r = read_mail(mail);
        assert_int_equal(r->notice.row_count, 2);
        MM_CHECK_VIEW(cases[i].words, r->notice.rows[0].diagnostic_code,
                      mm_view_of(cases[i].first));
        MM_CHECK_VIEW(cases[i].words, r->notice.rows[1].diagnostic_code,
                      mm_view_of(cases[i].second));
        done(r);
    }
}

static void item_49_words_of_a_delay_are_no_failure(void **state)
{
    (void)state;
    static const char *const words[] = {
        "THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE.\r\n\r\nYour message "
        "could "
        "not be delivered for more than 4 hour(s).\r\n\r\n<a@example.net>: unknown user\r\n",
        "** Delivery incomplete **\r\n\r\nThere was a temporary problem delivering your message to "
        "a@example.net. Gmail will retry for 46 more hours.\r\n",
    };
    for (size_t i = 0; i < MM_COUNT(words); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%s%s", PLAIN, words[i]);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, words[i]);
        MM_CHECK_VIEW(words[i], row->final_recipient, MM_VIEW("a@example.net"));
        MM_CHECK_INT(words[i], row->bounce_class, MM_BOUNCE_DELAYED);
        done(r);
    }
}

static void item_49_a_piece_of_text_alone_is_never_hard_without_a_code(void **state)
{
    (void)state;
    struct read *r =
        read_mail("This is the mail system.\n\nYour message could not be delivered.\n\n"
                  "<a@example.net>: Host or domain name not found\n");
    struct mm_bounce *row = one_row(r, "no header");
    MM_CHECK_VIEW("reason", row->reason, MM_VIEW("hostunknown"));
    MM_CHECK_INT("class", row->bounce_class, MM_BOUNCE_SOFT);
    done(r);
}

static void item_49_what_is_not_understood_is_kept_and_never_hard(void **state)
{
    (void)state;
    struct read *r = read_mail(PLAIN "Etwas ging schief, und niemand wei\xc3\x9f, warum.\r\n");
    struct mm_bounce *row = one_row(r, "no recipient");
    assert_true(r->notice.unparsed && has_flag(row, "bounce_unparsed"));
    assert_true(row->bounce_class != MM_BOUNCE_HARD);
    assert_true(row->diagnostic_code.len > 0);
    done(r);
    /* Not even where the text is one that would be. */
    r = read_mail(PLAIN "550 5.1.1 User unknown\r\n");
    row = one_row(r, "a reason, and nobody");
    assert_true(r->notice.unparsed);
    MM_CHECK_VIEW("reason", row->reason, MM_VIEW("userunknown"));
    MM_CHECK_INT("class", row->bounce_class, MM_BOUNCE_UNKNOWN);
    done(r);
}

static void item_50_what_is_no_bounce_is_counted_by_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *label, *mail;
        enum mm_notice_kind kind;
    } cases[] = {
        {"auto-reply",
         "From: a@example.net\r\nSubject: Re: hello\r\nAuto-Submitted: auto-replied\r\n\r\nI am "
         "away.\r\n",
         MM_NOTICE_AUTO_REPLY},
        {"vacation",
         "From: a@example.net\r\nSubject: Out of Office: hello\r\n\r\nBack on Monday.\r\n",
         MM_NOTICE_AUTO_REPLY},
        {"read receipt",
         "From: a@example.net\r\nSubject: Read: hello\r\nContent-Type: multipart/report; "
         "report-type=disposition-notification; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; "
         "a@example.net\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n",
         MM_NOTICE_MDN},
        {"challenge",
         "From: a@example.net\r\nSubject: Please confirm your message\r\n\r\nTo prove that you are "
         "human, confirm your message by a reply.\r\n",
         MM_NOTICE_CHALLENGE},
        {"a bounce quoted by a person",
         "From: a@example.net\r\nSubject: Re: Undelivered Mail Returned to Sender\r\n\r\nlook what "
         "I got:\r\n> <b@example.net>: host mx.example.net said: 550 5.1.1 no\r\n",
         MM_NOTICE_NONE},
        {"a bounce attached by a person",
         "From: a@example.net\r\nSubject: see below\r\nContent-Type: multipart/mixed; "
         "boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nlook\r\n--c\r\nContent-Type: "
         "message/rfc822\r\n\r\n" REPORT STATUS MTA FAILED END "--c--\r\n",
         MM_NOTICE_NONE},
        {"ordinary mail", "From: a@example.net\r\nSubject: lunch\r\n\r\nAt one?\r\n",
         MM_NOTICE_NONE},
        {"nothing", "", MM_NOTICE_NONE},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct read *r = read_mail(cases[i].mail);
        MM_CHECK_INT(cases[i].label, r->notice.kind, cases[i].kind);
        MM_CHECK_INT(cases[i].label, r->notice.row_count, 0);
        done(r);
    }
}

#define RETURNED                                                                                   \
    "Return-Path: <x@example.org>\r\nMessage-ID: <one@example.com>\r\nList-Id: News "              \
    "<news.example.com>\r\nFeedback-ID: 1:2:3:esp\r\nSubject: hi\r\n"

static void item_51_the_returned_message_is_named_whatever_is_left_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *label, *mail;
    } cases[] = {
        {"message", REPORT STATUS MTA FAILED "--b\r\nContent-Type: message/rfc822\r\n\r\n" RETURNED
                                             "\r\nbody\r\n" END},
        {"headers",
         REPORT STATUS MTA FAILED "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" RETURNED END},
        {"cut off",
         REPORT STATUS MTA FAILED "--b\r\nContent-Type: message/rfc822\r\n\r\n" RETURNED "Con"},
        {"in the text",
         PLAIN "Hi. This is the qmail-send program.\r\nI wasn't able to deliver your "
               "message.\r\n\r\n<a@example.net>:\r\nno such user\r\n\r\n--- Below this line is a "
               "copy of the message.\r\n\r\n" RETURNED "\r\nbody\r\n"},
        {"in the text, without a line above it",
         PLAIN "The mail system could not deliver:\r\n\r\na@example.net\r\n\r\n" RETURNED},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct read *r = read_mail(cases[i].mail);
        struct mm_bounce *row = one_row(r, cases[i].label);
        MM_CHECK_VIEW(cases[i].label, row->original_message_id, MM_VIEW("one@example.com"));
        MM_CHECK_VIEW(cases[i].label, row->list_id, MM_VIEW("news.example.com"));
        MM_CHECK_VIEW(cases[i].label, row->feedback_id, MM_VIEW("1:2:3:esp"));
        assert_null(row->verp_token.data);
        done(r);
    }
    struct read *r =
        read_mail("From: MAILER-DAEMON@mx.example.org\r\nTo: <bounce+a=example.net@example.com>\r\n"
                  "Content-Type: multipart/report; boundary=b\r\n\r\n" STATUS MTA FAILED
                  "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nX-Original-Message-ID: "
                  "<two@example.com>\r\n" END);
    MM_CHECK_VIEW("VERP", r->notice.rows[0].verp_token,
                  MM_VIEW("bounce+a=example.net@example.com"));
    MM_CHECK_VIEW("X-Original-Message-ID", r->notice.rows[0].original_message_id,
                  MM_VIEW("two@example.com"));
    done(r);
}

static void item_52_the_provider_is_that_of_the_host_or_of_the_domain(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *host, *provider;
    } cases[] = {
        {"Remote-MTA: dns; gmail-smtp-in.l.Google.com\r\n", "gmail-smtp-in.l.google.com", "google"},
        {"Remote-MTA: dns;mx.example.net (192.0.2.1)\r\n", "mx.example.net", NULL},
        {"Remote-MTA: dns;[192.0.2.1]:25\r\n", "192.0.2.1", NULL},
        {"Remote-MTA: example-com.mail.protection.outlook.com:25\r\n",
         "example-com.mail.protection.outlook.com", "microsoft"},
        {"Diagnostic-Code: smtp; host mta5.am0.yahoodns.net[192.0.2.1] said: 554 no\r\n",
         "mta5.am0.yahoodns.net", "yahoo"},
        {"Final-Recipient: rfc822; a@gmail.com\r\n", NULL, "google"},
        {"Final-Recipient: rfc822; a@notgmail.com\r\n", NULL, NULL},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char mail[1024];
        snprintf(mail, sizeof mail, "%s%s%s%s", REPORT STATUS MTA, cases[i].fields,
                 strstr(cases[i].fields, "Final") ? ""
                                                  : "Final-Recipient: rfc822; a@example.net\r\n",
                 END);
        struct read *r = read_mail(mail);
        struct mm_bounce *row = one_row(r, cases[i].fields);
        MM_CHECK_VIEW(cases[i].fields, row->remote_mta, mm_view_of(cases[i].host));
        MM_CHECK_VIEW(cases[i].fields, row->provider, mm_view_of(cases[i].provider));
        done(r);
    }
}

/* ---- hostile ---- */

static struct mm_view repeat(const char *head, const char *piece, size_t times)
{
    size_t head_len = strlen(head), len = strlen(piece);
    char *mail = malloc(head_len + len * times + 1);
    memcpy(mail, head, head_len);
    for (size_t i = 0; i < times; i++)
        memcpy(mail + head_len + i * len, piece, len);
    return (struct mm_view){mail, head_len + len * times};
}

static void more_groups_than_are_kept_is_an_error_with_the_rows_before(void **state)
{
    (void)state;
    struct mm_view mail = repeat(REPORT STATUS, "Final-Recipient: x;a\r\n", MM_BOUNCE_MAX_ROWS + 1);
    struct read *r = read_bytes(mail);
    assert_int_equal(r->st, MM_E_LIMIT);
    assert_int_equal(r->notice.row_count, MM_BOUNCE_MAX_ROWS);
    done(r);
    free((char *)mail.data);
}

static void what_is_kept_of_a_long_text_ends_with_a_whole_character(void **state)
{
    enum { KEPT_BYTES = 2048 };
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } characters[] = {{"a", 1}, {"\xc3\xa4", 2}, {"\xe2\x82\xac", 3}, {"\xf0\x9f\x98\x80", 4}};
    for (size_t i = 0; i < MM_COUNT(characters); i++)
        for (size_t before = 0; before < 4; before++) {
            struct mm_buf mail;
            mm_buf_init(&mail, 1 << 20);
            mm_buf_append_str(&mail, REPORT STATUS MTA FAILED "Diagnostic-Code: smtp; ");
            mm_buf_append(&mail, (struct mm_view){"xxxx", before});
            while (mail.len < 4 * KEPT_BYTES)
                mm_buf_append(&mail, (struct mm_view){characters[i].text, characters[i].len});
            mm_buf_append_str(&mail, "\r\n" END);
            struct read *r = read_bytes(mm_buf_view(&mail));
            size_t len = one_row(r, "long")->diagnostic_code.len;
            MM_CHECK_INT("whole characters", (len - before) % characters[i].len, 0);
            MM_CHECK_TRUE("as much as may be", len <= KEPT_BYTES && len + 3 >= KEPT_BYTES);
            done(r);
            mm_buf_deinit(&mail);
        }
}

static void texts_made_to_be_slow_are_not(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "user unknown ", "a@b ", "<a@b>:\r\n", "550 5.1.1 ", "550-",
        ">>> RCPT\r\n",  "<",    "aaaaaaaa@",  "host ",      "mailbox is "};
    for (size_t i = 0; i < MM_COUNT(pieces); i++) {
        struct mm_view mail = repeat(PLAIN, pieces[i], 200000);
        struct read *r = read_bytes(mail);
        MM_CHECK_TRUE(pieces[i], r->st == MM_OK || r->st == MM_E_LIMIT);
        MM_CHECK_INT(pieces[i], r->notice.kind, MM_NOTICE_BOUNCE);
        done(r);
        free((char *)mail.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(item_43_each_recipient_group_is_a_row),
        MM_TEST(item_44_recipients_in_every_spelling),
        MM_TEST(item_45_only_failed_is_a_failure),
        MM_TEST(item_46_status_is_kept_and_the_better_code_is_used),
        MM_TEST(item_47_diagnostics_are_joined_and_understood_in_any_language),
        MM_TEST(bytes_of_an_unknown_charset_stay_apart),
        MM_TEST(item_48_class_comes_from_the_reason_and_then_from_the_status),
        MM_TEST(item_49_notices_in_words_give_rows_too),
        MM_TEST(item_49_several_recipients_in_words_have_their_own_reasons),
        MM_TEST(item_49_what_is_said_begins_behind_the_colon_and_ends_with_its_line),
        MM_TEST(item_49_words_of_a_delay_are_no_failure),
        MM_TEST(item_49_a_piece_of_text_alone_is_never_hard_without_a_code),
        MM_TEST(item_49_what_is_not_understood_is_kept_and_never_hard),
        MM_TEST(item_50_what_is_no_bounce_is_counted_by_its_kind),
        MM_TEST(item_51_the_returned_message_is_named_whatever_is_left_of_it),
        MM_TEST(item_52_the_provider_is_that_of_the_host_or_of_the_domain),
        MM_TEST(more_groups_than_are_kept_is_an_error_with_the_rows_before),
        MM_TEST(what_is_kept_of_a_long_text_ends_with_a_whole_character),
        MM_TEST(texts_made_to_be_slow_are_not),
    };
    return cmocka_run_group_tests(tests, make_matcher, drop_matcher);
}

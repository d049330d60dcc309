/*
 * test_report_unwrap_mail.c - reports that come by mail: the lines 9 and 10 of the list of cases.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/mm_test.h"
#include "support/packing.h"
#include "support/unwrap_list.h"

#define XML "<?xml version=\"1.0\"?>\n<feedback><report_metadata/></feedback>\n"
/* XML in base64, and XML in quoted-printable. */
#define B64 "PD94bWwgdmVyc2lvbj0iMS4wIj8+CjxmZWVkYmFjaz48cmVwb3J0X21ldGFkYXRhLz48L2ZlZWRiYWNrPgo="
#define HEAD                                                                                       \
    "From: \"Reports\" <noreply@Reports.Example.NET>\nSubject: =?utf-8?q?Report_domain:_x?=\n"     \
    "Date: Thu, 1 Jan 1970 01:00:00 +0000\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\n\n"

static struct mm_unwrapper *unwrapper;
static struct mm_unwrap_list list;

static int set_up(void **state)
{
    (void)state;
    list = (struct mm_unwrap_list){.texts_are_none = false};
    unwrapper = mm_unwrapper_new();
    return unwrapper ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mm_unwrapper_free(&unwrapper);
    return 0;
}

static void sees(const char *label, struct mm_view bytes, const char *want)
{
    mm_unwrap_list(unwrapper, bytes, &list);
    MM_CHECK_VIEW(label, mm_view_of(list.text), mm_view_of(want));
}

/* ---- 9. however the report is put into the mail ---- */

static const struct {
    const char *label, *mail, *found;
} ways[] = {
    {"text/xml in place, without a name", HEAD "Content-Type: text/xml\n\n" XML, "xml"},
    {"no Content-Type", HEAD "\n" XML, "xml"},
    {"a wrong one", HEAD "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" B64,
     "xml"},
    {"a misspelt one",
     HEAD "ContentType: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n"
          "ContentType: application/xml\n\n" XML "\n--b--\n",
     "xml@2"},
    {"text/plain with a name",
     MIXED "--b\n\nhi\n--b\nContent-Type: text/plain; name=a.xml\n\n" XML "\n--b--\n", "xml@2"},
    {"nested multiparts",
     MIXED
     "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/related; "
     "boundary=d\n\n--d\nContent-Type: application/xml\n\n" XML "\n--d--\n--c--\n--b--\n",
     "xml@1.1.1"},
    {"forwarded",
     MIXED "--b\n\nlook\n--b\nContent-Type: message/rfc822\n\n" HEAD
           "Content-Type: application/xml\n\n" XML "\n--b--\n",
     "xml@2.1"},
    {"forwarded twice",
     MIXED "--b\nContent-Type: message/rfc822\n\nFrom: a@b\nContent-Type: message/rfc822\n\n" HEAD
           "Content-Type: application/xml\n\n" XML "\n--b--\n",
     "xml@1.1.1"},
    {"attached as a file of a mail program",
     MIXED "--b\nContent-Type: application/octet-stream; name=a.eml\n\n" HEAD
           "Content-Type: application/xml\n\n" XML "\n--b--\n",
     "xml@1"},
    {"base64 with stray white space",
     HEAD
     "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n PD94 bWwg\tdmVyc2lvbj0iMS4wIj8+C"
     "\n\n\njxmZWVkYmFjaz48cmVwb3J0X21ldGFkYXRhLz48L2ZlZWRiYWNrPgo=\n",
     "xml"},
    {"base64 without its padding",
     HEAD "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\nPD94bWwgdmVyc2lvbj0iMS4wIj8+Cjxm"
          "ZWVkYmFjaz48cmVwb3J0X21ldGFkYXRhLz48L2ZlZWRiYWNrPgo\n",
     "xml"},
    {"base64 with bad characters",
     HEAD
     "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n*PD94bWwgdmVyc2lvbj0iMS4wIj8+-Cj\xff"
     "xmZWVkYmFjaz48cmVwb3J0X21ldGFkYXRhLz48L2ZlZWRiYWNrPgo=\n",
     "xml"},
    {"base64 and a list's footer",
     HEAD "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n" B64 "\n-- \na list\n", "xml"},
    {"quoted-printable with soft breaks",
     HEAD "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/xml\n\n<?xml version=3D"
          "\"1.0\"?> \n<feedback><report_=\nmetadata/>=\t\n</feedback>\n",
     "xml"},
    {"no final boundary", MIXED "--b\n\nhi\n--b\nContent-Type: application/xml\n\n" XML, "xml@2"},
    {"8-bit and NUL bytes in the header",
     HEAD "X-A: \xff\xfe\x80\nContent-Type: application/xml\n\n" XML, "xml"},
    {"a name in pieces",
     HEAD "Content-Type: application/octet-stream; name*0=\"receiver.example!x!1\";\n"
          " name*1=\"!2.xml\"\n\n" XML,
     "xml"},
};

static void case_09_a_report_is_found_however_it_is_put_into_a_mail(void **state)
{
    (void)state;
    list.wanted = MM_VIEW(XML);
    for (size_t i = 0; i < MM_COUNT(ways); i++) {
        sees(ways[i].label, mm_view_of(ways[i].mail), ways[i].found);
        MM_CHECK_VIEW(ways[i].label, mm_view_of(list.reporter_domain),
                      MM_VIEW("reports.example.net"));
        MM_CHECK_INT(ways[i].label, list.received_at, 3600);
        MM_CHECK_VIEW(ways[i].label, mm_view_of(list.subject), MM_VIEW("Report domain: x"));
    }
    MM_CHECK_VIEW("name", mm_view_of(list.file_name), MM_VIEW("receiver.example!x!1!2.xml"));
}

static void case_09_bare_cr_ends_lines(void **state)
{
    char mail[1024];
    (void)state;
    for (size_t i = 0; i < MM_COUNT(ways); i++) {
        size_t len = strlen(ways[i].mail);
        for (size_t k = 0; k < len; k++)
            mail[k] = ways[i].mail[k] == '\n' ? '\r' : ways[i].mail[k];
        sees(ways[i].label, (struct mm_view){mail, len}, ways[i].found);
    }
}

static void case_09_bytes_that_were_skipped_are_counted(void **state)
{
    (void)state;
    sees("three",
         MM_VIEW(HEAD "Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n*PD94bWwgdm-"
                      "Vyc2lvbj0iMS4wIj8+CjxmZWVkYmFj!az48L2ZlZWRiYWNrPgo=\n"),
         "xml");
    MM_CHECK_INT("skipped", list.skipped_bytes, 3);
}

static void case_09_packed_reports_are_found_under_any_type(void **state)
{
    static const char *const types[] = {
        "application/gzip", "application/x-gzip", "application/octet-stream", "application/zip",
        "text/plain",       "text/xml",           "application/tlsrpt+gzip"};
    struct mm_buf gz, mail;
    (void)state;
    mm_buf_init(&gz, 1 << 20);
    mm_buf_init(&mail, 1 << 20);
    mm_pack_gzip(&gz, MM_VIEW(XML));
    list.wanted = MM_VIEW(XML);
    for (size_t i = 0; i < MM_COUNT(types); i++) {
        mm_buf_clear(&mail);
        mm_buf_printf(&mail,
                      MIXED "--b\n\nhi\n--b\nContent-Type: %s\nContent-Transfer-Encoding: "
                            "base64\n\n",
                      types[i]);
        mm_pack_base64(&mail, mm_buf_view(&gz));
        mm_buf_append_str(&mail, "--b--\n");
        sees(types[i], mm_buf_view(&mail), "xml@2");
    }
    mm_buf_deinit(&gz);
    mm_buf_deinit(&mail);
}

/* What is cut short before it can be told from other documents was a report all the same. */
static void case_09_a_packed_report_that_is_cut_short_is_no_ordinary_mail(void **state)
{
    struct mm_buf gz, mail;
    (void)state;
    mm_buf_init(&gz, 1 << 20);
    mm_buf_init(&mail, 1 << 20);
    mm_pack_gzip(&gz, MM_VIEW(XML));
    for (size_t len = 12; len < 30; len += 17) {
        mm_buf_clear(&mail);
        mm_buf_append_str(&mail, HEAD "Content-Type: application/gzip\n"
                                      "Content-Transfer-Encoding: base64\n\n");
        mm_pack_base64(&mail, mm_view_sub(mm_buf_view(&gz), 0, len));
        sees("cut short", mm_buf_view(&mail), "packed-cut-short");
    }
    mm_buf_deinit(&gz);
    mm_buf_deinit(&mail);
}

/* ---- 10. one report, several, none ---- */

#define PART(type, text) "--b\nContent-Type: " type "\n\n" text "\n"
static const struct {
    const char *label, *mail, *found;
} counts[] = {
    {"text beside the report quotes it",
     MIXED PART("text/plain", XML) PART("text/html", XML) PART("application/xml", XML) "--b--\n",
     "xml@3"},
    {"html beside the report",
     MIXED PART("text/html", "<html><feedback/></html>") PART("application/xml", XML) "--b--\n",
     "xml@2"},
    {"the text is the report", MIXED PART("text/plain", XML) "--b--\n", "xml@1"},
    {"several reports",
     MIXED PART("text/xml", XML) PART("application/json", "{\"policies\":[]}")
         PART("text/xml; name=x", XML) "--b--\n",
     "xml@1 json@2 xml@3"},
    {"several forwarded",
     MIXED PART("message/rfc822", "From: a@b\nContent-Type: text/xml\n\n" XML)
         PART("message/rfc822", "From: a@b\nContent-Type: text/xml\n\n" XML) "--b--\n",
     "xml@1.1 xml@2.1"},
    {"none", HEAD "\nhello\n", "not-a-report"},
    {"html alone", HEAD "Content-Type: text/html\n\n<html>feedback</html>\n", "not-a-report"},
    {"pictures and other documents",
     MIXED PART("text/plain", "hi") PART("image/svg+xml", "<svg/>") PART("application/json", "{}")
         PART("application/pdf", "%PDF") PART("application/xml", "<invoice/>") "--b--\n",
     "not-a-report"},
    {"an empty attachment", MIXED PART("application/xml", "") "--b--\n", "not-a-report"},
};

static void case_10_a_mail_has_as_many_reports_as_it_has(void **state)
{
    (void)state;
    list.texts_are_none = true;
    for (size_t i = 0; i < MM_COUNT(counts); i++)
        sees(counts[i].label, mm_view_of(counts[i].mail), counts[i].found);
}

/* ---- notices ---- */

#define STATUS PART("message/delivery-status", "Reporting-MTA: dns; x\n\nAction: failed")
#define ABUSE  PART("message/feedback-report", "Feedback-Type: abuse")
#define SAMPLE PART("message/rfc822", "From: a@b\nContent-Type: text/xml\n\n" XML)

static const struct {
    const char *label, *mail, *found;
} notices[] = {
    {"a bounce of a report", MIXED PART("text/plain", "sorry") STATUS SAMPLE "--b--\n", "mail"},
    {"a complaint about a report", MIXED ABUSE SAMPLE "--b--\n", "mail"},
    {"a bounce without a status, by its type",
     HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" PART(
         "text/plain", "sorry") SAMPLE "--b--\n",
     "mail"},
    {"by its sender",
     "From: MAILER-DAEMON@x\nContent-Type: multipart/mixed; boundary=b\n\n" SAMPLE "--b--\n",
     "mail"},
    {"by its empty return path",
     "Return-Path: <>\nFrom: x@y\nContent-Type: multipart/mixed; boundary=b\n\n" SAMPLE "--b--\n",
     "mail"},
    {"a returned header is no attached mail",
     MIXED PART("text/plain", "sorry") PART("text/rfc822-headers", "From: a@b\n") "--b--\n",
     "mail"},
    {"a bounce that was forwarded",
     MIXED PART("text/plain", "look") PART(
         "message/rfc822", "From: MAILER-DAEMON@x\nContent-Type: multipart/report; boundary=c\n\n"
                           "--c\nContent-Type: message/delivery-status\n\nAction: "
                           "failed\n--c--\n") "--b--\n",
     "mail@2.1"},
    {"two of them, in a digest",
     HEAD "Content-Type: multipart/digest; boundary=b\n\n"
          "--b\n\nFrom: a@b\nContent-Type: message/delivery-status\n\nAction: failed\n"
          "--b\n\nFrom: a@b\nContent-Type: message/feedback-report\n\nFeedback-Type: "
          "abuse\n--b--\n",
     "mail@1.1 mail@2.1"},
    {"a mail of words", HEAD "\nhello\n", "mail"},
};

static void notices_are_given_as_mails_and_what_they_return_is_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(notices); i++)
        sees(notices[i].label, mm_view_of(notices[i].mail), notices[i].found);
}

/* ---- offsets, limits ---- */

static void offsets_are_places_in_the_input(void **state)
{
    static const char mail[] =
        MIXED PART("text/plain", "hi") PART("application/xml", XML) "--b--\n";
    struct mm_zip_maker m;
    (void)state;
    sees("a part", MM_VIEW(mail), "xml@2");
    MM_CHECK_INT("where its header begins", list.offset,
                 strstr(mail, "Content-Type: application") - mail);
    mm_zip_make_begin(&m);
    mm_zip_make_add(&m, "one.eml", MM_VIEW(mail));
    mm_zip_make_add(&m, "two.eml", MM_VIEW(mail));
    struct mm_view zip = mm_zip_make_end(&m);
    sees("mails in a zip", zip, "xml@one.eml!2 xml@two.eml!2");
    MM_CHECK_INT("where the member begins", list.offset, 30 + strlen("one.eml") + sizeof mail - 1);
    mm_zip_make_free(&m);
}

static void limits_of_mime_are_told_beside_what_was_found(void **state)
{
    struct mm_buf mail;
    (void)state;
    mm_buf_init(&mail, 1 << 24);
    mm_buf_append_str(&mail, MIXED PART("application/xml", XML));
    for (int i = 0; i < MM_MIME_PARTS_MAX; i++)
        mm_buf_append_str(&mail, "--b\n\nx\n");
    sees("parts", mm_buf_view(&mail), "xml@1 mime-parts");
    mm_buf_clear(&mail);
    mm_buf_append_str(&mail, HEAD);
    for (int i = 0; i < 10000; i++)
        mm_buf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    sees("depth", mm_buf_view(&mail), "mime-depth");
    mm_buf_deinit(&mail);
}

/* An attached mail in an attached mail, and so on: 10,000 deep, and each says only what it is in.
 */
static void attached_mails_are_opened_three_deep(void **state)
{
    static const char head[] = "From: a@b\nContent-Type: application/octet-stream\n\n";
    struct mm_buf mail;
    (void)state;
    mm_buf_init(&mail, 1 << 24);
    for (int i = 0; i < 10000; i++)
        mm_buf_append_str(&mail, head);
    sees("ten thousand", mm_buf_view(&mail), "containers-too-deep");
    for (int depth = 3; depth <= 4; depth++) {
        mm_buf_clear(&mail);
        for (int i = 0; i < depth; i++)
            mm_buf_append_str(&mail, head);
        mm_buf_append_str(&mail, "From: a@b\nContent-Type: text/xml\n\n" XML);
        sees("three and four", mm_buf_view(&mail), depth == 3 ? "xml" : "containers-too-deep");
    }
    mm_buf_deinit(&mail);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(TEST(case_09_a_report_is_found_however_it_is_put_into_a_mail),
             TEST(case_09_bare_cr_ends_lines), TEST(case_09_bytes_that_were_skipped_are_counted),
             TEST(case_09_packed_reports_are_found_under_any_type),
             TEST(case_09_a_packed_report_that_is_cut_short_is_no_ordinary_mail),
             TEST(case_10_a_mail_has_as_many_reports_as_it_has),
             TEST(notices_are_given_as_mails_and_what_they_return_is_left_alone),
             TEST(offsets_are_places_in_the_input),
             TEST(limits_of_mime_are_told_beside_what_was_found),
             TEST(attached_mails_are_opened_three_deep))

/*
 * test_report_tls.c - each rule for TLS reports, and what is done with those that break it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/tls_report.h"

#include "report/date_time.h"
#include "support/mm_test.h"

#define RANGE                                                                                      \
    "\"date-range\":{\"start-datetime\":\"2016-04-01T00:00:00Z\",\"end-datetime\":\"2016-04-"      \
    "01T23:59:59Z\"}"
#define HEAD                                                                                       \
    "{\"organization-name\":\"Company-X\",\"contact-info\":\"x@example.org\",\"report-id\":"       \
    "\"5065427c\"," RANGE
/* A report of one policy, with these members. */
#define POLICY(members) HEAD ",\"policies\":[{" members "}]}"
#define STS             "\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"example.com\"}"
#define SUMMARY(failed)                                                                            \
    "\"summary\":{\"total-successful-session-count\":5326,\"total-failure-session-count\":" failed \
    "}"

static struct mm_arena arena;
static struct mm_tls_report report;
static struct mm_report_fault fault;

static enum mm_status parse_bytes(struct mm_view document, const struct mm_report_hints *hints)
{
    static struct mm_guard last;
    if (last.map)
        mm_guard_free(&last);
    last = mm_guard_copy(document);
    mm_arena_reset(&arena);
    arena.limit_bytes = 256 * 1024 * 1024;
    memset(&report, 0, sizeof report);
    memset(&fault, 0, sizeof fault);
    return mm_tls_parse(last.view, hints, &arena, &report, &fault);
}

static void accept_bytes(const char *label, struct mm_view document)
{
    enum mm_status st = parse_bytes(document, NULL);
    if (st != MM_OK)
        print_error("%s: %s at %d\n", label, mm_report_fault_slug(fault.reason), (int)fault.offset);
    MM_CHECK_INT(label, st, MM_OK);
}

static void accept_text(const char *label, const char *document)
{
    accept_bytes(label, mm_view_of(document));
}

static void refuse_text(const char *label, const char *document, enum mm_report_fault_reason reason)
{
    MM_CHECK_TRUE(label, parse_bytes(mm_view_of(document), NULL) < 0);
    if (fault.reason != reason)
        print_error("%s: %s\n", label, mm_report_fault_slug(fault.reason));
    MM_CHECK_INT(label, fault.reason, reason);
}

static bool flagged(enum mm_tls_flag flag)
{
    return report.flags >> flag & 1;
}

#define TEXT_IS(label, value, text)                                                                \
    do {                                                                                           \
        MM_CHECK_TRUE(label, (value).data);                                                        \
        MM_CHECK_VIEW(label, value, mm_view_of(text));                                             \
    } while (0)
#define ABSENT(label, value) MM_CHECK_TRUE(label, !(value).data)

static void the_example_of_the_standard_is_read(void **state)
{
    (void)state;
    accept_text(
        "RFC 8460 appendix B",
        POLICY("\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: "
               "testing\","
               "\"mx: *.mail.company-y.example\",\"max_age: "
               "86400\"],\"policy-domain\":\"Company-Y.example.\","
               "\"mx-host\":[\"*.mail.company-y.example\"]}," SUMMARY(
                   "303") ",\"failure-details\":["
                          "{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"2001:db8:"
                          "abcd:0012::1\","
                          "\"receiving-mx-hostname\":\"MX1.mail.company-y.example\",\"failed-"
                          "session-count\":100},"
                          "{\"result-type\":\"starttls-not-supported\",\"sending-mta-ip\":\"192.0."
                          "2.1\",\"receiving-ip\":"
                          "\"203.0.113.56\",\"failed-session-count\":203,\"additional-"
                          "information\":\"https:\\/\\/a.example\","
                          "\"failure-reason-code\":\"X509\",\"receiving-mx-helo\":\"h\"}]"));
    MM_CHECK_INT("no flag", report.flags, 0);
    TEXT_IS("organization", report.organization_name, "Company-X");
    TEXT_IS("contact", report.contact_info, "x@example.org");
    TEXT_IS("id", report.report_id, "5065427c");
    MM_CHECK_INT("start", report.start_us, 1459468800000000);
    MM_CHECK_INT("end", report.end_us, 1459555199000000);
    MM_CHECK_INT("policies", report.policy_count, 1);
    const struct mm_tls_policy *policy = &report.policies[0];
    TEXT_IS("type", policy->policy_type, "sts");
    TEXT_IS("domain", policy->policy_domain, "company-y.example");
    MM_CHECK_INT("strings", policy->policy_strings.count, 4);
    TEXT_IS("version", policy->sts_version, "STSv1");
    TEXT_IS("mode", policy->sts_mode, "testing");
    MM_CHECK_INT("max_age", policy->sts_max_age, 86400);
    MM_CHECK_INT("hosts", policy->mx_hosts.count, 1);
    MM_CHECK_INT("successful", policy->total_successful_session_count, 5326);
    MM_CHECK_INT("failed", policy->total_failure_session_count, 303);
    MM_CHECK_INT("failures", policy->failure_count, 2);
    TEXT_IS("result", policy->failures[0].result_type, "certificate-expired");
    TEXT_IS("address in short", policy->failures[0].sending_mta_ip_text, "2001:db8:abcd:12::1");
    TEXT_IS("host", policy->failures[0].receiving_mx_hostname, "mx1.mail.company-y.example");
    ABSENT("no receiving-ip", policy->failures[0].receiving_ip_text);
    TEXT_IS("receiving-ip", policy->failures[1].receiving_ip_text, "203.0.113.56");
    MM_CHECK_TRUE("receiving-ip", policy->failures[1].receiving_ip.present);
    MM_CHECK_INT("sessions", policy->failures[1].failed_session_count, 203);
    TEXT_IS("information", policy->failures[1].additional_information, "https://a.example");
    TEXT_IS("reason", policy->failures[1].failure_reason_code, "X509");
    TEXT_IS("helo", policy->failures[1].receiving_mx_helo, "h");
}

static void line_36_json_is_strict_and_its_values_are_not(void **state)
{
    (void)state;
    accept_text("a byte order mark", "\xef\xbb\xbf" POLICY(STS "," SUMMARY("0")));
    static const char text[] = POLICY(STS "," SUMMARY("0"));
    char wide[2 * sizeof text + 2] = "\xfe\xff";
    for (size_t i = 0; text[i]; i++)
        wide[3 + 2 * i] = text[i];
    accept_bytes("UTF-16", (struct mm_view){wide, 2 * sizeof text});
    TEXT_IS("UTF-16", report.organization_name, "Company-X");
    accept_text("a byte that is no UTF-8", "{\"report-id\":\"a\xff\"," RANGE "}");
    TEXT_IS("U+FFFD", report.report_id, "a\xef\xbf\xbd");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_RECOVERED) && report.replaced_count == 1);
    accept_text("half a surrogate pair", "{\"report-id\":\"a\\ud83d x\"," RANGE "}");
    TEXT_IS("U+FFFD", report.report_id, "a\xef\xbf\xbd x");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_RECOVERED) && report.replaced_count == 1);
    accept_text("a whole pair", "{\"report-id\":\"\\ud83d\\ude00\"," RANGE "}");
    MM_CHECK_TRUE("no flag", !flagged(MM_TLS_FLAG_RECOVERED) && report.replaced_count == 0);
    accept_text("keys twice",
                "{\"report-id\":\"1\",\"report-id\":\"2\"," RANGE ",\"policies\":[{" STS "},{}],"
                "\"policies\":[{" STS
                ",\"failure-details\":[{},{}],\"failure-details\":[{\"result-type\":\"last\"}]}]}");
    TEXT_IS("the last", report.report_id, "2");
    MM_CHECK_INT("the last", report.policy_count, 1);
    MM_CHECK_INT("the last", report.policies[0].failure_count, 1);
    TEXT_IS("the last", report.policies[0].failures[0].result_type, "last");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_DUPLICATE_KEY));
    accept_text("objects twice",
                POLICY("\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"example.com\","
                       "\"policy-string\":[\"mode: none\"],\"mx-host\":[\"a\"]}," SUMMARY(
                           "9") ",\"policy\":{\"policy-domain\":\"example.net\"},"
                                "\"summary\":{\"total-failure-session-count\":1}"));
    ABSENT("the last", report.policies[0].policy_type);
    TEXT_IS("the last", report.policies[0].policy_domain, "example.net");
    MM_CHECK_INT("the last", report.policies[0].policy_strings.count, 0);
    MM_CHECK_INT("the last", report.policies[0].mx_hosts.count, 0);
    MM_CHECK_INT("the last", report.policies[0].total_successful_session_count, MM_NO_NUMBER);
    MM_CHECK_INT("the last", report.policies[0].total_failure_session_count, 1);
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_DUPLICATE_KEY));
    accept_text("the last is none", POLICY(STS "," SUMMARY("9") ",\"policy\":null,\"summary\":3"));
    ABSENT("the last", report.policies[0].policy_type);
    MM_CHECK_INT("the last", report.policies[0].total_successful_session_count, MM_NO_NUMBER);
    refuse_text("half a range behind a whole one",
                HEAD ",\"date-range\":{\"start-datetime\":\"2016-04-01T00:00:00Z\"}}",
                MM_REPORT_FAULT_TLS_DATES);
    accept_text("numbers as strings", POLICY(STS ",\"summary\":{\"total-successful-session-count\":"
                                                 "\"7\",\"total-failure-session-count\":\" 8 \"}"));
    MM_CHECK_INT("number", report.policies[0].total_successful_session_count, 7);
    MM_CHECK_INT("number", report.policies[0].total_failure_session_count, 8);
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_NUMBER_STRING) && !flagged(MM_TLS_FLAG_BAD_NUMBER));
    static const char *const numbers[] = {
        "-1", "1.5", "1e3", "1000000000001", "\"many\"", "99999999999999999999"};
    for (size_t i = 0; i < MM_COUNT(numbers); i++) {
        char document[2000];
        snprintf(document, sizeof document,
                 POLICY(STS ",\"summary\":{\"total-failure-session-count\":%s}"), numbers[i]);
        accept_text(numbers[i], document);
        MM_CHECK_INT(numbers[i], report.policies[0].total_failure_session_count, MM_NO_NUMBER);
        MM_CHECK_TRUE(numbers[i], flagged(MM_TLS_FLAG_BAD_NUMBER));
    }
    accept_text("5.0 is a number",
                POLICY(STS ",\"summary\":{\"total-failure-session-count\":5.0}"));
    MM_CHECK_INT("5.0", report.policies[0].total_failure_session_count, 5);
    accept_text("nulls",
                "{\"organization-name\":null,\"contact-info\":null,\"report-id\":null," RANGE
                ",\"policies\":[{\"policy\":{"
                "\"policy-type\":\"sts\",\"policy-string\":null,\"mx-host\":null},\"failure-"
                "details\":null},null]}");
    ABSENT("contact", report.contact_info);
    MM_CHECK_TRUE("flags", flagged(MM_TLS_FLAG_ORG_MISSING) && flagged(MM_TLS_FLAG_ID_MISSING) &&
                               flagged(MM_TLS_FLAG_NO_SUMMARY));
    MM_CHECK_INT("one policy", report.policy_count, 1);
    MM_CHECK_INT("no failures", report.policies[0].failure_count, 0);
    MM_CHECK_TRUE("no type is bad", !flagged(MM_TLS_FLAG_BAD_TYPE));
    accept_text("other types",
                "{\"organization-name\":[\"x\"],\"report-id\":17,\"unknown\":{\"a\":[1,{}]}," RANGE
                ",\"policies\":{" STS "}}");
    ABSENT("a list is no name", report.organization_name);
    TEXT_IS("a number is an id", report.report_id, "17");
    MM_CHECK_INT("a policy alone", report.policy_count, 1);
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_BAD_TYPE));
    static const char *const bad[] = {"{\"report-id\":NaN}", "{/* */}", "{\"report-id\":1,}",
                                      "{\"report-id\":'1'}", "{",       "{}x",
                                      "{\"a\" 1}",           "nul"};
    for (size_t i = 0; i < MM_COUNT(bad); i++)
        refuse_text(bad[i], bad[i], MM_REPORT_FAULT_JSON_SYNTAX);
    refuse_text("a comma too many", POLICY(STS ","), MM_REPORT_FAULT_JSON_SYNTAX);
    MM_CHECK_INT("where", fault.offset, strlen(POLICY(STS ",")) - 3);
    MM_CHECK_VIEW("of whom", fault.org_name, MM_VIEW("Company-X"));
    MM_CHECK_VIEW("which", fault.report_id, MM_VIEW("5065427c"));
    refuse_text("nothing", " ", MM_REPORT_FAULT_EMPTY);
    static const char *const others[] = {"{}", "[]", "1", "{\"a\":1}", "[{\"report-id\":1}]"};
    for (size_t i = 0; i < MM_COUNT(others); i++)
        refuse_text(others[i], others[i], MM_REPORT_FAULT_TLS_SHAPE);
}

static void line_37_hosts_and_strings_are_lists_or_one(void **state)
{
    (void)state;
    accept_text("one of each", POLICY("\"policy\":{\"policy-type\":\"STS\",\"policy-string\":"
                                      "\"version: STSv1\\nmode: enforce\\r\\nmax_age: x\","
                                      "\"mx-host\":\"mx.example.com\"}"));
    MM_CHECK_INT("strings", report.policies[0].policy_strings.count, 1);
    TEXT_IS("mode", report.policies[0].sts_mode, "enforce");
    MM_CHECK_INT("max_age", report.policies[0].sts_max_age, MM_NO_NUMBER);
    MM_CHECK_INT("hosts", report.policies[0].mx_hosts.count, 1);
    TEXT_IS("host", report.policies[0].mx_hosts.items[0], "mx.example.com");
    accept_text("the placeholders",
                POLICY("\"policy\":{\"policy-type\":\"tlsa\",\"policy-string\":[\"3 1 1 "
                       "AB\",\"mode: none\"],\"mx-host-pattern\":[\"a\",\"b\",\"\",3]},"
                       "\"failure-details\":[{\"result-type\":\"tlsa-invalid\",\"additional-info-"
                       "uri\":\"u\"}]"));
    MM_CHECK_INT("hosts", report.policies[0].mx_hosts.count, 2);
    TEXT_IS("information", report.policies[0].failures[0].additional_information, "u");
    ABSENT("no mode of a tlsa policy", report.policies[0].sts_mode);
    MM_CHECK_INT("nor an age", report.policies[0].sts_max_age, MM_NO_NUMBER);
    MM_CHECK_TRUE("flags", flagged(MM_TLS_FLAG_PLACEHOLDER_KEY) && flagged(MM_TLS_FLAG_BAD_TYPE));
}

static void line_38_unknown_words_are_kept_and_domains_found(void **state)
{
    (void)state;
    static const char document[] =
        POLICY("\"policy\":{\"policy-type\":\"no-policy-found\"}," SUMMARY(
            "1") ",\"failure-details\":[{\"result-type\":\"New-Word\",\"failed-session-count\":1}"
                 "]");
    struct mm_report_hints hints = {
        .file_name = MM_VIEW("mx.example!Example.COM!1!2.json.gz"),
        .subject = MM_VIEW("Report Domain: example.net Submitter: x Report-ID: <1>")};
    MM_CHECK_INT("the file", parse_bytes(mm_view_of(document), &hints), MM_OK);
    TEXT_IS("domain", report.policies[0].policy_domain, "example.com");
    MM_CHECK_TRUE("flag",
                  flagged(MM_TLS_FLAG_DOMAIN_GUESSED) && !flagged(MM_TLS_FLAG_DOMAIN_MISSING));
    TEXT_IS("result", report.policies[0].failures[0].result_type, "New-Word");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_UNKNOWN_WORD));
    hints.file_name = MM_VIEW("report.json");
    MM_CHECK_INT("the subject", parse_bytes(mm_view_of(document), &hints), MM_OK);
    TEXT_IS("domain", report.policies[0].policy_domain, "example.net");
    hints.subject = MM_VIEW("Hello");
    MM_CHECK_INT("nothing", parse_bytes(mm_view_of(document), &hints), MM_OK);
    ABSENT("domain", report.policies[0].policy_domain);
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_DOMAIN_MISSING));
    accept_text("an unknown type", POLICY("\"policy\":{\"policy-type\":\"invalid-policy-type\","
                                          "\"policy-domain\":\"example.com\"}"));
    TEXT_IS("type", report.policies[0].policy_type, "invalid-policy-type");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_UNKNOWN_WORD));
}

static void words_of_the_standard_are_in_small_letters(void **state)
{
    (void)state;
    accept_text("in capitals",
                POLICY("\"policy\":{\"policy-type\":\"STS\",\"policy-domain\":\"example.com\","
                       "\"policy-string\":[\"version: STSv1\",\"Mode: Enforce\"]}," SUMMARY(
                           "1") ",\"failure-details\":[{\"result-type\":\"Certificate-Expired\","
                                "\"failed-session-count\":1}]"));
    MM_CHECK_INT("no flag", report.flags, 0);
    TEXT_IS("type", report.policies[0].policy_type, "sts");
    TEXT_IS("mode", report.policies[0].sts_mode, "enforce");
    TEXT_IS("result", report.policies[0].failures[0].result_type, "certificate-expired");
    accept_text("a mode that no standard has",
                POLICY("\"policy\":{\"policy-type\":\"sts\",\"policy-string\":\"mode: Off\"}"));
    TEXT_IS("mode", report.policies[0].sts_mode, "Off");
}

static void line_39_both_sums_are_kept(void **state)
{
    (void)state;
    accept_text("two for one",
                POLICY(STS "," SUMMARY(
                    "1") ",\"failure-details\":[{\"result-type\":\"validation-failure\",\"failed-"
                         "session-count\":1},"
                         "{\"result-type\":\"validation-failure\",\"failed-session-count\":1}]"));
    MM_CHECK_INT("the total", report.policies[0].total_failure_session_count, 1);
    MM_CHECK_INT("the parts",
                 report.policies[0].failures[0].failed_session_count +
                     report.policies[0].failures[1].failed_session_count,
                 2);
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_SUM_DIFFERS));
    accept_text("no parts", POLICY(STS "," SUMMARY("1")));
    MM_CHECK_TRUE("no flag", !flagged(MM_TLS_FLAG_SUM_DIFFERS));
    accept_text("an address that is none",
                POLICY(STS ",\"failure-details\":[{\"sending-mta-ip\":\"unknown\"}]"));
    TEXT_IS("kept", report.policies[0].failures[0].sending_mta_ip_text, "unknown");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_IP_INVALID) &&
                              !report.policies[0].failures[0].sending_mta_ip.present);
    accept_text("a NUL behind an address",
                POLICY(STS ",\"failure-details\":[{\"receiving-ip\":\"1.2.3.4\\u0000x\"}]"));
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_IP_INVALID) &&
                              !report.policies[0].failures[0].receiving_ip.present);
}

static void line_40_date_times_have_zones_or_are_utc(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us; /* -1: none */
        bool zone;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, true},
        {"1970-01-02T00:00:00", 86400000000, false},
        {"1970-01-01t00:00:00.5z", 500000, true},
        {"1970-01-01 00:00:01.1234567Z", 1123456, true},
        {"1970-01-01T02:00:00+02:00", 0, true},
        {"1970-01-01T00:00:00-0130", 5400000000, true},
        {" 2024-02-29T23:59:60Z ", 1709251200000000, true},
        {"1969-12-31T23:59:59Z", -1000000, true},
        {"9999-12-31T23:59:59.9Z", 253402300799900000, true},
        {"9999-12-31T23:59:59-14:00", -1, false},
        {"9999-12-31T23:59:60Z", -1, false},
        {"0001-01-01T00:00:00Z", -62135596800000000, true},
        {"0001-01-01T00:00:00+00:01", -1, false},
        {"2023-02-29T00:00:00Z", -1, false},
        {"2023-13-01T00:00:00Z", -1, false},
        {"2023-01-01", -1, false},
        {"2023-01-01T24:00:00Z", -1, false},
        {"2023-01-01T00:00:00.Z", -1, false},
        {"2023-01-01T00:00:00+2", -1, false},
        {"2023-01-01T00:00:00Zx", -1, false},
        {"1700000000", -1, false},
        {"", -1, false},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        int64_t us = -1;
        bool zone = false;
        MM_CHECK_INT(cases[i].text, mm_date_time_parse(g.view, &us, &zone), cases[i].us != -1);
        MM_CHECK_INT(cases[i].text, us, cases[i].us);
        MM_CHECK_INT(cases[i].text, zone, cases[i].zone);
        mm_guard_free(&g);
    }
    accept_text("a week without zones",
                "{\"report-id\":\"1\",\"date-range\":{\"start-datetime\":\"2023-01-01T00:00:00\","
                "\"end-datetime\":\"2023-01-07T23:59:59\"}}");
    MM_CHECK_INT("the end is kept", report.end_us - report.start_us, 604799000000);
    MM_CHECK_TRUE("flags", flagged(MM_TLS_FLAG_DATE_ZONE) && flagged(MM_TLS_FLAG_RANGE_LONG) &&
                               flagged(MM_TLS_FLAG_NO_POLICIES));
    accept_text("reversed", "{\"report-id\":\"1\",\"date-range\":{\"start-datetime\":\"2023-01-"
                            "02T00:00:00Z\",\"end-datetime\":\"2023-01-01T00:00:00Z\"}}");
    MM_CHECK_TRUE("flag", flagged(MM_TLS_FLAG_RANGE_REVERSED));
    refuse_text("no range", "{\"report-id\":\"1\"}", MM_REPORT_FAULT_TLS_DATES);
    refuse_text(
        "no end",
        "{\"report-id\":\"1\",\"date-range\":{\"start-datetime\":\"2023-01-02T00:00:00Z\"}}",
        MM_REPORT_FAULT_TLS_DATES);
    refuse_text("no date",
                "{\"report-id\":\"1\",\"date-range\":{\"start-datetime\":\"today\",\"end-"
                "datetime\":\"2023-01-01T00:00:00Z\"}}",
                MM_REPORT_FAULT_TLS_BAD_DATE);
}

static void line_41_policies_stay_apart_and_duplicates_are_known(void **state)
{
    (void)state;
    accept_text("two of one domain",
                HEAD ",\"policies\":[{" STS "," SUMMARY(
                    "0") ",\"failure-details\":[{\"result-type\":\"a\"}]},{\"policy\":"
                         "{\"policy-type\":\"tlsa\",\"policy-domain\":\"example.com\"}," SUMMARY(
                             "0") ",\"failure-details\":[{\"result-type\":\"b\"}]}]}");
    MM_CHECK_INT("policies", report.policy_count, 2);
    TEXT_IS("each its failures", report.policies[0].failures[0].result_type, "a");
    TEXT_IS("each its failures", report.policies[1].failures[0].result_type, "b");
    accept_text("one", POLICY(STS "," SUMMARY("0")));
    uint64_t key = report.report_key, content = report.content_hash;
    accept_text("the same in another order",
                "{\"policies\" : [ {" SUMMARY(
                    "0") ", " STS "} ],\n" RANGE
                         ",\"report-id\":\"5065427c\",\"contact-info\":\"x@example.org\","
                         "\"organization-name\":\"Comp\\u0061ny-X\"}");
    MM_CHECK_INT("key", report.report_key, key);
    MM_CHECK_INT("content", report.content_hash, content);
    accept_text("other numbers", POLICY(STS "," SUMMARY("1")));
    MM_CHECK_INT("key", report.report_key, key);
    MM_CHECK_TRUE("content", report.content_hash != content);
    accept_text("another id",
                "{\"organization-name\":\"Company-X\",\"report-id\":\"5065427d\"," RANGE "}");
    MM_CHECK_TRUE("key", report.report_key != key);
}

static enum mm_status parse_long(const char *head, const char *piece, size_t times,
                                 const char *tail)
{
    size_t at = strlen(head), size = at + strlen(piece) * times + strlen(tail);
    char *text = malloc(size + 1);
    assert_non_null(text);
    strcpy(text, head);
    for (size_t i = 0; i < times; i++, at += strlen(piece))
        strcpy(text + at, piece);
    strcpy(text + at, tail);
    enum mm_status st = parse_bytes((struct mm_view){text, size}, NULL);
    free(text);
    return st;
}

static void limits_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *head, *piece, *tail;
        size_t most;
    } cases[] = {
        {HEAD ",\"policies\":[{}", ",{}", "]}", MM_TLS_POLICIES_MAX - 1},
        {HEAD ",\"policies\":[{\"policy\":{\"mx-host\":[\"a\"", ",\"a\"", "]}}]}",
         MM_TLS_LIST_MAX - 1},
        {HEAD ",\"policies\":[{\"policy\":{\"policy-string\":[\"a\"", ",\"a\"", "]}}]}",
         MM_TLS_LIST_MAX - 1},
        {HEAD ",\"policies\":[{\"failure-details\":[{}", ",{}", "]}]}", MM_TLS_FAILURES_MAX - 1},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        MM_CHECK_INT(cases[i].piece,
                     parse_long(cases[i].head, cases[i].piece, cases[i].most, cases[i].tail),
                     MM_OK);
        MM_CHECK_INT(cases[i].piece,
                     parse_long(cases[i].head, cases[i].piece, cases[i].most + 1, cases[i].tail),
                     MM_E_LIMIT);
        MM_CHECK_INT(cases[i].piece, fault.reason, MM_REPORT_FAULT_TLS_PARTS);
    }
    static const char *const texts[][2] = {{"{\"organization-name\":\"", "\"," RANGE "}"},
                                           {HEAD ",\"none-of-ours\":[\"", "\"]}"},
                                           {HEAD ",\"", "\":1}"}};
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        MM_CHECK_INT(texts[i][0], parse_long(texts[i][0], "x", MM_TLS_TEXT_MAX_BYTES, texts[i][1]),
                     MM_OK);
        MM_CHECK_INT(texts[i][0],
                     parse_long(texts[i][0], "x", MM_TLS_TEXT_MAX_BYTES + 1, texts[i][1]),
                     MM_E_LIMIT);
        MM_CHECK_INT(texts[i][0], fault.reason, MM_REPORT_FAULT_JSON_TEXT_LENGTH);
    }
    MM_CHECK_INT("deep", parse_long("{\"a\":", "[", 10000, ""), MM_E_LIMIT);
    MM_CHECK_INT("deep", fault.reason, MM_REPORT_FAULT_JSON_DEPTH);
}

static void memory_that_is_refused_is_told(void **state)
{
    (void)state;
    static const char document[] =
        POLICY(STS "," SUMMARY("0") ",\"failure-details\":[{\"result-type\":\"a\\u0062\","
                                    "\"receiving-ip\":\"::FFFF:1.2.3.4\"}]");
    size_t refused = 0;
    for (size_t limit = 0; limit < 6000; limit += 32) {
        struct mm_arena small;
        mm_arena_init(&small, limit);
        enum mm_status st = mm_tls_parse(mm_view_of(document), NULL, &small, &report, &fault);
        MM_CHECK_TRUE("refused or read", st == MM_E_NOMEM || st == MM_OK);
        refused += st == MM_E_NOMEM;
        mm_arena_deinit(&small);
    }
    MM_CHECK_TRUE("some are refused", refused > 0);
}

static int finish(void **state)
{
    (void)state;
    mm_arena_deinit(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(the_example_of_the_standard_is_read),
        MM_TEST(line_36_json_is_strict_and_its_values_are_not),
        MM_TEST(line_37_hosts_and_strings_are_lists_or_one),
        MM_TEST(line_38_unknown_words_are_kept_and_domains_found),
        MM_TEST(words_of_the_standard_are_in_small_letters),
        MM_TEST(line_39_both_sums_are_kept),
        MM_TEST(line_40_date_times_have_zones_or_are_utc),
        MM_TEST(line_41_policies_stay_apart_and_duplicates_are_known),
        MM_TEST(limits_are_named),
        MM_TEST(memory_that_is_refused_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}

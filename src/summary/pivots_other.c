/*
 * pivots_other.c - views of TLS reports, bounces and complaints whose rows are groups.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/pivot_words.h"
#include "summary/questions.h"

/* clang-format off */

/* ---- TLS ---- */

static const struct mm_by_word tls_words[] = {
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_TEXT("policy_type", "policy_type", "policy_type", "policy"),
    MM_BY_TEXT("org", "organization_name", "organization_name", "reporter"),
    MM_BY_TEXT("sts_mode", "sts_mode", "sts_mode", "STS mode"),
    MM_BY_DATES("date", NULL),
    {0},
};

static const struct mm_query tls_query = {
    .schema = MM_REPORT_TABLE(TLS_POLICIES),
    .sums = {{.column = "total_successful_session_count"}, {.column = "total_failure_session_count"}},
    .sum_count = 2,
    .domain = "policy_domain",
    .day = {MM_KEY_DAY, "date", NULL},
};

static const struct mm_pivot_value tls_values[] = {
    {MM_VALUE_COLUMN("successful", "successful", COUNT, 0), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("failed", "failed", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 1, 0},
    {MM_VALUE_COLUMN("failed_percent", "share", SHARE, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE), MM_PIVOT_SHARE_OF_BOTH, 1, 0},
};

const struct mm_pivot mm_pivot_tls = {
    .query = &tls_query, .words = tls_words, .by = "domain,policy_type",
    .values = tls_values, .value_count = MM_COUNT(tls_values), .order = 1,
    .note = "policies of one domain may count the same sessions, which are added up here: --by policy_type tells them apart",
    .unless = "policy_type"};

static const struct mm_by_word tls_failure_words[] = {
    MM_BY_TEXT("mx", "receiving_mx_hostname", "receiving_mx_hostname", "receiving host"),
    MM_BY_TEXT("result", "result_type", "result_type", "result"),
    MM_BY_TEXT("org", "organization_name", "organization_name", "reporter"),
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_TEXT("policy_type", "policy_type", "policy_type", "policy"),
    MM_BY_ADDRESS("source_ip", "sending_mta_ip_text", "sender"),
    MM_BY_DATES("date", NULL),
    {0},
};

static const struct mm_query tls_failure_query = {
    .schema = MM_REPORT_TABLE(TLS_FAILURES),
    .sums = {{.column = "failed_session_count"}, {.op = MM_GROUP_SUM}},
    .sum_count = 2,
    .domain = "policy_domain",
    .day = {MM_KEY_DAY, "date", NULL},
};

static const struct mm_pivot_value tls_failure_values[] = {
    {MM_VALUE_COLUMN("sessions", "sessions", COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("lines", "lines", COUNT, MM_SUMMARY_DETAIL), MM_PIVOT_SUM, 1, 0},
};

const struct mm_pivot mm_pivot_tls_failures = {
    .query = &tls_failure_query, .words = tls_failure_words, .by = "mx,result,org",
    .values = tls_failure_values, .value_count = MM_COUNT(tls_failure_values), .order = 0};

/* ---- bounces ---- */

#define BOUNCE_DAY .domain = "recipient_domain", .day = {MM_KEY_DAY, "arrival_date", "received_at"}

static const struct mm_by_word bounce_words[] = {
    MM_BY_TEXT("provider", "provider", "provider", "provider"),
    MM_BY_TEXT("domain", "recipient_domain", "recipient_domain", "recipients at"),
    MM_BY_TEXT("class", "class", "class", "class"),
    MM_BY_TEXT("reason", "reason", "reason", "reason"),
    MM_BY_TEXT("rule", "rule_id", "rule_id", "rule"),
    MM_BY_TEXT("status", "status", "status", "status"),
    MM_BY_TEXT("list", "list_id", "list_id", "list"),
    {"recipient", {MM_KEY_MAILBOX, "final_recipient", NULL}, MM_KEY_COLUMN("final_recipient", "recipient", TEXT)},
    MM_BY_DATES("arrival_date", "received_at"),
    {0},
};

enum { IS_HARD = 1, IS_SOFT = 2, IS_POLICY = 4, IS_DELAYED = 8, IS_RECEIPT = 16 };
enum { RECIPIENTS, HARD, SOFT, POLICY, DELAYED, RECEIPTS, UNKNOWN };

static const struct mm_query bounce_query = {
    .schema = MM_REPORT_TABLE(BOUNCES),
    .tests = {{MM_TEST_IS, "class", "hard", NULL, 0}, {MM_TEST_IS, "class", "soft", NULL, 0},
              {MM_TEST_IS, "class", "policy", NULL, 0}, {MM_TEST_IS, "class", "delayed", NULL, 0},
              {MM_TEST_IS, "class", "receipt", NULL, 0}},
    .test_count = 5,
    .sums = {[RECIPIENTS] = {.op = MM_GROUP_SUM},
             [HARD] = {.when = {.all = IS_HARD}},
             [SOFT] = {.when = {.all = IS_SOFT}},
             [POLICY] = {.when = {.all = IS_POLICY}},
             [DELAYED] = {.when = {.all = IS_DELAYED}},
             [RECEIPTS] = {.when = {.all = IS_RECEIPT}},
             [UNKNOWN] = {.when = {.none = IS_HARD | IS_SOFT | IS_POLICY | IS_DELAYED | IS_RECEIPT}}},
    .sum_count = 7,
    BOUNCE_DAY,
};

static const struct mm_pivot_value bounce_values[] = {
    {MM_VALUE_COLUMN("recipients", "recipients", COUNT, 0), MM_PIVOT_SUM, RECIPIENTS, 0},
    {MM_VALUE_COLUMN("hard", "hard", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, HARD, 0},
    {MM_VALUE_COLUMN("hard_percent", "share", SHARE, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE), MM_PIVOT_SHARE, HARD, RECIPIENTS},
    {MM_VALUE_COLUMN("soft", "soft", COUNT, 0), MM_PIVOT_SUM, SOFT, 0},
    {MM_VALUE_COLUMN("policy", "policy", COUNT, 0), MM_PIVOT_SUM, POLICY, 0},
    {MM_VALUE_COLUMN("delayed", "delayed", COUNT, MM_SUMMARY_DETAIL), MM_PIVOT_SUM, DELAYED, 0},
    {MM_VALUE_COLUMN("receipts", "receipts", COUNT, MM_SUMMARY_DETAIL), MM_PIVOT_SUM, RECEIPTS, 0},
    {MM_VALUE_COLUMN("unknown", "unknown", COUNT, 0), MM_PIVOT_SUM, UNKNOWN, 0},
};

const struct mm_pivot mm_pivot_bounces = {
    .query = &bounce_query, .words = bounce_words, .by = "provider",
    .values = bounce_values, .value_count = MM_COUNT(bounce_values), .order = RECIPIENTS};

static const struct mm_query reason_query = {
    .schema = MM_REPORT_TABLE(BOUNCES),
    .sums = {{.op = MM_GROUP_SUM}, {.op = MM_GROUP_DAYS}},
    .sum_count = 2,
    BOUNCE_DAY,
};

static const struct mm_pivot_value reason_values[] = {
    {MM_VALUE_COLUMN("recipients", "recipients", COUNT, MM_SUMMARY_BAR), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("share_percent", "share", SHARE, MM_SUMMARY_DETAIL), MM_PIVOT_SHARE_ALL, 0, 0},
};

const struct mm_pivot mm_pivot_bounce_reasons = {
    .query = &reason_query, .words = bounce_words, .by = "class,reason,rule",
    .values = reason_values, .value_count = MM_COUNT(reason_values), .order = 0};

static const struct mm_query suppress_query = {
    .schema = MM_REPORT_TABLE(BOUNCES),
    .tests = {{MM_TEST_IS, "class", "hard", NULL, 0}},
    .test_count = 1,
    .where = {.all = 1},
    .sums = {{.op = MM_GROUP_SUM}, {.op = MM_GROUP_DAYS}},
    .sum_count = 2,
    BOUNCE_DAY,
};

static const struct mm_pivot_value suppress_values[] = {
    {MM_VALUE_COLUMN("hard_bounces", "hard bounces", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("first_day", "first seen", DAY, MM_SUMMARY_DETAIL), MM_PIVOT_FIRST, 1, 0},
    {MM_VALUE_COLUMN("last_day", "last seen", DAY, 0), MM_PIVOT_LAST, 1, 0},
};

const struct mm_pivot mm_pivot_suppress = {
    .query = &suppress_query, .words = bounce_words, .by = "recipient",
    .values = suppress_values, .value_count = MM_COUNT(suppress_values), .order = 0};

/* ---- complaints and failure reports ---- */

static const struct mm_by_word complaint_words[] = {
    {"list", {MM_KEY_TEXT, "sample_list_id", "sample_feedback_id"}, MM_KEY_COLUMN("list", "list", TEXT)},
    MM_BY_TEXT("org", "reporter_domain", "reporter_domain", "reporter"),
    MM_BY_TEXT("domain", "sample_from_domain", "sample_from_domain", "from"),
    MM_BY_TEXT("kind", "kind", "kind", "kind"),
    MM_BY_ADDRESS("source_ip", "source_ip_text", "source"),
    MM_BY_DATES("arrival_date", "received_at"),
    {0},
};

static const struct mm_query complaint_query = {
    .schema = MM_REPORT_TABLE(ARF),
    .tests = {{MM_TEST_IS, "kind", "complaint", NULL, 0}, {MM_TEST_IS, "kind", "not_spam", NULL, 0},
              {MM_TEST_IS, "kind", "auth_failure", NULL, 0}},
    .test_count = 3,
    .sums = {{.column = "incidents", .when = {.all = 1}},
             {.column = "incidents", .when = {.all = 2}},
             {.column = "incidents", .when = {.all = 4}},
             {.column = "incidents", .when = {.none = 7}}},
    .sum_count = 4,
    .domain = "sample_from_domain",
    .day = {MM_KEY_DAY, "arrival_date", "received_at"},
};

static const struct mm_pivot_value complaint_values[] = {
    {MM_VALUE_COLUMN("complaints", "complaints", COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("not_spam", "not spam", COUNT, 0), MM_PIVOT_SUM, 1, 0},
    {MM_VALUE_COLUMN("failure_reports", "failure reports", COUNT, 0), MM_PIVOT_SUM, 2, 0},
    {MM_VALUE_COLUMN("others", "others", COUNT, MM_SUMMARY_DETAIL), MM_PIVOT_SUM, 3, 0},
};

const struct mm_pivot mm_pivot_complaints = {
    .query = &complaint_query, .words = complaint_words, .by = "day,list,org",
    .values = complaint_values, .value_count = MM_COUNT(complaint_values), .order = 0};

/* clang-format on */

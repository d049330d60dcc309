/*
 * pivots_dmarc.c - views of DMARC reports whose rows are groups of records.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/pivot_words.h"
#include "summary/questions.h"

/* clang-format off */

/* ---- records, and their sums by day ---- */

#define RECORD_WORDS                                                                               \
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),                              \
    MM_BY_DATES("date", NULL),                                                                     \
    MM_BY_TEXT("org", "org_name", "org_name", "reporter"),                                         \
    MM_BY_TEXT("disposition", "disposition", "disposition", "disposition"),                        \
    MM_BY_FLAG("dkim", "dkim_aligned", "DKIM aligned"),                                            \
    MM_BY_FLAG("spf", "spf_aligned", "SPF aligned")

static const struct mm_by_word daily_words[] = {RECORD_WORDS, {0}};
static const struct mm_by_word record_words[] = {
    RECORD_WORDS,
    MM_BY_FLAG("result", "dmarc_pass", "passed"),
    MM_BY_ADDRESS("source_ip", "source_ip_text", "source"),
    MM_BY_TEXT("header_from", "header_from", "header_from", "from"),
    MM_BY_TEXT("envelope_from", "envelope_from", "envelope_from", "envelope from"),
    MM_BY_TEXT("policy", "p", "p", "policy"),
    {0},
};

#define SELECTED_BY(domain_column, day_column)                                                     \
    .domain = domain_column, .day = {MM_KEY_DAY, day_column, NULL}

/* Sums, alike in both: messages, passed, failed, DKIM aligned, SPF aligned. */
enum { MESSAGES, PASSED, FAILED, DKIM_ALIGNED, SPF_ALIGNED };
enum { IS_DKIM = 1, IS_SPF = 2, IS_PASS = 1 };

static const struct mm_query daily_query = {
    .schema = MM_REPORT_TABLE(DAILY),
    .tests = {{MM_TEST_TRUE, "dkim_aligned", NULL, NULL, 0}, {MM_TEST_TRUE, "spf_aligned", NULL, NULL, 0}},
    .test_count = 2,
    .sums = {[MESSAGES] = {.column = "message_count"},
             [PASSED] = {.column = "message_count", .when = {.any = IS_DKIM | IS_SPF}},
             [FAILED] = {.column = "message_count", .when = {.none = IS_DKIM | IS_SPF}},
             [DKIM_ALIGNED] = {.column = "message_count", .when = {.all = IS_DKIM}},
             [SPF_ALIGNED] = {.column = "message_count", .when = {.all = IS_SPF}}},
    .sum_count = 5,
    SELECTED_BY("policy_domain", "date"),
};

static const struct mm_query record_query = {
    .schema = MM_REPORT_TABLE(DMARC_RECORDS),
    .tests = {{MM_TEST_TRUE, "dkim_aligned", NULL, NULL, 0}, {MM_TEST_TRUE, "spf_aligned", NULL, NULL, 0}},
    .test_count = 2,
    .sums = {[MESSAGES] = {.column = "count"},
             [PASSED] = {.column = "count", .when = {.any = IS_DKIM | IS_SPF}},
             [FAILED] = {.column = "count", .when = {.none = IS_DKIM | IS_SPF}},
             [DKIM_ALIGNED] = {.column = "count", .when = {.all = IS_DKIM}},
             [SPF_ALIGNED] = {.column = "count", .when = {.all = IS_SPF}}},
    .sum_count = 5,
    SELECTED_BY("policy_domain", "date"),
};

static const struct mm_pivot_value pass_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, MESSAGES, 0},
    {MM_VALUE_COLUMN("pass_percent", "passed", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE, PASSED, MESSAGES},
    {MM_VALUE_COLUMN("failing_messages", "failed", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, FAILED, 0},
    {MM_VALUE_COLUMN("dkim_percent", "DKIM aligned", SHARE, MM_SUMMARY_DETAIL), MM_PIVOT_SHARE, DKIM_ALIGNED, MESSAGES},
    {MM_VALUE_COLUMN("spf_percent", "SPF aligned", SHARE, MM_SUMMARY_DETAIL), MM_PIVOT_SHARE, SPF_ALIGNED, MESSAGES},
};
static const struct mm_pivot_value alignment_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, MESSAGES, 0},
    {MM_VALUE_COLUMN("share_percent", "share", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE_ALL, MESSAGES, 0},
};
static const struct mm_pivot_value disposition_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, MM_SUMMARY_BAR), MM_PIVOT_SUM, MESSAGES, 0},
    {MM_VALUE_COLUMN("failing_messages", "failed", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, FAILED, 0},
};

#define RECORD_PIVOT(name, by_default, value_list)                                                 \
    static const struct mm_pivot name##_daily = {                                                  \
        .query = &daily_query, .words = daily_words, .by = by_default, .values = value_list,       \
        .value_count = MM_COUNT(value_list), .order = MESSAGES};                                   \
    const struct mm_pivot mm_pivot_##name = {                                                      \
        .query = &record_query, .words = record_words, .by = by_default, .values = value_list,     \
        .value_count = MM_COUNT(value_list), .order = MESSAGES, .smaller = &name##_daily}

RECORD_PIVOT(pass_rate, "domain,day", pass_values);
RECORD_PIVOT(alignment, "dkim,spf", alignment_values);
RECORD_PIVOT(disposition, "domain,policy,disposition", disposition_values);

/* ---- selectors ---- */

static const struct mm_by_word selector_words[] = {
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_TEXT("signer", "dkim.domain", "signer", "signed by"),
    MM_BY_TEXT("selector", "dkim.selector", "selector", "selector"),
    MM_BY_TEXT("result", "dkim.result", "result", "result"),
    MM_BY_TEXT("org", "org_name", "org_name", "reporter"),
    MM_BY_TEXT("header_from", "header_from", "header_from", "from"),
    MM_BY_DATES("date", NULL),
    {0},
};

static const struct mm_query selector_query = {
    .schema = MM_REPORT_TABLE(DMARC_RECORDS),
    .unnest = "dkim",
    .tests = {{MM_TEST_IS, "dkim.result", "pass", NULL, 0}},
    .test_count = 1,
    .sums = {{.column = "count"},
             {.column = "count", .when = {.all = IS_PASS}},
             {.op = MM_GROUP_DAYS},
             {.column = "count", .when = {.none = IS_PASS}}},
    .sum_count = 4,
    SELECTED_BY("policy_domain", "date"),
};

static const struct mm_pivot_value selector_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("pass_percent", "passed", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE, 1, 0},
    {MM_VALUE_COLUMN("failing_messages", "failed", COUNT, MM_SUMMARY_TROUBLE | MM_SUMMARY_DETAIL), MM_PIVOT_SUM, 3, 0},
    {MM_VALUE_COLUMN("first_day", "first seen", DAY, MM_SUMMARY_DETAIL), MM_PIVOT_FIRST, 2, 0},
    {MM_VALUE_COLUMN("last_day", "last seen", DAY, 0), MM_PIVOT_LAST, 2, 0},
};

const struct mm_pivot mm_pivot_selectors = {
    .query = &selector_query, .words = selector_words, .by = "domain,signer,selector",
    .values = selector_values, .value_count = MM_COUNT(selector_values), .order = 0};

/* ---- overrides ---- */

static const struct mm_by_word override_words[] = {
    MM_BY_TEXT("org", "org_name", "org_name", "reporter"),
    MM_BY_TEXT("reason", "override_reasons.type", "reason", "reason"),
    MM_BY_TEXT("comment", "override_reasons.comment", "comment", "comment"),
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_TEXT("disposition", "disposition", "disposition", "disposition"),
    MM_BY_ADDRESS("source_ip", "source_ip_text", "source"),
    MM_BY_DATES("date", NULL),
    {0},
};

static const struct mm_query override_query = {
    .schema = MM_REPORT_TABLE(DMARC_RECORDS),
    .unnest = "override_reasons",
    .sums = {{.column = "count"}, {.op = MM_GROUP_SUM}},
    .sum_count = 2,
    SELECTED_BY("policy_domain", "date"),
};

static const struct mm_pivot_value override_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, MM_SUMMARY_BAR), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("records", "records", COUNT, 0), MM_PIVOT_SUM, 1, 0},
};

const struct mm_pivot mm_pivot_overrides = {
    .query = &override_query, .words = override_words, .by = "org,reason",
    .values = override_values, .value_count = MM_COUNT(override_values), .order = 0};

/* ---- subdomains ---- */

static const struct mm_by_word subdomain_words[] = {
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_TEXT("header_from", "header_from", "header_from", "from"),
    {"policy", {MM_KEY_TEXT, "sp", "p"}, MM_KEY_COLUMN("policy", "policy", TEXT)},
    MM_BY_TEXT("org", "org_name", "org_name", "reporter"),
    MM_BY_ADDRESS("source_ip", "source_ip_text", "source"),
    MM_BY_DATES("date", NULL),
    {0},
};

static const struct mm_query subdomain_query = {
    .schema = MM_REPORT_TABLE(DMARC_RECORDS),
    .tests = {{MM_TEST_DIFFER, "header_from", NULL, "policy_domain", 0},
              {MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0}},
    .test_count = 2,
    .where = {.all = 1},
    .sums = {{.column = "count"},
             {.column = "count", .when = {.all = 2}},
             {.column = "count", .when = {.none = 2}}},
    .sum_count = 3,
    SELECTED_BY("policy_domain", "date"),
};

static const struct mm_pivot_value subdomain_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("pass_percent", "passed", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE, 1, 0},
    {MM_VALUE_COLUMN("failing_messages", "failed", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 2, 0},
};

const struct mm_pivot mm_pivot_subdomains = {
    .query = &subdomain_query, .words = subdomain_words, .by = "domain,header_from,policy",
    .values = subdomain_values, .value_count = MM_COUNT(subdomain_values), .order = 0};

/* ---- policies over time ---- */

static const struct mm_by_word policy_words[] = {
    MM_BY_TEXT("domain", "policy_domain", "policy_domain", "domain"),
    MM_BY_DATES("begin_time", NULL),
    MM_BY_TEXT("policy", "p", "p", "p"),
    MM_BY_TEXT("sp", "sp", "sp", "sp"),
    MM_BY_TEXT("np", "np", "np", "np"),
    MM_BY_TEXT("adkim", "adkim", "adkim", "adkim"),
    MM_BY_TEXT("aspf", "aspf", "aspf", "aspf"),
    MM_BY_NUMBER("pct", "pct", "pct"),
    MM_BY_FLAG("testing", "testing", "testing"),
    MM_BY_TEXT("org", "org_name", "org_name", "reporter"),
    {0},
};

static const struct mm_query policy_query = {
    .schema = MM_REPORT_TABLE(DMARC_REPORTS),
    .sums = {{.op = MM_GROUP_SUM}, {.column = "message_count"}},
    .sum_count = 2,
    SELECTED_BY("policy_domain", "begin_time"),
};

static const struct mm_pivot_value policy_values[] = {
    {MM_VALUE_COLUMN("reports", "reports", COUNT, 0), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, 1, 0},
};

const struct mm_pivot mm_pivot_policy_history = {
    .query = &policy_query, .words = policy_words, .by = "domain,day,policy,sp,np,adkim,aspf,pct,testing",
    .values = policy_values, .value_count = MM_COUNT(policy_values), .order = 0};

/* clang-format on */

/*
 * pivots_verify.c - views of verdicts whose rows are groups of messages or signatures.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/verify_tables.h"
#include "summary/pivot_words.h"
#include "summary/questions.h"

/* clang-format off */

/* ---- messages ---- */

static const struct mm_by_word message_words[] = {
    MM_BY_TEXT("domain", "from_domain", "from_domain", "domain"),
    MM_BY_TEXT("result", "result", "result", "result"),
    MM_BY_TEXT("rejected", "rejected", "rejected", "rejected"),
    MM_BY_TEXT("eol", "eol", "eol", "line ends"),
    {0},
};

enum { IS_PASS = 1, IS_NONE = 2, IS_NEUTRAL = 4, IS_REJECTED = 8 };
enum { MESSAGES, PASSED, FAILED, UNSIGNED, NEUTRAL, REJECTED };

static const struct mm_query message_query = {
    .schema = &mm_verify_tables[MM_TABLE_MESSAGES],
    .tests = {{MM_TEST_IS, "result", "pass", NULL, 0}, {MM_TEST_IS, "result", "none", NULL, 0},
              {MM_TEST_IS, "result", "neutral", NULL, 0}, {MM_TEST_THERE, "rejected", NULL, NULL, 0}},
    .test_count = 4,
    .sums = {[MESSAGES] = {.op = MM_GROUP_SUM},
             [PASSED] = {.when = {.all = IS_PASS}},
             [FAILED] = {.when = {.none = IS_PASS | IS_NONE | IS_NEUTRAL | IS_REJECTED}},
             [UNSIGNED] = {.when = {.all = IS_NONE}},
             [NEUTRAL] = {.when = {.all = IS_NEUTRAL}},
             [REJECTED] = {.when = {.all = IS_REJECTED}}},
    .sum_count = 6,
    .domain = "from_domain",
};

static const struct mm_pivot_value message_values[] = {
    {MM_VALUE_COLUMN("messages", "messages", COUNT, 0), MM_PIVOT_SUM, MESSAGES, 0},
    {MM_VALUE_COLUMN("passed", "passed", COUNT, 0), MM_PIVOT_SUM, PASSED, 0},
    {MM_VALUE_COLUMN("pass_percent", "share", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE, PASSED, MESSAGES},
    {MM_VALUE_COLUMN("failed", "failed", COUNT, MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, FAILED, 0},
    {MM_VALUE_COLUMN("not_signed", "not signed", COUNT, 0), MM_PIVOT_SUM, UNSIGNED, 0},
    {MM_VALUE_COLUMN("neutral", "neutral", COUNT, MM_SUMMARY_DETAIL), MM_PIVOT_SUM, NEUTRAL, 0},
    {MM_VALUE_COLUMN("rejected", "rejected", COUNT, MM_SUMMARY_TROUBLE | MM_SUMMARY_DETAIL), MM_PIVOT_SUM, REJECTED, 0},
};

const struct mm_pivot mm_pivot_results = {
    .query = &message_query, .words = message_words, .by = "domain",
    .values = message_values, .value_count = MM_COUNT(message_values), .order = MESSAGES};

/* ---- signatures ---- */

static const struct mm_by_word signature_words[] = {
    MM_BY_TEXT("domain", "from_domain", "from_domain", "from"),
    MM_BY_TEXT("signer", "domain", "domain", "signed by"),
    MM_BY_TEXT("selector", "selector", "selector", "selector"),
    MM_BY_TEXT("result", "result", "result", "result"),
    MM_BY_TEXT("reason", "reason", "reason", "reason"),
    MM_BY_TEXT("algorithm", "algorithm", "algorithm", "algorithm"),
    MM_BY_TEXT("canon", "canon", "canon", "canonical form"),
    MM_BY_NUMBER("key_bits", "key_bits", "key bits"),
    MM_BY_DATES("signed_at", NULL),
    {0},
};

#define SIGNATURES                                                                                 \
    .schema = &mm_verify_tables[MM_TABLE_SIGNATURES], .domain = "from_domain",                     \
    .day = {MM_KEY_DAY, "signed_at", NULL}

static const struct mm_query signature_query = {
    SIGNATURES,
    .tests = {{MM_TEST_IS, "result", "pass", NULL, 0}},
    .test_count = 1,
    .sums = {{.op = MM_GROUP_SUM}, {.when = {.all = 1}}, {.op = MM_GROUP_DAYS}},
    .sum_count = 3,
};

static const struct mm_pivot_value signature_values[] = {
    {MM_VALUE_COLUMN("signatures", "signatures", COUNT, 0), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("pass_percent", "passed", SHARE, MM_SUMMARY_BAR), MM_PIVOT_SHARE, 1, 0},
    {MM_VALUE_COLUMN("first_day", "first signed", DAY, MM_SUMMARY_DETAIL), MM_PIVOT_FIRST, 2, 0},
    {MM_VALUE_COLUMN("last_day", "last signed", DAY, MM_SUMMARY_DETAIL), MM_PIVOT_LAST, 2, 0},
};

const struct mm_pivot mm_pivot_signers = {
    .query = &signature_query, .words = signature_words, .by = "signer,selector,algorithm,key_bits",
    .values = signature_values, .value_count = MM_COUNT(signature_values), .order = 0};

static const struct mm_query reason_query = {
    SIGNATURES,
    .tests = {{MM_TEST_IS, "result", "pass", NULL, 0}},
    .test_count = 1,
    .where = {.none = 1},
    .sums = {{.op = MM_GROUP_SUM}},
    .sum_count = 1,
};

static const struct mm_pivot_value reason_values[] = {
    {MM_VALUE_COLUMN("signatures", "signatures", COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE), MM_PIVOT_SUM, 0, 0},
    {MM_VALUE_COLUMN("share_percent", "share", SHARE, MM_SUMMARY_DETAIL), MM_PIVOT_SHARE_ALL, 0, 0},
};

const struct mm_pivot mm_pivot_reasons = {
    .query = &reason_query, .words = signature_words, .by = "signer,result,reason",
    .values = reason_values, .value_count = MM_COUNT(reason_values), .order = 0};

/* clang-format on */

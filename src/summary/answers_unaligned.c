/*
 * answers_unaligned.c - sources that pass SPF or DKIM and lack only alignment: likely yours.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/pivot_words.h"
#include "summary/questions.h"

/* clang-format off */

enum { IS_PASS = 1, HAS_DKIM = 2, HAS_SPF = 4, ELEMENT_PASSES = 8 };
#define UNALIGNED(list)                                                                            \
    .schema = MM_REPORT_TABLE(DMARC_RECORDS), .domain = "policy_domain",                           \
    .day = {MM_KEY_DAY, "date", NULL},                                                             \
    .tests = {{MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0},                                         \
              {MM_TEST_HAS, "dkim.result", "pass", NULL, 0},                                       \
              {MM_TEST_HAS, "spf.result", "pass", NULL, 0},                                        \
              {MM_TEST_IS, list, "pass", NULL, 0}}
#define BY_SOURCE_AND(kind, column)                                                                \
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_TEXT, "source_ip_text", NULL},          \
             {kind, column, NULL}}
#define WHERE_UNALIGNED {.none = IS_PASS, .any = HAS_DKIM | HAS_SPF}

enum { MESSAGES, SEEN, FROM, SOURCE_SUMS };
static const struct mm_query source_query = {
    UNALIGNED(NULL), .test_count = 3, BY_SOURCE_AND(0, NULL), .key_count = 2,
    .where = WHERE_UNALIGNED,
    .sums = {[MESSAGES] = {.column = "count"},
             [SEEN] = {.op = MM_GROUP_DAYS},
             [FROM] = {.op = MM_GROUP_WORD, .column = "header_from", .as = MM_KEY_TEXT}},
    .sum_count = SOURCE_SUMS,
};
static const struct mm_query org_query = {
    UNALIGNED(NULL), .test_count = 3, BY_SOURCE_AND(MM_KEY_TEXT, "org_name"), .key_count = 3,
    .where = WHERE_UNALIGNED,
};
static const struct mm_query day_query = {
    UNALIGNED(NULL), .test_count = 3, BY_SOURCE_AND(MM_KEY_DAY, "date"), .key_count = 3,
    .where = WHERE_UNALIGNED,
};
static const struct mm_query dkim_query = {
    UNALIGNED("dkim.result"), .test_count = 4, BY_SOURCE_AND(0, NULL), .key_count = 2,
    .unnest = "dkim",
    .where = {.none = IS_PASS, .all = ELEMENT_PASSES},
    .sums = {{.op = MM_GROUP_WORD, .column = "dkim.domain", .as = MM_KEY_TEXT}},
    .sum_count = 1,
};
static const struct mm_query spf_query = {
    UNALIGNED("spf.result"), .test_count = 4, BY_SOURCE_AND(0, NULL), .key_count = 2,
    .unnest = "spf",
    .where = {.none = IS_PASS, .all = ELEMENT_PASSES},
    .sums = {{.op = MM_GROUP_WORD, .column = "spf.domain", .as = MM_KEY_TEXT}},
    .sum_count = 1,
};

/* clang-format on */

static const struct mm_summary_column columns[] = {
    MM_KEY_COLUMN("policy_domain", "domain", TEXT),
    MM_KEY_COLUMN("source_ip_text", "source", ADDRESS),
    MM_VALUE_COLUMN("messages", "messages", COUNT, MM_SUMMARY_BAR),
    MM_VALUE_COLUMN("reporters", "reporters", COUNT, 0),
    MM_VALUE_COLUMN("days", "days", COUNT, 0),
    MM_VALUE_COLUMN("steady", "steady", FLAG, 0),
    MM_VALUE_COLUMN("dkim_domain", "DKIM passes for", TEXT, 0),
    MM_VALUE_COLUMN("spf_domain", "SPF passes for", TEXT, 0),
    MM_VALUE_COLUMN("header_from", "from", TEXT, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("first_day", "first seen", DAY, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("last_day", "last seen", DAY, MM_SUMMARY_DETAIL),
};

void mm_unaligned_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &source_query, NULL, 0);
    mm_ask(inquiry, asked, &org_query, NULL, 0);
    mm_ask(inquiry, asked, &day_query, NULL, 0);
    mm_ask(inquiry, asked, &dkim_query, NULL, 0);
    mm_ask(inquiry, asked, &spf_query, NULL, 0);
}

/* The only value of a source's group; 0 where it has none. */
static int64_t value_of(const struct mm_group_table *groups, const uint32_t *key)
{
    uint32_t group = mm_group_find(groups, key);
    return group == MM_GROUP_NONE ? 0 : mm_group_values(groups, group)[0];
}

static struct mm_summary_cell cell_of_one(const struct mm_inquiry *inquiry, int64_t word)
{
    return mm_cell_of_word(inquiry, MM_KEY_TEXT,
                           word == MM_GROUP_SEVERAL ? MM_WORD_NONE : (uint32_t)word);
}

/* orgs, days: by source, how many */
static bool make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                 const struct mm_group_table *orgs, const struct mm_group_table *days,
                 struct mm_summary_table *table)
{
    const struct mm_group_table *sources = mm_answer(asked, 0);
    struct mm_summary_maker m;
    size_t count;
    uint32_t *first = mm_rank_asked(inquiry, asked, sources, source_query.keys, MESSAGES, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, columns, MM_COUNT(columns),
                          count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t *key = mm_group_key(sources, first[i]);
        const int64_t *sums = mm_group_values(sources, first[i]);
        int64_t org_count = value_of(orgs, key), day_count = value_of(days, key);
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, key[0]);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, key[1]);
        *row++ = mm_summary_number(sums[MESSAGES]);
        *row++ = mm_summary_number(org_count);
        *row++ = mm_summary_number(day_count);
        *row++ = mm_summary_number(org_count >= 2 && day_count >= 2);
        *row++ = cell_of_one(inquiry, value_of(mm_answer(asked, 3), key));
        *row++ = cell_of_one(inquiry, value_of(mm_answer(asked, 4), key));
        *row++ = cell_of_one(inquiry, sums[FROM]);
        *row++ = mm_cell_of_days(sums[SEEN], false);
        *row++ = mm_cell_of_days(sums[SEEN], true);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "steady: seen by two reporters or more and on two days or more; a domain "
                          "is empty where there are several or none");
    return mm_summary_maker_end(&m, sources->count, table);
}

bool mm_unaligned_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                       struct mm_summary_table *table)
{
    static const uint8_t source_words[] = {0, 1}, count_ops[] = {MM_GROUP_SUM};
    struct mm_group_table orgs, days;
    mm_group_table_init(&orgs, 2, count_ops, 1, &inquiry->left_bytes);
    mm_group_table_init(&days, 2, count_ops, 1, &inquiry->left_bytes);
    bool good = mm_group_fold(&orgs, mm_answer(asked, 1), source_words, 0) &&
                mm_group_fold(&days, mm_answer(asked, 2), source_words, 0) &&
                make(inquiry, asked, &orgs, &days, table);
    mm_group_table_deinit(&orgs);
    mm_group_table_deinit(&days);
    return good;
}

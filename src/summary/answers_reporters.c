/*
 * answers_reporters.c - who reports, where nobody does, and senders that only lack alignment.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/pivot_words.h"
#include "summary/questions.h"
#include "summary/rank.h"

/* ---- reporters ---- */

/* clang-format off */

enum { REPORTS, MESSAGES, UNUSUAL, OVER_A_DAY, SEEN, ORG_SUMS };
enum { HAS_FLAGS = 1, IS_LONG = 2, DAY_AND_AN_HOUR = 90000 };
static const struct mm_query reporter_query = {
    .schema = MM_REPORT_TABLE(DMARC_REPORTS),
    .keys = {{MM_KEY_TEXT, "org_name", NULL}, {MM_KEY_DAY, "begin_time", NULL}},
    .key_count = 2,
    .tests = {{MM_TEST_FILLED, "flags", NULL, NULL, 0},
              {MM_TEST_TRUE, "span_seconds", NULL, NULL, DAY_AND_AN_HOUR}},
    .test_count = 2,
    .sums = {[REPORTS] = {.op = MM_GROUP_SUM},
             [MESSAGES] = {.column = "message_count"},
             [UNUSUAL] = {.when = {.all = HAS_FLAGS}},
             [OVER_A_DAY] = {.when = {.all = IS_LONG}},
             [SEEN] = {.op = MM_GROUP_DAYS}},
    .sum_count = ORG_SUMS,
    .domain = "policy_domain",
    .day = {MM_KEY_DAY, "begin_time", NULL},
};
static const uint8_t org_ops[] = {MM_GROUP_SUM, MM_GROUP_SUM, MM_GROUP_SUM, MM_GROUP_SUM,
                                  MM_GROUP_DAYS, MM_GROUP_SUM};

/* clang-format on */

static const struct mm_summary_column reporter_columns[] = {
    MM_KEY_COLUMN("org_name", "reporter", TEXT),
    MM_VALUE_COLUMN("reports", "reports", COUNT, 0),
    MM_VALUE_COLUMN("messages", "messages", COUNT, 0),
    MM_VALUE_COLUMN("share_percent", "share", SHARE, MM_SUMMARY_BAR),
    MM_VALUE_COLUMN("days", "days", COUNT, 0),
    MM_VALUE_COLUMN("days_spanned", "of days", COUNT, 0),
    MM_VALUE_COLUMN("unusual", "unusual", COUNT, MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("over_a_day", "over a day", COUNT, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("last_day", "last seen", DAY, 0),
};

void mm_reporters_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &reporter_query, NULL, 0);
}

static bool make_reporters(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                           const struct mm_group_table *orgs, struct mm_summary_table *table)
{
    enum { DAYS = ORG_SUMS };
    struct mm_summary_maker m;
    size_t count;
    int64_t all = mm_group_sum(orgs, MESSAGES);
    uint32_t *first = mm_rank_asked(inquiry, asked, orgs, reporter_query.keys, MESSAGES, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, reporter_columns,
                          MM_COUNT(reporter_columns), count);
    for (size_t i = 0; i < count; i++) {
        const int64_t *sums = mm_group_values(orgs, first[i]);
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, mm_group_key(orgs, first[i])[0]);
        *row++ = mm_summary_number(sums[REPORTS]);
        *row++ = mm_summary_number(sums[MESSAGES]);
        *row++ = mm_summary_share(sums[MESSAGES], all);
        *row++ = mm_summary_number(sums[DAYS]);
        *row++ =
            mm_summary_number((int64_t)mm_days_last(sums[SEEN]) - mm_days_first(sums[SEEN]) + 1);
        *row++ = mm_summary_number(sums[UNUSUAL]);
        *row++ = mm_summary_number(sums[OVER_A_DAY]);
        *row++ = mm_cell_of_days(sums[SEEN], true);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_NOTE, MM_SUMMARY_NO_ROW,
                          "days: on which a report of theirs begins, of those from their first to "
                          "their last; unusual: reports with flags");
    return mm_summary_maker_end(&m, orgs->count, table);
}

bool mm_reporters_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                       struct mm_summary_table *table)
{
    static const uint8_t org_only[] = {0};
    struct mm_group_table orgs;
    mm_group_table_init(&orgs, 1, org_ops, MM_COUNT(org_ops), &inquiry->left_bytes);
    bool good = mm_group_fold(&orgs, mm_answer(asked, 0), org_only, ORG_SUMS) &&
                make_reporters(inquiry, asked, &orgs, table);
    mm_group_table_deinit(&orgs);
    return good;
}

/* ---- days without a report ---- */

/* clang-format off */

static const struct mm_query day_query = {
    .schema = MM_REPORT_TABLE(DAILY),
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_DAY, "date", NULL}},
    .key_count = 2,
    .sums = {{.op = MM_GROUP_DAYS}},
    .sum_count = 1,
    .domain = "policy_domain",
    .day = {MM_KEY_DAY, "date", NULL},
};

static const struct mm_key gap_keys[] = {{MM_KEY_TEXT, NULL, NULL}, {MM_KEY_DAY, NULL, NULL}, {MM_KEY_DAY, NULL, NULL}};
static const uint8_t gap_ops[] = {MM_GROUP_SUM};

/* clang-format on */

static const struct mm_summary_column gap_columns[] = {
    MM_KEY_COLUMN("policy_domain", "domain", TEXT),
    MM_KEY_COLUMN("from_day", "from", DAY),
    MM_KEY_COLUMN("to_day", "to", DAY),
    MM_VALUE_COLUMN("days", "days", COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE),
};

void mm_gaps_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &day_query, NULL, 0);
}

static bool add_gap(struct mm_group_table *gaps, uint32_t domain, int64_t before, int64_t behind)
{
    const uint32_t key[] = {domain, (uint32_t)(before + 1), (uint32_t)(behind - 1)};
    if (behind - before < 2)
        return true;
    uint32_t gap = mm_group_of(gaps, key);
    if (gap == MM_GROUP_NONE)
        return false;
    mm_group_add(gaps, gap, 0, behind - before - 1);
    return true;
}

/* Days of each domain in their order, and behind its last one the day after all. */
static bool find_gaps(struct mm_inquiry *inquiry, const struct mm_group_table *days,
                      struct mm_group_table *gaps)
{
    struct mm_asked every = {.row_max = SIZE_MAX};
    size_t count;
    uint32_t *order = mm_rank_asked(inquiry, &every, days, day_query.keys, MM_RANK_BY_KEY, &count);
    int32_t last = INT32_MIN;
    if (!order)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((int32_t)mm_group_key(days, i)[1] > last)
            last = (int32_t)mm_group_key(days, i)[1];
    for (size_t i = 0; i < count; i++) {
        const uint32_t *key = mm_group_key(days, order[i]);
        const uint32_t *next = i + 1 < count ? mm_group_key(days, order[i + 1]) : NULL;
        int64_t behind = next && next[0] == key[0] ? (int32_t)next[1] : INT64_C(1) + last;
        if (!add_gap(gaps, key[0], (int32_t)key[1], behind))
            return false;
    }
    return true;
}

static bool make_gaps(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                      const struct mm_group_table *gaps, struct mm_summary_table *table)
{
    struct mm_summary_maker m;
    size_t count;
    uint32_t *first = mm_rank_asked(inquiry, asked, gaps, gap_keys, 0, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, gap_columns,
                          MM_COUNT(gap_columns), count);
    for (size_t i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        for (size_t k = 0; k < MM_COUNT(gap_keys); k++)
            *row++ = mm_cell_of_word(inquiry, gap_keys[k].kind, mm_group_key(gaps, first[i])[k]);
        *row = mm_summary_number(mm_group_values(gaps, first[i])[0]);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "a gap: days from a domain's first report on, up to the last day of all "
                          "domains, on which no report of it begins");
    return mm_summary_maker_end(&m, gaps->count, table);
}

bool mm_gaps_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                  struct mm_summary_table *table)
{
    struct mm_group_table gaps;
    mm_group_table_init(&gaps, MM_COUNT(gap_keys), gap_ops, MM_COUNT(gap_ops),
                        &inquiry->left_bytes);
    bool good =
        find_gaps(inquiry, mm_answer(asked, 0), &gaps) && make_gaps(inquiry, asked, &gaps, table);
    mm_group_table_deinit(&gaps);
    return good;
}

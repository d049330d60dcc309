/*
 * answers_sources.c - which hosts fail, whose they are, and what p=reject would do to them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A source is taken to be the domain's own where the same address, or one in its /24 or /48, has a
 * DMARC pass for that domain among the rows that were read. That is a rule, not knowledge, and is
 * told beside every number that rests on it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "summary/pivot_words.h"
#include "summary/questions.h"
#include "summary/rank.h"
#include "summary/shorten.h"

#define RULE_YOURS                                                                                 \
    "yours: the same address, or one in its /24 (IPv4) or /48 (IPv6), has a DMARC pass for that "  \
    "domain among the rows that were read"

/* clang-format off */

enum { IS_PASS = 1, HAS_DKIM = 2, HAS_SPF = 4 };
#define RECORD_TESTS                                                                               \
    .tests = {{MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0},                                         \
              {MM_TEST_HAS, "dkim.result", "pass", NULL, 0},                                       \
              {MM_TEST_HAS, "spf.result", "pass", NULL, 0}},                                       \
    .test_count = 3
#define RECORDS                                                                                    \
    .schema = MM_REPORT_TABLE(DMARC_RECORDS), .domain = "policy_domain",                           \
    .day = {MM_KEY_DAY, "date", NULL}
#define BY_SOURCE                                                                                  \
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_TEXT, "source_ip_text", NULL}},         \
    .key_count = 2

/* Failing sources. */
enum { MESSAGES, UNALIGNED, DAYS, FROM, NET };
static const struct mm_query failing_query = {
    RECORDS, BY_SOURCE, RECORD_TESTS,
    .where = {.none = IS_PASS},
    .sums = {[MESSAGES] = {.column = "count"},
             [UNALIGNED] = {.column = "count", .when = {.any = HAS_DKIM | HAS_SPF}},
             [DAYS] = {.op = MM_GROUP_DAYS},
             [FROM] = {.op = MM_GROUP_WORD, .column = "header_from", .as = MM_KEY_TEXT},
             [NET] = {.op = MM_GROUP_WORD, .column = "source_ip", .as = MM_KEY_NET}},
    .sum_count = 5,
};

/* Where passes come from. */
static const struct mm_query net_query = {
    RECORDS, .tests = {{MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0}}, .test_count = 1,
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_NET, "source_ip", NULL}},
    .key_count = 2,
    .where = {.all = IS_PASS},
    .sums = {{.column = "count"}},
    .sum_count = 1,
};

/* clang-format on */

/* nets: the answer to net_query */
static bool is_yours(const struct mm_group_table *nets, uint32_t domain, int64_t net)
{
    uint32_t key[2] = {domain, (uint32_t)net};
    return net != MM_WORD_NONE && net != MM_GROUP_SEVERAL &&
           mm_group_find(nets, key) != MM_GROUP_NONE;
}

static struct mm_summary_cell cell_of_from(const struct mm_inquiry *inquiry, int64_t word)
{
    return word == MM_GROUP_SEVERAL ? (struct mm_summary_cell){.null = true}
                                    : mm_cell_of_word(inquiry, MM_KEY_TEXT, (uint32_t)word);
}

/* ---- top failing sources ---- */

static const struct mm_summary_column source_columns[] = {
    MM_KEY_COLUMN("policy_domain", "domain", TEXT),
    MM_KEY_COLUMN("source_ip_text", "source", ADDRESS),
    MM_VALUE_COLUMN("messages", "failed", COUNT, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("yours", "yours", FLAG, 0),
    MM_VALUE_COLUMN("unaligned_messages", "unaligned", COUNT, 0),
    MM_VALUE_COLUMN("header_from", "from", TEXT, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("first_day", "first seen", DAY, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("last_day", "last seen", DAY, 0),
};

void mm_sources_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &failing_query, NULL, 0);
    mm_ask(inquiry, asked, &net_query, NULL, 0);
}

bool mm_sources_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                     struct mm_summary_table *table)
{
    const struct mm_group_table *groups = mm_answer(asked, 0), *nets = mm_answer(asked, 1);
    struct mm_summary_maker m;
    size_t count;
    uint32_t *first = mm_rank_asked(inquiry, asked, groups, failing_query.keys, MESSAGES, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, source_columns,
                          MM_COUNT(source_columns), count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t *key = mm_group_key(groups, first[i]);
        const int64_t *sums = mm_group_values(groups, first[i]);
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, key[0]);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, key[1]);
        *row++ = mm_summary_number(sums[MESSAGES]);
        *row++ = mm_summary_number(is_yours(nets, key[0], sums[NET]));
        *row++ = mm_summary_number(sums[UNALIGNED]);
        *row++ = cell_of_from(inquiry, sums[FROM]);
        *row++ = mm_cell_of_days(sums[DAYS], false);
        *row++ = mm_cell_of_days(sums[DAYS], true);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW, "%s", RULE_YOURS);
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "unaligned: of the failed messages, those with an SPF or DKIM pass for "
                          "some other domain; from is empty where a source uses several");
    return mm_summary_maker_end(&m, groups->count, table);
}

/* ---- policies, and what p=reject would have hit ---- */

/* clang-format off */

enum { ALL_MESSAGES, FAILING, BY_NONE, BY_QUARANTINE, BY_REJECT };
enum { DID_NONE = 2, DID_QUARANTINE = 4, DID_REJECT = 8 };
static const struct mm_query domain_query = {
    RECORDS,
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}},
    .key_count = 1,
    .tests = {{MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0},
              {MM_TEST_IS, "disposition", "none", NULL, 0},
              {MM_TEST_IS, "disposition", "quarantine", NULL, 0},
              {MM_TEST_IS, "disposition", "reject", NULL, 0}},
    .test_count = 4,
    .sums = {[ALL_MESSAGES] = {.column = "count"},
             [FAILING] = {.column = "count", .when = {.none = IS_PASS}},
             [BY_NONE] = {.column = "count", .when = {.all = DID_NONE, .none = IS_PASS}},
             [BY_QUARANTINE] = {.column = "count", .when = {.all = DID_QUARANTINE, .none = IS_PASS}},
             [BY_REJECT] = {.column = "count", .when = {.all = DID_REJECT, .none = IS_PASS}}},
    .sum_count = 5,
};

static const struct mm_query published_query = {
    RECORDS,
    .keys = {{MM_KEY_TEXT, "policy_domain", NULL}, {MM_KEY_TEXT, "p", NULL}},
    .key_count = 2,
    .sums = {{.op = MM_GROUP_DAYS}},
    .sum_count = 1,
};

/* clang-format on */

static const struct mm_summary_column policy_columns[] = {
    MM_KEY_COLUMN("policy_domain", "domain", TEXT),
    MM_VALUE_COLUMN("p", "policy", TEXT, 0),
    MM_VALUE_COLUMN("messages", "messages", COUNT, 0),
    MM_VALUE_COLUMN("failing_messages", "failed", COUNT, MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("failing_percent", "share", SHARE, MM_SUMMARY_BAR | MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("failing_sources", "sources", COUNT, 0),
    MM_VALUE_COLUMN("your_sources", "yours", COUNT, MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("your_messages", "of yours", COUNT, MM_SUMMARY_TROUBLE),
    MM_VALUE_COLUMN("delivered", "let in", COUNT, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("quarantined", "quarantined", COUNT, MM_SUMMARY_DETAIL),
    MM_VALUE_COLUMN("rejected", "rejected", COUNT, MM_SUMMARY_DETAIL),
};

void mm_policy_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &failing_query, NULL, 0);
    mm_ask(inquiry, asked, &net_query, NULL, 0);
    mm_ask(inquiry, asked, &domain_query, NULL, 0);
    mm_ask(inquiry, asked, &published_query, NULL, 0);
}

/* Of each domain: failing sources, those that are yours, and the messages of these; the group of
 * published_query that has its policy, counted from 1. */
enum { SOURCES, YOURS, OF_YOURS, PUBLISHED };
static const uint8_t hit_ops[] = {MM_GROUP_SUM, MM_GROUP_SUM, MM_GROUP_SUM, MM_GROUP_SUM};

static bool count_hits(struct mm_group_table *hits, const struct mm_group_table *failing,
                       const struct mm_group_table *nets)
{
    for (size_t i = 0; i < failing->count; i++) {
        const uint32_t *key = mm_group_key(failing, i);
        const int64_t *sums = mm_group_values(failing, i);
        uint32_t hit = mm_group_of(hits, key);
        if (hit == MM_GROUP_NONE)
            return false;
        bool yours = is_yours(nets, key[0], sums[NET]);
        mm_group_add(hits, hit, SOURCES, 1);
        mm_group_add(hits, hit, YOURS, yours);
        mm_group_add(hits, hit, OF_YOURS, yours ? sums[MESSAGES] : 0);
    }
    return true;
}

/* Whether a policy is of a later day than another, or of the same and goes before it by name. */
static bool is_later(const struct mm_word_codes *words, const struct mm_group_table *published,
                     size_t policy, size_t other)
{
    int32_t day = mm_days_last(mm_group_values(published, policy)[0]);
    int32_t other_day = mm_days_last(mm_group_values(published, other)[0]);
    if (day != other_day)
        return day > other_day;
    return mm_rank_compare_words(words, MM_KEY_TEXT, mm_group_key(published, policy)[1],
                                 mm_group_key(published, other)[1]) < 0;
}

/* The policy of a domain's last day; of several that day the first by name. */
static bool find_policies(struct mm_group_table *hits, const struct mm_word_codes *words,
                          const struct mm_group_table *published)
{
    for (size_t i = 0; i < published->count; i++) {
        uint32_t hit = mm_group_of(hits, mm_group_key(published, i));
        if (hit == MM_GROUP_NONE)
            return false;
        int64_t *last = mm_group_values(hits, hit) + PUBLISHED;
        if (*last == 0 || is_later(words, published, i, (size_t)*last - 1))
            *last = (int64_t)i + 1;
    }
    return true;
}

/* found: of that domain in `hits` */
static uint32_t last_policy(const struct mm_group_table *published, const int64_t *found)
{
    return found[PUBLISHED] ? mm_group_key(published, (size_t)found[PUBLISHED] - 1)[1]
                            : MM_WORD_NONE;
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void add_advice(struct mm_summary_maker *m, int64_t row, const struct mm_summary_cell *cells)
{
    enum { DOMAIN, P, ALL, FAILED, SHARE, HIT_SOURCES, HIT_YOURS };
    char name[MM_SHORT_NAME_BYTES], yours[32] = "none";
    if (mm_view_eq(cells[P].text, MM_VIEW("reject")))
        return;
    mm_short_name(cells[DOMAIN].text, name);
    if (cells[HIT_YOURS].number)
        snprintf(yours, sizeof yours, "%" PRId64, cells[HIT_YOURS].number);
    if (cells[FAILED].number == 0)
        mm_summary_maker_note(m, MM_SUMMARY_ADVICE, row,
                              "%s: p=reject would have hit none of %" PRId64 " messages", name,
                              cells[ALL].number);
    else
        mm_summary_maker_note(m, MM_SUMMARY_ADVICE, row,
                              "%s: p=reject would have hit %" PRId64 " message%s from %" PRId64
                              " source%s, %s of them yours",
                              name, cells[FAILED].number, plural(cells[FAILED].number),
                              cells[HIT_SOURCES].number, plural(cells[HIT_SOURCES].number), yours);
}

static void fill_policy(struct mm_summary_cell *row, const struct mm_inquiry *inquiry,
                        const struct mm_asked *asked, const struct mm_group_table *hits,
                        uint32_t group)
{
    static const int64_t no_hits[MM_COUNT(hit_ops)];
    const struct mm_group_table *domains = mm_answer(asked, 2);
    const uint32_t *key = mm_group_key(domains, group);
    const int64_t *sums = mm_group_values(domains, group);
    uint32_t hit = mm_group_find(hits, key);
    const int64_t *found = hit == MM_GROUP_NONE ? no_hits : mm_group_values(hits, hit);
    *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, key[0]);
    *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, last_policy(mm_answer(asked, 3), found));
    *row++ = mm_summary_number(sums[ALL_MESSAGES]);
    *row++ = mm_summary_number(sums[FAILING]);
    *row++ = mm_summary_share(sums[FAILING], sums[ALL_MESSAGES]);
    for (size_t i = SOURCES; i <= OF_YOURS; i++)
        *row++ = mm_summary_number(found[i]);
    for (size_t i = BY_NONE; i <= BY_REJECT; i++)
        *row++ = mm_summary_number(sums[i]);
}

static bool make_policy(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                        const struct mm_group_table *hits, struct mm_summary_table *table)
{
    const struct mm_group_table *domains = mm_answer(asked, 2);
    struct mm_summary_maker m;
    size_t count;
    uint32_t *first =
        mm_rank_asked(inquiry, asked, domains, domain_query.keys, ALL_MESSAGES, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, policy_columns,
                          MM_COUNT(policy_columns), count);
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "hit: a message with no aligned DKIM or SPF pass, whatever was done with "
                          "it; policy: that of the domain's last day");
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW, "%s", RULE_YOURS);
    for (size_t i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        fill_policy(row, inquiry, asked, hits, first[i]);
        add_advice(&m, (int64_t)i, row);
    }
    return mm_summary_maker_end(&m, domains->count, table);
}

bool mm_policy_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                    struct mm_summary_table *table)
{
    struct mm_group_table hits;
    mm_group_table_init(&hits, 1, hit_ops, MM_COUNT(hit_ops), &inquiry->left_bytes);
    bool good = count_hits(&hits, mm_answer(asked, 0), mm_answer(asked, 1)) &&
                find_policies(&hits, inquiry->words, mm_answer(asked, 3)) &&
                make_policy(inquiry, asked, &hits, table);
    mm_group_table_deinit(&hits);
    return good;
}

/* ---- sources of the last week ---- */

/* clang-format off */

static const struct mm_query seen_query = {
    RECORDS, BY_SOURCE, .tests = {{MM_TEST_TRUE, "dmarc_pass", NULL, NULL, 0}}, .test_count = 1,
    .sums = {{.column = "count"},
             {.column = "count", .when = {.all = IS_PASS}},
             {.op = MM_GROUP_DAYS}},
    .sum_count = 3,
};

/* clang-format on */

static const struct mm_summary_column new_columns[] = {
    MM_KEY_COLUMN("policy_domain", "domain", TEXT),
    MM_KEY_COLUMN("source_ip_text", "source", ADDRESS),
    MM_VALUE_COLUMN("messages", "messages", COUNT, MM_SUMMARY_BAR),
    MM_VALUE_COLUMN("pass_percent", "passed", SHARE, 0),
    MM_VALUE_COLUMN("first_day", "first seen", DAY, 0),
};

void mm_new_sources_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, &seen_query, NULL, 0);
}

/* Groups first seen in the week that ends with the last day of all. */
static bool keep_new(struct mm_group_table *kept, const struct mm_group_table *all)
{
    enum { WEEK = 7, SEEN = 2 };
    int32_t last = INT32_MIN;
    for (size_t i = 0; i < all->count; i++)
        if (mm_days_last(mm_group_values(all, i)[SEEN]) > last)
            last = mm_days_last(mm_group_values(all, i)[SEEN]);
    for (size_t i = 0; i < all->count; i++) {
        const int64_t *sums = mm_group_values(all, i);
        if ((int64_t)mm_days_first(sums[SEEN]) <= (int64_t)last - WEEK)
            continue;
        uint32_t group = mm_group_of(kept, mm_group_key(all, i));
        if (group == MM_GROUP_NONE)
            return false;
        for (size_t k = 0; k <= SEEN; k++)
            mm_group_add(kept, group, k, sums[k]);
    }
    return true;
}

static bool make_new(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                     const struct mm_group_table *kept, struct mm_summary_table *table)
{
    struct mm_summary_maker m;
    size_t count;
    uint32_t *first = mm_rank_asked(inquiry, asked, kept, seen_query.keys, 0, &count);
    if (!first)
        return false;
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, new_columns,
                          MM_COUNT(new_columns), count);
    for (size_t i = 0; i < count; i++) {
        const int64_t *sums = mm_group_values(kept, first[i]);
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, mm_group_key(kept, first[i])[0]);
        *row++ = mm_cell_of_word(inquiry, MM_KEY_TEXT, mm_group_key(kept, first[i])[1]);
        *row++ = mm_summary_number(sums[0]);
        *row++ = mm_summary_share(sums[1], sums[0]);
        *row++ = mm_cell_of_days(sums[2], false);
    }
    mm_summary_maker_note(&m, MM_SUMMARY_RULE, MM_SUMMARY_NO_ROW,
                          "new: seen in the last seven days of the rows that were read, and on no "
                          "day before them");
    return mm_summary_maker_end(&m, kept->count, table);
}

bool mm_new_sources_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                         struct mm_summary_table *table)
{
    struct mm_group_table kept;
    mm_group_table_init(&kept, 2, asked->runs[0]->ops, 3, &inquiry->left_bytes);
    bool good = keep_new(&kept, mm_answer(asked, 0)) && make_new(inquiry, asked, &kept, table);
    mm_group_table_deinit(&kept);
    return good;
}

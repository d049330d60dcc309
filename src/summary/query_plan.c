/*
 * query_plan.c - queries over one table, the names of their columns found in its schema.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/query_plan.h"

#include <assert.h>
#include <stdlib.h>

static bool is_element(const struct mm_query_plans *all, const struct mm_query *q, size_t leaf)
{
    const struct mm_query_leaf *at = &all->columns.leaves[leaf];
    return q->unnest && at->list &&
           strcmp(all->columns.schema->columns[at->column].field.name, q->unnest) == 0;
}

static bool plan_test(struct mm_query_plans *all, const struct mm_query *q,
                      const struct mm_test *from, struct mm_query_plan_test *to)
{
    struct mm_view word = mm_view_of(from->word);
    *to = (struct mm_query_plan_test){.kind = from->kind, .number = from->number};
    to->leaf = mm_query_columns_leaf(&all->columns, from->column);
    to->other = from->other ? mm_query_columns_leaf(&all->columns, from->other) : to->leaf;
    to->of_element = is_element(all, q, to->leaf);
    return !from->word || mm_word_codes_of(all->columns.words, &word, 1, &to->word);
}

static void plan_sum(struct mm_query_plans *all, const struct mm_query *q,
                     const struct mm_sum *from, struct mm_query_plan_sum *to)
{
    *to = (struct mm_query_plan_sum){.leaf = MM_QUERY_NONE, .key = MM_QUERY_NONE};
    if (!from->column && from->op == MM_GROUP_SUM)
        return;
    if (from->op == MM_GROUP_DAYS) {
        assert(q->day.column);
        to->key = mm_query_columns_key(&all->columns, &q->day);
        return;
    }
    if (from->op == MM_GROUP_WORD) {
        struct mm_key key = {.kind = from->as, .column = from->column};
        to->key = mm_query_columns_key(&all->columns, &key);
        to->of_element = is_element(all, q, all->columns.keys[to->key].leaf);
        return;
    }
    to->leaf = mm_query_columns_leaf(&all->columns, from->column);
    to->of_element = is_element(all, q, to->leaf);
}

static bool plan_query(struct mm_query_plans *all, struct mm_query_plan *p,
                       struct mm_query_run *run)
{
    const struct mm_query *q = &run->query;
    p->run = run;
    for (size_t i = 0; i < q->key_count; i++) {
        p->keys[i] = mm_query_columns_key(&all->columns, &q->keys[i]);
        p->of_element[i] = is_element(all, q, all->columns.keys[p->keys[i]].leaf);
    }
    for (size_t i = 0; i < q->test_count; i++)
        if (!plan_test(all, q, &q->tests[i], &p->tests[i]))
            return false;
    for (size_t i = 0; i < q->sum_count; i++) {
        run->ops[i] = (uint8_t)q->sums[i].op;
        plan_sum(all, q, &q->sums[i], &p->sums[i]);
    }
    p->unnest = q->unnest ? mm_query_columns_any_of(&all->columns, q->unnest) : MM_QUERY_NONE;
    return true;
}

static bool plan_choice(struct mm_query_plans *all, const struct mm_query *q,
                        const struct mm_selection *s)
{
    struct mm_view domain = mm_view_of(s->domain);
    all->choice = (struct mm_query_choice){.domain = MM_QUERY_NONE, .day = MM_QUERY_NONE};
    if (q->day.column && (s->has_since || s->has_until))
        all->choice.day = mm_query_columns_key(&all->columns, &q->day);
    if (!q->domain || !s->domain)
        return true;
    all->choice.domain = mm_query_columns_leaf(&all->columns, q->domain);
    return mm_word_codes_of(all->columns.words, &domain, 1, &all->choice.domain_code);
}

bool mm_query_plans_init(struct mm_query_plans *all, struct mm_query_run **runs, size_t count,
                         const struct mm_query_place *place)
{
    *all = (struct mm_query_plans){
        .columns = {.schema = runs[0]->query.schema, .words = place->words}, .count = count};
    all->plans = calloc(count, sizeof *all->plans);
    bool good = all->plans && plan_choice(all, &runs[0]->query, place->selection);
    for (size_t i = 0; good && i < count; i++)
        good = plan_query(all, &all->plans[i], runs[i]);
    return good;
}

void mm_query_plans_deinit(struct mm_query_plans *all)
{
    free(all->plans);
}

size_t mm_query_plans_filters(const struct mm_query_plans *all, const struct mm_selection *s,
                              struct mm_table_filter filters[MM_QUERY_FILTERS_MAX])
{
    enum { DAY_US = INT64_C(86400) * 1000000 };
    size_t count = 0;
    if (all->choice.domain != MM_QUERY_NONE)
        filters[count++] =
            (struct mm_table_filter){.column = all->columns.leaves[all->choice.domain].column,
                                     .low_text = mm_view_of(s->domain),
                                     .high_text = mm_view_of(s->domain)};
    if (all->choice.day == MM_QUERY_NONE || all->plans[0].run->query.day.other)
        return count; /* a value that another stands in for is absent, which no bound lets pass */
    size_t column = all->columns.leaves[all->columns.keys[all->choice.day].leaf].column;
    int64_t low = s->has_since ? s->since_day : INT32_MIN;
    int64_t high = s->has_until ? s->until_day : INT32_MAX;
    bool time = all->columns.schema->columns[column].field.type == MM_VALUE_TIMESTAMP;
    int64_t most = INT64_MAX / DAY_US - 1; /* days that fit a time */
    if (time) {
        low = (low < -most ? -most : low > most ? most : low) * DAY_US;
        high = (high < -most ? -most : high > most ? most : high) * DAY_US + (DAY_US - 1);
    }
    filters[count++] = (struct mm_table_filter){.column = column, .low = low, .high = high};
    return count;
}

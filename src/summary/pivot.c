/*
 * pivot.c - a view whose rows are groups: asked by any of its words, shown largest or oldest first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/question.h"
#include "summary/rank.h"

/* ---- the words of --by ---- */

static const struct mm_by_word *word_of(const struct mm_pivot *pivot, struct mm_view name)
{
    for (const struct mm_by_word *w = pivot->words; w->word; w++)
        if (mm_view_eq(name, mm_view_of(w->word)))
            return w;
    return NULL;
}

static bool is_among(const struct mm_asked *asked, const struct mm_by_word *word)
{
    for (size_t i = 0; i < asked->by_count; i++)
        if (asked->by[i] == word)
            return true;
    return false;
}

static bool find_words(struct mm_asked *asked, const struct mm_pivot *pivot, const char *by,
                       struct mm_view *unknown)
{
    struct mm_view rest = mm_view_of(by), name;
    bool more = true;
    asked->pivot = pivot;
    asked->by_count = 0;
    while (more) {
        more = mm_view_cut(rest, ',', &name, &rest);
        const struct mm_by_word *word = word_of(pivot, name);
        *unknown = name;
        if (!word || asked->by_count == MM_GROUP_WORDS_MAX || is_among(asked, word))
            return false;
        asked->by[asked->by_count++] = word;
    }
    return true;
}

bool mm_pivot_words(struct mm_asked *asked, const char *by, struct mm_view *unknown)
{
    const struct mm_pivot *pivot = asked->question->pivot;
    const char *words = by ? by : pivot->by;
    return (pivot->smaller && find_words(asked, pivot->smaller, words, unknown)) ||
           find_words(asked, pivot, words, unknown);
}

void mm_pivot_plan(struct mm_inquiry *inquiry, struct mm_asked *asked)
{
    mm_ask(inquiry, asked, asked->pivot->query, asked->by, asked->by_count);
}

/* ---- the table ---- */

struct mm_summary_cell mm_cell_of_word(const struct mm_inquiry *inquiry, enum mm_key_kind kind,
                                       uint32_t word)
{
    if (mm_key_is_text(kind))
        return mm_summary_text(mm_word_text(inquiry->words, word));
    return word == MM_KEY_NULL ? (struct mm_summary_cell){.null = true}
                               : mm_summary_number((int32_t)word);
}

struct mm_summary_cell mm_cell_of_days(int64_t days, bool last)
{
    if (!days)
        return (struct mm_summary_cell){.null = true};
    return mm_summary_number(last ? mm_days_last(days) : mm_days_first(days));
}

uint32_t *mm_rank_asked(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                        const struct mm_group_table *groups, const struct mm_key *keys, uint8_t sum,
                        size_t *count)
{
    struct mm_rank_groups order = {
        .words = inquiry->words, .groups = groups, .keys = keys, .sum = sum};
    *count = groups->count < asked->row_max ? groups->count : asked->row_max;
    uint32_t *first = MM_ARENA_ARRAY(inquiry->arena, uint32_t, *count);
    if (first)
        *count = mm_rank_first(first, *count, groups->count, mm_rank_compare_groups, &order);
    return first;
}

static bool is_date(enum mm_key_kind kind)
{
    return kind == MM_KEY_DAY || kind == MM_KEY_WEEK || kind == MM_KEY_MONTH;
}

static struct mm_summary_column *columns_of(struct mm_inquiry *inquiry,
                                            const struct mm_asked *asked, size_t *count)
{
    const struct mm_pivot *p = asked->pivot;
    *count = asked->by_count + p->value_count;
    struct mm_summary_column *columns =
        MM_ARENA_ARRAY(inquiry->arena, struct mm_summary_column, *count);
    for (size_t i = 0; columns && i < *count; i++)
        columns[i] =
            i < asked->by_count ? asked->by[i]->column : p->values[i - asked->by_count].column;
    return columns;
}

static struct mm_summary_cell value_cell(const struct mm_pivot_value *v, const int64_t *sums,
                                         int64_t all)
{
    switch (v->kind) {
    case MM_PIVOT_SUM:
        return mm_summary_number(sums[v->a]);
    case MM_PIVOT_SHARE:
        return mm_summary_share(sums[v->a], sums[v->b]);
    case MM_PIVOT_SHARE_OF_BOTH:
        return mm_summary_share(sums[v->a], mm_sum_of(sums[v->a], sums[v->b]));
    case MM_PIVOT_SHARE_ALL:
        return mm_summary_share(sums[v->a], all);
    default:
        return mm_cell_of_days(sums[v->a], v->kind == MM_PIVOT_LAST);
    }
}

static void fill_row(const struct mm_inquiry *inquiry, const struct mm_asked *asked,
                     const int64_t *all, uint32_t group, struct mm_summary_cell *row)
{
    const struct mm_group_table *groups = mm_answer(asked, 0);
    for (size_t i = 0; i < asked->by_count; i++)
        *row++ = mm_cell_of_word(inquiry, asked->by[i]->key.kind, mm_group_key(groups, group)[i]);
    for (size_t i = 0; i < asked->pivot->value_count; i++)
        *row++ = value_cell(&asked->pivot->values[i], mm_group_values(groups, group), all[i]);
}

static uint8_t order_of(const struct mm_asked *asked)
{
    for (size_t i = 0; i < asked->by_count; i++)
        if (is_date(asked->by[i]->key.kind))
            return MM_RANK_BY_KEY;
    return asked->pivot->order;
}

static bool is_by(const struct mm_asked *asked, const char *word)
{
    for (size_t i = 0; i < asked->by_count; i++)
        if (strcmp(asked->by[i]->word, word) == 0)
            return true;
    return false;
}

bool mm_pivot_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                   struct mm_summary_table *table)
{
    const struct mm_pivot *p = asked->pivot;
    const struct mm_group_table *groups = mm_answer(asked, 0);
    struct mm_summary_maker m;
    size_t column_count, count;
    int64_t all[MM_GROUP_VALUES_MAX] = {0};
    struct mm_summary_column *columns = columns_of(inquiry, asked, &column_count);
    uint32_t *first =
        mm_rank_asked(inquiry, asked, groups, asked->runs[0]->query.keys, order_of(asked), &count);
    if (!columns || !first)
        return false;
    for (size_t i = 0; i < p->value_count; i++)
        if (p->values[i].kind == MM_PIVOT_SHARE_ALL)
            all[i] = mm_group_sum(groups, p->values[i].a);
    mm_summary_maker_init(&m, inquiry->arena, &asked->question->about, columns, column_count,
                          count);
    for (size_t i = 0; i < count; i++)
        fill_row(inquiry, asked, all, first[i], mm_summary_maker_row(&m));
    if (p->note && count && !is_by(asked, p->unless))
        mm_summary_maker_note(&m, MM_SUMMARY_NOTE, MM_SUMMARY_NO_ROW, "%s", p->note);
    return mm_summary_maker_end(&m, groups->count, table);
}

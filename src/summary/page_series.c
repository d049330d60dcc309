/*
 * page_series.c - finds a chart's columns in a table, and adds up its rows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/view.h"
#include "summary/page_chart.h"
#include "summary/page_markup.h"

/* ---- plans ---- */

static bool is_by_day(const struct mm_page_plan *plan)
{
    return plan->chart->kind == MM_PAGE_STACK || plan->chart->kind == MM_PAGE_RATE;
}

static bool found(struct mm_page_plan *plan, const char *name, int *column)
{
    *column = mm_page_column(plan->table, name);
    return *column >= 0 || !name;
}

static bool find_columns(struct mm_page_plan *plan)
{
    const struct mm_page_chart *chart = plan->chart;
    for (; plan->key_count < MM_PAGE_KEYS_MAX && chart->keys[plan->key_count]; plan->key_count++)
        if (!found(plan, chart->keys[plan->key_count], &plan->keys[plan->key_count]))
            return false;
    for (; plan->part_count < MM_PAGE_PARTS_MAX && chart->parts[plan->part_count].label;
         plan->part_count++)
        if (!found(plan, chart->parts[plan->part_count].column, &plan->parts[plan->part_count]))
            return false;
    return found(plan, chart->word_column, &plan->word_column) &&
           found(plan, chart->from, &plan->from) && found(plan, chart->to, &plan->to);
}

static void widen(struct mm_page_plan *plan, const struct mm_summary_cell *cell, bool *any)
{
    if (cell->null)
        return;
    plan->first = *any && plan->first < cell->number ? plan->first : cell->number;
    plan->last = *any && plan->last > cell->number ? plan->last : cell->number;
    *any = true;
}

/* The axis: whole weeks where there are more days than columns, whole years where there are more
 * weeks; a day of a hostile report may lie anywhere in time. */
static bool find_days(struct mm_page_plan *plan)
{
    static const int64_t widths[] = {1, 7, 28, 364, 3640, 36400};
    bool any = false;
    for (size_t row = 0; row < plan->table->row_count; row++) {
        const struct mm_summary_cell *cells = mm_summary_row(plan->table, row);
        widen(plan, &cells[plan->chart->from ? plan->from : plan->keys[0]], &any);
        if (plan->chart->to)
            widen(plan, &cells[plan->to], &any);
    }
    size_t i = 0;
    plan->width = widths[0];
    while (mm_page_slots(plan) > MM_PAGE_COLUMNS_MAX && i + 1 < MM_COUNT(widths))
        plan->width = widths[++i];
    return any && mm_page_slots(plan) <= MM_PAGE_COLUMNS_MAX;
}

bool mm_page_plan(const struct mm_page_chart *chart, const struct mm_summary_table *table,
                  struct mm_page_plan *plan)
{
    *plan = (struct mm_page_plan){.chart = chart, .table = table};
    bool days = is_by_day(plan) || chart->kind == MM_PAGE_SPANS;
    return table->row_count > 0 && find_columns(plan) && (!days || find_days(plan));
}

/* ---- sums ---- */

static uint64_t part_number(const struct mm_page_part *part, const struct mm_summary_cell *cell)
{
    if (cell->null)
        return 0;
    return (uint64_t)(part->rest ? cell->whole - cell->number : cell->number);
}

static bool takes(const struct mm_page_part *part, const struct mm_summary_cell *word, bool taken)
{
    if (!part->word)
        return true;
    if (!*part->word)
        return !taken;
    return !word->null && mm_view_eq(word->text, mm_view_of(part->word));
}

static void add_capped(uint64_t *sum, uint64_t number)
{
    if (__builtin_add_overflow(*sum, number, sum))
        *sum = UINT64_MAX;
}

static void add_row(struct mm_page_group *group, const struct mm_page_plan *plan,
                    const struct mm_summary_cell *row)
{
    static const struct mm_summary_cell nobody = {.null = true};
    const struct mm_summary_cell *word =
        plan->chart->word_column ? &row[plan->word_column] : &nobody;
    bool taken = false;
    /* The parts of a matrix are names of its squares. */
    size_t count = plan->chart->kind == MM_PAGE_MATRIX ? 1 : plan->part_count;
    for (size_t i = 0; i < count; i++) {
        const struct mm_page_part *part = &plan->chart->parts[i];
        if (!takes(part, word, taken))
            continue;
        uint64_t number = part_number(part, &row[plan->parts[i]]);
        add_capped(&group->parts[i], number);
        add_capped(&group->total, number);
        taken = true;
    }
    if (plan->chart->kind != MM_PAGE_SPANS || row[plan->from].null || row[plan->to].null)
        return;
    group->from = row[plan->from].number < group->from ? row[plan->from].number : group->from;
    group->to = row[plan->to].number > group->to ? row[plan->to].number : group->to;
}

/* ---- groups with names ---- */

static int view_order(struct mm_view a, struct mm_view b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.data, b.data, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int name_order(const void *a, const void *b)
{
    const struct mm_page_group *x = a, *y = b;
    int order = 0;
    for (size_t i = 0; i < MM_PAGE_KEYS_MAX && order == 0; i++)
        order = view_order(x->names[i], y->names[i]);
    return order;
}

static int total_order(const void *a, const void *b)
{
    const struct mm_page_group *x = a, *y = b;
    int order = (x->total < y->total) - (x->total > y->total);
    return order ? order : name_order(a, b);
}

static void merge(struct mm_page_group *into, const struct mm_page_group *from)
{
    for (size_t i = 0; i < MM_PAGE_PARTS_MAX; i++)
        add_capped(&into->parts[i], from->parts[i]);
    add_capped(&into->total, from->total);
    into->from = from->from < into->from ? from->from : into->from;
    into->to = from->to > into->to ? from->to : into->to;
}

/* A group for each row; equal neighbours become one. What nobody named has the name "". */
static void group_by_name(const struct mm_page_plan *plan, struct mm_page_series *series)
{
    const struct mm_summary_table *table = plan->table;
    struct mm_page_group *groups = series->groups;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct mm_summary_cell *row = mm_summary_row(table, i);
        groups[i] = (struct mm_page_group){.from = INT64_MAX, .to = INT64_MIN};
        for (size_t k = 0; k < plan->key_count; k++)
            groups[i].names[k] = row[plan->keys[k]].text;
        add_row(&groups[i], plan, row);
    }
    qsort(groups, table->row_count, sizeof *groups, name_order);
    for (size_t i = 0; i < table->row_count; i++)
        if (series->count > 0 && name_order(&groups[series->count - 1], &groups[i]) == 0)
            merge(&groups[series->count - 1], &groups[i]);
        else
            groups[series->count++] = groups[i];
    qsort(groups, series->count, sizeof *groups, total_order);
    while (series->count > 0 && groups[series->count - 1].total == 0)
        series->count--;
    series->all = series->count;
    if (series->count > MM_PAGE_GROUPS_MAX)
        series->count = MM_PAGE_GROUPS_MAX;
}

/* ---- groups with a place ---- */

/* -1: the row has none. */
static int64_t slot_of(const struct mm_page_plan *plan, const struct mm_summary_cell *row)
{
    const struct mm_summary_cell *key = &row[plan->keys[0]];
    if (key->null)
        return -1;
    if (is_by_day(plan))
        return (key->number - plan->first) / plan->width;
    const struct mm_summary_cell *second = &row[plan->keys[1]];
    return second->null ? -1 : 2 * (key->number != 0) + (second->number != 0);
}

static void group_by_slot(const struct mm_page_plan *plan, struct mm_page_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        series->groups[i].slot = (int64_t)i;
    for (size_t i = 0; i < plan->table->row_count; i++) {
        const struct mm_summary_cell *row = mm_summary_row(plan->table, i);
        int64_t slot = slot_of(plan, row);
        if (slot >= 0)
            add_row(&series->groups[slot], plan, row);
    }
}

bool mm_page_series(struct mm_arena *arena, const struct mm_page_plan *plan,
                    struct mm_page_series *series)
{
    enum { SQUARES = 4 };
    bool named = plan->chart->kind == MM_PAGE_BARS || plan->chart->kind == MM_PAGE_SPANS;
    size_t count = named             ? plan->table->row_count
                   : is_by_day(plan) ? (size_t)mm_page_slots(plan)
                                     : SQUARES;
    *series = (struct mm_page_series){.groups = MM_ARENA_ARRAY(arena, struct mm_page_group, count),
                                      .count = named ? 0 : count,
                                      .all = named ? 0 : count};
    if (!series->groups)
        return false;
    if (named)
        group_by_name(plan, series);
    else
        group_by_slot(plan, series);
    return true;
}

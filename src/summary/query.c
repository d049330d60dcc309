/*
 * query.c - rows of a table become the groups of all queries over it, in one reading.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/query.h"

#include <stdlib.h>

#include "summary/query_columns.h"
#include "summary/query_plan.h"
#include "summary/scan.h"

/* A query in one thread. */
struct part {
    struct mm_group_table groups;
    uint16_t *row_bits, *slot_bits; /* tests passed, by row and by slot of the list */
    size_t row_cap, slot_cap;
};

struct thread {
    struct mm_query_rows rows;
    struct part *parts; /* one a query */
    uint8_t *chosen;    /* by row */
    size_t chosen_cap;
};

struct work {
    const struct mm_query_place *place;
    struct mm_query_plans plans;
    struct thread *threads;
};

/* ---- tests ---- */

/* Slots of a leaf where a test is passed get its bit. */
static enum mm_status test_slots(struct mm_query_rows *rows, const struct mm_query_plan_test *t,
                                 uint16_t bit, uint16_t *bits, struct mm_error *err)
{
    const struct mm_query_leaf_state *s = &rows->leaves[t->leaf];
    const uint32_t *codes, *others;
    if (t->kind == MM_TEST_TRUE) {
        for (size_t i = 0; i < s->slot_end; i++)
            if (!mm_query_is_null(s->vector, i) && s->vector->numbers[i] > t->number)
                bits[i] |= bit;
        return MM_OK;
    }
    MM_TRY(mm_query_rows_codes(rows, t->leaf, &codes, err));
    MM_TRY(mm_query_rows_codes(rows, t->other, &others, err));
    for (size_t i = 0; i < s->slot_end; i++)
        if (t->kind == MM_TEST_IS      ? codes[i] == t->word
            : t->kind == MM_TEST_THERE ? codes[i] != MM_WORD_NONE
                                       : codes[i] && others[i] && codes[i] != others[i])
            bits[i] |= bit;
    return MM_OK;
}

/* Rows whose list passes get the bit. */
static enum mm_status test_lists(struct mm_query_rows *rows, const struct mm_query_plan_test *t,
                                 uint16_t bit, uint16_t *bits, struct mm_error *err)
{
    const struct mm_query_leaf_state *s = &rows->leaves[t->leaf];
    const uint32_t *codes = NULL;
    if (t->kind == MM_TEST_HAS)
        MM_TRY(mm_query_rows_codes(rows, t->leaf, &codes, err));
    for (size_t i = 0; s->vector && i < rows->row_count; i++) {
        size_t at = mm_query_slot(s, i), end = mm_query_slot(s, i + 1);
        while (codes && at < end && codes[at] != t->word)
            at++;
        if (at < end)
            bits[i] |= bit;
    }
    return MM_OK;
}

static enum mm_status enlarge_bits(uint16_t **bits, size_t *cap, size_t count, struct mm_error *err)
{
    if (count > *cap) {
        free(*bits);
        *cap = 0;
        if (!(*bits = malloc(count * sizeof **bits)))
            return mm_fail(err, MM_E_NOMEM, "no memory for the rows of a page");
        *cap = count;
    }
    if (count)
        memset(*bits, 0, count * sizeof **bits);
    return MM_OK;
}

static enum mm_status run_tests(struct mm_query_rows *rows, const struct mm_query_plan *p,
                                struct part *part, struct mm_error *err)
{
    size_t slots = p->unnest == MM_QUERY_NONE ? 0 : rows->leaves[p->unnest].slot_end;
    MM_TRY(enlarge_bits(&part->row_bits, &part->row_cap, rows->row_count, err));
    MM_TRY(enlarge_bits(&part->slot_bits, &part->slot_cap, slots, err));
    for (size_t i = 0; i < p->run->query.test_count; i++) {
        const struct mm_query_plan_test *t = &p->tests[i];
        uint16_t bit = (uint16_t)(1u << i);
        if (t->kind == MM_TEST_FILLED || t->kind == MM_TEST_HAS)
            MM_TRY(test_lists(rows, t, bit, part->row_bits, err));
        else
            MM_TRY(test_slots(rows, t, bit, t->of_element ? part->slot_bits : part->row_bits, err));
    }
    return MM_OK;
}

static bool meets(const struct mm_condition *c, uint16_t bits)
{
    return (bits & c->all) == c->all && !(bits & c->none) && (!c->any || (bits & c->any));
}

/* ---- rows become groups ---- */

/* One row, or one element of it. */
struct item {
    size_t row, slot;
    uint16_t bits;
    uint32_t key[MM_GROUP_WORDS_MAX];
    uint32_t group;
};

static int64_t value_of(const struct mm_query_rows *rows, const struct mm_query_plan_sum *s,
                        enum mm_group_op op, const struct item *item)
{
    size_t at = s->of_element ? item->slot : item->row;
    if (op == MM_GROUP_WORD)
        return rows->keys[s->key][at];
    if (op == MM_GROUP_DAYS) {
        uint32_t day = rows->keys[s->key][item->row];
        return day == MM_KEY_NULL ? 0 : mm_days_pack((int32_t)day, (int32_t)day);
    }
    if (s->leaf == MM_QUERY_NONE)
        return 1;
    const struct mm_table_vector *v = rows->leaves[s->leaf].vector;
    /* No count is below 0, whatever a file says. */
    return mm_query_is_null(v, at) || v->numbers[at] < 0 ? 0 : v->numbers[at];
}

static void add_sums(const struct mm_query_rows *rows, const struct mm_query_plan *p,
                     struct part *part, const struct item *item)
{
    const struct mm_query *q = &p->run->query;
    for (size_t i = 0; i < q->sum_count; i++)
        if (meets(&q->sums[i].when, item->bits))
            mm_group_add(&part->groups, item->group, i,
                         value_of(rows, &p->sums[i], q->sums[i].op, item));
}

/* Rows are sorted, so the group is often that of the row before. */
static bool add_item(const struct mm_query_rows *rows, const struct mm_query_plan *p,
                     struct part *part, struct item *item)
{
    bool same = item->group != MM_GROUP_NONE;
    for (size_t i = 0; i < p->run->query.key_count; i++) {
        uint32_t word = rows->keys[p->keys[i]][p->of_element[i] ? item->slot : item->row];
        same = same && word == item->key[i];
        item->key[i] = word;
    }
    if (!same)
        item->group = mm_group_of(&part->groups, item->key);
    if (item->group == MM_GROUP_NONE)
        return false;
    add_sums(rows, p, part, item);
    return true;
}

static bool add_rows(const struct thread *t, const struct mm_query_plan *p, struct part *part)
{
    const struct mm_query_rows *rows = &t->rows;
    const struct mm_condition *where = &p->run->query.where;
    const struct mm_query_leaf_state *list =
        p->unnest == MM_QUERY_NONE ? NULL : &rows->leaves[p->unnest];
    bool there = list && list->vector;
    struct item item = {.group = MM_GROUP_NONE};
    bool good = true;
    for (item.row = 0; good && item.row < rows->row_count; item.row++) {
        if (!t->chosen[item.row])
            continue;
        item.bits = part->row_bits[item.row];
        if (!list) {
            if (meets(where, item.bits))
                good = add_item(rows, p, part, &item);
            continue;
        }
        size_t end = there ? mm_query_slot(list, item.row + 1) : 0;
        for (item.slot = there ? mm_query_slot(list, item.row) : 0; good && item.slot < end;
             item.slot++) {
            item.bits = (uint16_t)(part->row_bits[item.row] | part->slot_bits[item.slot]);
            if (meets(where, item.bits))
                good = add_item(rows, p, part, &item);
        }
    }
    return good;
}

/* ---- rows that are chosen ---- */

static enum mm_status choose_rows(const struct work *w, struct thread *t, size_t count,
                                  struct mm_error *err)
{
    const struct mm_selection *s = w->place->selection;
    const uint32_t *codes = NULL, *days = NULL;
    if (count > t->chosen_cap) {
        free(t->chosen);
        t->chosen_cap = 0;
        if (!(t->chosen = malloc(count)))
            return mm_fail(err, MM_E_NOMEM, "no memory for the rows of a page");
        t->chosen_cap = count;
    }
    if (w->plans.choice.domain != MM_QUERY_NONE)
        MM_TRY(mm_query_rows_codes(&t->rows, w->plans.choice.domain, &codes, err));
    if (w->plans.choice.day != MM_QUERY_NONE)
        days = t->rows.keys[w->plans.choice.day];
    for (size_t i = 0; i < count; i++) {
        bool good = !codes || codes[i] == w->plans.choice.domain_code;
        if (days && good)
            good = days[i] != MM_KEY_NULL && (!s->has_since || (int32_t)days[i] >= s->since_day) &&
                   (!s->has_until || (int32_t)days[i] <= s->until_day);
        t->chosen[i] = good;
    }
    return MM_OK;
}

/* ---- one reading ---- */

static void turn(void *context, unsigned thread, const struct mm_table_reader *reader)
{
    struct work *w = context;
    mm_query_rows_turn(&w->threads[thread].rows, reader);
}

static enum mm_status too_many(const struct mm_table_schema *schema, struct mm_error *err)
{
    return mm_fail(err, MM_E_LIMIT,
                   "more groups in %s than memory allows for: choose fewer rows by domain or days, "
                   "or give more memory",
                   schema->name);
}

static enum mm_status take_rows(void *context, unsigned thread, size_t count, struct mm_error *err)
{
    struct work *w = context;
    struct thread *t = &w->threads[thread];
    MM_TRY(mm_query_rows_next(&t->rows, count, err));
    MM_TRY(choose_rows(w, t, count, err));
    for (size_t i = 0; i < w->plans.count; i++) {
        MM_TRY(run_tests(&t->rows, &w->plans.plans[i], &t->parts[i], err));
        if (!add_rows(t, &w->plans.plans[i], &t->parts[i]))
            return too_many(w->plans.columns.schema, err);
    }
    return MM_OK;
}

static void deinit_threads(struct work *w)
{
    for (unsigned i = 0; w->threads && i < w->place->threads; i++) {
        struct thread *t = &w->threads[i];
        for (size_t k = 0; t->parts && k < w->plans.count; k++) {
            mm_group_table_deinit(&t->parts[k].groups);
            free(t->parts[k].row_bits);
            free(t->parts[k].slot_bits);
        }
        mm_query_rows_deinit(&t->rows);
        free(t->parts);
        free(t->chosen);
    }
    free(w->threads);
    mm_query_plans_deinit(&w->plans);
}

static bool init_threads(struct work *w)
{
    for (unsigned i = 0; i < w->place->threads; i++) {
        struct thread *t = &w->threads[i];
        mm_query_rows_init(&t->rows, &w->plans.columns);
        if (!(t->parts = calloc(w->plans.count, sizeof *t->parts)))
            return false;
        for (size_t k = 0; k < w->plans.count; k++) {
            const struct mm_query_run *run = w->plans.plans[k].run;
            mm_group_table_init(&t->parts[k].groups, run->query.key_count, run->ops,
                                run->query.sum_count, w->place->left_bytes);
        }
    }
    return true;
}

/* The largest part is taken as it is, the others are added to it and freed one by one. */
static enum mm_status join_parts(struct work *w, struct mm_error *err)
{
    static const uint8_t all_words[MM_GROUP_WORDS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (size_t k = 0; k < w->plans.count; k++) {
        struct mm_group_table *whole = &w->plans.plans[k].run->groups;
        unsigned largest = 0;
        for (unsigned i = 1; i < w->place->threads; i++)
            if (w->threads[i].parts[k].groups.count > w->threads[largest].parts[k].groups.count)
                largest = i;
        *whole = w->threads[largest].parts[k].groups;
        w->threads[largest].parts[k].groups = (struct mm_group_table){.count = 0};
        for (unsigned i = 0; i < w->place->threads; i++) {
            struct mm_group_table *part = &w->threads[i].parts[k].groups;
            if (i != largest && !mm_group_fold(whole, part, all_words, MM_FOLD_NO_COUNT))
                return too_many(w->plans.columns.schema, err);
            mm_group_table_deinit(part);
        }
    }
    return MM_OK;
}

static enum mm_status read_all(struct work *w, struct mm_error *err)
{
    size_t columns[MM_QUERY_LEAVES_MAX];
    struct mm_table_filter filters[MM_QUERY_FILTERS_MAX];
    struct mm_scan scan = {
        .schema = w->plans.columns.schema,
        .read = {.columns = columns,
                 .column_count = mm_query_columns_list(&w->plans.columns, columns),
                 .filters = filters,
                 .filter_count = mm_query_plans_filters(&w->plans, w->place->selection, filters),
                 .memory_bytes = w->place->reader_bytes,
                 .codes = true},
        .paths = w->place->paths,
        .path_count = w->place->path_count,
        .threads = w->place->threads,
        .turn = turn,
        .rows = take_rows,
        .context = w,
    };
    MM_TRY(mm_scan_run(&scan, err));
    return join_parts(w, err);
}

enum mm_status mm_query_all(struct mm_query_run **runs, size_t run_count,
                            const struct mm_query_place *place, struct mm_error *err)
{
    struct work w = {.place = place};
    bool good = mm_query_plans_init(&w.plans, runs, run_count, place) &&
                (w.threads = calloc(place->threads, sizeof *w.threads)) && init_threads(&w);
    enum mm_status status =
        good ? read_all(&w, err) : mm_fail(err, MM_E_NOMEM, "no memory for a summary");
    deinit_threads(&w);
    return status;
}

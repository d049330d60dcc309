/*
 * query.c - rows of a table become the groups of all queries over it, in one reading.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/query.h"

#include <assert.h>
#include <stdlib.h>

#include "summary/query_columns.h"
#include "summary/scan.h"

enum { NOTHING = SIZE_MAX >> 1 }; /* a place that is none */

/* A test, its column found. */
struct test {
    enum mm_test_kind kind;
    size_t leaf, other;
    uint32_t word;
    int64_t number;
    bool of_element; /* of the list that the query unnests */
};

struct sum {
    size_t leaf, key; /* numbers, or a day or word; NOTHING: 1 a row */
    bool of_element;
};

/* A query, its columns found. */
struct plan {
    struct mm_query_run *run;
    size_t unnest; /* a leaf of that list */
    size_t keys[MM_GROUP_WORDS_MAX];
    bool of_element[MM_GROUP_WORDS_MAX];
    struct test tests[MM_QUERY_TESTS_MAX];
    struct sum sums[MM_GROUP_VALUES_MAX];
};

/* What --domain and --since need of this table. */
struct choice {
    size_t domain, day; /* leaf, key; NOTHING */
    uint32_t domain_code;
};

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
    struct mm_query_columns columns;
    struct choice choice;
    struct plan *plans;
    size_t plan_count;
    struct thread *threads;
};

/* ---- columns are found ---- */

static bool is_element(const struct work *w, const struct mm_query *q, size_t leaf)
{
    const struct mm_query_leaf *at = &w->columns.leaves[leaf];
    return q->unnest && at->list &&
           strcmp(w->columns.schema->columns[at->column].field.name, q->unnest) == 0;
}

static bool plan_test(struct work *w, const struct mm_query *q, const struct mm_test *from,
                      struct test *to)
{
    struct mm_view word = mm_view_of(from->word);
    *to = (struct test){.kind = from->kind, .number = from->number};
    to->leaf = mm_query_columns_leaf(&w->columns, from->column);
    to->other = from->other ? mm_query_columns_leaf(&w->columns, from->other) : to->leaf;
    to->of_element = is_element(w, q, to->leaf);
    return !from->word || mm_word_codes_of(w->place->words, &word, 1, &to->word);
}

static void plan_sum(struct work *w, const struct mm_query *q, const struct mm_sum *from,
                     struct sum *to)
{
    *to = (struct sum){.leaf = NOTHING, .key = NOTHING};
    if (!from->column && from->op == MM_GROUP_SUM)
        return;
    if (from->op == MM_GROUP_DAYS) {
        assert(q->day.column);
        to->key = mm_query_columns_key(&w->columns, &q->day);
        return;
    }
    if (from->op == MM_GROUP_WORD) {
        struct mm_key key = {.kind = from->as, .column = from->column};
        to->key = mm_query_columns_key(&w->columns, &key);
        to->of_element = is_element(w, q, w->columns.keys[to->key].leaf);
        return;
    }
    to->leaf = mm_query_columns_leaf(&w->columns, from->column);
    to->of_element = is_element(w, q, to->leaf);
}

/* Any member of the list does to count its elements by. */
static size_t plan_unnest(struct work *w, const struct mm_query *q)
{
    for (size_t i = 0; i < w->columns.leaf_count; i++)
        if (is_element(w, q, i))
            return i;
    assert(!q->unnest);
    return NOTHING;
}

static bool plan_query(struct work *w, struct plan *p, struct mm_query_run *run)
{
    const struct mm_query *q = &run->query;
    p->run = run;
    for (size_t i = 0; i < q->key_count; i++) {
        p->keys[i] = mm_query_columns_key(&w->columns, &q->keys[i]);
        p->of_element[i] = is_element(w, q, w->columns.keys[p->keys[i]].leaf);
    }
    for (size_t i = 0; i < q->test_count; i++)
        if (!plan_test(w, q, &q->tests[i], &p->tests[i]))
            return false;
    for (size_t i = 0; i < q->sum_count; i++) {
        run->ops[i] = (uint8_t)q->sums[i].op;
        plan_sum(w, q, &q->sums[i], &p->sums[i]);
    }
    p->unnest = plan_unnest(w, q);
    return true;
}

static bool plan_choice(struct work *w, const struct mm_query *q)
{
    const struct mm_selection *s = w->place->selection;
    struct mm_view domain = mm_view_of(s->domain);
    w->choice = (struct choice){.domain = NOTHING, .day = NOTHING};
    if (q->day.column && (s->has_since || s->has_until))
        w->choice.day = mm_query_columns_key(&w->columns, &q->day);
    if (!q->domain || !s->domain)
        return true;
    w->choice.domain = mm_query_columns_leaf(&w->columns, q->domain);
    return mm_word_codes_of(w->place->words, &domain, 1, &w->choice.domain_code);
}

static enum mm_status plan_all(struct work *w, struct mm_query_run **runs, struct mm_error *err)
{
    w->columns =
        (struct mm_query_columns){.schema = runs[0]->query.schema, .words = w->place->words};
    bool good = plan_choice(w, &runs[0]->query);
    for (size_t i = 0; good && i < w->plan_count; i++)
        good = plan_query(w, &w->plans[i], runs[i]);
    return good ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for a summary");
}

/* ---- tests ---- */

/* Slots of a leaf where a test is passed get its bit. */
static enum mm_status test_slots(struct mm_query_rows *rows, const struct test *t, uint16_t bit,
                                 uint16_t *bits, struct mm_error *err)
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
static enum mm_status test_lists(struct mm_query_rows *rows, const struct test *t, uint16_t bit,
                                 uint16_t *bits, struct mm_error *err)
{
    const struct mm_query_leaf_state *s = &rows->leaves[t->leaf];
    const uint32_t *codes = NULL, *offsets = s->vector ? s->vector->offsets : NULL;
    if (t->kind == MM_TEST_HAS)
        MM_TRY(mm_query_rows_codes(rows, t->leaf, &codes, err));
    for (size_t i = 0; offsets && i < rows->row_count; i++) {
        uint32_t at = offsets[i];
        while (codes && at < offsets[i + 1] && codes[at] != t->word)
            at++;
        if (at < offsets[i + 1])
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

static enum mm_status run_tests(struct mm_query_rows *rows, const struct plan *p, struct part *part,
                                struct mm_error *err)
{
    size_t slots = p->unnest == NOTHING ? 0 : rows->leaves[p->unnest].slot_end;
    MM_TRY(enlarge_bits(&part->row_bits, &part->row_cap, rows->row_count, err));
    MM_TRY(enlarge_bits(&part->slot_bits, &part->slot_cap, slots, err));
    for (size_t i = 0; i < p->run->query.test_count; i++) {
        const struct test *t = &p->tests[i];
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

static int64_t value_of(const struct mm_query_rows *rows, const struct sum *s, enum mm_group_op op,
                        const struct item *item)
{
    size_t at = s->of_element ? item->slot : item->row;
    if (op == MM_GROUP_WORD)
        return rows->keys[s->key][at];
    if (op == MM_GROUP_DAYS) {
        uint32_t day = rows->keys[s->key][item->row];
        return day == MM_KEY_NULL ? 0 : mm_days_pack((int32_t)day, (int32_t)day);
    }
    if (s->leaf == NOTHING)
        return 1;
    const struct mm_table_vector *v = rows->leaves[s->leaf].vector;
    /* No count is below 0, whatever a file says. */
    return mm_query_is_null(v, at) || v->numbers[at] < 0 ? 0 : v->numbers[at];
}

static void add_sums(const struct mm_query_rows *rows, const struct plan *p, struct part *part,
                     const struct item *item)
{
    const struct mm_query *q = &p->run->query;
    for (size_t i = 0; i < q->sum_count; i++)
        if (meets(&q->sums[i].when, item->bits))
            mm_group_add(&part->groups, item->group, i,
                         value_of(rows, &p->sums[i], q->sums[i].op, item));
}

/* Rows are sorted, so the group is often that of the row before. */
static bool add_item(const struct mm_query_rows *rows, const struct plan *p, struct part *part,
                     struct item *item)
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

static bool add_rows(const struct thread *t, const struct plan *p, struct part *part)
{
    const struct mm_query_rows *rows = &t->rows;
    const struct mm_condition *where = &p->run->query.where;
    const struct mm_table_vector *list =
        p->unnest == NOTHING ? NULL : rows->leaves[p->unnest].vector;
    struct item item = {.group = MM_GROUP_NONE};
    bool good = true;
    for (item.row = 0; good && item.row < rows->row_count; item.row++) {
        if (!t->chosen[item.row])
            continue;
        item.bits = part->row_bits[item.row];
        if (p->unnest == NOTHING) {
            if (meets(where, item.bits))
                good = add_item(rows, p, part, &item);
            continue;
        }
        for (item.slot = list ? list->offsets[item.row] : 0;
             good && list && item.slot < list->offsets[item.row + 1]; item.slot++) {
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
    if (w->choice.domain != NOTHING)
        MM_TRY(mm_query_rows_codes(&t->rows, w->choice.domain, &codes, err));
    if (w->choice.day != NOTHING)
        days = t->rows.keys[w->choice.day];
    for (size_t i = 0; i < count; i++) {
        bool good = !codes || codes[i] == w->choice.domain_code;
        if (days && good)
            good = days[i] != MM_KEY_NULL && (!s->has_since || (int32_t)days[i] >= s->since_day) &&
                   (!s->has_until || (int32_t)days[i] <= s->until_day);
        t->chosen[i] = good;
    }
    return MM_OK;
}

/* Bounds that leave out whole row groups and pages. */
static size_t make_filters(const struct work *w, const struct mm_query *q,
                           struct mm_table_filter filters[2])
{
    enum { DAY_US = INT64_C(86400) * 1000000 };
    const struct mm_selection *s = w->place->selection;
    size_t count = 0;
    if (w->choice.domain != NOTHING)
        filters[count++] =
            (struct mm_table_filter){.column = w->columns.leaves[w->choice.domain].column,
                                     .low_text = mm_view_of(s->domain),
                                     .high_text = mm_view_of(s->domain)};
    if (w->choice.day == NOTHING || q->day.other)
        return count; /* a value that another stands in for is absent, which no bound lets pass */
    size_t column = w->columns.leaves[w->columns.keys[w->choice.day].leaf].column;
    int64_t low = s->has_since ? s->since_day : INT32_MIN;
    int64_t high = s->has_until ? s->until_day : INT32_MAX;
    bool time = w->columns.schema->columns[column].field.type == MM_VALUE_TIMESTAMP;
    int64_t most = INT64_MAX / DAY_US - 1; /* days that fit a time */
    if (time) {
        low = (low < -most ? -most : low > most ? most : low) * DAY_US;
        high = (high < -most ? -most : high > most ? most : high) * DAY_US + (DAY_US - 1);
    }
    filters[count++] = (struct mm_table_filter){.column = column, .low = low, .high = high};
    return count;
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
    for (size_t i = 0; i < w->plan_count; i++) {
        MM_TRY(run_tests(&t->rows, &w->plans[i], &t->parts[i], err));
        if (!add_rows(t, &w->plans[i], &t->parts[i]))
            return too_many(w->columns.schema, err);
    }
    return MM_OK;
}

static void deinit_threads(struct work *w)
{
    for (unsigned i = 0; w->threads && i < w->place->threads; i++) {
        struct thread *t = &w->threads[i];
        for (size_t k = 0; t->parts && k < w->plan_count; k++) {
            mm_group_table_deinit(&t->parts[k].groups);
            free(t->parts[k].row_bits);
            free(t->parts[k].slot_bits);
        }
        mm_query_rows_deinit(&t->rows);
        free(t->parts);
        free(t->chosen);
    }
    free(w->threads);
    free(w->plans);
}

static bool init_threads(struct work *w)
{
    for (unsigned i = 0; i < w->place->threads; i++) {
        struct thread *t = &w->threads[i];
        mm_query_rows_init(&t->rows, &w->columns);
        if (!(t->parts = calloc(w->plan_count, sizeof *t->parts)))
            return false;
        for (size_t k = 0; k < w->plan_count; k++) {
            const struct mm_query_run *run = w->plans[k].run;
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
    for (size_t k = 0; k < w->plan_count; k++) {
        struct mm_group_table *whole = &w->plans[k].run->groups;
        unsigned largest = 0;
        for (unsigned i = 1; i < w->place->threads; i++)
            if (w->threads[i].parts[k].groups.count > w->threads[largest].parts[k].groups.count)
                largest = i;
        *whole = w->threads[largest].parts[k].groups;
        w->threads[largest].parts[k].groups = (struct mm_group_table){.count = 0};
        for (unsigned i = 0; i < w->place->threads; i++) {
            struct mm_group_table *part = &w->threads[i].parts[k].groups;
            if (i != largest && !mm_group_fold(whole, part, all_words, MM_FOLD_NO_COUNT))
                return too_many(w->columns.schema, err);
            mm_group_table_deinit(part);
        }
    }
    return MM_OK;
}

static enum mm_status read_all(struct work *w, struct mm_error *err)
{
    size_t columns[MM_QUERY_LEAVES_MAX];
    struct mm_table_filter filters[2];
    struct mm_scan scan = {
        .schema = w->columns.schema,
        .read = {.columns = columns,
                 .column_count = mm_query_columns_list(&w->columns, columns),
                 .filters = filters,
                 .filter_count = make_filters(w, &w->plans[0].run->query, filters),
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
    struct work w = {.place = place, .plan_count = run_count};
    w.plans = calloc(run_count, sizeof *w.plans);
    w.threads = calloc(place->threads, sizeof *w.threads);
    enum mm_status status = MM_E_NOMEM;
    if (w.plans && w.threads)
        status = plan_all(&w, runs, err);
    if (status == MM_OK && !init_threads(&w))
        status = MM_E_NOMEM;
    if (status == MM_OK)
        status = read_all(&w, err);
    else
        mm_fail(err, status, "no memory for a summary");
    deinit_threads(&w);
    return status;
}

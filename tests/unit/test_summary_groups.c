/*
 * test_summary_groups.c - groups, their order and their words beside plain references.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "summary/calendar.h"
#include "summary/group_table.h"
#include "summary/rank.h"
#include "summary/shorten.h"
#include "summary/word_codes.h"
#include "support/mm_test.h"

enum { ROWS = 20000, WORDS = 3, VALUES = 3 };
static const uint8_t ops[VALUES] = {MM_GROUP_SUM, MM_GROUP_DAYS, MM_GROUP_WORD};

struct row {
    uint32_t key[WORDS];
    int64_t count;
    int32_t day;
    uint32_t word;
};

static struct row *make_rows(uint64_t seed, uint32_t spread)
{
    struct row *rows = calloc(ROWS, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t k = 0; k < WORDS; k++)
            rows[i].key[k] = (uint32_t)(mm_random(&seed) % spread);
        rows[i].count = (int64_t)(mm_random(&seed) % 1000);
        rows[i].day = (int32_t)(mm_random(&seed) % 40000) - 20000;
        rows[i].word = (uint32_t)(mm_random(&seed) % 3);
    }
    return rows;
}

static int compare_rows(const void *a, const void *b)
{
    return memcmp(((const struct row *)a)->key, ((const struct row *)b)->key,
                  sizeof((const struct row *)a)->key);
}

static void add_row(struct mm_group_table *t, const struct row *row)
{
    uint32_t group = mm_group_of(t, row->key);
    assert_true(group != MM_GROUP_NONE);
    mm_group_add(t, group, 0, row->count);
    mm_group_add(t, group, 1, mm_days_pack(row->day, row->day));
    mm_group_add(t, group, 2, row->word);
}

/* Each run of sorted rows with one key is a group of the table. Returns how many there are. */
static size_t check_groups(const struct mm_group_table *t, struct row *rows)
{
    size_t groups = 0;
    qsort(rows, ROWS, sizeof *rows, compare_rows);
    for (size_t from = 0, to; from < ROWS; from = to, groups++) {
        int64_t sum = 0, word = 0;
        int32_t first = INT32_MAX, last = INT32_MIN;
        for (to = from; to < ROWS && compare_rows(&rows[from], &rows[to]) == 0; to++) {
            sum += rows[to].count;
            first = rows[to].day < first ? rows[to].day : first;
            last = rows[to].day > last ? rows[to].day : last;
            if (rows[to].word)
                word = word && word != rows[to].word ? MM_GROUP_SEVERAL : rows[to].word;
        }
        uint32_t group = mm_group_find(t, rows[from].key);
        assert_true(group != MM_GROUP_NONE);
        const int64_t *values = mm_group_values(t, group);
        MM_CHECK_INT("sum", values[0], sum);
        MM_CHECK_INT("first day", mm_days_first(values[1]), first);
        MM_CHECK_INT("last day", mm_days_last(values[1]), last);
        MM_CHECK_INT("word", values[2], word);
    }
    return groups;
}

static void groups_are_those_of_sorted_rows(void **state)
{
    (void)state;
    static const uint32_t spreads[] = {1, 3, 25, 1000};
    for (size_t i = 0; i < MM_COUNT(spreads); i++) {
        struct row *rows = make_rows(7 + i, spreads[i]);
        atomic_size_t left;
        struct mm_group_table t, halves[2];
        atomic_init(&left, (size_t)64 << 20);
        mm_group_table_init(&t, WORDS, ops, VALUES, &left);
        for (size_t n = 0; n < 2; n++)
            mm_group_table_init(&halves[n], WORDS, ops, VALUES, &left);
        for (size_t n = 0; n < ROWS; n++) {
            add_row(&t, &rows[n]);
            add_row(&halves[n % 2], &rows[n]);
        }
        static const uint8_t all[] = {0, 1, 2};
        assert_true(mm_group_fold(&halves[0], &halves[1], all, MM_FOLD_NO_COUNT));
        MM_CHECK_INT("groups", t.count, check_groups(&t, rows));
        MM_CHECK_INT("of two tables", halves[0].count, check_groups(&halves[0], rows));
        MM_CHECK_INT("all rows", mm_group_sum(&t, 0), mm_group_sum(&halves[0], 0));
        mm_group_table_deinit(&t);
        mm_group_table_deinit(&halves[0]);
        mm_group_table_deinit(&halves[1]);
        MM_CHECK_INT("what was taken is given back", atomic_load(&left), (size_t)64 << 20);
        free(rows);
    }
}

static void a_fold_counts_what_it_brings_together(void **state)
{
    (void)state;
    static const uint8_t one[] = {1}, two_ops[] = {MM_GROUP_SUM, MM_GROUP_SUM};
    struct row *rows = make_rows(5, 20);
    atomic_size_t left;
    struct mm_group_table t, folded;
    int64_t seen[20] = {0};
    atomic_init(&left, (size_t)64 << 20);
    mm_group_table_init(&t, WORDS, ops, VALUES, &left);
    mm_group_table_init(&folded, 1, two_ops, 2, &left);
    for (size_t n = 0; n < ROWS; n++)
        add_row(&t, &rows[n]);
    for (size_t n = 0; n < t.count; n++)
        seen[mm_group_key(&t, n)[1]]++;
    assert_true(mm_group_fold(&folded, &t, one, 1));
    MM_CHECK_INT("groups", folded.count, 20);
    for (uint32_t word = 0; word < 20; word++)
        MM_CHECK_INT("counted", mm_group_values(&folded, mm_group_find(&folded, &word))[1],
                     seen[word]);
    MM_CHECK_INT("sums stay", mm_group_sum(&folded, 0), mm_group_sum(&t, 0));
    mm_group_table_deinit(&t);
    mm_group_table_deinit(&folded);
    free(rows);
}

static void groups_end_where_their_memory_does(void **state)
{
    (void)state;
    atomic_size_t left;
    struct mm_group_table t;
    uint32_t key = 0, group = 0;
    atomic_init(&left, 1 << 20);
    mm_group_table_init(&t, 1, ops, VALUES, &left);
    while ((group = mm_group_of(&t, &key)) != MM_GROUP_NONE)
        MM_CHECK_INT("a group more", group, key++);
    MM_CHECK_TRUE("some had room", key > 1000 && key < 1 << 16);
    for (uint32_t n = 0; n < key; n++)
        MM_CHECK_INT("those that are there stay", mm_group_find(&t, &n), n);
    mm_group_table_deinit(&t);
}

static void sums_stay_at_the_top(void **state)
{
    (void)state;
    static const uint32_t nothing[1];
    atomic_size_t left;
    struct mm_group_table t;
    atomic_init(&left, 1 << 20);
    mm_group_table_init(&t, 0, ops, VALUES, &left);
    MM_CHECK_INT("no key, one group", mm_group_of(&t, nothing), 0);
    mm_group_add(&t, 0, 0, INT64_MAX);
    MM_CHECK_TRUE("not yet", !t.saturated);
    mm_group_add(&t, 0, 0, 1);
    MM_CHECK_INT("no key, the same group", mm_group_of(&t, nothing), 0);
    MM_CHECK_INT("sum", mm_group_values(&t, 0)[0], INT64_MAX);
    MM_CHECK_TRUE("told", t.saturated);
    mm_group_table_deinit(&t);
}

/* ---- order ---- */

static int compare_numbers(const void *context, uint32_t a, uint32_t b)
{
    const uint32_t *numbers = context;
    return numbers[a] != numbers[b] ? (numbers[a] < numbers[b] ? -1 : 1) : (a > b) - (a < b);
}

static const uint32_t *sorted_numbers;
static int compare_for_qsort(const void *a, const void *b)
{
    return compare_numbers(sorted_numbers, *(const uint32_t *)a, *(const uint32_t *)b);
}

static void the_first_few_are_those_of_a_whole_sort(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    uint32_t numbers[COUNT], sorted[COUNT], first[COUNT];
    uint64_t seed = 11;
    for (uint32_t i = 0; i < COUNT; i++) {
        numbers[i] = (uint32_t)(mm_random(&seed) % 500);
        sorted[i] = i;
    }
    sorted_numbers = numbers;
    qsort(sorted, COUNT, sizeof *sorted, compare_for_qsort);
    static const size_t wanted[] = {0, 1, 2, 20, 2999, 3000, 5000};
    for (size_t i = 0; i < MM_COUNT(wanted); i++) {
        size_t n = wanted[i] < COUNT ? wanted[i] : COUNT;
        MM_CHECK_INT("count", mm_rank_first(first, n, COUNT, compare_numbers, numbers), n);
        MM_CHECK_TRUE("order", n == 0 || memcmp(first, sorted, n * sizeof *first) == 0);
    }
}

/* ---- days ---- */

static void weeks_and_months_are_those_of_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 13) {
        time_t seconds = (time_t)day * 86400;
        struct tm t;
        assert_non_null(gmtime_r(&seconds, &t));
        MM_CHECK_INT("week", mm_week_of(day), day - (t.tm_wday + 6) % 7);
        MM_CHECK_INT("month", mm_month_of(day), day - (t.tm_mday - 1));
        MM_CHECK_INT("day", mm_day_of_time(day * 86400 * 1000000), day);
        MM_CHECK_INT("its last moment", mm_day_of_time((day + 1) * 86400 * 1000000 - 1), day);
    }
}

/* ---- texts ---- */

static void texts_have_one_code_each(void **state)
{
    (void)state;
    struct mm_word_codes words;
    char text[32];
    uint32_t code, again;
    mm_word_codes_init(&words, 1 << 20);
    for (uint32_t i = 0; i < 2000; i++) {
        struct mm_view v = {text, (size_t)snprintf(text, sizeof text, "%u", i)};
        assert_true(mm_word_codes_of(&words, &v, 1, &code));
        MM_CHECK_INT("a new code", code, i + 1);
        assert_true(mm_word_codes_of(&words, &v, 1, &again));
        MM_CHECK_INT("the same again", again, code);
        memset(text, 'x', sizeof text);
    }
    MM_CHECK_VIEW("copied", mm_word_text(&words, 8), MM_VIEW("7"));
    MM_CHECK_TRUE("none", !mm_word_text(&words, MM_WORD_NONE).data);
    struct mm_view empty = {"", 0};
    assert_true(mm_word_codes_of(&words, &empty, 1, &code));
    MM_CHECK_TRUE("an empty text is one", code && mm_word_text(&words, code).data);
    bool room = true;
    for (uint32_t i = 0; room && i < 1000000; i++) {
        struct mm_view v = {text, (size_t)snprintf(text, sizeof text, "more %u", i)};
        room = mm_word_codes_of(&words, &v, 1, &code);
    }
    MM_CHECK_TRUE("memory ends", !room);
    mm_word_codes_deinit(&words);
}

static void long_names_are_cut_in_the_middle(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *shown;
    } cases[] = {
        {"", 5, ""},
        {"abcde", 5, "abcde"},
        {"abcdef", 5,
         "ab\xe2\x80\xa6"
         "ef"},
        {"abcdefg", 4, "ab\xe2\x80\xa6g"},
        {"abcdefg", 3, "a\xe2\x80\xa6g"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 3, "\xc3\xa4\xe2\x80\xa6\xc3\x9f"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 4, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_buf out;
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        mm_buf_init(&out, 1024);
        mm_shorten(&out, g.view, cases[i].most);
        MM_CHECK_VIEW(cases[i].text, mm_buf_view(&out), mm_view_of(cases[i].shown));
        mm_buf_deinit(&out);
        mm_guard_free(&g);
    }
    char name[MM_SHORT_NAME_BYTES];
    MM_CHECK_VIEW("nobody", mm_view_of(mm_short_name((struct mm_view){NULL, 0}, name)),
                  MM_VIEW("(none)"));
    MM_CHECK_VIEW("a NUL", mm_view_of(mm_short_name(MM_VIEW("a\0b"), name)), MM_VIEW("a?b"));
}

MM_TEST_MAIN(MM_TEST(groups_are_those_of_sorted_rows),
             MM_TEST(a_fold_counts_what_it_brings_together),
             MM_TEST(groups_end_where_their_memory_does), MM_TEST(sums_stay_at_the_top),
             MM_TEST(the_first_few_are_those_of_a_whole_sort),
             MM_TEST(weeks_and_months_are_those_of_the_calendar), MM_TEST(texts_have_one_code_each),
             MM_TEST(long_names_are_cut_in_the_middle))

/*
 * test_summary_table.c - tables of a summary: rows, cuts, notes, shares and words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/summary_table.h"
#include "support/mm_test.h"

static const struct mm_summary_about about = {"sources", "Sources", "Who sends?"};
static const struct mm_summary_column columns[] = {
    {"domain", "domain", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
    {"messages", "messages", MM_SUMMARY_COUNT, 0},
};

static void a_table_has_the_rows_and_notes_that_it_was_given(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_summary_maker m;
    struct mm_summary_table table;
    char name[] = "a.example";
    mm_arena_init(&arena, 1024 * 1024);
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), 2);
    struct mm_summary_cell *row = mm_summary_maker_row(&m);
    row[0] = mm_summary_text(mm_view_of("b.example"));
    row[1] = mm_summary_number(7);
    MM_CHECK_TRUE("a new row is null", mm_summary_maker_row(&m)[1].null);
    mm_summary_maker_note(&m, MM_SUMMARY_ADVICE, 0, "%s sends", name);
    name[0] = 'x';
    assert_true(mm_summary_maker_end(&m, 9, &table));
    MM_CHECK_INT("rows", table.row_count, 2);
    MM_CHECK_INT("of", table.row_total, 9);
    MM_CHECK_INT("number", mm_summary_row(&table, 0)[1].number, 7);
    MM_CHECK_INT("notes", table.note_count, 1);
    MM_CHECK_VIEW("a note keeps its words", table.notes[0].text, MM_VIEW("a.example sends"));
    mm_arena_deinit(&arena);
}

static void notes_end_with_a_whole_character_and_are_not_without_end(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_summary_maker m;
    struct mm_summary_table table;
    char name[3 * MM_SUMMARY_NOTE_BYTES_MAX + 1];
    for (size_t i = 0; i + 3 < sizeof name; i += 3)
        memcpy(name + i, "\xe2\x82\xac", 4);
    mm_arena_init(&arena, 1024 * 1024);
    mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), 0);
    for (size_t i = 0; i < 2 * MM_SUMMARY_NOTES_MAX; i++)
        mm_summary_maker_note(&m, MM_SUMMARY_NOTE, MM_SUMMARY_NO_ROW, "%s", name);
    assert_true(mm_summary_maker_end(&m, 0, &table));
    MM_CHECK_INT("notes", table.note_count, MM_SUMMARY_NOTES_MAX);
    MM_CHECK_INT("cut", table.notes[0].text.len, (MM_SUMMARY_NOTE_BYTES_MAX - 1) / 3 * 3);
    mm_arena_deinit(&arena);
}

static void a_table_without_memory_says_so_at_its_end(void **state)
{
    (void)state;
    static const size_t rows[] = {1000, SIZE_MAX / 2, SIZE_MAX};
    for (size_t i = 0; i < MM_COUNT(rows); i++) {
        struct mm_arena arena;
        struct mm_summary_maker m;
        struct mm_summary_table table;
        mm_arena_init(&arena, 4096);
        mm_summary_maker_init(&m, &arena, &about, columns, MM_COUNT(columns), rows[i]);
        for (int n = 0; n < 3; n++)
            mm_summary_maker_row(&m)[1] = mm_summary_number(n);
        mm_summary_maker_note(&m, MM_SUMMARY_NOTE, MM_SUMMARY_NO_ROW, "note");
        MM_CHECK_TRUE("failed", !mm_summary_maker_end(&m, 3, &table));
        mm_arena_deinit(&arena);
    }
}

static void shares_round_but_never_to_nothing_or_all(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t part, whole;
        unsigned points;
    } cases[] = {
        {"none", 0, 3, 0},
        {"all", 3, 3, 10000},
        {"a third", 1, 3, 3333},
        {"two thirds", 2, 3, 6667},
        {"half a point", 1, 20000, 1},
        {"a trace", 1, INT64_MAX, 1},
        {"all but one", INT64_MAX - 1, INT64_MAX, 9999},
        {"all of the largest", INT64_MAX, INT64_MAX, 10000},
        {"half of the largest", INT64_MAX / 2, INT64_MAX, 5000},
        {"99.994 %", 99994, 100000, 9999},
        {"99.995 %", 99995, 100000, 9999},
        {"12.345 %", 12345, 100000, 1235},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_summary_cell cell = mm_summary_share(cases[i].part, cases[i].whole);
        MM_CHECK_INT(cases[i].label, mm_summary_share_points(&cell), cases[i].points);
    }
    MM_CHECK_TRUE("of nothing", mm_summary_share(0, 0).null);
}

static void cells_have_words(void **state)
{
    (void)state;
    static const struct {
        enum mm_summary_kind kind;
        struct mm_summary_cell cell;
        const char *words;
    } cases[] = {
        {MM_SUMMARY_TEXT, {.text = {"a\0b", 3}}, NULL},
        {MM_SUMMARY_ADDRESS, {.text = {"::1", 3}}, "::1"},
        {MM_SUMMARY_COUNT, {.number = 1234567}, "1234567"},
        {MM_SUMMARY_COUNT, {.null = true}, ""},
        {MM_SUMMARY_SHARE, {.number = 1, .whole = 8}, "12.50"},
        {MM_SUMMARY_SHARE, {.number = 8, .whole = 8}, "100.00"},
        {MM_SUMMARY_SHARE, {.null = true}, ""},
        {MM_SUMMARY_DAY, {.number = 20515}, "2026-03-03"},
        {MM_SUMMARY_WEEK, {.number = 20514}, "2026-03-02"},
        {MM_SUMMARY_MONTH, {.number = 20513}, "2026-03"},
        {MM_SUMMARY_FLAG, {.number = 1}, "yes"},
        {MM_SUMMARY_FLAG, {.number = 0}, "no"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_buf out;
        struct mm_view want = cases[i].words ? mm_view_of(cases[i].words) : cases[i].cell.text;
        mm_buf_init(&out, 1024);
        mm_summary_cell_words(&out, cases[i].kind, &cases[i].cell);
        MM_CHECK_VIEW("words", mm_buf_view(&out), want);
        mm_buf_deinit(&out);
    }
}

MM_TEST_MAIN(MM_TEST(a_table_has_the_rows_and_notes_that_it_was_given),
             MM_TEST(notes_end_with_a_whole_character_and_are_not_without_end),
             MM_TEST(a_table_without_memory_says_so_at_its_end),
             MM_TEST(shares_round_but_never_to_nothing_or_all), MM_TEST(cells_have_words))

/*
 * test_summary_page.c - the page of a summary: what becomes of texts, numbers, sums and limits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/mm_test.h"

#include "summary/page.h"
#include "summary/page_chart.h"
#include "summary/page_markup.h"
#include "summary/page_shown.h"
#include "summary/page_table.h"
#include "summary/summary_table.h"

enum { TEXT_BYTES = 4096, CHARS = 12 };

/* ---- texts ---- */

static const struct {
    const char *label;
    struct mm_view text;
    const char *shown;
} texts[] = {
    {"plain", MM_VIEW("example.com"), "example.com"},
    {"nothing", MM_VIEW(""), ""},
    {"controls", MM_VIEW("a\0\x1b[\x7f\n"), "a\xe2\x90\x80\xe2\x90\x9b[\xe2\x90\xa1\xe2\x90\x8a"},
    {"no UTF-8", MM_VIEW("\xff\xc3"), "\\xff\\xc3"},
    {"C1 control", MM_VIEW("\xc2\x9b"), "\\u{9b}"},
    {"turned around",
     MM_VIEW("\xe2\x80\xae"
             "cod"),
     "\\u{202e}cod"},
    {"isolates", MM_VIEW("\xe2\x81\xa6\xe2\x81\xa9"), "\\u{2066}\\u{2069}"},
    {"zero width",
     MM_VIEW("a\xe2\x80\x8b"
             "b\xef\xbb\xbf"),
     "a\\u{200b}b\\u{feff}"},
    {"tags", MM_VIEW("\xf3\xa0\x81\x81"), "\\u{e0041}"},
    {"other scripts", MM_VIEW("\xd7\xa9\xe4\xbe\x8b"), "\xd7\xa9\xe4\xbe\x8b"},
    {"just fits", MM_VIEW("123456789012"), "123456789012"},
    {"too long", MM_VIEW("1234567890123"), "123456789012\xe2\x80\xa6 (13 bytes)"},
    {"counted in characters", MM_VIEW("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"),
     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
};

static void every_character_of_a_stranger_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        struct mm_arena arena = {.limit_bytes = TEXT_BYTES};
        struct mm_guard g = mm_guard_copy(texts[i].text);
        MM_CHECK_VIEW(texts[i].label, mm_page_shown_text(&arena, g.view, CHARS),
                      mm_view_of(texts[i].shown));
        mm_guard_free(&g);
        mm_arena_deinit(&arena);
    }
}

static void markup_is_escaped_in_html_and_ends_no_script(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, TEXT_BYTES);
    mm_page_isolated(&out, MM_VIEW("<a b='c' d=\"e\">&"));
    MM_CHECK_VIEW("html", mm_buf_view(&out),
                  MM_VIEW("<bdi>&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;</bdi>"));
    mm_buf_clear(&out);
    mm_page_json(&out, MM_VIEW("</script><!--\"\\"));
    MM_CHECK_VIEW("json", mm_buf_view(&out), MM_VIEW("\"\\u003c/script>\\u003c!--\\\"\\\\\""));
    mm_buf_deinit(&out);
}

static const struct {
    int64_t number;
    const char *words;
} numbers[] = {{0, "0"},
               {999, "999"},
               {1000, "1,000"},
               {-1234567, "-1,234,567"},
               {INT64_MAX, "9,223,372,036,854,775,807"},
               {INT64_MIN, "-9,223,372,036,854,775,808"}};

static void numbers_are_grouped_by_three(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, TEXT_BYTES);
    for (size_t i = 0; i < MM_COUNT(numbers); i++) {
        mm_buf_clear(&out);
        mm_page_number(&out, numbers[i].number);
        MM_CHECK_VIEW(numbers[i].words, mm_buf_view(&out), mm_view_of(numbers[i].words));
    }
    mm_buf_deinit(&out);
}

/* ---- sums ---- */

static const struct mm_summary_column columns[] = {
    {"name", "name", MM_SUMMARY_TEXT, MM_SUMMARY_KEY},
    {"day", "day", MM_SUMMARY_DAY, MM_SUMMARY_KEY},
    {"class", "class", MM_SUMMARY_TEXT, 0},
    {"count", "count", MM_SUMMARY_COUNT, 0},
    {"share", "share", MM_SUMMARY_SHARE, 0},
};
static const struct mm_summary_about about = {"view", "View", "What?"};

struct sample_row {
    const char *name;
    int64_t day;
    const char *class;
    int64_t count, part, whole;
};

static struct mm_summary_table make_table(struct mm_arena *arena, const struct sample_row *rows,
                                          size_t count)
{
    struct mm_summary_maker m;
    struct mm_summary_table table;
    mm_summary_maker_init(&m, arena, &about, columns, MM_COUNT(columns), count);
    for (size_t i = 0; i < count; i++) {
        struct mm_summary_cell *row = mm_summary_maker_row(&m);
        row[0] = mm_summary_text(mm_view_of(rows[i].name));
        row[1] = mm_summary_number(rows[i].day);
        row[2] = mm_summary_text(mm_view_of(rows[i].class));
        row[3] = mm_summary_number(rows[i].count);
        row[4] = mm_summary_share(rows[i].part, rows[i].whole);
    }
    MM_CHECK_TRUE("made", mm_summary_maker_end(&m, count, &table));
    return table;
}

static const struct sample_row sample[] = {
    {"b", 10, "hard", 3, 1, 2}, {"a", 12, "soft", 4, 2, 2}, {"b", 12, "other", 5, 0, 7},
    {NULL, 10, NULL, 6, 0, 0},  {"c", 9, "hard", 0, 0, 1},
};

static const struct mm_page_chart by_name = {
    .slug = "view",
    .kind = MM_PAGE_BARS,
    .keys = {"name"},
    .word_column = "class",
    .parts = {{.label = "hard", .tone = "bad", .column = "count", .word = "hard"},
              {.label = "soft", .tone = "warn", .column = "count", .word = "soft"},
              {.label = "rest", .tone = "plain", .column = "count", .word = ""}}};
static const struct mm_page_chart by_day = {
    .slug = "view",
    .kind = MM_PAGE_RATE,
    .keys = {"day"},
    .parts = {{.label = "in", .tone = "good", .column = "share"},
              {.label = "out", .tone = "bad", .column = "share", .rest = true}}};

static void rows_of_one_name_are_added_up_and_the_largest_is_first(void **state)
{
    (void)state;
    struct mm_arena arena = {.limit_bytes = 1 << 20};
    struct mm_summary_table table = make_table(&arena, sample, MM_COUNT(sample));
    struct mm_page_plan plan;
    struct mm_page_series s;
    MM_CHECK_TRUE("planned", mm_page_plan(&by_name, &table, &plan));
    MM_CHECK_TRUE("added up", mm_page_series(&arena, &plan, &s));
    MM_CHECK_INT("groups; one without a message is none", (int)s.count, 3);
    MM_CHECK_VIEW("largest", s.groups[0].names[0], MM_VIEW("b"));
    MM_CHECK_INT("its hard ones", (int)s.groups[0].parts[0], 3);
    MM_CHECK_INT("its rest", (int)s.groups[0].parts[2], 5);
    MM_CHECK_INT("nobody's rest", (int)s.groups[1].parts[2], 6);
    MM_CHECK_INT("nobody's name", (int)s.groups[1].names[0].len, 0);
    MM_CHECK_INT("soft", (int)s.groups[2].parts[1], 4);
    mm_arena_deinit(&arena);
}

static void days_without_a_row_keep_their_place(void **state)
{
    (void)state;
    struct mm_arena arena = {.limit_bytes = 1 << 20};
    struct mm_summary_table table = make_table(&arena, sample, MM_COUNT(sample));
    struct mm_page_plan plan;
    struct mm_page_series s;
    MM_CHECK_TRUE("planned", mm_page_plan(&by_day, &table, &plan));
    MM_CHECK_TRUE("added up", mm_page_series(&arena, &plan, &s));
    MM_CHECK_INT("days 9 to 12", (int)s.count, 4);
    MM_CHECK_INT("day 10, in", (int)s.groups[1].parts[0], 1);
    MM_CHECK_INT("day 10, out", (int)s.groups[1].parts[1], 1);
    MM_CHECK_INT("day 11", (int)s.groups[2].total, 0);
    MM_CHECK_INT("day 12, in and out", (int)s.groups[3].total, 9);
    mm_arena_deinit(&arena);
}

static void sums_stop_at_their_limit(void **state)
{
    (void)state;
    static const struct sample_row huge[] = {{"a", 1, "hard", INT64_MAX, 0, 0},
                                             {"a", 1, "hard", INT64_MAX, 0, 0},
                                             {"a", 1, "hard", INT64_MAX, 0, 0}};
    struct mm_arena arena = {.limit_bytes = 1 << 20};
    struct mm_summary_table table = make_table(&arena, huge, MM_COUNT(huge));
    struct mm_page_plan plan;
    struct mm_page_series s;
    MM_CHECK_TRUE("planned",
                  mm_page_plan(&by_name, &table, &plan) && mm_page_series(&arena, &plan, &s));
    MM_CHECK_TRUE("the most there is", s.groups[0].total == UINT64_MAX);
    mm_arena_deinit(&arena);
}

static const struct {
    const char *label;
    int64_t first, last;
    int width; /* 0: no chart */
} windows[] = {
    {"a day", 20000, 20000, 1},
    {"400 days", 20000, 20399, 1},
    {"401 days", 20000, 20400, 7},
    {"eight years", 17000, 20000, 28},
    {"since 1970", 0, 20700, 364},
    {"a report of the year 9999", 20000, 2932896, 36400},
    {"all of 32 bits", INT32_MIN, INT32_MAX, 0},
};

static void a_wide_window_takes_several_days_a_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(windows); i++) {
        struct mm_arena arena = {.limit_bytes = 1 << 20};
        const struct sample_row rows[] = {{"a", windows[i].first, "hard", 1, 1, 1},
                                          {"a", windows[i].last, "hard", 1, 1, 1}};
        struct mm_summary_table table = make_table(&arena, rows, MM_COUNT(rows));
        struct mm_page_plan plan;
        bool planned = mm_page_plan(&by_day, &table, &plan);
        MM_CHECK_INT(windows[i].label, planned ? (int)plan.width : 0, windows[i].width);
        mm_arena_deinit(&arena);
    }
}

static void a_chart_without_its_column_is_none(void **state)
{
    (void)state;
    struct mm_arena arena = {.limit_bytes = 1 << 20};
    struct mm_summary_table table = make_table(&arena, sample, MM_COUNT(sample));
    struct mm_page_chart missing = by_day;
    struct mm_page_plan plan;
    missing.keys[0] = "nowhere";
    MM_CHECK_TRUE("no such column", !mm_page_plan(&missing, &table, &plan));
    table.row_count = 0;
    MM_CHECK_TRUE("no row", !mm_page_plan(&by_day, &table, &plan));
    mm_arena_deinit(&arena);
}

/* ---- limits ---- */

static void numbers_past_what_a_script_can_hold_are_texts(void **state)
{
    (void)state;
    static const struct sample_row rows[] = {{"a", 1, "x", INT64_MAX, 1, 3},
                                             {"a", 1, NULL, 1, 0, 0}};
    struct mm_arena arena = {.limit_bytes = 1 << 20};
    struct mm_summary_table table = make_table(&arena, rows, MM_COUNT(rows));
    struct mm_buf out;
    mm_buf_init(&out, TEXT_BYTES);
    mm_page_table_data(&out, &table, SIZE_MAX);
    const char *found = strstr(mm_arena_copy(&arena, mm_buf_view(&out)).data, "\"words\"");
    MM_CHECK_VIEW(
        "data", mm_view_of(found ? found : ""),
        MM_VIEW("\"words\":[\"a\",\"x\"],\"rows\":[[0,1,1,\"9223372036854775807\",[1,3]],\n"
                "[0,1,null,1,null]]}"));
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

static void a_page_without_room_is_refused_and_one_with_a_little_has_fewer_rows(void **state)
{
    (void)state;
    enum { ROWS = 5000, LITTLE = 200000 };
    struct mm_arena arena = {.limit_bytes = 1 << 26};
    struct sample_row *rows = MM_ARENA_ARRAY(&arena, struct sample_row, ROWS);
    for (int i = 0; i < ROWS; i++)
        rows[i] = (struct sample_row){"name", i % 100, "hard", i, 1, 2};
    struct mm_summary_table table = make_table(&arena, rows, ROWS);
    struct mm_summary summary = {.head = {.mailmill = "0"}, .tables = &table, .table_count = 1};
    struct mm_error err = {0};
    struct mm_buf out;
    mm_buf_init(&out, LITTLE);
    MM_CHECK_INT("little room", mm_page_make(&out, &summary, &err), MM_OK);
    mm_buf_append_char(&out, '\0');
    MM_CHECK_TRUE("cut, and says so", strstr(out.data, "100 of 5,000 shown") != NULL);
    mm_buf_deinit(&out);
    mm_buf_init(&out, 1000);
    MM_CHECK_INT("no room", mm_page_make(&out, &summary, &err), MM_E_LIMIT);
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(every_character_of_a_stranger_is_seen),
             MM_TEST(markup_is_escaped_in_html_and_ends_no_script),
             MM_TEST(numbers_are_grouped_by_three),
             MM_TEST(rows_of_one_name_are_added_up_and_the_largest_is_first),
             MM_TEST(days_without_a_row_keep_their_place), MM_TEST(sums_stop_at_their_limit),
             MM_TEST(a_wide_window_takes_several_days_a_column),
             MM_TEST(a_chart_without_its_column_is_none),
             MM_TEST(numbers_past_what_a_script_can_hold_are_texts),
             MM_TEST(a_page_without_room_is_refused_and_one_with_a_little_has_fewer_rows))

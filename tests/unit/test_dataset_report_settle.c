/*
 * test_dataset_report_settle.c - of several readings of a report one is kept, whatever came first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row.h"
#include "columnar/row_merge.h"
#include "dataset/report_settle.h"
#include "support/mm_test.h"

struct planted {
    const char *path;
    char identity; /* which report it is a reading of */
    bool salvaged;
    int64_t records, messages, document, content;
    uint32_t input, siblings;
    bool alone;
    enum mm_claim_state state;
};

enum { CLAIMS_MAX = 16, ORDERS = 24 };

struct told {
    size_t stored_count, kept_count, duplicate_count;
    char kept[CLAIMS_MAX][16], duplicates[CLAIMS_MAX][48];
};

static void put_claim(struct mm_row_runs *runs, const struct planted *c, uint8_t number)
{
    struct mm_buf buf;
    struct mm_row_writer w;
    struct mm_view row;
    uint8_t identity[16] = {(uint8_t)c->identity}, reading[16] = {number};
    uint8_t input[16] = {(uint8_t)c->input};
    mm_buf_init(&buf, 4096);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_CLAIMS], &buf);
    mm_row_begin(&w);
    mm_row_int(&w, MM_TABLE_DMARC_REPORTS);
    mm_row_address(&w, identity);
    mm_row_bool(&w, c->salvaged);
    mm_row_int(&w, -c->records);
    mm_row_int(&w, -c->messages);
    mm_row_int(&w, c->document);
    mm_row_string(&w, mm_view_of(c->path));
    mm_row_null(&w);
    mm_row_int(&w, c->identity * 1000);
    mm_row_int(&w, c->content);
    mm_row_address(&w, reading);
    mm_row_address(&w, input);
    mm_row_int(&w, c->siblings);
    mm_row_bool(&w, c->alone);
    mm_row_int(&w, c->state);
    MM_CHECK_INT("claim", mm_row_end(&w, &row), MM_OK);
    MM_CHECK_INT("add", mm_row_runs_add(runs, 0, row, NULL), MM_OK);
    mm_buf_deinit(&buf);
}

static enum mm_status take_stored(void *context, struct mm_view claim, struct mm_error *err)
{
    struct told *told = context;
    struct mm_row_cursor c;
    struct mm_cell cells[MM_CLAIM_COLUMNS];
    (void)err;
    mm_row_cursor_init(&c, &mm_work_tables[MM_TABLE_CLAIMS], claim);
    for (size_t i = 0; i < MM_CLAIM_COLUMNS; i++)
        MM_CHECK_INT("cell", mm_row_next(&c, &cells[i]), MM_OK);
    struct mm_view path = cells[MM_CLAIM_SOURCE_PATH].text;
    MM_CHECK_TRUE("it has been settled", cells[MM_CLAIM_STATE].integer != MM_CLAIM_NEW);
    MM_CHECK_TRUE("numbers of readings are of one run",
                  mm_view_eq(cells[MM_CLAIM_READING].text, (struct mm_view){(char[16]){0}, 16}));
    told->stored_count++;
    if (cells[MM_CLAIM_STATE].integer == MM_CLAIM_KEPT)
        snprintf(told->kept[told->kept_count++], 16, "%.*s", (int)path.len, path.data);
    return MM_OK;
}

static enum mm_status take_duplicate(void *context, struct mm_view row, struct mm_error *err)
{
    struct told *told = context;
    struct mm_row_cursor c;
    struct mm_cell cells[4];
    (void)err;
    mm_row_cursor_init(&c, &mm_report_tables[MM_TABLE_DUPLICATES], row);
    for (size_t i = 0; i < 4; i++)
        MM_CHECK_INT("cell", mm_row_next(&c, &cells[i]), MM_OK);
    snprintf(told->duplicates[told->duplicate_count++], 48, "%.*s %lld %s", (int)cells[1].text.len,
             cells[1].text.data, (long long)cells[0].integer, cells[3].integer ? "same" : "other");
    return MM_OK;
}

/* Settle claims in one of many orders. */
static void settle(const struct planted *claims, size_t count, uint64_t seed, struct told *told,
                   struct mm_settlement *settlement)
{
    const struct mm_table_schema *const tables[] = {&mm_work_tables[MM_TABLE_CLAIMS]};
    const struct mm_settle_to to = {take_stored, take_duplicate, told};
    struct mm_row_runs *runs = mm_row_runs_new(tables, 1, 1 << 20, "/tmp");
    struct mm_row_merge *merge = NULL;
    size_t order[CLAIMS_MAX];
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; seed && i-- > 1;) {
        size_t k = mm_random(&seed) % (i + 1), held = order[i];
        order[i] = order[k];
        order[k] = held;
    }
    for (size_t i = 0; i < count; i++)
        put_claim(runs, &claims[order[i]], (uint8_t)(order[i] + 1));
    *told = (struct told){0};
    *settlement = (struct mm_settlement){.dmarc_reports = 0};
    MM_CHECK_INT("merge", mm_row_merge_new(&runs, 1, 0, &merge, NULL), MM_OK);
    MM_CHECK_INT("settle", mm_reports_settle(merge, &to, settlement, NULL), MM_OK);
    mm_row_merge_free(&merge);
    mm_row_runs_free(&runs);
}

static bool keeps_reading(const struct mm_settlement *settlement, uint8_t number)
{
    char row[4 + MM_READING_BYTES] = "row";
    struct mm_view view = {row, sizeof row};
    row[4] = (char)number;
    bool keeps = mm_settlement_keeps(settlement, MM_TABLE_DMARC_RECORDS, &view);
    MM_CHECK_INT("the reading is cut off", view.len, 4);
    return keeps;
}

/* The second of each pair is the worse one, for one reason alone. */
static const struct planted pairs[][2] = {
    {{"b", 1, false, 1, 1, 9, 1, 1, 1, true, MM_CLAIM_NEW},
     {"a", 1, true, 9, 9, 1, 1, 2, 1, true, MM_CLAIM_NEW}},
    {{"b", 1, false, 9, 1, 9, 1, 1, 1, true, MM_CLAIM_NEW},
     {"a", 1, false, 8, 9, 1, 1, 2, 1, true, MM_CLAIM_NEW}},
    {{"b", 1, false, 9, 9, 9, 1, 1, 1, true, MM_CLAIM_NEW},
     {"a", 1, false, 9, 8, 1, 1, 2, 1, true, MM_CLAIM_NEW}},
    {{"b", 1, false, 9, 9, 1, 1, 1, 1, true, MM_CLAIM_NEW},
     {"a", 1, false, 9, 9, 2, 1, 2, 1, true, MM_CLAIM_NEW}},
    {{"a", 1, false, 9, 9, 1, 1, 1, 1, true, MM_CLAIM_NEW},
     {"b", 1, false, 9, 9, 1, 1, 2, 1, true, MM_CLAIM_NEW}},
};

static void the_better_reading_is_kept_whichever_comes_first(void **state)
{
    (void)state;
    struct told told;
    struct mm_settlement s;
    for (size_t i = 0; i < MM_COUNT(pairs); i++)
        for (uint64_t seed = 0; seed < 8; seed++) {
            settle(pairs[i], 2, seed, &told, &s);
            MM_CHECK_INT("kept", told.kept_count, 1);
            MM_CHECK_VIEW("the better one", mm_view_of(told.kept[0]), mm_view_of(pairs[i][0].path));
            MM_CHECK_TRUE("its rows stay", keeps_reading(&s, 1));
            MM_CHECK_TRUE("the other's rows go", !keeps_reading(&s, 2));
            MM_CHECK_INT("an input was told by another", s.duplicate_inputs, 1);
            mm_settlement_deinit(&s);
        }
}

static void a_file_named_twice_is_kept_once(void **state)
{
    (void)state;
    static const struct planted twice[] = {
        {"a", 1, false, 1, 1, 1, 1, 1, 1, true, MM_CLAIM_NEW},
        {"a", 1, false, 1, 1, 1, 1, 2, 1, true, MM_CLAIM_NEW},
    };
    struct told told;
    struct mm_settlement s;
    settle(twice, 2, 0, &told, &s);
    MM_CHECK_INT("one reading of two", keeps_reading(&s, 1) + keeps_reading(&s, 2), 1);
    MM_CHECK_VIEW("row", mm_view_of(told.duplicates[0]), MM_VIEW("a 1000 same"));
    mm_settlement_deinit(&s);
}

static void other_reports_are_left_alone_and_content_is_compared(void **state)
{
    (void)state;
    static const struct planted claims[] = {
        {"a", 1, false, 5, 5, 1, 11, 1, 1, true, MM_CLAIM_NEW},
        {"b", 1, false, 5, 5, 2, 11, 2, 1, true, MM_CLAIM_NEW}, /* the same in another wrapping */
        {"c", 1, false, 4, 5, 3, 12, 3, 1, true, MM_CLAIM_NEW}, /* fewer records */
        {"d", 2, false, 5, 5, 1, 11, 4, 1, true, MM_CLAIM_NEW}, /* another report */
    };
    struct told told;
    struct mm_settlement s;
    for (uint64_t seed = 0; seed < ORDERS; seed++) {
        settle(claims, MM_COUNT(claims), seed, &told, &s);
        MM_CHECK_INT("kept", told.kept_count, 2);
        MM_CHECK_VIEW("kept", mm_view_of(told.kept[0]), MM_VIEW("a"));
        MM_CHECK_VIEW("kept", mm_view_of(told.kept[1]), MM_VIEW("d"));
        MM_CHECK_VIEW("dropped", mm_view_of(told.duplicates[0]), MM_VIEW("b 1000 same"));
        MM_CHECK_VIEW("dropped", mm_view_of(told.duplicates[1]), MM_VIEW("c 1000 other"));
        MM_CHECK_INT("reports", s.dmarc_reports, 2);
        MM_CHECK_INT("inputs", s.duplicate_inputs, 2);
        mm_settlement_deinit(&s);
    }
}

static void an_input_is_a_duplicate_when_all_in_it_is(void **state)
{
    (void)state;
    static const struct planted claims[] = {
        {"a", 1, false, 5, 5, 1, 1, 1, 1, true, MM_CLAIM_NEW},
        {"b", 2, false, 5, 5, 1, 1, 2, 1, true, MM_CLAIM_NEW},
        {"z", 1, false, 5, 5, 1, 1, 3, 2, true, MM_CLAIM_NEW}, /* an input of two reports */
        {"z", 2, false, 5, 5, 1, 1, 3, 2, true, MM_CLAIM_NEW}, /* and both lost */
        {"y", 1, false, 5, 5, 1, 1, 4, 2, true, MM_CLAIM_NEW}, /* one of two lost */
        {"y", 3, false, 5, 5, 1, 1, 4, 2, true, MM_CLAIM_NEW},
        {"x", 1, false, 5, 5, 1, 1, 5, 1, false, MM_CLAIM_NEW}, /* and a bounce beside it */
    };
    struct told told;
    struct mm_settlement s;
    settle(claims, MM_COUNT(claims), 1, &told, &s);
    MM_CHECK_INT("inputs", s.duplicate_inputs, 1);
    MM_CHECK_INT("rows", told.duplicate_count, 4);
    mm_settlement_deinit(&s);
}

static void what_is_stored_gives_way_to_what_is_better(void **state)
{
    (void)state;
    static const struct planted claims[] = {
        {"old", 1, false, 5, 5, 1, 1, 0, 1, true, MM_CLAIM_KEPT},
        {"new", 1, false, 6, 6, 1, 2, 1, 1, true, MM_CLAIM_NEW},
        {"old", 2, false, 5, 5, 1, 1, 0, 1, true, MM_CLAIM_KEPT},
        {"new", 2, false, 4, 4, 1, 2, 2, 1, true, MM_CLAIM_NEW},
    };
    struct told told;
    struct mm_settlement s;
    settle(claims, MM_COUNT(claims), 1, &told, &s);
    MM_CHECK_TRUE("replaced", mm_settlement_replaces(&s, MM_TABLE_DMARC_REPORTS, 1000));
    MM_CHECK_TRUE("stays", !mm_settlement_replaces(&s, MM_TABLE_DMARC_REPORTS, 2000));
    MM_CHECK_TRUE("of another kind", !mm_settlement_replaces(&s, MM_TABLE_TLS_REPORTS, 1000));
    MM_CHECK_TRUE("the better new one", keeps_reading(&s, 2));
    MM_CHECK_TRUE("not the worse new one", !keeps_reading(&s, 4));
    MM_CHECK_TRUE("no number of an earlier run", keeps_reading(&s, 1));
    MM_CHECK_INT("inputs of this run alone", s.duplicate_inputs, 1);
    mm_settlement_deinit(&s);
}

/* Whether the dataset's row of a reading, told against the one it kept, has to go. */
static bool is_unsaid(const struct mm_settlement *settlement, const char *path, bool same)
{
    struct mm_buf buf;
    struct mm_row_writer w;
    struct mm_view row;
    mm_buf_init(&buf, 4096);
    mm_row_writer_init(&w, &mm_work_tables[MM_TABLE_DUPLICATES], &buf);
    mm_row_begin(&w);
    mm_row_int(&w, 1000);
    mm_row_string(&w, mm_view_of(path));
    mm_row_null(&w);
    mm_row_bool(&w, same);
    MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
    bool unsaid = mm_settlement_unsays(settlement, row);
    mm_buf_deinit(&buf);
    return unsaid;
}

static void what_was_said_of_losers_is_said_against_the_new_one(void **state)
{
    (void)state;
    static const struct planted claims[] = {
        {"new", 1, false, 6, 6, 1, 2, 1, 1, true, MM_CLAIM_NEW},
        {"kept", 1, false, 5, 5, 1, 1, 0, 1, true, MM_CLAIM_KEPT},
        {"same", 1, false, 5, 5, 2, 1, 0, 1, true, MM_CLAIM_LOST},
        {"other", 1, false, 4, 4, 1, 3, 0, 1, true, MM_CLAIM_LOST},
    };
    struct told told;
    struct mm_settlement s;
    for (uint64_t seed = 0; seed < ORDERS; seed++) {
        settle(claims, MM_COUNT(claims), seed, &told, &s);
        MM_CHECK_INT("all are stored", told.stored_count, 4);
        MM_CHECK_INT("rows", told.duplicate_count, 2);
        MM_CHECK_VIEW("row", mm_view_of(told.duplicates[0]), MM_VIEW("kept 1000 other"));
        MM_CHECK_VIEW("row", mm_view_of(told.duplicates[1]), MM_VIEW("same 1000 other"));
        MM_CHECK_TRUE("it was the same", is_unsaid(&s, "same", true));
        MM_CHECK_TRUE("it was another, and is", !is_unsaid(&s, "other", false));
        MM_CHECK_TRUE("files are looked through", mm_settlement_touches(&s, MM_TABLE_DUPLICATES));
        MM_CHECK_INT("of this run none", s.duplicate_inputs, 0);
        MM_CHECK_INT("of all", s.all_duplicate_inputs, 3);
        mm_settlement_deinit(&s);
    }
}

static void nothing_is_touched_where_the_kept_one_stays(void **state)
{
    (void)state;
    static const struct planted claims[] = {
        {"kept", 1, false, 5, 5, 1, 1, 0, 1, true, MM_CLAIM_KEPT},
        {"lost", 1, false, 5, 5, 2, 1, 0, 1, true, MM_CLAIM_LOST},
        {"new", 1, false, 4, 4, 1, 3, 1, 1, true, MM_CLAIM_NEW},
    };
    struct told told;
    struct mm_settlement s;
    settle(claims, MM_COUNT(claims), 1, &told, &s);
    MM_CHECK_INT("rows", told.duplicate_count, 1);
    MM_CHECK_VIEW("row", mm_view_of(told.duplicates[0]), MM_VIEW("new 1000 other"));
    for (size_t table = 0; table < MM_REPORT_TABLES; table++)
        MM_CHECK_TRUE("not touched", !mm_settlement_touches(&s, table));
    MM_CHECK_INT("no report of this run is kept", s.dmarc_reports, 0);
    mm_settlement_deinit(&s);
}

MM_TEST_MAIN(MM_TEST(the_better_reading_is_kept_whichever_comes_first),
             MM_TEST(a_file_named_twice_is_kept_once),
             MM_TEST(other_reports_are_left_alone_and_content_is_compared),
             MM_TEST(an_input_is_a_duplicate_when_all_in_it_is),
             MM_TEST(what_is_stored_gives_way_to_what_is_better),
             MM_TEST(what_was_said_of_losers_is_said_against_the_new_one),
             MM_TEST(nothing_is_touched_where_the_kept_one_stays))

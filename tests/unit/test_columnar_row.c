/*
 * test_columnar_row.c - rows come back as they were built, and stand in one order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row.h"

#include <stdlib.h>

#include "support/mm_test.h"

static const struct mm_table_field result_members[] = {
    {"domain", MM_VALUE_STRING, MM_FIELD_NULLABLE},
    {"bits", MM_VALUE_INT32, 0},
};
static const struct mm_column columns[] = {
    {.field = {"domain", MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM}},
    {.field = {"flags", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
    {.field = {"count", MM_VALUE_INT64, MM_FIELD_DELTA}},
    {.field = {"results", 0, 0},
     .shape = MM_COLUMN_STRUCT_LIST,
     .members = result_members,
     .member_count = 2},
    {.field = {"source_ip", MM_VALUE_ADDRESS, MM_FIELD_NULLABLE}},
    {.field = {"aligned", MM_VALUE_BOOL, 0}},
};
static const uint8_t sort[] = {0, 2};
static const struct mm_table_schema schema = {"planted", columns, MM_COUNT(columns), sort, 2};
static const uint8_t address[MM_ADDRESS_BYTES] = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1};

/* flag_count flags, result_count results; NULL domain where `domain` is NULL. */
static struct mm_view build(struct mm_buf *buf, const char *domain, int64_t count,
                            uint32_t flag_count, uint32_t result_count)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_row_writer_init(&w, &schema, buf);
    mm_row_begin(&w);
    mm_row_string_or_null(&w, mm_view_of(domain));
    mm_row_list(&w, flag_count);
    for (uint32_t i = 0; i < flag_count; i++)
        mm_row_string(&w, MM_VIEW("salvaged"));
    mm_row_int(&w, count);
    mm_row_list(&w, result_count);
    for (uint32_t i = 0; i < result_count; i++) {
        mm_row_null(&w);
        mm_row_int(&w, i);
    }
    mm_row_address(&w, address);
    mm_row_bool(&w, true);
    MM_CHECK_INT("row", mm_row_end(&w, &row), MM_OK);
    return row;
}

static void a_row_is_read_back_value_by_value(void **state)
{
    (void)state;
    struct mm_buf buf;
    struct mm_row_cursor c;
    struct mm_cell cell;
    mm_buf_init(&buf, 4096);
    struct mm_guard row = mm_guard_copy(build(&buf, "example.org", -7, 1, 2));
    mm_row_cursor_init(&c, &schema, row.view);
    MM_CHECK_INT("domain", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_VIEW("domain", cell.text, MM_VIEW("example.org"));
    MM_CHECK_INT("flags", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_INT("flags", cell.list ? cell.count : 0, 1);
    MM_CHECK_INT("flag", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_VIEW("flag", cell.text, MM_VIEW("salvaged"));
    MM_CHECK_INT("count", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_INT("count", cell.integer, -7);
    MM_CHECK_INT("results", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_INT("results", cell.count, 2);
    for (int i = 0; i < 2; i++) {
        MM_CHECK_INT("member", mm_row_next(&c, &cell), MM_OK);
        MM_CHECK_TRUE("member domain is absent", cell.null && cell.field == &result_members[0]);
        MM_CHECK_INT("member", mm_row_next(&c, &cell), MM_OK);
        MM_CHECK_INT("member bits", cell.integer, i);
    }
    MM_CHECK_INT("source_ip", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_VIEW("source_ip", cell.text, ((struct mm_view){(const char *)address, 16}));
    MM_CHECK_INT("aligned", mm_row_next(&c, &cell), MM_OK);
    MM_CHECK_INT("aligned", cell.integer, 1);
    MM_CHECK_INT("end", mm_row_next(&c, &cell), MM_END);
    mm_guard_free(&row);
    mm_buf_deinit(&buf);
}

/* Where one byte tells a length, where five do, and what is absent. */
static void texts_of_every_length_come_back(void **state)
{
    static const size_t lengths[] = {0, 1, 252, 253, 254, 255, 256, 65536};
    struct mm_buf buf;
    struct mm_row_cursor c;
    struct mm_cell cell;
    char *text = calloc(1, 65536 + 1);
    (void)state;
    mm_buf_init(&buf, 1 << 20);
    memset(text, 'x', 65536);
    for (size_t i = 0; i <= MM_COUNT(lengths); i++) {
        bool absent = i == MM_COUNT(lengths);
        size_t len = absent ? 0 : lengths[i];
        text[len] = '\0';
        mm_buf_clear(&buf);
        struct mm_guard row = mm_guard_copy(build(&buf, absent ? NULL : text, 1, 0, 0));
        mm_row_cursor_init(&c, &schema, row.view);
        MM_CHECK_INT("domain", mm_row_next(&c, &cell), MM_OK);
        MM_CHECK_INT("absent", cell.null, absent);
        MM_CHECK_INT("length", cell.text.len, len);
        MM_CHECK_TRUE("the text", memcmp(absent ? text : cell.text.data, text, len) == 0);
        MM_CHECK_INT("flags", mm_row_next(&c, &cell), MM_OK);
        MM_CHECK_INT("no flag", cell.count, 0);
        text[len] = 'x';
        mm_guard_free(&row);
    }
    free(text);
    mm_buf_deinit(&buf);
}

static void a_row_cut_short_is_noticed(void **state)
{
    (void)state;
    struct mm_buf buf;
    mm_buf_init(&buf, 4096);
    struct mm_view row = build(&buf, "example.org", 1, 2, 2);
    for (size_t len = 0; len < row.len; len++) {
        struct mm_guard cut = mm_guard_copy(mm_view_sub(row, 0, len));
        struct mm_row_cursor c;
        struct mm_cell cell;
        enum mm_status status;
        mm_row_cursor_init(&c, &schema, cut.view);
        while ((status = mm_row_next(&c, &cell)) == MM_OK)
            ;
        MM_CHECK_INT("cut", status, MM_E_BUG);
        mm_guard_free(&cut);
    }
    mm_buf_deinit(&buf);
}

static void rows_stand_in_one_order(void **state)
{
    (void)state;
    static const struct {
        const char *label, *domain;
        int64_t count;
        uint32_t flags;
    } order[] = {
        {"absent comes first", NULL, 9, 0},
        {"text bytewise", "a.example", 5, 3},
        {"a prefix before more", "a.examples", -1, 0},
        {"numbers by value, negative first", "b", -2, 0},
        {"then positive", "b", 1, 0},
        {"then by bytes", "b", 1, 1},
    };
    struct mm_buf bufs[MM_COUNT(order)];
    struct mm_view rows[MM_COUNT(order)];
    for (size_t i = 0; i < MM_COUNT(order); i++) {
        mm_buf_init(&bufs[i], 4096);
        rows[i] = build(&bufs[i], order[i].domain, order[i].count, order[i].flags, 0);
    }
    for (size_t i = 0; i < MM_COUNT(order); i++)
        for (size_t k = 0; k < MM_COUNT(order); k++) {
            int found = mm_row_compare(&schema, rows[i], rows[k]);
            MM_CHECK_INT(order[k].label, (found > 0) - (found < 0), (i > k) - (i < k));
        }
    for (size_t i = 0; i < MM_COUNT(order); i++)
        mm_buf_deinit(&bufs[i]);
}

static void a_row_without_room_leaves_the_rows_before_it(void **state)
{
    (void)state;
    struct mm_buf buf;
    struct mm_row_writer w;
    struct mm_view row;
    mm_buf_init(&buf, 256);
    build(&buf, "example.org", 1, 0, 0);
    size_t before = buf.len;
    mm_row_writer_init(&w, &schema, &buf);
    mm_row_begin(&w);
    mm_row_null(&w);
    mm_row_list(&w, 64);
    for (int i = 0; i < 64; i++)
        mm_row_string(&w, MM_VIEW("salvaged"));
    mm_row_int(&w, 1);
    mm_row_list(&w, 0);
    mm_row_null(&w);
    mm_row_bool(&w, false);
    MM_CHECK_INT("over the buffer", mm_row_end(&w, &row), MM_E_NOMEM);
    MM_CHECK_INT("length", buf.len, before);
    build(&buf, "example.net", 2, 0, 0);
    mm_buf_deinit(&buf);
}

MM_TEST_MAIN(MM_TEST(texts_of_every_length_come_back), MM_TEST(a_row_is_read_back_value_by_value),
             MM_TEST(a_row_cut_short_is_noticed), MM_TEST(rows_stand_in_one_order),
             MM_TEST(a_row_without_room_leaves_the_rows_before_it))

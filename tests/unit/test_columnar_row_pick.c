/*
 * test_columnar_row_pick.c - a few columns of a row are those that a walk over all of them finds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_pick.h"

#include "support/mm_test.h"
#include "support/random_table.h"

/* Some of the scalar columns, in any order. */
static size_t draw_columns(uint64_t *random, uint8_t *columns)
{
    size_t count = 0;
    for (size_t i = 0; i < mm_random_schema.column_count; i++) {
        if (mm_random_schema.columns[i].shape != MM_COLUMN_SCALAR || mm_random(random) % 3)
            continue;
        size_t at = mm_random(random) % (count + 1);
        columns[count++] = columns[at];
        columns[at] = (uint8_t)i;
    }
    return count;
}

static struct mm_cell cell_of(struct mm_view row, size_t column)
{
    struct mm_row_cursor c;
    struct mm_cell cell = {.null = true};
    mm_row_cursor_init(&c, &mm_random_schema, row);
    for (bool found = false; !found;) {
        found = c.column == column;
        MM_CHECK_INT("a value", mm_row_next(&c, &cell), MM_OK);
    }
    return cell;
}

static void check_value(const struct mm_row_value *value, const struct mm_cell *cell)
{
    MM_CHECK_INT(cell->field->name, value->null, cell->null);
    MM_CHECK_INT(cell->field->name, value->integer, cell->integer);
    MM_CHECK_INT(cell->field->name, value->text.data == NULL, cell->text.data == NULL);
    MM_CHECK_VIEW(cell->field->name, value->text, cell->text);
}

static void picked_values_are_those_of_a_walk(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct mm_random_table table;
        struct mm_row_pick pick;
        struct mm_row_value values[MM_TABLE_COLUMNS_MAX];
        uint8_t columns[MM_TABLE_COLUMNS_MAX];
        uint64_t random = seed;
        mm_random_table_make(&table, seed, 100);
        for (size_t i = 0; i < table.count; i++) {
            size_t count = draw_columns(&random, columns);
            memset(values, 0, sizeof values);
            mm_row_pick_init(&pick, &mm_random_schema, columns, count);
            MM_CHECK_TRUE("a row", mm_row_pick_take(&pick, table.rows[i], values));
            for (size_t k = 0; k < count; k++) {
                struct mm_cell cell = cell_of(table.rows[i], columns[k]);
                check_value(&values[k], &cell);
            }
        }
        mm_random_table_free(&table);
    }
}

/* A column behind lists of both kinds. */
static const struct mm_table_field members[] = {{"name", MM_VALUE_STRING, MM_FIELD_NULLABLE},
                                                {"bits", MM_VALUE_INT32, 0}};
static const struct mm_column mixed[] = {
    {.field = {"texts", MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST},
    {.field = {"structs", MM_VALUE_BOOL, 0},
     .shape = MM_COLUMN_STRUCT_LIST,
     .members = members,
     .member_count = 2},
    {.field = {"passed", MM_VALUE_BOOL, 0}},
    {.field = {"wanted", MM_VALUE_DATE, MM_FIELD_NULLABLE}},
};
static const struct mm_table_schema mixed_schema = {"mixed", mixed, MM_COUNT(mixed), NULL, 0};

static struct mm_view put_mixed(struct mm_buf *buf, uint32_t elements)
{
    struct mm_row_writer w;
    struct mm_view row = {NULL, 0};
    mm_row_writer_init(&w, &mixed_schema, buf);
    mm_row_begin(&w);
    mm_row_list(&w, elements);
    for (uint32_t i = 0; i < elements; i++)
        mm_row_string(&w, MM_VIEW("a text"));
    mm_row_list(&w, elements);
    for (uint32_t i = 0; i < elements; i++) {
        mm_row_string_or_null(&w, i ? MM_VIEW("name") : (struct mm_view){NULL, 0});
        mm_row_int(&w, i);
    }
    mm_row_bool(&w, true);
    mm_row_int(&w, -77);
    MM_CHECK_INT("a row", mm_row_end(&w, &row), MM_OK);
    return row;
}

static void lists_before_a_column_are_passed_over_and_a_cut_row_is_refused(void **state)
{
    static const uint8_t column[] = {3};
    struct mm_row_pick pick;
    struct mm_row_value value;
    (void)state;
    mm_row_pick_init(&pick, &mixed_schema, column, 1);
    for (uint32_t elements = 0; elements < 4; elements++) {
        struct mm_buf buf;
        mm_buf_init(&buf, MM_ROW_BYTES_MAX);
        struct mm_view row = put_mixed(&buf, elements);
        for (size_t len = 0; len <= row.len; len++) {
            struct mm_guard g = mm_guard_copy(mm_view_sub(row, 0, len));
            MM_CHECK_INT("whole", mm_row_pick_take(&pick, g.view, &value), len == row.len);
            mm_guard_free(&g);
        }
        MM_CHECK_INT("the value", value.integer, -77);
        mm_buf_deinit(&buf);
    }
}

static void every_cut_before_the_last_column_is_refused(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        static const uint8_t last[] = {19};
        struct mm_random_table table;
        struct mm_row_pick pick;
        struct mm_row_value value;
        mm_random_table_make(&table, seed, 1);
        mm_row_pick_init(&pick, &mm_random_schema, last, 1);
        struct mm_view row = table.rows[0];
        struct mm_cell cell = cell_of(row, last[0]);
        size_t need = (size_t)(cell.text.data + cell.text.len - row.data);
        for (size_t len = 0; len <= need; len++) {
            struct mm_guard g = mm_guard_copy(mm_view_sub(row, 0, len));
            MM_CHECK_INT("whole", mm_row_pick_take(&pick, g.view, &value), len == need);
            mm_guard_free(&g);
        }
        mm_random_table_free(&table);
    }
}

MM_TEST_MAIN(MM_TEST(picked_values_are_those_of_a_walk),
             MM_TEST(lists_before_a_column_are_passed_over_and_a_cut_row_is_refused),
             MM_TEST(every_cut_before_the_last_column_is_refused))

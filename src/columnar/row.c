/*
 * row.c - one row of a table as bytes: built value by value, read back the same way, put in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row.h"

#include <assert.h>

#include "base/word.h"

/* ---- Building ---- */

void mm_row_writer_init(struct mm_row_writer *w, const struct mm_table_schema *schema,
                        struct mm_buf *out)
{
    assert(schema->column_count <= MM_TABLE_COLUMNS_MAX);
    *w = (struct mm_row_writer){.schema = schema, .out = out, .column = schema->column_count};
}

void mm_row_begin(struct mm_row_writer *w)
{
    w->row_start = w->out->len;
    w->column = w->member = 0;
    w->elements = 0;
}

static const struct mm_column *column_at_hand(const struct mm_row_writer *w)
{
    assert(w->column < w->schema->column_count);
    return &w->schema->columns[w->column];
}

/* The field that the next value is for; a list has to have said its count first. */
static const struct mm_table_field *field_at_hand(const struct mm_row_writer *w)
{
    const struct mm_column *column = column_at_hand(w);
    assert(column->shape == MM_COLUMN_SCALAR || w->elements > 0);
    return column->shape == MM_COLUMN_STRUCT_LIST ? &column->members[w->member] : &column->field;
}

static void step(struct mm_row_writer *w)
{
    const struct mm_column *column = column_at_hand(w);
    if (column->shape == MM_COLUMN_SCALAR) {
        w->column++;
        return;
    }
    if (column->shape == MM_COLUMN_STRUCT_LIST && ++w->member < column->member_count)
        return;
    w->member = 0;
    if (--w->elements == 0)
        w->column++;
}

/*
 * Room for one value of `bytes`, behind the byte that says that it is there where it may be absent.
 * NULL where there is none; else the value is to be written, and counts already.
 */
static char *place_value(struct mm_row_writer *w, const struct mm_table_field *field, size_t bytes)
{
    struct mm_buf *out = w->out;
    size_t mark = field->flags & MM_FIELD_NULLABLE ? 1 : 0;
    if (!mm_buf_reserve(out, mark + bytes))
        return NULL;
    char *at = out->data + out->len;
    if (mark)
        *at = 1;
    out->len += mark + bytes;
    return at + mark;
}

void mm_row_null(struct mm_row_writer *w)
{
    assert(field_at_hand(w)->flags & MM_FIELD_NULLABLE);
    mm_buf_append_char(w->out, 0);
    step(w);
}

void mm_row_bool(struct mm_row_writer *w, bool value)
{
    const struct mm_table_field *field = field_at_hand(w);
    assert(field->type == MM_VALUE_BOOL);
    char *at = place_value(w, field, 1);
    if (at)
        *at = value ? 1 : 0;
    step(w);
}

static bool fits(enum mm_value_type type, int64_t value)
{
    switch (type) {
    case MM_VALUE_INT8:
        return value >= INT8_MIN && value <= INT8_MAX;
    case MM_VALUE_INT16:
        return value >= INT16_MIN && value <= INT16_MAX;
    case MM_VALUE_INT32:
    case MM_VALUE_DATE:
        return value >= INT32_MIN && value <= INT32_MAX;
    case MM_VALUE_INT64:
    case MM_VALUE_TIMESTAMP:
        return true;
    default:
        return false;
    }
}

void mm_row_int(struct mm_row_writer *w, int64_t value)
{
    const struct mm_table_field *field = field_at_hand(w);
    bool in_range = fits(field->type, value);
    assert(in_range);
    (void)in_range;
    char *at = place_value(w, field, sizeof value);
    if (at)
        memcpy(at, &value, sizeof value);
    step(w);
}

void mm_row_string(struct mm_row_writer *w, struct mm_view value)
{
    const struct mm_table_field *field = field_at_hand(w);
    uint32_t len = (uint32_t)value.len;
    bool is_long = value.len >= MM_ROW_STRING_LONG - MM_ROW_STRING_EMPTY;
    assert(field->type == MM_VALUE_STRING && value.len <= UINT32_MAX);
    (void)field;
    if (mm_buf_reserve(w->out, 1 + sizeof len + value.len)) {
        char *at = w->out->data + w->out->len;
        *at++ = (char)(is_long ? MM_ROW_STRING_LONG : MM_ROW_STRING_EMPTY + len);
        if (is_long) {
            memcpy(at, &len, sizeof len);
            at += sizeof len;
        }
        mm_word_copy(at, value.data, value.len);
        w->out->len = (size_t)(at - w->out->data) + value.len;
    }
    step(w);
}

void mm_row_string_or_null(struct mm_row_writer *w, struct mm_view value)
{
    if (value.data)
        mm_row_string(w, value);
    else
        mm_row_null(w);
}

void mm_row_address(struct mm_row_writer *w, const uint8_t value[MM_ADDRESS_BYTES])
{
    const struct mm_table_field *field = field_at_hand(w);
    assert(field->type == MM_VALUE_ADDRESS);
    char *at = place_value(w, field, MM_ADDRESS_BYTES);
    if (at)
        memcpy(at, value, MM_ADDRESS_BYTES);
    step(w);
}

void mm_row_list(struct mm_row_writer *w, uint32_t count)
{
    assert(column_at_hand(w)->shape != MM_COLUMN_SCALAR && w->elements == 0);
    mm_buf_append(w->out, (struct mm_view){(const char *)&count, sizeof count});
    w->elements = count;
    if (count == 0)
        w->column++;
}

void mm_row_repeat(struct mm_row_writer *w, struct mm_view bytes, size_t columns)
{
    assert(w->elements == 0 && columns <= w->schema->column_count - w->column);
    mm_buf_append(w->out, bytes);
    w->column += columns;
}

enum mm_status mm_row_end(struct mm_row_writer *w, struct mm_view *row)
{
    bool failed = w->out->failed;
    assert(w->column == w->schema->column_count);
    if (failed || w->out->len - w->row_start > MM_ROW_BYTES_MAX) {
        w->out->len = w->row_start;
        w->out->failed = false;
        return failed ? MM_E_NOMEM : MM_E_LIMIT;
    }
    *row = mm_view_sub(mm_buf_view(w->out), w->row_start, w->out->len - w->row_start);
    return MM_OK;
}

/* ---- Reading ---- */

void mm_row_cursor_init(struct mm_row_cursor *c, const struct mm_table_schema *schema,
                        struct mm_view row)
{
    *c = (struct mm_row_cursor){.schema = schema, .at = row.data, .end = row.data + row.len};
}

/* Go on after one element's value of a list. */
static void step_over_element(struct mm_row_cursor *c, const struct mm_column *column)
{
    if (column->shape == MM_COLUMN_STRUCT_LIST && ++c->member < column->member_count)
        return;
    c->member = 0;
    if (--c->elements == 0)
        c->column++;
}

enum mm_status mm_row_next_of_list(struct mm_row_cursor *c, struct mm_cell *cell)
{
    const struct mm_column *column = &c->schema->columns[c->column];
    *cell = (struct mm_cell){.field = &column->field};
    if (c->elements == 0) {
        cell->list = true;
        if (!mm_row_take_count(&c->at, c->end, &cell->count))
            return MM_E_BUG;
        c->elements = cell->count;
        if (cell->count == 0)
            c->column++;
        return MM_OK;
    }
    if (column->shape == MM_COLUMN_STRUCT_LIST)
        cell->field = &column->members[c->member];
    step_over_element(c, column);
    return mm_row_take(&c->at, c->end, cell) ? MM_OK : MM_E_BUG;
}

/* ---- Order ---- */

/* Read on to the scalar of one column. */
static struct mm_cell cell_of(const struct mm_table_schema *schema, struct mm_view row,
                              size_t column)
{
    struct mm_row_cursor c;
    struct mm_cell cell = {.null = true};
    mm_row_cursor_init(&c, schema, row);
    for (;;) {
        bool found = c.column == column;
        if (mm_row_next(&c, &cell) != MM_OK)
            return (struct mm_cell){.null = true};
        if (found)
            return cell;
    }
}

static int compare_cells(const struct mm_cell *a, const struct mm_cell *b)
{
    if (a->null || b->null)
        return (int)b->null - (int)a->null;
    if (a->text.data)
        return mm_view_cmp(a->text, b->text);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

int mm_row_compare(const struct mm_table_schema *schema, struct mm_view a, struct mm_view b)
{
    for (size_t i = 0; i < schema->sort_count; i++) {
        struct mm_cell left = cell_of(schema, a, schema->sort_columns[i]);
        struct mm_cell right = cell_of(schema, b, schema->sort_columns[i]);
        int order = compare_cells(&left, &right);
        if (order)
            return order;
    }
    return mm_view_cmp(a, b);
}

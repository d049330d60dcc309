/*
 * row_key.c - the sort columns of a row as bytes that memcmp puts in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_key.h"

#include <assert.h>

#include "base/error.h"

void mm_row_key_plan_init(struct mm_row_key_plan *plan, const struct mm_table_schema *schema)
{
    assert(schema->column_count <= MM_TABLE_COLUMNS_MAX);
    *plan = (struct mm_row_key_plan){.schema = schema};
    for (size_t i = 0; i < schema->sort_count; i++) {
        size_t column = schema->sort_columns[i];
        assert(column < schema->column_count && plan->place[column] == 0);
        assert(schema->columns[column].shape == MM_COLUMN_SCALAR);
        plan->place[column] = (uint8_t)(i + 1);
        if (column >= plan->column_count)
            plan->column_count = column + 1;
    }
}

static void append_int(struct mm_buf *out, int64_t value, size_t width)
{
    /* The top bit of the width turned: negative numbers before the others. */
    uint64_t turned = ((uint64_t)value ^ UINT64_C(1) << (8 * width - 1)) << 8 * (8 - width);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    turned = __builtin_bswap64(turned);
#endif
    if (mm_buf_reserve(out, sizeof turned)) {
        memcpy(out->data + out->len, &turned, sizeof turned);
        out->len += width;
    }
}

static void append_string(struct mm_buf *out, struct mm_view text)
{
    while (text.len) {
        const char *nul = memchr(text.data, 0, text.len);
        size_t plain = nul ? (size_t)(nul - text.data) : text.len;
        mm_buf_append(out, mm_view_sub(text, 0, plain));
        if (!nul)
            break;
        mm_buf_append(out, MM_VIEW("\0\1"));
        text = mm_view_sub(text, plain + 1, text.len - plain - 1);
    }
    mm_buf_append(out, MM_VIEW("\0\0"));
}

static void append_value(struct mm_buf *out, const struct mm_cell *cell)
{
    switch (cell->field->type) {
    case MM_VALUE_BOOL:
        mm_buf_append_char(out, (char)cell->integer);
        return;
    case MM_VALUE_INT8:
        append_int(out, cell->integer, 1);
        return;
    case MM_VALUE_INT16:
        append_int(out, cell->integer, 2);
        return;
    case MM_VALUE_INT32:
    case MM_VALUE_DATE:
        append_int(out, cell->integer, 4);
        return;
    case MM_VALUE_INT64:
    case MM_VALUE_TIMESTAMP:
        append_int(out, cell->integer, 8);
        return;
    case MM_VALUE_STRING:
        append_string(out, cell->text);
        return;
    case MM_VALUE_ADDRESS:
        mm_buf_append(out, cell->text);
        return;
    }
}

/* The sort columns' values, in the key's order. */
static enum mm_status find_cells(const struct mm_row_key_plan *plan, struct mm_view row,
                                 struct mm_cell *cells)
{
    struct mm_row_cursor c;
    mm_row_cursor_init(&c, plan->schema, row);
    while (c.column < plan->column_count) {
        struct mm_cell other;
        uint8_t place = plan->place[c.column];
        if (mm_row_next(&c, place ? &cells[place - 1] : &other) != MM_OK)
            return MM_E_BUG;
    }
    return MM_OK;
}

enum mm_status mm_row_key_append(const struct mm_row_key_plan *plan, struct mm_view row,
                                 struct mm_buf *out)
{
    struct mm_cell cells[MM_TABLE_COLUMNS_MAX];
    MM_TRY(find_cells(plan, row, cells));
    for (size_t i = 0; i < plan->schema->sort_count; i++) {
        if (cells[i].field->flags & MM_FIELD_NULLABLE)
            mm_buf_append_char(out, cells[i].null ? 0 : 1);
        if (!cells[i].null)
            append_value(out, &cells[i]);
    }
    return out->failed ? MM_E_NOMEM : MM_OK;
}

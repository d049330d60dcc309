/*
 * row_key.c - the sort columns of a row as bytes that memcmp puts in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_key.h"

#include "base/error.h"
#include "base/word.h"

void mm_row_key_plan_init(struct mm_row_key_plan *plan, const struct mm_table_schema *schema)
{
    plan->schema = schema;
    mm_row_pick_init(&plan->pick, schema, schema->sort_columns, schema->sort_count);
}

/* Room that a value's part of the key needs while it is written. */
static size_t room_of(const struct mm_row_value *value)
{
    enum { MARK = 1, END = 2 };
    return value->text.data ? MARK + 2 * value->text.len + END : MARK + sizeof(uint64_t);
}

/* The rest writes at `at`, where there is room, and gives what is behind it. */

static char *put_int(char *at, int64_t value, size_t width)
{
    /* The top bit of the width turned: negative numbers before the others. */
    uint64_t turned = ((uint64_t)value ^ UINT64_C(1) << (8 * width - 1)) << 8 * (8 - width);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    turned = __builtin_bswap64(turned);
#endif
    memcpy(at, &turned, sizeof turned);
    return at + width;
}

static char *put_string(char *at, struct mm_view text)
{
    while (text.len) {
        const char *nul = memchr(text.data, 0, text.len);
        size_t plain = nul ? (size_t)(nul - text.data) : text.len;
        mm_word_copy(at, text.data, plain);
        at += plain;
        if (!nul)
            break;
        *at++ = 0;
        *at++ = 1;
        text = mm_view_sub(text, plain + 1, text.len - plain - 1);
    }
    *at++ = 0;
    *at++ = 0;
    return at;
}

static char *put_value(char *at, enum mm_value_type type, const struct mm_row_value *value)
{
    switch (type) {
    case MM_VALUE_BOOL:
        *at = (char)value->integer;
        return at + 1;
    case MM_VALUE_INT8:
        return put_int(at, value->integer, 1);
    case MM_VALUE_INT16:
        return put_int(at, value->integer, 2);
    case MM_VALUE_INT32:
    case MM_VALUE_DATE:
        return put_int(at, value->integer, 4);
    case MM_VALUE_INT64:
    case MM_VALUE_TIMESTAMP:
        return put_int(at, value->integer, 8);
    case MM_VALUE_STRING:
        return put_string(at, value->text);
    default:
        memcpy(at, value->text.data, MM_ADDRESS_BYTES);
        return at + MM_ADDRESS_BYTES;
    }
}

enum mm_status mm_row_key_append(const struct mm_row_key_plan *plan, struct mm_view row,
                                 struct mm_buf *out)
{
    const struct mm_table_schema *schema = plan->schema;
    struct mm_row_value values[MM_TABLE_COLUMNS_MAX];
    size_t room = 0;
    if (!mm_row_pick_take(&plan->pick, row, values))
        return MM_E_BUG;
    for (size_t i = 0; i < schema->sort_count; i++)
        room += room_of(&values[i]);
    if (!mm_buf_reserve(out, room))
        return MM_E_NOMEM;
    char *at = out->data + out->len;
    for (size_t i = 0; i < schema->sort_count; i++) {
        const struct mm_table_field *field = &schema->columns[schema->sort_columns[i]].field;
        if (field->flags & MM_FIELD_NULLABLE)
            *at++ = values[i].null ? 0 : 1;
        if (!values[i].null)
            at = put_value(at, field->type, &values[i]);
    }
    out->len = (size_t)(at - out->data);
    return MM_OK;
}

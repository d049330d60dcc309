/*
 * row.h - one row of a table as bytes: built value by value, read back the same way, put in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows wait in memory and in spilled runs before they become columns, so a row is one flat piece
 * of bytes that is copied, hashed and compared without its builder. The form, private to this
 * program and to this run: a value that may be absent begins with a byte 0 or 1; then BOOL 1 byte,
 * every integer and time 8 bytes, ADDRESS 16, STRING a 32-bit length and its bytes; a list is a
 * 32-bit count and its elements, a struct its members. Numbers are in the machine's order.
 */
#ifndef MM_COLUMNAR_ROW_H
#define MM_COLUMNAR_ROW_H

#include "base/buf.h"
#include "mailmill/columnar.h"

enum {
    MM_ROW_BYTES_MAX = 16 * 1024 * 1024
}; /* one report's or bounce's longest row is far below */

/*
 * Builds rows one after another in one buffer. The caller gives each column's value in the
 * schema's order; a list is its count, then its elements (for a struct: each member of the first
 * element, then of the second). A value that does not suit the schema is a mistake of the
 * programmer and is asserted.
 */
struct mm_row_writer {
    const struct mm_table_schema *schema;
    struct mm_buf *out;
    size_t row_start;  /* of the row at hand, in `out` */
    size_t column;     /* that the next value is for */
    size_t member;     /* of the struct, where one is being written */
    uint32_t elements; /* of the list at hand, still to come */
};

/* Rows are appended to `out`, which stays the caller's and says by `failed` when memory ran out. */
void mm_row_writer_init(struct mm_row_writer *w, const struct mm_table_schema *schema,
                        struct mm_buf *out);
void mm_row_begin(struct mm_row_writer *w);
void mm_row_null(struct mm_row_writer *w);
void mm_row_bool(struct mm_row_writer *w, bool value);
/* INT8..INT64, TIMESTAMP, DATE; the value is within the type. */
void mm_row_int(struct mm_row_writer *w, int64_t value);
/* Valid UTF-8 of at most UINT32_MAX bytes. */
void mm_row_string(struct mm_row_writer *w, struct mm_view value);
/* The same, or NULL where the view has no data. */
void mm_row_string_or_null(struct mm_row_writer *w, struct mm_view value);
void mm_row_address(struct mm_row_writer *w, const uint8_t value[MM_ADDRESS_BYTES]);
void mm_row_list(struct mm_row_writer *w, uint32_t count);
/*
 * Every column has had its value (asserted).
 * row      [out] the row's bytes in the buffer, valid until the next append.
 * Returns  MM_OK; MM_E_NOMEM; MM_E_LIMIT for a row over MM_ROW_BYTES_MAX. After an error the
 *          buffer is as it was before mm_row_begin and takes further rows.
 */
enum mm_status mm_row_end(struct mm_row_writer *w, struct mm_view *row) MM_MUST_CHECK;

/* One value read back. */
struct mm_cell {
    const struct mm_table_field *field; /* of the column, or of the struct's member */
    bool list;                          /* this is a list's beginning: `count` elements follow */
    bool null;
    uint32_t count;
    int64_t integer;     /* BOOL as 0 or 1 */
    struct mm_view text; /* STRING; ADDRESS: its 16 bytes */
};

/*
 * For those who walk the schema themselves, in line since a table is made of such values: the value
 * at *at of a field that *cell names (its other members zero), and how many elements a list has.
 * *at moves behind it. False where the bytes end before it does.
 */
static inline bool mm_row_take_bytes(const char **at, const char *end, void *into, size_t len)
{
    if ((size_t)(end - *at) < len)
        return false;
    memcpy(into, *at, len);
    *at += len;
    return true;
}

static inline bool mm_row_take_count(const char **at, const char *end, uint32_t *count)
{
    return mm_row_take_bytes(at, end, count, sizeof *count);
}

static inline bool mm_row_take_view(const char **at, const char *end, struct mm_view *view,
                                    size_t len)
{
    if ((size_t)(end - *at) < len)
        return false;
    *view = (struct mm_view){*at, len};
    *at += len;
    return true;
}

static inline bool mm_row_take(const char **at, const char *end, struct mm_cell *cell)
{
    uint8_t byte = 1;
    uint32_t len;
    if ((cell->field->flags & MM_FIELD_NULLABLE) && !mm_row_take_bytes(at, end, &byte, 1))
        return false;
    cell->null = !byte;
    if (cell->null)
        return true;
    switch (cell->field->type) {
    case MM_VALUE_BOOL:
        if (!mm_row_take_bytes(at, end, &byte, 1))
            return false;
        cell->integer = byte;
        return true;
    case MM_VALUE_STRING:
        return mm_row_take_count(at, end, &len) && mm_row_take_view(at, end, &cell->text, len);
    case MM_VALUE_ADDRESS:
        return mm_row_take_view(at, end, &cell->text, MM_ADDRESS_BYTES);
    default:
        return mm_row_take_bytes(at, end, &cell->integer, sizeof cell->integer);
    }
}

struct mm_row_cursor {
    const struct mm_table_schema *schema;
    const char *at, *end;
    size_t column, member;
    uint32_t elements;
};

/* `row` is what mm_row_end gave, or a run read back (its checksum already compared). */
void mm_row_cursor_init(struct mm_row_cursor *c, const struct mm_table_schema *schema,
                        struct mm_view row);
/* MM_OK with the next value; MM_END after the last; MM_E_BUG where the bytes are no row of the
 * schema. */
enum mm_status mm_row_next(struct mm_row_cursor *c, struct mm_cell *cell) MM_MUST_CHECK;

/*
 * The total order of rows of one schema: by the sort columns (absent before present, numbers by
 * value, text and addresses bytewise), then by all the row's bytes, so that only equal rows are
 * equal. Negative, zero or positive.
 */
int mm_row_compare(const struct mm_table_schema *schema, struct mm_view a, struct mm_view b);

#endif /* MM_COLUMNAR_ROW_H */

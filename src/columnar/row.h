/*
 * row.h - one row of a table as bytes: built value by value, read back the same way, put in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows wait in memory and in spilled runs before they become columns, so a row is one flat piece
 * of bytes that is copied, hashed and compared without its builder. The form, private to this
 * program and to this run: a value that may be absent begins with a byte 0 or 1; then BOOL 1 byte,
 * every integer and time 8 bytes, ADDRESS 16. A STRING is a byte that tells its length and its
 * bytes: 0 absent, 1..254 a length of 0..253, 255 a longer one in the next 32 bits. A list is a
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
/* The next `columns` have the values that are written in `bytes`: by a writer of this schema, for
 * these columns. */
void mm_row_repeat(struct mm_row_writer *w, struct mm_view bytes, size_t columns);
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

/* What the first byte of a string says of its length. */
enum { MM_ROW_STRING_ABSENT = 0, MM_ROW_STRING_EMPTY = 1, MM_ROW_STRING_LONG = 255 };

static inline bool mm_row_take_string(const char **at, const char *end, struct mm_cell *cell)
{
    uint8_t first;
    uint32_t len;
    if (!mm_row_take_bytes(at, end, &first, 1))
        return false;
    cell->null = first == MM_ROW_STRING_ABSENT;
    if (cell->null)
        return true;
    len = (uint32_t)first - MM_ROW_STRING_EMPTY;
    if (first == MM_ROW_STRING_LONG && !mm_row_take_count(at, end, &len))
        return false;
    return mm_row_take_view(at, end, &cell->text, len);
}

/* What a value that is no string takes, without the mark of one that may be absent. */
static inline uint32_t mm_row_value_bytes(enum mm_value_type type)
{
    return type == MM_VALUE_BOOL      ? 1
           : type == MM_VALUE_ADDRESS ? MM_ADDRESS_BYTES
                                      : (uint32_t)sizeof(int64_t);
}

/* For those who know of which type a field is before they see its values; cell->field is not
 * looked at. */
static inline bool mm_row_take_of(const char **at, const char *end, enum mm_value_type type,
                                  bool nullable, struct mm_cell *cell)
{
    uint8_t byte = 1;
    if (type == MM_VALUE_STRING)
        return mm_row_take_string(at, end, cell);
    if (nullable && !mm_row_take_bytes(at, end, &byte, 1))
        return false;
    cell->null = !byte;
    if (cell->null)
        return true;
    switch (type) {
    case MM_VALUE_BOOL:
        if (!mm_row_take_bytes(at, end, &byte, 1))
            return false;
        cell->integer = byte;
        return true;
    case MM_VALUE_ADDRESS:
        return mm_row_take_view(at, end, &cell->text, MM_ADDRESS_BYTES);
    default:
        return mm_row_take_bytes(at, end, &cell->integer, sizeof cell->integer);
    }
}

static inline bool mm_row_take(const char **at, const char *end, struct mm_cell *cell)
{
    return mm_row_take_of(at, end, cell->field->type, cell->field->flags & MM_FIELD_NULLABLE, cell);
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
enum mm_status mm_row_next_of_list(struct mm_row_cursor *c,
                                   struct mm_cell *cell) MM_MUST_CHECK; /* private */

/* MM_OK with the next value; MM_END after the last; MM_E_BUG where the bytes are no row of the
 * schema. In line for scalars, which most columns are. */
MM_MUST_CHECK static inline enum mm_status mm_row_next(struct mm_row_cursor *c,
                                                       struct mm_cell *cell)
{
    if (c->column == c->schema->column_count)
        return c->at == c->end ? MM_END : MM_E_BUG;
    const struct mm_column *column = &c->schema->columns[c->column];
    if (column->shape != MM_COLUMN_SCALAR)
        return mm_row_next_of_list(c, cell);
    *cell = (struct mm_cell){.field = &column->field};
    c->column++;
    return mm_row_take(&c->at, c->end, cell) ? MM_OK : MM_E_BUG;
}

/*
 * The total order of rows of one schema: by the sort columns (absent before present, numbers by
 * value, text and addresses bytewise), then by all the row's bytes, so that only equal rows are
 * equal. Negative, zero or positive.
 */
int mm_row_compare(const struct mm_table_schema *schema, struct mm_view a, struct mm_view b);

#endif /* MM_COLUMNAR_ROW_H */

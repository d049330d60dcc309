/*
 * row_pick.h - some columns of a row, the others passed over.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For those who want the same few of every row. What lies before and between them is not read:
 * columns that have the same length in each row are passed over with what is behind them.
 */
#ifndef MM_COLUMNAR_ROW_PICK_H
#define MM_COLUMNAR_ROW_PICK_H

#include "columnar/row.h"

enum mm_row_step_kind {
    MM_ROW_STEP_PASS_NULLABLE, /* a mark, and so many bytes if it says that they are there */
    MM_ROW_STEP_PASS_STRING,
    MM_ROW_STEP_PASS_LIST,
    MM_ROW_STEP_TAKE_STRING,
    MM_ROW_STEP_TAKE /* another value, of so many bytes */
};

struct mm_row_step {
    enum mm_row_step_kind kind;
    uint32_t before; /* bytes of columns before it that have as many in each row */
    uint32_t bytes;
    uint32_t place; /* TAKE: among the values */
    const struct mm_column *column;
};

struct mm_row_pick {
    struct mm_row_step steps[MM_TABLE_COLUMNS_MAX]; /* up to the last column that is wanted */
    size_t step_count;
};

/* One value, of a type that is known. */
struct mm_row_value {
    bool null;
    int64_t integer;     /* BOOL as 0 or 1 */
    struct mm_view text; /* STRING, data NULL where it is absent; ADDRESS: its 16 bytes */
};

/* columns: scalar ones of the schema, each once, in any order. */
void mm_row_pick_init(struct mm_row_pick *pick, const struct mm_table_schema *schema,
                      const uint8_t *columns, size_t count);
/* values[i] becomes that of columns[i]. False where the bytes are no row of the schema, as far as
 * they are looked at. */
bool mm_row_pick_take(const struct mm_row_pick *pick, struct mm_view row,
                      struct mm_row_value *values) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_ROW_PICK_H */

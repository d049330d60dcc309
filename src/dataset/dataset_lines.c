/*
 * dataset_lines.c - lines of text that are kept with the rows of a run, and outlive it with them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/dataset_lines.h"

static const struct mm_column COLUMNS[] = {{.field = {"line", MM_VALUE_STRING, 0}}};
static const uint8_t BY_TEXT[] = {0};

const struct mm_table_schema mm_dataset_lines = {"lines", COLUMNS, MM_COUNT(COLUMNS), BY_TEXT,
                                                 MM_COUNT(BY_TEXT)};

enum mm_status mm_dataset_lines_add(struct mm_row_runs *runs, size_t table, struct mm_view line,
                                    struct mm_buf *row, struct mm_error *err)
{
    struct mm_row_writer w;
    struct mm_view made;
    mm_buf_clear(row);
    mm_row_writer_init(&w, &mm_dataset_lines, row);
    mm_row_begin(&w);
    mm_row_string(&w, line);
    enum mm_status st = mm_row_end(&w, &made);
    return st == MM_OK ? mm_row_runs_add(runs, table, made, err)
                       : mm_fail(err, st, "cannot keep a line: %s", mm_status_text(st));
}

enum mm_status mm_dataset_lines_take(struct mm_row_merge *merge,
                                     enum mm_status (*take)(void *context, struct mm_view line,
                                                            struct mm_error *err),
                                     void *context, struct mm_error *err)
{
    struct mm_row_cursor cursor;
    struct mm_cell cell;
    struct mm_view row;
    enum mm_status st;
    while ((st = mm_row_merge_next(merge, &row, err)) == MM_OK) {
        mm_row_cursor_init(&cursor, &mm_dataset_lines, row);
        if (mm_row_next(&cursor, &cell) != MM_OK)
            return mm_fail(err, MM_E_BUG, "a line that is no row of its table");
        MM_TRY(take(context, cell.text, err));
    }
    return st == MM_END ? MM_OK : st;
}

/*
 * table_rows.h - rows of OpenDKIM's flat files: a key, white space, a value (opendkim(8), DATA
 * SETS).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_TABLE_ROWS_H
#define MM_DKIM_TABLE_ROWS_H

#include "base/error.h"
#include "base/view.h"

/* A million rows with inline 2048-bit keys are more than this, and want a file for each key. */
enum { MM_TABLE_MAX_BYTES = 1024 * 1024 * 1024 };

/* A table read whole. Its text may hold keys: it is wiped when freed. */
struct mm_table {
    char *path; /* without the prefix */
    char *text;
    size_t len;
    bool patterns; /* "refile:" */
};

/*
 * Read the table that a data set names: "PATH", "file:PATH" or "refile:PATH".
 * Returns MM_E_ARG for other kinds of data sets, by name; MM_E_IO, MM_E_LIMIT, MM_E_NOMEM;
 *         MM_E_SYNTAX for a NUL byte.
 */
enum mm_status mm_table_read(const char *spec, struct mm_table *table,
                             struct mm_error *err) MM_MUST_CHECK;
void mm_table_free(struct mm_table *table); /* quiet on a zeroed struct */

struct mm_table_row {
    struct mm_view key, value;
    uint32_t line;
};

struct mm_table_rows {
    const struct mm_table *table;
    struct mm_view rest;
    uint32_t line;
};

void mm_table_rows_init(struct mm_table_rows *rows, const struct mm_table *table);
/* MM_OK with the next row, comments (from '#') and blank lines left out; MM_END; MM_E_SYNTAX for a
 * row without a value. */
enum mm_status mm_table_rows_next(struct mm_table_rows *rows, struct mm_table_row *row,
                                  struct mm_error *err) MM_MUST_CHECK;
/* Let the row's value run on to the end of the first later line that holds `mark`; false where
 * there is none. */
bool mm_table_rows_extend(struct mm_table_rows *rows, struct mm_table_row *row,
                          struct mm_view mark);

/* "TABLE:LINE: words" with the byte offset of `at`, which lies in the table. */
enum mm_status mm_table_fault(const struct mm_table *table, const struct mm_table_row *row,
                              struct mm_view at, enum mm_status status, struct mm_error *err,
                              const char *fmt, ...) MM_PRINTF(6, 7);

#endif /* MM_DKIM_TABLE_ROWS_H */

/*
 * random_table.h - a table with a column of every kind, its rows, and the same as plain lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each column has habits that its seed gives it: how often a value is absent, whether values
 * repeat, rise, are extreme, long, empty; how many a list has. Equal seeds make equal tables.
 */
#ifndef MM_SUPPORT_RANDOM_TABLE_H
#define MM_SUPPORT_RANDOM_TABLE_H

#include "base/buf.h"
#include "columnar/table_writer.h"

extern const struct mm_table_schema mm_random_schema;

struct mm_random_table {
    size_t count;
    struct mm_view *rows; /* in their final order */
    /*
     * The same as JSON objects, written beside the rows and not from them: numbers, days since 1970
     * and microseconds as quoted decimals, addresses as 32 hex digits, texts with what JSON must
     * escape escaped and nothing else.
     */
    struct mm_view *lines;
    struct mm_buf row_bytes, line_bytes;
};

/* Exits without memory. */
void mm_random_table_make(struct mm_random_table *table, uint64_t seed, size_t count);
void mm_random_table_free(struct mm_random_table *table);

/* All rows into a file by a form; the options may be zeroed. */
enum mm_status mm_random_table_write(const struct mm_random_table *table,
                                     const struct mm_table_form *form, int fd,
                                     const struct mm_table_options *options,
                                     struct mm_table_totals *totals,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_SUPPORT_RANDOM_TABLE_H */

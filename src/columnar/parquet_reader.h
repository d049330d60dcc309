/*
 * parquet_reader.h - a table's file read back as rows (as values: mailmill/columnar.h).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_READER_H
#define MM_COLUMNAR_PARQUET_READER_H

#include "base/error.h"
#include "columnar/row.h"

enum { MM_TABLE_READ_BYTES = 512 * 1024 * 1024 };

/* Row groups of the file. */
size_t mm_table_reader_groups(const struct mm_table_reader *reader);
/* Which file is read: meanwhile another one may have got its name. */
struct mm_table_file {
    uint64_t device, inode;
};
struct mm_table_file mm_table_reader_file(const struct mm_table_reader *reader);
/* The rows of this group come next, then MM_END: so that several may read one file. Whether the
 * groups have as many rows as the file says is then not looked at. */
void mm_table_reader_choose(struct mm_table_reader *reader, size_t group);
/*
 * The same of one column that the file has, whatever columns were read before, and only to see that
 * all of it can be read: there are no vectors.
 */
void mm_table_reader_check(struct mm_table_reader *reader, size_t group, size_t column);

/* Rows out of a reader that reads all columns. */
struct mm_row_reader {
    struct mm_table_reader *reader; /* the caller's */
    const struct mm_table_schema *schema;
    const struct mm_table_vector *vectors[MM_TABLE_COLUMNS_MAX][MM_STRUCT_MEMBERS_MAX];
    size_t row, row_count; /* of those at hand */
    struct mm_buf bytes;
};

void mm_row_reader_init(struct mm_row_reader *rows, struct mm_table_reader *reader,
                        const struct mm_table_schema *schema);
void mm_row_reader_deinit(struct mm_row_reader *rows);
/*
 * The next row as mm_row_end() gave it, until the next call. In a column that the file lacks, every
 * value is absent, every list empty; MM_E_SYNTAX where it must have values. MM_END past the last;
 * errors as those of mm_table_reader_next().
 */
enum mm_status mm_row_reader_next(struct mm_row_reader *rows, struct mm_view *row,
                                  struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_READER_H */

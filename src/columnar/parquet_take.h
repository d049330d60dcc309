/*
 * parquet_take.h - rows taken apart: what some rows have goes to the columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_TAKE_H
#define MM_COLUMNAR_PARQUET_TAKE_H

#include "columnar/parquet_column.h"

enum { MM_PARQUET_BATCH_ROWS = 256 };

/*
 * Take one value, or its absence, from each of at most MM_PARQUET_BATCH_ROWS rows: places[i] is
 * where it stands in row i, which ends at ends[i], and comes to stand behind it. MM_E_BUG where a
 * row ends before it does; MM_E_NOMEM.
 */
enum mm_status mm_parquet_column_take(struct mm_parquet_column *c, const char **places,
                                      const char *const *ends, size_t rows) MM_MUST_CHECK;
/* The same for a list, whose elements have one value for each of `count` columns, at most
 * MM_STRUCT_MEMBERS_MAX; any number of rows. */
enum mm_status mm_parquet_columns_take_lists(struct mm_parquet_column *columns, size_t count,
                                             const char **places, const char *const *ends,
                                             size_t rows) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_TAKE_H */

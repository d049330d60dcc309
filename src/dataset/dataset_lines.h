/*
 * dataset_lines.h - lines of text that are kept with the rows of a run, and outlive it with them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a run has told of an input, that it was rejected, holds for a run that goes on, too, and
 * counts when the input's rows do. So it waits among them, in a table of its own that is not one of
 * the dataset.
 */
#ifndef MM_DATASET_DATASET_LINES_H
#define MM_DATASET_DATASET_LINES_H

#include "columnar/row_merge.h"

extern const struct mm_table_schema mm_dataset_lines;

/* row: memory for one. MM_E_LIMIT for more than a row may be; as mm_row_runs_add(). */
enum mm_status mm_dataset_lines_add(struct mm_row_runs *runs, size_t table, struct mm_view line,
                                    struct mm_buf *row, struct mm_error *err) MM_MUST_CHECK;
/* Give out all lines, sorted by their bytes. Errors as mm_row_merge_next(), and what take()
 * returns.
 */
enum mm_status mm_dataset_lines_take(struct mm_row_merge *merge,
                                     enum mm_status (*take)(void *context, struct mm_view line,
                                                            struct mm_error *err),
                                     void *context, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_DATASET_LINES_H */

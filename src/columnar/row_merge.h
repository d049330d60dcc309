/*
 * row_merge.h - the rows of one table, of all workers, one after another in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The order is total and equal rows are equal bytes, so the sequence is the same whatever the
 * number of workers, the order in which rows were added, and where memory ran out. Rows that are
 * equal stay as often as they came.
 */
#ifndef MM_COLUMNAR_ROW_MERGE_H
#define MM_COLUMNAR_ROW_MERGE_H

#include "columnar/row_runs.h"

/* Spilled runs read at once, each with a block in memory: more are merged in passes, and so are
 * those whose blocks, of long rows, take more than the workers' memory allows; two always go. */
enum { MM_ROW_MERGE_RUNS_MAX = 64 };

struct mm_row_merge;

/*
 * Take the table's rows out of the workers' runs, which must outlive the merge: their files are
 * read. MM_E_NOMEM; MM_E_IO.
 */
enum mm_status mm_row_merge_new(struct mm_row_runs *const *workers, size_t worker_count,
                                size_t table, struct mm_row_merge **merge,
                                struct mm_error *err) MM_MUST_CHECK;
/* What it holds of spilled runs. */
size_t mm_row_merge_held_bytes(const struct mm_row_merge *merge);
void mm_row_merge_free(struct mm_row_merge **merge);
/* The next row; it lasts until the next call. MM_END past the last; MM_E_IO; MM_E_NOMEM. */
enum mm_status mm_row_merge_next(struct mm_row_merge *merge, struct mm_view *row,
                                 struct mm_error *err) MM_MUST_CHECK;

/* ---- for row_runs.c ---- */

/* Of a list of blocks, borrowed. */
enum mm_status mm_row_merge_blocks(const struct mm_row_block *blocks, struct mm_row_merge **merge,
                                   struct mm_error *err) MM_MUST_CHECK;
/* Write all that is to come as one run. */
enum mm_status mm_row_merge_to_run(struct mm_row_merge *merge, struct mm_row_spill *spill,
                                   struct mm_row_run *run, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_ROW_MERGE_H */

/*
 * row_runs.h - what one worker has made of rows of each table: ordered runs, in memory or spilled.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each worker has its own and takes no lock. Its memory is a fixed share of the run's, over all
 * tables: where a row has no room, the table that holds most goes to the worker's temporary file
 * as one run. Shares are fixed because a worker that had to wait for another's rows to go would
 * wait for one that has no reason to move.
 */
#ifndef MM_COLUMNAR_ROW_RUNS_H
#define MM_COLUMNAR_ROW_RUNS_H

#include "columnar/row_chunk.h"
#include "columnar/row_spill.h"

struct mm_row_runs;

struct mm_row_runs_counts {
    uint64_t rows; /* of all tables, since the beginning */
    uint64_t spilled_runs, spilled_bytes;
    size_t held_bytes_peak; /* over memory_bytes only where one row takes half of it */
};

/*
 * tables        their schemas must outlive the runs; a table's index below is its index here.
 * memory_bytes  for rows not spilled. Spilling takes some 400 KiB more.
 * spill_folder  where the temporary file is made when there is one; copied.
 * Returns       NULL without memory.
 */
struct mm_row_runs *mm_row_runs_new(const struct mm_table_schema *const *tables, size_t table_count,
                                    size_t memory_bytes, const char *spill_folder);
void mm_row_runs_free(struct mm_row_runs **runs);

/*
 * Take a copy of a row (mm_row_end's bytes). MM_E_BUG: it is no row of the table; MM_E_NOMEM;
 * MM_E_IO when spilling failed: no row is lost but this one, and to go on is to try again.
 */
enum mm_status mm_row_runs_add(struct mm_row_runs *runs, size_t table, struct mm_view row,
                               struct mm_error *err) MM_MUST_CHECK;
struct mm_row_runs_counts mm_row_runs_counts(const struct mm_row_runs *runs);

/*
 * One table's runs handed over: blocks (each to be given to free()) and what was spilled of it,
 * in a file that lives as long as `from`. The table is empty afterwards.
 */
struct mm_row_runs_taken {
    struct mm_row_block *blocks;
    struct mm_row_run *spilled; /* to be given to free() */
    size_t spilled_count;
};
enum mm_status mm_row_runs_take(struct mm_row_runs *from, size_t table,
                                struct mm_row_runs_taken *taken,
                                struct mm_error *err) MM_MUST_CHECK;
void mm_row_runs_taken_deinit(struct mm_row_runs_taken *taken);
/* What the merge of a table may hold of spilled runs: what of the worker's memory is free, or a
 * quarter of it all. */
size_t mm_row_runs_merge_bytes(const struct mm_row_runs *runs);
const char *mm_row_runs_folder(const struct mm_row_runs *runs);

#endif /* MM_COLUMNAR_ROW_RUNS_H */

/*
 * row_runs_internal.h - the runs of one worker, for those who fill them and those who keep them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_ROW_RUNS_INTERNAL_H
#define MM_COLUMNAR_ROW_RUNS_INTERNAL_H

#include "columnar/row_runs.h"

struct mm_row_runs_table {
    struct mm_row_key_plan plan;
    struct mm_row_chunk *chunk; /* being filled; NULL: none yet */
    struct mm_row_block *blocks;
    size_t block_bytes;
    struct mm_row_run *spilled;
    size_t spilled_count, spilled_cap;
    size_t saved_count; /* of those: told by mm_row_runs_save() */
};

/* A file of an earlier run. */
struct mm_row_found {
    unsigned file;
    uint64_t bytes; /* that are vouched for */
    struct mm_row_spill *spill;
};

struct mm_row_runs {
    size_t memory_bytes, held_bytes, chunk_bytes_max;
    struct mm_buf key;          /* of the row at hand */
    struct mm_row_place *spare; /* for sorting */
    size_t spare_count;
    struct mm_row_spill *spill;
    unsigned file; /* its number; 0: it has no name */
    struct mm_row_found *found;
    size_t found_count;
    struct mm_row_runs_counts counts;
    size_t table_count;
    struct mm_row_runs_table tables[];
};

/* Let there be room for one run more in the table's list. */
enum mm_status mm_row_runs_reserve_run(struct mm_row_runs_table *table,
                                       struct mm_error *err) MM_MUST_CHECK;
/* No row is in memory behind it. */
enum mm_status mm_row_runs_spill_all(struct mm_row_runs *runs, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_ROW_RUNS_INTERNAL_H */

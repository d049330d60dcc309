/*
 * row_runs_saved.h - a worker's rows brought to disk, and found again by a later run.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is saved is told in a few bytes a run, which the caller keeps where they outlive a crash:
 * which file, how much of it, and where in it each table's runs lie. A later run gives them back,
 * in the order in which they were told, and has the rows among those to be merged.
 */
#ifndef MM_COLUMNAR_ROW_RUNS_SAVED_H
#define MM_COLUMNAR_ROW_RUNS_SAVED_H

#include "columnar/row_runs.h"

/* Before the first row: the temporary file gets the name rows-FILE in its folder, and outlives the
 * runs. False without memory. */
bool mm_row_runs_keep_file(struct mm_row_runs *runs, unsigned file);

/* How many bytes of rows mm_row_runs_save() would write now. */
size_t mm_row_runs_unsaved_bytes(const struct mm_row_runs *runs);
/*
 * Spill all rows, bring the file to disk, and append to `told` what of it was not told before.
 * MM_E_NOMEM; MM_E_IO: no row is lost, and to go on is to try again.
 */
enum mm_status mm_row_runs_save(struct mm_row_runs *runs, struct mm_buf *told,
                                struct mm_error *err) MM_MUST_CHECK;

/*
 * Have what was told by one call of mm_row_runs_save(), of a run whose files are in this one's
 * folder. file: [out] the number of its file.
 * MM_E_SYNTAX: it is not that; MM_E_IO; MM_E_NOMEM.
 */
enum mm_status mm_row_runs_find(struct mm_row_runs *runs, struct mm_view told, unsigned *file,
                                struct mm_error *err) MM_MUST_CHECK;
/* When all was told: what of the files nobody vouches for goes. MM_E_SYNTAX: one is shorter than
 * was told; MM_E_IO. */
enum mm_status mm_row_runs_found_all(struct mm_row_runs *runs, struct mm_error *err) MM_MUST_CHECK;
/* Is this the name of such a file? */
bool mm_row_runs_is_file(const char *name);

#endif /* MM_COLUMNAR_ROW_RUNS_SAVED_H */

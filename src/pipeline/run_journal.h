/*
 * run_journal.h - is there a run to go on with? What the journal says, judged by what still lies
 * there.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_RUN_JOURNAL_H
#define MM_PIPELINE_RUN_JOURNAL_H

#include <limits.h>

#include "pipeline/run_common.h"

/* Where a file of ours lies beside the output: "" where there is no place. */
void mm_run_private_path(char *out, size_t cap, const char *name, const struct mm_run_plan *plan,
                         const struct mm_operands *operands);

/*
 * Read the journal of this output and decide, before anything is made, what to do with it: begin
 * anew, go on (then e->journal is set and the clock is that of the first run), or refuse.
 *
 * head, path  [out] the journal's first record and its name; `j` borrows the name.
 * Returns MM_OK; MM_END: an earlier run has finished, `end` holds its counts; an error with
 *         end->exit_code set.
 */
enum mm_status mm_run_read_journal(struct mm_engine *e, struct mm_journal *j,
                                   const struct mm_run_plan *plan, struct mm_buf *head,
                                   char path[PATH_MAX], struct mm_run_end *end,
                                   struct mm_error *err) MM_MUST_CHECK;
/* A run that ended early is gone on with. NULL: no. */
bool mm_run_goes_on(const struct mm_journal *journal);
/* Counts as the journal keeps them. */
struct mm_tally mm_run_tally(const struct mm_run_stats *stats);

#endif /* MM_PIPELINE_RUN_JOURNAL_H */

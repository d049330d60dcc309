/*
 * run_common.h - what every verb's run does around the engine: refuse early, run, finish, say how
 * it ended.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_RUN_COMMON_H
#define MM_PIPELINE_RUN_COMMON_H

#include "pipeline/engine.h"

struct mm_run_plan {
    const struct mm_run_options *options;
    const struct mm_job_ops *ops;
    void *job;
    enum mm_output_shape shape;
    bool appends;         /* to a dataset, or makes one: nothing of it is seen before it is whole */
    bool adds;            /* to one that is there */
    bool drained;         /* others take away what the output holds: an empty one may be finished */
    bool lacks_overwrite; /* the verb has no such option */
    /* Choose the sink, once the operands are known. NULL without memory. */
    struct mm_sink *(*make_sink)(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources);
    void *context;
    /* What decides the output, for the journal: lines "NAME\tVALUE"; NULL: no journal is kept. And
     * the clock that a run which is gone on with had. */
    void (*describe)(void *context, struct mm_buf *lines);
    void (*set_clock)(void *context, int64_t now);
    /* The run came to its end, every worker has gone, and the sink is to be closed yet. May say of
     * extracted inputs that they are duplicates, and whether the run did not end well. NULL: none.
     */
    enum mm_status (*complete)(void *context, struct mm_run_stats *stats, bool *some_failed,
                               struct mm_error *err);
    int64_t now;
    enum mm_durability durability;
    bool may_wait; /* for answers from outside: some memory is set apart for messages that do */
};

/*
 * Operands, resources, sink, rejects, engine, in that order; then the sink is closed and `end`
 * filled. end->exit_code is MM_EXIT_DONE, MM_EXIT_SOME_FAILED where something was rejected, or why
 * it ended early.
 */
enum mm_status mm_run_execute(const struct mm_run_plan *plan, struct mm_run_end *end,
                              struct mm_error *err) MM_MUST_CHECK;

/* Where a folder is wanted: MM_E_ARG for "-" and names with a suffix that says what file they are.
 */
enum mm_status mm_run_check_folder(const char *output, struct mm_error *err) MM_MUST_CHECK;

/* Append a line of plan->describe. */
void mm_run_line(struct mm_buf *lines, const char *name, struct mm_view value);
void mm_run_line_u64(struct mm_buf *lines, const char *name, uint64_t value);

#endif /* MM_PIPELINE_RUN_COMMON_H */

/*
 * engine.h - one scanner, N workers, batches between them, one accounting.
 * SPDX-License-Identifier: Apache-2.0
 *
 * scanner ──▶ queue of batches ──▶ worker: read, expand, job->batch(), sink->put() ──▶ commit line
 *
 * Nothing is shared while a batch is in work; memory is bounded by the budget, not by the spool.
 */
#ifndef MM_PIPELINE_ENGINE_H
#define MM_PIPELINE_ENGINE_H

#include <stdatomic.h>

#include "io/reader.h"
#include "pipeline/batch.h"
#include "pipeline/commit_line.h"
#include "pipeline/job.h"
#include "pipeline/operands.h"
#include "pipeline/rejects_log.h"
#include "pipeline/resources.h"
#include "pipeline/sink.h"

struct mm_worker;

struct mm_engine {
    /* set before start */
    const struct mm_run_options *options;
    const struct mm_job_ops *ops;
    void *job;
    struct mm_sink *sink;
    struct mm_operands *operands;
    struct mm_rejects_log *rejects;
    struct mm_journal *journal; /* NULL: none is kept */
    struct mm_view head;        /* its first record, see run_common.h */
    struct mm_resources resources;

    /* shared while running */
    struct mm_budget budget;
    struct mm_queue queue;
    struct mm_commit_line line;
    atomic_ullong inputs_seen;  /* found by the scanner, or inside a container by a worker */
    atomic_ullong inputs_known; /* seen, and names of folders still to come */
    atomic_ullong outcomes[MM_OUTCOME_DUPLICATE + 1];
    atomic_ullong results[MM_DKIM_PERMERROR + 1];
    atomic_ullong bytes, names_bytes, links_skipped, scan_ns;
    atomic_ullong resumed;    /* outcomes that the journal told */
    struct mm_sink_mark mark; /* of whoever applies commits */
    atomic_bool failed;
    atomic_bool pipe_closed; /* whoever read our stdout has gone: end quietly */
    atomic_bool scan_done;
    bool told_how_synced;

    pthread_mutex_t listener_lock;
    pthread_mutex_t error_lock;
    struct mm_error error; /* the first failure */
    int error_exit;

    /* of the workers, after they are joined */
    struct mm_run_stats stats;
    uint64_t inflight_sum, inflight_samples;
};

/* Stop because of a failure; the first one counts. Any thread. */
void mm_engine_fail(struct mm_engine *e, int exit_code, const struct mm_error *error);
/* A failure, or nobody reads our output any more: go home at once. */
bool mm_engine_failed(const struct mm_engine *e);
/* mm_run_stop() was called, and no run has ended since. */
bool mm_run_stop_asked(void);
/* The same, and no longer: whoever ends for it leaves nothing for the next run. */
bool mm_run_stop_take(void);
/* Peak resident bytes of this process image (VmHWM; getrusage's figure is inherited over exec). */
uint64_t mm_run_peak_bytes(void);
/* SIGTERM, SIGINT, or a failure: finish what is begun. */
bool mm_engine_stopping(const struct mm_engine *e);

/*
 * Run to the end. Everything set before start must be; the sink is open.
 * Returns MM_OK when the run came to its end or was stopped (end->stopped), or the first failure
 * with end->exit_code set.
 */
enum mm_status mm_engine_run(struct mm_engine *e, struct mm_run_end *end,
                             struct mm_error *err) MM_MUST_CHECK;

/* Parts of the engine, each in a file of its own. */
void *mm_scanner_main(void *engine);
enum mm_status mm_worker_new(struct mm_engine *e, unsigned index, struct mm_worker **out,
                             struct mm_error *err) MM_MUST_CHECK;
void *mm_worker_main(void *worker);
/* After the join: add its counts to e->stats. */
void mm_worker_free(struct mm_worker **worker);
const char *mm_worker_io(const struct mm_worker *worker);
const char *mm_worker_io_why(const struct mm_worker *worker);

#endif /* MM_PIPELINE_ENGINE_H */

/*
 * run_common.c - what every verb's run does around the engine.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/run_common.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "dataset/dataset_out.h"
#include "io/fault.h"
#include "io/file_ops.h"
#include "io/work_folder.h"
#include "pipeline/output_name.h"
#include "pipeline/run_journal.h"

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

enum mm_status mm_run_check_folder(const char *output, struct mm_error *err)
{
    if (mm_output_name_of(output) == MM_NAMES_FOLDER)
        return MM_OK;
    return mm_fail(err, MM_E_ARG, "-o %s: a folder is wanted, and this names a file", output);
}

static int exit_of(enum mm_status st)
{
    switch (st) {
    case MM_E_ARG:
        return MM_EXIT_USAGE;
    case MM_E_EXISTS:
        return MM_EXIT_CANT_CREATE;
    case MM_E_PERM:
        return MM_EXIT_PERMISSION;
    case MM_E_BUG:
    case MM_E_CRYPTO:
        return MM_EXIT_BUG;
    default:
        return MM_EXIT_IO;
    }
}

static enum mm_status open_output(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    enum mm_status st = e->sink->ops->open(e->sink, err);
    end->exit_code = st == MM_E_IO    ? MM_EXIT_CANT_CREATE
                     : st == MM_E_ARG ? MM_EXIT_CONFIG /* a dataset that cannot be added to */
                                      : exit_of(st);
    return st;
}

/* Who runs every hour names the same list every hour. */
static struct mm_rejects_there rejects_there(const struct mm_run_plan *plan,
                                             const struct mm_journal *journal)
{
    return (struct mm_rejects_there){
        .replace = plan->options->overwrite || plan->appends || mm_run_goes_on(journal),
        .remedy =
            plan->lacks_overwrite ? "name another file, or remove it" : "--overwrite replaces it"};
}

static enum mm_status open_rejects(struct mm_rejects_log *log, struct mm_run_end *end,
                                   const struct mm_run_plan *plan,
                                   const struct mm_operands *operands,
                                   const struct mm_journal *journal, struct mm_error *err)
{
    const char *asked = plan->options->rejects_path;
    if (asked)
        snprintf(end->rejects_at, sizeof end->rejects_at, "%s", asked);
    else
        mm_run_private_path(end->rejects_at, sizeof end->rejects_at, MM_REJECTS_NAME, plan,
                            operands);
    const char *path = asked ? asked : end->rejects_at[0] ? end->rejects_at : NULL;
    bool again = mm_run_goes_on(journal);
    struct mm_rejects_there there = rejects_there(plan, journal);
    uint64_t kept = again && journal->has_prefix ? journal->prefix.rejects_bytes : 0;
    enum mm_status st = kept ? mm_rejects_log_go_on(log, path, kept, err)
                             : mm_rejects_log_open(log, path, !asked, &there, err);
    end->exit_code = st == MM_OK ? MM_EXIT_DONE : MM_EXIT_CANT_CREATE;
    return st;
}

static enum mm_status note_end(void *engine, struct mm_error *err)
{
    const struct mm_engine *e = engine;
    struct mm_tally tally = mm_run_tally(&e->stats);
    return mm_journal_note_end(e->journal, &tally, e->head, err);
}

/* Close the sink, whose name takes the journal along: that has nothing to say behind it. */
static enum mm_status finish_around_journal(struct mm_engine *e, bool whole, struct mm_error *err)
{
    e->sink->name_is_next = e->journal ? note_end : NULL;
    e->sink->context = e;
    return e->sink->ops->close(e->sink, whole, err);
}

/* Close the sink; around that the journal says that all is done, and that the output has its name.
 */
static enum mm_status finish(struct mm_engine *e, bool whole, struct mm_error *err)
{
    struct mm_error ignored;
    struct mm_tally tally = mm_run_tally(&e->stats);
    if (e->sink->journal_inside)
        return finish_around_journal(e, whole, err);
    enum mm_status st =
        whole && e->journal ? mm_journal_note_all_done(e->journal, &tally, err) : MM_OK;
    if (st != MM_OK) {
        (void)e->sink->ops->close(e->sink, false, &ignored);
        return st;
    }
    MM_TRY(e->sink->ops->close(e->sink, whole, err));
    return whole && e->journal ? note_end(e, err) : MM_OK;
}

/* Where the output knows of more rejects than this run has listed. */
static enum mm_status list_rejects(struct mm_engine *e, struct mm_error *err)
{
    if (!e->sink->ops->list_rejects)
        return MM_OK;
    enum mm_status st = mm_rejects_log_restart(e->rejects, err);
    if (st != MM_OK)
        return st == MM_END ? MM_OK : st;
    MM_TRY(e->sink->ops->list_rejects(e->sink, e->rejects, err));
    MM_TRY(mm_rejects_log_flush(e->rejects, err));
    return mm_rejects_log_sync(e->rejects, err);
}

/* What the engine has measured goes on until the output is complete. */
static enum mm_status complete(struct mm_engine *e, const struct mm_run_plan *plan,
                               struct mm_run_end *end, bool *some_failed, struct mm_error *err)
{
    if (!plan->complete)
        return MM_OK;
    uint64_t moved = end->stats.extracted + end->stats.duplicates;
    uint64_t wall = mm_wall_ns(), cpu = mm_process_cpu_ns();
    MM_TRY(plan->complete(plan->context, &end->stats, some_failed, err));
    end->stats.wall_ns += mm_wall_ns() - wall;
    end->stats.cpu_ns += mm_process_cpu_ns() - cpu;
    end->stats.peak_bytes = mm_run_peak_bytes();
    if (end->stats.extracted + end->stats.duplicates != moved)
        return mm_fail(err, MM_E_BUG, "inputs were lost while the output was completed");
    e->stats = end->stats;
    return MM_OK;
}

static enum mm_status run_open(struct mm_engine *e, const struct mm_run_plan *plan,
                               struct mm_run_end *end, struct mm_error *err)
{
    struct mm_error closing;
    enum mm_status st = mm_engine_run(e, end, err);
    bool whole = st == MM_OK && !end->stopped && !atomic_load(&e->pipe_closed);
    bool some_failed = end->stats.rejected > 0;
    if (whole) {
        st = complete(e, plan, end, &some_failed, err);
        if (st == MM_OK)
            st = list_rejects(e, err);
        whole = st == MM_OK;
        end->exit_code = whole ? MM_EXIT_DONE : exit_of(st);
    }
    enum mm_status closed = finish(e, whole, &closing);
    if (st == MM_OK && closed != MM_OK) {
        if (err)
            *err = closing;
        end->exit_code = closed == MM_E_EXISTS ? MM_EXIT_CANT_CREATE : MM_EXIT_IO;
        return closed;
    }
    if (st == MM_OK && end->stopped)
        end->exit_code = MM_EXIT_STOPPED;
    else if (st == MM_OK && some_failed)
        end->exit_code = MM_EXIT_SOME_FAILED;
    return st;
}

static enum mm_status open_journal(struct mm_engine *e, const struct mm_run_plan *plan,
                                   struct mm_run_end *end, struct mm_error *err)
{
    if (!e->journal)
        return MM_OK;
    struct mm_error error = {.os_errno = 0};
    enum mm_status st = mm_journal_open(e->journal, plan->now, e->head,
                                        plan->durability != MM_DURABLE_NONE, &error);
    bool denied = error.os_errno == EACCES || error.os_errno == EPERM || error.os_errno == EROFS;
    bool listed = plan->options->rejects_path; /* else beside the journal, where it cannot be */
    if (st != MM_OK && denied && plan->shape == MM_OUTPUT_IN_PLACE && listed) {
        /* No message of this folder can be replaced: each is rejected with that reason. */
        e->journal = e->sink->journal = NULL;
        return MM_OK;
    }
    if (st != MM_OK && err)
        *err = error;
    end->exit_code = st == MM_OK                              ? MM_EXIT_DONE
                     : mm_file_error_is_fatal(error.os_errno) ? MM_EXIT_IO
                                                              : MM_EXIT_CANT_CREATE;
    return st;
}

static enum mm_status run_sink(struct mm_engine *e, const struct mm_run_plan *plan,
                               struct mm_run_end *end, struct mm_error *err)
{
    struct mm_rejects_log rejects = {.fd = -1};
    struct mm_error ignored;
    const char *asked = plan->options->rejects_path;
    struct mm_rejects_there there = rejects_there(plan, e->journal);
    enum mm_status st = asked ? mm_rejects_log_check(asked, &there, err) : MM_OK;
    if (st != MM_OK) {
        end->exit_code = MM_EXIT_CANT_CREATE;
        return st;
    }
    st = open_output(e, end, err);
    if (st != MM_OK) {
        (void)e->sink->ops->close(e->sink, false, &ignored);
        return st;
    }
    st = open_journal(e, plan, end, err);
    if (st == MM_OK)
        st = open_rejects(&rejects, end, plan, e->operands, e->journal, err);
    e->rejects = &rejects;
    if (st == MM_OK)
        st = run_open(e, plan, end, err);
    else
        (void)e->sink->ops->close(e->sink, false, &ignored);
    if (rejects.fd < 0 || !rejects.bytes) /* one that was named is made all the same */
        end->rejects_at[0] = '\0';
    end->can_go_on = st < 0 && end->exit_code == MM_EXIT_IO && e->journal && e->journal->fd >= 0;
    mm_rejects_log_close(&rejects);
    return st;
}

static enum mm_status execute(struct mm_engine *e, const struct mm_run_plan *plan,
                              struct mm_run_end *end, struct mm_error *err)
{
    struct mm_journal journal;
    struct mm_buf head;
    char path[PATH_MAX];
    mm_journal_init(&journal);
    mm_buf_init(&head, 1024 * 1024);
    enum mm_status st = mm_run_read_journal(e, &journal, plan, &head, path, end, err);
    if (st == MM_OK) {
        e->head = mm_buf_view(&head);
        e->sink = plan->make_sink(plan->context, e->operands, &e->resources);
        end->exit_code = MM_EXIT_IO;
        st = e->sink ? MM_OK : mm_fail(err, MM_E_NOMEM, "no memory for a run");
    }
    if (st == MM_OK) {
        e->sink->journal = e->journal;
        st = run_sink(e, plan, end, err);
        mm_sink_free(&e->sink);
    }
    mm_buf_deinit(&head);
    mm_journal_deinit(&journal);
    return st == MM_END ? MM_OK : st;
}

/* The list of rejects of a dataset is written where that is made: it has come along with it, has
 * stayed with what can be gone on with, or has gone with what cannot. */
static void name_rejects(const struct mm_run_plan *plan, struct mm_run_end *end)
{
    size_t len = strlen(plan->options->output), cap = sizeof end->rejects_at;
    while (len > 1 && plan->options->output[len - 1] == '/')
        len--;
    if (!end->rejects_at[0] || plan->options->rejects_path || is_there(end->rejects_at))
        return;
    int n = snprintf(end->rejects_at, cap, "%.*s/" MM_WORK_FOLDER "/" MM_REJECTS_NAME, (int)len,
                     plan->options->output);
    if (n < 0 || (size_t)n >= cap || !is_there(end->rejects_at))
        end->rejects_at[0] = '\0';
}

enum mm_status mm_run_execute(const struct mm_run_plan *plan, struct mm_run_end *end,
                              struct mm_error *err)
{
    struct mm_operands operands;
    struct mm_engine e = {
        .options = plan->options, .ops = plan->ops, .job = plan->job, .operands = &operands};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_DONE};
    end->stats.io = end->stats.io_why = end->stats.threads_why = "";
    end->exit_code = MM_EXIT_USAGE;
    MM_TRY(mm_fault_arm(plan->options->faults, plan->options->fault_count, err));
    end->exit_code = MM_EXIT_DONE;
    enum mm_status st = mm_operands_open(&operands, plan->options, plan->shape, plan->ops->unpacks,
                                         &end->exit_code, err);
    if (st == MM_OK) {
        struct mm_resources *r = &e.resources;
        st = mm_resources_plan(r, plan->options, plan->may_wait, err);
        end->exit_code = MM_EXIT_USAGE;
    }
    if (st == MM_OK)
        st = execute(&e, plan, end, err);
    if (plan->shape == MM_OUTPUT_DATASET)
        name_rejects(plan, end);
    mm_operands_close(&operands);
    end->stats.faults = mm_fault_count();
    mm_run_stop_take(); /* where it ended before its engine ran */
    return st;
}

/*
 * run_common.c - what every verb's run does around the engine.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/run_common.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io/fault.h"
#include "io/file_ops.h"

/* Where a file of ours lies beside the output: "" where there is no place. */
static void private_path(char *out, size_t cap, const char *name,
                         const struct mm_run_options *options, enum mm_output_shape shape,
                         const struct mm_operands *operands)
{
    int n = 0;
    out[0] = '\0';
    if (shape == MM_OUTPUT_TREE) {
        size_t len = strlen(options->output);
        while (len > 1 && options->output[len - 1] == '/')
            len--; /* a folder as people type it */
        n = snprintf(out, cap, "%.*s/.mailmill/%s", (int)len, options->output, name);
    } else if (shape == MM_OUTPUT_FILE && strcmp(options->output, "-") != 0)
        n = snprintf(out, cap, "%s.mailmill/%s", options->output, name);
    else if (shape == MM_OUTPUT_IN_PLACE && operands->count)
        n = snprintf(out, cap, "%s/.mailmill/%s", operands->list[0].root, name);
    if (n < 0 || (size_t)n >= cap)
        out[0] = '\0';
}

enum mm_status mm_run_check_folder(const char *output, struct mm_error *err)
{
    static const struct mm_view FILES[] = {MM_VIEW(".mbox"), MM_VIEW(".tar"), MM_VIEW(".tar.zst"),
                                           MM_VIEW(".bsmtp"), MM_VIEW(".ndjson")};
    bool file = strcmp(output, "-") == 0;
    for (size_t i = 0; i < MM_COUNT(FILES); i++)
        file = file || mm_view_ends(mm_view_of(output), FILES[i]);
    return file ? mm_fail(err, MM_E_ARG, "-o %s: --sink writes into a folder", output) : MM_OK;
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

static bool goes_on(const struct mm_journal *journal)
{
    return journal && journal->state == MM_JOURNAL_UNFINISHED;
}

static enum mm_status open_output(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    enum mm_status st = e->sink->ops->open(e->sink, err);
    end->exit_code = st == MM_E_IO ? MM_EXIT_CANT_CREATE : exit_of(st);
    return st;
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
        private_path(end->rejects_at, sizeof end->rejects_at, "rejects.ndjson", plan->options,
                     plan->shape, operands);
    const char *path = asked ? asked : end->rejects_at[0] ? end->rejects_at : NULL;
    bool again = goes_on(journal);
    uint64_t kept = again && journal->has_prefix ? journal->prefix.rejects_bytes : 0;
    enum mm_status st =
        kept ? mm_rejects_log_go_on(log, path, kept, err)
             : mm_rejects_log_open(log, path, !asked, plan->options->overwrite || again, err);
    end->exit_code = st == MM_OK ? MM_EXIT_DONE : MM_EXIT_CANT_CREATE;
    return st;
}

static struct mm_tally tally_of(const struct mm_run_stats *s)
{
    struct mm_tally tally = {.bytes = s->bytes};
    tally.outcomes[MM_OUTCOME_SIGNED] = s->signed_count;
    tally.outcomes[MM_OUTCOME_VERIFIED] = s->verified;
    tally.outcomes[MM_OUTCOME_EXTRACTED] = s->extracted;
    tally.outcomes[MM_OUTCOME_REJECTED] = s->rejected;
    tally.outcomes[MM_OUTCOME_DUPLICATE] = s->duplicates;
    memcpy(tally.results, s->results, sizeof tally.results);
    return tally;
}

/* Close the sink; around that the journal says that all is done, and that the output has its name.
 */
static enum mm_status finish(struct mm_engine *e, bool whole, struct mm_error *err)
{
    struct mm_error ignored;
    struct mm_tally tally = tally_of(&e->stats);
    enum mm_status st =
        whole && e->journal ? mm_journal_note_all_done(e->journal, &tally, err) : MM_OK;
    if (st != MM_OK) {
        (void)e->sink->ops->close(e->sink, false, &ignored);
        return st;
    }
    MM_TRY(e->sink->ops->close(e->sink, whole, err));
    return whole && e->journal ? mm_journal_note_end(e->journal, &tally, e->head, err) : MM_OK;
}

static enum mm_status run_open(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    struct mm_error closing;
    enum mm_status st = mm_engine_run(e, end, err);
    bool whole = st == MM_OK && !end->stopped && !atomic_load(&e->pipe_closed);
    enum mm_status closed = finish(e, whole, &closing);
    if (st == MM_OK && closed != MM_OK) {
        if (err)
            *err = closing;
        end->exit_code = closed == MM_E_EXISTS ? MM_EXIT_CANT_CREATE : MM_EXIT_IO;
        return closed;
    }
    if (st == MM_OK && end->stopped)
        end->exit_code = MM_EXIT_STOPPED;
    else if (st == MM_OK && end->stats.rejected)
        end->exit_code = MM_EXIT_SOME_FAILED;
    return st;
}

static enum mm_status open_journal(struct mm_engine *e, const struct mm_run_plan *plan,
                                   struct mm_run_end *end, struct mm_error *err)
{
    if (!e->journal)
        return MM_OK;
    struct mm_error error = {.os_errno = 0};
    enum mm_status st = mm_journal_open(e->journal, plan->now, e->head, plan->durable, &error);
    bool denied = error.os_errno == EACCES || error.os_errno == EPERM || error.os_errno == EROFS;
    if (st != MM_OK && denied && plan->shape == MM_OUTPUT_IN_PLACE) {
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
    bool replaces = plan->options->overwrite || goes_on(e->journal);
    enum mm_status st = asked ? mm_rejects_log_check(asked, replaces, err) : MM_OK;
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
        st = run_open(e, end, err);
    else
        (void)e->sink->ops->close(e->sink, false, &ignored);
    if (rejects.fd < 0)
        end->rejects_at[0] = '\0';
    mm_rejects_log_close(&rejects);
    return st;
}

/* ---- the journal ---- */

void mm_run_line(struct mm_buf *lines, const char *name, struct mm_view value)
{
    mm_buf_append_str(lines, name);
    mm_buf_append_char(lines, '\t');
    for (size_t i = 0; i < value.len; i++) /* a line end in it would make a line of its own */
        mm_buf_append_char(lines, value.data[i] == '\n' ? ' ' : value.data[i]);
    mm_buf_append_char(lines, '\n');
}

void mm_run_line_u64(struct mm_buf *lines, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    mm_run_line(lines, name, mm_view_of(text));
}

static void describe(const struct mm_run_plan *plan, struct mm_buf *lines)
{
    const struct mm_run_options *o = plan->options;
    mm_run_line(lines, "mailmill", mm_view_of(mm_version()));
    for (size_t i = 0; i < o->source_count; i++)
        mm_run_line(lines, "SOURCE", mm_view_of(o->sources[i]));
    mm_run_line(lines, "--files-from", mm_view_of(o->files_from ? o->files_from : ""));
    mm_run_line_u64(lines, "-0", o->files_from_nul);
    mm_run_line_u64(lines, "--source-format", o->source_format);
    mm_run_line_u64(lines, "--follow", o->follow);
    if (o->clock_now)
        mm_run_line(lines, "--now", MM_VIEW("the clock"));
    else
        mm_run_line_u64(lines, "--now", (uint64_t)plan->now);
    plan->describe(plan->context, lines);
}

static bool output_is_there(const struct mm_run_plan *plan, const char *suffix)
{
    struct stat st;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s", plan->options->output, suffix);
    return n < (int)sizeof path && stat(path, &st) == 0;
}

/* The output has its name, and only the journal's last record is missing. */
static bool was_published(const struct mm_journal *j, const struct mm_run_plan *plan)
{
    return j->state == MM_JOURNAL_UNFINISHED && j->all_done && plan->shape == MM_OUTPUT_FILE &&
           output_is_there(plan, "") && !output_is_there(plan, ".part");
}

/* Does the journal tell of anything that is still there? */
static bool journal_counts(const struct mm_journal *j, const struct mm_run_plan *plan)
{
    bool resume = plan->options->resume;
    if (j->state == MM_JOURNAL_FINISHED)
        return resume && (plan->shape == MM_OUTPUT_IN_PLACE || output_is_there(plan, ""));
    if (plan->shape == MM_OUTPUT_FILE)
        return (j->has_prefix || resume) && output_is_there(plan, ".part");
    /* With --resume also where nothing is noted: a file may have got its name just before. */
    return resume || j->done_count || j->intended_count;
}

/* What to do with what lies there: begin anew, go on, nothing (MM_END), or refuse. */
static enum mm_status judge_journal(struct mm_journal *j, const struct mm_run_plan *plan,
                                    struct mm_view head, int *exit_code, struct mm_error *err)
{
    const struct mm_run_options *o = plan->options;
    struct mm_view other = mm_journal_difference(j, head);
    if (o->resume && was_published(j, plan))
        j->state = MM_JOURNAL_FINISHED;
    if (j->state != MM_JOURNAL_NONE && !journal_counts(j, plan))
        mm_journal_forget(j);
    if ((o->overwrite && !o->resume) || j->state == MM_JOURNAL_NONE) {
        mm_journal_forget(j);
        return MM_OK;
    }
    *exit_code = MM_EXIT_CANT_CREATE;
    if (!o->resume)
        return mm_fail(err, MM_E_EXISTS,
                       "a run that ended early lies in %s: --resume goes on with it, --overwrite "
                       "begins anew",
                       j->path);
    *exit_code = MM_EXIT_CONFIG;
    if (other.len)
        return mm_fail(err, MM_E_ARG,
                       "--resume: %.*s is not what it was in the run that is to be gone on with "
                       "(%s)",
                       (int)other.len, other.data, j->path);
    return j->state == MM_JOURNAL_FINISHED ? MM_END : MM_OK;
}

/* The counts of a run that is finished already. */
static void tell_finished(const struct mm_journal *j, struct mm_run_end *end)
{
    struct mm_run_stats *s = &end->stats;
    s->signed_count = j->end.outcomes[MM_OUTCOME_SIGNED];
    s->verified = j->end.outcomes[MM_OUTCOME_VERIFIED];
    s->extracted = j->end.outcomes[MM_OUTCOME_EXTRACTED];
    s->rejected = j->end.outcomes[MM_OUTCOME_REJECTED];
    s->duplicates = j->end.outcomes[MM_OUTCOME_DUPLICATE];
    memcpy(s->results, j->end.results, sizeof s->results);
    s->inputs = s->signed_count + s->verified + s->extracted + s->rejected + s->duplicates;
    s->resumed = s->inputs;
    end->exit_code = MM_EXIT_DONE;
    end->finished_before = true;
}

/* Before anything is made. MM_END: there is nothing left to do. */
static enum mm_status read_journal(struct mm_engine *e, struct mm_journal *j,
                                   const struct mm_run_plan *plan, struct mm_buf *head,
                                   char path[PATH_MAX], struct mm_run_end *end,
                                   struct mm_error *err)
{
    private_path(path, PATH_MAX, "journal", plan->options, plan->shape, e->operands);
    if (!plan->describe || !path[0]) {
        end->exit_code = MM_EXIT_USAGE;
        return plan->options->resume
                   ? mm_fail(err, MM_E_ARG, "--resume needs an output that stays: -o FILE or DIR")
                   : MM_OK;
    }
    describe(plan, head);
    end->exit_code = MM_EXIT_CONFIG;
    enum mm_status st = mm_journal_read(j, path, err);
    if (st == MM_E_SYNTAX && plan->options->overwrite) {
        mm_journal_forget(j);
        st = MM_OK;
    }
    if (st == MM_OK && head->failed)
        st = mm_fail(err, MM_E_NOMEM, "no memory for the journal");
    if (st == MM_OK)
        st = judge_journal(j, plan, mm_buf_view(head), &end->exit_code, err);
    if (st == MM_END)
        tell_finished(j, end);
    if (st != MM_OK)
        return st;
    if (goes_on(j) && plan->set_clock)
        plan->set_clock(plan->context, j->now);
    e->journal = j;
    return MM_OK;
}

static enum mm_status execute(struct mm_engine *e, const struct mm_run_plan *plan,
                              struct mm_run_end *end, struct mm_error *err)
{
    struct mm_journal journal;
    struct mm_buf head;
    char path[PATH_MAX];
    mm_journal_init(&journal);
    mm_buf_init(&head, 1024 * 1024);
    enum mm_status st = read_journal(e, &journal, plan, &head, path, end, err);
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
    enum mm_status st =
        mm_operands_open(&operands, plan->options, plan->shape, &end->exit_code, err);
    if (st == MM_OK) {
        struct mm_resources *r = &e.resources;
        st = mm_resources_plan(r, plan->options, plan->may_wait, err);
        end->exit_code = MM_EXIT_USAGE;
    }
    if (st == MM_OK)
        st = execute(&e, plan, end, err);
    mm_operands_close(&operands);
    end->stats.faults = mm_fault_count();
    return st;
}

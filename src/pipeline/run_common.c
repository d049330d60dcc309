/*
 * run_common.c - what every verb's run does around the engine.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/run_common.h"

#include <limits.h>
#include <stdio.h>

void mm_run_default_rejects(char *out, size_t cap, const struct mm_run_options *options,
                            enum mm_output_shape shape, const struct mm_operands *operands)
{
    static const char NAME[] = "rejects.ndjson";
    int n = 0;
    out[0] = '\0';
    if (shape == MM_OUTPUT_TREE) {
        size_t len = strlen(options->output);
        while (len > 1 && options->output[len - 1] == '/')
            len--; /* a folder as people type it */
        n = snprintf(out, cap, "%.*s/.mailmill/%s", (int)len, options->output, NAME);
    } else if (shape == MM_OUTPUT_FILE && strcmp(options->output, "-") != 0)
        n = snprintf(out, cap, "%s.mailmill/%s", options->output, NAME);
    else if (shape == MM_OUTPUT_IN_PLACE && operands->count)
        n = snprintf(out, cap, "%s/.mailmill/%s", operands->list[0].root, NAME);
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

static enum mm_status open_output(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    enum mm_status st = e->sink->ops->open(e->sink, err);
    end->exit_code = st == MM_E_IO ? MM_EXIT_CANT_CREATE : exit_of(st);
    return st;
}

static enum mm_status open_rejects(struct mm_rejects_log *log, struct mm_run_end *end,
                                   const struct mm_run_plan *plan,
                                   const struct mm_operands *operands, struct mm_error *err)
{
    const char *asked = plan->options->rejects_path;
    if (asked)
        snprintf(end->rejects_at, sizeof end->rejects_at, "%s", asked);
    else
        mm_run_default_rejects(end->rejects_at, sizeof end->rejects_at, plan->options, plan->shape,
                               operands);
    const char *path = asked ? asked : end->rejects_at[0] ? end->rejects_at : NULL;
    enum mm_status st = mm_rejects_log_open(log, path, !asked, plan->options->overwrite, err);
    end->exit_code = st == MM_OK ? MM_EXIT_DONE : MM_EXIT_CANT_CREATE;
    return st;
}

static enum mm_status run_open(struct mm_engine *e, struct mm_run_end *end, struct mm_error *err)
{
    struct mm_error closing;
    enum mm_status st = mm_engine_run(e, end, err);
    bool whole = st == MM_OK && !end->stopped && !atomic_load(&e->pipe_closed);
    enum mm_status closed = e->sink->ops->close(e->sink, whole, &closing);
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

static enum mm_status run_sink(struct mm_engine *e, const struct mm_run_plan *plan,
                               struct mm_run_end *end, struct mm_error *err)
{
    struct mm_rejects_log rejects = {.fd = -1};
    struct mm_error ignored;
    const char *asked = plan->options->rejects_path;
    enum mm_status st = asked ? mm_rejects_log_check(asked, plan->options->overwrite, err) : MM_OK;
    if (st != MM_OK) {
        end->exit_code = MM_EXIT_CANT_CREATE;
        return st;
    }
    st = open_output(e, end, err);
    if (st != MM_OK) {
        (void)e->sink->ops->close(e->sink, false, &ignored);
        return st;
    }
    st = open_rejects(&rejects, end, plan, e->operands, err);
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

enum mm_status mm_run_execute(const struct mm_run_plan *plan, struct mm_run_end *end,
                              struct mm_error *err)
{
    struct mm_operands operands;
    struct mm_engine e = {
        .options = plan->options, .ops = plan->ops, .job = plan->job, .operands = &operands};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_DONE};
    end->stats.io = end->stats.io_why = end->stats.threads_why = "";
    enum mm_status st =
        mm_operands_open(&operands, plan->options, plan->shape, &end->exit_code, err);
    if (st == MM_OK) {
        struct mm_resources *r = &e.resources;
        st = mm_resources_plan(r, plan->options, plan->may_wait, err);
        end->exit_code = MM_EXIT_USAGE;
    }
    if (st == MM_OK) {
        e.sink = plan->make_sink(plan->context, &operands, &e.resources);
        st =
            e.sink ? run_sink(&e, plan, end, err) : mm_fail(err, MM_E_NOMEM, "no memory for a run");
        if (!e.sink)
            end->exit_code = MM_EXIT_IO;
        mm_sink_free(&e.sink);
    }
    mm_operands_close(&operands);
    return st;
}

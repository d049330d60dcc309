/*
 * run_sign.c - the verb sign: a spool in, the signed spool out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "dkim/sign_batch.h"
#include "io/file_ops.h"
#include "pipeline/dry_run_check.h"
#include "pipeline/job_sign.h"
#include "pipeline/output_name.h"
#include "pipeline/run_common.h"

/* What -o asks for. */
enum output_form {
    FORM_FOLDER,
    FORM_MBOX,
    FORM_LONE,
    FORM_STDOUT,
    FORM_TAR,
    FORM_TAR_ZST,
    FORM_BSMTP,
    FORM_SIGNATURES
};

struct sign_context {
    const struct mm_sign_run *job; /* the copy */
    struct mm_sign_run *copy;
    enum output_form form;
};

static struct mm_sink *make_sink(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources)
{
    const struct sign_context *c = context;
    const struct mm_sink_options options = {.path = c->job->run.output,
                                            .overwrite = c->job->run.overwrite,
                                            .resume = c->job->run.resume,
                                            .durability = c->job->durability,
                                            .threads = resources->threads,
                                            .now = c->job->sign.now};
    if (c->job->dry_run)
        return mm_sink_none_new();
    if (c->job->in_place)
        return mm_sink_in_place_new(&options);
    struct mm_sink_options stream = options;
    stream.packed = c->form == FORM_TAR_ZST;
    stream.pack_helpers = resources->pack_helpers;
    switch (c->form) {
    case FORM_FOLDER:
        break;
    case FORM_MBOX:
        return mm_sink_stream_new(&stream, MM_STREAM_MBOX);
    case FORM_LONE:
        if (operands->list[0].kind != MM_OPERAND_STDIN)
            stream.mode = mm_file_mode_like(operands->list[0].path);
        return mm_sink_stream_new(&stream, MM_STREAM_ONE);
    case FORM_STDOUT:
        return mm_sink_stream_new(&stream, mm_operands_are_one_message(operands) ? MM_STREAM_AS_CAME
                                                                                 : MM_STREAM_MBOX);
    case FORM_TAR:
    case FORM_TAR_ZST:
        return mm_sink_stream_new(&stream, MM_STREAM_TAR);
    case FORM_BSMTP:
        return mm_sink_stream_new(&stream, MM_STREAM_BSMTP);
    case FORM_SIGNATURES:
        return mm_sink_stream_new(&stream, MM_STREAM_SIGNATURES);
    }
    return mm_sink_folder_new(&options, c->job->sink, operands->count > 1);
}

static bool is_lone(const struct mm_sign_run *job)
{
    return mm_view_ends(mm_view_of(job->run.output), MM_VIEW(".eml")) &&
           job->run.source_count == 1 && !job->run.files_from &&
           mm_path_is_one_message(job->run.sources[0], job->run.source_format);
}

static enum output_form form_of(const struct mm_sign_run *job)
{
    switch (mm_output_name_of(job->run.output)) {
    case MM_NAMES_STDOUT:
        return FORM_STDOUT;
    case MM_NAMES_MBOX:
        return FORM_MBOX;
    case MM_NAMES_TAR:
        return FORM_TAR;
    case MM_NAMES_TAR_ZST:
        return FORM_TAR_ZST;
    case MM_NAMES_BSMTP:
        return FORM_BSMTP;
    default:
        return is_lone(job) ? FORM_LONE : FORM_FOLDER;
    }
}

static enum mm_status choose_signatures(const struct mm_sign_run *job, enum output_form *form,
                                        struct mm_error *err)
{
    enum mm_output_name name = mm_output_name_of(job->run.output);
    *form = FORM_SIGNATURES;
    if (name == MM_NAMES_STDOUT || name == MM_NAMES_NDJSON)
        return MM_OK;
    return mm_fail(err, MM_E_ARG, "--sink signatures writes rows: -o FILE.ndjson or -o -");
}

static enum mm_status choose_form(const struct mm_sign_run *job, enum output_form *form,
                                  struct mm_error *err)
{
    *form = FORM_FOLDER;
    if (job->in_place && job->sink != MM_SINK_DEFAULT)
        return mm_fail(err, MM_E_ARG, "--sink has no meaning with --in-place");
    if (job->dry_run || job->in_place) {
        if (job->run.output)
            return mm_fail(err, MM_E_ARG, "-o has no meaning with %s",
                           job->in_place ? "--in-place" : "--dry-run");
        return MM_OK;
    }
    if (!job->run.output || !*job->run.output)
        return mm_fail(err, MM_E_ARG, "-o OUT, --in-place or --dry-run is needed");
    if (job->sink == MM_SINK_SIGNATURES)
        return choose_signatures(job, form, err);
    if (mm_output_name_of(job->run.output) == MM_NAMES_NDJSON)
        return mm_fail(err, MM_E_ARG, "-o %s: rows are what --sink signatures writes",
                       job->run.output);
    if (job->sink != MM_SINK_DEFAULT)
        return mm_run_check_folder(job->run.output, err);
    *form = form_of(job);
    return MM_OK;
}

static enum mm_output_shape shape_of(const struct mm_sign_run *job, enum output_form form)
{
    if (job->dry_run)
        return MM_OUTPUT_NONE;
    if (job->in_place)
        return MM_OUTPUT_IN_PLACE;
    return form == FORM_FOLDER ? MM_OUTPUT_TREE : MM_OUTPUT_FILE;
}

/* The code that tells why keys could not be checked, or do not fit. */
static int code_of_check(enum mm_status st)
{
    if (st == MM_E_IO && mm_run_stop_take())
        return MM_EXIT_STOPPED;
    return st == MM_E_NOMEM ? MM_EXIT_IO : MM_EXIT_CONFIG;
}

/* Options and rules that do not fit together are refused before anything is opened. */
static enum mm_status check_rules(const struct mm_sign_run *job, struct mm_run_end *end,
                                  struct mm_error *err)
{
    struct mm_sign_worker probe;
    enum mm_status st = mm_sign_worker_init(&probe, job->rules, &job->sign, err);
    if (st == MM_OK)
        mm_sign_worker_deinit(&probe);
    end->exit_code = st == MM_E_ARG ? MM_EXIT_USAGE : MM_EXIT_CONFIG;
    if (st == MM_OK && job->dry_run && job->check_keys) {
        st = mm_dry_run_check_keys(job, err);
        end->exit_code = code_of_check(st);
    }
    return st;
}

static void warn_of_counts(const struct mm_sign_run *job, struct mm_sign_job_state *state)
{
    const struct mm_run_listener *l = &job->run.listener;
    unsigned long long absent = atomic_load(&state->oversigned_absent);
    char text[160];
    if (!l->warn || !absent)
        return;
    snprintf(text, sizeof text,
             "%llu message%s lack%s a field named in --oversign: a relay that adds it breaks the "
             "signature",
             absent, absent == 1 ? "" : "s", absent == 1 ? "s" : "");
    l->warn(l->context, text);
}

static void tell_row(void *context, const struct mm_sign_choice *choice, uint64_t messages)
{
    const struct mm_sign_run *job = context;
    job->plan_row(job->plan_context, choice->domain, choice->selector, messages);
}

static enum mm_status report_plan(const struct mm_sign_run *job, struct mm_sign_job_state *state,
                                  struct mm_run_end *end, struct mm_error *err)
{
    const struct mm_run_stats *s = &end->stats;
    if (!state->plan)
        return MM_OK;
    uint64_t work = s->parse_ns + s->canonicalize_ns + s->hash_ns + s->read_ns +
                    mm_sign_plan_crypto_ns(state->plan);
    end->estimate_ns = work / (s->threads ? s->threads : 1);
    enum mm_status st = MM_OK;
    if (job->check_keys && !end->stopped)
        st = mm_dry_run_check_plan(job, state->plan, err);
    if (st == MM_OK && job->plan_row &&
        mm_sign_plan_each(state->plan, tell_row, (void *)(uintptr_t)job) != MM_OK)
        st = mm_fail(err, MM_E_NOMEM, "no memory for the plan");
    if (st != MM_OK)
        end->exit_code = code_of_check(st);
    return st;
}

/* What decides the bytes of the output. */
static void describe(void *context, struct mm_buf *lines)
{
    const struct sign_context *c = context;
    const struct mm_sign_run *job = c->job;
    const struct mm_sign_options *o = &job->sign;
    mm_run_line_u64(lines, "the keys and tables", mm_sign_rules_hash(job->rules));
    mm_run_line_u64(lines, "--canon", o->header_canon * 2u + o->body_canon);
    mm_run_line(lines, "--headers", mm_view_of(o->headers ? o->headers : "(default)"));
    mm_run_line(lines, "--oversign", mm_view_of(o->oversign ? o->oversign : "(default)"));
    mm_run_line(lines, "--identity", mm_view_of(o->identity ? o->identity : ""));
    mm_run_line_u64(lines, "--expire", o->expire_s);
    mm_run_line_u64(lines, "--signed-already", job->signed_already);
    mm_run_line_u64(lines, "--unmatched", job->unmatched);
    mm_run_line_u64(lines, "--eol", job->strict_eol);
    mm_run_line_u64(lines, "--in-place", job->in_place);
    mm_run_line_u64(lines, "--sink", job->sink);
}

static void set_clock(void *context, int64_t now)
{
    struct sign_context *c = context;
    c->copy->sign.now = now;
}

enum mm_status mm_run_sign(const struct mm_sign_run *job, struct mm_run_end *end,
                           struct mm_error *err)
{
    struct mm_sign_run copy = *job;
    struct sign_context context = {.job = &copy, .copy = &copy};
    struct mm_sign_job_state state = {.run = &copy};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_USAGE};
    MM_TRY(choose_form(job, &context.form, err));
    MM_TRY(check_rules(job, end, err));
    if (job->dry_run)
        state.plan = mm_sign_plan_new();
    if (job->dry_run && !state.plan) {
        end->exit_code = MM_EXIT_IO;
        return mm_fail(err, MM_E_NOMEM, "no memory for the plan");
    }
    const struct mm_run_plan plan = {.options = &copy.run,
                                     .ops = &mm_sign_job,
                                     .job = &state,
                                     .shape = shape_of(job, context.form),
                                     .drained = job->sink == MM_SINK_MAILDIR ||
                                                job->sink == MM_SINK_PICKUP,
                                     .make_sink = make_sink,
                                     .context = &context,
                                     .describe = job->dry_run ? NULL : describe,
                                     .set_clock = set_clock,
                                     .now = job->sign.now,
                                     .durability = job->durability};
    enum mm_status st = mm_run_execute(&plan, end, err);
    end->stats.unmatched_copied = atomic_load(&state.unmatched_copied);
    warn_of_counts(job, &state);
    if (st == MM_OK)
        st = report_plan(job, &state, end, err);
    mm_sign_plan_free(&state.plan);
    return st;
}

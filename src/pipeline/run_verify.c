/*
 * run_verify.c - the verb verify: an archive in, a row a message out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "base/stage.h"
#include "dataset/verify_tables.h"
#include "dns/key_source.h"
#include "pipeline/job_verify.h"
#include "pipeline/output_name.h"
#include "pipeline/run_common.h"
#include "pipeline/verdict_row.h"

static bool hands_on(const struct mm_verify_run *job)
{
    return job->sink != MM_SINK_DEFAULT;
}

/* Rows in a stream have a name for a file; any other is a folder's, for tables. */
static bool makes_dataset(const struct mm_verify_run *job)
{
    const char *output = job->run.output;
    enum mm_output_name name = mm_output_name_of(output);
    return !hands_on(job) && output && *output && name != MM_NAMES_STDOUT &&
           name != MM_NAMES_NDJSON;
}

static void reject_row(void *context, struct mm_buf *out, const struct mm_item *item)
{
    const struct mm_verify_run *job = context;
    mm_verify_reject_row(out, job->format, item);
}

struct verify_context {
    const struct mm_verify_run *job;
    struct mm_verify_job_state *state;
    struct mm_dataset_output dataset;
};

static void describe(void *context, struct mm_buf *lines);

/* Of what decides rows besides inputs, but for the clock where that was asked. */
static struct mm_hash128 config_hash(struct verify_context *c)
{
    struct mm_buf text;
    mm_buf_init(&text, 4096);
    describe(c, &text);
    if (!c->job->run.clock_now)
        mm_run_line_u64(&text, "--now", (uint64_t)c->job->verify.now);
    struct mm_hash128 hash = mm_hash128_of(mm_buf_view(&text));
    mm_buf_deinit(&text);
    return hash;
}

static struct mm_sink *make_dataset(struct verify_context *c, const struct mm_resources *resources)
{
    const struct mm_dataset_options options = {.path = c->job->run.output,
                                               .verb = &mm_verify_verb,
                                               .form = mm_dataset_form(c->job->dataset_format),
                                               .workers = resources->threads,
                                               .config = config_hash(c),
                                               .memory_bytes =
                                                   resources->memory_bytes / MM_DATASET_ROWS_SHARE};
    c->state->dataset = &c->dataset;
    return mm_sink_dataset_new(&options, &c->dataset);
}

static enum mm_status complete(void *context, struct mm_run_stats *stats, bool *some_failed,
                               struct mm_error *err)
{
    struct verify_context *c = context;
    struct mm_settlement none;
    uint64_t start = mm_stage_ns();
    (void)some_failed;
    enum mm_status st = mm_dataset_write(c->dataset.dataset, &none, err);
    mm_stage_slow(MM_STAGE_ENCODE);
    stats->encode_ns += mm_stage_ns() - start;
    mm_settlement_deinit(&none);
    c->dataset.counts =
        (struct mm_dataset_counts){.inputs = stats->inputs, .rejected = stats->rejected};
    return st;
}

static struct mm_sink *make_sink(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources)
{
    const struct mm_verify_run *job = ((struct verify_context *)context)->job;
    if (makes_dataset(job))
        return make_dataset(context, resources);
    const struct mm_sink_options rows = {
        .path = job->run.output && !hands_on(job) ? job->run.output : "-",
        .overwrite = job->run.overwrite,
        .threads = resources->threads,
        .heading = job->format == MM_ROWS_NDJSON ? NULL : MM_VERDICT_TABLE_HEADING};
    if (!hands_on(job))
        return mm_sink_stream_new(&rows, MM_STREAM_ROWS);
    const struct mm_sink_pair_options pair = {.messages = {.path = job->run.output,
                                                           .overwrite = job->run.overwrite,
                                                           .threads = resources->threads},
                                              .rows = rows,
                                              .form = job->sink,
                                              .several_sources = operands->count > 1,
                                              .reject_row = reject_row,
                                              .context = (void *)(uintptr_t)job};
    return mm_sink_pair_new(&pair);
}

bool mm_verify_some_failed(const struct mm_verify_run *job, const struct mm_run_stats *s)
{
    uint64_t bad = s->results[MM_DKIM_FAIL] + s->results[MM_DKIM_POLICY] +
                   s->results[MM_DKIM_PERMERROR] + s->results[MM_DKIM_TEMPERROR];
    if (job->require_pass)
        bad += s->results[MM_DKIM_NONE] + s->results[MM_DKIM_NEUTRAL];
    return bad > 0;
}

static enum mm_status check_output(const struct mm_verify_run *job, struct mm_run_end *end,
                                   struct mm_error *err)
{
    end->exit_code = MM_EXIT_USAGE;
    if (hands_on(job) && (!job->run.output || !job->authserv_id))
        return mm_fail(err, MM_E_ARG, "--sink wants a folder and --authentication-results");
    if (hands_on(job) || makes_dataset(job))
        return mm_run_check_folder(job->run.output, err);
    return MM_OK;
}

static enum mm_status check_authserv_id(const struct mm_verify_run *job, struct mm_run_end *end,
                                        struct mm_error *err)
{
    if (!job->authserv_id || mm_authserv_id_is_valid(mm_view_of(job->authserv_id)))
        return MM_OK;
    end->exit_code = MM_EXIT_USAGE;
    return mm_fail(err, MM_E_ARG, "not an authserv-id: a host name is wanted");
}

static void warn_of_removed(const struct mm_verify_run *job, uint64_t removed)
{
    const struct mm_run_listener *l = &job->run.listener;
    char text[MM_AUTHSERV_ID_MAX_BYTES + 160];
    if (!l->warn || !removed)
        return;
    snprintf(text, sizeof text,
             "%llu Authentication-Results field%s that claimed to be from %s left out: forged or "
             "stale",
             (unsigned long long)removed, removed == 1 ? "" : "s", job->authserv_id);
    l->warn(l->context, text);
}

/* What decides the rows. Answers of live DNS are what they are when they are asked for. */
static void describe(void *context, struct mm_buf *lines)
{
    const struct verify_context *c = context;
    const struct mm_verify_run *job = c->job;
    struct mm_hash128 keys = {0, 0};
    if (job->keys)
        keys = mm_txt_store_hash(mm_key_source_store(job->keys));
    mm_run_line_u64(lines, "--keys", keys.low);
    mm_run_line_u64(lines, "--keys or --dns", job->keys ? 1 + mm_key_source_is_live(job->keys) : 0);
    mm_run_line_u64(lines, "--policy", job->verify.policy);
    mm_run_line_u64(lines, "--max-signatures", job->verify.max_signatures);
    mm_run_line_u64(lines, "--time-from", job->verify.time_from);
    mm_run_line(lines, "--authentication-results", mm_view_of(job->authserv_id));
}

/* The same for the journal. */
static void describe_run(void *context, struct mm_buf *lines)
{
    const struct mm_verify_run *job = ((const struct verify_context *)context)->job;
    describe(context, lines);
    if (makes_dataset(job))
        mm_run_line_u64(lines, "--format", job->dataset_format);
}

static void set_clock(void *context, int64_t now)
{
    struct verify_context *c = context;
    c->state->options.now = now;
}

enum mm_status mm_run_verify(const struct mm_verify_run *job, struct mm_run_end *end,
                             struct mm_error *err)
{
    struct mm_run_options options = job->run;
    struct mm_verify_job_state state = {.options = job->verify,
                                        .format = job->format,
                                        .authserv_id = mm_view_of(job->authserv_id),
                                        .hands_on = hands_on(job),
                                        .openssl_only = job->run.openssl_only};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_DONE};
    MM_TRY(check_output(job, end, err));
    MM_TRY(check_authserv_id(job, end, err));
    end->exit_code = MM_EXIT_DONE;
    options.output = options.output ? options.output : "-";
    if (job->keys) {
        state.keys = mm_key_cache_of(job->keys);
        if (!state.keys) {
            end->exit_code = MM_EXIT_IO;
            return mm_fail(err, MM_E_NOMEM, "no memory for keys");
        }
    }
    struct verify_context context = {.job = job, .state = &state};
    const struct mm_run_plan plan = {.options = &options,
                                     .ops = &mm_verify_job,
                                     .job = &state,
                                     .shape = hands_on(job)        ? MM_OUTPUT_TREE
                                              : makes_dataset(job) ? MM_OUTPUT_DATASET
                                                                   : MM_OUTPUT_FILE,
                                     .make_sink = make_sink,
                                     .complete = makes_dataset(job) ? complete : NULL,
                                     .context = &context,
                                     /* Rows on stdout cannot be gone on with. */
                                     .describe = hands_on(job) ? NULL : describe_run,
                                     .set_clock = set_clock,
                                     .now = job->verify.now,
                                     .may_wait = mm_key_source_is_live(job->keys)};
    enum mm_status st = mm_run_execute(&plan, end, err);
    if (job->keys)
        mm_key_source_dns_counts(job->keys, &end->stats.dns);
    end->stats.asked_dns = plan.may_wait;
    warn_of_removed(job, state.fields_removed);
    /* Of a run that had finished before there is nothing to do, and it has said how it ended. */
    if (st == MM_OK && end->exit_code == MM_EXIT_DONE && !end->finished_before &&
        mm_verify_some_failed(job, &end->stats))
        end->exit_code = MM_EXIT_SOME_FAILED;
    mm_key_cache_free(&state.keys);
    return st;
}

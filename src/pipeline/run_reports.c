/*
 * run_reports.c - the verb reports: archived reports in, a dataset out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/stage.h"
#include "pipeline/job_reports.h"
#include "pipeline/run_common.h"
#include "pipeline/sink_dataset.h"

enum { INPUTS_SHARE = 4 /* of the run's memory: hashes of inputs that a dataset has taken */ };

struct reports_context {
    const struct mm_reports_run *job;
    struct mm_reports_job_state *state;
    struct mm_dataset_output output;
    bool adds; /* there is a dataset, and it can be added to */
};

/* A key for redaction is known by what it makes of an address. */
static void append_redaction(const struct reports_context *c, struct mm_buf *text)
{
    if (c->state->redaction)
        mm_redaction_append(c->state->redaction, text, MM_VIEW("a@example.com"));
}

/* Of the options that decide rows. */
static struct mm_hash128 config_hash(const struct reports_context *c)
{
    struct mm_buf text;
    mm_buf_init(&text, 4096);
    mm_buf_printf(&text, "split-days %d\nsubjects %d\nredact ", c->job->split_days,
                  c->job->subjects);
    append_redaction(c, &text);
    struct mm_hash128 hash = mm_hash128_of(mm_buf_view(&text));
    mm_buf_deinit(&text);
    return hash;
}

/* What decides the dataset, for the journal. */
static void describe(void *context, struct mm_buf *lines)
{
    const struct reports_context *c = context;
    struct mm_buf address;
    mm_buf_init(&address, 4096);
    append_redaction(c, &address);
    mm_run_line_u64(lines, "--format", c->job->format);
    mm_run_line_u64(lines, "--row-group-rows", c->job->row_group_rows);
    mm_run_line_u64(lines, "--page-bytes", c->job->page_bytes);
    mm_run_line_u64(lines, "--split-days", c->job->split_days);
    mm_run_line_u64(lines, "--subjects", c->job->subjects);
    mm_run_line(lines, "--redact", mm_buf_view(&address));
    mm_buf_deinit(&address);
}

static struct mm_sink *make_sink(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources)
{
    struct reports_context *c = context;
    const struct mm_dataset_options options = {
        .path = c->job->run.output,
        .verb = &mm_reports_verb,
        .adds = c->adds,
        .form = mm_dataset_form(c->job->format),
        .workers = resources->threads,
        .config = config_hash(c),
        .row_group_rows = c->job->row_group_rows,
        .page_bytes = c->job->page_bytes,
        .memory_bytes = resources->memory_bytes / MM_DATASET_ROWS_SHARE,
        .inputs_bytes = resources->memory_bytes / INPUTS_SHARE};
    (void)operands;
    c->state->output = &c->output;
    return mm_sink_dataset_new(&options, &c->output);
}

/* All rows are there: decide what is kept, and write the tables. */
static enum mm_status complete(void *context, struct mm_run_stats *stats, bool *some_failed,
                               struct mm_error *err)
{
    struct reports_context *c = context;
    struct mm_settlement settlement;
    struct mm_report_counts *counts = &c->state->counts;
    uint64_t start = mm_stage_ns();
    enum mm_status st = mm_dataset_write(c->output.dataset, &settlement, err);
    mm_stage_slow(MM_STAGE_ENCODE);
    stats->encode_ns += mm_stage_ns() - start;
    uint64_t told = counts->dmarc_reports + counts->tls_reports;
    counts->dmarc_reports = settlement.dmarc_reports;
    counts->tls_reports = settlement.tls_reports;
    counts->duplicate_reports = told - settlement.dmarc_reports - settlement.tls_reports;
    counts->spilled_runs = mm_dataset_spilled_runs(c->output.dataset);
    stats->read_reports = true;
    stats->reports = *counts;
    stats->extracted -= settlement.duplicate_inputs;
    stats->duplicates += settlement.duplicate_inputs;
    mm_settlement_deinit(&settlement);
    uint64_t unread = c->state->repeated_unread;
    c->output.counts =
        (struct mm_dataset_counts){.inputs = stats->inputs - c->state->repeated - unread,
                                   .rejected = stats->rejected - unread};
    *some_failed = counts->damaged > 0 || stats->extracted + stats->duplicates == 0;
    return st;
}

static enum mm_status check_output(const struct mm_reports_run *job, struct mm_run_end *end,
                                   struct mm_error *err)
{
    end->exit_code = MM_EXIT_USAGE;
    if (!job->run.output)
        return mm_fail(err, MM_E_ARG, "no dataset: name -o DATASET, a folder");
    if (job->append && job->format != MM_DATASET_PARQUET)
        return mm_fail(err, MM_E_ARG,
                       "--append: tables of --format ndjson or csv are not added to");
    return mm_run_check_folder(job->run.output, err);
}

static enum mm_status load_redaction(const struct mm_reports_run *job,
                                     struct mm_redaction **redaction, struct mm_run_end *end,
                                     struct mm_error *err)
{
    enum mm_status st =
        job->redact_key ? mm_redaction_load(redaction, job->redact_key, err) : MM_OK;
    bool refused = st == MM_E_PERM || (st != MM_OK && mm_error_is_denied(err));
    end->exit_code = refused ? MM_EXIT_PERMISSION : MM_EXIT_CONFIG;
    return st;
}

/* Is there a dataset, and can this run add to it? */
static enum mm_status check_dataset(struct reports_context *c, struct mm_run_end *end,
                                    struct mm_error *err)
{
    if (!c->job->append)
        return MM_OK;
    enum mm_status st = mm_dataset_check(c->job->run.output, config_hash(c), err);
    c->adds = st == MM_OK;
    bool denied = st < 0 && mm_error_is_denied(err);
    end->exit_code = st == MM_E_ARG      ? MM_EXIT_CONFIG
                     : st == MM_E_EXISTS ? MM_EXIT_CANT_CREATE
                     : denied            ? MM_EXIT_PERMISSION
                                         : MM_EXIT_IO;
    return st;
}

static enum mm_status execute(const struct mm_reports_run *job, struct mm_reports_job_state *state,
                              struct mm_run_end *end, struct mm_error *err)
{
    struct reports_context context = {.job = job, .state = state};
    struct mm_run_options options = job->run;
    MM_TRY(check_dataset(&context, end, err));
    /* Who adds day by day goes on with a first day that ended early; and what is added to a dataset
     * is added whole or not at all. */
    options.resume = options.resume || (job->append && !context.adds);
    const struct mm_run_plan plan = {.options = &options,
                                     .ops = &mm_reports_job,
                                     .job = state,
                                     .shape = MM_OUTPUT_DATASET,
                                     .appends = job->append,
                                     .adds = context.adds,
                                     .lacks_overwrite = true,
                                     .make_sink = make_sink,
                                     .describe = context.adds ? NULL : describe,
                                     .complete = complete,
                                     .context = &context};
    return mm_run_execute(&plan, end, err);
}

enum mm_status mm_run_reports(const struct mm_reports_run *job, struct mm_run_end *end,
                              struct mm_error *err)
{
    struct mm_bounce_rules *rules = NULL;
    struct mm_redaction *redaction = NULL;
    *end = (struct mm_run_end){.exit_code = MM_EXIT_DONE};
    MM_TRY(check_output(job, end, err));
    MM_TRY(load_redaction(job, &redaction, end, err));
    end->exit_code = MM_EXIT_BUG;
    enum mm_status st = mm_bounce_rules_new(&rules, mm_bounce_rules_builtin(), err);
    struct mm_reports_job_state state = {.rules = rules,
                                         .redaction = redaction,
                                         .split_days = job->split_days,
                                         .subjects = job->subjects,
                                         .openssl_only = job->run.openssl_only};
    if (st == MM_OK)
        st = execute(job, &state, end, err);
    mm_bounce_rules_free(&rules);
    mm_redaction_free(&redaction);
    return st;
}

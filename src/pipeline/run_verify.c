/*
 * run_verify.c - the verb verify: an archive in, a row a message out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/key_source.h"
#include "pipeline/job_verify.h"
#include "pipeline/run_common.h"
#include "pipeline/verdict_row.h"

static struct mm_sink *make_sink(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources)
{
    const struct mm_verify_run *job = context;
    const struct mm_sink_options options = {
        .path = job->run.output ? job->run.output : "-",
        .overwrite = job->run.overwrite,
        .threads = resources->threads,
        .heading = job->format == MM_ROWS_NDJSON ? NULL : MM_VERDICT_TABLE_HEADING};
    (void)operands;
    return mm_sink_stream_new(&options, MM_STREAM_ROWS);
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
    struct mm_view out = mm_view_of(job->run.output ? job->run.output : "-");
    if (mm_view_eq(out, MM_VIEW("-")) || mm_view_ends(out, MM_VIEW(".ndjson")))
        return MM_OK;
    end->exit_code = MM_EXIT_USAGE;
    return mm_fail(err, MM_E_ARG,
                   "verify writes rows to stdout (-o -) or to a file: -o FILE.ndjson");
}

static enum mm_status check_authserv_id(const struct mm_verify_run *job, struct mm_run_end *end,
                                        struct mm_error *err)
{
    if (!job->authserv_id || mm_authserv_id_is_valid(mm_view_of(job->authserv_id)))
        return MM_OK;
    end->exit_code = MM_EXIT_USAGE;
    return mm_fail(err, MM_E_ARG, "not an authserv-id: a host name is wanted");
}

enum mm_status mm_run_verify(const struct mm_verify_run *job, struct mm_run_end *end,
                             struct mm_error *err)
{
    struct mm_run_options options = job->run;
    struct mm_verify_job_state state = {.options = job->verify,
                                        .format = job->format,
                                        .authserv_id = mm_view_of(job->authserv_id),
                                        .openssl_only = job->run.openssl_only};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_DONE};
    MM_TRY(check_output(job, end, err));
    MM_TRY(check_authserv_id(job, end, err));
    options.output = options.output ? options.output : "-";
    if (job->keys) {
        state.keys = mm_key_cache_of(job->keys);
        if (!state.keys) {
            end->exit_code = MM_EXIT_IO;
            return mm_fail(err, MM_E_NOMEM, "no memory for keys");
        }
    }
    const struct mm_run_plan plan = {.options = &options,
                                     .ops = &mm_verify_job,
                                     .job = &state,
                                     .shape = MM_OUTPUT_FILE,
                                     .make_sink = make_sink,
                                     .context = (void *)(uintptr_t)job,
                                     .may_wait = mm_key_source_is_live(job->keys)};
    enum mm_status st = mm_run_execute(&plan, end, err);
    if (job->keys)
        mm_key_source_dns_counts(job->keys, &end->stats.dns);
    end->stats.asked_dns = plan.may_wait;
    if (st == MM_OK && end->exit_code == MM_EXIT_DONE && mm_verify_some_failed(job, &end->stats))
        end->exit_code = MM_EXIT_SOME_FAILED;
    mm_key_cache_free(&state.keys);
    return st;
}

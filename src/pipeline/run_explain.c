/*
 * run_explain.c - the verdicts on one message, explained.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/key_source.h"
#include "pipeline/explain_rows.h"
#include "pipeline/job_verify.h"
#include "pipeline/one_run.h"

enum {
    /* As for one message elsewhere; and what 32 signatures hash of a header of 1 MiB. */
    ARENA_BYTES = 256 * 1024 * 1024,
    TEXT_MAX_BYTES = 1024 * 1024 * 1024
};

struct explain_run {
    const struct mm_verify_run *job;
    struct mm_key_cache *keys;
    struct mm_verify_worker worker;
    struct mm_arena arena;
    struct mm_buf text;
};

static enum mm_status explain_run_init(struct explain_run *x, struct mm_error *err)
{
    mm_arena_init(&x->arena, ARENA_BYTES);
    mm_buf_init(&x->text, TEXT_MAX_BYTES);
    x->keys = x->job->keys ? mm_key_cache_of(x->job->keys) : NULL;
    if ((x->job->keys && !x->keys) ||
        mm_verify_worker_init(&x->worker, x->keys, &x->job->verify) != MM_OK)
        return mm_fail(err, MM_E_NOMEM, "no memory for a verifier");
    if (x->job->run.openssl_only)
        mm_pk_ctx_openssl_only(x->worker.pk);
    return MM_OK;
}

static void explain_run_deinit(struct explain_run *x)
{
    mm_verify_worker_deinit(&x->worker);
    mm_key_cache_free(&x->keys);
    mm_arena_deinit(&x->arena);
    mm_buf_deinit(&x->text);
}

static void render(struct explain_run *x, const struct mm_explanation *e)
{
    struct mm_view name = mm_view_of(x->job->run.sources[0]);
    enum mm_dkim_policy policy = x->job->verify.policy;
    if (x->job->format == MM_ROWS_NDJSON)
        mm_explain_json(&x->text, name, e, policy);
    else
        mm_explain_text(&x->text, name, e, policy, x->job->format == MM_ROWS_TABLE_COLOR);
}

static enum mm_status explain_bytes(void *context, struct mm_one_message *m, struct mm_sink *sink,
                                    struct mm_run_end *end, struct mm_error *err)
{
    struct explain_run *x = context;
    struct mm_explanation e;
    enum mm_status st = mm_explain(&x->worker, &x->arena, m->bytes, m->quoted, &e, err);
    end->exit_code = st == MM_E_BUG     ? MM_EXIT_BUG
                     : st == MM_E_LIMIT ? MM_EXIT_SOME_FAILED
                                        : MM_EXIT_DONE;
    if (st == MM_OK) {
        render(x, &e);
        end->stats.verified = 1;
        end->stats.results[e.item.verdict.result] = 1;
        st = x->text.failed ? mm_fail(err, MM_E_NOMEM, "no memory for the explanation")
                            : sink->ops->write(sink, mm_buf_view(&x->text), err);
    }
    mm_explanation_deinit(&e);
    return st;
}

enum mm_status mm_run_explain(const struct mm_verify_run *job, struct mm_run_end *end,
                              struct mm_error *err)
{
    struct mm_one_message m = {.block = NULL};
    struct explain_run x = {.job = job};
    const struct mm_one_run run = {.options = &job->run,
                                   .message = &m,
                                   .form = MM_STREAM_ROWS,
                                   .make = explain_bytes,
                                   .context = &x};
    enum mm_status st = mm_one_run_begin(&run, NULL, end, err);
    if (st == MM_OK) {
        st = explain_run_init(&x, err);
        end->exit_code = MM_EXIT_IO;
    }
    if (st == MM_OK)
        st = mm_one_run_write(&run, end, err);
    if (st == MM_OK && end->exit_code == MM_EXIT_DONE && mm_verify_some_failed(job, &end->stats))
        end->exit_code = MM_EXIT_SOME_FAILED;
    explain_run_deinit(&x);
    mm_one_message_close(&m);
    return st;
}

/*
 * job_sign.c - the sign job: DKIM-Signature fields on top of every message.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/job_sign.h"

#include <stdlib.h>

#include "dkim/sign_batch.h"

struct sign_worker {
    struct mm_sign_job_state *job;
    struct mm_sign_worker dkim;
};

static enum mm_already_signed already_of(enum mm_signed_already choice)
{
    switch (choice) {
    case MM_SIGNED_ALREADY_SIGN:
        return MM_ALREADY_SIGN;
    case MM_SIGNED_ALREADY_SKIP:
        return MM_ALREADY_SKIP;
    case MM_SIGNED_ALREADY_REJECT:
        break;
    }
    return MM_ALREADY_REJECT;
}

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    struct sign_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a signer");
    w->job = job;
    *worker = w;
    const struct mm_sign_run *run = w->job->run;
    MM_TRY(mm_sign_worker_init(&w->dkim, run->rules, &run->sign, err));
    w->dkim.already = already_of(run->signed_already);
    w->dkim.strict_eol = run->strict_eol;
    w->dkim.plan_only = run->dry_run;
    if (run->run.openssl_only) {
        mm_pk_ctx_openssl_only(w->dkim.pk);
        mm_digest_ctx_openssl_only(w->dkim.digest);
    }
    return MM_OK;
}

static void worker_free(void *worker)
{
    struct sign_worker *w = worker;
    mm_sign_worker_deinit(&w->dkim);
    free(w);
}

/* The message as it came: nothing new on top. */
static void leave_as_it_is(struct mm_item *item, const struct mm_sign_item *s)
{
    item->outcome = MM_OUTCOME_DUPLICATE;
    item->emit = item->unchanged = true;
    mm_item_set_out_top(item, s->msg.from_line);
    item->out_rest = s->msg.bytes;
}

static void take_outcome(struct sign_worker *w, struct mm_item *item, const struct mm_sign_item *s)
{
    switch (s->outcome) {
    case MM_SIGN_OK:
        leave_as_it_is(item, s);
        item->outcome = MM_OUTCOME_SIGNED;
        item->unchanged = false;
        item->out_head = s->fields;
        return;
    case MM_SIGN_DUPLICATE:
        leave_as_it_is(item, s);
        return;
    case MM_SIGN_NO_ROW:
        if (w->job->run->unmatched == MM_UNMATCHED_COPY) {
            leave_as_it_is(item, s);
            atomic_fetch_add_explicit(&w->job->unmatched_copied, 1, memory_order_relaxed);
            return;
        }
        break;
    default:
        break;
    }
    mm_item_reject(item, mm_sign_outcome_slug(s->outcome), mm_sign_outcome_text(s->outcome),
                   s->offset);
}

static enum mm_status count_plan(struct sign_worker *w, const struct mm_sign_item *sign,
                                 size_t count, struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (sign[i].outcome != MM_SIGN_OK)
            continue;
        if (sign[i].oversigned_absent)
            atomic_fetch_add_explicit(&w->job->oversigned_absent, 1, memory_order_relaxed);
        for (size_t k = 0; w->job->plan && k < sign[i].choice_count; k++)
            MM_TRY(mm_sign_plan_add(w->job->plan, &sign[i].choices[k], err));
    }
    return MM_OK;
}

static enum mm_status batch(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err)
{
    struct sign_worker *w = worker;
    size_t pending = 0;
    struct mm_sign_item *sign = MM_ARENA_ARRAY(arena, struct mm_sign_item, count);
    if (!sign)
        return mm_fail(err, MM_E_NOMEM, "no memory for a batch");
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING)
            sign[pending++].bytes = items[i].bytes;
    enum mm_status st = mm_sign_batch(&w->dkim, arena, sign, pending);
    if (st != MM_OK)
        return mm_fail(err, st, "signing a batch failed: %s", mm_status_text(st));
    const struct mm_sign_item *next = sign;
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING)
            take_outcome(w, &items[i], next++);
    return count_plan(w, sign, pending, err);
}

static void merge(void *job, void *worker, struct mm_run_stats *stats)
{
    const struct sign_worker *w = worker;
    (void)job;
    stats->parse_ns += w->dkim.stages.parse_ns;
    stats->canonicalize_ns += w->dkim.stages.canonicalize_ns;
    stats->hash_ns += w->dkim.stages.hash_ns;
    stats->crypto_ns += w->dkim.stages.crypto_ns;
    stats->encode_ns += w->dkim.stages.encode_ns;
    stats->remade += mm_pk_ctx_mismatches(w->dkim.pk);
    if (w->dkim.hash_memory.bodies)
        stats->body_cache_hits += mm_body_cache_hits(w->dkim.hash_memory.bodies);
}

const struct mm_job_ops mm_sign_job = {
    .worker_new = worker_new, .worker_free = worker_free, .batch = batch, .merge = merge};

/*
 * job_verify.c - the verify job: a verdict row for every input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/job_verify.h"

#include <stdlib.h>

#include "auth/authres_field.h"
#include "base/stage.h"
#include "dataset/verify_rows.h"
#include "dkim/verify_batch.h"
#include "pipeline/hand_on.h"
#include "pipeline/rejects_log.h"
#include "pipeline/verdict_row.h"

/* Rows of a batch: 256 times 32 signatures with h= lists; a hostile one may be as long as its
 * header. */
enum { ROWS_MAX_BYTES = 1024 * 1024 * 1024 };

struct verify_worker {
    struct mm_verify_job_state *job;
    struct mm_verify_worker dkim;
    struct mm_verify_rows tables; /* of a dataset */
    struct mm_buf rows;
    struct mm_buf field; /* Authentication-Results of one message */
    size_t row_end[MM_BATCH_ITEMS];
    uint64_t row_ns;
    uint64_t fields_removed;
};

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    struct verify_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a verifier");
    w->job = job;
    mm_buf_init(&w->rows, ROWS_MAX_BYTES);
    mm_buf_init(&w->field, ROWS_MAX_BYTES);
    *worker = w;
    if (w->job->dataset)
        mm_verify_rows_init(&w->tables,
                            mm_dataset_runs(w->job->dataset->dataset, w->job->workers++));
    enum mm_status st = mm_verify_worker_init(&w->dkim, w->job->keys, &w->job->options);
    if (st != MM_OK)
        return mm_fail(err, st, "cannot set up a verifier");
    if (w->job->openssl_only) {
        mm_pk_ctx_openssl_only(w->dkim.pk);
        mm_digest_ctx_openssl_only(w->dkim.digest);
    }
    return MM_OK;
}

static void worker_free(void *worker)
{
    struct verify_worker *w = worker;
    mm_verify_worker_deinit(&w->dkim);
    mm_verify_rows_deinit(&w->tables);
    mm_buf_deinit(&w->rows);
    mm_buf_deinit(&w->field);
    free(w);
}

void mm_verify_reject_row(struct mm_buf *out, enum mm_row_format format, const struct mm_item *item)
{
    if (format == MM_ROWS_NDJSON)
        mm_reject_row(out, item->message, item->slug, mm_view_of(item->detail), item->offset);
    else
        mm_reject_row_table(out, item->message, item->slug, format == MM_ROWS_TABLE_COLOR);
}

/* Into w->field, where it was asked for. */
static struct mm_view authentication_results(struct verify_worker *w, struct mm_arena *arena,
                                             const struct mm_verify_item *v)
{
    mm_buf_clear(&w->field);
    if (w->job->authserv_id.len)
        mm_authres_append(&w->field, arena, w->job->authserv_id, &v->verdict, MM_AUTHRES_UNFOLDED);
    return mm_buf_view(&w->field);
}

static void write_json(struct verify_worker *w, struct mm_arena *arena, struct mm_view message,
                       const struct mm_verify_item *v, uint32_t fields_removed)
{
    const struct mm_row_extra extra = {.fields_removed = fields_removed,
                                       .authentication_results =
                                           authentication_results(w, arena, v)};
    mm_verdict_row_json(&w->rows, message, v, &extra);
    w->rows.failed = w->rows.failed || w->field.failed;
}

/* The row of an item that has a verdict; where it is to be handed on, its message too, or the row
 * of a reject. */
static enum mm_status write_verdict(struct verify_worker *w, struct mm_arena *arena,
                                    struct mm_item *item, const struct mm_verify_item *v)
{
    uint32_t removed = 0;
    if (w->job->hands_on)
        MM_TRY(mm_hand_on(item, v, w->job->authserv_id, arena, &w->field, &removed));
    w->fields_removed += removed;
    if (item->outcome == MM_OUTCOME_REJECTED)
        mm_verify_reject_row(&w->rows, w->job->format, item);
    else if (w->job->format == MM_ROWS_NDJSON)
        write_json(w, arena, item->message, v, removed);
    else
        mm_verdict_row_table(&w->rows, item->message, v, w->job->format == MM_ROWS_TABLE_COLOR);
    return MM_OK;
}

static void take_verdict(struct mm_item *item, const struct mm_verify_item *v)
{
    if (v->status == MM_OK) {
        item->outcome = MM_OUTCOME_VERIFIED;
        item->result = v->verdict.result;
    } else {
        mm_item_reject(item, "header-too-large", "the header is longer than 1 MiB",
                       MM_HEADER_MAX_BYTES);
    }
}

/* Rows of the batch in order; verdicts are those of the pending items, in their order. */
static enum mm_status write_rows(struct verify_worker *w, struct mm_arena *arena,
                                 struct mm_item *items, size_t count,
                                 const struct mm_verify_item *v, struct mm_error *err)
{
    mm_buf_clear(&w->rows);
    for (size_t i = 0; i < count; i++) {
        bool pending = items[i].outcome == MM_OUTCOME_PENDING;
        if (pending)
            take_verdict(&items[i], v++);
        if (items[i].outcome == MM_OUTCOME_REJECTED)
            mm_verify_reject_row(&w->rows, w->job->format, &items[i]);
        else if (write_verdict(w, arena, &items[i], v - 1) != MM_OK)
            w->rows.failed = true;
        w->row_end[i] = w->rows.len;
    }
    if (w->rows.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for the rows of a batch");
    for (size_t i = 0, from = 0; i < count; from = w->row_end[i++])
        items[i].out_row = mm_view_sub(mm_buf_view(&w->rows), from, w->row_end[i] - from);
    return MM_OK;
}

/* The same for a dataset. */
static enum mm_status add_verdict(struct verify_worker *w, struct mm_arena *arena,
                                  struct mm_item *item, const struct mm_verify_item *v,
                                  struct mm_error *err)
{
    struct mm_view field = authentication_results(w, arena, v);
    if (w->field.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for a row");
    enum mm_status st = mm_verify_rows_add(&w->tables, item->message, v, field, err);
    if (st == MM_E_LIMIT) {
        mm_item_reject(item, "row-too-long", "its row is longer than 16 MiB", MM_NO_OFFSET);
        st = MM_OK;
    }
    return st;
}

static enum mm_status add_rows(struct verify_worker *w, struct mm_arena *arena,
                               struct mm_item *items, size_t count, const struct mm_verify_item *v,
                               struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct mm_item *item = &items[i];
        if (item->outcome == MM_OUTCOME_PENDING) {
            take_verdict(item, v);
            MM_TRY(mm_verify_rows_add_input(&w->tables, item->content, err));
            if (item->outcome == MM_OUTCOME_VERIFIED)
                MM_TRY(add_verdict(w, arena, item, v, err));
            v++;
        }
        if (item->outcome == MM_OUTCOME_REJECTED)
            MM_TRY(mm_verify_rows_add_reject(&w->tables, item->message, item->slug, item->detail,
                                             item->offset, err));
    }
    return MM_OK;
}

static enum mm_status verify_failed(enum mm_status st, struct mm_error *err)
{
    return mm_fail(err, st, "verifying a batch failed: %s", mm_status_text(st));
}

static enum mm_status begin(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, void **open, struct mm_error *err)
{
    struct verify_worker *w = worker;
    struct mm_verify_open *begun = NULL;
    size_t pending = 0;
    struct mm_verify_item *verify = MM_ARENA_ARRAY(arena, struct mm_verify_item, count);
    if (!verify)
        return mm_fail(err, MM_E_NOMEM, "no memory for a batch");
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING) {
            verify[pending].bytes = items[i].bytes;
            verify[pending++].quoted = items[i].quoted;
        }
    enum mm_status st = mm_verify_begin(&w->dkim, arena, verify, pending, &begun);
    *open = begun;
    if (st != MM_OK)
        return verify_failed(st, err);
    for (size_t i = 0, k = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING)
            items[i].bytes = verify[k++].bytes;
    for (size_t i = 0; i < count && w->job->dataset; i++)
        items[i].content = mm_hash128_of(items[i].bytes);
    return MM_OK;
}

static enum mm_status keep(void *worker, void *open, struct mm_arena *to, void **kept)
{
    struct mm_verify_open *moved = NULL;
    (void)worker;
    enum mm_status st = mm_verify_keep(open, to, &moved);
    *kept = moved;
    return st;
}

static enum mm_status finish(void *worker, struct mm_arena *arena, void *open,
                             struct mm_item *items, size_t count, struct mm_error *err)
{
    struct verify_worker *w = worker;
    const struct mm_verify_item *verdicts = mm_verify_items(open);
    enum mm_status st = mm_verify_finish(open, arena);
    if (st != MM_OK)
        return st == MM_AGAIN ? st : verify_failed(st, err);
    uint64_t start = mm_stage_ns();
    st = w->job->dataset ? add_rows(w, arena, items, count, verdicts, err)
                         : write_rows(w, arena, items, count, verdicts, err);
    mm_stage_slow(MM_STAGE_ENCODE);
    w->row_ns += mm_stage_ns() - start;
    return st;
}

static void drop(void *worker, void *open)
{
    (void)worker;
    mm_verify_drop(open);
}

static uint64_t turn(void *worker)
{
    const struct verify_worker *w = worker;
    return w->job->keys ? mm_key_cache_turn(w->job->keys) : 0;
}

/* Only called where an answer was missing: there is a source of keys. */
static void wait_for_keys(void *worker, uint64_t seen, unsigned timeout_ms)
{
    const struct verify_worker *w = worker;
    mm_key_cache_wait(w->job->keys, seen, timeout_ms);
}

static const struct mm_job_steps STEPS = {.begin = begin,
                                          .keep = keep,
                                          .finish = finish,
                                          .drop = drop,
                                          .turn = turn,
                                          .wait = wait_for_keys};

static void merge(void *job, void *worker, struct mm_run_stats *stats)
{
    const struct verify_worker *w = worker;
    ((struct mm_verify_job_state *)job)->fields_removed += w->fields_removed;
    stats->parse_ns += w->dkim.stages.parse_ns;
    stats->canonicalize_ns += w->dkim.stages.canonicalize_ns;
    stats->hash_ns += w->dkim.stages.hash_ns;
    stats->crypto_ns += w->dkim.stages.crypto_ns;
    if (w->dkim.hash_memory.bodies)
        stats->body_cache_hits += mm_body_cache_hits(w->dkim.hash_memory.bodies);
    stats->encode_ns += w->row_ns;
}

/* Read, parsed and hashed within a processor's second cache. A public key is found again at once,
 * so that batches need not be long for many of one signer. */
enum { BATCH_BYTES = 2 * 1024 * 1024 };

const struct mm_job_ops mm_verify_job = {.batch_bytes = BATCH_BYTES,
                                         .sniff_files = true,
                                         .reads_quotes = true,
                                         .worker_new = worker_new,
                                         .worker_free = worker_free,
                                         .steps = &STEPS,
                                         .merge = merge};

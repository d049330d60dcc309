/*
 * sign_batch.c - sign a batch of messages: parse all, hash all bodies, build all fields, sign all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/sign_batch.h"

#include "base/error.h"
#include "base/stage.h"
#include "dkim/sig_field.h"
#include "dkim/sign_field.h"

static const struct {
    const char *slug, *text;
} outcomes[MM_SIGN_OUTCOME_COUNT] = {
#define MM_SIGN_REJECT(name, slug, text) [MM_SIGN_##name] = {slug, text},
#include "dkim/sign_rejects.def"
#undef MM_SIGN_REJECT
};

const char *mm_sign_outcome_slug(enum mm_sign_outcome outcome)
{
    return (size_t)outcome < MM_SIGN_OUTCOME_COUNT ? outcomes[outcome].slug : "?";
}

const char *mm_sign_outcome_text(enum mm_sign_outcome outcome)
{
    return (size_t)outcome < MM_SIGN_OUTCOME_COUNT ? outcomes[outcome].text : "?";
}

/* One signature on its way through the stages. */
struct work {
    struct mm_sign_item *item;
    struct mm_view prefix; /* the field up to "b="; memory of the arena */
    size_t column;
    struct mm_digest_job *header;
};

struct batch {
    struct mm_sign_worker *w;
    struct mm_arena *arena;
    struct mm_sign_item *items;
    size_t item_count;
    struct mm_hash_batch hashes;
    struct mm_body_digest **bodies; /* one an item */
    struct work *works;             /* item by item, choice by choice */
    struct mm_sign_job *jobs;       /* one a work */
    size_t work_count;
};

static enum mm_canon canon_of(enum mm_canonicalization canon)
{
    return canon == MM_CANONICALIZATION_RELAXED ? MM_CANON_RELAXED : MM_CANON_SIMPLE;
}

/* ---- prepare ---- */

static enum mm_status prepare_all(struct batch *b)
{
    for (size_t i = 0; i < b->item_count; i++) {
        MM_TRY(mm_sign_prepare(b->w, b->arena, &b->items[i]));
        if (b->items[i].outcome == MM_SIGN_OK)
            b->work_count += b->items[i].choice_count;
    }
    return MM_OK;
}

/* ---- bodies ---- */

static enum mm_status hash_bodies(struct batch *b)
{
    MM_TRY(mm_hash_batch_init(&b->hashes, b->w->digest, b->arena, &b->w->hash_memory,
                              b->item_count + b->work_count));
    b->bodies = MM_ARENA_ARRAY(b->arena, struct mm_body_digest *, b->item_count);
    if (!b->bodies)
        return MM_E_NOMEM;
    for (size_t i = 0; i < b->item_count; i++) {
        struct mm_body_digest *list = NULL;
        if (b->items[i].outcome == MM_SIGN_OK)
            MM_TRY(mm_hash_batch_body(&b->hashes, &list, &b->items[i].msg,
                                      canon_of(b->w->options.body_canon), MM_SHA256,
                                      MM_SIG_LENGTH_ALL, &b->bodies[i]));
    }
    return mm_hash_batch_flush(&b->hashes);
}

/* ---- fields ---- */

static struct mm_view line_end_of(const struct mm_msg *msg)
{
    return msg->first_line_is_lf ? MM_VIEW("\n") : MM_VIEW("\r\n");
}

/* i= as the row of the signing table has it, else as the options have it. */
static struct mm_view identity_of(struct mm_sign_worker *w, const struct mm_sign_choice *choice)
{
    if (choice->auid.len == 0)
        return mm_buf_view(&w->identity);
    mm_buf_clear(&w->auid);
    mm_sign_identity_encode(&w->auid, choice->auid);
    return mm_buf_view(&w->auid);
}

/* Lay out one field up to "b=" and add the hash of what it covers. */
static enum mm_status add_field(struct batch *b, const struct mm_sign_choice *choice,
                                const uint8_t *body_hash, struct work *work)
{
    struct mm_sign_worker *w = b->w;
    const struct mm_msg *msg = &work->item->msg;
    uint64_t now = (uint64_t)w->options.now;
    struct mm_sign_field field = {
        .key_type = mm_private_key_type(choice->key),
        .header_canon = canon_of(w->options.header_canon),
        .body_canon = canon_of(w->options.body_canon),
        .domain = choice->domain,
        .selector = choice->selector,
        .identity = identity_of(w, choice),
        .headers = work->item->names,
        .signed_at = now,
        .expires_at = w->options.expire_s ? now + w->options.expire_s : 0,
        .body_hash = body_hash,
        .line_end = line_end_of(msg),
    };
    mm_buf_clear(&w->text);
    work->column = mm_sign_field_begin(&w->text, &field);
    work->prefix = mm_arena_copy(b->arena, mm_buf_view(&w->text));
    if (w->text.failed || w->auid.failed || !work->prefix.data)
        return MM_E_NOMEM;
    struct mm_header_digest what = {
        .self = MM_FIELD_NONE,
        .field = work->prefix,
        .b_raw = {work->prefix.data + work->prefix.len, 0},
        .names = field.headers,
        .value_at = sizeof("DKIM-Signature:") - 1,
        .canon = field.header_canon,
        .alg = MM_SHA256,
    };
    return mm_hash_batch_header(&b->hashes, msg, &what, &work->header);
}

static enum mm_status add_fields(struct batch *b, struct mm_sign_item *item,
                                 const uint8_t *body_hash)
{
    for (size_t i = 0; i < item->choice_count; i++) {
        const struct mm_private_key *key = item->choices[i].key;
        struct work *work = &b->works[b->work_count];
        work->item = item;
        MM_TRY(add_field(b, &item->choices[i], body_hash, work));
        struct mm_sign_job *job = &b->jobs[b->work_count++];
        *job = (struct mm_sign_job){.key = key, .alg = MM_SHA256, .digest = work->header->digest};
        job->signature = mm_arena_alloc(b->arena, mm_private_key_signature_bytes(key));
        if (!job->signature)
            return MM_E_NOMEM;
    }
    return MM_OK;
}

static enum mm_status build_fields(struct batch *b)
{
    b->works = MM_ARENA_ARRAY(b->arena, struct work, b->work_count);
    b->jobs = MM_ARENA_ARRAY(b->arena, struct mm_sign_job, b->work_count);
    if (!b->works || !b->jobs)
        return MM_E_NOMEM;
    b->work_count = 0;
    for (size_t i = 0; i < b->item_count; i++)
        if (b->items[i].outcome == MM_SIGN_OK)
            MM_TRY(add_fields(b, &b->items[i], b->bodies[i]->job->digest));
    return mm_hash_batch_flush(&b->hashes);
}

/* ---- signatures ---- */

/* Where a batch cannot be signed as a whole, find out which messages are at fault. */
static void sign_one_by_one(struct batch *b)
{
    for (size_t at = 0; at < b->work_count; at += b->works[at].item->choice_count)
        if (mm_sign_many(b->w->pk, &b->jobs[at], b->works[at].item->choice_count) != MM_OK)
            b->works[at].item->outcome = MM_SIGN_CRYPTO;
}

static enum mm_status sign_all(struct batch *b)
{
    enum mm_status status = mm_sign_many(b->w->pk, b->jobs, b->work_count);
    if (status != MM_E_CRYPTO)
        return status;
    sign_one_by_one(b);
    return MM_OK;
}

static enum mm_status write_fields(struct batch *b, size_t at, struct mm_sign_item *item)
{
    struct mm_buf *text = &b->w->text;
    mm_buf_clear(text);
    for (size_t end = at + item->choice_count; at < end; at++) {
        mm_buf_append(text, b->works[at].prefix);
        mm_sign_field_end(text, b->works[at].column, b->jobs[at].signature,
                          b->jobs[at].signature_bytes, line_end_of(&item->msg));
    }
    item->fields = mm_arena_copy(b->arena, mm_buf_view(text));
    return text->failed || !item->fields.data ? MM_E_NOMEM : MM_OK;
}

static enum mm_status write_all(struct batch *b)
{
    for (size_t at = 0; at < b->work_count; at += b->works[at].item->choice_count)
        if (b->works[at].item->outcome == MM_SIGN_OK)
            MM_TRY(write_fields(b, at, b->works[at].item));
    return MM_OK;
}

enum mm_status mm_sign_batch(struct mm_sign_worker *w, struct mm_arena *arena,
                             struct mm_sign_item *items, size_t count)
{
    struct batch b = {.w = w, .arena = arena, .items = items, .item_count = count};
    uint64_t start_ns = mm_stage_ns();
    MM_TRY(prepare_all(&b));
    mm_stage_slow(MM_STAGE_PARSE);
    uint64_t prepared_ns = mm_stage_ns();
    w->stages.parse_ns += prepared_ns - start_ns;
    if (w->plan_only)
        return MM_OK;
    MM_TRY(hash_bodies(&b));
    MM_TRY(build_fields(&b));
    mm_stage_slow(MM_STAGE_CANONICALIZE);
    uint64_t hashed_ns = mm_stage_ns();
    w->stages.hash_ns += b.hashes.hash_ns;
    w->stages.canonicalize_ns += hashed_ns - prepared_ns - b.hashes.hash_ns;
    MM_TRY(sign_all(&b));
    mm_stage_slow(MM_STAGE_CRYPTO);
    uint64_t signed_ns = mm_stage_ns();
    w->stages.crypto_ns += signed_ns - hashed_ns;
    MM_TRY(write_all(&b));
    mm_stage_slow(MM_STAGE_ENCODE);
    w->stages.encode_ns += mm_stage_ns() - signed_ns;
    return MM_OK;
}

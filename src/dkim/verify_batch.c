/*
 * verify_batch.c - the first half of a verification: parse all, ask for all keys, hash all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/verify_batch.h"

#include "base/error.h"
#include "base/stage.h"
#include "dkim/hash_batch.h"
#include "dkim/verify_internal.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/mbox.h"

struct batch {
    struct mm_verify_open *open;
    struct mm_arena *arena;
    struct mm_hash_batch hashes;
};

/* ---- parse ---- */

static uint32_t signature_limit(const struct mm_verify_options *options)
{
    return options->max_signatures ? options->max_signatures : MM_MAX_SIGNATURES_DEFAULT;
}

/* Value of the first field of a name. False where there is none. */
static bool topmost(const struct mm_msg *msg, struct mm_view name, struct mm_view *value)
{
    uint32_t top = mm_msg_lowest(msg, name);
    if (top == MM_FIELD_NONE)
        return false;
    while (msg->fields[top].upper_same != MM_FIELD_NONE)
        top = msg->fields[top].upper_same;
    *value = mm_field_value(msg, &msg->fields[top]);
    return true;
}

/* The time that expiry and dated keys are judged by. A date before 1970 is a clock that was not
 * set. */
static int64_t time_of(const struct mm_verify_item *item, const struct mm_verify_options *options)
{
    struct mm_view received;
    int64_t seconds = 0;
    if (options->time_from == MM_TIME_FROM_RECEIVED &&
        topmost(&item->msg, MM_VIEW("received"), &received) &&
        mm_date_of_received(received, &seconds) == MM_OK && seconds > 0)
        return seconds;
    return options->now;
}

/* Domain of the first From field's first address; empty where there is none. */
static enum mm_status read_from(struct mm_verify_item *item, struct mm_arena *arena)
{
    struct mm_address author;
    struct mm_view from;
    if (!topmost(&item->msg, MM_VIEW("from"), &from))
        return MM_OK;
    enum mm_status status = mm_address_first(from, arena, &author);
    if (status == MM_OK)
        item->verdict.from_domain = author.domain;
    return status == MM_E_NOMEM ? status : MM_OK;
}

/* Index one message, make room for its signatures. */
static enum mm_status index_item(struct batch *b, struct mm_verify_item *item)
{
    item->verdict = (struct mm_dkim_verdict){.result = MM_DKIM_NONE};
    item->status = mm_msg_index(&item->msg, item->bytes, b->arena);
    if (item->status != MM_OK)
        return item->status == MM_E_NOMEM ? MM_E_NOMEM : MM_OK;
    uint32_t limit = signature_limit(&b->open->w->options);
    uint32_t all = mm_msg_count(&item->msg, MM_VIEW("dkim-signature"));
    item->verdict.count = all < limit ? all : limit;
    item->verdict.skipped = all - item->verdict.count;
    item->verdict.signatures =
        MM_ARENA_ARRAY(b->arena, struct mm_dkim_signature, item->verdict.count);
    if (!item->verdict.signatures)
        return MM_E_NOMEM;
    b->open->work_count += item->verdict.count;
    item->at = time_of(item, &b->open->w->options);
    return read_from(item, b->arena);
}

static void report_field(const struct mm_sig_field *f, struct mm_dkim_signature *out)
{
    out->domain = f->domain;
    out->selector = f->selector;
    out->auid = f->auid;
    out->algorithm = f->algorithm;
    out->canon = f->canon;
    out->headers = f->headers;
    out->b = f->b;
    out->has_body_length = f->has_body_length;
    out->body_length = f->has_body_length ? f->body_length : 0;
    out->has_signed_at = f->has_signed_at;
    out->has_expires_at = f->has_expires_at;
    out->signed_at = f->signed_at;
    out->expires_at = f->expires_at;
}

/* Parse the signature fields of one message into `works`, topmost first. The index links them from
 * the bottom up. */
static enum mm_status parse_item(struct batch *b, uint32_t item_index, struct mm_verify_work *works)
{
    struct mm_verify_item *item = &b->open->items[item_index];
    const struct mm_msg *msg = &item->msg;
    uint32_t i = item->verdict.count + item->verdict.skipped;
    uint32_t at = i > 0 ? mm_msg_lowest(msg, MM_VIEW("dkim-signature")) : MM_FIELD_NONE;
    for (; i-- > 0; at = msg->fields[at].upper_same) {
        if (i >= item->verdict.count)
            continue;
        struct mm_verify_work *work = &works[i];
        work->item = item_index;
        work->index = at;
        work->out = &item->verdict.signatures[i];
        work->out->index = i;
        MM_TRY(mm_sig_field_parse(mm_field_value(msg, &msg->fields[at]), b->arena, &work->field));
        report_field(&work->field, work->out);
    }
    return MM_OK;
}

static enum mm_status parse_all(struct batch *b)
{
    for (size_t i = 0; i < b->open->item_count; i++)
        MM_TRY(index_item(b, &b->open->items[i]));
    b->open->works = MM_ARENA_ARRAY(b->arena, struct mm_verify_work, b->open->work_count);
    if (!b->open->works)
        return MM_E_NOMEM;
    struct mm_verify_work *works = b->open->works;
    for (size_t i = 0; i < b->open->item_count; i++) {
        MM_TRY(parse_item(b, (uint32_t)i, works));
        works += b->open->items[i].verdict.count;
    }
    return MM_OK;
}

/* ---- keys ---- */

static enum mm_status ask_for_key(struct mm_verify_open *open, struct mm_verify_work *work)
{
    const struct mm_verify_worker *w = open->w;
    if (!w->keys || !mm_key_cache_has_source(w->keys)) {
        work->key_reason = MM_REASON_NO_KEY_SOURCE;
        return MM_OK;
    }
    enum mm_status st =
        mm_key_lookup_begin(w->keys, work->field.selector_ascii, work->field.domain_ascii,
                            open->items[work->item].at, &work->lookup);
    if (st == MM_OK)
        mm_verify_take_answer(open, work);
    return st;
}

static enum mm_status ask_for_keys(struct mm_verify_open *open)
{
    for (size_t i = 0; i < open->work_count; i++)
        if (open->works[i].field.fault == MM_REASON_NONE)
            MM_TRY(ask_for_key(open, &open->works[i]));
    return MM_OK;
}

/* ---- hashes ---- */

static enum mm_status add_header(struct batch *b, struct mm_verify_work *work)
{
    const struct mm_msg *msg = &b->open->items[work->item].msg;
    const struct mm_field *f = &msg->fields[work->index];
    struct mm_header_digest what = {.self = work->index,
                                    .field = mm_field_whole(msg, f),
                                    .b_raw = work->field.b_raw,
                                    .names = work->field.headers,
                                    .value_at = f->value - f->start,
                                    .canon = work->field.header_canon,
                                    .alg = work->field.digest};
    return mm_hash_batch_header(&b->hashes, msg, &what, &work->header);
}

/* Of a quoted body both readings. */
static enum mm_status add_body(struct batch *b, struct mm_body_digest **lists,
                               struct mm_verify_work *work)
{
    const struct mm_verify_item *item = &b->open->items[work->item];
    const struct mm_sig_field *f = &work->field;
    if (!item->quoted)
        return mm_hash_batch_body(&b->hashes, &lists[0], &item->msg, f->body_canon, f->digest,
                                  f->body_length, &work->body);
    MM_TRY(mm_hash_batch_body(&b->hashes, &lists[0], &item->msg, f->body_canon, f->digest,
                              f->body_length, &work->stored_body));
    return mm_hash_batch_quoted_body(&b->hashes, &lists[1], &item->msg, f->body_canon, f->digest,
                                     f->body_length, &work->body);
}

/* Bodies first: they are the long ones. */
static enum mm_status add_bodies(struct batch *b)
{
    struct mm_body_digest *of_message[2] = {NULL, NULL};
    for (size_t i = 0; i < b->open->work_count; i++) {
        struct mm_verify_work *work = &b->open->works[i];
        if (i == 0 || work->item != b->open->works[i - 1].item)
            of_message[0] = of_message[1] = NULL;
        if (work->field.fault == MM_REASON_NONE)
            MM_TRY(add_body(b, of_message, work));
    }
    return MM_OK;
}

static bool is_digest_of(const struct mm_body_digest *d, const struct mm_sig_field *f)
{
    return d && mm_view_eq(f->body_hash, (struct mm_view){(const char *)d->job->digest,
                                                          mm_digest_bytes(f->digest)});
}

/* An mboxo's quoting cannot be told from mboxrd's, and cannot be undone: what was signed with a '>'
 * there has it still. A body hash tells, where it matches that reading alone. */
static bool is_mboxo(const struct mm_verify_work *works, uint32_t count)
{
    bool as_stored = false;
    for (uint32_t i = 0; i < count; i++) {
        if (is_digest_of(works[i].body, &works[i].field))
            return false;
        as_stored = as_stored || is_digest_of(works[i].stored_body, &works[i].field);
    }
    return as_stored;
}

static void unquote(struct mm_verify_item *item)
{
    struct mm_view *body = &item->msg.body;
    size_t len = body->len;
    body->len = mm_mbox_unquote((char *)(uintptr_t)body->data, len);
    item->msg.bytes.len -= len - body->len;
    item->bytes.len -= len - body->len;
}

/* For the whole message, so that all its verdicts are of the same bytes. */
static void choose_readings(struct batch *b)
{
    struct mm_verify_work *works = b->open->works;
    for (size_t i = 0; i < b->open->item_count; i++) {
        struct mm_verify_item *item = &b->open->items[i];
        uint32_t count = item->status == MM_OK ? item->verdict.count : 0;
        if (item->quoted && item->status == MM_OK) {
            item->mboxo = is_mboxo(works, count);
            for (uint32_t k = 0; item->mboxo && k < count; k++)
                works[k].body = works[k].stored_body;
            if (!item->mboxo)
                unquote(item);
        }
        works += count;
    }
}

static void take_digests(struct mm_verify_work *work)
{
    if (work->body) {
        work->body_digest = work->body->job->digest;
        work->body_total = work->body->input->total;
    }
    if (work->header)
        work->header_digest = work->header->digest;
}

static enum mm_status hash_all(struct batch *b)
{
    MM_TRY(mm_hash_batch_init(&b->hashes, b->open->w->digest, b->arena, &b->open->w->hash_memory,
                              3 * b->open->work_count));
    MM_TRY(add_bodies(b));
    for (size_t i = 0; i < b->open->work_count; i++)
        if (mm_verify_has_key_to_try(&b->open->works[i]) ||
            mm_verify_wants_answer(&b->open->works[i]))
            MM_TRY(add_header(b, &b->open->works[i]));
    MM_TRY(mm_hash_batch_flush(&b->hashes));
    choose_readings(b);
    for (size_t i = 0; i < b->open->work_count; i++)
        take_digests(&b->open->works[i]);
    return MM_OK;
}

/* ---- the batch ---- */

enum mm_status mm_verify_worker_init(struct mm_verify_worker *w, struct mm_key_cache *keys,
                                     const struct mm_verify_options *options)
{
    *w = (struct mm_verify_worker){.keys = keys, .options = *options};
    mm_hash_memory_init(&w->hash_memory);
    w->hash_memory.bodies = mm_body_cache_new();
    w->digest = mm_digest_ctx_new();
    w->pk = mm_pk_ctx_new();
    if (w->digest && w->pk)
        return MM_OK;
    mm_verify_worker_deinit(w);
    return MM_E_NOMEM;
}

void mm_verify_worker_deinit(struct mm_verify_worker *w)
{
    mm_hash_memory_deinit(&w->hash_memory);
    mm_digest_ctx_free(&w->digest);
    mm_pk_ctx_free(&w->pk);
}

static enum mm_status first_half(struct batch *b)
{
    struct mm_dkim_stages *stages = &b->open->w->stages;
    uint64_t start_ns = mm_stage_ns();
    MM_TRY(parse_all(b));
    MM_TRY(ask_for_keys(b->open));
    mm_stage_slow(MM_STAGE_PARSE);
    uint64_t parsed_ns = mm_stage_ns();
    MM_TRY(hash_all(b));
    mm_stage_slow(MM_STAGE_CANONICALIZE);
    stages->parse_ns += parsed_ns - start_ns;
    stages->hash_ns += b->hashes.hash_ns;
    stages->canonicalize_ns += mm_stage_ns() - parsed_ns - b->hashes.hash_ns;
    return MM_OK;
}

enum mm_status mm_verify_begin(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count,
                               struct mm_verify_open **out)
{
    struct mm_verify_open *open = MM_ARENA_NEW(arena, struct mm_verify_open);
    *out = open;
    if (!open)
        return MM_E_NOMEM;
    *open = (struct mm_verify_open){.w = w, .items = items, .item_count = count};
    struct batch b = {.open = open, .arena = arena};
    enum mm_status st = first_half(&b);
    if (st != MM_OK)
        mm_verify_drop(open);
    return st;
}

enum mm_status mm_verify_batch(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count)
{
    enum { PATIENCE_MS = 1000 };
    struct mm_verify_open *open;
    MM_TRY(mm_verify_begin(w, arena, items, count, &open));
    for (;;) {
        uint64_t turn = w->keys ? mm_key_cache_turn(w->keys) : 0;
        enum mm_status st = mm_verify_finish(open, arena);
        if (st != MM_AGAIN)
            return st;
        mm_key_cache_wait(w->keys, turn, PATIENCE_MS);
    }
}

/*
 * verify_batch.c - verify a batch of messages: parse all, ask for all keys, hash all, check all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/verify_batch.h"

#include "base/clock.h"
#include "base/error.h"
#include "dkim/hash_batch.h"
#include "dkim/key_choice.h"
#include "mail/address.h"

/* One signature on its way through the stages. */
struct work {
    struct mm_sig_field field;
    struct mm_dkim_signature *out;
    struct mm_key_lookup lookup;
    const struct mm_key_set *keys; /* NULL: none to be had */
    enum mm_reason key_reason;
    struct mm_body_digest *body;
    struct mm_digest_job *header;
    size_t first_check, check_count; /* one a record that is tried */
    uint32_t item;                   /* whose signature */
    uint32_t index;                  /* its field in the message */
};

struct batch {
    struct mm_verify_worker *w;
    struct mm_arena *arena;
    struct mm_verify_item *items;
    size_t item_count;
    struct work *works;
    size_t work_count;
    struct mm_hash_batch hashes;
    struct mm_verify_job *checks;
    const struct mm_key_record **check_records; /* which record each check is of */
    size_t check_count;
};

/* ---- parse ---- */

static uint32_t signature_limit(const struct mm_verify_options *options)
{
    return options->max_signatures ? options->max_signatures : MM_MAX_SIGNATURES_DEFAULT;
}

/* Domain of the first From field's first address; empty where there is none. */
static enum mm_status read_from(struct mm_verify_item *item, struct mm_arena *arena)
{
    struct mm_address author;
    uint32_t top = mm_msg_lowest(&item->msg, MM_VIEW("from"));
    if (top == MM_FIELD_NONE)
        return MM_OK;
    while (item->msg.fields[top].upper_same != MM_FIELD_NONE)
        top = item->msg.fields[top].upper_same;
    enum mm_status status =
        mm_address_first(mm_field_value(&item->msg, &item->msg.fields[top]), arena, &author);
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
    uint32_t limit = signature_limit(&b->w->options);
    uint32_t all = mm_msg_count(&item->msg, MM_VIEW("dkim-signature"));
    item->verdict.count = all < limit ? all : limit;
    item->verdict.skipped = all - item->verdict.count;
    item->verdict.signatures =
        MM_ARENA_ARRAY(b->arena, struct mm_dkim_signature, item->verdict.count);
    if (!item->verdict.signatures)
        return MM_E_NOMEM;
    b->work_count += item->verdict.count;
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
static enum mm_status parse_item(struct batch *b, uint32_t item_index, struct work *works)
{
    struct mm_verify_item *item = &b->items[item_index];
    const struct mm_msg *msg = &item->msg;
    uint32_t i = item->verdict.count + item->verdict.skipped;
    uint32_t at = i > 0 ? mm_msg_lowest(msg, MM_VIEW("dkim-signature")) : MM_FIELD_NONE;
    for (; i-- > 0; at = msg->fields[at].upper_same) {
        if (i >= item->verdict.count)
            continue;
        struct work *work = &works[i];
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
    for (size_t i = 0; i < b->item_count; i++)
        MM_TRY(index_item(b, &b->items[i]));
    b->works = MM_ARENA_ARRAY(b->arena, struct work, b->work_count);
    if (!b->works)
        return MM_E_NOMEM;
    struct work *works = b->works;
    for (size_t i = 0; i < b->item_count; i++) {
        MM_TRY(parse_item(b, (uint32_t)i, works));
        works += b->items[i].verdict.count;
    }
    return MM_OK;
}

/* ---- keys ---- */

static enum mm_status ask_for_key(struct batch *b, struct work *work)
{
    const struct mm_verify_worker *w = b->w;
    if (w->keys && mm_key_cache_has_source(w->keys))
        return mm_key_lookup_begin(w->keys, work->field.selector_ascii, work->field.domain_ascii,
                                   w->options.now, &work->lookup);
    work->key_reason = MM_REASON_NO_KEY_SOURCE;
    return MM_OK;
}

static enum mm_status take_key(struct batch *b, struct work *work)
{
    if (work->key_reason == MM_REASON_NO_KEY_SOURCE)
        return MM_OK;
    MM_TRY(mm_key_lookup_wait(b->w->keys, &work->lookup));
    work->keys = work->lookup.set;
    work->key_reason = mm_key_set_judge(work->keys, &work->field, b->w->options.policy);
    return MM_OK;
}

static void give_keys_back(struct batch *b)
{
    for (size_t i = 0; b->works && i < b->work_count; i++)
        mm_key_lookup_end(b->w->keys, &b->works[i].lookup);
}

/* Ask for all, then wait. */
static enum mm_status find_keys(struct batch *b)
{
    for (size_t i = 0; i < b->work_count; i++)
        if (b->works[i].field.fault == MM_REASON_NONE)
            MM_TRY(ask_for_key(b, &b->works[i]));
    for (size_t i = 0; i < b->work_count; i++) {
        struct work *work = &b->works[i];
        if (work->field.fault != MM_REASON_NONE)
            continue;
        MM_TRY(take_key(b, work));
        b->check_count += work->keys ? work->keys->count : 0;
    }
    b->checks = MM_ARENA_ARRAY(b->arena, struct mm_verify_job, b->check_count);
    b->check_records = MM_ARENA_ARRAY(b->arena, const struct mm_key_record *, b->check_count);
    return b->checks && b->check_records ? MM_OK : MM_E_NOMEM;
}

/* ---- hashes ---- */

static enum mm_status add_header(struct batch *b, struct work *work)
{
    const struct mm_msg *msg = &b->items[work->item].msg;
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

/* Bodies first: they are the long ones. */
static enum mm_status add_bodies(struct batch *b)
{
    struct mm_body_digest *of_message = NULL;
    for (size_t i = 0; i < b->work_count; i++) {
        struct work *work = &b->works[i];
        if (i == 0 || work->item != b->works[i - 1].item)
            of_message = NULL;
        if (work->field.fault != MM_REASON_NONE)
            continue;
        MM_TRY(mm_hash_batch_body(&b->hashes, &of_message, &b->items[work->item].msg,
                                  work->field.body_canon, work->field.digest,
                                  work->field.body_length, &work->body));
    }
    return MM_OK;
}

static bool has_key_to_try(const struct work *work)
{
    return work->keys &&
           (work->key_reason == MM_REASON_NONE || work->key_reason == MM_REASON_KEY_TOO_SHORT);
}

static enum mm_status hash_all(struct batch *b)
{
    MM_TRY(mm_hash_batch_init(&b->hashes, b->w->digest, b->arena, &b->w->hash_memory,
                              2 * b->work_count));
    MM_TRY(add_bodies(b));
    for (size_t i = 0; i < b->work_count; i++)
        if (has_key_to_try(&b->works[i]))
            MM_TRY(add_header(b, &b->works[i]));
    return mm_hash_batch_flush(&b->hashes);
}

/* ---- signatures ---- */

static void add_checks(struct batch *b, struct work *work)
{
    work->first_check = b->check_count;
    for (size_t i = 0; i < work->keys->count; i++) {
        const struct mm_key_record *record = &work->keys->records[i];
        if (!mm_key_record_is_tried(record, &work->field, b->w->options.policy, work->key_reason))
            continue;
        b->check_records[b->check_count] = record;
        b->checks[b->check_count++] = (struct mm_verify_job){
            .key = record->key,
            .alg = work->field.digest,
            .digest = work->header->digest,
            .signature = work->field.signature,
        };
    }
    work->check_count = b->check_count - work->first_check;
}

static enum mm_status check_all(struct batch *b)
{
    b->check_count = 0;
    for (size_t i = 0; i < b->work_count; i++)
        if (has_key_to_try(&b->works[i]))
            add_checks(b, &b->works[i]);
    return mm_verify_many(b->w->pk, b->checks, b->check_count);
}

/* ---- verdicts ---- */

/* What a record adds to the report: the longest key counts; of equal ones, one that is not testing.
 */
static void report_key(const struct mm_key_record *record, struct mm_dkim_signature *out)
{
    uint32_t bits = mm_public_key_bits(record->key);
    if (bits < out->key_bits)
        return;
    out->testing = record->testing && (bits > out->key_bits || out->testing);
    out->key_bits = bits;
}

/* Report the keys that verified; where none did, those tried; where none was, those there are. */
static void judge_signature(const struct batch *b, struct work *work)
{
    bool any_valid = false;
    size_t end = work->first_check + work->check_count;
    for (size_t i = work->first_check; i < end; i++)
        any_valid = any_valid || b->checks[i].valid;
    for (size_t i = work->first_check; i < end; i++)
        if (b->checks[i].valid || !any_valid)
            report_key(b->check_records[i], work->out);
    if (work->check_count > 0)
        work->out->signature = any_valid ? MM_CHECK_OK : MM_CHECK_BAD;
    for (size_t i = 0; work->check_count == 0 && work->keys && i < work->keys->count; i++)
        if (work->keys->records[i].key)
            report_key(&work->keys->records[i], work->out);
}

/* bh= of another length than its hash matches nothing, nor does l= beyond the body; l= within it
 * leaves canonical bytes uncovered. Returns false where l= is too large. */
static bool judge_body(struct work *work)
{
    const struct mm_body_digest *body = work->body;
    bool too_short = work->field.has_body_length && work->field.body_length > body->input.total;
    if (work->field.has_body_length && !too_short)
        work->out->uncovered_bytes = body->input.total - work->field.body_length;
    struct mm_view hash = {(const char *)body->job->digest, mm_digest_bytes(body->job->alg)};
    bool same = !too_short && mm_view_eq(hash, work->field.body_hash);
    work->out->body_hash = same ? MM_CHECK_OK : MM_CHECK_BAD;
    return !too_short;
}

static bool is_expired(const struct mm_sig_field *f, int64_t now)
{
    return f->has_expires_at && now > 0 && f->expires_at < (uint64_t)now;
}

/* What is no fault of the signer's is told last. */
static bool is_our_limit(enum mm_reason reason)
{
    return reason == MM_REASON_NO_KEY_SOURCE || reason == MM_REASON_KEY_TOO_LONG;
}

/* The order of the checks: field, algorithm, expiry, key, body, signature. */
static enum mm_reason reason_of(const struct mm_verify_options *options, struct work *work)
{
    if (work->field.fault != MM_REASON_NONE)
        return work->field.fault;
    bool long_enough = judge_body(work);
    if (options->policy == MM_POLICY_STRICT && work->field.digest == MM_SHA1)
        return MM_REASON_HISTORIC;
    if (is_expired(&work->field, options->now))
        return MM_REASON_EXPIRED;
    if (work->key_reason != MM_REASON_NONE && !is_our_limit(work->key_reason))
        return work->key_reason;
    if (!long_enough)
        return MM_REASON_BODY_LENGTH;
    if (work->out->body_hash == MM_CHECK_BAD)
        return MM_REASON_BODY_HASH;
    return work->out->signature == MM_CHECK_BAD ? MM_REASON_SIGNATURE : work->key_reason;
}

/* RFC 8601 leaves the choice between signatures open: the best one speaks for the message. */
static enum mm_dkim_result better(enum mm_dkim_result a, enum mm_dkim_result b)
{
    static const uint8_t rank[] = {
        [MM_DKIM_PASS] = 6,      [MM_DKIM_TEMPERROR] = 5, [MM_DKIM_POLICY] = 4, [MM_DKIM_FAIL] = 3,
        [MM_DKIM_PERMERROR] = 2, [MM_DKIM_NEUTRAL] = 1,   [MM_DKIM_NONE] = 0,
    };
    return rank[a] > rank[b] ? a : b;
}

static void judge_all(struct batch *b)
{
    for (size_t i = 0; i < b->work_count; i++) {
        struct work *work = &b->works[i];
        struct mm_dkim_verdict *verdict = &b->items[work->item].verdict;
        judge_signature(b, work);
        work->out->reason = reason_of(&b->w->options, work);
        work->out->result = mm_reason_result(work->out->reason);
        verdict->result = better(verdict->result, work->out->result);
    }
}

/* ---- the batch ---- */

enum mm_status mm_verify_worker_init(struct mm_verify_worker *w, struct mm_key_cache *keys,
                                     const struct mm_verify_options *options)
{
    *w = (struct mm_verify_worker){.keys = keys, .options = *options};
    mm_hash_memory_init(&w->hash_memory);
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

static enum mm_status verify_all(struct batch *b)
{
    struct mm_verify_worker *w = b->w;
    uint64_t start_ns = mm_wall_ns();
    MM_TRY(parse_all(b));
    MM_TRY(find_keys(b));
    uint64_t parsed_ns = mm_wall_ns();
    MM_TRY(hash_all(b));
    uint64_t hashed_ns = mm_wall_ns();
    MM_TRY(check_all(b));
    uint64_t checked_ns = mm_wall_ns();
    judge_all(b);
    w->stages.parse_ns += parsed_ns - start_ns + (mm_wall_ns() - checked_ns);
    w->stages.hash_ns += b->hashes.hash_ns;
    w->stages.canonicalize_ns += hashed_ns - parsed_ns - b->hashes.hash_ns;
    w->stages.crypto_ns += checked_ns - hashed_ns;
    return MM_OK;
}

enum mm_status mm_verify_batch(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count)
{
    struct batch b = {.w = w, .arena = arena, .items = items, .item_count = count};
    enum mm_status st = verify_all(&b);
    give_keys_back(&b);
    return st;
}

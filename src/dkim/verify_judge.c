/*
 * verify_judge.c - the second half of a verification: public-key checks, reasons, verdicts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "base/stage.h"
#include "dkim/key_choice.h"
#include "dkim/verify_internal.h"

struct checks {
    struct mm_verify_open *open;
    struct mm_verify_job *jobs;
    const struct mm_key_record **records; /* which record each job is of */
    size_t count;
};

/* ---- answers ---- */

void mm_verify_take_answer(const struct mm_verify_open *open, struct mm_verify_work *work)
{
    work->keys = work->lookup.set;
    work->out->dnssec = work->keys->count > 0 && work->keys->answer->ad;
    work->key_reason = mm_key_set_judge(work->keys, &work->field, open->w->options.policy);
}

/* MM_OK: no answer is missing; MM_AGAIN; MM_E_NOMEM. */
static enum mm_status take_answers(struct mm_verify_open *open)
{
    for (; open->answered < open->work_count; open->answered++) {
        struct mm_verify_work *work = &open->works[open->answered];
        if (!mm_verify_wants_answer(work))
            continue;
        enum mm_status st = mm_key_lookup_poll(open->w->keys, &work->lookup);
        if (st != MM_OK)
            return st;
        mm_verify_take_answer(open, work);
    }
    return MM_OK;
}

void mm_verify_drop(struct mm_verify_open *open)
{
    bool asked = open->works && open->w->keys;
    for (size_t i = 0; asked && i < open->work_count; i++)
        mm_key_lookup_end(open->w->keys, &open->works[i].lookup);
    open->work_count = 0;
}

/* ---- signatures ---- */

static void add_checks(struct checks *c, struct mm_verify_work *work)
{
    work->first_check = c->count;
    for (size_t i = 0; i < work->keys->count; i++) {
        const struct mm_key_record *record = &work->keys->records[i];
        if (!mm_key_record_is_tried(record, &work->field, c->open->w->options.policy,
                                    work->key_reason))
            continue;
        c->records[c->count] = record;
        c->jobs[c->count++] = (struct mm_verify_job){
            .key = record->key,
            .alg = work->field.digest,
            .digest = work->header_digest,
            .signature = work->field.signature,
        };
    }
    work->check_count = c->count - work->first_check;
}

static enum mm_status check_all(struct checks *c, struct mm_arena *arena)
{
    struct mm_verify_open *open = c->open;
    size_t most = 0;
    for (size_t i = 0; i < open->work_count; i++)
        most += open->works[i].keys ? open->works[i].keys->count : 0;
    c->jobs = MM_ARENA_ARRAY(arena, struct mm_verify_job, most);
    c->records = MM_ARENA_ARRAY(arena, const struct mm_key_record *, most);
    if (!c->jobs || !c->records)
        return MM_E_NOMEM;
    for (size_t i = 0; i < open->work_count; i++)
        if (mm_verify_has_key_to_try(&open->works[i]))
            add_checks(c, &open->works[i]);
    return mm_verify_many(open->w->pk, c->jobs, c->count);
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
static void judge_signature(const struct checks *c, struct mm_verify_work *work)
{
    bool any_valid = false;
    size_t end = work->first_check + work->check_count;
    for (size_t i = work->first_check; i < end; i++)
        any_valid = any_valid || c->jobs[i].valid;
    for (size_t i = work->first_check; i < end; i++)
        if (c->jobs[i].valid || !any_valid)
            report_key(c->records[i], work->out);
    if (work->check_count > 0)
        work->out->signature = any_valid ? MM_CHECK_OK : MM_CHECK_BAD;
    for (size_t i = 0; work->check_count == 0 && work->keys && i < work->keys->count; i++)
        if (work->keys->records[i].key)
            report_key(&work->keys->records[i], work->out);
}

/* bh= of another length than its hash matches nothing, nor does l= beyond the body; l= within it
 * leaves canonical bytes uncovered. Returns false where l= is too large. */
static bool judge_body(struct mm_verify_work *work)
{
    bool too_short = work->field.has_body_length && work->field.body_length > work->body_total;
    if (work->field.has_body_length && !too_short)
        work->out->uncovered_bytes = work->body_total - work->field.body_length;
    struct mm_view hash = {(const char *)work->body_digest, mm_digest_bytes(work->field.digest)};
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
static enum mm_reason reason_of(enum mm_dkim_policy policy, int64_t at, struct mm_verify_work *work)
{
    if (work->field.fault != MM_REASON_NONE)
        return work->field.fault;
    bool long_enough = judge_body(work);
    if (policy == MM_POLICY_STRICT && work->field.digest == MM_SHA1)
        return MM_REASON_HISTORIC;
    if (is_expired(&work->field, at))
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

static void judge_all(const struct checks *c)
{
    const struct mm_verify_open *open = c->open;
    for (size_t i = 0; i < open->work_count; i++) {
        struct mm_verify_work *work = &open->works[i];
        struct mm_verify_item *item = &open->items[work->item];
        judge_signature(c, work);
        work->out->reason = reason_of(open->w->options.policy, item->at, work);
        work->out->result = mm_reason_result(work->out->reason);
        item->verdict.result = better(item->verdict.result, work->out->result);
    }
}

/* ---- the second half ---- */

static enum mm_status second_half(struct checks *c, struct mm_arena *arena)
{
    struct mm_dkim_stages *stages = &c->open->w->stages;
    uint64_t start_ns = mm_stage_ns();
    MM_TRY(check_all(c, arena));
    mm_stage_slow(MM_STAGE_CRYPTO);
    uint64_t checked_ns = mm_stage_ns();
    judge_all(c);
    stages->crypto_ns += checked_ns - start_ns;
    stages->parse_ns += mm_stage_ns() - checked_ns;
    return MM_OK;
}

enum mm_status mm_verify_finish(struct mm_verify_open *open, struct mm_arena *arena)
{
    struct checks c = {.open = open};
    enum mm_status st = take_answers(open);
    if (st == MM_AGAIN)
        return st;
    if (st == MM_OK)
        st = second_half(&c, arena);
    mm_verify_drop(open);
    return st;
}

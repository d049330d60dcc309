/*
 * explain.c - one message, and all that its verdicts rest on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/explain.h"

#include "base/error.h"
#include "crypto/recover.h"
#include "dkim/header_select.h"
#include "dkim/key_choice.h"

enum { PIECE_BYTES = 16 * 1024 };

struct explainer {
    struct mm_verify_worker *w;
    struct mm_arena *arena;
    struct mm_explanation *out;
    struct mm_damage_lab lab;
    struct mm_error *err;
};

/* ---- the key ---- */

static enum mm_status name_key(struct explainer *e, struct mm_explained_signature *s)
{
    struct mm_buf name;
    mm_buf_init(&name, MM_TXT_NAME_MAX_BYTES + 1);
    mm_buf_append(&name, s->field.selector_ascii);
    mm_buf_append_str(&name, "._domainkey.");
    mm_buf_append(&name, s->field.domain_ascii);
    s->key_name = mm_arena_copy(e->arena, mm_buf_view(&name));
    bool made = !name.failed && s->key_name.data;
    mm_buf_deinit(&name);
    return made ? MM_OK : MM_E_NOMEM;
}

static enum mm_status find_key(struct explainer *e, struct mm_explained_signature *s)
{
    const struct mm_verify_worker *w = e->w;
    MM_TRY(name_key(e, s));
    if (!w->keys || !mm_key_cache_has_source(w->keys))
        return MM_OK;
    enum mm_status st = mm_key_lookup_begin(w->keys, s->field.selector_ascii, s->field.domain_ascii,
                                            e->out->item.at, &s->lookup);
    if (st == MM_AGAIN)
        st = mm_key_lookup_wait(w->keys, &s->lookup);
    MM_TRY(st);
    s->keys = s->lookup.set;
    return MM_OK;
}

/* The record to show the signature with: of those that are tried, the first that opens it. */
static void choose_key(struct explainer *e, struct mm_explained_signature *s)
{
    enum mm_dkim_policy policy = e->w->options.policy;
    if (!s->keys)
        return;
    enum mm_reason reason = mm_key_set_judge(s->keys, &s->field, policy);
    for (size_t i = 0; i < s->keys->count && !s->has_signed_hash; i++) {
        const struct mm_key_record *record = &s->keys->records[i];
        if (!mm_key_record_is_tried(record, &s->field, policy, reason))
            continue;
        s->key = s->key ? s->key : record;
        s->has_signed_hash =
            mm_signature_recover(record->key, s->field.digest, s->field.signature, s->signed_hash);
        if (s->has_signed_hash)
            s->key = record;
    }
    s->b_is_foreign = s->key && s->field.key_type == MM_KEY_RSA && !s->has_signed_hash;
}

/* ---- what is hashed ---- */

static enum mm_status hash_header(struct explainer *e, uint32_t at,
                                  struct mm_explained_signature *s)
{
    const struct mm_msg *msg = &e->out->item.msg;
    const struct mm_field *f = &msg->fields[at];
    struct mm_buf *input = &e->lab.input, *scratch = &e->lab.text;
    uint32_t *cursors = MM_ARENA_ARRAY(e->arena, uint32_t, msg->name_count);
    if (!cursors)
        return MM_E_NOMEM;
    mm_buf_clear(input);
    mm_header_select(input, msg, s->field.headers, at, s->field.header_canon, cursors);
    mm_header_select_signature(input, s->text, f->value - f->start, s->field.b_raw,
                               s->field.header_canon, scratch);
    s->header = mm_arena_copy(e->arena, mm_buf_view(input));
    if (input->failed || !s->header.data)
        return MM_E_NOMEM;
    mm_hash_stream_begin(e->lab.stream, s->field.digest);
    mm_hash_stream_add(e->lab.stream, s->header);
    return mm_hash_stream_end(e->lab.stream, s->header_hash);
}

/* The two ends of a text that goes by in pieces. */
struct ends {
    char head[MM_EXPLAIN_HEAD_BYTES], tail[MM_EXPLAIN_TAIL_BYTES]; /* tail: a ring */
    uint64_t bytes;
};

static void ends_add(struct ends *ends, struct mm_view piece)
{
    if (piece.len == 0)
        return;
    if (ends->bytes < sizeof ends->head) {
        size_t room = sizeof ends->head - (size_t)ends->bytes;
        memcpy(ends->head + ends->bytes, piece.data, piece.len < room ? piece.len : room);
    }
    size_t skip = piece.len > sizeof ends->tail ? piece.len - sizeof ends->tail : 0;
    for (size_t i = skip; i < piece.len; i++)
        ends->tail[(ends->bytes + i) % sizeof ends->tail] = piece.data[i];
    ends->bytes += piece.len;
}

static enum mm_status ends_keep(const struct ends *ends, struct mm_arena *arena,
                                struct mm_explained_signature *s)
{
    char tail[MM_EXPLAIN_TAIL_BYTES];
    size_t head = ends->bytes < sizeof ends->head ? (size_t)ends->bytes : sizeof ends->head;
    size_t rest = ends->bytes - head < sizeof tail ? (size_t)(ends->bytes - head) : sizeof tail;
    for (size_t i = 0; i < rest; i++)
        tail[i] = ends->tail[(ends->bytes - rest + i) % sizeof tail];
    s->body_bytes = ends->bytes;
    s->body_head = mm_arena_copy(arena, (struct mm_view){ends->head, head});
    s->body_tail = mm_arena_copy(arena, (struct mm_view){tail, rest});
    return s->body_head.data && s->body_tail.data ? MM_OK : MM_E_NOMEM;
}

static void hash_piece(struct explainer *e, struct ends *ends, struct mm_view piece)
{
    ends_add(ends, piece);
    mm_hash_stream_add(e->lab.stream, piece);
}

static enum mm_status hash_body(struct explainer *e, struct mm_explained_signature *s)
{
    char scratch[PIECE_BYTES];
    struct ends ends = {.bytes = 0};
    struct mm_body_input input;
    struct mm_digest_job job;
    const struct mm_msg *msg = &e->out->item.msg;
    mm_body_input_init(&input, &job, s->field.body_canon, s->field.digest, msg->body,
                       msg->body_has_bare_lf, s->field.body_length);
    mm_hash_stream_begin(e->lab.stream, s->field.digest);
    for (size_t n; job.pull && (n = job.pull(job.state, scratch, sizeof scratch)) > 0;)
        hash_piece(e, &ends, (struct mm_view){scratch, n});
    if (!job.pull) {
        hash_piece(e, &ends, job.whole);
        hash_piece(e, &ends, job.suffix);
    }
    s->body_total = input.total;
    MM_TRY(ends_keep(&ends, e->arena, s));
    return mm_hash_stream_end(e->lab.stream, s->body_hash);
}

/* ---- does it fit the verdict? ---- */

static bool body_matches(const struct mm_explained_signature *s)
{
    struct mm_view hash = {(const char *)s->body_hash, mm_digest_bytes(s->field.digest)};
    bool too_short = s->field.has_body_length && s->field.body_length > s->body_total;
    return !too_short && mm_view_eq(hash, s->field.body_hash);
}

static bool fits_verdict(const struct mm_explained_signature *s)
{
    const struct mm_dkim_signature *v = s->verdict;
    if (v->body_hash != (body_matches(s) ? MM_CHECK_OK : MM_CHECK_BAD))
        return false;
    if ((s->key != NULL) != (v->signature != MM_CHECK_UNCHECKED))
        return false;
    if (!s->has_signed_hash)
        return !s->b_is_foreign || v->signature == MM_CHECK_BAD;
    bool same = memcmp(s->signed_hash, s->header_hash, mm_digest_bytes(s->field.digest)) == 0;
    /* Of several keys that open a signature another one may hold. */
    return v->signature == (same ? MM_CHECK_OK : MM_CHECK_BAD) || s->keys->count > 1;
}

/* ---- what may have happened ---- */

static bool same_body_question(const struct mm_sig_field *a, const struct mm_sig_field *b)
{
    return a->fault == MM_REASON_NONE && a->body_canon == b->body_canon && a->digest == b->digest &&
           a->body_length == b->body_length && mm_view_eq(a->body_hash, b->body_hash);
}

/* Signatures of one sender ask the same of the body: once is enough. */
static enum mm_status diagnose_body(struct explainer *e, struct mm_explained_signature *s)
{
    for (const struct mm_explained_signature *t = e->out->signatures; t < s; t++) {
        if (t->body_diagnosis.made && same_body_question(&t->field, &s->field)) {
            s->body_diagnosis = t->body_diagnosis;
            return MM_OK;
        }
    }
    return mm_damage_find_body(&e->lab, &e->out->item.msg, &s->field, &s->body_diagnosis);
}

static enum mm_status diagnose(struct explainer *e, uint32_t at, struct mm_explained_signature *s)
{
    if (s->verdict->body_hash == MM_CHECK_BAD)
        MM_TRY(diagnose_body(e, s));
    if (s->verdict->signature != MM_CHECK_BAD || s->b_is_foreign)
        return MM_OK;
    return mm_damage_find_header(&e->lab, &e->out->item.msg, at, &s->field, s->key->key,
                                 s->has_signed_hash ? s->signed_hash : NULL, &s->header_diagnosis);
}

/* ---- a signature ---- */

static enum mm_status explain_signature(struct explainer *e, uint32_t at,
                                        struct mm_explained_signature *s)
{
    const struct mm_msg *msg = &e->out->item.msg;
    s->text = mm_field_whole(msg, &msg->fields[at]);
    MM_TRY(mm_sig_field_parse(mm_field_value(msg, &msg->fields[at]), e->arena, &s->field));
    if (s->field.fault != MM_REASON_NONE)
        return MM_OK;
    MM_TRY(find_key(e, s));
    choose_key(e, s);
    MM_TRY(hash_header(e, at, s));
    MM_TRY(hash_body(e, s));
    if (!fits_verdict(s))
        return mm_fail(e->err, MM_E_BUG, "signature %u: the explanation differs from the verdict",
                       s->verdict->index);
    return diagnose(e, at, s);
}

static enum mm_status explain_all(struct explainer *e)
{
    struct mm_explanation *out = e->out;
    const struct mm_msg *msg = &out->item.msg;
    uint32_t count = out->item.verdict.count, i = 0;
    out->signatures = MM_ARENA_ARRAY(e->arena, struct mm_explained_signature, count);
    if (!out->signatures)
        return MM_E_NOMEM;
    uint32_t id = mm_msg_name_id(msg, MM_VIEW("dkim-signature"));
    for (uint32_t at = 0; i < count && at < msg->field_count; at++) {
        if (msg->fields[at].name_id != id)
            continue;
        out->signatures[i].verdict = &out->item.verdict.signatures[i];
        out->count = ++i;
        MM_TRY(explain_signature(e, at, &out->signatures[i - 1]));
    }
    return MM_OK;
}

enum mm_status mm_explain(struct mm_verify_worker *w, struct mm_arena *arena, struct mm_view bytes,
                          bool quoted, struct mm_explanation *out, struct mm_error *err)
{
    struct explainer e = {.w = w, .arena = arena, .out = out, .err = err};
    *out = (struct mm_explanation){.item = {.bytes = bytes, .quoted = quoted}, .keys = w->keys};
    enum mm_status st = mm_damage_lab_init(&e.lab, arena, w->pk);
    if (st == MM_OK)
        st = mm_verify_batch(w, arena, &out->item, 1);
    if (st == MM_OK)
        st = out->item.status;
    if (st == MM_OK)
        st = explain_all(&e);
    mm_damage_lab_deinit(&e.lab);
    if (st == MM_E_LIMIT)
        return mm_fail(err, st, "the header is longer than %d bytes", MM_HEADER_MAX_BYTES);
    return st == MM_OK || st == MM_E_BUG
               ? st
               : mm_fail(err, st, "the message cannot be explained: %s", mm_status_text(st));
}

void mm_explanation_deinit(struct mm_explanation *e)
{
    for (uint32_t i = 0; i < e->count; i++)
        if (e->keys)
            mm_key_lookup_end(e->keys, &e->signatures[i].lookup);
    *e = (struct mm_explanation){.count = 0};
}

/* ---- rules ---- */

/* Rules that a key, or its absence, is judged by. */
static bool is_of_key(enum mm_reason rule)
{
    return (rule >= MM_REASON_KEY_NOT_RECORDED && rule <= MM_REASON_KEY_TOO_SHORT) ||
           rule == MM_REASON_KEY_TOO_LONG;
}

static enum mm_rule_state of_check(enum mm_check check)
{
    return check == MM_CHECK_OK    ? MM_RULE_KEPT
           : check == MM_CHECK_BAD ? MM_RULE_BROKEN
                                   : MM_RULE_NOT_ASKED;
}

enum mm_rule_state mm_explain_rule(const struct mm_explained_signature *s, enum mm_reason rule,
                                   enum mm_dkim_policy policy)
{
    enum mm_reason reason = s->verdict->reason;
    bool parsed = s->field.fault == MM_REASON_NONE;
    if (rule == reason)
        return MM_RULE_BROKEN;
    if (rule == MM_REASON_SIGNATURE)
        return of_check(s->verdict->signature);
    /* A body may be shorter than l=: then no hash is compared. */
    if (rule == MM_REASON_BODY_LENGTH && parsed)
        return s->field.has_body_length && s->field.body_length > s->body_total ? MM_RULE_BROKEN
                                                                                : MM_RULE_KEPT;
    if (rule == MM_REASON_BODY_HASH)
        return of_check(s->verdict->body_hash);
    if (policy == MM_POLICY_LEGACY &&
        (rule == MM_REASON_HISTORIC || rule == MM_REASON_KEY_TOO_SHORT))
        return MM_RULE_NOT_ASKED;
    if (is_of_key(rule) && !s->keys)
        return MM_RULE_NOT_ASKED;
    if (rule == MM_REASON_NO_KEY_SOURCE && parsed)
        return s->keys ? MM_RULE_KEPT : MM_RULE_BROKEN;
    return reason == MM_REASON_NONE || rule < reason || (rule == MM_REASON_KEY_TOO_LONG && s->key)
               ? MM_RULE_KEPT
               : MM_RULE_NOT_ASKED;
}

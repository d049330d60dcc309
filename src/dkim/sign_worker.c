/*
 * sign_worker.c - a signing worker's options checked, its contexts and buffers made.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "dkim/domain_name.h"
#include "dkim/sign_batch.h"
#include "dkim/sign_field.h"

enum {
    IDENTITY_MAX_BYTES = 3 * 1024, /* RFC 5321 section 4.5.3.1: 64 + 1 + 255 octets, =XX each */
    AUID_MAX_BYTES = 64 * 1024,    /* a row of a table and an author's local part in it */
    NAMES_MAX_BYTES = 2 * MM_HEADER_MAX_BYTES, /* no h= covers more names than the header holds,
                                                  and those that are oversigned */
    TEXT_MAX_BYTES = MM_SIGN_CHOICES_MAX * 2 * NAMES_MAX_BYTES,
    TIME_MAX_DIGITS = 12 /* RFC 6376 section 3.5 */
};

static enum mm_status check_times(const struct mm_sign_options *options, struct mm_error *err)
{
    const uint64_t limit = UINT64_C(1000000000000);
    _Static_assert(TIME_MAX_DIGITS == 12, "the limit is ten to that power");
    if (options->now < 0 || (uint64_t)options->now >= limit)
        return mm_fail(err, MM_E_ARG, "--now: t= has no room for this time");
    if (options->expire_s >= limit - (uint64_t)options->now)
        return mm_fail(err, MM_E_ARG, "--expire: x= has no room for a time so late");
    return MM_OK;
}

/* "@sub.example.com" or "user@example.com"; must be in or below every d= that is known now. */
static enum mm_status read_identity(struct mm_sign_worker *w, struct mm_error *err)
{
    struct mm_view identity = mm_view_of(w->options.identity);
    if (identity.len == 0)
        return MM_OK;
    const char *sign = memrchr(identity.data, '@', identity.len);
    struct mm_view local = mm_view_sub(identity, 0, sign ? (size_t)(sign - identity.data) : 0);
    if (local.len && !mm_is_local_part(local))
        return mm_fail(err, MM_E_ARG,
                       "--identity '%.80s': what stands before the '@' is neither words with dots "
                       "between them nor a quoted string (RFC 5321 section 4.1.2)",
                       w->options.identity);
    mm_sign_identity_encode(&w->identity, identity);
    struct mm_view text = mm_buf_view(&w->identity);
    const char *at = text.len ? memrchr(text.data, '@', text.len) : NULL;
    if (w->identity.failed || !at)
        return mm_fail(err, MM_E_ARG, "--identity '%.80s': want @DOMAIN or LOCAL@DOMAIN",
                       w->options.identity);
    w->identity_domain = (struct mm_view){at + 1, (size_t)(text.data + text.len - at) - 1};
    if (!mm_is_domain_name(w->identity_domain))
        return mm_fail(err, MM_E_ARG, "--identity '%.80s': no domain name behind the '@'",
                       w->options.identity);
    for (size_t i = 0; i < mm_sign_rules_key_count(w->rules); i++) {
        struct mm_view domain = mm_sign_rules_key(w->rules, i).domain;
        if (!mm_view_eq(domain, MM_VIEW("%")) && !mm_domain_is_within(w->identity_domain, domain))
            return mm_fail(
                err, MM_E_ARG,
                "--identity '%.80s' is neither in nor below d=%.*s (RFC 6376 section 3.5)",
                w->options.identity, (int)domain.len, domain.data);
    }
    return MM_OK;
}

static enum mm_status check_options(struct mm_sign_worker *w, struct mm_error *err)
{
    const struct mm_sign_options *o = &w->options;
    if (!o->allow_ed25519_only && mm_sign_rules_may_be_ed25519_only(w->rules))
        return mm_fail(err, MM_E_ARG,
                       "Ed25519 alone: many receivers check RSA only; add an RSA key "
                       "(RFC 8463 section 5) or say --allow-ed25519-only");
    MM_TRY(check_times(o, err));
    MM_TRY(read_identity(w, err));
    return mm_header_plan_new(o->headers, o->oversign, &w->plan, err);
}

enum mm_status mm_sign_worker_init(struct mm_sign_worker *w, const struct mm_sign_rules *rules,
                                   const struct mm_sign_options *options, struct mm_error *err)
{
    *w = (struct mm_sign_worker){.rules = rules, .options = *options};
    mm_hash_memory_init(&w->hash_memory);
    w->hash_memory.bodies = mm_body_cache_new();
    mm_buf_init(&w->identity, IDENTITY_MAX_BYTES);
    mm_buf_init(&w->auid, AUID_MAX_BYTES);
    mm_buf_init(&w->names, NAMES_MAX_BYTES);
    mm_buf_init(&w->text, TEXT_MAX_BYTES);
    enum mm_status status = check_options(w, err);
    if (status == MM_OK) {
        w->digest = mm_digest_ctx_new();
        w->pk = mm_pk_ctx_new();
        if (!w->digest || !w->pk)
            status = mm_fail(err, MM_E_NOMEM, "no memory for the contexts of a signing worker");
    }
    if (status != MM_OK)
        mm_sign_worker_deinit(w);
    return status;
}

void mm_sign_worker_deinit(struct mm_sign_worker *w)
{
    mm_header_plan_free(&w->plan);
    mm_digest_ctx_free(&w->digest);
    mm_pk_ctx_free(&w->pk);
    mm_hash_memory_deinit(&w->hash_memory);
    mm_buf_deinit(&w->identity);
    mm_buf_deinit(&w->auid);
    mm_buf_deinit(&w->names);
    mm_buf_deinit(&w->text);
    w->identity_domain = (struct mm_view){NULL, 0};
}

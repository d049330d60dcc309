/*
 * dkim_api.c - the public verifier and signer of one message: a batch of one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/error.h"
#include "dkim/sign_batch.h"

enum {
    /* The message itself is the caller's. Its index is the largest thing in the arena: a header of
     * 1 MiB in fields of four bytes takes 28 bytes and some table for each. */
    API_ARENA_BYTES = 128 * 1024 * 1024
};

struct mm_verifier {
    struct mm_verify_worker worker;
    struct mm_key_cache *keys;
    struct mm_arena arena;
};

enum mm_status mm_verifier_new(const struct mm_key_source *keys,
                               const struct mm_verify_options *options, struct mm_verifier **out,
                               struct mm_error *err)
{
    struct mm_verifier *v = calloc(1, sizeof *v);
    *out = NULL;
    if (!v)
        return mm_fail(err, MM_E_NOMEM, "no memory for a verifier");
    mm_arena_init(&v->arena, API_ARENA_BYTES);
    v->keys = keys ? mm_key_cache_of(keys) : NULL;
    if ((keys && !v->keys) || mm_verify_worker_init(&v->worker, v->keys, options) != MM_OK) {
        mm_verifier_free(&v);
        return mm_fail(err, MM_E_NOMEM, "no memory for a verifier");
    }
    *out = v;
    return MM_OK;
}

void mm_verifier_free(struct mm_verifier **verifier)
{
    struct mm_verifier *v = *verifier;
    if (!v)
        return;
    mm_verify_worker_deinit(&v->worker);
    mm_key_cache_free(&v->keys);
    mm_arena_deinit(&v->arena);
    free(v);
    *verifier = NULL;
}

enum mm_status mm_verify(struct mm_verifier *verifier, struct mm_view message,
                         struct mm_dkim_verdict *verdict, struct mm_error *err)
{
    struct mm_verify_item item = {.bytes = message};
    mm_arena_reset(&verifier->arena);
    *verdict = (struct mm_dkim_verdict){.result = MM_DKIM_NONE};
    enum mm_status status = mm_verify_batch(&verifier->worker, &verifier->arena, &item, 1);
    if (status != MM_OK)
        return mm_fail(err, status, "the message could not be verified: %s",
                       mm_status_text(status));
    if (item.status != MM_OK)
        return mm_fail(err, item.status, "the header is longer than %d bytes", MM_HEADER_MAX_BYTES);
    *verdict = item.verdict;
    return MM_OK;
}

struct mm_signer {
    struct mm_sign_worker worker;
    struct mm_arena arena;
};

enum mm_status mm_signer_new(const struct mm_sign_rules *rules,
                             const struct mm_sign_options *options, struct mm_signer **out,
                             struct mm_error *err)
{
    struct mm_signer *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return mm_fail(err, MM_E_NOMEM, "no memory for a signer");
    mm_arena_init(&s->arena, API_ARENA_BYTES);
    enum mm_status status = mm_sign_worker_init(&s->worker, rules, options, err);
    if (status != MM_OK) {
        mm_signer_free(&s);
        return status;
    }
    *out = s;
    return MM_OK;
}

void mm_signer_free(struct mm_signer **signer)
{
    struct mm_signer *s = *signer;
    if (!s)
        return;
    mm_sign_worker_deinit(&s->worker);
    mm_arena_deinit(&s->arena);
    free(s);
    *signer = NULL;
}

enum mm_status mm_sign(struct mm_signer *signer, struct mm_view message, struct mm_view *fields,
                       const char **slug, struct mm_error *err)
{
    struct mm_sign_item item = {.bytes = message};
    mm_arena_reset(&signer->arena);
    *fields = (struct mm_view){NULL, 0};
    enum mm_status status = mm_sign_batch(&signer->worker, &signer->arena, &item, 1);
    if (slug)
        *slug = status == MM_OK ? mm_sign_outcome_slug(item.outcome) : "";
    if (status != MM_OK)
        return mm_fail(err, status, "the message could not be signed: %s", mm_status_text(status));
    if (item.outcome != MM_SIGN_OK)
        return mm_fail_at(err, MM_E_SYNTAX, item.offset, "%s", mm_sign_outcome_text(item.outcome));
    *fields = item.fields;
    return MM_OK;
}

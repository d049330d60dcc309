/*
 * digest.c - hash many independent inputs at once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 in lanes where the processor has them, see sha256_many.h. Everything else goes one after
 * the other through OpenSSL, whose code for one stream is as good as there is. Digests are fetched
 * once: a fetch inside each EVP_DigestInit doubles the cost of a short header.
 */
#include "crypto/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/sha256_many.h"

enum {
    ALGS = MM_SHA1 + 1,
    SCRATCH_BYTES = 16 * 1024 /* half of a first-level cache, or less */
};

struct mm_digest_ctx {
    EVP_MD *algs[ALGS];
    EVP_MD_CTX *states[ALGS]; /* one an algorithm: changing it in a context costs a set-up */
    struct mm_sha256_lanes *lanes;
    bool openssl_only;
    char scratch[SCRATCH_BYTES];
};

struct mm_digest_ctx *mm_digest_ctx_new(void)
{
    static const char *const names[ALGS] = {[MM_SHA256] = "SHA256", [MM_SHA1] = "SHA1"};
    struct mm_digest_ctx *ctx = calloc(1, sizeof *ctx);
    if (ctx && !(ctx->lanes = mm_sha256_lanes_new()))
        mm_digest_ctx_free(&ctx);
    for (int i = 0; ctx && i < ALGS; i++) {
        ctx->algs[i] = EVP_MD_fetch(NULL, names[i], NULL);
        ctx->states[i] = EVP_MD_CTX_new();
        if (!ctx->algs[i] || !ctx->states[i]) {
            ERR_clear_error();
            mm_digest_ctx_free(&ctx);
        }
    }
    return ctx;
}

void mm_digest_ctx_free(struct mm_digest_ctx **ctx)
{
    for (int i = 0; *ctx && i < ALGS; i++) {
        EVP_MD_CTX_free((*ctx)->states[i]);
        EVP_MD_free((*ctx)->algs[i]);
    }
    if (*ctx)
        mm_sha256_lanes_free(&(*ctx)->lanes);
    free(*ctx);
    *ctx = NULL;
}

void mm_digest_ctx_openssl_only(struct mm_digest_ctx *ctx)
{
    ctx->openssl_only = true;
}

static bool update_all(EVP_MD_CTX *state, struct mm_digest_ctx *ctx,
                       const struct mm_digest_job *job)
{
    size_t len;
    if (!job->pull)
        return EVP_DigestUpdate(state, job->whole.data, job->whole.len) > 0 &&
               EVP_DigestUpdate(state, job->suffix.data, job->suffix.len) > 0;
    while ((len = job->pull(job->state, ctx->scratch, sizeof ctx->scratch)) > 0)
        if (EVP_DigestUpdate(state, ctx->scratch, len) <= 0)
            return false;
    return true;
}

static bool hash_one(struct mm_digest_ctx *ctx, struct mm_digest_job *job)
{
    EVP_MD_CTX *state = ctx->states[job->alg];
    return EVP_DigestInit_ex2(state, ctx->algs[job->alg], NULL) > 0 &&
           update_all(state, ctx, job) && EVP_DigestFinal_ex(state, job->digest, NULL) > 0;
}

/* False where there are no lanes. */
static bool hash_in_lanes(struct mm_digest_ctx *ctx, struct mm_digest_job *jobs, size_t count)
{
    struct mm_sha256_queue queue = {.top = 0};
    if (ctx->openssl_only)
        return false;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].alg == MM_SHA256)
            mm_sha256_queue_add(&queue, &jobs[i]);
    return mm_sha256_many(ctx->lanes, &queue);
}

enum mm_status mm_digest_many(struct mm_digest_ctx *ctx, struct mm_digest_job *jobs, size_t count)
{
    bool lanes = hash_in_lanes(ctx, jobs, count);
    for (size_t i = 0; i < count; i++) {
        if (lanes && jobs[i].alg == MM_SHA256)
            continue;
        if (!hash_one(ctx, &jobs[i])) {
            ERR_clear_error();
            return MM_E_CRYPTO;
        }
    }
    return MM_OK;
}

const char *mm_digest_backend(void)
{
    return mm_sha256_backend();
}

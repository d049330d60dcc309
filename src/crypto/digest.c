/*
 * digest.c - hash many independent inputs at once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One after the other through OpenSSL, whose code for one stream is as good as there is. Digests
 * are fetched once: a fetch inside each EVP_DigestInit doubles the cost of a short header.
 */
#include "crypto/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum {
    ALGS = MM_SHA1 + 1,
    SCRATCH_BYTES = 32 * 1024 /* half of a first-level cache, or less; beyond the 16 KiB promised */
};

struct mm_digest_ctx {
    EVP_MD *algs[ALGS];
    EVP_MD_CTX *states[ALGS]; /* one an algorithm: changing it in a context costs a set-up */
    char scratch[SCRATCH_BYTES];
};

struct mm_digest_ctx *mm_digest_ctx_new(void)
{
    static const char *const names[ALGS] = {[MM_SHA256] = "SHA256", [MM_SHA1] = "SHA1"};
    struct mm_digest_ctx *ctx = calloc(1, sizeof *ctx);
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
    free(*ctx);
    *ctx = NULL;
}

static bool update_all(EVP_MD_CTX *state, struct mm_digest_ctx *ctx,
                       const struct mm_digest_job *job)
{
    struct mm_view chunk = job->whole;
    if (!job->pull)
        return EVP_DigestUpdate(state, chunk.data, chunk.len) > 0;
    while (job->pull(job->state, ctx->scratch, sizeof ctx->scratch, &chunk))
        if (EVP_DigestUpdate(state, chunk.data, chunk.len) <= 0)
            return false;
    return true;
}

enum mm_status mm_digest_many(struct mm_digest_ctx *ctx, struct mm_digest_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        EVP_MD_CTX *state = ctx->states[jobs[i].alg];
        if (EVP_DigestInit_ex2(state, ctx->algs[jobs[i].alg], NULL) <= 0 ||
            !update_all(state, ctx, &jobs[i]) ||
            EVP_DigestFinal_ex(state, jobs[i].digest, NULL) <= 0) {
            ERR_clear_error();
            return MM_E_CRYPTO;
        }
    }
    return MM_OK;
}

const char *mm_digest_backend(void)
{
    return "openssl";
}

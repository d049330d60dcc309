/*
 * digest.h - hash many independent inputs at once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The batch interface is what a multi-lane kernel needs: an input that is made while it is hashed
 * is pulled in pieces, so that a lane which runs dry asks for more while the others go on.
 */
#ifndef MM_CRYPTO_DIGEST_H
#define MM_CRYPTO_DIGEST_H

#include "base/view.h"

enum mm_digest_alg { MM_SHA256, MM_SHA1 };
enum { MM_DIGEST_MAX_BYTES = 32, MM_SHA1_BYTES = 20, MM_SHA256_BYTES = 32 };

static inline size_t mm_digest_bytes(enum mm_digest_alg alg)
{
    return alg == MM_SHA256 ? MM_SHA256_BYTES : MM_SHA1_BYTES;
}

/*
 * Write the next piece of an input to `out`, at most `cap` bytes, which are at least
 * MM_DIGEST_PULL_MIN. Returns its length; 0 when there is nothing more, and is not called again.
 */
typedef size_t (*mm_digest_pull)(void *state, char *out, size_t cap);
enum { MM_DIGEST_PULL_MIN = 1024, MM_DIGEST_SUFFIX_MAX = 8 };

struct mm_digest_job {
    enum mm_digest_alg alg;
    mm_digest_pull pull; /* NULL: the input is `whole`, then `suffix` */
    void *state;
    struct mm_view whole, suffix; /* suffix: at most MM_DIGEST_SUFFIX_MAX bytes */
    uint64_t size_hint; /* bytes that will be pulled, about; the longest are hashed first */
    uint8_t digest[MM_DIGEST_MAX_BYTES]; /* out */
    struct mm_digest_job *next;          /* private */
};

struct mm_digest_ctx; /* one a worker: EVP contexts, lanes, scratch */
struct mm_digest_ctx *mm_digest_ctx_new(void);
void mm_digest_ctx_free(struct mm_digest_ctx **ctx);
/* From now on every digest is OpenSSL's. */
void mm_digest_ctx_openssl_only(struct mm_digest_ctx *ctx);

/* Fill every job's digest. MM_E_CRYPTO when the library below fails; then no digest counts. */
enum mm_status mm_digest_many(struct mm_digest_ctx *ctx, struct mm_digest_job *jobs,
                              size_t count) MM_MUST_CHECK;

/* Names of the kernels that run here, for `mailmill version`. */
const char *mm_digest_backend(void);

#endif /* MM_CRYPTO_DIGEST_H */

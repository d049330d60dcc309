/*
 * digest.h - hash many independent inputs at once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The batch interface is what a multi-lane kernel needs: every input is pulled in chunks, so a lane
 * that runs dry asks for more while the others go on, and no input has to lie in memory as a whole.
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
 * Give the next chunk of an input. `scratch` (scratch_bytes of it, at least 16 KiB) may be written
 * and returned, or the chunk may point elsewhere, for bytes that need no change; it must stay valid
 * until the next call for the same input. False when there is nothing more.
 */
typedef bool (*mm_digest_pull)(void *state, char *scratch, size_t scratch_bytes,
                               struct mm_view *chunk);

struct mm_digest_job {
    enum mm_digest_alg alg;
    mm_digest_pull pull; /* NULL: the input is `whole` */
    void *state;
    struct mm_view whole;
    uint64_t size_hint; /* bytes to come, about; a kernel feeds the longest first */
    uint8_t digest[MM_DIGEST_MAX_BYTES]; /* out */
};

struct mm_digest_ctx; /* one a worker: EVP contexts, scratch */
struct mm_digest_ctx *mm_digest_ctx_new(void);
void mm_digest_ctx_free(struct mm_digest_ctx **ctx);

/* Fill every job's digest. MM_E_CRYPTO when the library below fails; then no digest counts. */
enum mm_status mm_digest_many(struct mm_digest_ctx *ctx, struct mm_digest_job *jobs,
                              size_t count) MM_MUST_CHECK;

/* Name of the kernel that runs here, for `mailmill version`. */
const char *mm_digest_backend(void);

#endif /* MM_CRYPTO_DIGEST_H */

/*
 * sha256_many.h - SHA-256 of many inputs at once, in lanes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Private to this folder; digest.h is what others use. Sixteen inputs advance together in AVX-512
 * registers, or up to three in those of the SHA extensions. An input that ends leaves its lane to
 * the next of the batch, the longest first, so that all lanes stay busy to the end.
 */
#ifndef MM_CRYPTO_SHA256_MANY_H
#define MM_CRYPTO_SHA256_MANY_H

#include "base/kernel.h"
#include "crypto/digest.h"

enum {
    MM_SHA256_BLOCK_BYTES = 64,
    MM_SHA256_WIDE = 16, /* lanes of the AVX-512 form */
    MM_SHA256_NI = 3,    /* inputs that the SHA extensions interleave: four need more registers */
    MM_SHA256_QUEUES = 64 * 4
};

/* Inputs that wait for a lane, by size: in a queue are those whose hints share their highest bit
 * and the two below it. */
struct mm_sha256_queue {
    struct mm_digest_job *heads[MM_SHA256_QUEUES];
    size_t top; /* no queue above it holds any */
};
/* Zero a queue before the first. The job is linked by its `next` until it is hashed. */
void mm_sha256_queue_add(struct mm_sha256_queue *queue, struct mm_digest_job *job);

struct mm_sha256_lanes; /* one a worker: what lies in each lane */
struct mm_sha256_lanes *mm_sha256_lanes_new(void);
void mm_sha256_lanes_free(struct mm_sha256_lanes **lanes);

/* Fill the digest of every job in the queue. False where this processor has no lanes: then the
 * queue is as it was. */
bool mm_sha256_many(struct mm_sha256_lanes *lanes, struct mm_sha256_queue *queue);

/* Which form runs here. */
const char *mm_sha256_backend(void);
extern struct mm_kernel mm_sha256_kernel;

/*
 * Least number of inputs in hand for which the sixteen lanes are faster than the SHA extensions;
 * MM_SHA256_WIDE + 1 for never. Measured once, since it is another on every processor: 9 on
 * Sapphire Rapids, 16 on Zen 4. Tests set it.
 */
size_t mm_sha256_wide_from(void);
void mm_sha256_set_wide_from(size_t lanes);

/*
 * Forms of the compression function (FIPS 180-4 section 6.2.2). state[i][k] is word i of lane k;
 * at[k] are `blocks` blocks of it. The wide form takes all sixteen lanes, the others the first one,
 * two or three.
 */
typedef uint32_t mm_sha256_state[8][MM_SHA256_WIDE];
typedef void mm_sha256_fn(mm_sha256_state state, const uint8_t *const at[MM_SHA256_WIDE],
                          size_t blocks);
#if defined(__x86_64__)
mm_sha256_fn mm_sha256_x16;
mm_sha256_fn mm_sha256_ni1, mm_sha256_ni2, mm_sha256_ni3;
#endif
/* Round constants, FIPS 180-4 section 4.2.2. */
extern const uint32_t mm_sha256_k[64];

#endif /* MM_CRYPTO_SHA256_MANY_H */

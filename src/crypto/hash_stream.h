/*
 * hash_stream.h - one hash over pieces, which can be looked at, or go on two ways, at any point.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For a single message that is tried in many forms. Piles of mail go through digest.h.
 */
#ifndef MM_CRYPTO_HASH_STREAM_H
#define MM_CRYPTO_HASH_STREAM_H

#include "crypto/digest.h"

/* A failure of the library below sticks until the next begin; it is told at the end. */
struct mm_hash_stream;
struct mm_hash_stream *mm_hash_stream_new(void); /* NULL without memory */
void mm_hash_stream_free(struct mm_hash_stream **stream);

void mm_hash_stream_begin(struct mm_hash_stream *stream, enum mm_digest_alg alg);
void mm_hash_stream_add(struct mm_hash_stream *stream, struct mm_view bytes);
/* Make `to` the same as `from`, in constant time. */
void mm_hash_stream_copy(struct mm_hash_stream *to, const struct mm_hash_stream *from);
/* The hash; the stream is at its end. MM_OK or MM_E_CRYPTO. */
enum mm_status mm_hash_stream_end(struct mm_hash_stream *stream,
                                  uint8_t out[MM_DIGEST_MAX_BYTES]) MM_MUST_CHECK;

#endif /* MM_CRYPTO_HASH_STREAM_H */

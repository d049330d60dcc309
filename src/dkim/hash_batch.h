/*
 * hash_batch.h - all digests of a batch: bodies shared between signatures, and header hashes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs are collected over all messages and hashed in groups, so that a kernel with many lanes has
 * them full. The canonical header bytes of a group lie in one buffer that the worker keeps; a group
 * is hashed early only when that buffer is full, which ordinary mail never does.
 */
#ifndef MM_DKIM_HASH_BATCH_H
#define MM_DKIM_HASH_BATCH_H

#include "base/arena.h"
#include "base/buf.h"
#include "dkim/body_cache.h"
#include "mail/message.h"

/* Memory that outlives batches. */
struct mm_hash_memory {
    struct mm_buf inputs;         /* canonical header bytes of the group */
    struct mm_buf scratch;        /* one field */
    struct mm_body_cache *bodies; /* NULL: every body is hashed */
};
/* Without a cache of bodies; its owner may make one, and mm_hash_memory_deinit() frees it. */
void mm_hash_memory_init(struct mm_hash_memory *memory);
void mm_hash_memory_deinit(struct mm_hash_memory *memory);

struct mm_hash_batch {
    struct mm_digest_ctx *digest;
    struct mm_arena *arena;
    struct mm_hash_memory *memory;
    struct mm_digest_job *jobs; /* arena memory, `cap` of them: they never move */
    size_t count, cap, done;    /* done: jobs before it are hashed */
    uint64_t hash_ns;
};

/* cap: most jobs that will be added. MM_E_NOMEM. */
enum mm_status mm_hash_batch_init(struct mm_hash_batch *batch, struct mm_digest_ctx *digest,
                                  struct mm_arena *arena, struct mm_hash_memory *memory,
                                  size_t cap) MM_MUST_CHECK;

/*
 * The digest of a message's body in one form: that of `list` which is the same, or a new one put in
 * front of it, which an equal body may have hashed already. MM_E_NOMEM.
 */
enum mm_status mm_hash_batch_body(struct mm_hash_batch *batch, struct mm_body_digest **list,
                                  const struct mm_msg *msg, enum mm_canon canon,
                                  enum mm_digest_alg alg, uint64_t length,
                                  struct mm_body_digest **out) MM_MUST_CHECK;

/* The same of a body that is stored with the quoting of an mbox, of what it is without. Its list is
 * another one. */
enum mm_status mm_hash_batch_quoted_body(struct mm_hash_batch *batch, struct mm_body_digest **list,
                                         const struct mm_msg *msg, enum mm_canon canon,
                                         enum mm_digest_alg alg, uint64_t length,
                                         struct mm_body_digest **out) MM_MUST_CHECK;

/*
 * The hash of a signature's header part: the fields that `names` selects, then the field itself.
 * self      index of the field in msg, MM_FIELD_NONE where it is not in it.
 * field     the whole field; b_raw within it is left out.
 * Returns   MM_OK; MM_E_NOMEM; MM_E_CRYPTO from hashing an earlier group.
 */
struct mm_header_digest {
    uint32_t self;
    struct mm_view field, b_raw, names;
    size_t value_at;
    enum mm_canon canon;
    enum mm_digest_alg alg;
};
enum mm_status mm_hash_batch_header(struct mm_hash_batch *batch, const struct mm_msg *msg,
                                    const struct mm_header_digest *what,
                                    struct mm_digest_job **out) MM_MUST_CHECK;

/* Hash what is not hashed yet. MM_E_CRYPTO. */
enum mm_status mm_hash_batch_flush(struct mm_hash_batch *batch) MM_MUST_CHECK;

#endif /* MM_DKIM_HASH_BATCH_H */

/*
 * verify_batch.h - verify a batch of messages: parse all, ask for all keys, hash all, check all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Stages run over the whole batch, so that digests and public-key operations come in hundreds.
 */
#ifndef MM_DKIM_VERIFY_BATCH_H
#define MM_DKIM_VERIFY_BATCH_H

#include "base/arena.h"
#include "crypto/pk_many.h"
#include "dkim/hash_batch.h"
#include "dkim/key_cache.h"
#include "mail/message.h"
#include "mailmill/dkim.h"

/* Nanoseconds by stage, added up. */
struct mm_dkim_stages {
    uint64_t parse_ns, canonicalize_ns, hash_ns, crypto_ns;
};

struct mm_verify_worker {
    struct mm_key_cache *keys; /* shared; NULL: no source of keys */
    struct mm_verify_options options;
    struct mm_digest_ctx *digest; /* own */
    struct mm_pk_ctx *pk;         /* own */
    struct mm_hash_memory hash_memory;
    struct mm_dkim_stages stages;
};
enum mm_status mm_verify_worker_init(struct mm_verify_worker *w, struct mm_key_cache *keys,
                                     const struct mm_verify_options *options) MM_MUST_CHECK;
void mm_verify_worker_deinit(struct mm_verify_worker *w);

struct mm_verify_item {
    struct mm_view bytes;  /* in: borrowed until the arena is reset */
    enum mm_status status; /* out: MM_OK with a verdict; MM_E_LIMIT for a header too long */
    struct mm_msg msg;     /* out: the index; memory of the arena */
    struct mm_dkim_verdict verdict; /* out: memory of the arena */
};

/*
 * Verify `count` messages. Everything in the items lives in `arena`. Hashing is timed as one stage
 * with canonicalization, since one pass does both; canonicalize_ns holds the header part. Returns
 * MM_OK with every item filled; MM_E_NOMEM, MM_E_CRYPTO when the batch as a whole failed.
 */
enum mm_status mm_verify_batch(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count) MM_MUST_CHECK;

#endif /* MM_DKIM_VERIFY_BATCH_H */

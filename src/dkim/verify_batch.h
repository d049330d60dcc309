/*
 * verify_batch.h - verify a batch of messages: parse all, ask for all keys, hash all, check all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Stages run over the whole batch, so that digests and public-key operations come in hundreds. They
 * make two halves: the first needs the messages, the second the keys. In between a batch may wait
 * for keys without its messages; it has the digests then, and what the verdicts tell.
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
    uint64_t encode_ns; /* signing: of the fields */
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
    struct mm_view bytes;  /* in: borrowed until the arena is reset; out: where they were quoted,
                              as they were read */
    bool quoted;           /* in: the body has the quoting of an mbox in it still, `From ` lines
                              with a '>' before them; the bytes may be written */
    bool mboxo;            /* out: a signature holds only with that quoting left in */
    enum mm_status status; /* out: MM_OK with a verdict; MM_E_LIMIT for a header too long */
    struct mm_msg msg;     /* out: the index; memory of the arena */
    int64_t at;            /* out: the time it is judged by, seconds since 1970 */
    struct mm_dkim_verdict verdict; /* out: memory of the arena */
};

/* A batch between its halves; memory of its arena. */
struct mm_verify_open;

/*
 * The first half: look into `count` messages, ask for their keys, hash. Everything lives in
 * `arena`, and items and messages are borrowed. Hashing is timed as one stage with
 * canonicalization, since one pass does both; canonicalize_ns holds the header part. Never blocks.
 * Returns MM_OK; MM_E_NOMEM, MM_E_CRYPTO when the batch as a whole failed: nothing is open then.
 */
enum mm_status mm_verify_begin(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count,
                               struct mm_verify_open **out) MM_MUST_CHECK;

/*
 * Move the batch and its items to `keep`. Of a message there is left, beside the verdict, how long
 * it is and how its lines end. Returns MM_OK, and nothing of `kept` borrows from messages, items or
 * the first arena; MM_E_NOMEM when it does not fit, and `open` is as before.
 */
enum mm_status mm_verify_keep(struct mm_verify_open *open, struct mm_arena *keep,
                              struct mm_verify_open **kept) MM_MUST_CHECK;

/*
 * The second half: check signatures, judge. `arena` is scratch. Never blocks. Returns MM_OK with
 * every item filled; MM_AGAIN while keys are on their way, and nothing has changed; MM_E_NOMEM,
 * MM_E_CRYPTO when the batch as a whole failed. Takes `open` but for MM_AGAIN.
 */
enum mm_status mm_verify_finish(struct mm_verify_open *open, struct mm_arena *arena) MM_MUST_CHECK;
/* The keys are no longer wanted. */
void mm_verify_drop(struct mm_verify_open *open);
/* Its items; they stay where they are until the arena is reset. */
struct mm_verify_item *mm_verify_items(struct mm_verify_open *open);

/* Both halves, waiting for the keys in between. */
enum mm_status mm_verify_batch(struct mm_verify_worker *w, struct mm_arena *arena,
                               struct mm_verify_item *items, size_t count) MM_MUST_CHECK;

#endif /* MM_DKIM_VERIFY_BATCH_H */

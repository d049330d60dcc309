/*
 * body_cache.h - the same body again: its digest, without hashing it again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Campaigns send one body to many. A body that has come twice is kept, with its digests, in memory
 * of fixed size; one that comes twice within a batch is hashed once. XXH3 finds the candidate, and
 * nothing rests on it: the bytes are compared, so equal keys of other bodies cost time only. One
 * cache belongs to one worker.
 */
#ifndef MM_DKIM_BODY_CACHE_H
#define MM_DKIM_BODY_CACHE_H

#include "dkim/body_input.h"

/*
 * A digest of a message's body; a message has a list of those that differ. `job` and `input` are
 * its own, or those of an equal body.
 */
struct mm_body_digest {
    struct mm_digest_job *job;
    const struct mm_body_input *input; /* its total counts once the digest is there */
    struct mm_view body;               /* as it lies in the message */
    enum mm_canon canon;
    enum mm_digest_alg alg;
    uint64_t length; /* l=, UINT64_MAX for all */
    struct mm_body_digest *next;
    struct mm_body_input own_input;
    /* The cache's own: */
    struct mm_digest_job known; /* `job` where the digest was kept */
    struct mm_body_digest *keep_next;
    size_t slot;
};

enum {
    MM_BODY_CACHE_SLOTS = 1024, /* bodies that are remembered, by key alone */
    MM_BODY_CACHE_KEPT = 64,    /* of those, kept as a whole */
    MM_BODY_CACHE_ROOM = 2 * 1024 * 1024,
    MM_BODY_CACHE_MAX_BYTES = 256 * 1024 /* a longer body is not looked up: hashing it in lanes is
                                            near enough to reading it */
};

struct mm_body_cache;
/* NULL without memory, and where MAILMILL_BODY_CACHE in the environment is "off": then every body
 * is hashed. */
struct mm_body_cache *mm_body_cache_new(void);
void mm_body_cache_free(struct mm_body_cache **cache);

/* Forget which bodies are those of the batch before: they may be gone. */
void mm_body_cache_begin(struct mm_body_cache *cache);

/*
 * Look for a body equal to that of `wanted`, in the same form. True when `wanted` has its job and
 * input now; false when it must be hashed, by a job that the caller adds and sets. Either way it is
 * remembered until the batch ends.
 */
bool mm_body_cache_find(struct mm_body_cache *cache, struct mm_body_digest *wanted);

/* All digests that were asked for are there: keep the bodies that came twice. */
void mm_body_cache_keep(struct mm_body_cache *cache);

/* Bodies that were not hashed, being known. */
uint64_t mm_body_cache_hits(const struct mm_body_cache *cache);

/* For tests: a key of 128 bits for all bodies, as if XXH3 had no other. */
void mm_body_cache_one_key(struct mm_body_cache *cache);

#endif /* MM_DKIM_BODY_CACHE_H */

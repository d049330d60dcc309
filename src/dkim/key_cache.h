/*
 * key_cache.h - from a selector and a domain to parsed keys, each parsed once for all workers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_CACHE_H
#define MM_DKIM_KEY_CACHE_H

#include <stdatomic.h>

#include "dkim/key_record.h"
#include "dns/key_source.h"

/* Keys parsed from files, as those of live DNS: MM_DNS_CACHE_BYTES. */
#define MM_KEY_CACHE_BYTES MM_DNS_CACHE_BYTES

/* All records of one answer, parsed. */
struct mm_key_set {
    const struct mm_txt_answer *answer;
    struct mm_key_record *records;
    size_t count;
    /* private to the cache */
    struct mm_key_set *older, *newer;
    size_t bytes;
    atomic_bool used;
};

struct mm_key_cache;
struct mm_key_place; /* private */
/* `store` is borrowed and must outlive the cache; NULL means no source of keys at all. */
struct mm_key_cache *mm_key_cache_new(const struct mm_txt_store *store);
/* The same for all that a source knows, live DNS included; the source must outlive the cache. */
struct mm_key_cache *mm_key_cache_of(const struct mm_key_source *source);
/* After the last look-up has ended. */
void mm_key_cache_free(struct mm_key_cache **cache);
bool mm_key_cache_has_source(const struct mm_key_cache *cache);
/*
 * Bound what is parsed from files, answers without a key included; before the first look-up. What
 * look-ups hold may be above it. A hostile archive then cannot make memory grow with the number of
 * its keys, though the files and sixteen bytes an answer stay.
 */
void mm_key_cache_limit(struct mm_key_cache *cache, size_t max_bytes);
/* What is parsed from files now takes at most this. */
size_t mm_key_cache_bytes(struct mm_key_cache *cache);

/*
 * One question for keys and what it holds. A zeroed one holds nothing. It may be moved in memory,
 * but not copied, and belongs to one thread at a time.
 */
struct mm_key_lookup {
    const struct mm_key_set *set; /* once answered, until mm_key_lookup_end(); else NULL */
    struct mm_txt_lookup txt;     /* private */
    struct mm_key_place *place;   /* private; of a file's answer that may be thrown out */
};

/*
 * Ask for the keys of SELECTOR._domainkey.DOMAIN in force at `at`. Both are ASCII (A-labels); what
 * makes no name (a label of 0 or more than 63 octets, more than 253 in all) counts as not recorded.
 * Parses on first use. Not to be called without a source. Never blocks; from files without locks.
 * Returns  MM_OK with lookup->set; MM_AGAIN while the answer is on its way; MM_E_NOMEM. Whatever it
 *          returns, mm_key_lookup_end() may follow, and must after the first two.
 */
enum mm_status mm_key_lookup_begin(struct mm_key_cache *cache, struct mm_view selector,
                                   struct mm_view domain, int64_t at,
                                   struct mm_key_lookup *lookup) MM_MUST_CHECK;
/* Has the answer come? The same returns; a load of an atomic while it has not. Never blocks. */
enum mm_status mm_key_lookup_poll(struct mm_key_cache *cache,
                                  struct mm_key_lookup *lookup) MM_MUST_CHECK;
/* Give back what the look-up holds, answered or not. */
void mm_key_lookup_end(struct mm_key_cache *cache, struct mm_key_lookup *lookup);
/* Wait until it is answered, for callers with one key. MM_OK or MM_E_NOMEM. */
enum mm_status mm_key_lookup_wait(struct mm_key_cache *cache,
                                  struct mm_key_lookup *lookup) MM_MUST_CHECK;

/* A number that moves whenever answers came. */
uint64_t mm_key_cache_turn(const struct mm_key_cache *cache);
/* Block until it is no longer `turn`, or the time is over. */
void mm_key_cache_wait(const struct mm_key_cache *cache, uint64_t turn, uint32_t timeout_ms);

#endif /* MM_DKIM_KEY_CACHE_H */

/*
 * key_cache.h - from a selector and a domain to parsed keys, each parsed once for all workers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_KEY_CACHE_H
#define MM_DKIM_KEY_CACHE_H

#include "dkim/key_record.h"
#include "dns/txt_store.h"

/* All records of one answer, parsed. Immutable; lives as long as the cache. */
struct mm_key_set {
    const struct mm_txt_answer *answer;
    struct mm_key_record *records;
    size_t count;
};

struct mm_key_cache;
/* `store` is borrowed and must outlive the cache; NULL means no source of keys at all. */
struct mm_key_cache *mm_key_cache_new(const struct mm_txt_store *store);
void mm_key_cache_free(struct mm_key_cache **cache);

/*
 * Keys of SELECTOR._domainkey.DOMAIN in force at `at`. Both are ASCII (A-labels); what makes no
 * name (a label of 0 or more than 63 octets, more than 253 in all) counts as not recorded. Parses
 * on first use; thread-safe, without locks. NULL only without memory. Not to be called without a
 * store.
 */
const struct mm_key_set *mm_key_cache_get(struct mm_key_cache *cache, struct mm_view selector,
                                          struct mm_view domain, int64_t at);
bool mm_key_cache_has_source(const struct mm_key_cache *cache);

#endif /* MM_DKIM_KEY_CACHE_H */

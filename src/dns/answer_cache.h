/*
 * answer_cache.h - answers from live DNS by name, shared by workers, bounded in memory.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An entry is one name's question and then its answer. It is counted: by the cache while it can be
 * found, by each look-up that holds it, by the resolver while it is asked for. So an answer that is
 * dropped or out of date stays whole for those who hold it. Names are spread over shards with a
 * short lock each; an answer is published by a store that everybody may poll without one.
 */
#ifndef MM_DNS_ANSWER_CACHE_H
#define MM_DNS_ANSWER_CACHE_H

#include <pthread.h>
#include <stdatomic.h>

#include "dns/txt_store.h"

enum { MM_DNS_SHARDS = 16 };
/* Fifty thousand keys of 2048 bits. Those of a day's mail of a large provider fit. */
#define MM_DNS_CACHE_BYTES ((size_t)256 * 1024 * 1024)

/* What a user of the answer made of it, once for all; freed with the entry. */
struct mm_dns_attachment {
    void (*free)(struct mm_dns_attachment *self);
};

struct mm_dns_entry {
    struct mm_txt_answer answer; /* whole once `answered`; views into `memory` */
    atomic_bool answered;
    atomic_uint refs;
    _Atomic(struct mm_dns_attachment *) attachment;
    struct mm_dns_entry *next_asked; /* the resolver's */
    /* private to the cache */
    uint64_t expires_ns, hash;
    struct mm_dns_entry *same_hash, *newer, *older;
    void *memory;
    size_t bytes;
    bool is_listed;
    uint8_t name_len;
    char name[]; /* lower case, no final dot */
};

struct mm_dns_shard {
    pthread_mutex_t lock;
    struct mm_dns_entry **slots;
    size_t slot_count, count, bytes;
    struct mm_dns_entry *newest, *oldest;
    uint64_t hits, merged, evicted;
};

struct mm_dns_cache {
    struct mm_dns_shard shards[MM_DNS_SHARDS];
    size_t max_bytes; /* of a shard */
    uint64_t seed;    /* nobody can make names collide */
};

enum mm_status mm_dns_cache_init(struct mm_dns_cache *cache, size_t max_bytes) MM_MUST_CHECK;
/* After everybody else has given back what he held. */
void mm_dns_cache_deinit(struct mm_dns_cache *cache);

/*
 * The entry of a name (at most MM_TXT_NAME_MAX_BYTES, lower case), answered or not, for the caller
 * to release. Where there is none in force at `now_ns`, a new one; *is_new then says that it is to
 * be asked for, which takes a reference of its own that mm_dns_cache_answer() or a release ends.
 * NULL without memory.
 */
struct mm_dns_entry *mm_dns_cache_take(struct mm_dns_cache *cache, struct mm_view name,
                                       uint64_t now_ns, bool *is_new);
void mm_dns_entry_release(struct mm_dns_entry *entry);
static inline bool mm_dns_entry_is_answered(struct mm_dns_entry *entry)
{
    return atomic_load_explicit(&entry->answered, memory_order_acquire);
}

/*
 * Publish the answer (status, records, ad and source are read from it; records are copied), in
 * force until `expires_ns`, and give up the asker's reference. Old entries that nobody holds make
 * room. Without memory for the records the answer is MM_TXT_SERVFAIL.
 */
void mm_dns_cache_answer(struct mm_dns_cache *cache, struct mm_dns_entry *entry,
                         const struct mm_txt_answer *answer, uint64_t expires_ns);

static inline struct mm_dns_attachment *mm_dns_entry_attachment(struct mm_dns_entry *entry)
{
    return atomic_load_explicit(&entry->attachment, memory_order_acquire);
}
/* Hang `mine` on an answered entry. Returns what hangs there now: another thread's where that came
 * first, and `mine` is then still the caller's. */
struct mm_dns_attachment *mm_dns_entry_attach(struct mm_dns_entry *entry,
                                              struct mm_dns_attachment *mine);

struct mm_dns_cache_counts {
    uint64_t hits, merged, evicted;
    size_t entries, bytes;
};
void mm_dns_cache_count(struct mm_dns_cache *cache, struct mm_dns_cache_counts *out);

#endif /* MM_DNS_ANSWER_CACHE_H */

/*
 * answer_cache.c - answers from live DNS by name, shared by workers, bounded in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/answer_cache.h"

#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#include "base/error.h"

enum {
    FIRST_SLOTS = 64, /* powers of two */
    EVICT_TRIES = 16  /* entries looked at for room; those in use are passed over */
};

/* ---- entries ---- */

static struct mm_dns_entry *entry_new(struct mm_view name, uint64_t hash)
{
    struct mm_dns_entry *e = calloc(1, sizeof *e + name.len);
    if (!e)
        return NULL;
    e->answer = (struct mm_txt_answer){.from = INT64_MIN, .until = INT64_MAX};
    atomic_init(&e->answered, false);
    atomic_init(&e->attachment, NULL);
    atomic_init(&e->refs, 3); /* the cache, the caller, the one who asks */
    e->hash = hash;
    e->bytes = sizeof *e + name.len;
    e->name_len = (uint8_t)name.len;
    memcpy(e->name, name.data, name.len);
    return e;
}

void mm_dns_entry_release(struct mm_dns_entry *entry)
{
    if (atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel) > 1)
        return;
    struct mm_dns_attachment *a = atomic_load_explicit(&entry->attachment, memory_order_relaxed);
    if (a)
        a->free(a);
    free(entry->memory);
    free(entry);
}

struct mm_dns_attachment *mm_dns_entry_attach(struct mm_dns_entry *entry,
                                              struct mm_dns_attachment *mine)
{
    struct mm_dns_attachment *there = NULL;
    if (atomic_compare_exchange_strong_explicit(&entry->attachment, &there, mine,
                                                memory_order_acq_rel, memory_order_acquire))
        return mine;
    return there;
}

/* ---- a shard: a table of chains, and a list by last use. Under its lock. ---- */

static void list_push(struct mm_dns_shard *s, struct mm_dns_entry *e)
{
    e->older = s->newest;
    e->newer = NULL;
    *(s->newest ? &s->newest->newer : &s->oldest) = e;
    s->newest = e;
}

static void list_drop(struct mm_dns_shard *s, struct mm_dns_entry *e)
{
    *(e->newer ? &e->newer->older : &s->newest) = e->older;
    *(e->older ? &e->older->newer : &s->oldest) = e->newer;
}

static struct mm_dns_entry **slot_of(const struct mm_dns_shard *s, uint64_t hash)
{
    return &s->slots[hash / MM_DNS_SHARDS & (s->slot_count - 1)];
}

/* A table without room for twice as many stays as it is: chains get longer. */
static void grow(struct mm_dns_shard *s)
{
    struct mm_dns_shard larger = {.slot_count = 2 * s->slot_count};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return;
    for (struct mm_dns_entry *e = s->newest; e; e = e->older) {
        struct mm_dns_entry **slot = slot_of(&larger, e->hash);
        e->same_hash = *slot;
        *slot = e;
    }
    free(s->slots);
    s->slots = larger.slots;
    s->slot_count = larger.slot_count;
}

static void list_in(struct mm_dns_shard *s, struct mm_dns_entry *e)
{
    if (s->count >= s->slot_count)
        grow(s);
    struct mm_dns_entry **slot = slot_of(s, e->hash);
    e->same_hash = *slot;
    *slot = e;
    e->is_listed = true;
    list_push(s, e);
    s->count++;
    s->bytes += e->bytes;
}

static void list_out(struct mm_dns_shard *s, struct mm_dns_entry *e)
{
    struct mm_dns_entry **at = slot_of(s, e->hash);
    while (*at != e)
        at = &(*at)->same_hash;
    *at = e->same_hash;
    e->is_listed = false;
    list_drop(s, e);
    s->count--;
    s->bytes -= e->bytes;
    mm_dns_entry_release(e);
}

static struct mm_dns_entry *find(const struct mm_dns_shard *s, struct mm_view name, uint64_t hash)
{
    for (struct mm_dns_entry *e = *slot_of(s, hash); e; e = e->same_hash)
        if (e->hash == hash && mm_view_eq((struct mm_view){e->name, e->name_len}, name))
            return e;
    return NULL;
}

/* Nobody can take an entry that only the cache holds while the shard is locked. */
static bool is_idle(struct mm_dns_entry *e)
{
    return atomic_load_explicit(&e->refs, memory_order_acquire) == 1;
}

static void make_room(struct mm_dns_shard *s, size_t max_bytes)
{
    for (int tries = EVICT_TRIES; s->bytes > max_bytes && s->oldest && tries > 0; tries--) {
        struct mm_dns_entry *e = s->oldest;
        if (is_idle(e)) {
            list_out(s, e);
            s->evicted++;
        } else {
            list_drop(s, e);
            list_push(s, e);
        }
    }
}

/* ---- the cache ---- */

static struct mm_dns_shard *shard_of(struct mm_dns_cache *cache, uint64_t hash)
{
    return &cache->shards[hash % MM_DNS_SHARDS];
}

enum mm_status mm_dns_cache_init(struct mm_dns_cache *cache, size_t max_bytes)
{
    *cache = (struct mm_dns_cache){.max_bytes = max_bytes / MM_DNS_SHARDS};
    if (getrandom(&cache->seed, sizeof cache->seed, 0) != (ssize_t)sizeof cache->seed)
        cache->seed = (uint64_t)(uintptr_t)cache;
    for (size_t i = 0; i < MM_DNS_SHARDS; i++)
        pthread_mutex_init(&cache->shards[i].lock, NULL);
    for (size_t i = 0; i < MM_DNS_SHARDS; i++) {
        struct mm_dns_shard *s = &cache->shards[i];
        s->slot_count = FIRST_SLOTS;
        s->slots = calloc(s->slot_count, sizeof *s->slots);
        if (!s->slots) {
            mm_dns_cache_deinit(cache);
            return MM_E_NOMEM;
        }
    }
    return MM_OK;
}

void mm_dns_cache_deinit(struct mm_dns_cache *cache)
{
    for (size_t i = 0; i < MM_DNS_SHARDS; i++) {
        struct mm_dns_shard *s = &cache->shards[i];
        while (s->newest)
            list_out(s, s->newest);
        free(s->slots);
        pthread_mutex_destroy(&s->lock);
    }
    *cache = (struct mm_dns_cache){.max_bytes = 0};
}

static struct mm_dns_entry *take_known(struct mm_dns_shard *s, struct mm_dns_entry *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    list_drop(s, e);
    list_push(s, e);
    if (mm_dns_entry_is_answered(e))
        s->hits++;
    else
        s->merged++;
    return e;
}

struct mm_dns_entry *mm_dns_cache_take(struct mm_dns_cache *cache, struct mm_view name,
                                       uint64_t now_ns, bool *is_new)
{
    uint64_t hash = XXH3_64bits_withSeed(name.data, name.len, cache->seed);
    struct mm_dns_shard *s = shard_of(cache, hash);
    *is_new = false;
    pthread_mutex_lock(&s->lock);
    struct mm_dns_entry *e = find(s, name, hash);
    if (e && mm_dns_entry_is_answered(e) && now_ns >= e->expires_ns) {
        list_out(s, e);
        e = NULL;
    }
    if (e) {
        e = take_known(s, e);
    } else {
        e = entry_new(name, hash);
        if (e)
            list_in(s, e);
        *is_new = e != NULL;
    }
    pthread_mutex_unlock(&s->lock);
    return e;
}

/* Views and bytes in one piece. */
static bool copy_records(struct mm_dns_entry *e, const struct mm_txt_answer *answer)
{
    size_t total = answer->record_count * sizeof(struct mm_view);
    for (size_t i = 0; i < answer->record_count; i++)
        total += answer->records[i].len;
    struct mm_view *views = malloc(total ? total : 1);
    if (!views)
        return false;
    char *at = (char *)(views + answer->record_count);
    for (size_t i = 0; i < answer->record_count; i++) {
        struct mm_view record = answer->records[i];
        if (record.len)
            memcpy(at, record.data, record.len);
        views[i] = (struct mm_view){at, record.len};
        at += record.len;
    }
    e->memory = views;
    e->answer.records = views;
    e->answer.record_count = answer->record_count;
    return true;
}

static size_t bytes_of_records(const struct mm_txt_answer *answer)
{
    size_t total = mm_txt_parsed_bytes(answer); /* what users hang on it */
    for (size_t i = 0; i < answer->record_count; i++)
        total += sizeof(struct mm_view) + answer->records[i].len;
    return total;
}

void mm_dns_cache_answer(struct mm_dns_cache *cache, struct mm_dns_entry *entry,
                         const struct mm_txt_answer *answer, uint64_t expires_ns)
{
    struct mm_dns_shard *s = shard_of(cache, entry->hash);
    bool whole = answer->record_count == 0 || copy_records(entry, answer);
    entry->answer.status = whole ? answer->status : MM_TXT_SERVFAIL;
    entry->answer.ad = whole && answer->ad;
    entry->answer.source = answer->source;
    pthread_mutex_lock(&s->lock);
    entry->expires_ns = expires_ns;
    if (entry->is_listed) {
        size_t more = bytes_of_records(&entry->answer);
        entry->bytes += more;
        s->bytes += more;
    }
    atomic_store_explicit(&entry->answered, true, memory_order_release);
    make_room(s, cache->max_bytes);
    pthread_mutex_unlock(&s->lock);
    mm_dns_entry_release(entry);
}

void mm_dns_cache_count(struct mm_dns_cache *cache, struct mm_dns_cache_counts *out)
{
    *out = (struct mm_dns_cache_counts){0};
    for (size_t i = 0; i < MM_DNS_SHARDS; i++) {
        struct mm_dns_shard *s = &cache->shards[i];
        pthread_mutex_lock(&s->lock);
        out->hits += s->hits;
        out->merged += s->merged;
        out->evicted += s->evicted;
        out->entries += s->count;
        out->bytes += s->bytes;
        pthread_mutex_unlock(&s->lock);
    }
}

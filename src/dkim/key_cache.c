/*
 * key_cache.c - from a selector and a domain to parsed keys, each parsed once for all workers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Answers are read-only and numbered, so the cache is an array of pointers. A worker that finds an
 * empty one parses and puts its result there by compare-and-swap; who comes second throws its own
 * away. After that a look-up is a load.
 */
#include "dkim/key_cache.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    LABEL_MAX_BYTES = 63, /* RFC 1035 section 2.3.4 */
    NAME_MAX_BYTES = 253  /* as text without the final dot: 255 octets on the wire */
};

static const struct mm_txt_answer not_recorded = {.status = MM_TXT_NOT_RECORDED};
static const struct mm_key_set no_keys = {.answer = &not_recorded};

struct mm_key_cache {
    const struct mm_key_source *source; /* NULL where there is only a store */
    const struct mm_txt_store *store;
    size_t count;
    _Atomic(struct mm_key_set *) sets[];
};

struct mm_key_cache *mm_key_cache_new(const struct mm_txt_store *store)
{
    size_t count = store ? mm_txt_store_size(store) : 0;
    struct mm_key_cache *cache = calloc(1, sizeof *cache + count * sizeof cache->sets[0]);
    if (!cache)
        return NULL;
    cache->store = store;
    cache->count = count;
    for (size_t i = 0; i < count; i++)
        atomic_init(&cache->sets[i], NULL);
    return cache;
}

struct mm_key_cache *mm_key_cache_of(const struct mm_key_source *source)
{
    struct mm_key_cache *cache = mm_key_cache_new(mm_key_source_store(source));
    if (cache)
        cache->source = source;
    return cache;
}

static void set_free(struct mm_key_set *set)
{
    for (size_t i = 0; set && i < set->count; i++)
        mm_key_record_deinit(&set->records[i]);
    free(set);
}

void mm_key_cache_free(struct mm_key_cache **cache)
{
    for (size_t i = 0; *cache && i < (*cache)->count; i++)
        set_free(atomic_load_explicit(&(*cache)->sets[i], memory_order_relaxed));
    free(*cache);
    *cache = NULL;
}

bool mm_key_cache_has_source(const struct mm_key_cache *cache)
{
    return cache->store != NULL;
}

/* The set and its records in one piece of memory. */
static struct mm_key_set *set_of(const struct mm_txt_answer *answer)
{
    struct mm_key_set *set = calloc(1, sizeof *set + answer->record_count * sizeof set->records[0]);
    if (!set)
        return NULL;
    set->answer = answer;
    set->records = (struct mm_key_record *)(set + 1);
    for (; set->count < answer->record_count; set->count++) {
        if (mm_key_record_parse(answer->records[set->count], &set->records[set->count]) != MM_OK) {
            set_free(set);
            return NULL;
        }
    }
    return set;
}

/* Labels of 1..63 octets between dots. */
static bool is_name(struct mm_view name)
{
    struct mm_view label;
    bool more = true;
    while (more) {
        more = mm_view_cut(name, '.', &label, &name);
        if (label.len == 0 || label.len > LABEL_MAX_BYTES)
            return false;
    }
    return true;
}

/* SELECTOR._domainkey.DOMAIN (RFC 6376 section 3.6.2.1); false where that is no name. */
static bool build_name(struct mm_view selector, struct mm_view domain, char out[NAME_MAX_BYTES],
                       size_t *len)
{
    const struct mm_view middle = MM_VIEW("._domainkey.");
    if (selector.len > NAME_MAX_BYTES || domain.len > NAME_MAX_BYTES ||
        selector.len + middle.len + domain.len > NAME_MAX_BYTES || !is_name(selector) ||
        !is_name(domain))
        return false;
    memcpy(out, selector.data, selector.len);
    memcpy(out + selector.len, middle.data, middle.len);
    memcpy(out + selector.len + middle.len, domain.data, domain.len);
    *len = selector.len + middle.len + domain.len;
    return true;
}

/* What is in a file is parsed once a cache. */
static enum mm_status set_from_file(struct mm_key_cache *cache, const struct mm_txt_answer *answer,
                                    struct mm_key_lookup *lookup)
{
    lookup->set = &no_keys;
    if (answer->status == MM_TXT_NOT_RECORDED)
        return MM_OK;
    _Atomic(struct mm_key_set *) *place = &cache->sets[answer->id];
    struct mm_key_set *set = atomic_load_explicit(place, memory_order_acquire);
    lookup->set = set;
    if (set)
        return MM_OK;
    struct mm_key_set *mine = set_of(answer);
    if (!mine)
        return MM_E_NOMEM;
    lookup->set = mine;
    if (atomic_compare_exchange_strong_explicit(place, &set, mine, memory_order_acq_rel,
                                                memory_order_acquire))
        return MM_OK;
    set_free(mine);
    lookup->set = set;
    return MM_OK;
}

enum mm_status mm_key_lookup_begin(struct mm_key_cache *cache, struct mm_view selector,
                                   struct mm_view domain, int64_t at, struct mm_key_lookup *lookup)
{
    char name[NAME_MAX_BYTES];
    size_t len = 0;
    *lookup = (struct mm_key_lookup){.set = &no_keys};
    if (!build_name(selector, domain, name, &len))
        return MM_OK;
    const struct mm_txt_answer *answer =
        mm_txt_store_find(cache->store, (struct mm_view){name, len}, at);
    return set_from_file(cache, answer, lookup);
}

enum mm_status mm_key_lookup_poll(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    (void)cache;
    return lookup->set ? MM_OK : MM_E_NOMEM;
}

void mm_key_lookup_end(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    (void)cache;
    *lookup = (struct mm_key_lookup){.set = NULL};
}

enum mm_status mm_key_lookup_wait(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    enum { PATIENCE_MS = 1000 };
    for (;;) {
        uint64_t turn = mm_key_cache_turn(cache);
        enum mm_status st = mm_key_lookup_poll(cache, lookup);
        if (st != MM_AGAIN)
            return st;
        mm_key_cache_wait(cache, turn, PATIENCE_MS);
    }
}

uint64_t mm_key_cache_turn(const struct mm_key_cache *cache)
{
    return mm_key_source_turn(cache->source);
}

void mm_key_cache_wait(const struct mm_key_cache *cache, uint64_t turn, uint32_t timeout_ms)
{
    mm_key_source_wait(cache->source, turn, timeout_ms);
}

/*
 * key_cache.c - from a selector and a domain to parsed keys, each parsed once for all workers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Answers of files are read-only and numbered, so their cache is an array of pointers. A worker
 * that finds an empty one parses and puts its result there by compare-and-swap; who comes second
 * throws its own away. After that a look-up is a load. Keys from live DNS hang on their answers in
 * the same way.
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
    if (answer->status == MM_TXT_NOT_RECORDED) {
        lookup->set = &no_keys;
        return MM_OK;
    }
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

/* ---- from live DNS: parsed once an answer, and gone with it ---- */

struct live_set {
    struct mm_dns_attachment attachment; /* first */
    struct mm_key_set *set;
};

static void live_set_free(struct mm_dns_attachment *self)
{
    struct live_set *live = (struct live_set *)self;
    set_free(live->set);
    free(live);
}

static enum mm_status set_from_dns(struct mm_key_lookup *lookup)
{
    struct mm_dns_entry *entry = lookup->txt.entry;
    struct mm_dns_attachment *there = mm_dns_entry_attachment(entry);
    if (!there) {
        struct live_set *mine = calloc(1, sizeof *mine);
        if (!mine)
            return MM_E_NOMEM;
        *mine = (struct live_set){.attachment = {live_set_free}, .set = set_of(&entry->answer)};
        if (!mine->set) {
            free(mine);
            return MM_E_NOMEM;
        }
        there = mm_dns_entry_attach(entry, &mine->attachment);
        if (there != &mine->attachment)
            live_set_free(&mine->attachment);
    }
    lookup->set = ((struct live_set *)there)->set;
    return MM_OK;
}

/* ---- look-ups ---- */

enum mm_status mm_key_lookup_begin(struct mm_key_cache *cache, struct mm_view selector,
                                   struct mm_view domain, int64_t at, struct mm_key_lookup *lookup)
{
    char text[NAME_MAX_BYTES];
    struct mm_view name = {text, 0};
    *lookup = (struct mm_key_lookup){.set = &no_keys};
    if (!build_name(selector, domain, text, &name.len))
        return MM_OK;
    lookup->set = NULL;
    if (!cache->source)
        return set_from_file(cache, mm_txt_store_find(cache->store, name, at), lookup);
    MM_TRY(mm_txt_lookup_begin(cache->source, name, at, &lookup->txt));
    return mm_key_lookup_poll(cache, lookup);
}

enum mm_status mm_key_lookup_poll(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    if (lookup->set)
        return MM_OK;
    enum mm_status st = mm_txt_lookup_poll(&lookup->txt);
    if (st != MM_OK)
        return st;
    return lookup->txt.entry ? set_from_dns(lookup)
                             : set_from_file(cache, lookup->txt.answer, lookup);
}

void mm_key_lookup_end(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    (void)cache;
    mm_txt_lookup_end(&lookup->txt);
    lookup->set = NULL;
}

enum mm_status mm_key_lookup_wait(struct mm_key_cache *cache, struct mm_key_lookup *lookup)
{
    if (!lookup->set)
        MM_TRY(mm_txt_lookup_wait(cache->source, &lookup->txt));
    return mm_key_lookup_poll(cache, lookup);
}

uint64_t mm_key_cache_turn(const struct mm_key_cache *cache)
{
    return mm_key_source_turn(cache->source);
}

void mm_key_cache_wait(const struct mm_key_cache *cache, uint64_t turn, uint32_t timeout_ms)
{
    mm_key_source_wait(cache->source, turn, timeout_ms);
}

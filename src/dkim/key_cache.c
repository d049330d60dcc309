/*
 * key_cache.c - from a selector and a domain to parsed keys, each parsed once for all workers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Answers of files are read-only and numbered, so each has a place in an array. A worker that finds
 * it empty parses and puts its result there, under a lock; who comes second throws its own away.
 * After that a look-up is a load. Keys from live DNS hang on their answers, and go with them.
 *
 * Where the keys of all files together could take more than the limit, look-ups count themselves in
 * at the place, and what nobody holds and nobody has used lately makes room for what comes in.
 */
#include "dkim/key_cache.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    LABEL_MAX_BYTES = 63, /* RFC 1035 section 2.3.4 */
    NAME_MAX_BYTES = 253  /* as text without the final dot: 255 octets on the wire */
};

static const struct mm_txt_answer not_recorded = {
    .status = MM_TXT_NOT_RECORDED, .from = INT64_MIN, .until = INT64_MAX};
static const struct mm_key_set no_keys = {.answer = &not_recorded};

/* Of one answer of a file. */
struct mm_key_place {
    _Atomic(struct mm_key_set *) set; /* NULL: not parsed, or thrown out */
    atomic_uint users;                /* look-ups that hold it, where sets may be thrown out */
};

struct mm_key_cache {
    const struct mm_key_source *source; /* NULL where there is only a store */
    const struct mm_txt_store *store;
    size_t max_bytes;
    bool may_overflow;
    pthread_mutex_t lock; /* of what follows, and of putting into places */
    struct mm_key_set *newest, *oldest;
    size_t bytes, sets;
    struct mm_key_place places[];
};

struct mm_key_cache *mm_key_cache_new(const struct mm_txt_store *store)
{
    size_t count = store ? mm_txt_store_size(store) : 0;
    struct mm_key_cache *cache = calloc(1, sizeof *cache + count * sizeof cache->places[0]);
    if (!cache)
        return NULL;
    cache->store = store;
    for (size_t i = 0; i < count; i++) {
        atomic_init(&cache->places[i].set, NULL);
        atomic_init(&cache->places[i].users, 0);
    }
    pthread_mutex_init(&cache->lock, NULL);
    mm_key_cache_limit(cache, MM_KEY_CACHE_BYTES);
    return cache;
}

struct mm_key_cache *mm_key_cache_of(const struct mm_key_source *source)
{
    struct mm_key_cache *cache = mm_key_cache_new(mm_key_source_store(source));
    if (cache)
        cache->source = source;
    return cache;
}

void mm_key_cache_limit(struct mm_key_cache *cache, size_t max_bytes)
{
    size_t all = cache->store ? mm_txt_store_size(cache->store) * sizeof(struct mm_key_set) +
                                    mm_txt_store_parsed_bytes(cache->store)
                              : 0;
    cache->max_bytes = max_bytes;
    cache->may_overflow = all > max_bytes;
}

size_t mm_key_cache_bytes(struct mm_key_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

static void set_free(struct mm_key_set *set)
{
    for (size_t i = 0; set && i < set->count; i++)
        mm_key_record_deinit(&set->records[i]);
    free(set);
}

void mm_key_cache_free(struct mm_key_cache **cache)
{
    if (*cache) {
        for (struct mm_key_set *set = (*cache)->newest, *next; set; set = next) {
            next = set->older;
            set_free(set);
        }
        pthread_mutex_destroy(&(*cache)->lock);
    }
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
    set->bytes = sizeof *set + mm_txt_parsed_bytes(answer);
    atomic_init(&set->used, false);
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

/* ---- from files: a list of what is parsed, oldest first to go. Under the lock. ---- */

static void list_push(struct mm_key_cache *cache, struct mm_key_set *set)
{
    set->older = cache->newest;
    set->newer = NULL;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = set;
    cache->newest = set;
}

static void list_drop(struct mm_key_cache *cache, struct mm_key_set *set)
{
    *(set->newer ? &set->newer->older : &cache->newest) = set->older;
    *(set->older ? &set->older->newer : &cache->oldest) = set->newer;
}

/*
 * False where somebody holds it. A look-up counts itself in before it reads the place, and the
 * place is emptied before the count is read, so that one of the two sees the other.
 */
static bool take_away(struct mm_key_cache *cache, struct mm_key_set *set)
{
    struct mm_key_place *place = &cache->places[set->answer->id];
    atomic_store(&place->set, NULL);
    if (atomic_load(&place->users) == 0)
        return true;
    atomic_store(&place->set, set);
    return false;
}

/* What was used since it was last looked at gets another turn. */
static void make_room(struct mm_key_cache *cache)
{
    for (size_t left = 2 * cache->sets; cache->bytes > cache->max_bytes && left > 0; left--) {
        struct mm_key_set *set = cache->oldest;
        list_drop(cache, set);
        if (atomic_exchange(&set->used, false) || !take_away(cache, set)) {
            list_push(cache, set);
            continue;
        }
        cache->bytes -= set->bytes;
        cache->sets--;
        set_free(set);
    }
}

/* The set of a place: `mine`, or the one that came first. */
static struct mm_key_set *put(struct mm_key_cache *cache, struct mm_key_place *place,
                              struct mm_key_set *mine)
{
    pthread_mutex_lock(&cache->lock);
    struct mm_key_set *set = atomic_load(&place->set);
    if (!set) {
        set = mine;
        mine = NULL;
        list_push(cache, set);
        cache->bytes += set->bytes;
        cache->sets++;
        atomic_store(&place->set, set);
        make_room(cache);
    }
    pthread_mutex_unlock(&cache->lock);
    set_free(mine);
    return set;
}

static void let_go(struct mm_key_lookup *lookup)
{
    if (lookup->place)
        atomic_fetch_sub(&lookup->place->users, 1);
    lookup->place = NULL;
}

/* What was found is marked only where it is not: readers share the line. */
static enum mm_status set_from_file(struct mm_key_cache *cache, const struct mm_txt_answer *answer,
                                    struct mm_key_lookup *lookup)
{
    if (answer->status == MM_TXT_NOT_RECORDED) {
        lookup->set = &no_keys;
        return MM_OK;
    }
    struct mm_key_place *place = &cache->places[answer->id];
    if (cache->may_overflow) {
        atomic_fetch_add(&place->users, 1);
        lookup->place = place;
    }
    struct mm_key_set *set = atomic_load(&place->set);
    if (set && cache->may_overflow && !atomic_load_explicit(&set->used, memory_order_relaxed))
        atomic_store_explicit(&set->used, true, memory_order_relaxed);
    if (!set) {
        struct mm_key_set *mine = set_of(answer);
        if (!mine) {
            let_go(lookup);
            return MM_E_NOMEM;
        }
        set = put(cache, place, mine);
    }
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
    let_go(lookup);
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

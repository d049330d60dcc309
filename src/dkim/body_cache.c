/*
 * body_cache.c - the same body again: its digest, without hashing it again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A slot remembers a key, and who had it last: a body of this batch, or one that is kept. Bodies
 * that come once, which is most of all mail, so cost one pass of XXH3 and no copy; where no two of
 * the last thousand were alike, only every sixteenth is looked at until two are.
 *
 * Kept bodies lie one behind the other in one block of memory. A new one overwrites the oldest.
 */
#include "dkim/body_cache.h"

#include <stdlib.h>
#include <xxhash.h>

enum {
    DOZE_AFTER = 1024, /* look-ups in vain */
    DOZE_STEP = 16,
    KEPT_NONE = -1
};

struct slot {
    XXH128_hash_t key;
    uint64_t batch; /* the two pointers are of this one; 0: never used */
    struct mm_body_digest *last_seen, *to_keep;
    int kept;
};

struct kept {
    size_t at, len; /* in room; len 0: none (an empty body is not kept) */
    size_t slot;
    enum mm_canon canon;
    enum mm_digest_alg alg;
    uint64_t length, total;
    uint8_t digest[MM_DIGEST_MAX_BYTES];
};

struct mm_body_cache {
    struct slot slots[MM_BODY_CACHE_SLOTS];
    struct kept kept[MM_BODY_CACHE_KEPT];
    struct mm_body_digest *to_keep;
    uint64_t batch, hits;
    unsigned in_vain, skipped;
    size_t next_kept, room_at;
    bool one_key;
    char room[MM_BODY_CACHE_ROOM];
};

struct mm_body_cache *mm_body_cache_new(void)
{
    const char *wish = getenv("MAILMILL_BODY_CACHE");
    return wish && strcmp(wish, "off") == 0 ? NULL : calloc(1, sizeof(struct mm_body_cache));
}

void mm_body_cache_free(struct mm_body_cache **cache)
{
    free(*cache);
    *cache = NULL;
}

void mm_body_cache_begin(struct mm_body_cache *cache)
{
    cache->batch++;
    cache->to_keep = NULL;
}

uint64_t mm_body_cache_hits(const struct mm_body_cache *cache)
{
    return cache->hits;
}

void mm_body_cache_one_key(struct mm_body_cache *cache)
{
    cache->one_key = true;
}

/* The form goes into the seed, so that the same body in two forms has two slots. */
static XXH128_hash_t key_of(const struct mm_body_cache *cache, const struct mm_body_digest *d)
{
    XXH64_hash_t form = (d->length << 2 | (uint64_t)d->canon << 1) ^ (uint64_t)d->alg;
    if (cache->one_key)
        return (XXH128_hash_t){1, 1};
    return XXH3_128bits_withSeed(d->body.data, d->body.len, form);
}

static bool same_form(const struct mm_body_digest *d, enum mm_canon canon, enum mm_digest_alg alg,
                      uint64_t length)
{
    return d->canon == canon && d->alg == alg && d->length == length;
}

static bool take_from_batch(const struct mm_body_cache *cache, const struct slot *slot,
                            struct mm_body_digest *wanted)
{
    const struct mm_body_digest *seen = slot->last_seen;
    if (slot->batch != cache->batch || !same_form(wanted, seen->canon, seen->alg, seen->length) ||
        !mm_view_eq(wanted->body, seen->body))
        return false;
    wanted->job = seen->job;
    wanted->input = seen->input;
    return true;
}

static bool take_from_kept(const struct mm_body_cache *cache, const struct slot *slot,
                           struct mm_body_digest *wanted)
{
    if (slot->kept == KEPT_NONE)
        return false;
    const struct kept *kept = &cache->kept[slot->kept];
    if (!same_form(wanted, kept->canon, kept->alg, kept->length) ||
        !mm_view_eq(wanted->body, (struct mm_view){cache->room + kept->at, kept->len}))
        return false;
    wanted->known = (struct mm_digest_job){.alg = kept->alg};
    memcpy(wanted->known.digest, kept->digest, sizeof kept->digest);
    wanted->own_input = (struct mm_body_input){.total = kept->total};
    wanted->job = &wanted->known;
    wanted->input = &wanted->own_input;
    return true;
}

static void drop_kept(struct mm_body_cache *cache, int place)
{
    struct kept *kept = &cache->kept[place];
    if (kept->len == 0)
        return;
    cache->slots[kept->slot].kept = KEPT_NONE;
    kept->len = 0;
}

/* Whether this look-up is left out, as those before found nothing. */
static bool dozes(struct mm_body_cache *cache)
{
    return cache->in_vain >= DOZE_AFTER && ++cache->skipped % DOZE_STEP != 0;
}

/* The body came again. It is kept once its digest is there, whichever of its equals makes that. */
static void ask_to_keep(struct mm_body_cache *cache, struct slot *slot, struct mm_body_digest *d)
{
    if (slot->kept != KEPT_NONE || (slot->batch == cache->batch && slot->to_keep))
        return;
    d->slot = (size_t)(slot - cache->slots);
    d->keep_next = cache->to_keep;
    cache->to_keep = slot->to_keep = d;
}

bool mm_body_cache_find(struct mm_body_cache *cache, struct mm_body_digest *wanted)
{
    if (wanted->body.len == 0 || wanted->body.len > MM_BODY_CACHE_MAX_BYTES || dozes(cache))
        return false;
    XXH128_hash_t key = key_of(cache, wanted);
    struct slot *slot = &cache->slots[key.low64 % MM_BODY_CACHE_SLOTS];
    bool known = slot->batch > 0 && XXH128_isEqual(slot->key, key);
    bool hit =
        known && (take_from_kept(cache, slot, wanted) || take_from_batch(cache, slot, wanted));
    if (hit || (known && slot->kept == KEPT_NONE && slot->batch != cache->batch)) {
        cache->in_vain = 0;
        ask_to_keep(cache, slot, wanted);
    } else {
        if (slot->batch > 0 && slot->kept != KEPT_NONE)
            drop_kept(cache, slot->kept);
        *slot = (struct slot){.key = key, .kept = KEPT_NONE};
        cache->in_vain += cache->in_vain < DOZE_AFTER;
    }
    slot->batch = cache->batch;
    slot->last_seen = wanted;
    cache->hits += hit;
    return hit;
}

/* Room for `len` bytes, at the cost of the kept bodies that lie there. */
static size_t make_room(struct mm_body_cache *cache, size_t len)
{
    size_t at = len <= sizeof cache->room - cache->room_at ? cache->room_at : 0;
    for (int i = 0; i < MM_BODY_CACHE_KEPT; i++) {
        const struct kept *kept = &cache->kept[i];
        if (kept->at < at + len && at < kept->at + kept->len)
            drop_kept(cache, i);
    }
    cache->room_at = at + len;
    return at;
}

static void keep(struct mm_body_cache *cache, const struct mm_body_digest *d)
{
    int place = (int)(cache->next_kept++ % MM_BODY_CACHE_KEPT);
    drop_kept(cache, place);
    struct kept *kept = &cache->kept[place];
    *kept = (struct kept){.at = make_room(cache, d->body.len),
                          .len = d->body.len,
                          .slot = d->slot,
                          .canon = d->canon,
                          .alg = d->alg,
                          .length = d->length,
                          .total = d->input->total};
    memcpy(kept->digest, d->job->digest, sizeof kept->digest);
    memcpy(cache->room + kept->at, d->body.data, d->body.len);
    cache->slots[d->slot].kept = place;
}

void mm_body_cache_keep(struct mm_body_cache *cache)
{
    for (const struct mm_body_digest *d = cache->to_keep; d; d = d->keep_next) {
        struct slot *slot = &cache->slots[d->slot];
        if (slot->to_keep != d)
            continue; /* another body has the slot now */
        slot->to_keep = NULL;
        keep(cache, d);
    }
    cache->to_keep = NULL;
}

/*
 * map.c - from names to numbers: an open hash table of borrowed keys.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/map.h"

#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/view.h"

enum { FIRST_SLOTS = 16 }; /* always a power of two, at most half of them taken */

struct mm_map_entry {
    const char *key;
    size_t len;
    uint32_t hash; /* the half that does not pick the slot */
    uint32_t value;
};

void mm_map_deinit(struct mm_map *map)
{
    free(map->entries);
    free(map->slots);
    *map = (struct mm_map){.slots = NULL};
}

static uint64_t draw_seed(const struct mm_map *map)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = mm_wall_ns() ^ (uintptr_t)map; /* early in boot: the clock, and where we lie */
    return seed;
}

static uint64_t hash_of(const struct mm_map *map, struct mm_view key)
{
    return XXH3_64bits_withSeed(key.data, key.len, map->seed);
}

/* The slot that leads to the key, or the free one where it belongs. */
static uint32_t *slot_of(const struct mm_map *map, struct mm_view key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &map->slots[i];
        if (*slot == 0)
            return slot;
        const struct mm_map_entry *e = &map->entries[*slot - 1];
        if (e->hash == hash >> 32 && mm_view_eq((struct mm_view){e->key, e->len}, key))
            return slot;
    }
}

/* Twice the slots; every key is known to be there once. */
static enum mm_status grow_slots(struct mm_map *map)
{
    size_t count = map->slots ? map->slot_count * 2 : FIRST_SLOTS, mask = count - 1;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return MM_E_NOMEM;
    if (!map->slots)
        map->seed = draw_seed(map);
    for (size_t i = 0; i < map->count; i++) {
        struct mm_view key = {map->entries[i].key, map->entries[i].len};
        size_t at = hash_of(map, key) & mask;
        while (slots[at])
            at = (at + 1) & mask;
        slots[at] = (uint32_t)i + 1;
    }
    free(map->slots);
    map->slots = slots;
    map->slot_count = count;
    return MM_OK;
}

static enum mm_status grow(struct mm_map *map)
{
    if ((map->count + 1) * 2 > map->slot_count)
        MM_TRY(grow_slots(map));
    if (map->count < map->cap)
        return MM_OK;
    size_t cap = map->cap ? map->cap * 2 : FIRST_SLOTS / 2;
    struct mm_map_entry *grown =
        cap < UINT32_MAX ? reallocarray(map->entries, cap, sizeof *grown) : NULL;
    if (!grown)
        return MM_E_NOMEM;
    map->entries = grown;
    map->cap = cap;
    return MM_OK;
}

enum mm_status mm_map_put(struct mm_map *map, struct mm_view key, uint32_t value)
{
    MM_TRY(grow(map));
    uint64_t hash = hash_of(map, key);
    uint32_t *slot = slot_of(map, key, hash);
    if (*slot)
        return MM_END;
    map->entries[map->count++] = (struct mm_map_entry){
        .key = key.data, .len = key.len, .hash = (uint32_t)(hash >> 32), .value = value};
    *slot = (uint32_t)map->count;
    return MM_OK;
}

bool mm_map_get(const struct mm_map *map, struct mm_view key, uint32_t *value)
{
    if (!map->slots)
        return false;
    uint32_t slot = *slot_of(map, key, hash_of(map, key));
    if (slot)
        *value = map->entries[slot - 1].value;
    return slot != 0;
}

struct mm_view mm_map_key(const struct mm_map *map, size_t index)
{
    return (struct mm_view){map->entries[index].key, map->entries[index].len};
}

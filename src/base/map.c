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

enum { FIRST_SLOTS = 16 }; /* always a power of two, at most half full */

struct mm_map_slot {
    const char *key; /* NULL: free */
    size_t len;
    uint32_t hash; /* the half that does not pick the slot */
    uint32_t value;
};

void mm_map_deinit(struct mm_map *map)
{
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

/* The slot that holds the key, or the free one where it belongs. */
static struct mm_map_slot *slot_of(const struct mm_map *map, struct mm_view key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct mm_map_slot *slot = &map->slots[i];
        if (!slot->key || (slot->hash == (uint32_t)(hash >> 32) &&
                           mm_view_eq((struct mm_view){slot->key, slot->len}, key)))
            return slot;
    }
}

static enum mm_status grow(struct mm_map *map)
{
    struct mm_map larger = {.slot_count = map->slots ? map->slot_count * 2 : FIRST_SLOTS,
                            .count = map->count,
                            .seed = map->slots ? map->seed : draw_seed(map)};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return MM_E_NOMEM;
    for (size_t i = 0; i < map->slot_count; i++) {
        struct mm_map_slot s = map->slots[i];
        if (s.key) {
            struct mm_view key = {s.key, s.len};
            *slot_of(&larger, key, hash_of(&larger, key)) = s;
        }
    }
    free(map->slots);
    *map = larger;
    return MM_OK;
}

enum mm_status mm_map_put(struct mm_map *map, struct mm_view key, uint32_t value)
{
    if ((map->count + 1) * 2 > map->slot_count)
        MM_TRY(grow(map));
    uint64_t hash = hash_of(map, key);
    struct mm_map_slot *slot = slot_of(map, key, hash);
    if (slot->key)
        return MM_END;
    *slot = (struct mm_map_slot){.key = key.data ? key.data : "",
                                 .len = key.len,
                                 .hash = (uint32_t)(hash >> 32),
                                 .value = value};
    map->count++;
    return MM_OK;
}

bool mm_map_get(const struct mm_map *map, struct mm_view key, uint32_t *value)
{
    if (!map->slots)
        return false;
    const struct mm_map_slot *slot = slot_of(map, key, hash_of(map, key));
    if (!slot->key)
        return false;
    *value = slot->value;
    return true;
}

/*
 * id_map.c - from identities to numbers: an open hash table of 16-byte keys, held by value.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/id_map.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

struct mm_id_slot {
    uint8_t id[MM_ID_BYTES];
    uint32_t number;
    bool taken;
};

void mm_id_map_deinit(struct mm_id_map *map)
{
    free(map->slots);
    *map = (struct mm_id_map){.slots = NULL};
}

/* The slot of an identity, or the free one where it belongs. At least one is free. */
static struct mm_id_slot *find(const struct mm_id_map *map, const void *id)
{
    uint64_t place;
    memcpy(&place, id, sizeof place);
    for (;; place++) {
        struct mm_id_slot *slot = &map->slots[place & (map->slot_count - 1)];
        if (!slot->taken || memcmp(slot->id, id, MM_ID_BYTES) == 0)
            return slot;
    }
}

static bool grow(struct mm_id_map *map)
{
    struct mm_id_map larger = {.slot_count = map->slot_count ? 2 * map->slot_count : FIRST_SLOTS,
                               .count = map->count};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < map->slot_count; i++)
        if (map->slots[i].taken)
            *find(&larger, map->slots[i].id) = map->slots[i];
    free(map->slots);
    *map = larger;
    return true;
}

enum mm_status mm_id_map_add(struct mm_id_map *map, const void *id, uint32_t add, uint32_t *sum)
{
    if (map->count >= map->slot_count / 4 * 3 && !grow(map))
        return MM_E_NOMEM;
    struct mm_id_slot *slot = find(map, id);
    if (!slot->taken) {
        memcpy(slot->id, id, MM_ID_BYTES);
        slot->taken = true;
        map->count++;
    }
    slot->number += add;
    if (sum)
        *sum = slot->number;
    return MM_OK;
}

bool mm_id_map_has(const struct mm_id_map *map, const void *id)
{
    return map->count && find(map, id)->taken;
}

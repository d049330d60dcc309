/*
 * map.h - from names to numbers: an open hash table of borrowed keys.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names come from files and mail, so the hash is seeded anew for each table and nobody can make
 * them collide. Filled by one thread; then look-ups share it without locks.
 */
#ifndef MM_BASE_MAP_H
#define MM_BASE_MAP_H

#include <stdbool.h>

#include "mailmill/base.h"

struct mm_map_entry; /* private */

struct mm_map {
    struct mm_map_entry *entries; /* in the order of their puts */
    uint32_t *slots;              /* index of an entry + 1; 0 is free */
    size_t slot_count, count, cap;
    uint64_t seed;
};

/* A zeroed struct is an empty map; the first put draws the seed. */
void mm_map_deinit(struct mm_map *map);
/* MM_OK; MM_END where the key is there already, its value left alone; MM_E_NOMEM. The key's bytes
 * must outlive the map. */
enum mm_status mm_map_put(struct mm_map *map, struct mm_view key, uint32_t value) MM_MUST_CHECK;
/* The key of the n-th put that was MM_OK, from 0. */
struct mm_view mm_map_key(const struct mm_map *map, size_t index);
/* The value of a key (by bytes), or false. */
bool mm_map_get(const struct mm_map *map, struct mm_view key, uint32_t *value);

#endif /* MM_BASE_MAP_H */

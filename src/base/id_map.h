/*
 * id_map.h - from identities to numbers: an open hash table of 16-byte keys, held by value.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The identities are digests, so their own bytes say where they lie: whoever wants two of them in
 * one place has to find digests that agree.
 */
#ifndef MM_BASE_ID_MAP_H
#define MM_BASE_ID_MAP_H

#include <stdbool.h>

#include "mailmill/base.h"

enum { MM_ID_BYTES = 16 };

struct mm_id_slot; /* private */

struct mm_id_map {
    struct mm_id_slot *slots;
    size_t slot_count, count;
};

/* A zeroed struct is an empty map. */
void mm_id_map_deinit(struct mm_id_map *map);
/* Add to the number of an identity, 0 where it is new, and hand the sum back in `sum` (may be
 * NULL). MM_OK or MM_E_NOMEM. */
enum mm_status mm_id_map_add(struct mm_id_map *map, const void *id, uint32_t add,
                             uint32_t *sum) MM_MUST_CHECK;
bool mm_id_map_has(const struct mm_id_map *map, const void *id);

#endif /* MM_BASE_ID_MAP_H */

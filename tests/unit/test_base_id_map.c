/*
 * test_base_id_map.c - identities are found again, counted, and told from those that are like them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/id_map.h"

#include <string.h>

#include "support/mm_test.h"

static void id_of(uint64_t n, uint8_t id[MM_ID_BYTES])
{
    uint64_t state = n + 1, words[2];
    words[0] = mm_random(&state);
    words[1] = mm_random(&state);
    memcpy(id, words, MM_ID_BYTES);
}

static void many_identities_are_found_and_no_other(void **state)
{
    (void)state;
    struct mm_id_map map = {.slots = NULL};
    uint8_t id[MM_ID_BYTES];
    uint32_t sum = 0;
    id_of(0, id);
    MM_CHECK_TRUE("nothing in an empty one", !mm_id_map_has(&map, id));
    for (uint64_t n = 0; n < 20000; n++) {
        id_of(n, id);
        MM_CHECK_INT("new", mm_id_map_add(&map, id, 1, NULL), MM_OK);
        MM_CHECK_INT("again", mm_id_map_add(&map, id, 2, &sum), MM_OK);
        MM_CHECK_INT("sum", sum, 3);
    }
    MM_CHECK_INT("count", map.count, 20000);
    for (uint64_t n = 0; n < 40000; n++) {
        id_of(n, id);
        MM_CHECK_INT("found", mm_id_map_has(&map, id), n < 20000);
    }
    mm_id_map_deinit(&map);
}

static void identities_of_one_place_stay_apart(void **state)
{
    (void)state;
    struct mm_id_map map = {.slots = NULL};
    uint8_t id[MM_ID_BYTES] = {7};
    uint32_t sum = 0;
    for (unsigned n = 0; n < 40; n++) { /* equal in the bytes that say where they lie */
        id[MM_ID_BYTES - 1] = (uint8_t)n;
        MM_CHECK_INT("new", mm_id_map_add(&map, id, n, &sum), MM_OK);
        MM_CHECK_INT("its own number", sum, n);
    }
    MM_CHECK_INT("count", map.count, 40);
    id[MM_ID_BYTES - 1] = 40;
    MM_CHECK_TRUE("not there", !mm_id_map_has(&map, id));
    mm_id_map_deinit(&map);
}

MM_TEST_MAIN(MM_TEST(many_identities_are_found_and_no_other),
             MM_TEST(identities_of_one_place_stay_apart))

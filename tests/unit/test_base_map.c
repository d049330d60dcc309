/*
 * test_base_map.c - names to numbers, many of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/map.h"

#include "support/mm_test.h"

static void map_keeps_the_first_value_of_a_key(void **state)
{
    (void)state;
    struct mm_map map = {.slots = NULL};
    uint32_t value = 7;
    MM_CHECK_TRUE("empty map", !mm_map_get(&map, MM_VIEW("a"), &value));
    MM_CHECK_INT("first", mm_map_put(&map, MM_VIEW("a"), 1), MM_OK);
    MM_CHECK_INT("again", mm_map_put(&map, MM_VIEW("a"), 2), MM_END);
    MM_CHECK_TRUE("found", mm_map_get(&map, MM_VIEW("a"), &value));
    MM_CHECK_INT("the first", value, 1);
    MM_CHECK_TRUE("prefix of it", !mm_map_get(&map, MM_VIEW(""), &value));
    MM_CHECK_TRUE("longer", !mm_map_get(&map, MM_VIEW("a\0"), &value));
    MM_CHECK_INT("empty key", mm_map_put(&map, (struct mm_view){NULL, 0}, 3), MM_OK);
    MM_CHECK_TRUE("empty key", mm_map_get(&map, MM_VIEW(""), &value));
    MM_CHECK_INT("empty key", value, 3);
    mm_map_deinit(&map);
    mm_map_deinit(&map);
}

static void map_finds_every_one_of_many_keys(void **state)
{
    (void)state;
    enum { KEYS = 50000 };
    struct mm_map map = {.slots = NULL};
    char(*keys)[16] = calloc(KEYS, sizeof *keys);
    assert_non_null(keys);
    for (uint32_t i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "key-%u", i);
        MM_CHECK_INT("put", mm_map_put(&map, mm_view_of(keys[i]), i), MM_OK);
    }
    MM_CHECK_INT("count", map.count, KEYS);
    for (uint32_t i = 0; i < 2 * KEYS; i++) {
        char key[16];
        uint32_t value = UINT32_MAX;
        snprintf(key, sizeof key, "key-%u", i);
        MM_CHECK_INT("found", mm_map_get(&map, mm_view_of(key), &value), i < KEYS);
        MM_CHECK_INT("value", value, i < KEYS ? i : UINT32_MAX);
    }
    mm_map_deinit(&map);
    free(keys);
}

MM_TEST_MAIN(MM_TEST(map_keeps_the_first_value_of_a_key), MM_TEST(map_finds_every_one_of_many_keys))

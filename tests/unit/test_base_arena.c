/*
 * test_base_arena.c - limits, alignment and reuse of an arena's memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"
#include "support/mm_test.h"

static void arena_refuses_more_than_its_limit(void **state)
{
    (void)state;
    struct mm_arena a;
    mm_arena_init(&a, 64 * 1024);
    MM_CHECK_TRUE("within", mm_arena_alloc(&a, 32 * 1024) != NULL);
    MM_CHECK_TRUE("beyond", mm_arena_alloc(&a, 64 * 1024) == NULL);
    MM_CHECK_TRUE("overflow", mm_arena_calloc(&a, SIZE_MAX / 2, 3) == NULL);
    mm_arena_reset(&a);
    MM_CHECK_TRUE("again after reset", mm_arena_alloc(&a, 32 * 1024) != NULL);
    mm_arena_deinit(&a);
}

static void arena_reuses_its_blocks_after_a_reset(void **state)
{
    (void)state;
    struct mm_arena a;
    mm_arena_init(&a, 8 * 1024 * 1024);
    void *first = mm_arena_alloc(&a, 1000);
    for (int i = 0; i < 1000; i++)
        assert_non_null(mm_arena_alloc(&a, 1000));
    mm_arena_reset(&a);
    MM_CHECK_TRUE("same memory", mm_arena_alloc(&a, 1000) == first);
    MM_CHECK_INT("aligned", (uintptr_t)mm_arena_alloc(&a, 3) % 16, 0);
    mm_arena_deinit(&a);
}

MM_TEST_MAIN(MM_TEST(arena_refuses_more_than_its_limit),
             MM_TEST(arena_reuses_its_blocks_after_a_reset))

/*
 * test_io_spare_blocks.c - a few blocks go round, each for blocks of about its size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/spare_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "io/budget.h"
#include "support/mm_test.h"

enum { KIB = 1024, BLOCK_BYTES = 600 * KIB };

static void spare_block_comes_back_for_about_its_size(void **state)
{
    static const struct {
        const char *label;
        size_t bytes;
        bool again;
    } cases[] = {
        {"the same size", BLOCK_BYTES, true},
        {"a little less", BLOCK_BYTES - KIB, true},
        {"half of it", BLOCK_BYTES / 2 + KIB * 2, true},
        {"far less", BLOCK_BYTES / 2 - KIB, false},
        {"more", BLOCK_BYTES + 64 * KIB, false},
    };
    struct mm_budget b;
    (void)state;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char *block = mm_spare_block_take(&b, BLOCK_BYTES);
        assert_non_null(block);
        block[0] = block[BLOCK_BYTES - 1] = 'x';
        mm_spare_block_give(&b, block);
        MM_CHECK_INT(cases[i].label, b.spare_blocks.count, 1);
        char *next = mm_spare_block_take(&b, cases[i].bytes);
        assert_non_null(next);
        MM_CHECK_INT(cases[i].label, b.spare_blocks.count, !cases[i].again);
        MM_CHECK_INT(cases[i].label, next == block, cases[i].again);
        next[0] = next[cases[i].bytes - 1] = 'y'; /* all of it may be written to */
        free(next);                               /* who does not give a block back may free it */
        mm_spare_blocks_deinit(&b.spare_blocks);
        MM_CHECK_INT("none is left", b.spare_blocks.count, 0);
    }
    mm_budget_deinit(&b);
}

static void spare_blocks_are_few_and_not_huge(void **state)
{
    enum { MANY = MM_SPARE_BLOCKS + 3 };
    char *blocks[MANY];
    struct mm_budget b;
    (void)state;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    for (size_t i = 0; i < MANY; i++)
        assert_non_null(blocks[i] = mm_spare_block_take(&b, BLOCK_BYTES));
    for (size_t i = 0; i < MANY; i++)
        mm_spare_block_give(&b, blocks[i]);
    MM_CHECK_INT("kept of many", b.spare_blocks.count, MM_SPARE_BLOCKS);
    mm_spare_blocks_deinit(&b.spare_blocks);
    mm_spare_block_give(&b, mm_spare_block_take(&b, MM_SPARE_BLOCK_MAX_BYTES + KIB));
    mm_spare_block_give(&b, NULL);
    MM_CHECK_INT("kept of a huge one and of none", b.spare_blocks.count, 0);
    mm_budget_deinit(&b);
}

/* Where the first were small: they must not be all that is kept. */
static void spare_blocks_give_way_to_larger_ones(void **state)
{
    char *blocks[MM_SPARE_BLOCKS], *larger[MM_SPARE_BLOCKS];
    struct mm_budget b;
    (void)state;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    for (size_t i = 0; i < MM_SPARE_BLOCKS; i++) {
        assert_non_null(blocks[i] = mm_spare_block_take(&b, BLOCK_BYTES));
        assert_non_null(larger[i] = mm_spare_block_take(&b, BLOCK_BYTES * 3));
    }
    for (size_t i = 0; i < MM_SPARE_BLOCKS; i++)
        mm_spare_block_give(&b, blocks[i]);
    for (size_t i = 0; i < MM_SPARE_BLOCKS; i++)
        mm_spare_block_give(&b, larger[i]);
    mm_spare_block_give(&b, mm_spare_block_take(&b, BLOCK_BYTES)); /* it is freed */
    MM_CHECK_INT("kept", b.spare_blocks.count, MM_SPARE_BLOCKS);
    for (size_t i = 0; i < MM_SPARE_BLOCKS; i++) {
        char *again = mm_spare_block_take(&b, BLOCK_BYTES * 3);
        MM_CHECK_INT("left of the larger", b.spare_blocks.count, MM_SPARE_BLOCKS - 1 - i);
        memset(again, 'x', BLOCK_BYTES * 3);
        free(again);
    }
    mm_budget_deinit(&b);
}

MM_TEST_MAIN(MM_TEST(spare_block_comes_back_for_about_its_size),
             MM_TEST(spare_blocks_are_few_and_not_huge),
             MM_TEST(spare_blocks_give_way_to_larger_ones))

/*
 * test_base_buf.c - a buffer grows up to its maximum and no further.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"
#include "support/mm_test.h"

static void buf_holds_its_maximum_and_not_a_byte_more(void **state)
{
    (void)state;
    static const size_t limits[] = {1, 3, 255, 256, 257, 1000, 5000};
    for (size_t i = 0; i < MM_COUNT(limits); i++) {
        struct mm_buf b;
        mm_buf_init(&b, limits[i]);
        for (size_t k = 0; k < limits[i]; k++)
            mm_buf_append_char(&b, (char)('a' + k % 26));
        MM_CHECK_TRUE("full", !b.failed && b.len == limits[i] && b.cap <= limits[i]);
        mm_buf_append_char(&b, '!');
        MM_CHECK_TRUE("one more fails", b.failed && b.len == limits[i]);
        mm_buf_append_str(&b, "");
        mm_buf_append_str(&b, "x");
        MM_CHECK_INT("what follows does nothing", b.len, limits[i]);
        mm_buf_clear(&b);
        mm_buf_append_char(&b, 'x');
        MM_CHECK_TRUE("clear forgets", !b.failed && b.len == 1);
        mm_buf_deinit(&b);
    }
}

static void buf_writes_numbers_and_formats(void **state)
{
    (void)state;
    struct mm_buf b;
    mm_buf_init(&b, 1000);
    mm_buf_append_u64(&b, 0);
    mm_buf_append_char(&b, ' ');
    mm_buf_append_u64(&b, UINT64_MAX);
    mm_buf_printf(&b, " %s=%d", "x", 7);
    MM_CHECK_VIEW("text", mm_buf_view(&b), MM_VIEW("0 18446744073709551615 x=7"));
    mm_buf_deinit(&b);
}

MM_TEST_MAIN(MM_TEST(buf_holds_its_maximum_and_not_a_byte_more),
             MM_TEST(buf_writes_numbers_and_formats))

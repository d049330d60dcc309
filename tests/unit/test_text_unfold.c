/*
 * test_text_unfold.c - white space out of values, alike on every tier, next to unmapped pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/unfold.h"

#include "base/cpu.h"
#include "support/mm_test.h"

static void check_text(struct mm_view text)
{
    struct mm_guard in = mm_guard_copy(text), front = mm_guard_copy_front(text);
    struct mm_guard out = mm_guard_copy(text); /* as much room as is promised */
    char want[512];
    size_t len = mm_unfold_reference(want, text);
    size_t got = mm_unfold((char *)out.view.data, in.view);
    MM_CHECK_VIEW("unfolded", ((struct mm_view){out.view.data, got}),
                  ((struct mm_view){want, len}));
    got = mm_unfold((char *)out.view.data, front.view);
    MM_CHECK_VIEW("at the front", ((struct mm_view){out.view.data, got}),
                  ((struct mm_view){want, len}));
    mm_guard_free(&in);
    mm_guard_free(&front);
    mm_guard_free(&out);
}

static void unfold_drops_blanks_tabs_and_line_ends_only(void **state)
{
    (void)state;
    char all[256], out[256];
    for (unsigned c = 0; c < 256; c++)
        all[c] = (char)c;
    size_t len = mm_unfold(out, (struct mm_view){all, sizeof all});
    MM_CHECK_INT("four bytes go", len, 252);
    MM_CHECK_TRUE("no other", !memchr(out, ' ', len) && !memchr(out, '\t', len) &&
                                  !memchr(out, '\r', len) && !memchr(out, '\n', len));
    len = mm_unfold(out, MM_VIEW(" a:\r\n\tb :c\r\n "));
    MM_CHECK_VIEW("folded", ((struct mm_view){out, len}), MM_VIEW("a:b:c"));
    MM_CHECK_INT("nothing", mm_unfold(out, (struct mm_view){NULL, 0}), 0);
}

static void unfold_is_the_same_on_every_tier(void **state)
{
    (void)state;
    static const char bytes[] = "AZ:/=;\x1f\x21\x7f\x80\xa0\xff\x00 \t\r\n";
    char text[300];
    uint64_t seed = 6376;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (size_t round = 0; round < 6000; round++) {
            size_t len = round % sizeof text, kinds = round & 1 ? 13 : 17;
            for (size_t i = 0; i < len; i++)
                text[i] = bytes[mm_random(&seed) % (i % 75 < 72 ? kinds : 17)];
            check_text((struct mm_view){text, len});
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

MM_TEST_MAIN(MM_TEST(unfold_drops_blanks_tabs_and_line_ends_only),
             MM_TEST(unfold_is_the_same_on_every_tier))

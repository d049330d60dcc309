/*
 * test_text_eol.c - line ends counted by every tier, over lengths, alignments and unmapped pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/eol.h"

#include "base/cpu.h"
#include "support/mm_test.h"

static void check_text(struct mm_view v)
{
    struct mm_eol_count want = mm_eol_count_reference(v), got = mm_eol_count(v);
    MM_CHECK_INT("crlf", got.crlf, want.crlf);
    MM_CHECK_INT("bare lf", got.bare_lf, want.bare_lf);
    size_t at = 0;
    while (at < v.len && (v.data[at] != '\n' || (at > 0 && v.data[at - 1] == '\r')))
        at++;
    MM_CHECK_INT("first bare lf", mm_eol_first_bare_lf(v), at);
}

static void line_ends_are_counted_alike_on_every_tier(void **state)
{
    (void)state;
    static const char *const kinds[] = {"\r\n", "\r\na", "aaaaaaaaaaaaaaaa\r\n", "\n", "\r"};
    char text[300];
    uint64_t seed = 5322;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (int round = 0; round < 10000; round++) {
            size_t len = (size_t)round % sizeof text;
            const char *kind = kinds[mm_random(&seed) % MM_COUNT(kinds)];
            bool pairs = mm_random(&seed) & 1;
            for (size_t i = 0; i < len; i++) {
                text[i] = kind[mm_random(&seed) % strlen(kind)];
                if (pairs && i > 0 && text[i] == '\n' && mm_random(&seed) % 64)
                    text[i - 1] = '\r';
            }
            struct mm_view v = {text, len};
            struct mm_guard g = round & 1 ? mm_guard_copy(v) : mm_guard_copy_front(v);
            check_text(g.view);
            mm_guard_free(&g);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

static void a_pair_across_two_blocks_is_one_line_end(void **state)
{
    (void)state;
    char text[200];
    for (size_t at = 0; at + 2 <= sizeof text; at++) {
        memset(text, 'x', sizeof text);
        memcpy(text + at, "\r\n", 2);
        check_text((struct mm_view){text, sizeof text});
        check_text((struct mm_view){text + at + 1, sizeof text - at - 1});
        check_text((struct mm_view){text, at + 1});
    }
    check_text((struct mm_view){NULL, 0});
}

static void tiers_are_named_and_limits_are_kept(void **state)
{
    (void)state;
    enum mm_cpu_tier best = mm_cpu_tier();
    mm_cpu_limit(MM_CPU_PORTABLE);
    MM_CHECK_INT("limited", mm_cpu_tier(), MM_CPU_PORTABLE);
    mm_cpu_limit(MM_CPU_AVX512);
    MM_CHECK_INT("back", mm_cpu_tier(), best);
    assert_string_equal(mm_cpu_tier_name(MM_CPU_AVX2), "avx2");
    print_message("# tier %s: %s\n", mm_cpu_tier_name(best), mm_cpu_features());
}

MM_TEST_MAIN(MM_TEST(line_ends_are_counted_alike_on_every_tier),
             MM_TEST(a_pair_across_two_blocks_is_one_line_end),
             MM_TEST(tiers_are_named_and_limits_are_kept))

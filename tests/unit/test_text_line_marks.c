/*
 * test_text_line_marks.c - LFs and colons are marked alike on every tier, and nothing else is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/line_marks.h"

#include "base/cpu.h"
#include "support/mm_test.h"

enum { MAX_BYTES = 400 };

static void check_text(struct mm_view v)
{
    uint64_t want_lf[MM_MARK_WORDS(MAX_BYTES)], want_colon[MM_MARK_WORDS(MAX_BYTES)];
    uint64_t lf[MM_MARK_WORDS(MAX_BYTES) + 1], colon[MM_MARK_WORDS(MAX_BYTES) + 1];
    size_t words = MM_MARK_WORDS(v.len);
    memset(lf, 0xaa, sizeof lf);
    memset(colon, 0xaa, sizeof colon);
    mm_line_marks_reference(v, want_lf, want_colon);
    mm_line_marks(v, lf, colon);
    for (size_t i = 0; i < words; i++) {
        MM_CHECK_INT("LF", lf[i], want_lf[i]);
        MM_CHECK_INT("colon", colon[i], want_colon[i]);
    }
    MM_CHECK_INT("no word more", lf[words], 0xaaaaaaaaaaaaaaaa);
    MM_CHECK_INT("no word more", colon[words], 0xaaaaaaaaaaaaaaaa);
}

static void marks_are_the_same_on_every_tier(void **state)
{
    (void)state;
    static const char bytes[] = "\n:a\x0b\x09;9\r\x8a\xba";
    char text[MAX_BYTES];
    uint64_t seed = 58;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (size_t round = 0; round < 8000; round++) {
            size_t len = round % sizeof text;
            for (size_t i = 0; i < len; i++)
                text[i] = bytes[mm_random(&seed) % 10];
            struct mm_view v = {text, len};
            struct mm_guard g = round & 1 ? mm_guard_copy(v) : mm_guard_copy_front(v);
            check_text(g.view);
            mm_guard_free(&g);
        }
        for (unsigned byte = 0; byte < 256; byte++) {
            memset(text, (int)byte, 130);
            check_text((struct mm_view){text, 130});
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

MM_TEST_MAIN(MM_TEST(marks_are_the_same_on_every_tier))

/*
 * test_text_xml_marks.c - where text and names stop is marked alike on every tier.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_marks.h"

#include "support/mm_test.h"

static void check_text(struct mm_view v)
{
    struct mm_xml_marks want, marks;
    memset(&want, 0xaa, sizeof want);
    memset(&marks, 0xaa, sizeof marks);
    mm_xml_marks_reference(v, &want);
    mm_xml_marks_fill(v, &marks);
    MM_CHECK_TRUE("the same marks, and no word more", memcmp(&want, &marks, sizeof want) == 0);
}

static void marks_are_the_same_on_every_tier(void **state)
{
    (void)state;
    static const char bytes[] = "<>&]\r\n\t\x1f !-./09:@AZ[_`az{\x7f\x80\xee\xef\xf0\xff";
    static char text[MM_XML_MARK_BYTES + 70];
    uint64_t seed = 61;
    mm_cpu_limit(MM_CPU_AVX512);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        for (size_t round = 0; round < 4000; round++) {
            size_t len = round % 3 ? round % 300 : round % sizeof text;
            for (size_t i = 0; i < len; i++)
                text[i] = bytes[mm_random(&seed) % sizeof bytes];
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

/*
 * test_base_xxh3.c - a hash that is stored is the same on every processor.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/xxh3.h"

#include "support/mm_test.h"
#include "support/xxh3_plain.h"

static void hashes_are_those_of_every_processor(void **state)
{
    enum { LENGTH_MAX = 5000 };
    (void)state;
    static char text[LENGTH_MAX];
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)mm_random(&random);
    for (size_t len = 0; len <= LENGTH_MAX; len += len < 600 ? 1 : 97) {
        struct mm_guard g = mm_guard_copy((struct mm_view){text, len});
        uint64_t seed = mm_random(&random);
        char label[32];
        snprintf(label, sizeof label, "%zu bytes", len);
        MM_CHECK_TRUE(label, XXH3_64bits(g.view.data, len) == mm_xxh3_plain(g.view, 0));
        MM_CHECK_TRUE(label,
                      XXH3_64bits_withSeed(g.view.data, len, seed) == mm_xxh3_plain(g.view, seed));
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(hashes_are_those_of_every_processor))

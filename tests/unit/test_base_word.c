/*
 * test_base_word.c - eight bytes at a time say what one byte at a time says; names in any case.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/word.h"

#include "support/mm_test.h"

static void words_load_and_store_in_memory_order(void **state)
{
    (void)state;
    char out[8];
    uint64_t word = mm_word_load("\x01\x02\x03\x04\x05\x06\x07\x08");
    MM_CHECK_INT("first byte lowest", word, 0x0807060504030201);
    mm_word_store(out, word);
    MM_CHECK_VIEW("back", ((struct mm_view){out, 8}), MM_VIEW("\x01\x02\x03\x04\x05\x06\x07\x08"));
    for (size_t len = 0; len <= 8; len++) {
        struct mm_guard g = mm_guard_copy((struct mm_view){out, len});
        struct mm_guard f = mm_guard_copy_front((struct mm_view){out, len});
        uint64_t want = len == 8 ? word : word & (((uint64_t)1 << 8 * len) - 1);
        MM_CHECK_INT("part", mm_word_load_part(g.view.data, len), want);
        MM_CHECK_INT("part", mm_word_load_part(f.view.data, len), want);
        mm_word_store_part((char *)g.view.data, ~want, len);
        mm_word_store_part((char *)f.view.data, ~want, len);
        MM_CHECK_INT("part stored", mm_word_load_part(g.view.data, len) ^ want,
                     len == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * len) - 1);
        MM_CHECK_VIEW("part stored", f.view, g.view);
        mm_guard_free(&g);
        mm_guard_free(&f);
    }
}

static void words_are_lowered_and_judged_byte_by_byte(void **state)
{
    (void)state;
    uint64_t seed = 8;
    for (int round = 0; round < 200000; round++) {
        char text[8], want[8];
        bool graphic = true;
        for (size_t i = 0; i < sizeof text; i++) {
            uint64_t r = mm_random(&seed);
            text[i] = (char)(r % 4 ? '!' + (r >> 32) % 94 : r >> 40);
            want[i] = (char)mm_ascii_lower((unsigned char)text[i]);
            graphic = graphic && text[i] >= '!' && text[i] <= '~';
        }
        uint64_t word = mm_word_load(text), equal = 0;
        for (size_t i = 0; i < sizeof text; i++)
            equal |= (uint64_t)(text[i] == text[round % 8]) << i;
        MM_CHECK_INT("equal", mm_word_bits(mm_word_equal(word, text[round % 8])), equal);
        mm_word_store(text, mm_word_lower(word));
        MM_CHECK_VIEW("lower", ((struct mm_view){text, 8}), ((struct mm_view){want, 8}));
        MM_CHECK_INT("graphic", mm_word_not_graphic(word) == 0, graphic);
    }
}

static bool equal_plainly(struct mm_view a, struct mm_view b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (mm_ascii_lower((unsigned char)a.data[i]) != mm_ascii_lower((unsigned char)b.data[i]))
            return false;
    return a.len == b.len;
}

static void names_compare_without_case_at_every_length(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t round = 0; round < 20000; round++) {
        char text[40], other[40];
        size_t len = round % sizeof text;
        for (size_t i = 0; i < len; i++) {
            text[i] = other[i] = "aAzZ@[`{-\xc1\xe1"[mm_random(&seed) % 11];
            if (mm_random(&seed) % 2)
                other[i] = (char)mm_ascii_lower((unsigned char)text[i]);
            if (mm_random(&seed) % 64 == 0)
                other[i] ^= 0x20;
        }
        struct mm_guard a = mm_guard_copy((struct mm_view){text, len});
        struct mm_guard b = mm_guard_copy_front((struct mm_view){other, len});
        struct mm_guard low = mm_guard_copy((struct mm_view){text, len});
        mm_view_lower_to((char *)low.view.data, b.view);
        for (size_t i = 0; i < len; i++)
            MM_CHECK_INT("lower", (unsigned char)low.view.data[i],
                         mm_ascii_lower((unsigned char)other[i]));
        mm_guard_free(&low);
        MM_CHECK_INT("equal", mm_view_eq_nocase(a.view, b.view), equal_plainly(a.view, b.view));
        mm_guard_free(&a);
        mm_guard_free(&b);
    }
    MM_CHECK_TRUE("lengths differ", !mm_view_eq_nocase(MM_VIEW("from"), MM_VIEW("fro")));
}

static void bytes_are_the_same_or_differ_in_any_place(void **state)
{
    (void)state;
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (size_t len = 0; len < sizeof text; len++) {
        struct mm_guard a = mm_guard_copy((struct mm_view){text, len});
        struct mm_guard b = mm_guard_copy_front((struct mm_view){text, len});
        MM_CHECK_TRUE("the same", mm_word_same(a.view.data, b.view.data, len));
        for (size_t i = 0; i < len; i++) {
            ((char *)(uintptr_t)b.view.data)[i] ^= 1;
            MM_CHECK_TRUE("one bit", !mm_word_same(a.view.data, b.view.data, len));
            ((char *)(uintptr_t)b.view.data)[i] ^= 1;
        }
        mm_guard_free(&a);
        mm_guard_free(&b);
    }
}

/* Every length, against the end of memory and with bytes behind it that must not change. */
static void few_bytes_are_copied_and_judged(void **state)
{
    char text[80];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('!' + i);
    for (size_t len = 0; len <= 70; len++) {
        struct mm_guard from = mm_guard_copy((struct mm_view){text, len});
        char to[sizeof text], want[sizeof text];
        memset(to, 0x7f, sizeof to);
        memset(want, 0x7f, sizeof want);
        memcpy(want, text, len);
        mm_word_copy(to, from.view.data, len);
        MM_CHECK_VIEW("copy", ((struct mm_view){to, sizeof to}),
                      ((struct mm_view){want, sizeof want}));
        MM_CHECK_TRUE("ASCII", mm_word_is_ascii(from.view.data, len));
        mm_guard_free(&from);
        for (size_t bad = 0; bad < len; bad++) {
            want[bad] = (char)0x80;
            MM_CHECK_TRUE("not ASCII", !mm_word_is_ascii(want, len));
            want[bad] = text[bad];
        }
    }
}

MM_TEST_MAIN(MM_TEST(few_bytes_are_copied_and_judged),
             MM_TEST(bytes_are_the_same_or_differ_in_any_place),
             MM_TEST(words_load_and_store_in_memory_order),
             MM_TEST(words_are_lowered_and_judged_byte_by_byte),
             MM_TEST(names_compare_without_case_at_every_length))

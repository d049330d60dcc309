/*
 * test_crypto_der.c - what is DER, what only resembles it, and reading flush against unmapped
 * pages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/der.h"
#include "support/mm_test.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct {
    const char *label;
    struct mm_view bytes, magnitude;
    bool taken;
} integers[] = {
    {"zero", BYTES("\x02\x01\x00"), BYTES(""), true},
    {"one", BYTES("\x02\x01\x01"), BYTES("\x01"), true},
    {"high bit behind its zero", BYTES("\x02\x02\x00\x80"), BYTES("\x80"), true},
    {"more follows", BYTES("\x02\x01\x05\x02\x01\x06"), BYTES("\x05"), true},
    {"negative", BYTES("\x02\x01\x80"), BYTES(""), false},
    {"needless zero", BYTES("\x02\x02\x00\x7f"), BYTES(""), false},
    {"no octets", BYTES("\x02\x00"), BYTES(""), false},
    {"another tag", BYTES("\x03\x01\x01"), BYTES(""), false},
    {"cut in the content", BYTES("\x02\x02\x01"), BYTES(""), false},
    {"cut before the length", BYTES("\x02"), BYTES(""), false},
    {"nothing", BYTES(""), BYTES(""), false},
    {"long form of a short length", BYTES("\x02\x81\x01\x01"), BYTES(""), false},
    {"indefinite length", BYTES("\x02\x80\x01\x00\x00"), BYTES(""), false},
    {"length beyond all memory", BYTES("\x02\x88\xff\xff\xff\xff\xff\xff\xff\xff\x01"), BYTES(""),
     false},
    {"length of three octets, short of bytes", BYTES("\x02\x83\x01\x00\x00\x01"), BYTES(""), false},
};

static void der_takes_only_the_shortest_unsigned_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(integers); i++) {
        struct mm_guard g = mm_guard_copy(integers[i].bytes);
        struct mm_view rest = g.view, magnitude = {NULL, 0};
        MM_CHECK_INT(integers[i].label, mm_der_take_unsigned(&rest, &magnitude), integers[i].taken);
        MM_CHECK_VIEW(integers[i].label, magnitude, integers[i].magnitude);
        if (!integers[i].taken)
            MM_CHECK_VIEW(integers[i].label, rest, g.view);
        mm_guard_free(&g);
    }
}

static void der_lengths_are_read_in_both_forms(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        struct mm_view head;
    } cases[] = {
        {0, BYTES("\x04\x00")},
        {127, BYTES("\x04\x7f")},
        {128, BYTES("\x04\x81\x80")},
        {255, BYTES("\x04\x81\xff")},
        {256, BYTES("\x04\x82\x01\x00")},
        {65535, BYTES("\x04\x82\xff\xff")},
        {65536, BYTES("\x04\x83\x01\x00\x00")},
    };
    static char bytes[65536 + 8];
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_view v = {bytes, cases[i].head.len + cases[i].length}, content;
        memcpy(bytes, cases[i].head.data, cases[i].head.len);
        assert_true(mm_der_whole(v, MM_DER_OCTET_STRING, &content));
        MM_CHECK_INT("length", content.len, cases[i].length);
        v.len++;
        MM_CHECK_INT("a byte behind it", mm_der_whole(v, MM_DER_OCTET_STRING, &content), false);
        v.len -= 2;
        MM_CHECK_INT("a byte short", mm_der_whole(v, MM_DER_OCTET_STRING, &content), false);
    }
}

MM_TEST_MAIN(MM_TEST(der_takes_only_the_shortest_unsigned_integers),
             MM_TEST(der_lengths_are_read_in_both_forms))

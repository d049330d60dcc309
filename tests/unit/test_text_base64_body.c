/*
 * test_text_base64_body.c - base64 of bodies: damage, random text and every tier against the plain
 * form.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/cpu.h"
#include "support/mm_test.h"
#include "text/base64_body.h"

static const struct {
    const char *label, *text, *plain;
    uint64_t skipped;
} texts[] = {
    {"nothing", "", "", 0},
    {"lines", "Zm9v\r\nYmFy\r\n", "foobar", 0},
    {"no padding, one octet left", "Zm9vYg", "foob", 0},
    {"no padding, two octets left", "Zm9vYmE", "fooba", 0},
    {"half the padding", "Zm9vYg=", "foob", 0},
    {"padding in two lines", "Zm9vYg=\r\n=", "foob", 0},
    {"bad bytes inside", "Zm-9v!\x80YmFy", "foobar", 3},
    {"a digit that makes no octet", "Zm9vY", "foo", 1},
    {"padding ends it", "Zg==Zg==\n", "f", 4},
    {"a footer behind the padding", "Zg==\r\n-- \r\nlist", "f", 6},
    {"padding where none can be", "Z=m9v", "foo", 1},
    {"half a padding in the middle", "Zm=9v", "foo", 1},
    {"padding alone", "====", "", 4},
};

static void base64_body_decodes_what_is_there_and_counts_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(texts[i].text));
        uint8_t out[MM_BASE64_BODY_ROOM(32)];
        uint64_t skipped = 99;
        size_t len = mm_base64_decode_body(g.view, out, &skipped);
        MM_CHECK_VIEW(texts[i].label, ((struct mm_view){(char *)out, len}),
                      mm_view_of(texts[i].plain));
        MM_CHECK_INT(texts[i].label, skipped, texts[i].skipped);
        len = mm_base64_decode_body_reference(g.view, out, &skipped);
        MM_CHECK_VIEW(texts[i].label, ((struct mm_view){(char *)out, len}),
                      mm_view_of(texts[i].plain));
        MM_CHECK_INT(texts[i].label, skipped, texts[i].skipped);
        mm_guard_free(&g);
    }
}

/* Text as encoders write it, or with `hostility` bytes in 256 replaced by others. */
static size_t make_text(char *text, size_t cap, unsigned hostility, uint64_t *seed)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    /* The last three are digits but for their top bit. */
    static const char bad[] = "= \t\r\n.-_\x80\xff\0=\xc1\xb0\xaf";
    size_t len = (size_t)(mm_random(seed) % cap), line = 1 + mm_random(seed) % 90;
    for (size_t i = 0; i < len; i++) {
        uint64_t r = mm_random(seed);
        bool odd = (r & 0xff) < hostility;
        text[i] = odd                    ? bad[(r >> 8) % (sizeof bad - 1)]
                  : i % line == line - 1 ? '\n'
                                         : digits[(r >> 8) % 64];
    }
    return len;
}

static void base64_body_is_the_same_on_every_tier(void **state)
{
    enum { CAP = 20000, ROUNDS = 600 };
    static char text[CAP];
    static uint8_t fast[MM_BASE64_BODY_ROOM(CAP)], plain[MM_BASE64_BODY_ROOM(CAP)];
    uint64_t seed = 7;
    (void)state;
    for (int tier = MM_CPU_PORTABLE; tier <= MM_CPU_AVX512; tier++) {
        mm_cpu_limit((enum mm_cpu_tier)tier);
        for (int round = 0; round < ROUNDS; round++) {
            unsigned hostility = round % 4 == 0 ? 0 : round % 4 == 1 ? 1 : (unsigned)(round % 64);
            size_t cap = round % 3 ? 300 : CAP;
            struct mm_guard g =
                mm_guard_copy((struct mm_view){text, make_text(text, cap, hostility, &seed)});
            uint64_t fast_skipped, plain_skipped;
            size_t fast_len = mm_base64_decode_body(g.view, fast, &fast_skipped);
            size_t plain_len = mm_base64_decode_body_reference(g.view, plain, &plain_skipped);
            assert_int_equal(fast_len, plain_len);
            assert_memory_equal(fast, plain, plain_len);
            assert_int_equal(fast_skipped, plain_skipped);
            mm_guard_free(&g);
        }
    }
    mm_cpu_limit(MM_CPU_AVX512);
}

/* Where a piece of the inner buffer ends must not matter: bad bytes at every place about it. */
static void base64_body_is_the_same_wherever_a_fault_lies(void **state)
{
    enum { LEN = 8192 + 80 };
    static char text[LEN];
    static uint8_t fast[MM_BASE64_BODY_ROOM(LEN)], plain[MM_BASE64_BODY_ROOM(LEN)];
    static const char faults[] = "=.\n";
    (void)state;
    memset(text, 'Q', sizeof text);
    for (size_t i = 0; i < 2 * 160; i++) {
        size_t at = i < 160 ? i : 8192 - 80 + (i - 160);
        for (size_t k = 0; k < 3; k++) {
            uint64_t fast_skipped, plain_skipped;
            text[at] = faults[k];
            size_t fast_len = mm_base64_decode_body(MM_VIEW(text), fast, &fast_skipped);
            size_t plain_len =
                mm_base64_decode_body_reference(MM_VIEW(text), plain, &plain_skipped);
            assert_int_equal(fast_len, plain_len);
            assert_int_equal(fast_skipped, plain_skipped);
            assert_memory_equal(fast, plain, plain_len);
            text[at] = 'Q';
        }
    }
}

MM_TEST_MAIN(MM_TEST(base64_body_decodes_what_is_there_and_counts_the_rest),
             MM_TEST(base64_body_is_the_same_on_every_tier),
             MM_TEST(base64_body_is_the_same_wherever_a_fault_lies))

/*
 * test_mail_encoded_word.c - header text and charsets as UTF-8.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/encoded_word.h"
#include "support/mm_test.h"
#include "text/utf8.h"

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *label, *value, *text;
    uint64_t replaced;
} values[] = {
    {"plain", " Report Domain: example.org \r\n", "Report Domain: example.org", 0},
    {"a fold", "one\r\n two\n\tthree", "one two\tthree", 0},
    {"B", "=?utf-8?B?YcOp?=", "a\xc3\xa9", 0},
    {"Q, with blanks as _", "=?ISO-8859-1?q?a=E9_b?=", "a\xc3\xa9 b", 0},
    {"blanks between words go", "=?utf-8?q?a?= \r\n =?utf-8?q?b?= c", "ab c", 0},
    {"blanks beside text stay", "x =?utf-8?q?a?= y", "x a y", 0},
    {"a character in two words", "=?utf-8?B?YcM=?=\n =?utf-8?B?qWI=?=",
     "a\xc3\xa9"
     "b",
     0},
    {"two charsets", "=?utf-8?q?=C3=A9?= =?iso-8859-1?q?=E9?=", "\xc3\xa9\xc3\xa9", 0},
    {"a language", "=?utf-8*en?q?a?=", "a", 0},
    {"inside a word", "(=?utf-8?q?a?=)", "(a)", 0},
    {"no end", "=?utf-8?q?abc", "=?utf-8?q?abc", 0},
    {"no encoding of ours", "=?utf-8?x?abc?=", "=?utf-8?x?abc?=", 0},
    {"no charset", "=??q?abc?=", "=??q?abc?=", 0},
    {"a bad byte in a word", "=?utf-8?q?a=FFb?=", "a" BAD "b", 1},
    {"a bad byte outside", "a\xff?", "a" BAD "?", 1},
    {"a '?' in Q text", "=?utf-8?q?what?really?=", "what?really", 0},
    {"a first byte escaped", "=?utf-8?Q?=41?=", "A", 0},
    {"iso-2022-jp", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac", 0},
    {"windows-1251", "=?windows-1251?Q?=CF=F0?=", "\xd0\x9f\xd1\x80", 0},
    {"a charset nobody knows", "=?x-unknown?Q?a=C3=A9?=", "a\xc3\xa9", 0},
    {"a name that is a path", "=?../../tmp/x?Q?a?=", "a", 0},
};

static void encoded_words_become_utf8(void **state)
{
    struct mm_arena arena;
    (void)state;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(values); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(values[i].value));
        struct mm_view out;
        uint64_t replaced = 99;
        assert_int_equal(mm_encoded_words_decode(g.view, &arena, &out, &replaced), MM_OK);
        MM_CHECK_VIEW(values[i].label, out, mm_view_of(values[i].text));
        MM_CHECK_INT(values[i].label, replaced, values[i].replaced);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
static const struct {
    const char *label;
    struct mm_view bytes, charset, text;
    uint64_t replaced;
} charsets[] = {
    {"utf-8", TEXT("a\xe2\x82\xac"), TEXT("UTF-8"), TEXT("a\xe2\x82\xac"), 0},
    {"no name", TEXT("\xc3\xa9\xff"), TEXT(""), TEXT("\xc3\xa9" BAD), 1},
    {"a name that nobody knows", TEXT("\xc3\xa9"), TEXT("uft-8"), TEXT("\xc3\xa9"), 0},
    {"a name that is a path", TEXT("a"), TEXT("../../tmp/x"), TEXT("a"), 0},
    {"utf-16 by its mark",
     TEXT("\xff\xfe"
          "a\0\x3d\xd8\x00\xde"),
     TEXT("utf-16"), TEXT("a\xf0\x9f\x98\x80"), 0},
    {"utf-16 without one is big-endian", TEXT("\0a\x20\xac"), TEXT("utf-16"), TEXT("a\xe2\x82\xac"),
     0},
    {"utf-16le", TEXT("a\0"), TEXT("utf-16le"), TEXT("a"), 0},
    {"windows-1252", TEXT("\x80"), TEXT("Windows-1252"), TEXT("\xe2\x82\xac"), 0},
    {"latin-9", TEXT("\xa4"), TEXT("iso-8859-15"), TEXT("\xe2\x82\xac"), 0},
    {"shift_jis", TEXT("\x93\xfa"), TEXT("Shift_JIS"), TEXT("\xe6\x97\xa5"), 0},
    {"koi8-r", TEXT("\xf0"), TEXT("koi8-r"), TEXT("\xd0\x9f"), 0},
};

static void charsets_become_utf8(void **state)
{
    struct mm_arena arena;
    (void)state;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(charsets); i++) {
        struct mm_guard g = mm_guard_copy(charsets[i].bytes);
        struct mm_view out;
        uint64_t replaced;
        assert_int_equal(mm_text_to_utf8(g.view, charsets[i].charset, &arena, &out, &replaced),
                         MM_OK);
        MM_CHECK_VIEW(charsets[i].label, out, charsets[i].text);
        MM_CHECK_INT(charsets[i].label, replaced, charsets[i].replaced);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

static void whatever_the_bytes_are_the_text_is_utf8(void **state)
{
    static const char *const used[] = {"utf-8",       "iso-8859-1", "iso-8859-15", "windows-1252",
                                       "utf-16",      "utf-16le",   "iso-2022-jp", "shift_jis",
                                       "gb2312",      "big5",       "euc-kr",      "koi8-u",
                                       "iso-2022-kr", "koi8-r",     "windows-1258"};
    struct mm_arena arena;
    uint64_t seed = 3;
    (void)state;
    mm_arena_init(&arena, 1 << 20);
    for (int round = 0; round < 3000; round++) {
        char bytes[64];
        size_t len = mm_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(mm_random(&seed) >> (round % 2 ? 24 : 25 + round % 3));
        struct mm_view out;
        assert_int_equal(mm_text_to_utf8((struct mm_view){bytes, len},
                                         mm_view_of(used[(size_t)round % MM_COUNT(used)]), &arena,
                                         &out, NULL),
                         MM_OK);
        while (out.len > 0) {
            uint32_t code_point;
            size_t step = mm_utf8_decode(out, &code_point);
            assert_true(step > 0);
            out = mm_view_sub(out, step, out.len - step);
        }
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(encoded_words_become_utf8), MM_TEST(charsets_become_utf8),
             MM_TEST(whatever_the_bytes_are_the_text_is_utf8))

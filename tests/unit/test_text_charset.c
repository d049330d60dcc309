/*
 * test_text_charset.c - other character sets become UTF-8; what is no text becomes U+FFFD.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/charset.h"

#include "support/mm_test.h"
#include "text/utf8.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define R "\xef\xbf\xbd"

static const struct {
    const char *label, *charset;
    struct mm_view text, want;
    unsigned replaced;
} cases[] = {
    {"ASCII", "us-ascii", TEXT("abc"), TEXT("abc"), 0},
    {"UTF-8 as it is", "UTF-8", TEXT("a\xc3\xa9\xf0\x9f\x98\x80"),
     TEXT("a\xc3\xa9\xf0\x9f\x98\x80"), 0},
    {"a lone byte in UTF-8", "utf-8", TEXT("a\xe9z"), TEXT("a" R "z"), 1},
    {"each byte of an overlong form", "utf8", TEXT("\xc0\xaf"), TEXT(R R), 2},
    {"a character cut short", "utf-8", TEXT("ab\xf0\x9f\x98"), TEXT("ab" R R R), 3},
    {"a surrogate in UTF-8", "utf-8", TEXT("\xed\xa0\x80"), TEXT(R R R), 3},
    {"Latin-1", "ISO-8859-1", TEXT("caf\xe9 \xff"), TEXT("caf\xc3\xa9 \xc3\xbf"), 0},
    {"quotes of windows-1252", "windows-1252", TEXT("\x93x\x94"), TEXT("\xe2\x80\x9cx\xe2\x80\x9d"),
     0},
    {"the same under the label of Latin-1", "latin1", TEXT("\x80"), TEXT("\xe2\x82\xac"), 0},
    {"undefined bytes of windows-1252", "cp1252", TEXT("\x81\x8d\x8f\x90\x9d"), TEXT(R R R R R), 5},
    {"NUL is a character", "cp1252", TEXT("a\0\xe9"), TEXT("a\0\xc3\xa9"), 0},
    {"UTF-16, small end first", "UTF-16LE", TEXT("a\0\xe9\0=\xd8\0\xde"),
     TEXT("a\xc3\xa9\xf0\x9f\x98\x80"), 0},
    {"UTF-16, big end first", "utf-16", TEXT("\0a\0\xe9\xd8=\xde\0"),
     TEXT("a\xc3\xa9\xf0\x9f\x98\x80"), 0},
    {"a low surrogate alone", "utf-16be", TEXT("\xde\0\0a"), TEXT(R "a"), 1},
    {"a high surrogate before a letter", "utf-16be", TEXT("\xd8=\0a"), TEXT(R "a"), 1},
    {"a high surrogate at the end", "utf-16be", TEXT("\0a\xd8="), TEXT("a" R), 1},
    {"an odd byte at the end", "utf-16le", TEXT("a\0b"), TEXT("a" R), 1},
    {"by iconv", "ISO-8859-15", TEXT("\xa4 5"), TEXT("\xe2\x82\xac 5"), 0},
    {"by iconv, of two bytes", "Shift_JIS", TEXT("\x83\x81\x41"),
     TEXT("\xe3\x83\xa1"
          "A"),
     0},
    {"by iconv, with shifts", "ISO-2022-JP", TEXT("\x1b$B%a\x1b(BA"),
     TEXT("\xe3\x83\xa1"
          "A"),
     0},
    {"by iconv, a byte that is none", "EUC-JP",
     TEXT("a\xff"
          "b"),
     TEXT("a" R "b"), 1},
    {"empty", "utf-16", TEXT(""), TEXT(""), 0},
};

static void text_becomes_utf8(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].text);
        struct mm_charset charset;
        struct mm_view out;
        uint64_t replaced;
        MM_CHECK_TRUE(cases[i].label, mm_charset_find(mm_view_of(cases[i].charset), &charset));
        MM_CHECK_INT(cases[i].label, mm_charset_to_utf8(&charset, g.view, &arena, &out, &replaced),
                     MM_OK);
        MM_CHECK_VIEW(cases[i].label, out, cases[i].want);
        MM_CHECK_INT(cases[i].label, replaced, cases[i].replaced);
        MM_CHECK_INT(cases[i].label, mm_utf8_valid_bytes(out), out.len);
        MM_CHECK_INT(cases[i].label, mm_charset_offset(&charset, g.view, out.len), g.view.len);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

static void names_that_are_no_charset_are_unknown(void **state)
{
    (void)state;
    static const char *const names[] = {"",      "no-such-set", "UTF-8//TRANSLIT",
                                        "utf 8", "UTF-8\n",     "ISO-2022-CN-EXT"};
    struct mm_charset charset;
    for (size_t i = 0; i < MM_COUNT(names); i++)
        MM_CHECK_TRUE(names[i], !mm_charset_find(mm_view_of(names[i]), &charset));
    MM_CHECK_TRUE("a NUL in the name", !mm_charset_find(MM_VIEW("UTF\0-7"), &charset));
}

static void marks_say_the_charset(void **state)
{
    (void)state;
    struct mm_charset charset;
    MM_CHECK_INT("UTF-8", mm_charset_of_mark(MM_VIEW("\xef\xbb\xbf<"), &charset), 3);
    MM_CHECK_INT("UTF-8", charset.kind, MM_CHARSET_UTF8);
    MM_CHECK_INT("little", mm_charset_of_mark(MM_VIEW("\xff\xfe<\0"), &charset), 2);
    MM_CHECK_INT("little", charset.kind, MM_CHARSET_UTF16LE);
    MM_CHECK_INT("big", mm_charset_of_mark(MM_VIEW("\xfe\xff\0<"), &charset), 2);
    MM_CHECK_INT("big", charset.kind, MM_CHARSET_UTF16BE);
    MM_CHECK_INT("none", mm_charset_of_mark(MM_VIEW("\xef\xbb"), &charset), 0);
    MM_CHECK_INT("none", mm_charset_of_mark(MM_VIEW(""), &charset), 0);
}

static void offsets_lead_back_to_the_text(void **state)
{
    (void)state;
    struct mm_charset charset;
    MM_CHECK_TRUE("1252", mm_charset_find(MM_VIEW("windows-1252"), &charset));
    /* In UTF-8: e9 has two bytes, the quote three. */
    struct mm_view text = MM_VIEW("a\xe9\x93z");
    static const unsigned want[] = {0, 1, 1, 2, 2, 2, 3, 4};
    for (size_t i = 0; i < MM_COUNT(want); i++)
        MM_CHECK_INT("offset", mm_charset_offset(&charset, text, i), want[i]);
    char many[10000];
    memset(many, 0xa4, sizeof many);
    struct mm_view euros = {many, sizeof many};
    MM_CHECK_TRUE("iconv", mm_charset_find(MM_VIEW("iso-8859-15"), &charset));
    MM_CHECK_INT("far into many pieces", mm_charset_offset(&charset, euros, 3 * 9000), 9000);
    MM_CHECK_INT("behind the end", mm_charset_offset(&charset, euros, SIZE_MAX), sizeof many);
}

/* The step of many bytes against one character at a time, near every border. */
static void valid_bytes_are_those_before_the_first_fault(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "bcdefgh", "\xc3\xa9", "\xe2\x82\xac",
                                         "\xf0\x9f\x98\x80"};
    char text[400];
    uint64_t seed = 12;
    for (size_t round = 0; round < 3000; round++) {
        size_t len = 0, bytes = mm_random(&seed) % 300;
        while (len < bytes) {
            const char *piece = pieces[mm_random(&seed) % (round % 3 ? MM_COUNT(pieces) : 2)];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        if (len > 0 && round % 2)
            text[mm_random(&seed) % len] = (char)mm_random(&seed);
        struct mm_guard g = mm_guard_copy((struct mm_view){text, len});
        size_t want = 0, step;
        uint32_t code_point;
        while ((step = mm_utf8_decode(mm_view_sub(g.view, want, len - want), &code_point)) > 0)
            want += step;
        MM_CHECK_INT("valid bytes", mm_utf8_valid_bytes(g.view), want);
        mm_guard_free(&g);
    }
}

static void memory_that_is_refused_is_told(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_charset charset = {.kind = MM_CHARSET_1252};
    struct mm_view out;
    uint64_t replaced;
    char many[1000];
    memset(many, 0xe9, sizeof many);
    mm_arena_init(&arena, 100);
    MM_CHECK_INT(
        "no memory",
        mm_charset_to_utf8(&charset, (struct mm_view){many, sizeof many}, &arena, &out, &replaced),
        MM_E_NOMEM);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(text_becomes_utf8), MM_TEST(names_that_are_no_charset_are_unknown),
             MM_TEST(marks_say_the_charset), MM_TEST(offsets_lead_back_to_the_text),
             MM_TEST(valid_bytes_are_those_before_the_first_fault),
             MM_TEST(memory_that_is_refused_is_told))

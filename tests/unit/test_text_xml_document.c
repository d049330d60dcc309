/*
 * test_text_xml_document.c - the character set of an XML document, found and left behind.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_document.h"

#include "support/mm_test.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define R "\xef\xbf\xbd"

static const struct {
    const char *label;
    struct mm_view bytes, text;
    unsigned replaced;
    bool mislabelled;
} cases[] = {
    {"UTF-8 by default", TEXT("<a>\xc3\xa9</a>"), TEXT("<a>\xc3\xa9</a>"), 0, false},
    {"a mark of UTF-8", TEXT("\xef\xbb\xbf<a/>"), TEXT("<a/>"), 0, false},
    {"UTF-16, small end first", TEXT("\xff\xfe<\0a\0/\0>\0"), TEXT("<a/>"), 0, false},
    {"UTF-16, big end first", TEXT("\xfe\xff\0<\0a\0/\0>"), TEXT("<a/>"), 0, false},
    {"UTF-16 without a mark", TEXT("<\0a\0/\0>\0"), TEXT("<a/>"), 0, false},
    {"the same, big end first", TEXT("\0<\0a\0/\0>"), TEXT("<a/>"), 0, false},
    {"UTF-8 declared", TEXT("<?xml version='1.0' encoding=\"utf-8\"?><a/>"),
     TEXT("<?xml version='1.0' encoding=\"utf-8\"?><a/>"), 0, false},
    {"windows-1252 declared",
     TEXT("<?xml version='1.0' encoding = 'windows-1252'?><a>\x93\xe9</a>"),
     TEXT("<?xml version='1.0' encoding = 'windows-1252'?><a>\xe2\x80\x9c\xc3\xa9</a>"), 0, false},
    {"Latin-1 declared", TEXT("<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>\xe9</a>"),
     TEXT("<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>\xc3\xa9</a>"), 0, false},
    {"UTF-16 declared in bytes of ASCII", TEXT("<?xml version='1.0' encoding='UTF-16'?><a/>"),
     TEXT("<?xml version='1.0' encoding='UTF-16'?><a/>"), 0, true},
    {"an unknown set", TEXT("<?xml version='1.0' encoding='klingon'?><a>\xe9</a>"),
     TEXT("<?xml version='1.0' encoding='klingon'?><a>" R "</a>"), 1, true},
    {"bytes that are no UTF-8", TEXT("<a>\x91x</a>"), TEXT("<a>" R "x</a>"), 1, false},
    {"encoding= of an element is none", TEXT("<a encoding='ISO-8859-1'>\xe9</a>"),
     TEXT("<a encoding='ISO-8859-1'>" R "</a>"), 1, false},
    {"a declaration that does not end", TEXT("<?xml encoding='x"), TEXT("<?xml encoding='x"), 0,
     false},
    {"a declaration without quotes", TEXT("<?xml encoding=?>"), TEXT("<?xml encoding=?>"), 0,
     false},
    {"nothing", TEXT(""), TEXT(""), 0, false},
};

static void the_character_set_is_found(void **state)
{
    (void)state;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].bytes);
        struct mm_xml_document document;
        MM_CHECK_INT(cases[i].label, mm_xml_document_init(&document, g.view, &arena), MM_OK);
        MM_CHECK_VIEW(cases[i].label, document.text, cases[i].text);
        MM_CHECK_INT(cases[i].label, document.replaced, cases[i].replaced);
        MM_CHECK_INT(cases[i].label, document.mislabelled, cases[i].mislabelled);
        MM_CHECK_INT("the end", mm_xml_document_offset(&document, document.text.len), g.view.len);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

static void offsets_are_those_of_the_bytes(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_xml_document document;
    mm_arena_init(&arena, 1 << 20);
    MM_CHECK_INT("init", mm_xml_document_init(&document, MM_VIEW("\xff\xfe<\0\xe9\0>\0"), &arena),
                 MM_OK);
    MM_CHECK_VIEW("text", document.text, MM_VIEW("<\xc3\xa9>"));
    MM_CHECK_INT("behind a mark and two characters", mm_xml_document_offset(&document, 3), 6);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(the_character_set_is_found), MM_TEST(offsets_are_those_of_the_bytes))

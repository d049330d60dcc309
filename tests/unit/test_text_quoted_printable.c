/*
 * test_text_quoted_printable.c - escapes, soft breaks, blanks at line ends, and what is none of
 * them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/mm_test.h"
#include "text/quoted_printable.h"

static const struct {
    const char *label, *text, *plain;
    uint64_t bad;
} texts[] = {
    {"nothing", "", "", 0},
    {"escapes in either case", "=41=6a=C3=a9", "Aj\xc3\xa9", 0},
    {"soft breaks, CRLF and LF", "a=\r\nb=\nc", "abc", 0},
    {"blanks behind a soft break", "a= \t\r\nb", "ab", 0},
    {"blanks at the end of a line", "a \t\r\nb \nc ", "a\r\nb\nc", 0},
    {"an escaped blank stays", "a=20\r\nb", "a \r\nb", 0},
    {"an escape that is none", "a=zz=4", "a=zz=4", 2},
    {"a '=' before an escape", "==41", "=A", 1},
    {"a '=' at the very end", "a=", "a", 0},
    {"an escape cut by the line end", "a=4\r\n1", "a=4\r\n1", 1},
    {"empty lines", "\r\n\n=\n\n", "\r\n\n\n", 0},
    {"a bare CR is content", "a\rb=\r\nc", "a\rbc", 0},
    {"bytes of the upper half", "\xff=FF", "\xff\xff", 0},
};

static void qp_decodes_and_keeps_what_is_no_escape(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(texts[i].text));
        char out[64];
        uint64_t bad = 99;
        size_t len = mm_qp_decode(g.view, out, &bad);
        MM_CHECK_VIEW(texts[i].label, ((struct mm_view){out, len}), mm_view_of(texts[i].plain));
        MM_CHECK_INT(texts[i].label, bad, texts[i].bad);
        mm_guard_free(&g);
    }
}

static void qp_decodes_in_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        char text[64];
        size_t len = strlen(texts[i].text);
        memcpy(text, texts[i].text, len);
        len = mm_qp_decode((struct mm_view){text, len}, text, NULL);
        MM_CHECK_VIEW(texts[i].label, ((struct mm_view){text, len}), mm_view_of(texts[i].plain));
    }
}

MM_TEST_MAIN(MM_TEST(qp_decodes_and_keeps_what_is_no_escape), MM_TEST(qp_decodes_in_place))

/*
 * test_text_eol_convert.c - line ends made LF or CRLF, in steps of any size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/eol_convert.h"

#include "support/mm_test.h"

static const struct {
    const char *label;
    struct mm_view text, lf, crlf;
} cases[] = {
    {"nothing", MM_VIEW(""), MM_VIEW(""), MM_VIEW("")},
    {"no line end", MM_VIEW("a"), MM_VIEW("a"), MM_VIEW("a")},
    {"CRLF", MM_VIEW("a\r\nb\r\n"), MM_VIEW("a\nb\n"), MM_VIEW("a\r\nb\r\n")},
    {"LF", MM_VIEW("a\nb\n"), MM_VIEW("a\nb\n"), MM_VIEW("a\r\nb\r\n")},
    {"mixed", MM_VIEW("a\nb\r\nc"), MM_VIEW("a\nb\nc"), MM_VIEW("a\r\nb\r\nc")},
    {"empty lines", MM_VIEW("\n\r\n\n"), MM_VIEW("\n\n\n"), MM_VIEW("\r\n\r\n\r\n")},
    {"a CR in a line", MM_VIEW("a\rb\r\n"), MM_VIEW("a\rb\n"), MM_VIEW("a\rb\r\n")},
    {"a CR at the end", MM_VIEW("a\n\r"), MM_VIEW("a\n\r"), MM_VIEW("a\r\n\r")},
    {"content that ends in CR", MM_VIEW("a\r\r\nb\r\n"), MM_VIEW("a\r\r\nb\n"),
     MM_VIEW("a\r\r\nb\r\n")},
    {"content of one CR", MM_VIEW("\r\r\n"), MM_VIEW("\r\r\n"), MM_VIEW("\r\r\n")},
    {"many CRs", MM_VIEW("\r\r\r\r\r\n"), MM_VIEW("\r\r\r\r\r\n"), MM_VIEW("\r\r\r\r\r\n")},
    {"a NUL", MM_VIEW("a\0\r\n"), MM_VIEW("a\0\n"), MM_VIEW("a\0\r\n")},
};

static void check(const char *label, struct mm_view text, size_t step, enum mm_eol_form form,
                  struct mm_view want)
{
    struct mm_guard g = mm_guard_copy(text);
    struct mm_view rest = g.view;
    struct mm_buf out;
    mm_buf_init(&out, 1 << 20);
    while (rest.len)
        mm_eol_convert(&out, &rest, step, form);
    MM_CHECK_VIEW(label, mm_buf_view(&out), want);
    MM_CHECK_TRUE(label, mm_eol_may_change(text, form) || mm_view_eq(text, want));
    mm_buf_deinit(&out);
    mm_guard_free(&g);
}

static void text_in_its_form_is_known(void **state)
{
    (void)state;
    MM_CHECK_TRUE("LF", !mm_eol_may_change(MM_VIEW("a\nb\rc\n"), MM_EOL_TO_LF));
    MM_CHECK_TRUE("CRLF", !mm_eol_may_change(MM_VIEW("a\r\nb\rc\r\n"), MM_EOL_TO_CRLF));
    MM_CHECK_TRUE("any", !mm_eol_may_change(MM_VIEW("a\r\nb\n"), MM_EOL_AS_IS));
}

static void line_ends_are_made_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        for (size_t step = 4; step < 12; step++) {
            check(cases[i].label, cases[i].text, step, MM_EOL_TO_LF, cases[i].lf);
            check(cases[i].label, cases[i].text, step, MM_EOL_TO_CRLF, cases[i].crlf);
            check(cases[i].label, cases[i].text, step, MM_EOL_AS_IS, cases[i].text);
        }
}

/* Random texts of few different bytes: any step gives what one step gives, and what comes out of
 * one form and back from the other is the same text to a reader of mail. */
static void steps_make_no_difference(void **state)
{
    (void)state;
    uint64_t seed = 5322;
    for (int round = 0; round < 4000; round++) {
        char text[64];
        struct mm_buf lf, crlf, back;
        size_t len = mm_random(&seed) % sizeof text;
        for (size_t i = 0; i < len; i++)
            text[i] = "\r\na"[mm_random(&seed) % 3];
        struct mm_view v = {text, len}, rest = v;
        mm_buf_init(&lf, 1 << 10);
        mm_buf_init(&crlf, 1 << 10);
        mm_buf_init(&back, 1 << 10);
        mm_eol_convert(&lf, &rest, sizeof text, MM_EOL_TO_LF);
        rest = v;
        mm_eol_convert(&crlf, &rest, sizeof text, MM_EOL_TO_CRLF);
        check("LF", v, 4 + mm_random(&seed) % 8, MM_EOL_TO_LF, mm_buf_view(&lf));
        check("CRLF", v, 4 + mm_random(&seed) % 8, MM_EOL_TO_CRLF, mm_buf_view(&crlf));
        rest = mm_buf_view(&lf);
        mm_eol_convert(&back, &rest, 1 << 10, MM_EOL_TO_CRLF);
        MM_CHECK_VIEW("LF, read as CRLF", mm_buf_view(&back), mm_buf_view(&crlf));
        mm_buf_deinit(&lf);
        mm_buf_deinit(&crlf);
        mm_buf_deinit(&back);
    }
}

MM_TEST_MAIN(MM_TEST(text_in_its_form_is_known), MM_TEST(line_ends_are_made_alike),
             MM_TEST(steps_make_no_difference))

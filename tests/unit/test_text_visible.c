/*
 * test_text_visible.c - bytes shown one by one, and only in a way that stands for them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/visible.h"

#include "support/mm_test.h"

#define DOT "\xc2\xb7"

static const struct {
    const char *label;
    struct mm_view text;
    const char *shown;
} cases[] = {
    {"nothing", {"", 0}, ""},
    {"a line", {"a b\r\n", 5}, "| a" DOT "b\\r\\n\n"},
    {"lines", {"a\n\r\nb", 5}, "| a\\n\n| \\r\\n\n| b\n"},
    {"a CR alone", {"a\rb", 3}, "| a\\rb\n"},
    {"tab and backslash", {"\t\\t", 3}, "| \\t\\\\t\n"},
    {"controls", {"\0\033[31m\177", 7}, "| \\x00\\x1b[31m\\x7f\n"},
    {"a raised dot of its own", {DOT, 2}, "| \\xc2\\xb7\n"},
    {"UTF-8 is bytes", {"\xc3\xbc", 2}, "| \\xc3\\xbc\n"},
};

static void each_byte_has_its_form(void **state)
{
    (void)state;
    struct mm_buf out;
    mm_buf_init(&out, 4096);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].text);
        mm_buf_clear(&out);
        mm_visible_lines(&out, g.view, "| ");
        MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), mm_view_of(cases[i].shown));
        mm_guard_free(&g);
    }
    mm_buf_deinit(&out);
}

static void no_two_bytes_look_alike(void **state)
{
    (void)state;
    char shown[256][8] = {{0}};
    struct mm_buf out;
    mm_buf_init(&out, 64);
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        mm_buf_clear(&out);
        mm_visible_lines(&out, (struct mm_view){&byte, 1}, "");
        assert_true(out.len > 1 && out.len <= sizeof shown[c]);
        memcpy(shown[c], out.data, out.len - 1);
        for (int other = 0; other < c; other++)
            assert_string_not_equal(shown[c], shown[other]);
    }
    mm_buf_deinit(&out);
}

MM_TEST_MAIN(MM_TEST(each_byte_has_its_form), MM_TEST(no_two_bytes_look_alike))

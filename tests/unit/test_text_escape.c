/*
 * test_text_escape.c - a stranger's bytes on a terminal, as JSON and for a shell.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/escape.h"

#include "support/mm_test.h"

static const struct {
    const char *label;
    struct mm_view text;
    const char *line, *json, *shell;
} cases[] = {
    {"a path", MM_VIEW("a/b-1_c.eml"), "a/b-1_c.eml", "\"a/b-1_c.eml\"", "a/b-1_c.eml"},
    {"nothing", MM_VIEW(""), "", "\"\"", "''"},
    {"a blank", MM_VIEW("a b"), "a b", "\"a b\"", "'a b'"},
    {"a quote", MM_VIEW("it's"), "it's", "\"it's\"", "'it'\\''s'"},
    {"what a shell expands", MM_VIEW("$(x) `y` *"), "$(x) `y` *", "\"$(x) `y` *\"", "'$(x) `y` *'"},
    {"a home", MM_VIEW("~"), "~", "\"~\"", "'~'"},
    {"a backslash", MM_VIEW("a\\b"), "a\\b", "\"a\\\\b\"", "'a\\b'"},
    {"an escape sequence", MM_VIEW("\033[2J"), "\\x1b[2J", "\"\\u001b[2J\"", "$'\\x1b[2J'"},
    {"a quote beside it", MM_VIEW("\n'\\"), "\\x0a'\\", "\"\\n'\\\\\"", "$'\\x0a\\x27\\x5c'"},
    {"UTF-8", MM_VIEW("\xc3\xb6"), "\xc3\xb6", "\"\xc3\xb6\"", "'\xc3\xb6'"},
    {"no UTF-8", MM_VIEW("\xff"), "\\xff", "\"\\u00ff\"", "$'\\xff'"},
    {"C1 control", MM_VIEW("\xc2\x9b"), "\\xc2\\x9b", "\"\\u00c2\\u009b\"", "$'\\xc2\\x9b'"},
    {"turns the text around it", MM_VIEW("\xe2\x80\xae"), "\\xe2\\x80\\xae", "\"\\u202e\"",
     "$'\\xe2\\x80\\xae'"},
    {"zero width", MM_VIEW("\xe2\x80\x8b"), "\\xe2\\x80\\x8b", "\"\xe2\x80\x8b\"",
     "$'\\xe2\\x80\\x8b'"},
    {"joins", MM_VIEW("\xe2\x80\x8d"), "\\xe2\\x80\\x8d", "\"\xe2\x80\x8d\"", "$'\\xe2\\x80\\x8d'"},
    {"byte order mark", MM_VIEW("\xef\xbb\xbf"), "\\xef\\xbb\\xbf", "\"\xef\xbb\xbf\"",
     "$'\\xef\\xbb\\xbf'"},
    {"a tag", MM_VIEW("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81", "\"\xf3\xa0\x81\x81\"",
     "$'\\xf3\\xa0\\x81\\x81'"},
    {"NUL", MM_VIEW("a\0b"), "a\\x00b", "\"a\\u0000b\"", "$'a\\x00b'"},
};

static void check(const char *label, size_t (*escape)(struct mm_view, char *, size_t),
                  struct mm_view text, const char *want)
{
    char out[64];
    size_t len = escape(text, out, sizeof out);
    MM_CHECK_VIEW(label, ((struct mm_view){out, len}), mm_view_of(want));
    MM_CHECK_INT(label, out[len], 0);
    for (size_t cap = 0; cap <= strlen(want); cap++) {
        memset(out, '#', sizeof out);
        len = escape(text, out, cap);
        MM_CHECK_TRUE(label, cap == 0 || (len < cap && out[len] == '\0'));
        MM_CHECK_TRUE(label, strncmp(out, want, len) == 0);
        MM_CHECK_INT(label, out[cap], '#');
    }
}

static void bytes_of_strangers_are_shown_and_not_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].text);
        check(cases[i].label, mm_escape_line, g.view, cases[i].line);
        check(cases[i].label, mm_escape_json, g.view, cases[i].json);
        check(cases[i].label, mm_escape_shell, g.view, cases[i].shell);
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(bytes_of_strangers_are_shown_and_not_sent))

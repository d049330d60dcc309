/*
 * test_text_json_write.c - strings of any bytes as JSON, and back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/json_write.h"

#include "support/mm_test.h"
#include "text/json_pull.h"

static const struct {
    const char *label;
    struct mm_view text, want;
    bool raw;
} cases[] = {
    {"empty", MM_VIEW(""), MM_VIEW("\"\""), false},
    {"plain", MM_VIEW("a/b c.eml"), MM_VIEW("\"a/b c.eml\""), false},
    {"quote and backslash", MM_VIEW("a\"b\\c"), MM_VIEW("\"a\\\"b\\\\c\""), false},
    {"in the ninth byte", MM_VIEW("12345678\"0"), MM_VIEW("\"12345678\\\"0\""), false},
    {"named controls", MM_VIEW("\b\f\n\r\t"), MM_VIEW("\"\\b\\f\\n\\r\\t\""), false},
    {"NUL, ESC, DEL", MM_VIEW("\0\x1b\x7f"), MM_VIEW("\"\\u0000\\u001b\\u007f\""), false},
    {"two bytes", MM_VIEW("caf\xc3\xa9"), MM_VIEW("\"caf\xc3\xa9\""), false},
    {"three and four", MM_VIEW("\xe2\x82\xac\xf0\x9f\x92\x8c"),
     MM_VIEW("\"\xe2\x82\xac\xf0\x9f\x92\x8c\""), false},
    {"line separators", MM_VIEW("\xe2\x80\xa8\xe2\x80\xa9"), MM_VIEW("\"\\u2028\\u2029\""), false},
    {"right-to-left override",
     MM_VIEW("a\xe2\x80\xae"
             "b"),
     MM_VIEW("\"a\\u202eb\""), false},
    {"isolates and marks", MM_VIEW("\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c"),
     MM_VIEW("\"\\u2066\\u200f\\u061c\""), false},
    {"Latin-1", MM_VIEW("caf\xe9!"), MM_VIEW("\"caf\\u00e9!\""), true},
    {"overlong slash", MM_VIEW("\xc0\xaf"), MM_VIEW("\"\\u00c0\\u00af\""), true},
    {"surrogate", MM_VIEW("\xed\xa0\x80"), MM_VIEW("\"\\u00ed\\u00a0\\u0080\""), true},
    {"above U+10FFFF", MM_VIEW("\xf4\x90\x80\x80"), MM_VIEW("\"\\u00f4\\u0090\\u0080\\u0080\""),
     true},
    {"cut short", MM_VIEW("\xe2\x82"), MM_VIEW("\"\\u00e2\\u0082\""), true},
    {"C1 control", MM_VIEW("\xc2\x9b"), MM_VIEW("\"\\u00c2\\u009b\""), true},
};

static void json_string_is_safe_for_any_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(cases[i].text);
        struct mm_buf out;
        bool raw = false;
        mm_buf_init(&out, 1024);
        mm_json_string(&out, g.view, &raw);
        MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), cases[i].want);
        MM_CHECK_INT(cases[i].label, raw, cases[i].raw);
        mm_buf_clear(&out);
        mm_json_string(&out, g.view, NULL);
        MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), cases[i].want);
        mm_buf_deinit(&out);
        mm_guard_free(&g);
    }
}

/* What was written, read again with \u0080..\u00ff as bytes. */
static struct mm_view read_back(struct mm_view json, char *room)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    mm_json_pull_init(&p, json);
    MM_CHECK_INT("one string", mm_json_pull_next(&p, &token), MM_OK);
    MM_CHECK_INT("one string", token.kind, MM_JSON_STRING);
    size_t len = mm_json_unescape(token.text, true, room);
    MM_CHECK_INT("and nothing else", mm_json_pull_next(&p, &token), MM_END);
    return (struct mm_view){room, len};
}

static void json_string_gives_every_byte_back(void **state)
{
    (void)state;
    struct mm_buf out;
    char room[4096];
    mm_buf_init(&out, sizeof room);
    for (unsigned value = 0; value < 256; value++)
        for (size_t before = 0; before < 10; before++) {
            char text[12];
            memset(text, 'x', sizeof text);
            text[before] = (char)value;
            struct mm_view v = {text, before + 2};
            mm_buf_clear(&out);
            mm_json_string(&out, v, NULL);
            MM_CHECK_VIEW("one odd byte", read_back(mm_buf_view(&out), room), v);
        }
    mm_buf_deinit(&out);
}

static void json_string_gives_random_bytes_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    struct mm_buf out;
    char text[200], room[4096];
    mm_buf_init(&out, sizeof room);
    for (int round = 0; round < 20000; round++) {
        struct mm_view v = {text, mm_random(&seed) % sizeof text};
        uint64_t kind = mm_random(&seed) % 3; /* ASCII, bytes, mostly continued sequences */
        for (size_t i = 0; i < v.len; i++) {
            uint64_t r = mm_random(&seed);
            text[i] = (char)(kind == 0 ? 0x20 + r % 0x60 : kind == 1 ? r : 0x80 | r % 0x78);
        }
        mm_buf_clear(&out);
        mm_json_string(&out, v, NULL);
        for (size_t i = 0; i < out.len; i++)
            MM_CHECK_TRUE("no control byte",
                          (unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
        MM_CHECK_VIEW("random bytes", read_back(mm_buf_view(&out), room), v);
    }
    mm_buf_deinit(&out);
}

static void json_string_beyond_the_maximum_marks_the_buffer(void **state)
{
    (void)state;
    static const char text[600];
    struct mm_buf out;
    mm_buf_init(&out, 512);
    mm_json_string(&out, (struct mm_view){text, sizeof text}, NULL);
    MM_CHECK_TRUE("failed", out.failed);
    MM_CHECK_TRUE("within", out.len <= 512);
    mm_buf_deinit(&out);
}

static void json_text_keeps_each_character(void **state)
{
    static const struct {
        const char *text, *want;
    } characters[] = {
        {"plain", "\"plain\""},
        {"\xc2\x80\xc2\x9f\xc2\xa0\xc3\xbf", "\"\\u0080\\u009f\xc2\xa0\xc3\xbf\""},
        {"\x1b\x7f\"\\", "\"\\u001b\\u007f\\\"\\\\\""},
        {"\xe2\x80\xae\xe2\x82\xac", "\"\\u202e\xe2\x82\xac\""},
        {"\xff\xc2", "\"\\u00ff\\u00c2\""},
    };
    struct mm_buf out;
    (void)state;
    mm_buf_init(&out, 512);
    for (size_t i = 0; i < MM_COUNT(characters); i++) {
        mm_buf_clear(&out);
        mm_json_text(&out, mm_view_of(characters[i].text));
        MM_CHECK_VIEW(characters[i].want, mm_buf_view(&out), mm_view_of(characters[i].want));
    }
    mm_buf_deinit(&out);
}

MM_TEST_MAIN(MM_TEST(json_text_keeps_each_character), MM_TEST(json_string_is_safe_for_any_bytes),
             MM_TEST(json_string_gives_every_byte_back),
             MM_TEST(json_string_gives_random_bytes_back),
             MM_TEST(json_string_beyond_the_maximum_marks_the_buffer))

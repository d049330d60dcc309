/*
 * test_report_fields_block.c - fields of feedback reports and notices, however they are broken.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/fields_block.h"
#include "support/mm_test.h"

/* `want`: "name=value" of each field with "|" behind it, "/" in front of one after an empty line.
 */
static const struct {
    const char *label, *text, *want;
} cases[] = {
    {"LF", "A: 1\nB: 2\n", "/A=1|B=2|"},
    {"CRLF", "A: 1\r\nB: 2\r\n", "/A=1|B=2|"},
    {"bare CR", "A: 1\rB: 2\r", "/A=1|B=2|"},
    {"no line end at the end", "A: 1\nB: 2", "/A=1|B=2|"},
    {"groups", "A: 1\n\nB: 2\n", "/A=1|/B=2|"},
    {"groups with bare CR", "A: 1\r\rB: 2\r", "/A=1|/B=2|"},
    {"empty lines in front", "\n\r\nA: 1\n", "/A=1|"},
    {"a line of blanks is empty", "A: 1\n \t\nB: 2\n", "/A=1|/B=2|"},
    {"folds are one blank", "A: 1\n   2\n\t3\nB: 4\n", "/A=1 2 3|B=4|"},
    {"a break without an indent", "A: 550-one\n550 two: three\nB: 4\n",
     "/A=550-one 550 two: three|B=4|"},
    {"blanks in front of the colon", "A : 1\n", "/A=1|"},
    {"no value", "A:\nB: \n", "/A=|B=|"},
    {"a value on the next line", "A:\n 1\n", "/A=1|"},
    {"colons in the value", "A: b: c\n", "/A=b: c|"},
    {"lines in front that are no field", "hello you\nA: 1\n", "/A=1|"},
    {"runs of blanks", "A:  1   2\t3 \n", "/A=1 2 3|"},
    {"no name", ": 1\nA: 2\n", "/A=2|"},
    {"nothing", "", ""},
};

static void blocks_are_read_as_their_writers_meant_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        struct mm_arena arena;
        struct mm_block_iter it;
        struct mm_block_field field;
        char got[256];
        size_t len = 0;
        enum mm_status st;
        mm_arena_init(&arena, 1 << 16);
        mm_block_begin(&it, g.view, &arena);
        while ((st = mm_block_next(&it, &field)) == MM_OK)
            len += (size_t)snprintf(got + len, sizeof got - len, "%s%.*s=%.*s|",
                                    field.after_blank ? "/" : "", (int)field.name.len,
                                    field.name.data, (int)field.value.len, field.value.data);
        MM_CHECK_INT(cases[i].label, st, MM_END);
        MM_CHECK_VIEW(cases[i].label, ((struct mm_view){got, len}), mm_view_of(cases[i].want));
        mm_arena_deinit(&arena);
        mm_guard_free(&g);
    }
}

static void a_typed_value_is_parted_from_its_type(void **state)
{
    (void)state;
    struct mm_view type;
    MM_CHECK_VIEW("typed", mm_block_typed(MM_VIEW("rfc822; a@b"), &type), MM_VIEW("a@b"));
    MM_CHECK_VIEW("its type", type, MM_VIEW("rfc822"));
    MM_CHECK_VIEW("without a type", mm_block_typed(MM_VIEW(" a@b "), &type), MM_VIEW("a@b"));
    assert_null(type.data);
}

MM_TEST_MAIN(MM_TEST(blocks_are_read_as_their_writers_meant_them),
             MM_TEST(a_typed_value_is_parted_from_its_type))

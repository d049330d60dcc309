/*
 * test_dkim_tag_list.c - well-formed, folded, malformed and hostile tag lists.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/tag_list.h"
#include "support/mm_test.h"

static const struct {
    const char *label, *text;
    size_t count;
    enum mm_status status;
    size_t fault_offset;
} cases[] = {
    {"two tags", "v=1; a=rsa-sha256", 2, MM_OK, 0},
    {"trailing semicolon", "v=1; a=rsa-sha256;", 2, MM_OK, 0},
    {"fold behind the last semicolon", "v=1;\r\n\t ", 1, MM_OK, 0},
    {"folds around everything", "\r\n v\r\n =\r\n 1 ;\n\ta = b", 2, MM_OK, 0},
    {"empty value", "v=DKIM1; p=", 2, MM_OK, 0},
    {"equals signs in a value", "b=AA==; h=x", 2, MM_OK, 0},
    {"names with digits and underscores", "a1_=x; B=y", 2, MM_OK, 0},
    {"names differ in case", "d=x; D=y", 2, MM_OK, 0},
    {"empty text", "", 0, MM_E_SYNTAX, 0},
    {"blanks only", " \r\n ", 0, MM_E_SYNTAX, 0},
    {"one semicolon", ";", 0, MM_E_SYNTAX, 0},
    {"empty tag in the middle", "v=1;; a=b", 1, MM_E_SYNTAX, 4},
    {"empty tag at the end", "v=1; ;", 1, MM_E_SYNTAX, 4},
    {"no equals", "v=1; x; a=b", 1, MM_E_SYNTAX, 4},
    {"no name", "v=1;=b", 1, MM_E_SYNTAX, 4},
    {"name begins with a digit", "1a=b", 0, MM_E_SYNTAX, 0},
    {"blank inside a name", "a b=c", 0, MM_E_SYNTAX, 0},
    {"hyphen in a name", "a-b=c", 0, MM_E_SYNTAX, 0},
    {"the same name twice", "d=x; s=y; d=x", 2, MM_E_SYNTAX, 9},
};

static void list_is_judged_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].text));
        struct mm_tag_list list;
        MM_CHECK_INT(cases[i].label, mm_tag_list_parse(g.view, &list), cases[i].status);
        MM_CHECK_INT(cases[i].label, list.count, cases[i].count);
        MM_CHECK_INT(cases[i].label, list.fault_offset, cases[i].fault_offset);
        mm_guard_free(&g);
    }
}

static void values_are_trimmed_and_kept_raw(void **state)
{
    (void)state;
    struct mm_tag_list list;
    assert_int_equal(mm_tag_list_parse(MM_VIEW("v = 1 ; b=\r\n A B\r\n\t;x=;"), &list), MM_OK);
    const struct mm_tag *b = mm_tag_find(&list, MM_VIEW("b"));
    assert_non_null(b);
    MM_CHECK_VIEW("b", b->value, MM_VIEW("A B"));
    MM_CHECK_VIEW("b", b->raw_value, MM_VIEW("\r\n A B\r\n\t"));
    MM_CHECK_VIEW("v", mm_tag_find(&list, MM_VIEW("v"))->value, MM_VIEW("1"));
    MM_CHECK_INT("x", mm_tag_find(&list, MM_VIEW("x"))->value.len, 0);
    MM_CHECK_TRUE("case", mm_tag_find(&list, MM_VIEW("B")) == NULL);
    MM_CHECK_TRUE("absent", mm_tag_find(&list, MM_VIEW("bh")) == NULL);
}

static void tags_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    char text[MM_TAGS_MAX * 8 + 16];
    size_t len = 0;
    struct mm_tag_list list;
    for (int i = 0; i < MM_TAGS_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "t%d=;", i);
    assert_int_equal(mm_tag_list_parse((struct mm_view){text, len}, &list), MM_OK);
    assert_int_equal(list.count, MM_TAGS_MAX);
    memcpy(text + len, "u=", 2);
    assert_int_equal(mm_tag_list_parse((struct mm_view){text, len + 2}, &list), MM_E_LIMIT);
    assert_int_equal(list.fault_offset, len);
}

static void hostile_bytes_stay_inside_the_text(void **state)
{
    (void)state;
    static const char alphabet[] = "ab=;; \t\r\n\0\xff";
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t len = mm_random(&seed) % sizeof(text);
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[mm_random(&seed) % (sizeof(alphabet) - 1)];
        struct mm_guard g = mm_guard_copy((struct mm_view){text, len});
        struct mm_tag_list list;
        enum mm_status status = mm_tag_list_parse(g.view, &list);
        assert_true(status == MM_OK || status == MM_E_SYNTAX);
        assert_true(list.fault_offset <= len);
        for (size_t i = 0; i < list.count; i++)
            assert_ptr_equal(mm_tag_find(&list, list.tags[i].name), &list.tags[i]);
        mm_guard_free(&g);
    }
}

MM_TEST_MAIN(MM_TEST(list_is_judged_whole), MM_TEST(values_are_trimmed_and_kept_raw),
             MM_TEST(tags_beyond_the_limit_are_refused),
             MM_TEST(hostile_bytes_stay_inside_the_text))

/*
 * test_dkim_header_select.c - which instances h= takes, and the signature field with b= emptied.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/header_select.h"
#include "support/mm_test.h"

static const char message[] = "A: 1\r\n"
                              "B: 2\r\n"
                              "a: 3\r\n"
                              "DKIM-Signature: one\r\n"
                              "A : 4\r\n"
                              "dkim-signature: two\r\n"
                              "no colon here\r\n"
                              "C:\r\n"
                              " 5\r\n"
                              "\r\nbody";

static const struct {
    const char *label, *names;
    uint32_t self;
    const char *relaxed;
} cases[] = {
    {"lowest first", "a", MM_FIELD_NONE, "a:4\r\n"},
    {"upwards, any case", "A:a : A", MM_FIELD_NONE, "a:4\r\na:3\r\na:1\r\n"},
    {"used up adds nothing", "a:a:a:a:b", MM_FIELD_NONE, "a:4\r\na:3\r\na:1\r\nb:2\r\n"},
    {"absent adds nothing", "x:b:y", MM_FIELD_NONE, "b:2\r\n"},
    {"folds are white space", "c:\r\n b", MM_FIELD_NONE, "c:5\r\nb:2\r\n"},
    {"another signature", "dkim-signature", MM_FIELD_NONE, "dkim-signature:two\r\n"},
    {"not the field itself, lowest", "dkim-signature:dkim-signature", 5, "dkim-signature:one\r\n"},
    {"not the field itself, upper", "dkim-signature:dkim-signature", 3, "dkim-signature:two\r\n"},
};

static void names_take_fields_from_the_bottom_up(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_msg msg;
    struct mm_buf out;
    uint32_t cursors[8];
    mm_arena_init(&arena, 1024 * 1024);
    mm_buf_init(&out, 4096);
    assert_int_equal(mm_msg_index(&msg, mm_view_of(message), &arena), MM_OK);
    assert_int_equal(msg.field_count, 7);
    assert_true(msg.name_count <= MM_COUNT(cursors));
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        mm_buf_clear(&out);
        mm_header_select(&out, &msg, mm_view_of(cases[i].names), cases[i].self, MM_CANON_RELAXED,
                         cursors);
        MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), mm_view_of(cases[i].relaxed));
    }
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

static void simple_keeps_every_byte_of_a_field(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_msg msg;
    struct mm_buf out;
    uint32_t cursors[8];
    mm_arena_init(&arena, 1024 * 1024);
    mm_buf_init(&out, 4096);
    assert_int_equal(mm_msg_index(&msg, mm_view_of(message), &arena), MM_OK);
    mm_header_select(&out, &msg, MM_VIEW("a:c"), MM_FIELD_NONE, MM_CANON_SIMPLE, cursors);
    MM_CHECK_VIEW("simple", mm_buf_view(&out), MM_VIEW("A : 4\r\nC:\r\n 5\r\n"));
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

/* '{' and '}' stand for the ends of what is emptied. */
static const struct {
    const char *label, *field, *simple, *relaxed;
} signatures[] = {
    {"b= last", "DKIM-Signature: a=x; b={AB\r\n CD}",
     "DKIM-Signature: a=x; b=", "dkim-signature:a=x; b="},
    {"b= first", "DKIM-Signature: b={AB}; a=x", "DKIM-Signature: b=; a=x",
     "dkim-signature:b=; a=x"},
    {"blanks around", "Dkim-Signature:\r\n b ={ AB }; bh=y; xb=z ",
     "Dkim-Signature:\r\n b =; bh=y; xb=z ", "dkim-signature:b =; bh=y; xb=z"},
    {"trailing semicolon", "DKIM-Signature: b={AB};", "DKIM-Signature: b=;", "dkim-signature:b=;"},
};

static void only_the_value_of_b_is_emptied(void **state)
{
    (void)state;
    struct mm_buf out, scratch;
    mm_buf_init(&out, 4096);
    mm_buf_init(&scratch, 4096);
    for (size_t i = 0; i < MM_COUNT(signatures); i++) {
        char text[200];
        const char *open = strchr(signatures[i].field, '{'), *close = strchr(open, '}');
        size_t head = (size_t)(open - signatures[i].field), inner = (size_t)(close - open) - 1;
        int len = snprintf(text, sizeof text, "%.*s%.*s%s", (int)head, signatures[i].field,
                           (int)inner, open + 1, close + 1);
        struct mm_guard g = mm_guard_copy((struct mm_view){text, (size_t)len});
        size_t value_at = (size_t)(strchr(text, ':') - text) + 1;
        for (int canon = MM_CANON_SIMPLE; canon <= MM_CANON_RELAXED; canon++) {
            mm_buf_clear(&out);
            mm_header_select_signature(&out, g.view, value_at, mm_view_sub(g.view, head, inner),
                                       (enum mm_canon)canon, &scratch);
            MM_CHECK_VIEW(signatures[i].label, mm_buf_view(&out),
                          mm_view_of(canon == MM_CANON_SIMPLE ? signatures[i].simple
                                                              : signatures[i].relaxed));
        }
        mm_guard_free(&g);
    }
    mm_buf_deinit(&out);
    mm_buf_deinit(&scratch);
}

MM_TEST_MAIN(MM_TEST(names_take_fields_from_the_bottom_up),
             MM_TEST(simple_keeps_every_byte_of_a_field), MM_TEST(only_the_value_of_b_is_emptied))

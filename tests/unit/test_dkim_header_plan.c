/*
 * test_dkim_header_plan.c - h= for a message: the default list, lists as given, oversigning.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/header_plan.h"
#include "support/mm_test.h"

static const char message[] = "Received: 1\r\n"
                              "To: a\r\n"
                              "from: a@b.example\r\n"
                              "TO: b\r\n"
                              "Feedback-ID: x\r\n"
                              "List-Unsubscribe: <https://u.example/>\r\n"
                              "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                              "Message-ID: <1@b.example>\r\n"
                              "\r\n";

static const struct {
    const char *label, *headers, *oversign, *want;
    bool absent;
} cases[] = {
    {"default", NULL, NULL, "from:to:to:list-unsubscribe:list-unsubscribe-post:feedback-id:from",
     false},
    {"default, nothing oversigned", NULL, "",
     "from:to:to:list-unsubscribe:list-unsubscribe-post:feedback-id", false},
    {"as given", "From:To:Subject:Received", "", "From:To:Received", false},
    {"commas and blanks", "From, to ,TO,to,to", "", "From:to:TO", false},
    {"oversigned once more, present or not", "from:to", "From,Subject", "from:to:From:Subject",
     true},
    {"oversigned twice", "from", "from:from", "from:from:from", false},
    {"oversigned, and not in the list", "from", "from:to", "from:from:to:to:to", false},
    {"oversigned, and in the list less often", "from:To", "to", "from:To:to:to", false},
    {"oversigned twice, and in the list less often", "to:from", "TO:to", "to:from:TO:TO:to", false},
    {"oversigned, and no field of the default list", NULL, "received",
     "from:to:to:list-unsubscribe:list-unsubscribe-post:feedback-id:received:received", false},
};

static void lists_follow_the_message(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_msg msg;
    struct mm_buf out;
    mm_arena_init(&arena, 1024 * 1024);
    mm_buf_init(&out, 4096);
    assert_int_equal(mm_msg_index(&msg, mm_view_of(message), &arena), MM_OK);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_header_plan *plan;
        struct mm_error err;
        assert_int_equal(mm_header_plan_new(cases[i].headers, cases[i].oversign, &plan, &err),
                         MM_OK);
        mm_buf_clear(&out);
        struct mm_header_plan_result result = mm_header_plan_apply(plan, &msg, &out);
        MM_CHECK_VIEW(cases[i].label, mm_buf_view(&out), mm_view_of(cases[i].want));
        MM_CHECK_INT(cases[i].label, result.oversigned_absent, cases[i].absent);
        size_t colons = 0;
        for (const char *at = cases[i].want; *at; at++)
            colons += *at == ':';
        MM_CHECK_INT(cases[i].label, result.name_count, colons + 1);
        mm_header_plan_free(&plan);
    }
    mm_buf_deinit(&out);
    mm_arena_deinit(&arena);
}

static void lists_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *label, *headers, *oversign, *word;
    } bad[] = {
        {"without From", "to:subject", NULL, "From"},
        {"empty", "", NULL, "From"},
        {"empty name", "from::to", NULL, "no header field name"},
        {"trailing colon", "from:", NULL, "no header field name"},
        {"blank inside", "from:re ply", NULL, "no header field name"},
        {"semicolon", "from;to", NULL, "no header field name"},
        {"8-bit", "from:\xc3\xbc", NULL, "no header field name"},
        {"oversigned signature", NULL, "from:DKIM-Signature", "DKIM-Signature"},
    };
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        struct mm_header_plan *plan;
        struct mm_error err = {.text = ""};
        MM_CHECK_INT(bad[i].label, mm_header_plan_new(bad[i].headers, bad[i].oversign, &plan, &err),
                     MM_E_ARG);
        MM_CHECK_TRUE(bad[i].label, plan == NULL && strstr(err.text, bad[i].word));
    }
}

MM_TEST_MAIN(MM_TEST(lists_follow_the_message), MM_TEST(lists_that_cannot_be_are_refused))

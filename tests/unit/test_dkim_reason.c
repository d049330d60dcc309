/*
 * test_dkim_reason.c - every reason has a slug of its own, a sentence and a section.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/reason.h"
#include "support/mm_test.h"

static void slugs_are_distinct_lower_case_words(void **state)
{
    (void)state;
    assert_string_equal(mm_reason_slug(MM_REASON_NONE), "");
    for (int i = 1; i < MM_REASON_COUNT; i++) {
        const char *slug = mm_reason_slug((enum mm_reason)i);
        MM_CHECK_TRUE(slug,
                      slug[0] != '\0' &&
                          strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(slug));
        for (int k = 1; k < i; k++)
            MM_CHECK_TRUE(slug, strcmp(slug, mm_reason_slug((enum mm_reason)k)) != 0);
    }
}

static void every_reason_but_none_explains_a_result_that_is_no_pass(void **state)
{
    (void)state;
    assert_int_equal(mm_reason_result(MM_REASON_NONE), MM_DKIM_PASS);
    for (int i = 1; i < MM_REASON_COUNT; i++) {
        enum mm_reason reason = (enum mm_reason)i;
        const char *slug = mm_reason_slug(reason), *text = mm_reason_text(reason);
        MM_CHECK_TRUE(slug, mm_reason_result(reason) > MM_DKIM_PASS);
        MM_CHECK_TRUE(slug, reason == MM_REASON_NO_KEY_SOURCE || strstr(text, "RFC ") != NULL);
    }
}

static void results_have_the_words_of_rfc_8601(void **state)
{
    (void)state;
    static const char *const words[] = {"none",    "pass",      "fail",     "policy",
                                        "neutral", "temperror", "permerror"};
    for (size_t i = 0; i < MM_COUNT(words); i++)
        assert_string_equal(mm_dkim_result_word((enum mm_dkim_result)i), words[i]);
}

MM_TEST_MAIN(MM_TEST(slugs_are_distinct_lower_case_words),
             MM_TEST(every_reason_but_none_explains_a_result_that_is_no_pass),
             MM_TEST(results_have_the_words_of_rfc_8601))

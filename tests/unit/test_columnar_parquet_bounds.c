/*
 * test_columnar_parquet_bounds.c - the least and the greatest value, cut where a text is long.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_bounds.h"
#include "support/mm_test.h"

#define TEN     "0123456789"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define LAST    "\xf4\x8f\xbf\xbf" /* U+10FFFF */
#define SIXTEEN LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST LAST

static struct mm_bounds bounds_of(const char *text)
{
    struct mm_range range = {.any = false};
    mm_range_add_text(&range, mm_view_of(text));
    return mm_bounds_of(MM_PARQUET_BYTE_ARRAY, &range);
}

static const struct {
    const char *label, *text, *low, *high; /* high NULL: not known */
    bool exact;
} cases[] = {
    {"empty", "", "", "", true},
    {"64 bytes are kept", SIXTY "abcd", SIXTY "abcd", SIXTY "abcd", true},
    {"65 are cut, and the last one is raised", SIXTY "abcde", SIXTY "abcd", SIXTY "abce", false},
    {"DEL becomes a character of two bytes",
     SIXTY "abc\x7f"
           "e",
     SIXTY "abc\x7f",
     SIXTY "abc"
           "\xc2\x80",
     false},
    {"no character is cut through", SIXTY "abc\xc3\xa9", SIXTY "abc", SIXTY "abd", false},
    {"nor one of four bytes", SIXTY "a\xf0\x90\x80\x80", SIXTY "a", SIXTY "b", false},
    {"the last one of two bytes", SIXTY "ab\xdf\xbf!", SIXTY "ab\xdf\xbf", SIXTY "ab\xe0\xa0\x80",
     false},
    {"surrogates are no characters", SIXTY "a\xed\x9f\xbf!", SIXTY "a\xed\x9f\xbf",
     SIXTY "a\xee\x80\x80", false},
    {"the last one of three bytes", SIXTY "a\xef\xbf\xbf!", SIXTY "a\xef\xbf\xbf",
     SIXTY "a\xf0\x90\x80\x80", false},
    {"what cannot be raised is left out", TEN TEN TEN TEN TEN "012345" LAST LAST "!",
     TEN TEN TEN TEN TEN "012345" LAST LAST, TEN TEN TEN TEN TEN "012346", false},
    {"of the highest characters 64 bytes are kept", SIXTEEN, SIXTEEN, SIXTEEN, true},
    {"nothing lies above more of them", SIXTEEN "!", SIXTEEN, NULL, false},
};

static void texts_are_cut_on_the_right_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_bounds b = bounds_of(cases[i].text);
        MM_CHECK_INT(cases[i].label, b.known, cases[i].high != NULL);
        MM_CHECK_VIEW(cases[i].label, mm_bound_view(&b.low), mm_view_of(cases[i].low));
        MM_CHECK_INT(cases[i].label, b.low.exact, cases[i].exact);
        if (!cases[i].high)
            continue;
        MM_CHECK_VIEW(cases[i].label, mm_bound_view(&b.high), mm_view_of(cases[i].high));
        MM_CHECK_INT(cases[i].label, b.high.exact, cases[i].exact);
        MM_CHECK_TRUE(cases[i].label, mm_view_cmp(mm_view_of(cases[i].text), //
                                                  mm_bound_view(&b.high)) <= 0);
    }
}

static void numbers_are_compared_by_value(void **state)
{
    (void)state;
    static const int64_t numbers[] = {3, -1, INT64_MAX, 0, INT64_MIN};
    struct mm_range range = {.any = false}, more = {.any = false}, none = {.any = false};
    for (size_t i = 0; i < MM_COUNT(numbers); i++)
        mm_range_add_number(i % 2 ? &range : &more, numbers[i]);
    mm_range_merge(&range, &more);
    mm_range_merge(&range, &none);
    struct mm_bounds b = mm_bounds_of(MM_PARQUET_INT64, &range);
    MM_CHECK_VIEW("low", mm_bound_view(&b.low), ((struct mm_view){"\0\0\0\0\0\0\0\x80", 8}));
    MM_CHECK_VIEW("high", mm_bound_view(&b.high),
                  ((struct mm_view){"\xff\xff\xff\xff\xff\xff\xff\x7f", 8}));
    MM_CHECK_TRUE("order", mm_bound_compare(MM_PARQUET_INT64, &b.low, &b.high) < 0);
    range = (struct mm_range){.any = false};
    mm_range_add_number(&range, -2);
    mm_range_add_number(&range, 1);
    b = mm_bounds_of(MM_PARQUET_INT32, &range);
    MM_CHECK_VIEW("INT32", mm_bound_view(&b.low), MM_VIEW("\xfe\xff\xff\xff"));
    MM_CHECK_TRUE("order", mm_bound_compare(MM_PARQUET_INT32, &b.low, &b.high) < 0);
}

static void without_values_there_are_no_bounds(void **state)
{
    (void)state;
    struct mm_range none = {.any = false};
    MM_CHECK_TRUE("texts", !mm_bounds_of(MM_PARQUET_BYTE_ARRAY, &none).known);
    MM_CHECK_TRUE("numbers", !mm_bounds_of(MM_PARQUET_INT64, &none).known);
}

/* A cut text's bounds hold for all texts between the two that they are of. */
static void bounds_of_random_texts_hold(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", LAST};
    uint64_t random = 9;
    for (int round = 0; round < 20000; round++) {
        char text[400];
        size_t len = 0, count = mm_random(&random) % 90;
        struct mm_range range = {.any = false};
        for (size_t i = 0; i < count; i++) {
            const char *piece = pieces[mm_random(&random) % MM_COUNT(pieces)];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        struct mm_view view = {text, len};
        mm_range_add_text(&range, view);
        struct mm_bounds b = mm_bounds_of(MM_PARQUET_BYTE_ARRAY, &range);
        MM_CHECK_TRUE("low", mm_view_starts(view, mm_bound_view(&b.low)));
        MM_CHECK_TRUE("high", !b.known || mm_view_cmp(view, mm_bound_view(&b.high)) <= 0);
        MM_CHECK_INT("exact", b.low.exact, len <= MM_BOUND_TEXT_MAX);
    }
}

MM_TEST_MAIN(MM_TEST(texts_are_cut_on_the_right_side), MM_TEST(numbers_are_compared_by_value),
             MM_TEST(without_values_there_are_no_bounds), MM_TEST(bounds_of_random_texts_hold))

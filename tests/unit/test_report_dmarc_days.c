/*
 * test_report_dmarc_days.c - line 17: the messages of several days, each day its share, no one
 * lost.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dmarc_days.h"

#include "support/mm_test.h"

enum { DAY = 86400 };

static void line_17_days_share_by_time_and_largest_remainder(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t begin, end, first_day;
        int64_t count;
        uint32_t days;
        int64_t shares[8];
    } cases[] = {
        {"a day", 0, DAY - 1, 0, 5, 1, {5}},
        {"a day and an hour", DAY / 2, DAY / 2 + DAY + 3600, 0, 5, 1, {5}},
        {"no time", 100, 100, 0, 5, 1, {5}},
        {"reversed", 3 * DAY, DAY, 3, 5, 1, {5}},
        {"two days", DAY, 3 * DAY, 1, 10, 2, {5, 5}},
        {"two days less a second", DAY, 3 * DAY - 1, 1, 10, 2, {5, 5}},
        {"the odd one goes to the first", DAY, 3 * DAY, 1, 11, 2, {6, 5}},
        {"halves at both ends", DAY / 2, 2 * DAY + DAY / 2, 0, 4, 3, {1, 2, 1}},
        {"one message in a week", 0, 7 * DAY, 0, 1, 7, {1}},
        {"a remainder of several days", 0, 7 * DAY, 0, 10, 7, {2, 2, 2, 1, 1, 1, 1}},
        {"largest fraction first", DAY * 3 / 4, 3 * DAY, 0, 4, 3, {0, 2, 2}},
        {"none", 0, 3 * DAY, 0, 0, 3, {0, 0, 0}},
        {"before 1970", -DAY, DAY, -1, 4, 2, {2, 2}},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_day_split split = mm_day_split_of(cases[i].begin, cases[i].end);
        int64_t shares[8] = {0};
        MM_CHECK_INT(cases[i].label, split.first_day, cases[i].first_day);
        MM_CHECK_INT(cases[i].label, split.day_count, cases[i].days);
        MM_CHECK_INT(cases[i].label, mm_day_split_is_split(&split), cases[i].days > 1);
        mm_day_split_share(&split, cases[i].count, shares);
        for (uint32_t day = 0; day < 8; day++)
            MM_CHECK_INT(cases[i].label, shares[day], cases[i].shares[day]);
    }
}

static void sums_are_exact_and_shares_are_within_one(void **state)
{
    (void)state;
    static int64_t shares[MM_DAY_SPLIT_MAX];
    uint64_t seed = 17;
    for (size_t round = 0; round < 3000; round++) {
        int64_t begin = (int64_t)(mm_random(&seed) % 2000000000), sum = 0;
        int64_t span = (int64_t)(mm_random(&seed) % (round % 10 ? 20 : 3000)) * DAY +
                       (int64_t)(mm_random(&seed) % DAY);
        int64_t count = (int64_t)(mm_random(&seed) % (round % 2 ? 100 : 1000000000000));
        struct mm_day_split split = mm_day_split_of(begin, begin + span);
        mm_day_split_share(&split, count, shares);
        for (uint32_t day = 0; day < split.day_count; day++) {
            int64_t from = (split.first_day + day) * DAY, to = from + DAY;
            from = from < begin ? begin : from;
            to = to > begin + span ? begin + span : to;
            double exact = split.day_count > 1 ? (double)count * (double)(to - from) / (double)span
                                               : (double)count;
            MM_CHECK_TRUE("within one", (double)shares[day] > exact - 1.001 &&
                                            (double)shares[day] < exact + 1.001);
            sum += shares[day];
        }
        MM_CHECK_INT("the sum", sum, count);
    }
}

static void longer_than_ten_years_is_not_split(void **state)
{
    (void)state;
    struct mm_day_split split = mm_day_split_of(0, (int64_t)MM_DAY_SPLIT_MAX * DAY);
    MM_CHECK_INT("ten years", split.day_count, MM_DAY_SPLIT_MAX);
    split = mm_day_split_of(0, (int64_t)MM_DAY_SPLIT_MAX * DAY + 1);
    MM_CHECK_INT("and a second", split.day_count, 1);
    split = mm_day_split_of(0, 253402300799);
    MM_CHECK_INT("8,000 years", split.day_count, 1);
}

MM_TEST_MAIN(MM_TEST(line_17_days_share_by_time_and_largest_remainder),
             MM_TEST(sums_are_exact_and_shares_are_within_one),
             MM_TEST(longer_than_ten_years_is_not_split))

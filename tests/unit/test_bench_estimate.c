/*
 * test_bench_estimate.c - medians, their intervals, and what they say of a change.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <string.h>

#include "bench/draw.h"
#include "mailmill/bench.h"
#include "support/mm_test.h"

enum { MANY = 201 };

static struct mm_bench_estimate estimate(const double *values, size_t count)
{
    struct mm_bench_estimate e;
    MM_CHECK_INT("estimate", mm_bench_estimate_of(values, count, &e), MM_OK);
    return e;
}

static void the_median_is_that_of_any_order(void **state)
{
    static const struct {
        const char *label;
        double values[5];
        size_t count;
        double median;
    } cases[] = {
        {"one", {7}, 1, 7},
        {"two", {1, 3}, 2, 2},
        {"three", {9, 1, 3}, 3, 3},
        {"four", {4, 1, 100, 2}, 4, 3},
        {"outlier", {2, 2, 2, 2, 1000}, 5, 2},
        {"none", {0}, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_bench_estimate e = estimate(cases[i].values, cases[i].count);
        MM_CHECK_TRUE(cases[i].label, e.value == cases[i].median);
        MM_CHECK_TRUE(cases[i].label, e.low <= e.value && e.value <= e.high);
    }
}

static void the_same_values_give_the_same_interval(void **state)
{
    double values[MANY];
    struct mm_draw draw = {9};
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        values[i] = 1 + mm_draw_part(&draw);
    struct mm_bench_estimate first = estimate(values, MANY), second = estimate(values, MANY);
    MM_CHECK_INT("equal", memcmp(&first, &second, sizeof first), 0);
    values[0] = values[MANY - 1];
    values[MANY - 1] = values[0];
    MM_CHECK_TRUE("narrower than the values", first.high - first.low < 0.3);
    MM_CHECK_TRUE("and not nothing", first.high - first.low > 0.01);
}

/* 95 of 100 intervals should hold the median of what values are drawn from; 85 to 100 will do for
 * so few. */
static void most_intervals_hold_the_true_median(void **state)
{
    struct mm_draw draw = {11};
    double values[41];
    int held = 0;
    (void)state;
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < MM_COUNT(values); i++)
            values[i] = exp(mm_draw_part(&draw) - 0.5); /* its median is 1 */
        struct mm_bench_estimate e = estimate(values, MM_COUNT(values));
        held += e.low <= 1 && 1 <= e.high;
    }
    MM_CHECK_TRUE("enough hold it", held >= 85);
    MM_CHECK_TRUE("not by being wide: some do not", held < 100);
}

static void a_change_takes_both_intervals_in_full(void **state)
{
    const struct mm_bench_estimate before = {100, 98, 102}, now = {110, 108, 112};
    struct mm_bench_estimate change = mm_bench_change(&before, &now);
    (void)state;
    MM_CHECK_TRUE("value", fabs(change.value - 0.10) < 1e-12);
    MM_CHECK_TRUE("low", fabs(change.low - (108.0 / 102 - 1)) < 1e-12);
    MM_CHECK_TRUE("high", fabs(change.high - (112.0 / 98 - 1)) < 1e-12);
    MM_CHECK_TRUE("spread", fabs(mm_bench_spread(&before) - 0.02) < 1e-12);
    MM_CHECK_TRUE("of nothing", isinf(mm_bench_spread(&(struct mm_bench_estimate){0, 0, 0})));
}

static void a_verdict_needs_tolerance_and_interval(void **state)
{
    static const struct {
        const char *label;
        struct mm_bench_estimate change;
        enum mm_bench_verdict verdict;
    } cases[] = {
        {"nothing", {0, -0.01, 0.01}, MM_BENCH_SAME},
        {"small but sure", {0.04, 0.03, 0.05}, MM_BENCH_SAME},
        {"large and sure", {0.08, 0.06, 0.10}, MM_BENCH_SLOWER},
        {"large, not beyond tolerance as a whole", {0.06, 0.01, 0.11}, MM_BENCH_SLOWER},
        {"large but unsure", {0.08, -0.01, 0.17}, MM_BENCH_NOISY},
        {"unsure", {0.01, -0.05, 0.07}, MM_BENCH_NOISY},
        {"huge and wide", {1.0, 0.5, 1.5}, MM_BENCH_SLOWER},
        {"better", {-0.08, -0.10, -0.06}, MM_BENCH_FASTER},
        {"better but unsure", {-0.08, -0.17, 0.01}, MM_BENCH_NOISY},
        {"a little better", {-0.04, -0.05, -0.03}, MM_BENCH_SAME},
        {"at the tolerance", {0.05, 0.04, 0.06}, MM_BENCH_SAME},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_INT(cases[i].label, mm_bench_judge(&cases[i].change, 0.05, 0.05),
                     cases[i].verdict);
}

static void words_mean_a_name_or_what_it_begins_with(void **state)
{
    static const struct {
        const char *word;
        size_t count;
    } cases[] = {{"sign-small", 1},  {"sign-small-dual", 1},
                 {"sign", 12},       {"verify", 12},
                 {"reports", 3},     {"kernel", 12},
                 {"sig", 0},         {"sign-", 0},
                 {"kernel-rsa", 4},  {"", 0},
                 {"verify-", 0},     {"verify-large", 1},
                 {"sign-small-", 0}, {"Sign", 0}};
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        size_t meant = 0;
        for (size_t k = 0; k < count; k++)
            meant += mm_bench_means(&all[k], cases[i].word);
        MM_CHECK_INT(cases[i].word, meant, cases[i].count);
    }
}

MM_TEST_MAIN(MM_TEST(the_median_is_that_of_any_order),
             MM_TEST(the_same_values_give_the_same_interval),
             MM_TEST(most_intervals_hold_the_true_median),
             MM_TEST(a_change_takes_both_intervals_in_full),
             MM_TEST(a_verdict_needs_tolerance_and_interval),
             MM_TEST(words_mean_a_name_or_what_it_begins_with))

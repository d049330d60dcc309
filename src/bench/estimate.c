/*
 * estimate.c - medians with intervals, and what they say of a change.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Noise of a shared machine is one-sided and has long tails, so nothing here assumes a
 * distribution: the interval of the median is that of medians of values drawn anew from those that
 * were measured, always in the same order of draws (B. Efron, "Bootstrap methods: another look at
 * the jackknife", 1979; percentiles).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/draw.h"
#include "mailmill/bench.h"

enum { RESAMPLES = 1000, BELOW_LOW = 25 /* 2.5 % of them */ };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(const double *sorted, size_t count)
{
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* The median of as many draws from sorted values: drawn[i] counts how often the i-th came. */
static double resampled(const double *sorted, size_t count, uint32_t *drawn, struct mm_draw *draw)
{
    memset(drawn, 0, count * sizeof *drawn);
    for (size_t i = 0; i < count; i++)
        drawn[mm_draw_below(draw, (uint32_t)count)]++;
    size_t low_at = 0, high_at, seen = drawn[0];
    while (seen <= (count - 1) / 2)
        seen += drawn[++low_at];
    for (high_at = low_at; seen <= count / 2;)
        seen += drawn[++high_at];
    return (sorted[low_at] + sorted[high_at]) / 2;
}

static void interval(const double *sorted, size_t count, uint32_t *drawn,
                     struct mm_bench_estimate *out)
{
    double medians[RESAMPLES];
    struct mm_draw draw = {1};
    for (size_t i = 0; i < RESAMPLES; i++)
        medians[i] = resampled(sorted, count, drawn, &draw);
    qsort(medians, RESAMPLES, sizeof medians[0], by_value);
    *out = (struct mm_bench_estimate){.value = middle(sorted, count),
                                      .low = medians[BELOW_LOW],
                                      .high = medians[RESAMPLES - 1 - BELOW_LOW]};
}

enum mm_status mm_bench_estimate_of(const double *values, size_t count,
                                    struct mm_bench_estimate *out)
{
    *out = (struct mm_bench_estimate){0, 0, 0};
    if (count == 0)
        return MM_OK;
    double *sorted = malloc(count * sizeof *sorted);
    uint32_t *drawn = malloc(count * sizeof *drawn);
    if (sorted && drawn) {
        memcpy(sorted, values, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_value);
        interval(sorted, count, drawn, out);
    }
    enum mm_status st = sorted && drawn ? MM_OK : MM_E_NOMEM;
    free(sorted);
    free(drawn);
    return st;
}

double mm_bench_spread(const struct mm_bench_estimate *estimate)
{
    return estimate->value > 0 ? (estimate->high - estimate->low) / 2 / estimate->value : INFINITY;
}

/* Both intervals count in full: the change of their ends, the worse and the better way round. */
struct mm_bench_estimate mm_bench_change(const struct mm_bench_estimate *before,
                                         const struct mm_bench_estimate *now)
{
    return (struct mm_bench_estimate){.value = now->value / before->value - 1,
                                      .low = now->low / before->high - 1,
                                      .high = now->high / before->low - 1};
}

enum mm_bench_verdict mm_bench_judge(const struct mm_bench_estimate *change, double tolerance,
                                     double noise)
{
    if (change->value > tolerance && change->low > 0)
        return MM_BENCH_SLOWER;
    if (change->value < -tolerance && change->high < 0)
        return MM_BENCH_FASTER;
    return (change->high - change->low) / 2 > noise ? MM_BENCH_NOISY : MM_BENCH_SAME;
}

/*
 * bench_formats.c - what a run of benchmarks found, in forms that services of CI read.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names of workloads and stages are small letters, digits and dashes, so nothing but they and
 * numbers is printed here, and nothing needs to be escaped.
 */
#include "bench_formats.h"

#include <stdio.h>

static void print_cost(const struct bench_run *run, const struct mm_bench_result *r)
{
    if (run->args->count_instructions)
        printf("%.3f thousand instructions an item", r->cpu_us);
    else
        printf("%.0f items/s, %.3f us of CPU an item", r->items_per_s, r->cpu_us);
}

static void print_github(const struct bench_run *run)
{
    bool first = true;
    printf("[");
    for (size_t i = 0; i < run->count; i++) {
        const struct mm_bench_result *r = &run->rows[i].found.now;
        if (!bench_is_measured(&run->rows[i]))
            continue;
        printf("%s\n{\"name\":\"%s\",\"unit\":\"ratio\",\"value\":%.6g,\"range\":\"%.2g %%\","
               "\"extra\":\"",
               first ? "" : ",", r->name, r->ratio.value, 100 * mm_bench_spread(&r->ratio));
        print_cost(run, r);
        printf("\"}");
        first = false;
    }
    printf("\n]\n");
}

struct sums {
    size_t failures, errors, skipped;
};

/* Not measured, or measured for nothing. */
static bool is_skipped(const struct bench_run *run, const struct bench_row *row)
{
    return !bench_is_measured(row) || (run->other && !row->found.compared);
}

static struct sums sums_of(const struct bench_run *run)
{
    struct sums sums = {0, 0, 0};
    for (size_t i = 0; i < run->count; i++) {
        bool missing = is_skipped(run, &run->rows[i]);
        sums.skipped += missing;
        sums.failures += !missing && run->rows[i].verdict == MM_BENCH_SLOWER;
        sums.errors += !missing && run->rows[i].verdict == MM_BENCH_NOISY;
    }
    return sums;
}

static void print_verdict(const struct bench_run *run, const struct bench_row *row)
{
    const struct bench_found *f = &row->found;
    if (f->missing)
        printf("    <skipped message=\"not on this processor\"/>\n");
    else if (f->unmeasured)
        printf("    <skipped message=\"no time was left\"/>\n");
    else if (is_skipped(run, row))
        printf("    <skipped message=\"not in what this is compared with\"/>\n");
    else if (row->verdict == MM_BENCH_SLOWER)
        printf("    <failure type=\"slower\" message=\"slower by %.1f %% (%.1f to %.1f), most of "
               "it in %s\"/>\n",
               100 * f->change.value, 100 * f->change.low, 100 * f->change.high,
               bench_grown_stage(f));
    else if (row->verdict == MM_BENCH_NOISY)
        printf("    <error type=\"noise\" message=\"too noisy: the %s is known to %.1f %% "
               "only\"/>\n",
               f->compared ? "change" : "ratio",
               f->compared ? 50 * (f->change.high - f->change.low)
                           : 100 * mm_bench_spread(&f->now.ratio));
}

static void print_case(const struct bench_run *run, const struct bench_row *row)
{
    const struct bench_found *f = &row->found;
    bool timed = bench_is_measured(row) && !run->args->count_instructions;
    printf("  <testcase classname=\"mailmill.bench\" name=\"%s\" time=\"%.6f\">\n", f->now.name,
           timed ? f->now.cpu_us * (double)f->now.items / 1e6 : 0);
    print_verdict(run, row);
    if (bench_is_measured(row)) {
        printf("    <system-out>ratio %.6g (%.6g to %.6g), ", f->now.ratio.value, f->now.ratio.low,
               f->now.ratio.high);
        print_cost(run, &f->now);
        if (f->compared)
            printf(", change %+.1f %% (%+.1f to %+.1f)", 100 * f->change.value, 100 * f->change.low,
                   100 * f->change.high);
        printf("</system-out>\n");
    }
    printf("  </testcase>\n");
}

static void print_junit(const struct bench_run *run)
{
    struct sums sums = sums_of(run);
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<testsuite name=\"mailmill bench\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
           "skipped=\"%zu\">\n",
           run->count, sums.failures, sums.errors, sums.skipped);
    for (size_t i = 0; i < run->count; i++)
        print_case(run, &run->rows[i]);
    printf("</testsuite>\n");
}

void bench_format_print(const struct bench_run *run, enum bench_format format)
{
    if (format == BENCH_GITHUB)
        print_github(run);
    else
        print_junit(run);
}

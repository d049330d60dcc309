/*
 * bench_verdict.c - every workload of a run: what was found, what it is compared with, what
 * follows.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_verdict.h"

#include <stdlib.h>
#include <string.h>

#include "mailmill/run.h"

/* Half of an interval may be so much of the tolerance; twice that where two of them come together.
 */
static const double NOISE = 0.5;

static void compare_with_baseline(const struct bench_run *run, struct bench_found *found)
{
    const struct mm_bench_result *before = mm_bench_result_named(&run->baseline, found->now.name);
    found->missing_there = !before;
    found->compared = before != NULL;
    if (!before)
        return;
    found->before = *before;
    found->change = mm_bench_change(&before->ratio, &found->now.ratio);
}

static enum mm_bench_verdict judge(const struct bench_run *run, const struct bench_found *found)
{
    double tolerance = run->args->tolerance, noise = tolerance * NOISE;
    if (found->now.rounds < BENCH_ROUNDS_MIN && !run->args->count_instructions)
        return MM_BENCH_NOISY;
    if (!found->compared)
        return mm_bench_spread(&found->now.ratio) > noise ? MM_BENCH_NOISY : MM_BENCH_SAME;
    return mm_bench_judge(&found->change, tolerance, run->args->baseline ? 2 * noise : noise);
}

void bench_judge(struct bench_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct bench_row *row = &run->rows[i];
        if (!bench_is_measured(row))
            continue;
        if (run->args->baseline)
            compare_with_baseline(run, &row->found);
        row->verdict = judge(run, &row->found);
    }
}

bool bench_compared_nothing(const struct bench_run *run)
{
    size_t measured = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->rows[i].found.compared)
            return false;
        measured += bench_is_measured(&run->rows[i]);
    }
    return run->other && measured > 0;
}

int bench_exit_code(const struct bench_run *run)
{
    bool noisy = false;
    if (bench_compared_nothing(run))
        return MM_EXIT_CONFIG;
    for (size_t i = 0; i < run->count; i++)
        noisy = noisy || run->rows[i].found.unmeasured ||
                (bench_is_measured(&run->rows[i]) && run->rows[i].verdict == MM_BENCH_NOISY);
    if (noisy)
        return MM_EXIT_STOPPED;
    return bench_worst(run) ? MM_EXIT_SOME_FAILED : MM_EXIT_DONE;
}

const struct bench_row *bench_worst(const struct bench_run *run)
{
    const struct bench_row *worst = NULL;
    for (size_t i = 0; i < run->count; i++) {
        const struct bench_row *row = &run->rows[i];
        if (row->verdict == MM_BENCH_SLOWER &&
            (!worst || row->found.change.value > worst->found.change.value))
            worst = row;
    }
    return worst;
}

const char *bench_grown_stage(const struct bench_found *found)
{
    size_t grown = 0;
    double most = 0;
    for (size_t i = 0; i < MM_BENCH_STAGES; i++) {
        double more = found->now.stages[i] - found->before.stages[i];
        if (i == 0 || more > most) {
            grown = i;
            most = more;
        }
    }
    return mm_bench_stage_name(grown);
}

const struct bench_row *bench_row_named(const struct bench_run *run, const char *name)
{
    for (size_t i = 0; i < run->count; i++)
        if (bench_is_measured(&run->rows[i]) && strcmp(run->rows[i].found.now.name, name) == 0)
            return &run->rows[i];
    return NULL;
}

bool bench_to_record(const struct bench_run *run, struct mm_bench_record *out)
{
    *out = (struct mm_bench_record){.machine = run->machine};
    out->results = calloc(run->count + 1, sizeof *out->results);
    for (size_t i = 0; out->results && i < run->count; i++)
        if (bench_is_measured(&run->rows[i]))
            out->results[out->count++] = run->rows[i].found.now;
    return out->results != NULL;
}

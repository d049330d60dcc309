/*
 * bench_verdict.h - every workload of a run: what was found, what it is compared with, what
 * follows.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_BENCH_VERDICT_H
#define MM_CLI_BENCH_VERDICT_H

#include "bench_rounds.h"

struct bench_row {
    struct bench_found found;
    enum mm_bench_verdict verdict;
};

struct bench_run {
    const struct bench_args *args;
    uint64_t begun_ns;      /* see bench_now_ns(): what --budget counts from */
    struct bench_row *rows; /* room for every workload */
    size_t count;
    struct mm_bench_machine machine;
    const char *other;               /* what is compared with, for a person; NULL: nothing */
    struct mm_bench_record baseline; /* of --baseline */
};

/* It has figures. */
static inline bool bench_is_measured(const struct bench_row *row)
{
    return !row->found.missing && !row->found.unmeasured;
}

/* Compare each row with its baseline, and judge. */
void bench_judge(struct bench_run *run);
/* There was something to compare with, something was measured, and no workload was in both. */
bool bench_compared_nothing(const struct bench_run *run);
/* 78 where nothing was compared that was to be, 75 where a row is too noisy or unmeasured, else 1
 * where one is slower, else 0. */
int bench_exit_code(const struct bench_run *run);
/* The row that got slower by most; NULL. */
const struct bench_row *bench_worst(const struct bench_run *run);
/* Where most of a change was spent: the stage whose part of the ratio grew by most. */
const char *bench_grown_stage(const struct bench_found *found);
/* The row of that workload; NULL. */
const struct bench_row *bench_row_named(const struct bench_run *run, const char *name);

/* Rows as a record: the results are in memory that the caller frees. False without memory. */
bool bench_to_record(const struct bench_run *run, struct mm_bench_record *out);

#endif /* MM_CLI_BENCH_VERDICT_H */

/*
 * bench_side.h - a mailmill in a process of its own that runs passes: ourselves, or another one.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One process a visit: memory is then the workload's own. What it answers is the word of a
 * stranger's program: lines are bounded, numbers are checked, and it has a time to answer in.
 */
#ifndef MM_CLI_BENCH_SIDE_H
#define MM_CLI_BENCH_SIDE_H

#include <stdio.h>
#include <sys/types.h>

#include "bench_args.h"
#include "bench_serve.h"

struct bench_side {
    pid_t pid; /* 0: none */
    int to, from;
    char buffer[SERVE_LINE_BYTES];
    size_t held; /* bytes in it */
};

#define BENCH_SIDE_NONE ((struct bench_side){.to = -1, .from = -1})

enum bench_answer {
    BENCH_READY,
    BENCH_MISSING, /* it has no such workload, or no such kernel here */
    BENCH_FAILED,  /* err says how */
    BENCH_STOPPED, /* we were asked to end */
    BENCH_OTHER    /* what it does cannot be compared with what we do; err says why */
};

/* Run argv (ends in NULL; argv[0] is a path) and open a workload in it. */
enum bench_answer bench_side_open(struct bench_side *side, const char *const *argv,
                                  const char *workload, struct mm_error *err);
enum bench_answer bench_side_pass(struct bench_side *side, struct mm_bench_sample *sample,
                                  struct mm_error *err);
/* Let it end, and end it where it does not. Quiet where none runs. */
void bench_side_close(struct bench_side *side);

#endif /* MM_CLI_BENCH_SIDE_H */

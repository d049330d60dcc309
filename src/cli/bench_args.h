/*
 * bench_args.h - what mailmill bench was asked for.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_BENCH_ARGS_H
#define MM_CLI_BENCH_ARGS_H

#include "mailmill/bench.h"
#include "options.h"

enum bench_format { BENCH_TABLE, BENCH_GITHUB, BENCH_JUNIT };

struct bench_args {
    struct operands words; /* workloads, or what their names begin with */
    const char *json, *baseline, *against, *serve, *tolerance_text, *slow;
    double tolerance; /* a part of one */
    uint64_t budget_s;
    int format; /* enum bench_format */
    bool quick, cold, list, force, count_instructions, quiet;
};

#endif /* MM_CLI_BENCH_ARGS_H */

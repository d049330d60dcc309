/*
 * bench_turns.h - which workload is measured when.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Workloads take turns: each is visited for a short while, again and again, until it is known well
 * enough or the time is over. Whoever has its rounds in one stretch has the weather of that
 * stretch, and its narrow interval does not know the next one's.
 */
#ifndef MM_CLI_BENCH_TURNS_H
#define MM_CLI_BENCH_TURNS_H

#include "bench_verdict.h"

/* Whether the words of the command line name the workload, as all do where there are none. */
bool bench_selects(const struct bench_args *args, const struct mm_bench_workload *workload);

/* Fill run->rows with all that is selected. valgrind: where it is, for --count-instructions.
 * Returns an exit code; what failed is said. */
int bench_turns_take(struct bench_run *run, const struct bench_setting *setting,
                     const char *valgrind);

#endif /* MM_CLI_BENCH_TURNS_H */

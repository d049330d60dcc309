/*
 * bench_table.h - what a run of benchmarks found, for a person.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_BENCH_TABLE_H
#define MM_CLI_BENCH_TABLE_H

#include "bench_verdict.h"

/* Every workload that there is, on stdout. */
void bench_list_print(void);
/* What was found, and what moved, on stdout. */
void bench_table_print(const struct bench_run *run);
/* Lines on stderr: workloads that only one side has, noise, and at last one sentence where
 * something got slower. */
void bench_say_end(const struct bench_run *run);

#endif /* MM_CLI_BENCH_TABLE_H */

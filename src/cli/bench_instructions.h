/*
 * bench_instructions.h - one workload, measured by the instructions that a pass takes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Under valgrind's callgrind, twice: with one pass and with two. The difference is a pass, without
 * what starting takes. It is the same on every machine, nearly to the last digit, whatever else
 * runs there; but instructions are not time.
 */
#ifndef MM_CLI_BENCH_INSTRUCTIONS_H
#define MM_CLI_BENCH_INSTRUCTIONS_H

#include "bench_rounds.h"

/* Where valgrind is, on PATH; false where it is not. */
bool bench_find_valgrind(char *out, size_t cap);

/* Measure once. BENCH_READY with *found filled, also where something is missing; else err says why.
 * Ratios are thousands of instructions an item. setting->ours and theirs are
 * the commands that valgrind is to run. */
enum bench_answer bench_instructions_run(const struct bench_setting *setting,
                                         const struct mm_bench_workload *workload,
                                         const char *valgrind, struct bench_found *found,
                                         struct mm_error *err);

#endif /* MM_CLI_BENCH_INSTRUCTIONS_H */

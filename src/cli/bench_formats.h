/*
 * bench_formats.h - what a run of benchmarks found, in forms that services of CI read.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_BENCH_FORMATS_H
#define MM_CLI_BENCH_FORMATS_H

#include "bench_verdict.h"

/* On stdout. BENCH_GITHUB: the JSON that github-action-benchmark takes as customSmallerIsBetter.
 * BENCH_JUNIT: a test suite of a test case for each workload. */
void bench_format_print(const struct bench_run *run, enum bench_format format);

#endif /* MM_CLI_BENCH_FORMATS_H */

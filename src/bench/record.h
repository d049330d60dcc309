/*
 * record.h - what a run of benchmarks found, as a file of JSON: limits that both halves share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_RECORD_H
#define MM_BENCH_RECORD_H

#include "base/error.h"
#include "mailmill/bench.h"

enum {
    MM_RECORD_VERSION = 1,                /* of the members and what they mean */
    MM_RECORD_MAX_BYTES = 4 * 1024 * 1024 /* MM_BENCH_RESULTS_MAX results are far below */
};

/* From the text of a file; as mm_bench_record_read(). name: for words of errors. */
enum mm_status mm_bench_record_parse(struct mm_view text, const char *name,
                                     struct mm_bench_record *out,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_BENCH_RECORD_H */

/*
 * fuzz_bench_record.c - any bytes as a baseline: what is taken is a record that can be compared
 * with.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdlib.h>

#include "bench/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_bench_record record;
    struct mm_error err;
    if (mm_bench_record_parse((struct mm_view){(const char *)data, size}, "it", &record, &err) !=
        MM_OK) {
        if (record.results)
            abort();
        return 0;
    }
    if (record.count > MM_BENCH_RESULTS_MAX)
        abort();
    for (size_t i = 0; i < record.count; i++) {
        const struct mm_bench_result *r = &record.results[i];
        struct mm_bench_estimate change = mm_bench_change(&r->ratio, &r->ratio);
        if (mm_bench_result_named(&record, r->name) != r || !isfinite(change.low) ||
            !isfinite(change.high))
            abort();
    }
    mm_bench_record_free(&record);
    return 0;
}

/*
 * pass_kernel.h - kernels of runs by themselves, over data in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_PASS_KERNEL_H
#define MM_BENCH_PASS_KERNEL_H

#include <stdbool.h>

#include "base/error.h"

/* items: of a pass, in the unit of its workload. bytes: that are worked on in it, or 0. */
struct mm_kernel_size {
    uint64_t items, bytes;
};

struct mm_kernel_work {
    /* Make the data. MM_END where this processor lacks what the kernel is for. few: a part of it.
     */
    enum mm_status (*open)(void **state, bool few, struct mm_kernel_size *size,
                           struct mm_error *err);
    enum mm_status (*pass)(void *state, struct mm_error *err);
    void (*close)(void *state); /* after an open that failed too */
};

extern const struct mm_kernel_work mm_kernel_canonicalize, mm_kernel_sha256, mm_kernel_sha256_x16,
    mm_kernel_sha256_x3, mm_kernel_sha256_x1, mm_kernel_rsa_sign_x8, mm_kernel_rsa_sign_x1,
    mm_kernel_rsa_verify_x8, mm_kernel_rsa_verify_x1, mm_kernel_base64, mm_kernel_xml,
    mm_kernel_parquet;

#endif /* MM_BENCH_PASS_KERNEL_H */

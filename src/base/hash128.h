/*
 * hash128.h - XXH3-128: finds what this program itself wrote or named; never a matter of trust.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BASE_HASH128_H
#define MM_BASE_HASH128_H

#include <stdbool.h>

#include "mailmill/base.h"

struct mm_hash128 {
    uint64_t low, high;
};

struct mm_hash128 mm_hash128_of(struct mm_view bytes);

static inline bool mm_hash128_eq(struct mm_hash128 a, struct mm_hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* The hash of a sequence: of the one so far and what comes next. Begin with a zeroed one. */
struct mm_hash128 mm_hash128_chain(struct mm_hash128 so_far, struct mm_view next);

#endif /* MM_BASE_HASH128_H */

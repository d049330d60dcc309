/*
 * draw.h - numbers that look random and are the same everywhere for one seed.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_DRAW_H
#define MM_BENCH_DRAW_H

#include <stdbool.h>
#include <stdint.h>

struct mm_draw {
    uint64_t state; /* the seed, at first */
};

static inline uint64_t mm_draw_next(struct mm_draw *d) /* splitmix64 */
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0..below-1 */
static inline uint32_t mm_draw_below(struct mm_draw *d, uint32_t below)
{
    return (uint32_t)(mm_draw_next(d) % below);
}

static inline bool mm_draw_one_in(struct mm_draw *d, uint32_t n)
{
    return mm_draw_below(d, n) == 0;
}

/* Between 0 and 1, neither of them. */
static inline double mm_draw_part(struct mm_draw *d)
{
    return ((double)(mm_draw_next(d) >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

#endif /* MM_BENCH_DRAW_H */

/*
 * clock.h - the clocks we read, in one unit.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BASE_CLOCK_H
#define MM_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t mm_clock_ns(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t mm_wall_ns(void)
{
    return mm_clock_ns(CLOCK_MONOTONIC);
}

static inline uint64_t mm_process_cpu_ns(void)
{
    return mm_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

#endif /* MM_BASE_CLOCK_H */

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

/* The time `ms` from now, as pthread_cond_timedwait() takes it. */
static inline struct timespec mm_clock_in(clockid_t which, unsigned ms)
{
    struct timespec t;
    clock_gettime(which, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

static inline uint64_t mm_process_cpu_ns(void)
{
    return mm_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

#endif /* MM_BASE_CLOCK_H */

/*
 * cpu.h - what this processor can do, asked once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tier is a set of features that kernels are written for. MAILMILL_CPU in the environment
 * ("portable", "sse2", "avx2", "avx512") narrows it, for tests and for narrowing down a fault.
 */
#ifndef MM_BASE_CPU_H
#define MM_BASE_CPU_H

#include <stdbool.h>

enum mm_cpu_tier {
    MM_CPU_PORTABLE,
    MM_CPU_SSE2,
    MM_CPU_AVX2,  /* AVX2, BMI2, POPCNT */
    MM_CPU_AVX512 /* F, BW, VL, VBMI2, with the registers enabled by the system (xgetbv) */
};

/* Best tier of processor and system together, narrowed by MAILMILL_CPU. Thread-safe, cached. */
enum mm_cpu_tier mm_cpu_tier(void);
const char *mm_cpu_tier_name(enum mm_cpu_tier tier);
/* For tests: act as if the tier were no better than this from now on. One thread only. */
void mm_cpu_limit(enum mm_cpu_tier tier);
/* Whether processor and system have a feature, by its word in the list below; MAILMILL_CPU narrows
 * tiers, not this. */
bool mm_cpu_has(const char *feature);
/* Features found, as words separated by blanks, for `mailmill version`. */
const char *mm_cpu_features(void);

#endif /* MM_BASE_CPU_H */

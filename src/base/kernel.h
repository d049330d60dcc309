/*
 * kernel.h - several forms of one function, and the best of them that works here.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A kernel is a table of forms, the best first, the plain one last. Before a form is first used it
 * is given an input whose answer is known; one that gives another answer is passed over without a
 * word, and the next is tried. The plain form is trusted: there is nothing behind it.
 */
#ifndef MM_BASE_KERNEL_H
#define MM_BASE_KERNEL_H

#include <stdatomic.h>

#include "base/cpu.h"

/* Any form; it is cast back to its own type before it is called. */
typedef void mm_kernel_fn(void);

struct mm_kernel_form {
    enum mm_cpu_tier tier; /* least tier that it needs */
    const char *needs;     /* a feature besides, as mm_cpu_has() takes it; NULL for none */
    mm_kernel_fn *run;     /* the plain form may be NULL: then the caller has code of its own */
};

enum { MM_KERNEL_FORMS_MAX = 4, MM_CPU_TIERS = MM_CPU_AVX512 + 1 };
struct mm_kernel {
    struct mm_kernel_form forms[MM_KERNEL_FORMS_MAX]; /* the last is of MM_CPU_PORTABLE */
    bool (*works)(mm_kernel_fn *run);                 /* the known answer */
    atomic_uchar chosen[MM_CPU_TIERS]; /* place in `forms`, from 1, by tier; 0: not asked yet */
};

/* The best form at the tier of now. Thread-safe: kernels may be picked for the first time at once.
 */
mm_kernel_fn *mm_kernel_pick(struct mm_kernel *kernel);
/* What it is written for: the name of its tier. */
const char *mm_kernel_tier_name(struct mm_kernel *kernel);

/* The forms of a function that was included once per vector width (text/x86/each_width.inc). */
/* clang-format off */
#if defined(__x86_64__)
#define MM_KERNEL_FORMS(name, plain) {                                                             \
    {MM_CPU_AVX512, NULL, (mm_kernel_fn *)name##_avx512},                                          \
    {MM_CPU_AVX2, NULL, (mm_kernel_fn *)name##_avx2},                                              \
    {MM_CPU_PORTABLE, NULL, (mm_kernel_fn *)(plain)}}
#else
#define MM_KERNEL_FORMS(name, plain) {{MM_CPU_PORTABLE, NULL, (mm_kernel_fn *)(plain)}}
#endif
/* clang-format on */

#endif /* MM_BASE_KERNEL_H */

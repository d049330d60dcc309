/*
 * kernel.c - several forms of one function, and the best of them that works here.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/kernel.h"

#include <stddef.h>

static bool fits(const struct mm_kernel_form *form, enum mm_cpu_tier tier)
{
    return form->tier <= tier && (!form->needs || mm_cpu_has(form->needs));
}

static const struct mm_kernel_form *form_at(struct mm_kernel *kernel, enum mm_cpu_tier tier)
{
    unsigned char place = atomic_load_explicit(&kernel->chosen[tier], memory_order_relaxed);
    if (place > 0)
        return &kernel->forms[place - 1];
    const struct mm_kernel_form *form = kernel->forms;
    while (form->tier > MM_CPU_PORTABLE && !(fits(form, tier) && kernel->works(form->run)))
        form++;
    place = (unsigned char)(form - kernel->forms + 1);
    atomic_store_explicit(&kernel->chosen[tier], place, memory_order_relaxed);
    return form;
}

mm_kernel_fn *mm_kernel_pick(struct mm_kernel *kernel)
{
    return form_at(kernel, mm_cpu_tier())->run;
}

const char *mm_kernel_tier_name(struct mm_kernel *kernel)
{
    return mm_cpu_tier_name(form_at(kernel, mm_cpu_tier())->tier);
}

/*
 * eol.c - which line ends a text has: the reference, the portable form, and the choice of kernel.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/eol.h"

#include "base/cpu.h"

struct mm_eol_count mm_eol_count_reference(struct mm_view v)
{
    struct mm_eol_count count = {0};
    for (size_t i = 0; i < v.len; i++) {
        if (v.data[i] != '\n')
            continue;
        if (i > 0 && v.data[i - 1] == '\r')
            count.crlf++;
        else
            count.bare_lf++;
    }
    return count;
}

/* Offset of the next LF at or after `from`; v.len where there is none. */
static size_t next_lf(struct mm_view v, size_t from)
{
    const char *lf = from < v.len ? memchr(v.data + from, '\n', v.len - from) : NULL;
    return lf ? (size_t)(lf - v.data) : v.len;
}

static struct mm_eol_count eol_count_portable(struct mm_view v)
{
    struct mm_eol_count count = {0};
    for (size_t at = next_lf(v, 0); at < v.len; at = next_lf(v, at + 1)) {
        bool pair = at > 0 && v.data[at - 1] == '\r';
        count.crlf += pair;
        count.bare_lf += !pair;
    }
    return count;
}

static size_t eol_first_bare_lf_portable(struct mm_view v)
{
    size_t at = next_lf(v, 0);
    while (at < v.len && at > 0 && v.data[at - 1] == '\r')
        at = next_lf(v, at + 1);
    return at;
}

#if defined(__x86_64__)
#include "text/x86/block64.h"

#define MM_WIDTH(name) name##_avx2
#define MM_TARGET      MM_TARGET_AVX2
#include "text/x86/eol_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET

#define MM_WIDTH(name) name##_avx512
#define MM_TARGET      MM_TARGET_AVX512
#include "text/x86/eol_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET
#endif

struct mm_eol_count mm_eol_count(struct mm_view v)
{
#if defined(__x86_64__)
    enum mm_cpu_tier tier = mm_cpu_tier();
    if (tier >= MM_CPU_AVX512)
        return eol_count_avx512(v);
    if (tier >= MM_CPU_AVX2)
        return eol_count_avx2(v);
#endif
    return eol_count_portable(v);
}

size_t mm_eol_first_bare_lf(struct mm_view v)
{
#if defined(__x86_64__)
    enum mm_cpu_tier tier = mm_cpu_tier();
    if (tier >= MM_CPU_AVX512)
        return eol_first_bare_lf_avx512(v);
    if (tier >= MM_CPU_AVX2)
        return eol_first_bare_lf_avx2(v);
#endif
    return eol_first_bare_lf_portable(v);
}

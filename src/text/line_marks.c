/*
 * line_marks.c - where the lines of a text end, and where its colons are, as bits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/line_marks.h"

#include "base/cpu.h"
#include "base/word.h"

void mm_line_marks_reference(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    for (size_t i = 0; i < v.len; i++) {
        if (i % 64 == 0)
            lf[i / 64] = colon[i / 64] = 0;
        lf[i / 64] |= (uint64_t)(v.data[i] == '\n') << i % 64;
        colon[i / 64] |= (uint64_t)(v.data[i] == ':') << i % 64;
    }
}

static void line_marks_portable(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    for (size_t at = 0; at < v.len; at += MM_WORD_BYTES) {
        size_t left = v.len - at;
        uint64_t word = left >= MM_WORD_BYTES ? mm_word_load(v.data + at)
                                              : mm_word_load_part(v.data + at, left);
        if (at % 64 == 0)
            lf[at / 64] = colon[at / 64] = 0;
        lf[at / 64] |= mm_word_bits(mm_word_equal(word, '\n')) << at % 64;
        colon[at / 64] |= mm_word_bits(mm_word_equal(word, ':')) << at % 64;
    }
}

#if defined(__x86_64__)
#include "text/x86/block64.h"

#define MM_WIDTH(name) name##_avx2
#define MM_TARGET      MM_TARGET_AVX2
#include "text/x86/line_marks_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET

#define MM_WIDTH(name) name##_avx512
#define MM_TARGET      MM_TARGET_AVX512
#include "text/x86/line_marks_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET
#endif

void mm_line_marks(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
#if defined(__x86_64__)
    enum mm_cpu_tier tier = mm_cpu_tier();
    if (tier >= MM_CPU_AVX512) {
        line_marks_avx512(v, lf, colon);
        return;
    }
    if (tier >= MM_CPU_AVX2) {
        line_marks_avx2(v, lf, colon);
        return;
    }
#endif
    line_marks_portable(v, lf, colon);
}

/*
 * unfold.c - a tag's value without the folding white space inside it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Values are folded every 75 bytes or so and have no blanks between: most words, and many blocks,
 * are copied as they stand. As output never runs ahead of input, a step may write its full width
 * wherever that much input is left.
 */
#include "text/unfold.h"

#include "base/cpu.h"
#include "base/word.h"

size_t mm_unfold_reference(char *out, struct mm_view text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (!mm_is_fws((unsigned char)text.data[i]))
            out[len++] = text.data[i];
    return len;
}

/* Words without a byte below '!' go as they are; it need not be white space that is in the others.
 */
static size_t unfold_portable(char *out, struct mm_view text)
{
    size_t len = 0, at = 0;
    for (; text.len - at >= MM_WORD_BYTES; at += MM_WORD_BYTES) {
        uint64_t word = mm_word_load(text.data + at);
        if (((word - MM_WORD_OF('!')) & ~word & MM_WORD_TOPS) != 0) {
            len += mm_unfold_reference(out + len, mm_view_sub(text, at, MM_WORD_BYTES));
            continue;
        }
        mm_word_store(out + len, word);
        len += MM_WORD_BYTES;
    }
    return len + mm_unfold_reference(out + len, mm_view_sub(text, at, text.len - at));
}

#if defined(__x86_64__)
#include "text/x86/block64.h"

#define MM_WIDTH(name) name##_avx2
#define MM_TARGET      MM_TARGET_AVX2
#include "text/x86/unfold_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET

#define MM_WIDTH(name) name##_avx512
#define MM_TARGET      MM_TARGET_AVX512
#include "text/x86/unfold_kernel.inc"
#undef MM_WIDTH
#undef MM_TARGET
#endif

size_t mm_unfold(char *out, struct mm_view text)
{
#if defined(__x86_64__)
    enum mm_cpu_tier tier = mm_cpu_tier();
    if (tier >= MM_CPU_AVX512)
        return unfold_avx512(out, text);
    if (tier >= MM_CPU_AVX2)
        return unfold_avx2(out, text);
#endif
    return unfold_portable(out, text);
}

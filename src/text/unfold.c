/*
 * unfold.c - a tag's value without the folding white space inside it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Values are folded every 75 bytes or so and have no blanks between: most words, and many blocks,
 * are copied as they stand. As output never runs ahead of input, a step may write its full width
 * wherever that much input is left.
 */
#include "text/unfold.h"

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

#define MM_KERNEL "text/x86/unfold_kernel.inc"
#include "text/x86/each_width.inc"

typedef size_t unfold_fn(char *out, struct mm_view text);

static bool unfolds_known_text(mm_kernel_fn *run)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                      folded[] = " ABCDEFGH\r\n\tIJKLMNOPQRSTUVWXYZ  abcdefghijklm\nnopqrst"
                                 "uvwxyz0123456789\r+/";
    char out[2 * sizeof folded];
    size_t len = ((unfold_fn *)run)(out, MM_VIEW(folded));
    len += ((unfold_fn *)run)(out + len, MM_VIEW(plain)); /* a block with nothing to leave out */
    size_t half = sizeof plain - 1;
    return len == 2 * half && memcmp(out, plain, half) == 0 && memcmp(out + half, plain, half) == 0;
}

struct mm_kernel mm_unfold_kernel = {
    .forms = MM_KERNEL_FORMS(unfold, unfold_portable),
    .works = unfolds_known_text,
};

size_t mm_unfold(char *out, struct mm_view text)
{
    return ((unfold_fn *)mm_kernel_pick(&mm_unfold_kernel))(out, text);
}

size_t mm_unfold_first(char *out, size_t cap, struct mm_view text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < cap; i++)
        if (!mm_is_fws((unsigned char)text.data[i]))
            out[len++] = text.data[i];
    return len;
}

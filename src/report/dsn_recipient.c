/*
 * dsn_recipient.c - the address in a recipient field of message/delivery-status.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dsn_recipient.h"

/* The byte that "+XY" at the start of `text` stands for, or -1. Its digits are capitals. */
static int xtext_byte(struct mm_view text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (text.len < 3 || text.data[0] != '+')
        return -1;
    const char *high = memchr(digits, text.data[1], 16), *low = memchr(digits, text.data[2], 16);
    return high && low ? (int)(high - digits) << 4 | (int)(low - digits) : -1;
}

enum mm_status mm_dsn_decode_xtext(struct mm_view *original, struct mm_view final,
                                   struct mm_arena *arena)
{
    if (original->len <= final.len || !memchr(original->data, '+', original->len))
        return MM_OK;
    char *out = mm_arena_alloc(arena, original->len);
    size_t len = 0;
    if (!out)
        return MM_E_NOMEM;
    for (struct mm_view rest = *original; rest.len;) {
        int byte = xtext_byte(rest);
        size_t step = byte >= 0 ? 3 : 1;
        out[len++] = byte >= 0 ? (char)byte : rest.data[0];
        rest = mm_view_sub(rest, step, rest.len - step);
    }
    if (mm_view_eq_nocase((struct mm_view){out, len}, final))
        *original = (struct mm_view){out, len};
    return MM_OK;
}

/*
 * utf8.h - one character out of UTF-8, strictly (RFC 3629 section 4).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_UTF8_H
#define MM_TEXT_UTF8_H

#include "base/view.h"

/*
 * Decode the character at the start of `v`. Returns its length, 1..4, and its code point; 0 where
 * the bytes are no character: overlong, surrogate, above U+10FFFF, cut short, or `v` is empty.
 */
static inline size_t mm_utf8_decode(struct mm_view v, uint32_t *code_point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (v.len == 0)
        return 0;
    unsigned char lead = (unsigned char)v.data[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || v.len < len)
        return 0;
    uint32_t sum = lead & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)v.data[i];
        if ((c & 0xc0) != 0x80)
            return 0;
        sum = sum << 6 | (c & 0x3f);
    }
    if (sum < least[len] || sum > 0x10ffff || (sum >= 0xd800 && sum <= 0xdfff))
        return 0;
    *code_point = sum;
    return len;
}

/* Write a code point (a valid one: not above U+10FFFF) as 1..4 bytes. Returns their number. */
static inline size_t mm_utf8_encode(uint32_t code_point, char *out)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

/* Characters that change how the text around them is shown: bidirectional controls, and the two
 * line separators that are line ends to some readers (Unicode 15 section 23.2). */
static inline bool mm_utf8_is_deceptive(uint32_t code_point)
{
    return code_point == 0x61c || code_point == 0x200e || code_point == 0x200f ||
           (code_point >= 0x2028 && code_point <= 0x202e) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

#endif /* MM_TEXT_UTF8_H */

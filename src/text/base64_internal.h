/*
 * base64_internal.h - what the strict decoder of tags and the lenient one of bodies share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_BASE64_INTERNAL_H
#define MM_TEXT_BASE64_INTERNAL_H

#include "text/base64.h"

/* What a byte is: 0..63 its value; with the bit MM_BASE64_NO_DIGIT it is no digit. */
enum { MM_BASE64_SPACE = 64, MM_BASE64_PAD = 65, MM_BASE64_NONE = 66, MM_BASE64_NO_DIGIT = 64 };
extern const uint8_t mm_base64_kinds[256];

/* The forms of mm_base64_kernel: take whole steps from the head of `digits`, up to the first that
 * holds anything else, and return the digits used, a multiple of four. `out` may be the digits
 * themselves; else up to MM_BASE64_STEP_SLACK bytes behind what counts are overwritten. */
typedef size_t mm_base64_steps_fn(char *out, const char *digits, size_t len);
enum { MM_BASE64_STEP_SLACK = 16 };

/* Groups of four digits with nothing between them. Returns the characters used; *out moves on. */
static inline size_t mm_base64_groups(const char *digits, size_t len, uint8_t **out)
{
    const uint8_t *in = (const uint8_t *)digits;
    uint8_t *to = *out;
    size_t i = 0;
    for (; len - i >= 4; i += 4, to += 3) {
        uint32_t a = mm_base64_kinds[in[i]], b = mm_base64_kinds[in[i + 1]],
                 c = mm_base64_kinds[in[i + 2]], d = mm_base64_kinds[in[i + 3]];
        if ((a | b | c | d) >= MM_BASE64_SPACE)
            break;
        uint32_t group = a << 18 | b << 12 | c << 6 | d;
        to[0] = (uint8_t)(group >> 16);
        to[1] = (uint8_t)(group >> 8);
        to[2] = (uint8_t)group;
    }
    *out = to;
    return i;
}

/* The octets of an unfinished group: two digits hold one, three hold two. */
static inline void mm_base64_tail(uint8_t **out, uint32_t group, unsigned digits)
{
    if (digits >= 2)
        *(*out)++ = (uint8_t)(digits == 2 ? group >> 4 : group >> 10);
    if (digits == 3)
        *(*out)++ = (uint8_t)(group >> 2);
}

#endif /* MM_TEXT_BASE64_INTERNAL_H */

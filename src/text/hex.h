/*
 * hex.h - one hexadecimal digit.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_HEX_H
#define MM_TEXT_HEX_H

#include "base/view.h"

/* Value of a digit in either case, or -1. */
static inline int mm_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)mm_ascii_lower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Value of the two digits at the start of `v`, or -1 where they are not there. */
static inline int mm_hex_octet(struct mm_view v)
{
    int high = v.len > 1 ? mm_hex_value(v.data[0]) : -1;
    int low = v.len > 1 ? mm_hex_value(v.data[1]) : -1;
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

#endif /* MM_TEXT_HEX_H */

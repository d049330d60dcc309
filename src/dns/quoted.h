/*
 * quoted.h - bytes between quotes, as master files and recorded answers write them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DNS_QUOTED_H
#define MM_DNS_QUOTED_H

#include "base/buf.h"

/* Append "…": quotes and backslashes get a backslash, bytes outside printable ASCII are written by
 * `escape`, a printf format for one unsigned. */
static inline void mm_quoted_write(struct mm_buf *out, struct mm_view v, const char *escape)
{
    mm_buf_append_char(out, '"');
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.data[i];
        if (c < 0x20 || c >= 0x7f) {
            mm_buf_printf(out, escape, (unsigned)c);
            continue;
        }
        if (c == '"' || c == '\\')
            mm_buf_append_char(out, '\\');
        mm_buf_append_char(out, (char)c);
    }
    mm_buf_append_char(out, '"');
}

#endif /* MM_DNS_QUOTED_H */

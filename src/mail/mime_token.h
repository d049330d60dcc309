/*
 * mime_token.h - bytes that need no quotes in a structured field.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_MIME_TOKEN_H
#define MM_MAIL_MIME_TOKEN_H

#include "base/view.h"

/* RFC 2045 section 5.1: printable ASCII without blanks and tspecials. */
static inline bool mm_is_token_byte(unsigned char c)
{
    return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static inline bool mm_is_token(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!mm_is_token_byte((unsigned char)v.data[i]))
            return false;
    return v.len > 0;
}

#endif /* MM_MAIL_MIME_TOKEN_H */

/*
 * cfws.c - steps over what a structured field may have between its parts (RFC 5322 section 3.2).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/cfws.h"

/* A backslash and the byte behind it count as one. */
static char next_byte(struct mm_view text, size_t *at)
{
    char c = text.data[(*at)++];
    if (c == '\\' && *at < text.len)
        ++*at;
    return c;
}

bool mm_cfws_skip_comment(struct mm_view text, size_t *at)
{
    size_t depth = 0;
    while (*at < text.len) {
        char c = next_byte(text, at);
        if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return true;
    }
    return false;
}

bool mm_cfws_skip_quoted(struct mm_view text, size_t *at)
{
    ++*at;
    while (*at < text.len)
        if (next_byte(text, at) == '"')
            return true;
    return false;
}

bool mm_cfws_skip(struct mm_view text, size_t *at)
{
    while (*at < text.len) {
        if (mm_is_fws((unsigned char)text.data[*at]))
            ++*at;
        else if (text.data[*at] != '(')
            break;
        else if (!mm_cfws_skip_comment(text, at))
            return false;
    }
    return true;
}

/*
 * authserv_id.c - who says a result: which names may be ours, which fields claim to be from us.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mime_token.h"
#include "mailmill/auth.h"
#include "text/cfws.h"

bool mm_authserv_id_is_valid(struct mm_view id)
{
    return id.len <= MM_AUTHSERV_ID_MAX_BYTES && mm_is_token(id);
}

/* A byte that has no place in a field, but for the folds around it. */
static bool is_stray(unsigned char c)
{
    return (c < ' ' && !mm_is_fws(c)) || c == 0x7f;
}

/* The bytes of a quoted string, without its quoting, from behind the opening quote. False where it
 * cannot be read; *same: whether they are the id. */
static bool read_quoted(struct mm_view v, size_t at, struct mm_view id, bool *same)
{
    size_t n = 0;
    *same = true;
    for (; at < v.len && v.data[at] != '"'; at++, n++) {
        if (v.data[at] == '\\')
            at++;
        if (at == v.len || v.data[at] == '\r' || v.data[at] == '\n' ||
            is_stray((unsigned char)v.data[at]))
            return false;
        *same =
            *same && n < id.len && mm_view_eq_nocase(mm_view_sub(v, at, 1), mm_view_sub(id, n, 1));
    }
    *same = *same && n == id.len;
    return at < v.len;
}

/* The same without quotes: all up to a blank, comment or result. */
static bool read_bare(struct mm_view v, size_t at, struct mm_view id, bool *same)
{
    static const char ends[] = " \t\r\n;(\"";
    size_t end = at;
    while (end < v.len && !memchr(ends, v.data[end], sizeof ends - 1)) {
        if (is_stray((unsigned char)v.data[end++]))
            return false;
    }
    *same = mm_view_eq_nocase(mm_view_sub(v, at, end - at), id);
    return end > at && (end == v.len || v.data[end] != '"');
}

bool mm_authres_claims(struct mm_view value, struct mm_view authserv_id)
{
    size_t at = 0;
    bool same = false;
    if (!mm_cfws_skip(value, &at) || at == value.len)
        return true;
    bool readable = value.data[at] == '"' ? read_quoted(value, at + 1, authserv_id, &same)
                                          : read_bare(value, at, authserv_id, &same);
    return same || !readable;
}

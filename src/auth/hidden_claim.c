/*
 * hidden_claim.c - a field in our name that only some readers see.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "auth/hidden_claim.h"

#include "auth/authres_field.h"
#include "base/view.h"

/* Offset of the first CR from `at` on that has no LF behind it, or the text's length. */
static size_t next_bare_cr(struct mm_view text, size_t at)
{
    while (at < text.len) {
        const char *cr = memchr(text.data + at, '\r', text.len - at);
        if (!cr)
            break;
        at = (size_t)(cr - text.data);
        if (at + 1 == text.len || cr[1] != '\n')
            return at;
        at += 2;
    }
    return text.len;
}

static void skip_blanks(struct mm_view text, size_t *at, bool and_crs)
{
    while (*at < text.len &&
           (mm_is_wsp((unsigned char)text.data[*at]) || (and_crs && text.data[*at] == '\r')))
        ++*at;
}

/* Where the line end at `at` is followed by a fold: what is behind it; else `at`. */
static size_t skip_fold(struct mm_view text, size_t at)
{
    struct mm_view rest = mm_view_sub(text, at, text.len - at);
    size_t next = at + (mm_view_starts(rest, MM_VIEW("\r\n")) ? 2 : 1);
    return next < text.len && mm_is_wsp((unsigned char)text.data[next]) ? next : at;
}

/* Of a value: what names its host is far shorter, and a header may have a field at every thirtieth
 * byte, each of which is also a fold of those before. */
enum { VALUE_MAX_BYTES = 4096 };

/* A value up to the line end that no fold follows, where CR, LF and CRLF are line ends. */
static struct mm_view value_at(struct mm_view text, size_t at)
{
    size_t end = at;
    while (end < text.len && end - at < VALUE_MAX_BYTES) {
        bool line_ends = text.data[end] == '\r' || text.data[end] == '\n';
        size_t next = line_ends ? skip_fold(text, end) : end + 1;
        if (next == end)
            break;
        end = next;
    }
    return mm_view_sub(text, at, end - at);
}

/* The text at `at` is a field that claims to be from authserv_id. */
static bool is_claim(struct mm_view text, size_t at, struct mm_view authserv_id)
{
    static const struct mm_view NAME = MM_VIEW(MM_AUTHRES_NAME);
    if (!mm_view_starts_nocase(mm_view_sub(text, at, text.len - at), NAME))
        return false;
    at += NAME.len;
    skip_blanks(text, &at, false);
    return at < text.len && text.data[at] == ':' &&
           mm_authres_claims(value_at(text, at + 1), authserv_id);
}

bool mm_authres_hidden_claim(struct mm_view header, struct mm_view authserv_id, size_t *at)
{
    size_t next = 0;
    while ((*at = next_bare_cr(header, next)) < header.len) {
        next = *at;
        skip_blanks(header, &next, true);
        if (is_claim(header, next, authserv_id))
            return true;
    }
    return false;
}

/*
 * quoted_printable.c - quoted-printable bodies as bytes (RFC 2045 section 6.7).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/quoted_printable.h"

#include "text/hex.h"

static char *copy(char *to, const char *from, size_t len)
{
    if (len > 0)
        memmove(to, from, len);
    return to + len;
}

/* One line without its end; *soft tells that the line goes on with the next. */
static char *decode_line(struct mm_view line, char *to, uint64_t *bad, bool *soft)
{
    const char *at = line.data, *end = at + line.len, *equals;
    *soft = false;
    while (at < end && (equals = memchr(at, '=', (size_t)(end - at))) != NULL) {
        to = copy(to, at, (size_t)(equals - at));
        at = equals + 1;
        if (at == end) {
            *soft = true;
            return to;
        }
        int octet = mm_hex_octet((struct mm_view){at, (size_t)(end - at)});
        *to++ = octet < 0 ? '=' : (char)octet;
        *bad += octet < 0;
        at += octet < 0 ? 0 : 2;
    }
    return copy(to, at, (size_t)(end - at));
}

size_t mm_qp_decode(struct mm_view text, char *out, uint64_t *bad)
{
    char *to = out;
    uint64_t kept = 0;
    while (text.len > 0) {
        const char *lf = memchr(text.data, '\n', text.len);
        size_t next = lf ? (size_t)(lf - text.data) + 1 : text.len;
        size_t end = next - (lf != NULL);
        end -= lf && end > 0 && text.data[end - 1] == '\r';
        struct mm_view line = mm_view_sub(text, 0, end),
                       line_end = mm_view_sub(text, end, next - end);
        while (line.len > 0 && mm_is_wsp((unsigned char)line.data[line.len - 1]))
            line.len--;
        bool soft;
        to = decode_line(line, to, &kept, &soft);
        if (!soft)
            to = copy(to, line_end.data, line_end.len);
        text = mm_view_sub(text, next, text.len - next);
    }
    if (bad)
        *bad = kept;
    return (size_t)(to - out);
}

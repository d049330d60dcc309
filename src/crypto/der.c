/*
 * der.c - a strict reader of DER, as far as keys need it (X.690 sections 8 and 10).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/der.h"

/* Octets of a length's value that we read: keys stay far below 2^24 octets. */
enum { LENGTH_OCTETS_MAX = 3 };

static unsigned octet(struct mm_view v, size_t at)
{
    return (unsigned char)v.data[at];
}

/* The length after the tag: short form below 128, else the shortest long form (X.690 10.1). */
static bool read_length(struct mm_view rest, size_t *length, size_t *header_bytes)
{
    if (rest.len < 2)
        return false;
    unsigned first = octet(rest, 1);
    if (first < 0x80) {
        *length = first;
        *header_bytes = 2;
        return true;
    }
    size_t octets = first & 0x7f;
    if (octets == 0 || octets > LENGTH_OCTETS_MAX || rest.len < 2 + octets || octet(rest, 2) == 0)
        return false;
    size_t value = 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | octet(rest, 2 + i);
    *length = value;
    *header_bytes = 2 + octets;
    return value >= 0x80;
}

int mm_der_peek(struct mm_view rest)
{
    return rest.len ? (int)octet(rest, 0) : -1;
}

bool mm_der_take(struct mm_view *rest, enum mm_der_tag tag, struct mm_view *content)
{
    size_t length, header;
    if (mm_der_peek(*rest) != (int)tag || !read_length(*rest, &length, &header) ||
        length > rest->len - header)
        return false;
    *content = mm_view_sub(*rest, header, length);
    *rest = mm_view_sub(*rest, header + length, rest->len - header - length);
    return true;
}

bool mm_der_take_unsigned(struct mm_view *rest, struct mm_view *magnitude)
{
    struct mm_view after = *rest, content;
    if (!mm_der_take(&after, MM_DER_INTEGER, &content) || content.len == 0 ||
        octet(content, 0) >= 0x80)
        return false;
    if (octet(content, 0) == 0) {
        if (content.len > 1 && octet(content, 1) < 0x80)
            return false; /* a zero octet that the sign does not need (X.690 8.3.2) */
        content = mm_view_sub(content, 1, content.len - 1);
    }
    *magnitude = content;
    *rest = after;
    return true;
}

bool mm_der_whole(struct mm_view bytes, enum mm_der_tag tag, struct mm_view *content)
{
    return mm_der_take(&bytes, tag, content) && bytes.len == 0;
}

/*
 * sign_field.h - the text of a DKIM-Signature field, laid out the same way every time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lines stay below 78 columns where the values allow it: folds stand between tags, behind colons of
 * h=, and inside b=, the places that no relay has a reason to touch (RFC 6376 section 3.5).
 */
#ifndef MM_DKIM_SIGN_FIELD_H
#define MM_DKIM_SIGN_FIELD_H

#include "base/buf.h"
#include "crypto/public_key.h"
#include "dkim/canon_body.h"

struct mm_sign_field {
    enum mm_key_type key_type;
    enum mm_canon header_canon, body_canon;
    struct mm_view domain, selector;
    struct mm_view identity;        /* i= as it is written, already encoded; empty: none */
    struct mm_view headers;         /* names joined by ':' */
    uint64_t signed_at, expires_at; /* expires_at 0: no x= */
    const uint8_t *body_hash;       /* MM_SHA256_BYTES of it */
    struct mm_view line_end;        /* "\r\n" or "\n" */
};

enum { MM_SIGN_COLUMNS = 77 }; /* most characters of a line, its end not counted */

/* Append the field from its name to "b=". Returns the column that b= begins at: characters on the
 * line so far. */
size_t mm_sign_field_begin(struct mm_buf *out, const struct mm_sign_field *field);
/* Append the signature behind it, and the last line end. */
void mm_sign_field_end(struct mm_buf *out, size_t column, const uint8_t *signature,
                       size_t signature_bytes, struct mm_view line_end);

/* Append an address as i= wants it: dkim-quoted-printable (RFC 6376 section 2.11). */
void mm_sign_identity_encode(struct mm_buf *out, struct mm_view identity);

#endif /* MM_DKIM_SIGN_FIELD_H */

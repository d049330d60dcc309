/*
 * canon_header.h - a header field to the bytes that are hashed (RFC 6376 section 3.4.1, 3.4.2).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_CANON_HEADER_H
#define MM_DKIM_CANON_HEADER_H

#include "base/buf.h"
#include "dkim/canon_body.h"

/*
 * Append one field's canonical form.
 * field      from the first byte of the name to the end of the value, final line end not included;
 *            LF inside counts as CRLF.
 * value_at   offset in `field` of the first byte after the colon.
 * add_crlf   false for the signature field itself, which is hashed last and without it.
 */
void mm_canon_header(struct mm_buf *out, enum mm_canon canon, struct mm_view field, size_t value_at,
                     bool add_crlf);
/* Plain reference for the tests. */
void mm_canon_header_reference(struct mm_buf *out, enum mm_canon canon, struct mm_view field,
                               size_t value_at, bool add_crlf);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_canon_header_kernel;

#endif /* MM_DKIM_CANON_HEADER_H */

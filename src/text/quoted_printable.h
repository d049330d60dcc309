/*
 * quoted_printable.h - quoted-printable bodies as bytes (RFC 2045 section 6.7).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_QUOTED_PRINTABLE_H
#define MM_TEXT_QUOTED_PRINTABLE_H

#include "base/view.h"

/*
 * Decode `text`: escapes in either case, soft line breaks taken out, blanks at the end of a line
 * dropped (rule 3: they were added on the way), line ends as they stand. A '=' that begins no
 * escape is kept as it is.
 *
 * out  room for text.len bytes; may be text's own memory.
 * bad  [out] '=' that were kept. May be NULL.
 * Returns the bytes written.
 */
size_t mm_qp_decode(struct mm_view text, char *out, uint64_t *bad);

#endif /* MM_TEXT_QUOTED_PRINTABLE_H */

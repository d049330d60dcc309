/*
 * json_write.h - JSON text into a buffer, safe for any bytes (RFC 8259).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Output is UTF-8 on one line. Bytes that are not valid UTF-8 become \u00NN, one a byte, and the
 * writer remembers that (`raw_bytes`), so that the row can say so. Control bytes, DEL, U+2028/9 and
 * bidirectional controls are escaped: no mail can forge a row or a terminal sequence.
 * U+0080..U+009F are written as their two bytes, like invalid UTF-8: \u0080..\u00ff always stands
 * for one byte.
 */
#ifndef MM_TEXT_JSON_WRITE_H
#define MM_TEXT_JSON_WRITE_H

#include "base/buf.h"

/* A quoted string. Sets *raw_bytes (may be NULL) to true where a byte was escaped as
 * \u0080..\u00ff. */
void mm_json_string(struct mm_buf *out, struct mm_view text, bool *raw_bytes);
/* The same without the quotes, for those who write them with what stands around. */
void mm_json_chars(struct mm_buf *out, struct mm_view text, bool *raw_bytes);

/*
 * A quoted string of a text that is UTF-8 by now: U+0080..U+009F are themselves, \u0080..\u009f, so
 * that a reader gets the very text. What is no UTF-8 all the same is escaped as above.
 */
void mm_json_text(struct mm_buf *out, struct mm_view text);

#endif /* MM_TEXT_JSON_WRITE_H */

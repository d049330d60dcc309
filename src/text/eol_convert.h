/*
 * eol_convert.h - a text with the line ends that its place wants.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_EOL_CONVERT_H
#define MM_TEXT_EOL_CONVERT_H

#include "base/buf.h"

enum mm_eol_form { MM_EOL_AS_IS, MM_EOL_TO_LF, MM_EOL_TO_CRLF };

/* False where conversion changes nothing: the text can be taken as it is. */
bool mm_eol_may_change(struct mm_view text, enum mm_eol_form form);

/*
 * Append the next part of `rest` to `out`, converted, and move `rest` on: at most `step_bytes` of
 * it, four or more; lines may be longer. Repeated until `rest` is empty it gives the same bytes
 * whatever the steps. A line whose content ends in CR keeps CRLF: with LF alone that CR would be
 * read as a part of the line end. A CR without LF behind it is content.
 */
void mm_eol_convert(struct mm_buf *out, struct mm_view *rest, size_t step_bytes,
                    enum mm_eol_form form);

#endif /* MM_TEXT_EOL_CONVERT_H */

/*
 * visible.h - bytes that a person is to see one by one: white space, line ends, controls.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_VISIBLE_H
#define MM_TEXT_VISIBLE_H

#include "base/buf.h"

/*
 * Append `text` as lines, each behind `margin`; a new one begins behind each LF. A blank is U+00B7
 * (a raised dot); CR, LF and tab are \r, \n and \t; a backslash is doubled; all else that is not
 * printable ASCII is \xNN, so that the form stands for these bytes and no others, and nothing of it
 * can act on a terminal. No text gives no line.
 */
void mm_visible_lines(struct mm_buf *out, struct mm_view text, const char *margin);

#endif /* MM_TEXT_VISIBLE_H */

/*
 * mbox_lines.h - the lines of a message that an mbox holds as they are, copied in wide steps.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Private to mbox.c, which takes what is left here byte by byte.
 */
#ifndef MM_MAIL_MBOX_LINES_H
#define MM_MAIL_MBOX_LINES_H

#include "base/kernel.h"
#include "base/view.h"

enum { MM_MBOX_LINES_ROOM = 64 }; /* more bytes of output than of input that a step may touch */

/*
 * Copy from the head of *in, CRLF as LF, up to a line that begins with 'F' or '>', a CR that is
 * content, or the last 64 bytes; *in moves on. Where the CR of a pair was the last byte taken, its
 * LF is the next. at_line_start: *in begins a line. `out` has room for in->len and
 * MM_MBOX_LINES_ROOM bytes. Returns the bytes written: none where there are no vectors.
 */
size_t mm_mbox_lines_copy(struct mm_view *in, char *out, bool at_line_start);

/* What runs here, for tests. */
extern struct mm_kernel mm_mbox_lines_kernel;

#endif /* MM_MAIL_MBOX_LINES_H */

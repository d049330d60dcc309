/*
 * line.h - one line put together from pieces, in room of a fixed size.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_LINE_H
#define MM_CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mailmill/base.h"

/* The room is the caller's; what does not fit is cut. Always ends with a NUL. */
struct line {
    char *text;
    size_t cap, len; /* cap counts the NUL, and is at least 1 */
    bool cut;        /* something did not fit */
};

void line_add(struct line *line, const char *fmt, ...) MM_PRINTF(2, 3);

#endif /* MM_CLI_LINE_H */

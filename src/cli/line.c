/*
 * line.c - one line put together from pieces, in room of a fixed size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "line.h"

#include <stdarg.h>
#include <stdio.h>

void line_add(struct line *line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line->text + line->len, line->cap - line->len, fmt, args);
    va_end(args);
    if (n > 0)
        line->len += (size_t)n;
    if (line->len >= line->cap) {
        line->len = line->cap - 1;
        line->cut = true;
    }
}

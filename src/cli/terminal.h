/*
 * terminal.h - the one way to stderr: whole lines, and one line that is drawn over.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A live line (progress) stays the last one of the terminal: it is taken away before anything else
 * is written and drawn again later. Every line leaves in one write(2), so that lines of several
 * processes do not mix.
 */
#ifndef MM_CLI_TERMINAL_H
#define MM_CLI_TERMINAL_H

#include <stdbool.h>

#include "mailmill/base.h"

enum {
    ESCAPED_PATH_BYTES = 4 * 4096 + 1, /* PATH_MAX, every byte as \xNN */
    TERMINAL_LINE_BYTES = 2 * ESCAPED_PATH_BYTES
};

/* What a descriptor is: a terminal, one that can draw over a line, one that wants colours
 * (NO_COLOR). */
struct terminal {
    bool is_terminal, can_redraw, colour;
};
struct terminal terminal_of(int fd);

/* One line to stderr; the newline is added. Longer ones are cut. */
void terminal_say(const char *fmt, ...) MM_PRINTF(1, 2);
/* Draw text as the live line, cut to the width of the terminal. */
void terminal_draw(const char *text);
/* Take the live line away. Safe in a signal handler. */
void terminal_clear(void);

/* Escaped for one line, in memory that lasts until the call after the next: two fit one message. */
const char *escaped(struct mm_view bytes);
const char *escaped_text(const char *text);

#endif /* MM_CLI_TERMINAL_H */

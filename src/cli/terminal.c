/*
 * terminal.c - the one way to stderr: whole lines, and one line that is drawn over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mailmill/run.h"

/* Back to the first column, then erase to the end of the line (ECMA-48: EL). */
static const char erase_line[] = "\r\033[K";

/* Read by a signal handler. */
static volatile sig_atomic_t line_is_drawn;

/* What cannot be told on stderr cannot be told at all: failures end the attempt. */
static void write_whole(const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(STDERR_FILENO, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

struct terminal terminal_of(int fd)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    struct terminal t;
    t.is_terminal = isatty(fd);
    t.can_redraw = t.is_terminal && term && *term && strcmp(term, "dumb") != 0;
    t.colour = t.can_redraw && !(no_colour && *no_colour);
    return t;
}

void terminal_say(const char *fmt, ...)
{
    static char line[TERMINAL_LINE_BYTES];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line - 1, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    size_t len = (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
    line[len++] = '\n';
    terminal_clear();
    write_whole(line, len);
}

static size_t terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return size.ws_col;
    return 80;
}

/* Bytes of text that fill at most `columns`; colour sequences take no room. */
static size_t fitting_bytes(const char *text, size_t columns)
{
    size_t at = 0, used = 0;
    while (text[at] && used < columns) {
        if (text[at] == '\033') {
            at += strcspn(text + at, "m");
            at += text[at] == 'm';
            continue;
        }
        at++;
        used++;
    }
    return at;
}

void terminal_draw(const char *text)
{
    char line[512];
    /* The last column stays free: a terminal may wrap as soon as it is written. */
    size_t len = fitting_bytes(text, terminal_columns() - 1);
    bool cut = text[len] != '\0';
    int n = snprintf(line, sizeof line, "%s%.*s%s", erase_line, (int)len, text,
                     cut && strchr(text, '\033') ? "\033[m" : "");
    if (n < 0)
        return;
    line_is_drawn = 1;
    write_whole(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void terminal_clear(void)
{
    if (!line_is_drawn)
        return;
    write_whole(erase_line, sizeof erase_line - 1);
    line_is_drawn = 0;
}

const char *escaped(struct mm_view bytes)
{
    static char texts[2][ESCAPED_PATH_BYTES];
    static unsigned calls;
    char *text = texts[calls++ % 2];
    mm_escape_line(bytes, text, ESCAPED_PATH_BYTES);
    return text;
}

const char *escaped_text(const char *text)
{
    return escaped((struct mm_view){text, strlen(text)});
}

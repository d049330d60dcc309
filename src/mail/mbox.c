/*
 * mbox.c - cut an mbox into messages, undo mboxrd quoting, and write mboxrd.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mbox.h"

#include <time.h>

#include "mail/mbox_lines.h"

static const char separator[] = "From "; /* RFC 4155 section 2: what a separator line begins with */
enum { SEPARATOR_BYTES = sizeof separator - 1 };

bool mm_mbox_sniff(struct mm_view head)
{
    if (!mm_view_starts(head, MM_VIEW("From ")))
        return false;
    size_t at = SEPARATOR_BYTES;
    while (at < head.len && mm_is_wsp((unsigned char)head.data[at]))
        at++;
    if (at < head.len && head.data[at] == ':')
        return false; /* "From :" is a field with a blank in it */
    while (at < head.len && head.data[at] != '\r' && head.data[at] != '\n')
        at++;
    /* A bare CR ends no line of an mbox: the file is one message of a system that ended lines so.
     */
    while (at < head.len && head.data[at] == '\r')
        at++;
    return at == head.len || head.data[at] == '\n';
}

/* True where the line that ends just before `at` is empty. */
static bool after_empty_line(struct mm_view v, size_t at)
{
    if (at == 0 || v.data[at - 1] != '\n')
        return false;
    at -= at > 1 && v.data[at - 2] == '\r' ? 2 : 1;
    return at == 0 || v.data[at - 1] == '\n';
}

/* Offset of the first "From " at or after `from` that `before` precedes; v.len without one. */
static size_t find_from(struct mm_view v, size_t from, char before)
{
    char wanted[] = "?From ";
    wanted[0] = before;
    if (from > v.len)
        return v.len;
    size_t start = from > 0 ? from - 1 : 0;
    const char *hit = memmem(v.data + start, v.len - start, wanted, sizeof wanted - 1);
    return hit ? (size_t)(hit - v.data) + 1 : v.len;
}

size_t mm_mbox_next(struct mm_view bytes, size_t from)
{
    if (bytes.len == 0)
        return 0;
    size_t at = find_from(bytes, from, '\n');
    while (at < bytes.len && !after_empty_line(bytes, at))
        at = find_from(bytes, at + 1, '\n');
    return at;
}

/*
 * Start of the first line at or after the line start `from` that begins with '>'s and "From ";
 * v.len without one. A run of '>' is walked once, since "From " ends it.
 */
static size_t find_quoted(struct mm_view v, size_t from)
{
    for (size_t at = find_from(v, from, '>'); at < v.len; at = find_from(v, at + 1, '>')) {
        size_t start = at;
        while (start > from && v.data[start - 1] == '>')
            start--;
        if (start == from || v.data[start - 1] == '\n')
            return start;
    }
    return v.len;
}

static bool holds_empty_line(struct mm_view v)
{
    return mm_view_starts(v, MM_VIEW("\n")) || mm_view_starts(v, MM_VIEW("\r\n")) ||
           memmem(v.data, v.len, "\n\n", 2) || memmem(v.data, v.len, "\n\r\n", 3);
}

struct mm_mbox_message mm_mbox_trim(struct mm_view entry)
{
    struct mm_mbox_message m = {.from_line = mm_view_sub(entry, 0, 0), .quoted = entry};
    if (mm_view_starts(entry, MM_VIEW("From "))) {
        const char *lf = memchr(entry.data, '\n', entry.len);
        size_t len = lf ? (size_t)(lf - entry.data) + 1 : entry.len;
        m.from_line = mm_view_sub(entry, 0, len);
        m.quoted = mm_view_sub(entry, len, entry.len - len);
    }
    if (m.quoted.len == 0)
        return m;
    if (after_empty_line(m.quoted, m.quoted.len))
        m.quoted.len -= mm_view_ends(m.quoted, MM_VIEW("\r\n")) ? 2 : 1;
    size_t first = find_quoted(m.quoted, 0);
    m.has_quotes = first < m.quoted.len;
    m.body_quotes_only = m.has_quotes && holds_empty_line(mm_view_sub(m.quoted, 0, first));
    return m;
}

struct mm_view mm_mbox_next_piece(struct mm_view *quoted)
{
    if (quoted->len == 0)
        return *quoted;
    size_t hit = find_quoted(*quoted, 0), from = 0;
    if (hit == 0) {
        from = 1; /* the '>' stays behind; the rest of this line cannot begin another quoted one */
        const char *lf = memchr(quoted->data, '\n', quoted->len);
        size_t next = lf ? (size_t)(lf - quoted->data) + 1 : quoted->len;
        hit = next < quoted->len ? find_quoted(*quoted, next) : quoted->len;
    }
    struct mm_view piece = mm_view_sub(*quoted, from, hit - from);
    *quoted = mm_view_sub(*quoted, hit, quoted->len - hit);
    return piece;
}

size_t mm_mbox_unquote(char *quoted, size_t len)
{
    struct mm_view rest = {quoted, len}, piece;
    size_t to = 0;
    while ((piece = mm_mbox_next_piece(&rest)).len) {
        if (piece.data != quoted + to)
            memmove(quoted + to, piece.data, piece.len);
        to += piece.len;
    }
    return to;
}

/* A separator of our own; the time has the form of asctime() in UTC, whatever the locale. */
static void append_mailer_daemon(struct mm_buf *out, int64_t when)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)when;
    struct tm utc;
    if (!gmtime_r(&seconds, &utc)) { /* a year beyond int */
        seconds = 0;
        gmtime_r(&seconds, &utc);
    }
    mm_buf_printf(out, "From MAILER-DAEMON %.3s %.3s %2d %02d:%02d:%02d %d",
                  days + (ptrdiff_t)3 * utc.tm_wday, months + (ptrdiff_t)3 * utc.tm_mon,
                  utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, utc.tm_year + 1900);
}

void mm_mbox_write_begin(struct mm_mbox_writer *w, struct mm_buf *out, struct mm_view from_line,
                         int64_t when)
{
    *w = (struct mm_mbox_writer){.out = out, .at_line_start = true, .in_prefix = true};
    while (from_line.len &&
           (mm_view_ends(from_line, MM_VIEW("\n")) || mm_view_ends(from_line, MM_VIEW("\r"))))
        from_line.len--;
    if (from_line.len)
        mm_buf_append(out, from_line);
    else
        append_mailer_daemon(out, when);
    mm_buf_append_char(out, '\n');
}

/*
 * One byte of a line's beginning. A '>' goes out at once: the extra one of a quoted line may as
 * well stand behind it. The bytes of "From " wait until all five are there or one is not.
 */
static void write_prefix_byte(struct mm_mbox_writer *w, char c)
{
    if (w->prefix_len == 0 && c == '>') {
        mm_buf_append_char(w->out, '>');
        w->at_line_start = false;
        return;
    }
    w->prefix_len++;
    if (w->prefix_len < SEPARATOR_BYTES)
        return;
    mm_buf_append_str(w->out, ">From ");
    w->at_line_start = w->in_prefix = false;
    w->prefix_len = 0;
}

/* The line does not begin with "From " after all: what waited goes out as it came. */
static void leave_prefix(struct mm_mbox_writer *w)
{
    mm_buf_append(w->out, (struct mm_view){separator, w->prefix_len});
    if (w->prefix_len)
        w->at_line_start = false;
    w->in_prefix = false;
    w->prefix_len = 0;
}

/* Bytes of one line, its LF not among them; a CR at their end waits for what follows. */
static void write_content(struct mm_mbox_writer *w, struct mm_view text)
{
    if (text.len == 0)
        return;
    if (w->pending_cr)
        mm_buf_append_char(w->out, '\r');
    bool cr_went_out = w->pending_cr;
    w->pending_cr = text.data[text.len - 1] == '\r';
    text.len -= w->pending_cr;
    mm_buf_append(w->out, text);
    w->ends_in_cr = text.len ? text.data[text.len - 1] == '\r' : cr_went_out;
    w->at_line_start = false;
}

static void write_line_end(struct mm_mbox_writer *w)
{
    if (w->ends_in_cr)
        mm_buf_append_char(w->out, '\r');
    mm_buf_append_char(w->out, '\n');
    w->at_line_start = w->in_prefix = true;
    w->pending_cr = w->ends_in_cr = false;
}

/* What needs no look at single bytes, with nothing held back before it. Returns the bytes of `part`
 * that are done. */
static size_t write_plain_lines(struct mm_mbox_writer *w, struct mm_view part)
{
    struct mm_view rest = part;
    if (w->prefix_len || w->pending_cr || !mm_buf_reserve(w->out, part.len + MM_MBOX_LINES_ROOM))
        return 0;
    w->out->len += mm_mbox_lines_copy(&rest, w->out->data + w->out->len, w->in_prefix);
    size_t done = part.len - rest.len;
    if (done)
        w->at_line_start = w->in_prefix = part.data[done - 1] == '\n';
    return done;
}

void mm_mbox_write_part(struct mm_mbox_writer *w, struct mm_view part)
{
    for (size_t at = 0; at < part.len;) {
        at += write_plain_lines(w, mm_view_sub(part, at, part.len - at));
        char c = part.data[at];
        if (w->in_prefix && (c == separator[w->prefix_len] || (w->prefix_len == 0 && c == '>'))) {
            write_prefix_byte(w, c);
            at++;
            continue;
        }
        if (w->in_prefix)
            leave_prefix(w);
        const char *lf = memchr(part.data + at, '\n', part.len - at);
        size_t end = lf ? (size_t)(lf - part.data) : part.len;
        write_content(w, mm_view_sub(part, at, end - at));
        at = end;
        if (lf) {
            write_line_end(w);
            at++;
        }
    }
}

void mm_mbox_write_end(struct mm_mbox_writer *w)
{
    if (w->in_prefix)
        leave_prefix(w);
    if (w->pending_cr) { /* nothing follows: it is content */
        mm_buf_append_char(w->out, '\r');
        w->ends_in_cr = true;
    }
    if (!w->at_line_start || w->pending_cr)
        write_line_end(w);
    write_line_end(w);
}

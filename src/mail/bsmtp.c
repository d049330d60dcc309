/*
 * bsmtp.c - batch SMTP: messages with their envelopes, as a mail system reads them from a file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/bsmtp.h"

#include <string.h>

enum command { COMMAND_NONE, COMMAND_MAIL, COMMAND_RCPT, COMMAND_DATA };

static const struct {
    struct mm_view word;
    enum command command;
    bool begins; /* a file may begin with it */
} COMMANDS[] = {
    {{"helo", 4}, COMMAND_NONE, true},  {{"ehlo", 4}, COMMAND_NONE, true},
    {{"lhlo", 4}, COMMAND_NONE, true},  {{"mail", 4}, COMMAND_MAIL, true},
    {{"rcpt", 4}, COMMAND_RCPT, false}, {{"data", 4}, COMMAND_DATA, false},
    {{"rset", 4}, COMMAND_NONE, true},  {{"noop", 4}, COMMAND_NONE, false},
    {{"vrfy", 4}, COMMAND_NONE, false}, {{"expn", 4}, COMMAND_NONE, false},
    {{"help", 4}, COMMAND_NONE, false}, {{"quit", 4}, COMMAND_NONE, false},
};

/* A word of four letters, then a blank or the end of the line. */
static bool is_word_end(char c)
{
    return c == ' ' || c == '\r' || c == '\n' || c == '\t';
}

static int find_command(struct mm_view line)
{
    for (size_t i = 0; i < MM_COUNT(COMMANDS); i++)
        if (line.len > 4 && is_word_end(line.data[4]) &&
            mm_view_eq_nocase(mm_view_sub(line, 0, 4), COMMANDS[i].word))
            return (int)i;
    return -1;
}

bool mm_bsmtp_sniff(struct mm_view head)
{
    int found = find_command(head);
    return found >= 0 && COMMANDS[found].begins;
}

/* Up to and with the LF; false where it is not there. */
static bool cut_line(struct mm_view bytes, size_t at, struct mm_view *line)
{
    const char *lf = at < bytes.len ? memchr(bytes.data + at, '\n', bytes.len - at) : NULL;
    if (lf)
        *line = mm_view_sub(bytes, at, (size_t)(lf - bytes.data) + 1 - at);
    return lf != NULL;
}

static bool is_blank_line(struct mm_view line)
{
    return mm_view_eq(line, MM_VIEW("\n")) || mm_view_eq(line, MM_VIEW("\r\n"));
}

/* Behind the commands, at the first byte of the message. */
static enum mm_bsmtp_turn read_envelope(struct mm_view bytes, struct mm_bsmtp_message *m)
{
    struct mm_view line;
    size_t at = 0;
    bool in_envelope = false;
    for (; cut_line(bytes, at, &line); at += line.len) {
        if (at > MM_BSMTP_ENVELOPE_MAX_BYTES)
            return MM_BSMTP_DAMAGED;
        if (is_blank_line(line))
            continue;
        int found = find_command(line);
        if (found < 0)
            return MM_BSMTP_DAMAGED;
        switch (COMMANDS[found].command) {
        case COMMAND_MAIL:
            in_envelope = true;
            m->envelope_at = at;
            break;
        case COMMAND_DATA:
            m->envelope_at = in_envelope ? m->envelope_at : at;
            m->envelope_len = at - m->envelope_at;
            m->data_at = at + line.len;
            return MM_BSMTP_MESSAGE;
        case COMMAND_RCPT:
            break;
        default:
            if (mm_view_eq_nocase(mm_view_sub(line, 0, 4), MM_VIEW("rset")))
                in_envelope = false;
        }
    }
    if (bytes.len - at > MM_BSMTP_ENVELOPE_MAX_BYTES)
        return MM_BSMTP_DAMAGED;
    return in_envelope || at < bytes.len ? MM_BSMTP_MORE : MM_BSMTP_END;
}

/* The line of one dot: where it begins and ends. `from` is the message's begin, or a place behind
 * it. */
static bool find_dot(struct mm_view bytes, size_t data_at, size_t from, size_t *dot, size_t *end)
{
    for (size_t at = from; at < bytes.len; at++) {
        const char *found = memchr(bytes.data + at, '.', bytes.len - at);
        if (!found)
            return false;
        at = (size_t)(found - bytes.data);
        if (at > data_at && bytes.data[at - 1] != '\n')
            continue;
        struct mm_view rest = mm_view_sub(bytes, at + 1, bytes.len - at - 1);
        bool lf = mm_view_starts(rest, MM_VIEW("\n"));
        if (!lf && !mm_view_starts(rest, MM_VIEW("\r\n")))
            continue;
        *dot = at;
        *end = at + (lf ? 2 : 3);
        return true;
    }
    return false;
}

enum mm_bsmtp_turn mm_bsmtp_next(struct mm_view bytes, size_t *scanned, struct mm_bsmtp_message *m)
{
    enum { DOT_LINE_BYTES = 3 };
    *m = (struct mm_bsmtp_message){.data_at = 0};
    enum mm_bsmtp_turn turn = read_envelope(bytes, m);
    if (turn != MM_BSMTP_MESSAGE)
        return turn;
    size_t from = *scanned > m->data_at ? *scanned : m->data_at, dot;
    if (!find_dot(bytes, m->data_at, from, &dot, &m->end)) {
        /* The last bytes may be the begin of that line. */
        *scanned = bytes.len > DOT_LINE_BYTES ? bytes.len - DOT_LINE_BYTES : 0;
        return MM_BSMTP_MORE;
    }
    m->data_len = dot - m->data_at;
    return MM_BSMTP_MESSAGE;
}

size_t mm_bsmtp_data_end(struct mm_view bytes)
{
    size_t dot, end;
    return bytes.len && find_dot(bytes, 0, 1, &dot, &end) ? end : 0;
}

size_t mm_bsmtp_unstuff(char *data, size_t len)
{
    size_t to = 0, at = 0;
    while (at < len) {
        if (data[at] == '.')
            at++;
        const char *lf = at < len ? memchr(data + at, '\n', len - at) : NULL;
        size_t line = lf ? (size_t)(lf - (data + at)) + 1 : len - at;
        if (to != at)
            memmove(data + to, data + at, line);
        to += line;
        at += line;
    }
    return to;
}

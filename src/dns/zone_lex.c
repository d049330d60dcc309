/*
 * zone_lex.c - the words of an RFC 1035 master file (section 5.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/zone_lex.h"

void mm_zone_lex_init(struct mm_zone_lex *lex, struct mm_view text)
{
    *lex = (struct mm_zone_lex){.text = text, .line = 1};
}

bool mm_zone_lex_done(const struct mm_zone_lex *lex)
{
    return lex->at == lex->text.len;
}

bool mm_zone_lex_blank_owner(const struct mm_zone_lex *lex)
{
    return !mm_zone_lex_done(lex) && mm_is_wsp((unsigned char)lex->text.data[lex->at]);
}

static enum mm_status fault(struct mm_zone_lex *lex, size_t at, const char *words)
{
    lex->fault_at = at;
    lex->fault = words;
    return MM_E_SYNTAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the escape at the start of `v` (a backslash): 4 for \DDD up to 255, 2 for \X, 0 for
 * none. */
static size_t escape_length(struct mm_view v)
{
    if (v.len < 2 || v.data[1] == '\n' || v.data[1] == '\r' || v.data[1] == '\0')
        return 0;
    if (!is_digit(v.data[1]))
        return 2;
    if (v.len < 4 || !is_digit(v.data[2]) || !is_digit(v.data[3]))
        return 0;
    return (v.data[1] - '0') * 100 + (v.data[2] - '0') * 10 + v.data[3] - '0' <= 255 ? 4 : 0;
}

/* Bytes that end a word or stop its scan: blanks, CR, LF, NUL and ; ( ) " \ */
static bool ends_word(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0' || c == ';' || c == '(' || c == ')' ||
           c == '"';
}

static enum mm_status scan_word(struct mm_zone_lex *lex, struct mm_zone_word *word)
{
    size_t start = lex->at, at = start;
    while (at < lex->text.len && !ends_word(lex->text.data[at])) {
        size_t len = 1;
        if (lex->text.data[at] == '\\')
            len = escape_length(mm_view_sub(lex->text, at, lex->text.len - at));
        if (len == 0)
            return fault(lex, at, "bad escape: \\DDD up to 255 or \\ and a character");
        at += len;
    }
    if (at < lex->text.len && lex->text.data[at] == '"')
        return fault(lex, at, "quote inside a word");
    if (at == start)
        return fault(lex, at, "control byte outside of a quoted string");
    *word = (struct mm_zone_word){.raw = mm_view_sub(lex->text, start, at - start)};
    lex->at = at;
    return MM_OK;
}

static enum mm_status scan_quoted(struct mm_zone_lex *lex, struct mm_zone_word *word)
{
    size_t start = lex->at + 1, at = start;
    while (at < lex->text.len && lex->text.data[at] != '"') {
        size_t len = 1;
        char c = lex->text.data[at];
        if (c == '\\')
            len = escape_length(mm_view_sub(lex->text, at, lex->text.len - at));
        if (len == 0)
            return fault(lex, at, "bad escape: \\DDD up to 255 or \\ and a character");
        if (c == '\n')
            return fault(lex, lex->at, "no closing quote on this line");
        if (c == '\0')
            return fault(lex, at, "NUL byte: write \\000");
        at += len;
    }
    if (at == lex->text.len)
        return fault(lex, lex->at, "no closing quote");
    *word = (struct mm_zone_word){.raw = mm_view_sub(lex->text, start, at - start), .quoted = true};
    lex->at = at + 1;
    return MM_OK;
}

static void skip_comment(struct mm_zone_lex *lex)
{
    size_t left = lex->text.len - lex->at;
    const char *end = memchr(lex->text.data + lex->at, '\n', left);
    lex->at = end ? (size_t)(end - lex->text.data) : lex->text.len;
}

/* Step over a parenthesis; inside of them a line end is a blank. */
static enum mm_status step_paren(struct mm_zone_lex *lex)
{
    bool opens = lex->text.data[lex->at] == '(';
    if (!opens && lex->depth == 0)
        return fault(lex, lex->at, "closing parenthesis without an opening one");
    if (opens) {
        lex->opened_at = lex->at;
        lex->opened_line = lex->line;
        lex->depth++;
    } else {
        lex->depth--;
    }
    lex->at++;
    return MM_OK;
}

enum mm_status mm_zone_lex_next(struct mm_zone_lex *lex, struct mm_zone_word *word)
{
    while (lex->at < lex->text.len) {
        switch (lex->text.data[lex->at]) {
        case ' ':
        case '\t':
        case '\r':
            lex->at++;
            break;
        case '\n':
            lex->at++;
            lex->line++;
            if (lex->depth == 0)
                return MM_END;
            break;
        case ';':
            skip_comment(lex);
            break;
        case '(':
        case ')':
            MM_TRY(step_paren(lex));
            break;
        case '"':
            return scan_quoted(lex, word);
        default:
            return scan_word(lex, word);
        }
    }
    if (lex->depth) {
        lex->line = lex->opened_line;
        return fault(lex, lex->opened_at, "no closing parenthesis");
    }
    return MM_END;
}

/* The byte that the start of `v` stands for; *len is the length of what stands for it. */
static unsigned char decode_one(struct mm_view v, size_t *len)
{
    unsigned char c = (unsigned char)v.data[0];
    *len = c == '\\' ? escape_length(v) : 1;
    if (*len == 4)
        return (unsigned char)((v.data[1] - '0') * 100 + (v.data[2] - '0') * 10 + v.data[3] - '0');
    return *len == 2 ? (unsigned char)v.data[1] : c;
}

size_t mm_zone_word_decode(struct mm_view raw, char *out)
{
    size_t written = 0, len;
    if (!raw.len)
        return 0;
    if (!memchr(raw.data, '\\', raw.len)) {
        memmove(out, raw.data, raw.len);
        return raw.len;
    }
    for (size_t i = 0; i < raw.len; i += len)
        out[written++] = (char)decode_one(mm_view_sub(raw, i, raw.len - i), &len);
    return written;
}

struct name_writer {
    char *out;
    size_t len, label_bytes;
    bool full;
};

static void put(struct name_writer *w, char c)
{
    if (w->len == MM_ZONE_NAME_MAX_BYTES)
        w->full = true;
    else
        w->out[w->len++] = c;
}

/* One byte of a label. */
static void put_label_byte(struct name_writer *w, unsigned char c)
{
    if (c == '.' || c == '\\')
        put(w, '\\');
    put(w, (char)mm_ascii_lower(c));
    w->label_bytes++;
}

const char *mm_zone_name(struct mm_view raw, struct mm_view origin, char *out, size_t *len)
{
    struct name_writer w = {.out = out};
    bool relative = true;
    *len = 0;
    if (mm_view_eq(raw, MM_VIEW(".")))
        return NULL;
    if (mm_view_eq(raw, MM_VIEW("@")))
        raw.len = 0;
    for (size_t i = 0, step; i < raw.len; i += step) {
        unsigned char c = decode_one(mm_view_sub(raw, i, raw.len - i), &step);
        if (c != '.' || step != 1) {
            put_label_byte(&w, c);
            if (w.label_bytes > MM_ZONE_LABEL_MAX_BYTES)
                return "label longer than 63 bytes";
            continue;
        }
        if (w.label_bytes == 0)
            return "empty label in a name";
        relative = i + 1 < raw.len;
        w.label_bytes = 0;
        if (relative)
            put(&w, '.');
    }
    if (relative && origin.len) {
        if (w.len)
            put(&w, '.');
        for (size_t i = 0; i < origin.len && !w.full; i++)
            put(&w, origin.data[i]);
    }
    *len = w.len;
    return w.full ? "name longer than 253 bytes" : NULL;
}

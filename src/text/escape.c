/*
 * escape.c - a stranger's bytes on one line of a terminal, as a JSON string, or for a shell.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/escape.h"

#include "text/hidden.h"
#include "text/json_write.h"
#include "text/utf8.h"

/* Printable: no control, nothing that cannot be seen or turns the text around it. */
static bool is_shown(uint32_t code_point)
{
    return code_point < 0x80 ? code_point >= 0x20 && code_point != 0x7f
                             : !mm_utf8_is_hidden(code_point);
}

static size_t escape_byte(unsigned char c, char out[4])
{
    static const char hex[] = "0123456789abcdef";
    memcpy(out, (char[4]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
    return 4;
}

size_t mm_escape_line(struct mm_view text, char *out, size_t cap)
{
    size_t used = 0;
    if (cap == 0)
        return 0;
    while (text.len) {
        uint32_t code_point;
        char piece[4];
        size_t n = mm_utf8_decode(text, &code_point), len = n;
        if (n && is_shown(code_point)) {
            memcpy(piece, text.data, n);
        } else {
            n = 1;
            len = escape_byte((unsigned char)text.data[0], piece);
        }
        if (used + len + 1 > cap)
            break;
        memcpy(out + used, piece, len);
        used += len;
        text = mm_view_sub(text, n, text.len - n);
    }
    out[used] = '\0';
    return used;
}

size_t mm_escape_json(struct mm_view text, char *out, size_t cap)
{
    enum { WORST_BYTES = 6 }; /* \u00NN for each byte */
    struct mm_buf buf;
    size_t used = 0;
    if (cap == 0)
        return 0;
    mm_buf_init(&buf, text.len > SIZE_MAX / WORST_BYTES - 1 ? 0 : text.len * WORST_BYTES + 2);
    mm_json_string(&buf, text, NULL);
    /* Half a string is no JSON: all of it or none. */
    if (!buf.failed && buf.len < cap) {
        memcpy(out, buf.data, buf.len);
        used = buf.len;
    }
    out[used] = '\0';
    mm_buf_deinit(&buf);
    return used;
}

/* ---- for a shell ---- */

struct sized_text {
    char *data;
    size_t cap, used;
};

/* All of the piece or none, so that no escape is cut. */
static void put(struct sized_text *out, const char *piece, size_t len)
{
    if (out->used + len + 1 > out->cap) {
        out->cap = out->used + 1; /* nothing more goes behind what was cut */
        return;
    }
    memcpy(out->data + out->used, piece, len);
    out->used += len;
}

static bool is_bare_word(struct mm_view text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,=+@%";
    for (size_t i = 0; i < text.len; i++)
        if (!memchr(plain, text.data[i], sizeof plain - 1))
            return false;
    return text.len > 0;
}

static bool is_shown_whole(struct mm_view text)
{
    while (text.len) {
        uint32_t code_point;
        size_t n = mm_utf8_decode(text, &code_point);
        if (n == 0 || !is_shown(code_point))
            return false;
        text = mm_view_sub(text, n, text.len - n);
    }
    return true;
}

/* In $'…' only ASCII stands for itself: what the terminal makes of other bytes does not matter. */
static void put_quoted(struct sized_text *out, unsigned char c)
{
    char piece[4];
    bool itself = c >= 0x20 && c < 0x7f && c != '\'' && c != '\\';
    if (itself)
        put(out, (const char *)&c, 1);
    else
        put(out, piece, escape_byte(c, piece));
}

size_t mm_escape_shell(struct mm_view text, char *out, size_t cap)
{
    struct sized_text quoted = {.data = out, .cap = cap};
    bool bare = is_bare_word(text), shown = is_shown_whole(text);
    if (cap == 0)
        return 0;
    if (!bare)
        put(&quoted, shown ? "'" : "$'", shown ? 1 : 2);
    for (size_t i = 0; i < text.len; i++)
        if (!shown)
            put_quoted(&quoted, (unsigned char)text.data[i]);
        else if (!bare && text.data[i] == '\'')
            put(&quoted, "'\\''", 4);
        else
            put(&quoted, text.data + i, 1);
    if (!bare)
        put(&quoted, "'", 1);
    out[quoted.used] = '\0';
    return quoted.used;
}

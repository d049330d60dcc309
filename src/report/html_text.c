/*
 * html_text.c - the words of an HTML text, roughly: enough to read an error message.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/html_text.h"
#include "text/utf8.h"

enum { ENTITY_MAX_BYTES = 10 }; /* "&#1114111;" */

/* A tag name at the start of the text, not a longer one. */
static bool begins_tag(struct mm_view text, const char *name)
{
    size_t len = strlen(name);
    if (!mm_view_starts_nocase(text, mm_view_of(name)))
        return false;
    unsigned char next = text.len > len ? mm_ascii_lower((unsigned char)text.data[len]) : ' ';
    return (next < 'a' || next > 'z') && (next < '0' || next > '9');
}

/* Offset past the first `end` at or behind `at`; the text's length where there is none. */
static size_t past(struct mm_view text, size_t at, const char *end)
{
    size_t len = strlen(end);
    for (; at + len <= text.len; at++)
        if (mm_view_starts_nocase(mm_view_sub(text, at, text.len - at), mm_view_of(end)))
            return at + len;
    return text.len;
}

/* A '<' is at `at`: the offset behind what it opens. `line_ends` tells whether a line does. */
static size_t skip_tag(struct mm_view html, size_t at, bool *line_ends)
{
    static const char *const breaking[] = {"br", "p",  "/p", "div", "/div", "tr", "/tr", "li",
                                           "h1", "h2", "h3", "pre", "/pre", "td", "hr"};
    struct mm_view name = mm_view_sub(html, at + 1, html.len - at - 1);
    *line_ends = false;
    if (mm_view_starts(name, MM_VIEW("!--")))
        return past(html, at + 4, "-->");
    if (begins_tag(name, "style"))
        return past(html, past(html, at, "</style"), ">");
    if (begins_tag(name, "script"))
        return past(html, past(html, at, "</script"), ">");
    for (size_t i = 0; i < MM_COUNT(breaking); i++)
        *line_ends = *line_ends || begins_tag(name, breaking[i]);
    return past(html, at, ">");
}

/* The number of "#NNN" or "#xHH", or 0. */
static uint32_t numeric(struct mm_view digits)
{
    uint32_t base = 10, sum = 0;
    size_t at = 1;
    if (digits.len > 2 && mm_ascii_lower((unsigned char)digits.data[1]) == 'x') {
        base = 16;
        at = 2;
    }
    for (; at < digits.len; at++) {
        unsigned char c = mm_ascii_lower((unsigned char)digits.data[at]);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                : 99;
        if (digit >= base)
            return 0;
        sum = sum * base + digit;
    }
    return sum <= 0x10ffff && (sum < 0xd800 || sum > 0xdfff) ? sum : 0;
}

/* An '&' is at `at`. Writes what it stands for; returns the offset behind it. */
static size_t decode_entity(struct mm_view html, size_t at, char *out, size_t *len)
{
    static const struct {
        const char *name;
        char byte;
    } names[] = {{"lt", '<'},   {"gt", '>'},    {"amp", '&'},
                 {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '}};
    struct mm_view rest = mm_view_sub(html, at + 1, html.len - at - 1), name, behind;
    if (rest.len > ENTITY_MAX_BYTES)
        rest.len = ENTITY_MAX_BYTES;
    if (mm_view_cut(rest, ';', &name, &behind)) {
        for (size_t i = 0; i < MM_COUNT(names); i++) {
            if (mm_view_eq_nocase(name, mm_view_of(names[i].name))) {
                out[(*len)++] = names[i].byte;
                return at + name.len + 2;
            }
        }
        uint32_t code_point = name.len > 1 && name.data[0] == '#' ? numeric(name) : 0;
        if (code_point) {
            *len += mm_utf8_encode(code_point, out + *len);
            return at + name.len + 2;
        }
    }
    out[(*len)++] = '&';
    return at + 1;
}

struct mm_view mm_html_text(struct mm_view html, struct mm_arena *arena)
{
    /* No entity or tag is shorter than what is written for it. */
    char *out = mm_arena_alloc(arena, html.len ? html.len : 1);
    size_t len = 0;
    if (!out)
        return (struct mm_view){NULL, 0};
    for (size_t at = 0; at < html.len;) {
        bool line_ends;
        if (html.data[at] == '<') {
            at = skip_tag(html, at, &line_ends);
            if (line_ends)
                out[len++] = '\n';
        } else if (html.data[at] == '&') {
            at = decode_entity(html, at, out, &len);
        } else {
            out[len++] = html.data[at++];
        }
    }
    return (struct mm_view){out, len};
}

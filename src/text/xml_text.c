/*
 * xml_text.c - references, line ends, and the characters inside an element.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "text/utf8.h"
#include "text/xml_internal.h"

enum { REPLACEMENT = 0xfffd };

/* XML 1.0 section 2.2, Char. */
static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* U+FFFE and U+FFFF. */
static bool is_noncharacter(struct mm_view v)
{
    return v.len >= 3 && v.data[0] == '\xef' && v.data[1] == '\xbf' &&
           (unsigned char)v.data[2] >= 0xbe;
}

bool mm_xml_is_bad_char(const struct mm_xml_pull *p, size_t at)
{
    int c = mm_xml_byte(p, at);
    return c < 0x20 ? c != '\r' : c == 0xef && is_noncharacter(mm_xml_rest(p, at));
}

/* Behind "&#": digits and ';'. */
static size_t numeric_reference(struct mm_view v, uint32_t *code_point)
{
    bool hex = v.len > 2 && v.data[2] == 'x';
    uint32_t base = hex ? 16 : 10, sum = 0;
    size_t start = 2 + (size_t)hex, at = start;
    for (; at < v.len; at++) {
        unsigned char c = mm_ascii_lower((unsigned char)v.data[at]);
        uint32_t digit = base;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)c - '0';
        else if (hex && c >= 'a' && c <= 'f')
            digit = (uint32_t)c - 'a' + 10;
        if (digit == base)
            break;
        sum = sum > 0x10ffff ? sum : sum * base + digit;
    }
    if (at == start || at == v.len || v.data[at] != ';' || !is_char(sum))
        return 0;
    *code_point = sum;
    return at + 1;
}

size_t mm_xml_reference(struct mm_view v, uint32_t *code_point)
{
    static const struct {
        struct mm_view text;
        char c;
    } entities[] = {{{"&lt;", 4}, '<'},
                    {{"&gt;", 4}, '>'},
                    {{"&amp;", 5}, '&'},
                    {{"&apos;", 6}, '\''},
                    {{"&quot;", 6}, '"'}};
    if (v.len > 1 && v.data[1] == '#')
        return numeric_reference(v, code_point);
    for (size_t i = 0; i < MM_COUNT(entities); i++)
        if (mm_view_starts(v, entities[i].text)) {
            *code_point = (unsigned char)entities[i].c;
            return entities[i].text.len;
        }
    return 0;
}

/* One character of raw text that is written otherwise; *in is moved past it. */
static size_t decode_one(struct mm_view *in, enum mm_xml_form form, char *out)
{
    unsigned char c = (unsigned char)in->data[0];
    size_t step = 1;
    uint32_t code_point = c;
    if (c == '\r') {
        code_point = form == MM_XML_VALUE ? ' ' : '\n';
        step = in->len > 1 && in->data[1] == '\n' ? 2 : 1;
    } else if (c == '\t' || c == '\n') {
        code_point = form == MM_XML_VALUE ? ' ' : c;
    } else if (c == '&' && form != MM_XML_CDATA) {
        size_t len = mm_xml_reference(*in, &code_point);
        step = len > 0 ? len : 1;
    } else if (c < 0x20) {
        code_point = REPLACEMENT;
    } else if (is_noncharacter(*in)) {
        code_point = REPLACEMENT;
        step = 3;
    } else {
        *out = (char)c;
        *in = mm_view_sub(*in, 1, in->len - 1);
        return 1;
    }
    *in = mm_view_sub(*in, step, in->len - step);
    return mm_utf8_encode(code_point, out);
}

size_t mm_xml_decode(struct mm_view raw, enum mm_xml_form form, char *out)
{
    size_t len = 0;
    if (form == MM_XML_PLAIN) {
        memcpy(out, raw.data, raw.len);
        return raw.len;
    }
    while (raw.len > 0)
        len += decode_one(&raw, form, out + len);
    return len;
}

/* Pieces of text on their way to one. A single plain one stays where it is. */
struct gather {
    struct mm_view text;
    char *room; /* NULL while the text is in the document */
    size_t cap;
};

static char *make_room(struct gather *g, struct mm_arena *arena, size_t extra)
{
    if (!g->room || g->cap - g->text.len < extra) {
        size_t cap = 2 * (g->text.len + extra);
        char *room = mm_arena_alloc(arena, cap);
        if (!room)
            return NULL;
        if (g->text.len > 0)
            memcpy(room, g->text.data, g->text.len);
        *g = (struct gather){{room, g->text.len}, room, cap};
    }
    return g->room + g->text.len;
}

static enum mm_status add_piece(struct gather *g, const struct mm_xml_pull *p,
                                struct mm_arena *arena)
{
    if (p->form == MM_XML_PLAIN && g->text.len == 0 && !g->room) {
        g->text = p->text;
        return MM_OK;
    }
    char *to = make_room(g, arena, 3 * p->text.len);
    if (!to)
        return MM_E_NOMEM;
    g->text.len += mm_xml_decode(p->text, p->form, to);
    return MM_OK;
}

static enum mm_status too_long(struct mm_xml_pull *p)
{
    p->fault = MM_XML_FAULT_TEXT_LENGTH;
    p->fault_offset = p->offset;
    return MM_E_LIMIT;
}

/* The element is another's: step over it, or, in recovery, see in it the end of this one. */
static enum mm_status inner_element(struct mm_xml_pull *p)
{
    if (p->mode == MM_XML_STRICT)
        return mm_xml_pull_skip(p);
    mm_xml_pull_close_outer(p);
    return MM_AGAIN;
}

static enum mm_status gather_text(struct mm_xml_pull *p, struct mm_arena *arena, struct gather *g)
{
    for (;;) {
        enum mm_status st = mm_xml_pull_next(p);
        if (st != MM_OK || p->event == MM_XML_END)
            return st;
        st = p->event == MM_XML_TEXT ? add_piece(g, p, arena) : inner_element(p);
        if (st == MM_OK && g->text.len > MM_XML_TEXT_MAX_BYTES)
            st = too_long(p);
        if (st != MM_OK)
            return st;
    }
}

/* "text</name>", the text plain: no event is made of any of it. */
static bool simple_text(struct mm_xml_pull *p, struct mm_view *text)
{
    size_t stop = mm_xml_find(p, p->marks.stop, p->at), end = mm_xml_own_end(p, stop);
    if (end == 0 || stop - p->at > MM_XML_TEXT_MAX_BYTES)
        return false;
    *text = mm_view_trim_fws(mm_xml_between(p, p->at, stop));
    p->at = stop;
    mm_xml_give_end(p, false);
    p->at = end;
    return true;
}

size_t mm_xml_pull_child(struct mm_xml_pull *p)
{
    if (p->fault || p->again || p->end_pending || p->depth == 0)
        return 0;
    size_t at = mm_xml_find_markup(p);
    return at + 1 < p->document.len && p->document.data[at + 1] != '/' ? at : 0;
}

bool mm_xml_pull_leaf(struct mm_xml_pull *p, size_t child, struct mm_view name,
                      struct mm_view *text)
{
    const char *data = p->document.data;
    size_t from = child + name.len + 2;
    if (from > p->document.len || data[from - 1] != '>' ||
        !mm_word_same(name.data, data + child + 1, name.len) || p->depth == MM_XML_DEPTH_MAX)
        return false;
    size_t stop = mm_xml_find(p, p->marks.stop, from), end = mm_xml_end_of(p, name, stop);
    if (end == 0 || stop - from > MM_XML_TEXT_MAX_BYTES)
        return false;
    *text = mm_view_trim_fws(mm_xml_between(p, from, stop));
    p->at = end;
    return true;
}

enum mm_status mm_xml_pull_text(struct mm_xml_pull *p, struct mm_arena *arena, struct mm_view *text)
{
    if (p->fault == MM_XML_FAULT_NONE && !p->end_pending && simple_text(p, text))
        return MM_OK;
    struct gather g = {.text = mm_xml_between(p, p->at, p->at)};
    enum mm_status st = gather_text(p, arena, &g);
    *text = mm_view_trim_fws(g.text);
    return st;
}

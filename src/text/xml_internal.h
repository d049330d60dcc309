/*
 * xml_internal.h - what the files of the XML parser share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_XML_INTERNAL_H
#define MM_TEXT_XML_INTERNAL_H

#include "base/word.h"
#include "text/xml_pull.h"

void mm_xml_marks_move(struct mm_xml_pull *p, size_t at);

/* The first place from `from` on that is marked; the document's length where there is none. */
static inline size_t mm_xml_find(struct mm_xml_pull *p, const uint64_t *marks, size_t from)
{
    while (from < p->document.len) {
        if (from < p->marks_at || from >= p->marks_end)
            mm_xml_marks_move(p, from);
        size_t place = from - p->marks_at;
        uint64_t bits = marks[place / 64] >> place % 64;
        if (bits)
            return from + (size_t)__builtin_ctzll(bits);
        from += 64 - place % 64;
    }
    return p->document.len;
}

/* The byte at `at`, or -1 behind the end. */
static inline int mm_xml_byte(const struct mm_xml_pull *p, size_t at)
{
    return at < p->document.len ? (unsigned char)p->document.data[at] : -1;
}

static inline struct mm_view mm_xml_between(const struct mm_xml_pull *p, size_t from, size_t to)
{
    return mm_view_sub(p->document, from, to - from);
}

static inline struct mm_view mm_xml_rest(const struct mm_xml_pull *p, size_t from)
{
    return mm_xml_between(p, from, p->document.len);
}

/* "</name>" of the open element at `at`: where it ends; 0 where there is anything else. */
static inline size_t mm_xml_own_end(const struct mm_xml_pull *p, size_t at)
{
    const struct mm_view *tag = &p->open[p->depth - 1].tag;
    size_t close = at + 2 + tag->len;
    bool own = close < p->document.len && p->document.data[at] == '<' &&
               p->document.data[at + 1] == '/' && p->document.data[close] == '>' &&
               mm_word_same(tag->data, p->document.data + at + 2, tag->len);
    return own ? close + 1 : 0;
}

/* The open element ends: its tag is at p->at. */
static inline void mm_xml_give_end(struct mm_xml_pull *p, bool implied)
{
    const struct mm_xml_open *open = &p->open[--p->depth];
    p->event = MM_XML_END;
    p->name = open->name;
    p->binding_count = open->binding_count;
    p->implied = implied;
    p->damage_count += implied;
    p->offset = p->at;
}

static inline bool mm_xml_starts_name(int c)
{
    return c == '_' || (unsigned)((c | 0x20) - 'a') < 26;
}

/* A start or empty-element tag. */
struct mm_xml_tag {
    struct mm_view name; /* as written */
    size_t end;          /* behind '>' */
    bool empty;
    size_t fault_offset;
};

/*
 * Read the tag whose '<' is at `at`: name, attributes and bindings of namespaces go into `p`, whose
 * place stays. Returns MM_XML_FAULT_NONE or what is wrong with it; then the bindings are to be
 * taken back by the caller.
 */
enum mm_xml_fault mm_xml_read_start(struct mm_xml_pull *p, size_t at, struct mm_xml_tag *tag);

/* Find the end of the markup at `at`, "<?" or "<!", and say what is wrong with it; `end` is then
 * where. A CDATA section's text is left in p->text. */
enum mm_xml_fault mm_xml_read_instruction(struct mm_xml_pull *p, size_t at, size_t *end);
enum mm_xml_fault mm_xml_read_bang(struct mm_xml_pull *p, size_t at, size_t *end, bool *cdata);

/* Length of a name without colon at `at`; 0 for none (Namespaces in XML 1.0, NCName). */
size_t mm_xml_name_bytes(struct mm_xml_pull *p, size_t at);

/* Length of the reference that `v` begins with (it begins with '&'), and the character; 0 for none
 * (XML 1.0 section 4.1). */
size_t mm_xml_reference(struct mm_view v, uint32_t *code_point);

/* XML 1.0 section 2.2, Char: what the byte at `at`, one of those marked as stops, begins is none.
 */
bool mm_xml_is_bad_char(const struct mm_xml_pull *p, size_t at);

#endif /* MM_TEXT_XML_INTERNAL_H */

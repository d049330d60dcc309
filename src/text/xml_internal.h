/*
 * xml_internal.h - what the files of the XML parser share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_XML_INTERNAL_H
#define MM_TEXT_XML_INTERNAL_H

#include "base/word.h"
#include "text/xml_pull.h"

/* The same as mm_xml_find(), wherever the marks are. */
size_t mm_xml_find_far(struct mm_xml_pull *p, const uint64_t *marks, size_t from);

/*
 * The first place from `from` on that is marked; the document's length where there is none. What is
 * looked for is mostly near: 57 marks and more are read at once, so that the processor can guess
 * how this will end.
 */
static inline size_t mm_xml_find(struct mm_xml_pull *p, const uint64_t *marks, size_t from)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    size_t place = from - p->marks_at;
    if (place <= MM_XML_MARK_BYTES - 64 && from + 64 <= p->marks_end) {
        uint64_t bits = mm_word_load((const char *)marks + place / 8) >> place % 8;
        if (bits)
            return from + (size_t)__builtin_ctzll(bits);
    }
#endif
    return mm_xml_find_far(p, marks, from);
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

/* "</name>" at `at`: where it ends; 0 where there is anything else. */
static inline size_t mm_xml_end_of(const struct mm_xml_pull *p, struct mm_view name, size_t at)
{
    size_t close = at + 2 + name.len;
    bool same = close < p->document.len && p->document.data[at] == '<' &&
                p->document.data[at + 1] == '/' && p->document.data[close] == '>' &&
                mm_word_same(name.data, p->document.data + at + 2, name.len);
    return same ? close + 1 : 0;
}

/* The same for the open element. */
static inline size_t mm_xml_own_end(const struct mm_xml_pull *p, size_t at)
{
    return mm_xml_end_of(p, p->open[p->depth - 1].tag, at);
}

/* The '<' behind text from p->at on that is plain but for line ends; the document's length where
 * there is no such thing. */
static inline size_t mm_xml_find_markup(struct mm_xml_pull *p)
{
    size_t at = mm_xml_find(p, p->marks.stop, p->at);
    while (at < p->document.len && p->document.data[at] == '\r')
        at = mm_xml_find(p, p->marks.stop, at + 1);
    bool markup =
        at < p->document.len && p->document.data[at] == '<' && at - p->at <= MM_XML_TEXT_MAX_BYTES;
    return markup ? at : p->document.len;
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

/* "<name>" at `at`, where '<' is: its name, of ASCII and without a prefix; empty where there is
 * anything else. */
static inline struct mm_view mm_xml_simple_start(struct mm_xml_pull *p, size_t at)
{
    size_t end = mm_xml_find(p, p->marks.name_end, at + 1), len = end - at - 1;
    bool simple = mm_xml_byte(p, end) == '>' && mm_xml_starts_name(mm_xml_byte(p, at + 1)) &&
                  len <= MM_XML_NAME_MAX_BYTES && p->depth < MM_XML_DEPTH_MAX;
    return (struct mm_view){p->document.data + at + 1, simple ? len : 0};
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

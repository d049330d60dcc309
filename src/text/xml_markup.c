/*
 * xml_markup.c - comments, processing instructions, CDATA sections, the XML declaration.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_internal.h"

/* Characters of comments, instructions and CDATA sections. */
static enum mm_xml_fault check_chars(struct mm_xml_pull *p, size_t from, size_t to, size_t *bad)
{
    for (size_t at = from; (at = mm_xml_find(p, p->marks.stop, at)) < to; at++)
        if (mm_xml_is_bad_char(p, at)) {
            *bad = at;
            return MM_XML_FAULT_CHARACTER;
        }
    return MM_XML_FAULT_NONE;
}

/* Where `end` begins, from `from` on. A failure is remembered, so that a thousand openings without
 * an end do not search the document a thousand times. */
static bool find_end(const struct mm_xml_pull *p, size_t from, struct mm_view end, bool *none,
                     size_t *at)
{
    const char *found = NULL;
    if (!*none && from < p->document.len)
        found = memmem(p->document.data + from, p->document.len - from, end.data, end.len);
    if (!found) {
        *none = true;
        return false;
    }
    *at = (size_t)(found - p->document.data);
    return true;
}

static struct mm_view cut_front(struct mm_view v, size_t len)
{
    return mm_view_sub(v, len, v.len - len);
}

static struct mm_view trim_front(struct mm_view v)
{
    while (v.len > 0 && mm_is_fws((unsigned char)v.data[0]))
        v = cut_front(v, 1);
    return v;
}

static bool is_letter(char c)
{
    c = (char)mm_ascii_lower((unsigned char)c);
    return c >= 'a' && c <= 'z';
}

/* Take name="value" off the front, white space before it; false leaves *v where there is none. */
static bool take_pseudo(struct mm_view *v, struct mm_view name, struct mm_view *value)
{
    struct mm_view rest = trim_front(*v);
    if (rest.len == v->len || !mm_view_starts(rest, name))
        return false;
    rest = trim_front(cut_front(rest, name.len));
    if (rest.len == 0 || rest.data[0] != '=')
        return false;
    rest = trim_front(cut_front(rest, 1));
    if (rest.len == 0 || (rest.data[0] != '"' && rest.data[0] != '\''))
        return false;
    char quote = rest.data[0];
    if (!mm_view_cut(cut_front(rest, 1), quote, value, &rest))
        return false;
    for (size_t i = 0; i < value->len; i++) {
        char c = value->data[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
            return false;
    }
    *v = rest;
    return true;
}

/* What stands between "<?xml" and "?>" (XML 1.0 section 2.8). */
static bool is_declaration(struct mm_view v)
{
    struct mm_view value;
    if (!take_pseudo(&v, MM_VIEW("version"), &value))
        return false;
    if (take_pseudo(&v, MM_VIEW("encoding"), &value) &&
        (value.len == 0 || !is_letter(value.data[0])))
        return false;
    if (take_pseudo(&v, MM_VIEW("standalone"), &value) && !mm_view_eq(value, MM_VIEW("yes")) &&
        !mm_view_eq(value, MM_VIEW("no")))
        return false;
    return trim_front(v).len == 0;
}

static enum mm_xml_fault read_comment(struct mm_xml_pull *p, size_t at, size_t *end)
{
    struct mm_view stop = p->mode == MM_XML_STRICT ? MM_VIEW("--") : MM_VIEW("-->");
    size_t dashes = at;
    *end = at;
    if (!find_end(p, at + 4, stop, &p->no_comment_end, &dashes))
        return MM_XML_FAULT_MARKUP;
    if (mm_xml_byte(p, dashes + 2) != '>')
        return *end = dashes, MM_XML_FAULT_MARKUP;
    *end = dashes + 3;
    size_t bad;
    enum mm_xml_fault fault = check_chars(p, at, dashes, &bad);
    if (fault && p->mode == MM_XML_STRICT)
        return *end = bad, fault;
    return MM_XML_FAULT_NONE;
}

enum mm_xml_fault mm_xml_read_instruction(struct mm_xml_pull *p, size_t at, size_t *end)
{
    size_t target = mm_xml_name_bytes(p, at + 2), stop, bad;
    *end = at;
    if (target == 0 || !find_end(p, at + 2 + target, MM_VIEW("?>"), &p->no_pi_end, &stop))
        return MM_XML_FAULT_MARKUP;
    struct mm_view name = mm_xml_between(p, at + 2, at + 2 + target);
    struct mm_view rest = mm_xml_between(p, at + 2 + target, stop);
    *end = stop + 2;
    if (p->mode == MM_XML_RECOVER)
        return MM_XML_FAULT_NONE;
    *end = at;
    if (mm_view_eq_nocase(name, MM_VIEW("xml")) &&
        (at > 0 || !mm_view_eq(name, MM_VIEW("xml")) || !is_declaration(rest)))
        return MM_XML_FAULT_DECLARATION;
    if (rest.len > 0 && !mm_is_fws((unsigned char)rest.data[0]))
        return MM_XML_FAULT_MARKUP;
    enum mm_xml_fault fault = check_chars(p, at, stop, &bad);
    *end = fault ? bad : stop + 2;
    return fault;
}

static enum mm_xml_fault read_cdata(struct mm_xml_pull *p, size_t at, size_t *end)
{
    size_t start = at + 9, stop, bad;
    *end = at;
    if (p->depth == 0 && p->mode == MM_XML_STRICT)
        return MM_XML_FAULT_OUTSIDE;
    if (!find_end(p, start, MM_VIEW("]]>"), &p->no_cdata_end, &stop))
        return MM_XML_FAULT_MARKUP;
    enum mm_xml_fault fault = check_chars(p, start, stop, &bad);
    if (fault && p->mode == MM_XML_STRICT)
        return *end = bad, fault;
    *end = stop + 3;
    p->text = mm_xml_between(p, start, stop);
    return stop - start > MM_XML_TEXT_MAX_BYTES ? MM_XML_FAULT_TEXT_LENGTH : MM_XML_FAULT_NONE;
}

enum mm_xml_fault mm_xml_read_bang(struct mm_xml_pull *p, size_t at, size_t *end, bool *cdata)
{
    struct mm_view rest = mm_xml_rest(p, at);
    *end = at;
    *cdata = mm_view_starts(rest, MM_VIEW("<![CDATA["));
    if (mm_view_starts(rest, MM_VIEW("<!--")))
        return read_comment(p, at, end);
    if (*cdata)
        return read_cdata(p, at, end);
    if (mm_view_starts(rest, MM_VIEW("<!DOCTYPE")))
        return MM_XML_FAULT_DOCTYPE;
    if (mm_view_starts(rest, MM_VIEW("<!ENTITY")))
        return MM_XML_FAULT_ENTITY;
    return MM_XML_FAULT_MARKUP;
}

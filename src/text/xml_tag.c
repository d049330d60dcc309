/*
 * xml_tag.c - names, attributes and namespaces of a start tag.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/utf8.h"
#include "text/xml_internal.h"

#define XML_URI   MM_VIEW("http://www.w3.org/XML/1998/namespace")
#define XMLNS_URI MM_VIEW("http://www.w3.org/2000/xmlns/")

/* XML 1.0 (fifth edition) section 2.3, NameStartChar outside ASCII. */
static bool starts_name(uint32_t c)
{
    static const uint32_t ranges[][2] = {{0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},
                                         {0x370, 0x37d},   {0x37f, 0x1fff},  {0x200c, 0x200d},
                                         {0x2070, 0x218f}, {0x2c00, 0x2fef}, {0x3001, 0xd7ff},
                                         {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};
    for (size_t i = 0; i < MM_COUNT(ranges); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* The same section, NameChar outside ASCII. */
static bool goes_on_name(uint32_t c)
{
    return c == 0xb7 || (c >= 0x300 && c <= 0x36f) || c == 0x203f || c == 0x2040 || starts_name(c);
}

/* From a byte outside ASCII on: the rest of the name. */
static size_t wide_name_end(struct mm_xml_pull *p, size_t start, size_t at)
{
    uint32_t code_point;
    while (mm_xml_byte(p, at) >= 0x80) {
        size_t len = mm_utf8_decode(mm_xml_rest(p, at), &code_point);
        if (len == 0 || !(at == start ? starts_name(code_point) : goes_on_name(code_point)))
            break;
        at = mm_xml_find(p, p->marks.name_end, at + len);
    }
    return at;
}

size_t mm_xml_name_bytes(struct mm_xml_pull *p, size_t at)
{
    int first = mm_xml_byte(p, at);
    if (!mm_xml_starts_name(first) && first < 0x80)
        return 0;
    size_t end = mm_xml_find(p, p->marks.name_end, at);
    if (mm_xml_byte(p, end) >= 0x80)
        end = wide_name_end(p, at, end);
    return end - at;
}

/* A name that may have one colon; *whole is empty where there is none. */
static enum mm_xml_fault read_name(struct mm_xml_pull *p, size_t at, struct mm_xml_name *name,
                                   struct mm_view *whole)
{
    size_t len = mm_xml_name_bytes(p, at);
    *name = (struct mm_xml_name){.local = mm_xml_between(p, at, at + len)};
    *whole = name->local;
    if (len > 0 && mm_xml_byte(p, at + len) == ':') {
        size_t second = at + len + 1, second_len = mm_xml_name_bytes(p, second);
        name->prefix = name->local;
        name->local = mm_xml_between(p, second, second + second_len);
        whole->len = second_len > 0 ? len + 1 + second_len : 0;
    }
    return whole->len > MM_XML_NAME_MAX_BYTES ? MM_XML_FAULT_NAME_LENGTH : MM_XML_FAULT_NONE;
}

static size_t skip_blanks(const struct mm_xml_pull *p, size_t at)
{
    while (at < p->document.len && mm_is_fws((unsigned char)p->document.data[at]))
        at++;
    return at;
}

/* The value behind the quote at `*at`; *at is moved behind its end. */
static enum mm_xml_fault read_value(const struct mm_xml_pull *p, size_t *at,
                                    struct mm_xml_attribute *out)
{
    int quote = mm_xml_byte(p, *at), c;
    size_t start = *at + 1, end = start;
    uint32_t code_point;
    out->form = MM_XML_PLAIN;
    while ((c = mm_xml_byte(p, end)) != quote) {
        size_t len = 1;
        if (c < 0 || c == '<')
            return *at = end, MM_XML_FAULT_ATTRIBUTE;
        if (c == '&')
            len = mm_xml_reference(mm_xml_rest(p, end), &code_point);
        if (len == 0)
            return *at = end, MM_XML_FAULT_REFERENCE;
        if ((c < 0x20 && !mm_is_fws((unsigned char)c)) || (c == 0xef && mm_xml_is_bad_char(p, end)))
            return *at = end, MM_XML_FAULT_CHARACTER;
        if (c == '&' || c < 0x20)
            out->form = MM_XML_VALUE;
        end += len;
    }
    out->value = mm_xml_between(p, start, end);
    *at = end + 1;
    return out->value.len > MM_XML_VALUE_MAX_BYTES ? MM_XML_FAULT_VALUE_LENGTH : MM_XML_FAULT_NONE;
}

/* Namespaces in XML 1.0 section 3: reserved prefixes and names; no prefix is taken back. */
static bool may_bind(struct mm_view prefix, struct mm_view uri)
{
    bool is_xml = mm_view_eq(prefix, MM_VIEW("xml"));
    if (mm_view_eq(prefix, MM_VIEW("xmlns")) || mm_view_eq(uri, XMLNS_URI))
        return false;
    return is_xml == mm_view_eq(uri, XML_URI) && (prefix.len == 0 || uri.len > 0);
}

static enum mm_xml_fault bind(struct mm_xml_pull *p, struct mm_view prefix, struct mm_view uri,
                              uint32_t before)
{
    for (uint32_t i = before; i < p->binding_count; i++)
        if (mm_view_eq(p->bindings[i].prefix, prefix))
            return p->mode == MM_XML_STRICT ? MM_XML_FAULT_ATTRIBUTE : MM_XML_FAULT_NONE;
    if (!may_bind(prefix, uri))
        return p->mode == MM_XML_STRICT ? MM_XML_FAULT_PREFIX : MM_XML_FAULT_NONE;
    if (p->binding_count == MM_XML_BINDINGS_MAX)
        return MM_XML_FAULT_ATTRIBUTES;
    p->bindings[p->binding_count++] = (struct mm_xml_binding){prefix, uri};
    return MM_XML_FAULT_NONE;
}

/* Keep one attribute, or the binding that it is. */
static enum mm_xml_fault keep(struct mm_xml_pull *p, const struct mm_xml_attribute *new,
                              uint32_t bindings_before)
{
    if (mm_view_eq(new->name.prefix, MM_VIEW("xmlns")))
        return bind(p, new->name.local, new->value, bindings_before);
    if (new->name.prefix.len == 0 && mm_view_eq(new->name.local, MM_VIEW("xmlns")))
        return bind(p, (struct mm_view){"", 0}, new->value, bindings_before);
    if (p->attribute_count == MM_XML_ATTRIBUTES_MAX)
        return MM_XML_FAULT_ATTRIBUTES;
    p->attributes[p->attribute_count++] = *new;
    return MM_XML_FAULT_NONE;
}

/* Behind the name: attributes, each with white space before it, up to '>' or "/>". */
static enum mm_xml_fault read_attributes(struct mm_xml_pull *p, size_t *at, bool *empty)
{
    uint32_t bindings_before = p->binding_count;
    for (;;) {
        size_t before = *at;
        *at = skip_blanks(p, before);
        *empty = mm_xml_byte(p, *at) == '/' && mm_xml_byte(p, *at + 1) == '>';
        if (*empty || mm_xml_byte(p, *at) == '>') {
            *at += 1 + (size_t)*empty;
            return MM_XML_FAULT_NONE;
        }
        struct mm_xml_attribute new;
        struct mm_view whole;
        enum mm_xml_fault fault = read_name(p, *at, &new.name, &whole);
        if (fault)
            return fault;
        if (*at == before || whole.len == 0)
            return MM_XML_FAULT_MARKUP;
        *at = skip_blanks(p, *at + whole.len);
        if (mm_xml_byte(p, *at) != '=')
            return MM_XML_FAULT_ATTRIBUTE;
        *at = skip_blanks(p, *at + 1);
        if (mm_xml_byte(p, *at) != '"' && mm_xml_byte(p, *at) != '\'')
            return MM_XML_FAULT_ATTRIBUTE;
        fault = read_value(p, at, &new);
        if (fault == MM_XML_FAULT_NONE)
            fault = keep(p, &new, bindings_before);
        if (fault)
            return fault;
    }
}

/* The name that a prefix is bound to; false for a prefix that is not. */
static bool resolve(const struct mm_xml_pull *p, struct mm_xml_name *name)
{
    name->uri = (struct mm_view){"", 0};
    for (uint32_t i = p->binding_count; i > 0; i--)
        if (mm_view_eq(p->bindings[i - 1].prefix, name->prefix)) {
            name->uri = p->bindings[i - 1].uri;
            return true;
        }
    if (mm_view_eq(name->prefix, MM_VIEW("xml")))
        name->uri = XML_URI;
    return name->prefix.len == 0 || name->uri.len > 0;
}

static bool same_attribute(const struct mm_xml_name *a, const struct mm_xml_name *b)
{
    return mm_view_eq(a->local, b->local) &&
           (mm_view_eq(a->prefix, b->prefix) ||
            (a->prefix.len && b->prefix.len && mm_view_eq(a->uri, b->uri)));
}

/* An attribute without a prefix is in no namespace (Namespaces in XML 1.0 section 6.2). */
static enum mm_xml_fault resolve_attributes(struct mm_xml_pull *p)
{
    for (uint32_t i = 0; i < p->attribute_count; i++) {
        struct mm_xml_name *name = &p->attributes[i].name;
        if (name->prefix.len == 0)
            name->uri = (struct mm_view){"", 0};
        else if (!resolve(p, name))
            return MM_XML_FAULT_PREFIX;
        for (uint32_t j = 0; j < i; j++)
            if (same_attribute(name, &p->attributes[j].name))
                return MM_XML_FAULT_ATTRIBUTE;
    }
    return MM_XML_FAULT_NONE;
}

static enum mm_xml_fault resolve_all(struct mm_xml_pull *p)
{
    if (!resolve(p, &p->name))
        return MM_XML_FAULT_PREFIX;
    return resolve_attributes(p);
}

enum mm_xml_fault mm_xml_read_start(struct mm_xml_pull *p, size_t at, struct mm_xml_tag *tag)
{
    p->attribute_count = 0;
    *tag = (struct mm_xml_tag){.fault_offset = at};
    enum mm_xml_fault fault = read_name(p, at + 1, &p->name, &tag->name);
    if (fault == MM_XML_FAULT_NONE && tag->name.len == 0)
        fault = MM_XML_FAULT_MARKUP;
    if (fault)
        return fault;
    tag->end = at + 1 + tag->name.len;
    if (mm_xml_byte(p, tag->end) == '>') {
        tag->end++;
    } else {
        fault = read_attributes(p, &tag->end, &tag->empty);
        tag->fault_offset = tag->end;
        if (fault)
            return fault;
    }
    if (p->name.prefix.len + p->binding_count + p->attribute_count == 0) {
        p->name.uri = (struct mm_view){"", 0};
        return MM_XML_FAULT_NONE;
    }
    tag->fault_offset = at;
    fault = resolve_all(p);
    return p->mode == MM_XML_STRICT ? fault : MM_XML_FAULT_NONE;
}

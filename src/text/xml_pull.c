/*
 * xml_pull.c - events of one XML document in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_pull.h"

#include <assert.h>

#include "base/error.h"
#include "text/xml_internal.h"

static const struct {
    const char *words;
    bool recoverable;
} faults[] = {
#define MM_XML_FAULT(name, recoverable, words) {words, recoverable},
#include "text/xml_faults.def"
#undef MM_XML_FAULT
};

const char *mm_xml_fault_words(enum mm_xml_fault fault)
{
    return faults[fault].words;
}

bool mm_xml_fault_is_recoverable(enum mm_xml_fault fault)
{
    return faults[fault].recoverable;
}

void mm_xml_pull_init(struct mm_xml_pull *p, struct mm_view document, enum mm_xml_mode mode)
{
    /* Not the large arrays: what of them is in use was written before. */
    memset(p, 0, offsetof(struct mm_xml_pull, attributes));
    memset(&p->depth, 0, offsetof(struct mm_xml_pull, open) - offsetof(struct mm_xml_pull, depth));
    p->marks_at = p->marks_end = 0;
    p->document = document;
    p->mode = mode;
}

static void move_marks(struct mm_xml_pull *p, size_t at)
{
    p->marks_at = at - at % 64;
    struct mm_view rest = mm_xml_rest(p, p->marks_at);
    mm_xml_marks_fill(rest, &p->marks);
    p->marks_end = p->marks_at + (rest.len < MM_XML_MARK_BYTES ? rest.len : MM_XML_MARK_BYTES);
}

size_t mm_xml_find_far(struct mm_xml_pull *p, const uint64_t *marks, size_t from)
{
    while (from < p->document.len) {
        if (from < p->marks_at || from >= p->marks_end)
            move_marks(p, from);
        size_t place = from - p->marks_at;
        uint64_t bits = marks[place / 64] >> place % 64;
        if (bits)
            return from + (size_t)__builtin_ctzll(bits);
        from += 64 - place % 64;
    }
    return p->document.len;
}

static enum mm_status broken(const struct mm_xml_pull *p)
{
    bool limit = p->fault >= MM_XML_FAULT_DEPTH;
    return limit ? MM_E_LIMIT : MM_E_SYNTAX;
}

static enum mm_status fail(struct mm_xml_pull *p, enum mm_xml_fault fault, size_t at)
{
    p->fault = fault;
    p->fault_offset = at;
    return broken(p);
}

/* A character that stops text and is no '<'. False where it does not belong there. */
static bool may_stand(struct mm_xml_pull *p, size_t at, size_t *len, enum mm_xml_fault *fault)
{
    uint32_t code_point;
    *len = 1;
    switch (p->document.data[at]) {
    case '&':
        p->form = MM_XML_CODED;
        *len = mm_xml_reference(mm_xml_rest(p, at), &code_point);
        *fault = MM_XML_FAULT_REFERENCE;
        return *len > 0;
    case ']':
        *fault = MM_XML_FAULT_CDATA_END;
        return mm_xml_byte(p, at + 1) != ']' || mm_xml_byte(p, at + 2) != '>';
    case '\r':
        p->form = MM_XML_CODED;
        return true;
    default:
        *fault = MM_XML_FAULT_CHARACTER;
        if (!mm_xml_is_bad_char(p, at))
            return true;
        p->form = MM_XML_CODED;
        return false;
    }
}

static bool is_markup(struct mm_xml_pull *p, size_t at);

/* Text up to the next markup. */
static enum mm_status scan_text(struct mm_xml_pull *p)
{
    size_t at = p->at;
    enum mm_xml_fault fault = MM_XML_FAULT_MARKUP;
    p->event = MM_XML_TEXT;
    p->form = MM_XML_PLAIN;
    p->offset = at;
    while ((at = mm_xml_find(p, p->marks.stop, at)) < p->document.len) {
        size_t len = 1;
        bool open = p->document.data[at] == '<';
        if (open && (p->mode == MM_XML_STRICT || is_markup(p, at)))
            break;
        if (open || !may_stand(p, at, &len, &fault)) {
            if (p->mode == MM_XML_STRICT)
                return fail(p, fault, at);
            p->repair_count++;
            len = 1;
        }
        at += len;
    }
    p->text = mm_xml_between(p, p->at, at);
    if (p->text.len > MM_XML_TEXT_MAX_BYTES)
        return fail(p, MM_XML_FAULT_TEXT_LENGTH, p->at);
    p->at = at;
    return MM_OK;
}

/* An end tag: its name, as it stands there. */
static enum mm_xml_fault read_end(struct mm_xml_pull *p, size_t at, struct mm_view *name,
                                  size_t *end)
{
    size_t start = at + 2, stop = start;
    while ((stop += mm_xml_name_bytes(p, stop)) > start && mm_xml_byte(p, stop) == ':' &&
           mm_xml_name_bytes(p, stop + 1) > 0)
        stop++;
    *name = mm_xml_between(p, start, stop);
    *end = stop;
    while (mm_xml_byte(p, *end) >= 0 && mm_is_fws((unsigned char)mm_xml_byte(p, *end)))
        ++*end;
    if (name->len == 0 || mm_xml_byte(p, *end) != '>')
        return MM_XML_FAULT_MARKUP;
    ++*end;
    return MM_XML_FAULT_NONE;
}

/* Recovery: whether the '<' at `at` begins markup that can be read, or that must be refused. */
static bool is_markup(struct mm_xml_pull *p, size_t at)
{
    struct mm_xml_tag tag;
    struct mm_view name;
    size_t end;
    bool cdata;
    enum mm_xml_fault fault;
    uint32_t bindings = p->binding_count;
    switch (mm_xml_byte(p, at + 1)) {
    case '/':
        fault = read_end(p, at, &name, &end);
        break;
    case '!':
        fault = mm_xml_read_bang(p, at, &end, &cdata);
        break;
    case '?':
        fault = mm_xml_read_instruction(p, at, &end);
        break;
    default:
        fault = mm_xml_read_start(p, at, &tag);
        p->binding_count = bindings;
    }
    return fault == MM_XML_FAULT_NONE || !mm_xml_fault_is_recoverable(fault);
}

static enum mm_status give_start(struct mm_xml_pull *p)
{
    struct mm_xml_tag tag;
    uint32_t bindings = p->binding_count;
    if (p->depth == 0 && p->root_seen && p->mode == MM_XML_STRICT)
        return fail(p, MM_XML_FAULT_OUTSIDE, p->at);
    enum mm_xml_fault fault = mm_xml_read_start(p, p->at, &tag);
    if (fault)
        return fail(p, fault, tag.fault_offset);
    if (p->depth == MM_XML_DEPTH_MAX)
        return fail(p, MM_XML_FAULT_DEPTH, p->at);
    p->open[p->depth++] = (struct mm_xml_open){tag.name, p->name, bindings};
    p->event = MM_XML_START;
    p->offset = p->at;
    p->at = tag.end;
    p->end_pending = tag.empty;
    p->root_seen = true;
    return MM_OK;
}

static enum mm_status give_end(struct mm_xml_pull *p, bool implied)
{
    mm_xml_give_end(p, implied);
    return MM_OK;
}

/* The name that elements without a prefix are in. */
static struct mm_view default_uri(const struct mm_xml_pull *p)
{
    for (uint32_t i = p->binding_count; i > 0; i--)
        if (p->bindings[i - 1].prefix.len == 0)
            return p->bindings[i - 1].uri;
    return (struct mm_view){"", 0};
}

/*
 * Most tags of most documents: "<name>" inside an element, and "</name>" of the open one. False,
 * with nothing done, for all others.
 */
static bool give_simple_tag(struct mm_xml_pull *p, size_t at)
{
    if (at + 1 < p->document.len && p->document.data[at + 1] == '/') {
        size_t close = mm_xml_own_end(p, at);
        if (close == 0)
            return false;
        p->at = at;
        mm_xml_give_end(p, false);
        p->at = close;
        return true;
    }
    struct mm_view tag = mm_xml_simple_start(p, at);
    if (tag.len == 0)
        return false;
    p->name = (struct mm_xml_name){{tag.data, 0}, tag, default_uri(p)};
    p->open[p->depth++] = (struct mm_xml_open){tag, p->name, p->binding_count};
    p->event = MM_XML_START;
    p->attribute_count = 0;
    p->offset = at;
    p->at = at + tag.len + 2;
    return true;
}

static bool is_open(const struct mm_xml_pull *p, struct mm_view name)
{
    for (uint32_t i = p->depth; i > 0; i--)
        if (mm_view_eq(p->open[i - 1].tag, name))
            return true;
    return false;
}

/* *given stays false for an end tag that is stepped over. */
static enum mm_status scan_end(struct mm_xml_pull *p, bool *given)
{
    struct mm_view name;
    size_t end;
    enum mm_xml_fault fault = read_end(p, p->at, &name, &end);
    if (fault)
        return fail(p, fault, p->at);
    *given = true;
    if (p->depth > 0 && mm_view_eq(p->open[p->depth - 1].tag, name)) {
        give_end(p, false);
        p->at = end;
        return MM_OK;
    }
    if (p->mode == MM_XML_STRICT)
        return fail(p, MM_XML_FAULT_MISMATCH, p->at);
    if (is_open(p, name))
        return give_end(p, true); /* and this tag once more */
    *given = false;
    p->damage_count++;
    p->at = end;
    return MM_OK;
}

/* Markup that begins with "<!" or "<?"; *given where it is an event. */
static enum mm_status scan_other(struct mm_xml_pull *p, bool *given)
{
    size_t end;
    bool cdata = false;
    enum mm_xml_fault fault = p->document.data[p->at + 1] == '?'
                                  ? mm_xml_read_instruction(p, p->at, &end)
                                  : mm_xml_read_bang(p, p->at, &end, &cdata);
    if (fault)
        return fail(p, fault, end);
    p->offset = p->at;
    p->at = end;
    *given = cdata;
    if (cdata) {
        p->event = MM_XML_TEXT;
        p->form = MM_XML_CDATA;
    }
    return MM_OK;
}

static enum mm_status end_of_document(struct mm_xml_pull *p)
{
    if (p->depth > 0) {
        if (p->mode == MM_XML_STRICT)
            return fail(p, MM_XML_FAULT_UNCLOSED, p->document.len);
        p->ended_open = true;
        return give_end(p, true);
    }
    return p->root_seen ? MM_END : fail(p, MM_XML_FAULT_EMPTY, p->document.len);
}

/* Between elements only white space may stand (XML 1.0 section 2.1). */
static enum mm_status skip_outside(struct mm_xml_pull *p)
{
    while (mm_xml_byte(p, p->at) >= 0 && mm_is_fws((unsigned char)mm_xml_byte(p, p->at)))
        p->at++;
    int c = mm_xml_byte(p, p->at);
    return c < 0 || c == '<' ? MM_OK : fail(p, MM_XML_FAULT_OUTSIDE, p->at);
}

enum mm_status mm_xml_pull_next(struct mm_xml_pull *p)
{
    if (p->fault)
        return broken(p);
    if (p->again) {
        p->again = false;
        return MM_OK;
    }
    if (p->end_pending) {
        p->end_pending = false;
        return give_end(p, false);
    }
    while (p->at < p->document.len) {
        bool given = false;
        if (p->depth > 0 && p->document.data[p->at] == '<' && give_simple_tag(p, p->at))
            return MM_OK;
        if (p->depth == 0 && p->mode == MM_XML_STRICT) {
            MM_TRY(skip_outside(p));
            if (p->at == p->document.len)
                break;
        }
        if (p->document.data[p->at] != '<' || (p->mode == MM_XML_RECOVER && !is_markup(p, p->at)))
            return scan_text(p);
        int next = mm_xml_byte(p, p->at + 1);
        if (next != '/' && next != '!' && next != '?')
            return give_start(p);
        MM_TRY(next == '/' ? scan_end(p, &given) : scan_other(p, &given));
        if (given)
            return MM_OK;
    }
    return end_of_document(p);
}

/* Text that is plain but for line ends, and a simple tag behind it. */
static bool give_next_simple_tag(struct mm_xml_pull *p)
{
    if (p->fault || p->again || p->end_pending || p->depth == 0)
        return false;
    size_t at = mm_xml_find_markup(p);
    return at < p->document.len && give_simple_tag(p, at);
}

enum mm_status mm_xml_pull_tag(struct mm_xml_pull *p)
{
    if (give_next_simple_tag(p))
        return MM_OK;
    enum mm_status st;
    do
        st = mm_xml_pull_next(p);
    while (st == MM_OK && p->event == MM_XML_TEXT);
    return st;
}

enum mm_status mm_xml_pull_skip(struct mm_xml_pull *p)
{
    for (uint32_t outside = p->depth - 1; p->depth > outside;) {
        enum mm_status st = mm_xml_pull_tag(p);
        if (st != MM_OK)
            return st;
    }
    return MM_OK;
}

void mm_xml_pull_close_outer(struct mm_xml_pull *p)
{
    assert(p->event == MM_XML_START && p->depth >= 2);
    struct mm_xml_open *outer = &p->open[p->depth - 2];
    uint32_t bindings = outer->binding_count;
    *outer = p->open[--p->depth];
    outer->binding_count = bindings;
    p->damage_count++;
    p->again = true;
}

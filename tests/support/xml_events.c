/*
 * xml_events.c - an XML document as the list of its events, in one text: ours and expat's.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/xml_events.h"

#include <expat.h>
#include <stdlib.h>

#include "support/mm_test.h"

enum { EVENTS_MAX_BYTES = 64 * 1024 * 1024, SEPARATOR = 0x1f };

/* Characters come in pieces; their line is begun with the first. */
struct writer {
    struct mm_buf *out;
    bool in_text;
};

static void end_text(struct writer *w)
{
    if (w->in_text)
        mm_buf_append_char(w->out, '\n');
    w->in_text = false;
}

static void put_text(struct writer *w, struct mm_view text)
{
    if (text.len == 0)
        return;
    if (!w->in_text)
        mm_buf_append_char(w->out, '-');
    w->in_text = true;
    mm_buf_append(w->out, text);
}

static void put_decoded(struct mm_buf *out, struct mm_view raw, enum mm_xml_form form)
{
    char *room = malloc(3 * raw.len + 1);
    if (!room)
        abort();
    mm_buf_append(out, (struct mm_view){room, mm_xml_decode(raw, form, room)});
    free(room);
}

static void put_name(struct mm_buf *out, const struct mm_xml_name *name)
{
    put_decoded(out, name->uri, MM_XML_VALUE);
    mm_buf_append_char(out, '|');
    mm_buf_append(out, name->prefix);
    mm_buf_append_char(out, '|');
    mm_buf_append(out, name->local);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Attributes have no order. */
static void put_sorted(struct mm_buf *out, char **lines, size_t count)
{
    qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++) {
        mm_buf_append_str(out, lines[i]);
        free(lines[i]);
    }
}

static char *line_of(struct mm_buf *line)
{
    mm_buf_append_char(line, '\n');
    char *text = strndup(line->data, line->len);
    mm_buf_deinit(line);
    return text;
}

static void put_attributes(struct writer *w, const struct mm_xml_pull *p)
{
    char *lines[MM_XML_ATTRIBUTES_MAX];
    for (uint32_t i = 0; i < p->attribute_count; i++) {
        struct mm_buf line;
        mm_buf_init(&line, EVENTS_MAX_BYTES);
        mm_buf_append_str(&line, "A ");
        put_name(&line, &p->attributes[i].name);
        mm_buf_append_char(&line, '=');
        put_decoded(&line, p->attributes[i].value, p->attributes[i].form);
        lines[i] = line_of(&line);
    }
    put_sorted(w->out, lines, p->attribute_count);
}

enum mm_xml_fault mm_xml_events(struct mm_view document, enum mm_xml_mode mode,
                                struct mm_buf *events)
{
    struct mm_xml_pull *p = malloc(sizeof *p);
    struct writer w = {events, false};
    if (!p)
        abort();
    mm_buf_clear(events);
    mm_xml_pull_init(p, document, mode);
    while (mm_xml_pull_next(p) == MM_OK) {
        if (p->event == MM_XML_TEXT) {
            struct mm_buf text;
            mm_buf_init(&text, EVENTS_MAX_BYTES);
            put_decoded(&text, p->text, p->form);
            put_text(&w, mm_buf_view(&text));
            mm_buf_deinit(&text);
            continue;
        }
        end_text(&w);
        mm_buf_append_char(events, p->event == MM_XML_START ? '(' : ')');
        put_name(events, &p->name);
        mm_buf_append_char(events, '\n');
        if (p->event == MM_XML_START)
            put_attributes(&w, p);
    }
    end_text(&w);
    enum mm_xml_fault fault = p->fault;
    free(p);
    return fault;
}

/* Expat writes "URI SEPARATOR local SEPARATOR prefix", what is absent left out from the end. */
static void put_expat_name(struct mm_buf *out, const char *name)
{
    const char *first = strchr(name, SEPARATOR),
               *second = first ? strchr(first + 1, SEPARATOR) : NULL;
    if (!first) {
        mm_buf_append_str(out, "||");
        mm_buf_append_str(out, name);
        return;
    }
    size_t local = second ? (size_t)(second - first - 1) : strlen(first + 1);
    mm_buf_append(out, (struct mm_view){name, (size_t)(first - name)});
    mm_buf_append_char(out, '|');
    mm_buf_append_str(out, second ? second + 1 : "");
    mm_buf_append_char(out, '|');
    mm_buf_append(out, (struct mm_view){first + 1, local});
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct writer *w = context;
    char *lines[1000];
    size_t count = 0;
    end_text(w);
    mm_buf_append_char(w->out, '(');
    put_expat_name(w->out, name);
    mm_buf_append_char(w->out, '\n');
    for (; attributes[0] && count < MM_COUNT(lines); attributes += 2) {
        struct mm_buf line;
        mm_buf_init(&line, EVENTS_MAX_BYTES);
        mm_buf_append_str(&line, "A ");
        put_expat_name(&line, attributes[0]);
        mm_buf_append_char(&line, '=');
        mm_buf_append_str(&line, attributes[1]);
        lines[count++] = line_of(&line);
    }
    put_sorted(w->out, lines, count);
}

static void on_end(void *context, const XML_Char *name)
{
    struct writer *w = context;
    end_text(w);
    mm_buf_append_char(w->out, ')');
    put_expat_name(w->out, name);
    mm_buf_append_char(w->out, '\n');
}

static void on_text(void *context, const XML_Char *text, int len)
{
    put_text(context, (struct mm_view){text, (size_t)len});
}

bool mm_expat_events(struct mm_view document, struct mm_buf *events)
{
    struct writer w = {events, false};
    XML_Parser parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (!parser)
        abort();
    mm_buf_clear(events);
    XML_SetReturnNSTriplet(parser, 1);
    XML_SetUserData(parser, &w);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    bool whole = XML_Parse(parser, document.data, (int)document.len, 1) == XML_STATUS_OK;
    end_text(&w);
    XML_ParserFree(parser);
    return whole;
}

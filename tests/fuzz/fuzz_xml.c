/*
 * fuzz_xml.c - any bytes as XML: views lie inside, decoding fits, recovery agrees with what is
 * well-formed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "text/xml_document.h"
#include "text/xml_pull.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_view(struct mm_view document, struct mm_view v)
{
    must(v.len == 0 || (v.data >= document.data && v.data + v.len <= document.data + document.len));
}

static void check_decode(struct mm_view raw, enum mm_xml_form form)
{
    char *room = malloc(3 * raw.len + 1);
    must(room != NULL);
    size_t len = mm_xml_decode(raw, form, room);
    must(len <= 3 * raw.len && mm_utf8_valid_bytes((struct mm_view){room, len}) == len);
    free(room);
}

static void check_event(const struct mm_xml_pull *p, struct mm_view document)
{
    must(p->offset <= document.len && p->depth <= MM_XML_DEPTH_MAX);
    if (p->event == MM_XML_TEXT) {
        check_view(document, p->text);
        check_decode(p->text, p->form);
        return;
    }
    check_view(document, p->name.local);
    check_view(document, p->name.prefix);
    must(p->name.local.len > 0);
    for (uint32_t i = 0; p->event == MM_XML_START && i < p->attribute_count; i++) {
        check_view(document, p->attributes[i].value);
        check_decode(p->attributes[i].value, p->attributes[i].form);
    }
}

/* The number of events; `p` tells how it ended. */
static size_t read_all(struct mm_xml_pull *p, struct mm_view document, enum mm_xml_mode mode)
{
    size_t count = 0;
    enum mm_status st;
    mm_xml_pull_init(p, document, mode);
    for (; (st = mm_xml_pull_next(p)) == MM_OK; count++)
        check_event(p, document);
    must((st == MM_END) == (p->fault == MM_XML_FAULT_NONE) && p->fault_offset <= document.len);
    must(st != MM_END || p->depth == 0);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mm_xml_pull strict, recovery;
    struct mm_arena arena;
    struct mm_xml_document document;
    mm_arena_init(&arena, 64 * 1024 * 1024);
    if (mm_xml_document_init(&document, (struct mm_view){(const char *)data, size}, &arena) ==
        MM_OK) {
        must(mm_xml_document_offset(&document, document.text.len) <= size);
        size_t events = read_all(&strict, document.text, MM_XML_STRICT);
        size_t again = read_all(&recovery, document.text, MM_XML_RECOVER);
        if (strict.fault ==
            MM_XML_FAULT_NONE) /* white space between elements is a text in recovery */
            must(again >= events && recovery.repair_count + recovery.damage_count == 0);
        else
            must(mm_xml_fault_is_recoverable(strict.fault) || recovery.fault != MM_XML_FAULT_NONE);
    }
    mm_arena_deinit(&arena);
    return 0;
}

/*
 * dmarc_parse.c - one document as an aggregate report: strictly first, then what can be salvaged.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/error.h"
#include "report/dmarc_reader.h"

enum mm_status mm_dmarc_fail(struct mm_dmarc_reader *r, enum mm_status status,
                             enum mm_report_fault_reason reason, size_t offset)
{
    r->fault = reason;
    r->fault_offset = offset;
    return status;
}

/* Room for a report of usual density at once. */
static uint32_t first_guess(size_t document_bytes)
{
    enum { BYTES_A_RECORD = 1400, FIRST_MAX = 4096 };
    size_t guess = document_bytes / BYTES_A_RECORD + 1;
    return guess < FIRST_MAX ? (uint32_t)guess : FIRST_MAX;
}

static void begin(struct mm_dmarc_reader *r, enum mm_xml_mode mode)
{
    uint32_t first = first_guess(r->document.text.len);
    memset(&r->report, 0, sizeof r->report);
    r->begin_text = r->end_text = r->pct_text = (struct mm_view){NULL, 0};
    r->feedback_seen = r->metadata_seen = r->policy_seen = r->extension_seen = false;
    r->records = mm_row_pool_of(sizeof(struct mm_dmarc_record), first);
    r->dkims = mm_row_pool_of(sizeof(struct mm_dmarc_dkim), first);
    r->spfs = mm_row_pool_of(sizeof(struct mm_dmarc_spf), first);
    r->reasons = mm_row_pool_of(sizeof(struct mm_dmarc_reason), first);
    mm_xml_shapes_open(r->shapes);
    mm_xml_pull_init(&r->xml, r->document.text, mode);
}

static bool is_named(const struct mm_dmarc_reader *r, struct mm_view name)
{
    return r->xml.event == MM_XML_START && mm_view_eq(r->xml.name.local, name);
}

static enum mm_status read_strictly(struct mm_dmarc_reader *r)
{
    begin(r, MM_XML_STRICT);
    enum mm_status st = mm_xml_pull_tag(&r->xml);
    if (st == MM_OK && !is_named(r, MM_VIEW("feedback")))
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_DMARC_ROOT, r->xml.offset);
    if (st == MM_OK)
        st = mm_dmarc_read_feedback(r);
    if (st == MM_OK)
        st = mm_xml_pull_next(&r->xml); /* what may stand behind the root */
    return st == MM_END ? MM_OK : st;
}

/* The report may be inside something, and something may be before it. */
static enum mm_status read_in_recovery(struct mm_dmarc_reader *r)
{
    begin(r, MM_XML_RECOVER);
    enum mm_status st;
    do
        st = mm_xml_pull_tag(&r->xml);
    while (st == MM_OK && !is_named(r, MM_VIEW("feedback")));
    return st == MM_OK ? mm_dmarc_read_feedback(r) : st;
}

/* Reporters wrap the report in the schema that it follows. */
static bool is_in_schema(const struct mm_dmarc_reader *r)
{
    return r->fault == MM_REPORT_FAULT_DMARC_ROOT && is_named(r, MM_VIEW("schema"));
}

static enum mm_report_fault_reason reason_of(enum mm_xml_fault fault)
{
    static const struct {
        enum mm_xml_fault fault;
        enum mm_report_fault_reason reason;
    } reasons[] = {{MM_XML_FAULT_DOCTYPE, MM_REPORT_FAULT_XML_DOCTYPE},
                   {MM_XML_FAULT_ENTITY, MM_REPORT_FAULT_XML_ENTITY},
                   {MM_XML_FAULT_DEPTH, MM_REPORT_FAULT_XML_DEPTH},
                   {MM_XML_FAULT_ATTRIBUTES, MM_REPORT_FAULT_XML_ATTRIBUTES},
                   {MM_XML_FAULT_NAME_LENGTH, MM_REPORT_FAULT_XML_NAME_LENGTH},
                   {MM_XML_FAULT_VALUE_LENGTH, MM_REPORT_FAULT_XML_VALUE_LENGTH},
                   {MM_XML_FAULT_TEXT_LENGTH, MM_REPORT_FAULT_XML_TEXT_LENGTH}};
    for (size_t i = 0; i < MM_COUNT(reasons); i++)
        if (reasons[i].fault == fault)
            return reasons[i].reason;
    return MM_REPORT_FAULT_XML_SYNTAX;
}

/* The parser's fault, where it is one that ends everything. */
static enum mm_status take_fault(struct mm_dmarc_reader *r, enum mm_status st)
{
    if (st >= 0 || r->xml.fault == MM_XML_FAULT_NONE)
        return st;
    return mm_dmarc_fail(r, st, reason_of(r->xml.fault), r->xml.fault_offset);
}

static bool is_blank(struct mm_view text)
{
    return mm_view_trim_fws(text).len == 0;
}

static enum mm_status read_document(struct mm_dmarc_reader *r, bool *recovered)
{
    if (is_blank(r->document.text))
        return mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_EMPTY, 0);
    enum mm_status st = take_fault(r, read_strictly(r));
    bool damaged = r->xml.fault && mm_xml_fault_is_recoverable(r->xml.fault);
    *recovered = st == MM_E_SYNTAX && (damaged || is_in_schema(r));
    if (!*recovered)
        return st;
    size_t place = r->fault_offset;
    st = take_fault(r, read_in_recovery(r));
    if (st < 0)
        return st;
    r->fault_offset = place;
    return r->feedback_seen ? MM_OK
                            : mm_dmarc_fail(r, MM_E_SYNTAX, MM_REPORT_FAULT_XML_SYNTAX, place);
}

/* Offsets count in the document as it came. They ascend, so each is found from the one before. */
static void place_records(struct mm_dmarc_reader *r)
{
    size_t offset = 0, place = r->document.mark_bytes;
    for (uint32_t i = 0; i < r->report.record_count; i++) {
        struct mm_dmarc_record *record = &r->report.records[i];
        place = mm_xml_document_advance(&r->document, place, record->offset - offset);
        offset = record->offset;
        record->offset = place;
    }
}

enum mm_status mm_dmarc_parse(struct mm_view document, const struct mm_report_hints *hints,
                              struct mm_xml_shapes *shapes, struct mm_arena *arena,
                              struct mm_dmarc_report *report, struct mm_report_fault *fault)
{
    struct mm_dmarc_reader r;
    bool recovered = false;
    r.hints = hints;
    r.shapes = shapes;
    r.arena = arena;
    r.fault = MM_REPORT_FAULT_NONE;
    r.fault_offset = 0;
    r.report = (struct mm_dmarc_report){0};
    MM_TRY(mm_xml_document_init(&r.document, document, arena));
    enum mm_status st = read_document(&r, &recovered);
    if (st == MM_OK)
        st = mm_dmarc_finish_report(&r, recovered);
    if (st != MM_OK) {
        *fault =
            (struct mm_report_fault){r.fault, mm_xml_document_offset(&r.document, r.fault_offset),
                                     r.report.org_name, r.report.report_id, r.report.policy_domain};
        return st;
    }
    place_records(&r);
    *report = r.report;
    return MM_OK;
}

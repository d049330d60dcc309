/*
 * dmarc_reader.h - what the files that read aggregate reports share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_DMARC_READER_H
#define MM_REPORT_DMARC_READER_H

#include "report/dmarc_report.h"
#include "report/row_pool.h"
#include "text/xml_document.h"
#include "text/xml_shapes.h"

struct mm_dmarc_reader {
    struct mm_dmarc_report report;
    struct mm_view begin_text, end_text, pct_text;
    bool feedback_seen, metadata_seen, policy_seen, extension_seen;
    enum mm_report_fault_reason fault;
    size_t fault_offset; /* in document.text */

    const struct mm_report_hints *hints;
    struct mm_arena *arena;
    struct mm_row_pool records, dkims, spfs, reasons;
    struct mm_xml_document document;
    struct mm_xml_pull xml;
    struct mm_xml_shapes *shapes; /* of records; NULL: none */
};

/* A record as it is being read. Its results and reasons are the last of their pools, and have no
 * place yet: pools move. */
struct mm_dmarc_draft {
    struct mm_dmarc_record record;
    struct mm_view count_text;
};

/* Set a fault and hand MM_E_SYNTAX or MM_E_LIMIT back. */
enum mm_status mm_dmarc_fail(struct mm_dmarc_reader *r, enum mm_status status,
                             enum mm_report_fault_reason reason, size_t offset);

static inline void mm_dmarc_note(uint64_t *flags, enum mm_dmarc_flag flag, bool holds)
{
    *flags |= (uint64_t)holds << flag;
}

/* dmarc_elements.c: read the children of `feedback`, whose start is the event, up to its end. */
enum mm_status mm_dmarc_read_feedback(struct mm_dmarc_reader *r) MM_MUST_CHECK;

/* dmarc_record.c: from texts to values. `part`: a mm_dmarc_dkim, mm_dmarc_spf, mm_dmarc_reason. */
enum mm_status mm_dmarc_finish_dkim(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                    void *part) MM_MUST_CHECK;
enum mm_status mm_dmarc_finish_spf(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                   void *part) MM_MUST_CHECK;
enum mm_status mm_dmarc_finish_reason(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                      void *part) MM_MUST_CHECK;
/* The record at hand is read: keep it, or take it and its parts back. */
enum mm_status mm_dmarc_finish_record(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                      bool whole) MM_MUST_CHECK;
/* The same for one of which the address and the count are read, and the rest is that of a record
 * before it, by its index. */
enum mm_status mm_dmarc_finish_like(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                                    uint32_t index) MM_MUST_CHECK;

/* dmarc_finish.c: what can be said once all is read. `recovered`: in the second reading. */
enum mm_status mm_dmarc_finish_report(struct mm_dmarc_reader *r, bool recovered) MM_MUST_CHECK;
void mm_dmarc_hash_report(struct mm_dmarc_report *report);

#endif /* MM_REPORT_DMARC_READER_H */

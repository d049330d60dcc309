/*
 * report_fault.h - why a document that should be a report is none.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_REPORT_FAULT_H
#define MM_REPORT_REPORT_FAULT_H

#include "base/buf.h"

enum mm_report_fault_reason {
#define MM_REPORT_FAULT(name, slug, words) MM_REPORT_FAULT_##name,
#include "report/report_faults.def"
#undef MM_REPORT_FAULT
    MM_REPORT_FAULT_COUNT
};

struct mm_report_fault {
    enum mm_report_fault_reason reason;
    uint64_t offset; /* of the byte at fault in the document as it was given */
    /* What the document says of itself, where that much could be read; data NULL otherwise. They
     * live as long as the report would have. */
    struct mm_view org_name, report_id, domain;
};

/* The slug of the column `reason`, and words for a person: never NULL. */
const char *mm_report_fault_slug(enum mm_report_fault_reason reason);
const char *mm_report_fault_words(enum mm_report_fault_reason reason);
/* Append the words, and what the document says of itself in texts that are not too long. */
void mm_report_fault_describe(const struct mm_report_fault *fault, struct mm_buf *out);

/* What is known of a document besides its bytes. Both may be without data. */
struct mm_report_hints {
    struct mm_view file_name; /* of the attachment, member or file, without folders */
    struct mm_view subject;   /* of the mail, decoded */
};

#endif /* MM_REPORT_REPORT_FAULT_H */

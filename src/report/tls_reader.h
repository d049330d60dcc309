/*
 * tls_reader.h - what the files that read TLS reports share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_TLS_READER_H
#define MM_REPORT_TLS_READER_H

#include "report/row_pool.h"
#include "report/tls_report.h"
#include "text/json_pull.h"

struct mm_tls_reader {
    struct mm_tls_report report;
    struct mm_view start_text, end_text;
    bool any_known; /* a member that only TLS reports have was seen */
    enum mm_report_fault_reason fault;
    size_t fault_offset; /* in the text as UTF-8 */

    struct mm_arena *arena;
    struct mm_row_pool policies, failures;
    struct mm_json_pull json;
};

/* A policy as it is being read; its failures are the last of their pool and have no place yet. */
struct mm_tls_draft {
    struct mm_tls_policy policy;
    uint32_t first_failure;
    bool summary_seen;
};

static inline void mm_tls_note(struct mm_tls_reader *r, enum mm_tls_flag flag, bool holds)
{
    r->report.flags |= (uint64_t)holds << flag;
}

/* Set a fault and hand `status` back. */
static inline enum mm_status mm_tls_fail(struct mm_tls_reader *r, enum mm_status status,
                                         enum mm_report_fault_reason reason, size_t offset)
{
    r->fault = reason;
    r->fault_offset = offset;
    return status;
}

/* tls_members.c: read the one value of the document. MM_END where all of it was read. */
enum mm_status mm_tls_read_document(struct mm_tls_reader *r) MM_MUST_CHECK;

/* tls_policy.c: from texts to values; keeps the policy. */
enum mm_status mm_tls_finish_policy(struct mm_tls_reader *r,
                                    struct mm_tls_draft *draft) MM_MUST_CHECK;
enum mm_status mm_tls_finish_failure(struct mm_tls_reader *r,
                                     struct mm_tls_failure *failure) MM_MUST_CHECK;

#endif /* MM_REPORT_TLS_READER_H */

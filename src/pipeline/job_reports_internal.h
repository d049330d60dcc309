/*
 * job_reports_internal.h - what a worker of the reports job knows, and what its files share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_JOB_REPORTS_INTERNAL_H
#define MM_PIPELINE_JOB_REPORTS_INTERNAL_H

#include "crypto/digest.h"
#include "dataset/report_rows.h"
#include "pipeline/input_faults.h"
#include "pipeline/job_reports.h"
#include "report/unwrap.h"

/* What a document is read into: some times its size, which inflate.h bounds. */
enum { MM_REPORTS_READ_BYTES = 1024 * 1024 * 1024 };

/* Mail that is none: counted, and no failure. A reason of report/unwrap_reasons.def. */
#define MM_NOT_A_REPORT "not-a-report"

struct mm_reports_worker {
    struct mm_reports_job_state *job;
    struct mm_unwrapper *unwrapper;
    struct mm_bounce_matcher *matcher;
    struct mm_digest_ctx *digest;
    struct mm_row_runs *runs;
    struct mm_report_rows rows;
    struct mm_arena read, texts;  /* of one document, of one row */
    struct mm_xml_shapes *shapes; /* of records of aggregate reports */
    struct mm_buf member;         /* name of the document at hand */
    struct mm_report_counts counts;
    struct mm_report_counts saved;      /* counts that were saved, no longer among the others */
    uint64_t repeated, repeated_unread; /* see job_reports.h */
    uint64_t parse_ns, hash_ns;         /* parse: until the rows are in the runs */
    /* the input at hand */
    const struct mm_item *item;
    struct mm_arena *arena; /* of its segment */
    struct mm_error *err;
    uint64_t reports, others;      /* that make claims; that ended in rows of another kind */
    struct mm_input_faults faults; /* but for mail that is no report */
    struct mm_buf words;           /* of a document's fault */
    bool damaged;                  /* some of it should be a report and cannot be read */
    bool has_letter;               /* mail that is no report… */
    uint64_t letter_offset;        /* …the first of it */
    const char *notice_word;       /* what that is */
};

/* Where the item at hand is: its file, and its own place in that with the place in the item behind
 * it; absent where neither is. The latter lives until the next call. */
struct mm_view mm_reports_source_path(const struct mm_item *item);
struct mm_view mm_reports_member(struct mm_reports_worker *w, struct mm_view inside);

/* Of the sink of mm_unwrap_input(), whose context is the worker: a document or a refusal becomes
 * rows, counts, and what there is to tell of the input at hand. */
enum mm_status mm_reports_take_document(void *context, const struct mm_document *d);
enum mm_status mm_reports_take_reject(void *context, const struct mm_unwrap_reject *r);

#endif /* MM_PIPELINE_JOB_REPORTS_INTERNAL_H */

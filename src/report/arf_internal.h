/*
 * arf_internal.h - what the files that read feedback reports share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_ARF_INTERNAL_H
#define MM_REPORT_ARF_INTERNAL_H

#include "report/arf.h"
#include "report/fields_block.h"
#include "report/header_line.h"

/* One mail in work. */
struct mm_arf_job {
    struct mm_mime *mime;
    struct mm_arena *arena;
    struct mm_arf_report *report;
    uint32_t root;        /* part that is the message with the report */
    uint32_t block;       /* its message/feedback-report, or MM_PART_NONE */
    struct mm_msg sample; /* header of the message that the report is about */
    bool has_sample;      /* `sample` is filled */
    struct mm_view words; /* the text for people, where a report is read from that */
};

enum mm_arf_flag {
#define MM_ARF_FLAG(name, word, meaning) MM_ARF_FLAG_##name,
#include "report/arf_flags.def"
#undef MM_ARF_FLAG
};
enum mm_status mm_arf_flag_add(struct mm_arf_job *job, enum mm_arf_flag flag) MM_MUST_CHECK;

/* "column=place" */
enum mm_status mm_arf_note(struct mm_arf_job *job, const char *column_and_place) MM_MUST_CHECK;

/* Find the sample, index its header, say its kind. MM_OK or MM_E_NOMEM. arf_sample.c. */
enum mm_status mm_arf_find_sample(struct mm_arf_job *job) MM_MUST_CHECK;
/* Fill the columns sample_*, and from the sample what no block said. Likewise. */
enum mm_status mm_arf_read_sample(struct mm_arf_job *job) MM_MUST_CHECK;

/* Reports without a block. MM_OK: it is one; MM_END: it is none; MM_E_NOMEM. arf_plain.c. */
enum mm_status mm_arf_read_plain(struct mm_arf_job *job) MM_MUST_CHECK;

#endif /* MM_REPORT_ARF_INTERNAL_H */

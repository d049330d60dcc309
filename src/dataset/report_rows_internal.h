/*
 * report_rows_internal.h - writing one row, shared by the files that know a kind of report.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_REPORT_ROWS_INTERNAL_H
#define MM_DATASET_REPORT_ROWS_INTERNAL_H

#include "dataset/report_rows.h"

/* Begin the rows of one report. */
void mm_rows_start(struct mm_report_rows *r, struct mm_error *err);
void mm_rows_begin(struct mm_report_rows *r, size_t table);
/* The row is whole; `reading` is for tables that have readings. */
void mm_rows_end(struct mm_report_rows *r, const uint8_t *reading);

/* Where rows of one table agree, they are begun once: the columns written so far. */
struct mm_rows_start {
    struct mm_row_writer writer;
    size_t len;
    bool too_long;
};
struct mm_rows_start mm_rows_keep_start(const struct mm_report_rows *r);
/* Instead of mm_rows_begin(). No other row may have been begun meanwhile. */
void mm_rows_begin_like(struct mm_report_rows *r, const struct mm_rows_start *start);

void mm_rows_text(struct mm_report_rows *r, struct mm_view text); /* absent: null */
/* The same of the names of files and members, of recipients and of free texts: see row_text.h. */
void mm_rows_path(struct mm_report_rows *r, struct mm_view path);
void mm_rows_recipient(struct mm_report_rows *r, struct mm_view recipient);
void mm_rows_free_text(struct mm_report_rows *r, struct mm_view text);
/* A word of ours: there is nothing to look for in it. */
void mm_rows_known(struct mm_report_rows *r, struct mm_view word); /* absent: null */
void mm_rows_word(struct mm_report_rows *r, const char *word);
void mm_rows_texts(struct mm_report_rows *r, const struct mm_text_list *list);
void mm_rows_recipients(struct mm_report_rows *r, const struct mm_text_list *list);
void mm_rows_free_texts(struct mm_report_rows *r, const struct mm_text_list *list);
void mm_rows_seconds(struct mm_report_rows *r, int64_t seconds); /* MM_NO_TIME: null */
void mm_rows_number(struct mm_report_rows *r, int64_t number);   /* MM_NO_NUMBER: null */
void mm_rows_ip(struct mm_report_rows *r, const struct mm_ip *ip);
/* The words of the bits that are set, in their order. */
void mm_rows_flags(struct mm_report_rows *r, uint64_t bits, const char *(*word)(unsigned flag));

struct mm_rows_claim {
    enum mm_report_table kind;
    struct mm_view org, report_id, domain; /* what tells reports apart, with the next two */
    int64_t begin, end;
    uint64_t content_hash;
    bool salvaged;
    int64_t records, messages;
};
/* Hold a report's claim until all of its input has been read; `reading` is its number. Gives
 * r->report_key. */
void mm_rows_hold_claim(struct mm_report_rows *r, const struct mm_rows_claim *claim,
                        const struct mm_report_origin *origin, uint8_t reading[MM_READING_BYTES]);
/* The end of a report's rows. With a failure what was taken of it will not be kept. */
enum mm_status mm_rows_finish(struct mm_report_rows *r);

/* Hashes and keys are shown as signed: every reader of Parquet knows INT64. */
static inline int64_t mm_rows_signed(uint64_t hash)
{
    return (int64_t)hash;
}

#endif /* MM_DATASET_REPORT_ROWS_INTERNAL_H */

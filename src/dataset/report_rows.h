/*
 * report_rows.h - what a report says, as rows of the tables of a dataset.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each report gives a claim besides: which reading of a report is kept is decided once all of them
 * are known.
 */
#ifndef MM_DATASET_REPORT_ROWS_H
#define MM_DATASET_REPORT_ROWS_H

#include "columnar/row.h"
#include "crypto/digest.h"
#include "dataset/report_tables.h"
#include "dataset/row_text.h"
#include "report/arf.h"
#include "report/bounce.h"
#include "report/dmarc_report.h"
#include "report/tls_report.h"

/* Where a report was read. Absent texts and times as in row_value.h. */
struct mm_report_origin {
    struct mm_view source_path, member;
    int64_t received_at; /* seconds; of the mail that brought it */
    struct mm_view reporter_domain;
    uint64_t document_bytes; /* inflated */
    uint64_t document_hash;  /* XXH3-64 of them */
};

/* What was refused, whole or a member of what was not. */
struct mm_report_reject {
    struct mm_view source_path, member;
    uint64_t byte_offset; /* UINT64_MAX: none */
    struct mm_view kind_guess, reason, detail;
    bool hashed;
    uint64_t input_hash;
};

/* What rows of a report's records have that others will have again; private. */
enum { MM_ROWS_PIECES_MAX = 16, MM_ROWS_PIECE_BYTES_MAX = 4096 };
struct mm_rows_pieces {
    struct mm_buf bytes;
    size_t count;
    struct mm_rows_piece {
        uint32_t record;
        uint64_t flags;
        size_t from, middle, to; /* in `bytes`: columns before the address, and behind the count */
    } list[MM_ROWS_PIECES_MAX];
};

/* One of those rows in work; a worker has one. */
struct mm_report_rows {
    struct mm_row_text text;
    struct mm_digest_ctx *digest;
    uint16_t worker;  /* no other in the run has this number */
    uint64_t counter; /* private */
    bool split_days;  /* a record of several days becomes several rows */
    bool subjects;    /* arf.sample_subject is told */
    /* Takes each row; its bytes are gone after the call. */
    enum mm_status (*take)(void *context, size_t table, struct mm_view row, struct mm_error *err);
    void *context;
    struct mm_buf buf;
    struct mm_buf claims, claim_members; /* of the input at hand */
    uint64_t repeated_beyond;            /* of the input at hand: see mm_rows_of_dmarc_fit() */
    struct mm_rows_pieces pieces;        /* of the report at hand */
    int64_t report_key;                  /* of the report at hand */
    struct mm_error *err;                /* of the call at hand, as the next three */
    struct mm_row_writer writer;
    size_t table;
    enum mm_status status; /* the first failure: nothing is taken after it */
    bool too_long;         /* the row at hand: a text was left out */
};

/* take, context, digest, worker, text and the options are set; the rest is zeroed. */
void mm_report_rows_init(struct mm_report_rows *r);
void mm_report_rows_deinit(struct mm_report_rows *r);

/*
 * Give the rows of one report, notice or refusal to take().
 * Returns MM_OK; MM_E_NOMEM; MM_E_LIMIT where one row is longer than a row may be: then a report
 * has no rows; what take() returned.
 */
enum mm_status mm_rows_of_dmarc(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                                const struct mm_report_origin *origin,
                                struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_rows_of_tls(struct mm_report_rows *r, const struct mm_tls_report *report,
                              const struct mm_report_origin *origin,
                              struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_rows_of_arf(struct mm_report_rows *r, const struct mm_arf_report *report,
                              const struct mm_report_origin *origin,
                              struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_rows_of_notice(struct mm_report_rows *r, const struct mm_notice *notice,
                                 const struct mm_report_origin *origin,
                                 struct mm_error *err) MM_MUST_CHECK;
/*
 * Whether a report's rows may be made, by what they have in common and would repeat: not more than
 * 256 MiB in all of them, nor more than 32 times the report's own bytes, but for 16 MiB that
 * are beyond that in all reports of one input (up to the next mm_rows_of_input()). Where it may,
 * the report has taken what it needs of these.
 */
bool mm_rows_of_dmarc_fit(struct mm_report_rows *r, const struct mm_dmarc_report *report,
                          const struct mm_report_origin *origin);
bool mm_rows_of_tls_fit(struct mm_report_rows *r, const struct mm_tls_report *report,
                        const struct mm_report_origin *origin);
bool mm_rows_of_notice_fit(struct mm_report_rows *r, const struct mm_notice *notice,
                           const struct mm_report_origin *origin);

enum mm_status mm_rows_of_reject(struct mm_report_rows *r, const struct mm_report_reject *reject,
                                 struct mm_error *err) MM_MUST_CHECK;
/* The number of an input that could not be read, for mm_rows_of_input(): a cut SHA-256 of what is
 * told of it, so that a later run which finds it as it was tells nothing again. */
enum mm_status mm_rows_unread_id(struct mm_report_rows *r, const struct mm_report_reject *reject,
                                 uint8_t id[MM_READING_BYTES], struct mm_error *err) MM_MUST_CHECK;
/*
 * All of an input has been read: give its reports' claims, and that it was taken.
 * id     of the input: SHA-256, cut, of its bytes.
 * alone  it had nothing but reports that make claims.
 */
enum mm_status mm_rows_of_input(struct mm_report_rows *r, struct mm_view source_path,
                                const uint8_t id[MM_READING_BYTES], bool alone,
                                struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_REPORT_ROWS_H */

/*
 * verify_rows.h - verdicts as rows of the tables of a dataset.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_VERIFY_ROWS_H
#define MM_DATASET_VERIFY_ROWS_H

#include "base/hash128.h"
#include "columnar/row_runs.h"
#include "dataset/row_text.h"
#include "dataset/verify_tables.h"
#include "dkim/verify_batch.h"

/* One of those rows in work; a worker has one. All of it is private. */
struct mm_verify_rows {
    struct mm_row_runs *runs;
    struct mm_row_text text;
    struct mm_arena arena; /* of the texts of one row that had to be changed */
    struct mm_buf buf;
    struct mm_row_writer writer;
    bool raw; /* a text of the message at hand was not UTF-8 */
};

/* runs: of mm_verify_verb's work tables; they outlive the rows. */
void mm_verify_rows_init(struct mm_verify_rows *r, struct mm_row_runs *runs);
/* Quiet on a zeroed struct. */
void mm_verify_rows_deinit(struct mm_verify_rows *r);

/*
 * A message and its signatures.
 * authentication_results  the unfolded field; empty: not asked for.
 * Returns  MM_OK; MM_E_LIMIT where its row might be longer than a row may be: nothing was taken;
 *          MM_E_NOMEM, MM_E_IO as mm_row_runs_add().
 */
enum mm_status mm_verify_rows_add(struct mm_verify_rows *r, struct mm_view message,
                                  const struct mm_verify_item *v,
                                  struct mm_view authentication_results,
                                  struct mm_error *err) MM_MUST_CHECK;
/* An input that was rejected. offset: MM_NO_OFFSET where none applies. Errors likewise. */
enum mm_status mm_verify_rows_add_reject(struct mm_verify_rows *r, struct mm_view message,
                                         const char *slug, const char *detail, uint64_t offset,
                                         struct mm_error *err) MM_MUST_CHECK;
/* The bytes of an input that was read. Errors likewise. */
enum mm_status mm_verify_rows_add_input(struct mm_verify_rows *r, struct mm_hash128 content,
                                        struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_VERIFY_ROWS_H */

/*
 * append_record.h - what an append has decided: the list of renames that a later run can complete.
 * SPDX-License-Identifier: Apache-2.0
 *
 * New files of an append wait in DATASET/.mailmill/append. Once all of them are on disk this list
 * is, under its final name; from then on the append has happened, and whoever comes next carries
 * out what is left of it. Lines of text, each a step, in order, and their XXH3-64 in the last:
 *
 *   mailmill append 1
 *   put TABLE PART      append/TABLE.parquet becomes TABLE/PART, in place of what has that name
 *   drop TABLE PART     TABLE/PART goes: its rows are in a file that was put
 *   state NAME          append/NAME becomes .mailmill/NAME
 *   end 0123456789abcdef
 *
 * Then append/_mailmill.json becomes _mailmill.json.
 */
#ifndef MM_DATASET_APPEND_RECORD_H
#define MM_DATASET_APPEND_RECORD_H

#include <limits.h>

#include "base/buf.h"

#define MM_APPEND_RECORD "append.commit" /* in the work folder */

enum {
    MM_APPEND_NAME_MAX = 64,                      /* of a table, or a file of state */
    MM_APPEND_RECORD_BYTES_MAX = 64 * 1024 * 1024 /* all parts of all tables dropped: some 40 */
};

enum mm_append_verb { MM_APPEND_PUT, MM_APPEND_DROP, MM_APPEND_STATE };

struct mm_append_step {
    enum mm_append_verb verb;
    char name[MM_APPEND_NAME_MAX]; /* of the table; STATE: of the file */
    char part[NAME_MAX + 1];       /* PUT, DROP */
};

/* ---- writing ---- */

void mm_append_record_begin(struct mm_buf *record);
void mm_append_record_add(struct mm_buf *record, const struct mm_append_step *step);
void mm_append_record_end(struct mm_buf *record);

/* ---- reading ---- */

/* Whether a file of a table has a name that a record can say: part-*.parquet of letters, digits,
 * '.', '_' and '-'. */
bool mm_append_part_name(struct mm_view name);

/* The steps of a record, *steps being moved along; false past the last. Nothing in a step leads
 * out of the dataset. Before: mm_append_record_open(), which is false unless all of it is whole and
 * good. */
bool mm_append_record_open(struct mm_view record, struct mm_view *steps);
bool mm_append_record_next(struct mm_view *steps, struct mm_append_step *step);

#endif /* MM_DATASET_APPEND_RECORD_H */

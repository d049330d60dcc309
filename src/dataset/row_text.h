/*
 * row_text.h - a stranger's text as a table holds it: UTF-8, and with --redact without local parts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every string of a row passes here. A byte that is not UTF-8 becomes the character of that number,
 * U+0080..U+00FF, as rows in JSON have it, so that nothing is lost. With a redaction each local
 * part in front of an '@' is replaced by a keyed hash, whatever column it stands in: addresses
 * turn up in diagnostics, subjects and file names as well, and equal ones stay equal. A recipient
 * without a domain is replaced as a whole, in its column and in the free texts of its row.
 */
#ifndef MM_DATASET_ROW_TEXT_H
#define MM_DATASET_ROW_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "dataset/redaction.h"

struct mm_row_text {
    struct mm_arena *arena;               /* of what had to be changed; until its reset */
    const struct mm_redaction *redaction; /* NULL: none */
    struct mm_redaction_names names;      /* of this row; they borrow */
    struct mm_buf scratch;
    bool failed; /* a text was too long, or there was no memory: it is empty, and no row counts */
};

/* Quiet on a zeroed struct. */
void mm_row_text_deinit(struct mm_row_text *t);
/* The text itself where nothing is to be changed. Absent (data NULL) stays absent. */
struct mm_view mm_row_text_of(struct mm_row_text *t, struct mm_view text);
/* The same of the name of a file, or of a member of one. */
struct mm_view mm_row_text_path(struct mm_row_text *t, struct mm_view path);
/* The same of an address that may have no domain: what is none is a name, and noted in t->names. */
struct mm_view mm_row_text_recipient(struct mm_row_text *t, struct mm_view recipient);
/* The same of what somebody wrote, in which the names of the row may stand. */
struct mm_view mm_row_text_free(struct mm_row_text *t, struct mm_view text);

#endif /* MM_DATASET_ROW_TEXT_H */

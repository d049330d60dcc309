/*
 * show.h - a summary in words: for a terminal, as JSON, as CSV.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_SHOW_H
#define MM_SUMMARY_SHOW_H

#include "base/buf.h"
#include "mailmill/summary.h"

/* Words on their way out: handed on a line or row at a time, so that no table is held twice. */
struct mm_show {
    struct mm_buf buf;
    struct mm_summary_style style;
    void (*put)(void *context, struct mm_view text);
    void *context;
    bool failed; /* a row found no memory */
};

void mm_show_hand_on(struct mm_show *show);

void mm_show_json(struct mm_show *show, const struct mm_summary *summary);
void mm_show_csv(struct mm_show *show, const struct mm_summary_table *table);
void mm_show_text(struct mm_show *show, const struct mm_summary *summary);

/* A text without anything that acts on a terminal, a line or a reader's eyes; invalid bytes too. */
void mm_show_escaped(struct mm_buf *out, struct mm_view text);
/* Columns of a terminal that an escaped text takes. */
size_t mm_show_width(struct mm_view text);

#endif /* MM_SUMMARY_SHOW_H */

/*
 * page_markup.h - texts, numbers and cells in HTML.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Functions that take a text escape it; everything else that is appended to a page is markup that
 * stands in our sources.
 */
#ifndef MM_SUMMARY_PAGE_MARKUP_H
#define MM_SUMMARY_PAGE_MARKUP_H

#include "base/buf.h"
#include "mailmill/summary.h"

/* A code point as UTF-8. */
void mm_page_character(struct mm_buf *out, uint32_t code_point);
/* A text where markup or a quoted value of an attribute may stand. */
void mm_page_text(struct mm_buf *out, struct mm_view text);
/* The same for words of ours. */
void mm_page_words(struct mm_buf *out, const char *words);
/* A stranger's text, its direction of writing kept to itself: <bdi>. */
void mm_page_isolated(struct mm_buf *out, struct mm_view text);

/* "1,234,567"; a minus sign before what is below 0. */
void mm_page_number(struct mm_buf *out, int64_t number);
/* "98.31 %" */
void mm_page_share(struct mm_buf *out, const struct mm_summary_cell *cell);
/* "2026-01-31" */
void mm_page_day(struct mm_buf *out, int64_t day);

/* What stands in a cell; an empty text, and nothing where nobody said, are told apart. */
void mm_page_cell(struct mm_buf *out, enum mm_summary_kind kind,
                  const struct mm_summary_cell *cell);

/* Index of a table's column of that name; -1: it has none. */
int mm_page_column(const struct mm_summary_table *table, const char *name);

#endif /* MM_SUMMARY_PAGE_MARKUP_H */

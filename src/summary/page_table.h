/*
 * page_table.h - a table of a summary in HTML, and as data for the page's script.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_PAGE_TABLE_H
#define MM_SUMMARY_PAGE_TABLE_H

#include "base/buf.h"
#include "mailmill/summary.h"

/*
 * <table> with at most `row_max` rows; the script shows others of the data, sorts and filters.
 */
void mm_page_table(struct mm_buf *out, const struct mm_summary_table *table, const char *title,
                   size_t row_max);
/* "120 of 4,711 rows shown" */
void mm_page_table_shown(struct mm_buf *out, const struct mm_summary_table *table, size_t row_max);
/* One row as names and values, for an advice that speaks of it. */
void mm_page_table_row(struct mm_buf *out, const struct mm_summary_table *table, size_t row);

/*
 * The table as JSON, with at most `row_max` rows:
 * {"total":N,"columns":[{"name":…,"title":…,
 * "kind":N,"flags":N}],"words":[…],"rows":[[…]]}. A text is its place in `words`; a share [part,
 * whole]; a date its day; a number past 2^53 a string. No '<' is in it.
 */
void mm_page_table_data(struct mm_buf *out, const struct mm_summary_table *table, size_t row_max);

/* A JSON string without '<', so that no text ends the element that it stands in. */
void mm_page_json(struct mm_buf *out, struct mm_view text);

#endif /* MM_SUMMARY_PAGE_TABLE_H */

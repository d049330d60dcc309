/*
 * page.h - one page of HTML with everything in it: charts, tables, style, script, data.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It asks nothing of any server: its policy allows the script and the style by their hashes, and
 * nothing else. With scripts off, charts and tables are there all the same.
 */
#ifndef MM_SUMMARY_PAGE_H
#define MM_SUMMARY_PAGE_H

#include "base/buf.h"
#include "base/error.h"
#include "mailmill/summary.h"

/* Bytes of a page at most, and rows of a table in it as data and as HTML; what makes a page too
 * large has fewer. */
enum { MM_PAGE_BYTES_MAX = 2000000, MM_PAGE_DATA_ROWS = 8192, MM_PAGE_HTML_ROWS = 100 };

/*
 * Append the page to `out`, which was inited for MM_PAGE_BYTES_MAX bytes and is empty.
 * Returns MM_OK; MM_E_NOMEM; MM_E_CRYPTO where the hashes cannot be made; MM_E_LIMIT where even
 *         tables of a few rows have no room.
 */
enum mm_status mm_page_make(struct mm_buf *out, const struct mm_summary *summary,
                            struct mm_error *err) MM_MUST_CHECK;

/* page.css and page.js, built in. */
struct mm_view mm_page_style(void);
struct mm_view mm_page_script(void);

#endif /* MM_SUMMARY_PAGE_H */

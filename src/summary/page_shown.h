/*
 * page_shown.h - the tables of a summary as a page shows them: so many rows, every text inert.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Texts come from strangers. Here they become UTF-8 in which every character can be seen, of
 * bounded length; what stands behind this step has only to escape what its own form gives a
 * meaning.
 */
#ifndef MM_SUMMARY_PAGE_SHOWN_H
#define MM_SUMMARY_PAGE_SHOWN_H

#include "base/arena.h"
#include "mailmill/summary.h"

/* Characters of a name; the longest domain name has 253, and few have 60. Of a sentence: notes hold
 * names of their own. */
enum { MM_PAGE_NAME_CHARS = 100, MM_PAGE_NOTE_CHARS = 1200 };

/*
 * A text as it is shown: control characters as their pictures (U+2400 and on), those that turn or
 * hide what stands beside them as "\u{202e}", bytes that are no UTF-8 as "\xNN". Past `chars`
 * characters it is cut, and then says how long it was: "aaa… (10,240 bytes)".
 * Returns memory of the arena; data is NULL where there is none.
 */
struct mm_view mm_page_shown_text(struct mm_arena *arena, struct mm_view text, size_t chars);

/*
 * Copies of all tables with at most `row_max` rows each, their texts shown. NULL without memory.
 */
struct mm_summary_table *mm_page_shown_tables(struct mm_arena *arena,
                                              const struct mm_summary *summary, size_t row_max);

#endif /* MM_SUMMARY_PAGE_SHOWN_H */

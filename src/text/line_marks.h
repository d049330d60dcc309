/*
 * line_marks.h - where the lines of a text end, and where its colons are, as bits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A header is walked by its line ends and the first colon of each line. Marking both in one pass
 * costs a fraction of two searches a line.
 */
#ifndef MM_TEXT_LINE_MARKS_H
#define MM_TEXT_LINE_MARKS_H

#include "base/kernel.h"
#include "base/view.h"

/* Words that hold a bit for each of so many bytes. */
#define MM_MARK_WORDS(bytes) (((bytes) + 63) / 64)

/* Set bit i % 64 of word i / 64 where byte i of `v` is LF, or colon; clear it elsewhere, also
 * behind the end. Both arrays have MM_MARK_WORDS(v.len) words. */
void mm_line_marks(struct mm_view v, uint64_t *lf, uint64_t *colon);
/* The same, one byte at a time: what the fast forms are tested against. */
void mm_line_marks_reference(struct mm_view v, uint64_t *lf, uint64_t *colon);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_line_marks_kernel;

#endif /* MM_TEXT_LINE_MARKS_H */

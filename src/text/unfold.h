/*
 * unfold.h - a tag's value without the folding white space inside it (RFC 6376 section 2.8).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_UNFOLD_H
#define MM_TEXT_UNFOLD_H

#include "base/kernel.h"
#include "base/view.h"

/* Copy `text` without its blanks, tabs, CRs and LFs. `out` has room for text.len bytes and does not
 * overlap it. Returns the bytes written. */
size_t mm_unfold(char *out, struct mm_view text);
/* The same, one byte at a time: what the fast forms are tested against. */
size_t mm_unfold_reference(char *out, struct mm_view text);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_unfold_kernel;

/* The first `cap` bytes of what mm_unfold() gives, or all where there are fewer. Returns them. */
size_t mm_unfold_first(char *out, size_t cap, struct mm_view text);

#endif /* MM_TEXT_UNFOLD_H */

/*
 * eol.h - which line ends a text has, counted in one SIMD pass.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_TEXT_EOL_H
#define MM_TEXT_EOL_H

#include "base/kernel.h"
#include "base/view.h"

struct mm_eol_count {
    uint64_t crlf;    /* CR LF pairs */
    uint64_t bare_lf; /* LF without a CR before it */
};

/* Count line ends. A CR that is the last byte, or has no LF behind it, is content. */
struct mm_eol_count mm_eol_count(struct mm_view v);
/* The same, one byte at a time: what the fast form is tested against. */
struct mm_eol_count mm_eol_count_reference(struct mm_view v);
/* Offset of the first LF without a CR before it; v.len where there is none. */
size_t mm_eol_first_bare_lf(struct mm_view v);

/* What runs here, for `mailmill version` and tests. */
extern struct mm_kernel mm_eol_count_kernel, mm_eol_first_kernel;

#endif /* MM_TEXT_EOL_H */

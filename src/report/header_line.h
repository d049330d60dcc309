/*
 * header_line.h - fields of a message as report readers want them: one line, bounded, or absent.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_HEADER_LINE_H
#define MM_REPORT_HEADER_LINE_H

#include "mail/message.h"

enum {
    /* Of one field that is looked at: a mailing list's To of a thousand addresses is cut. */
    MM_HEADER_LINE_MAX_BYTES = 16 * 1024
};

/* Value of the topmost field of that name on one line, trimmed; without data where there is none,
 * or no memory. Borrows, or arena memory where the field is folded. */
struct mm_view mm_header_line(const struct mm_msg *msg, struct mm_view name,
                              struct mm_arena *arena);

/* What is behind the last '@' of an address or of a field with one, as mm_plain_domain() has it;
 * without data where there is none, or no memory. */
struct mm_view mm_domain_of(struct mm_view address, struct mm_arena *arena);

/* Seconds of the Date field, or INT64_MIN. */
int64_t mm_header_date(const struct mm_msg *msg, struct mm_arena *arena);

#endif /* MM_REPORT_HEADER_LINE_H */

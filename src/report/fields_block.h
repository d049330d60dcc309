/*
 * fields_block.h - the header-like text inside feedback reports and delivery notices, field by
 * field.
 * SPDX-License-Identifier: Apache-2.0
 *
 * message/feedback-report is one group of fields, message/delivery-status several with empty lines
 * between them. Senders fold or do not, end lines in CRLF, LF or CR, put empty lines where none
 * belong, and break long values without an indent: a line that does not begin as a field does goes
 * on the one before.
 */
#ifndef MM_REPORT_FIELDS_BLOCK_H
#define MM_REPORT_FIELDS_BLOCK_H

#include "base/arena.h"
#include "base/view.h"

struct mm_block_field {
    struct mm_view name;  /* as written, without blanks */
    struct mm_view value; /* one line: each fold is one blank; trimmed; borrows, or arena memory */
    bool after_blank;     /* an empty line stands before it, or it is the first */
};

struct mm_block_iter {
    struct mm_view rest; /* private from here on */
    struct mm_arena *arena;
    bool after_blank;
};

static inline void mm_block_begin(struct mm_block_iter *it, struct mm_view text,
                                  struct mm_arena *arena)
{
    *it = (struct mm_block_iter){.rest = text, .arena = arena, .after_blank = true};
}

/*
 * Step to the next field. Lines in front of the first one that are no field are skipped.
 * Returns MM_OK; MM_END; MM_E_NOMEM. Cost: linear in the text over all steps.
 * Source: RFC 5322 section 2.2, RFC 3464 section 2.1, RFC 5965 section 3.
 */
enum mm_status mm_block_next(struct mm_block_iter *it, struct mm_block_field *field) MM_MUST_CHECK;

/* The value behind "type;" of a field like Final-Recipient, trimmed; `type` is what stands before
 * it, without data where there is no ';'. RFC 3464 section 2.1.2. */
struct mm_view mm_block_typed(struct mm_view value, struct mm_view *type);

/* The next line of a text whose lines end in CRLF, LF or CR; without its line end. False at the
 * end. */
bool mm_line_next(struct mm_view *rest, struct mm_view *line);

/* Small letters of ASCII, in arena memory where there is a capital. No memory: without data. */
struct mm_view mm_text_lower(struct mm_view text, struct mm_arena *arena);
/* Runs of folding white space as one blank each, trimmed; a copy where there is any. */
struct mm_view mm_text_one_line(struct mm_view text, struct mm_arena *arena);
/* What stands inside "<…>" where the text has that, else the text; trimmed. */
struct mm_view mm_text_in_angles(struct mm_view text);

#endif /* MM_REPORT_FIELDS_BLOCK_H */

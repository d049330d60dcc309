/*
 * header_select.h - the header bytes that a signature covers (RFC 6376 sections 3.7 and 5.4.2).
 * SPDX-License-Identifier: Apache-2.0
 *
 * h= takes fields from the bottom up: each mention of a name takes the next instance above the one
 * taken last, and nothing once they are used up. A cursor for each name makes that linear in the
 * names of h=, whatever the number of fields.
 */
#ifndef MM_DKIM_HEADER_SELECT_H
#define MM_DKIM_HEADER_SELECT_H

#include "base/buf.h"
#include "dkim/canon_header.h"
#include "mail/message.h"

/*
 * Append the canonical form of each field that `names` (the value of h=) selects, in its order.
 * self     index of the field being checked, which is never selected; MM_FIELD_NONE for none.
 * cursors  scratch of msg->name_count entries.
 */
void mm_header_select(struct mm_buf *out, const struct mm_msg *msg, struct mm_view names,
                      uint32_t self, enum mm_canon canon, uint32_t *cursors);

/*
 * Append the canonical form of a signature field as it is hashed: last, b= emptied, no line end.
 * field     the whole field, without its last line end.
 * value_at  offset in `field` behind its colon.
 * b_raw     the part of `field` between "b=" and its ';', as mm_sig_field has it.
 * scratch   for fields with tags behind b=; emptied here.
 * Source    RFC 6376 section 3.5 (b=) and 3.7.
 */
void mm_header_select_signature(struct mm_buf *out, struct mm_view field, size_t value_at,
                                struct mm_view b_raw, enum mm_canon canon, struct mm_buf *scratch);

#endif /* MM_DKIM_HEADER_SELECT_H */

/*
 * dsn_recipient.h - the address in a recipient field of message/delivery-status.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_DSN_RECIPIENT_H
#define MM_REPORT_DSN_RECIPIENT_H

#include "base/arena.h"
#include "base/view.h"

/*
 * The address in the value of Final-Recipient or Original-Recipient (RFC 3464 sections 2.3.1,
 * 2.3.2): without its type, angle brackets, of which one may be missing, and a comment behind it
 * (RFC 822 section 3.1.4). Of the type "utf-8" with "\x{E9}" decoded (RFC 6533 section 3). What is
 * no address, as the pipe of an alias, stays as it is. MM_OK or MM_E_NOMEM.
 */
enum mm_status mm_dsn_recipient(struct mm_view value, struct mm_arena *arena,
                                struct mm_view *address) MM_MUST_CHECK;

/*
 * Undo xtext ("+2B" for a plus sign, RFC 3461 section 4) in Original-Recipient, for those who leave
 * it there. The field is the address as the sender gave it (RFC 3464 section 2.3.1), so that
 * "john+2025@" is what it says; it is xtext only where its decoded form is the address of
 * Final-Recipient.
 * MM_OK or MM_E_NOMEM.
 */
enum mm_status mm_dsn_decode_xtext(struct mm_view *original, struct mm_view final,
                                   struct mm_arena *arena) MM_MUST_CHECK;

#endif /* MM_REPORT_DSN_RECIPIENT_H */

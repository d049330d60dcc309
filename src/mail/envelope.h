/*
 * envelope.h - whom a message is from and for, as SMTP has it, taken from its header.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_ENVELOPE_H
#define MM_MAIL_ENVELOPE_H

#include "base/buf.h"
#include "mail/message.h"

enum { MM_ENVELOPE_RECIPIENTS_MAX = 10000 };

/*
 * Append "MAIL FROM:<…>" and a line "RCPT TO:<…>" for each recipient, CRLF line ends. The sender is
 * that of Return-Path ("<>" is none), else of Sender, else the first of From; recipients are those
 * of every To, Cc and Bcc field. Local parts are quoted where SMTP wants it; an address with a
 * control character is none. arena    scratch. Returns  MM_OK; MM_E_SYNTAX without sender or
 * recipient, with nothing appended; MM_E_LIMIT above MM_ENVELOPE_RECIPIENTS_MAX; MM_E_NOMEM. Source
 * RFC 5321 sections 4.1.1.2, 4.1.1.3, 4.1.2; RFC 5322 sections 3.6.2, 3.6.3, 3.6.7.
 */
enum mm_status mm_envelope_write(struct mm_buf *out, const struct mm_msg *msg,
                                 struct mm_arena *arena) MM_MUST_CHECK;

#endif /* MM_MAIL_ENVELOPE_H */

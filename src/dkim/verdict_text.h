/*
 * verdict_text.h - parts of a verdict as rows tell them, whatever the rows are made of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DKIM_VERDICT_TEXT_H
#define MM_DKIM_VERDICT_TEXT_H

#include "mail/message.h"
#include "mailmill/dkim.h"

/* RFC 8601 section 2.7.1: header.b is cut to the first eight characters or more. */
enum { MM_B_SHOWN_CHARS = 8 };

/* "unchecked", "ok", "bad". */
const char *mm_dkim_check_word(enum mm_check check);
/* "crlf", "lf", "mixed". */
const char *mm_msg_eol_word(enum mm_msg_eol eol);
/* i= in two pieces; absent it is "@" and d= (RFC 6376 section 3.5). */
void mm_dkim_auid(const struct mm_dkim_signature *s, struct mm_view pieces[2]);

#endif /* MM_DKIM_VERDICT_TEXT_H */

/*
 * bounce_codes.h - numbers and commands out of what a mail server answered.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_BOUNCE_CODES_H
#define MM_REPORT_BOUNCE_CODES_H

#include "base/arena.h"
#include "base/view.h"

/* Both absent ones are -1. */
struct mm_reply_codes {
    int32_t reply;     /* 200..559 (RFC 5321 section 4.2) */
    int32_t status[3]; /* RFC 3463 */
};

/* A status at the start of `text`: "5.1.1 (bad address)", three digits a number at most. False
 * leaves `status` alone. */
bool mm_status_parse(struct mm_view text, int32_t status[3]);

/*
 * Find the reply in a text, be it alone, behind "said:", on a line of its own, or with an enhanced
 * status behind it; and the status in it, or the first one of the text. Numbers of addresses,
 * times and sizes are not taken for codes.
 */
struct mm_reply_codes mm_reply_find(struct mm_view text);

/* The SMTP command that a text says was answered: "connect", "helo", "mail", "rcpt", "data", or
 * absent. Of a dialogue ("RCPT" after ">>>"), the last one before the last answer. */
struct mm_view mm_reply_command(struct mm_view text);

/* One line of a reply of several: later repeats of its code, "550-5.1.1 ", are taken out. Arena
 * memory where there are any. */
struct mm_view mm_reply_joined(struct mm_view text, struct mm_arena *arena);

#endif /* MM_REPORT_BOUNCE_CODES_H */

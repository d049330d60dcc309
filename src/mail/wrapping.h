/*
 * wrapping.h - files that hold one message and something of the program that wrote them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * emlx    Apple Mail: a line with the message's length, the message, a property list.
 * pickup  Exchange and others: lines X-Sender and X-Receiver on top of the header, the envelope.
 * postfix A queue file as Postfix keeps it in maildrop and hold: records of type, length, data.
 * Source: Microsoft, "Pickup directory message file header fields"; Postfix' record(3) as its
 * postcat shows it, and what sendmail(1) writes; queue files are no interface and are only read.
 */
#ifndef MM_MAIL_WRAPPING_H
#define MM_MAIL_WRAPPING_H

#include "base/buf.h"
#include "base/view.h"

enum mm_wrapping { MM_WRAPPING_NONE, MM_WRAPPING_EMLX, MM_WRAPPING_PICKUP, MM_WRAPPING_POSTFIX };

enum {
    MM_WRAPPING_TOP_MAX_BYTES = 1024 * 1024 /* envelopes: lines of pickup, records of a queue */
};

/* By the first bytes, those of a whole file or not. */
enum mm_wrapping mm_wrapping_sniff(struct mm_view bytes);

struct mm_unwrapped {
    struct mm_view message;
    struct mm_view top; /* pickup: its lines */
    const char *damage; /* words; NULL where it is whole */
    size_t damage_at;
};

/*
 * Take the message out of a whole file of that form. Lines of a queue file are put together in
 * place: the memory is changed.
 * envelope  appended to: "MAIL FROM:<…>" and a line "RCPT TO:<…>" for each recipient, CRLF; nothing
 *           without sender or recipient, or where an address cannot stand there as it is.
 */
void mm_unwrap(enum mm_wrapping wrapping, char *bytes, size_t len, struct mm_buf *envelope,
               struct mm_unwrapped *out);

#endif /* MM_MAIL_WRAPPING_H */

/*
 * bsmtp.h - batch SMTP: messages with their envelopes, as a mail system reads them from a file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lines end in LF or CRLF. Of the commands HELO, EHLO, LHLO, NOOP, RSET, VRFY, EXPN, HELP and QUIT
 * nothing is kept; MAIL begins an envelope, DATA the message, a line of one dot ends it.
 * Source: RFC 5321 sections 4.1.1, 4.5.2; Exim's specification, "Using Exim in batch SMTP mode".
 */
#ifndef MM_MAIL_BSMTP_H
#define MM_MAIL_BSMTP_H

#include "base/view.h"

enum { MM_BSMTP_ENVELOPE_MAX_BYTES = 1024 * 1024 };

enum mm_bsmtp_turn {
    MM_BSMTP_MORE,    /* the end of the next message is not there yet */
    MM_BSMTP_MESSAGE, /* found */
    MM_BSMTP_END,     /* nothing but commands up to the end of the bytes */
    MM_BSMTP_DAMAGED  /* a line that is no command, or an envelope over the limit */
};

/* Places in the bytes that were looked at. */
struct mm_bsmtp_message {
    size_t envelope_at, envelope_len; /* from the line MAIL up to the line DATA */
    size_t data_at, data_len;         /* the message, its lines still stuffed with dots */
    size_t end;                       /* behind the line of one dot */
};

/* True where bytes begin with a command that begins a session or an envelope. */
bool mm_bsmtp_sniff(struct mm_view head);

/*
 * The next message of `bytes`. scanned  [in, out] bytes from the beginning that hold no end of the
 * message, so that a large one is not searched from its beginning again; 0 at first.
 * With MM_BSMTP_MORE data_at is set once DATA was seen, else 0.
 */
enum mm_bsmtp_turn mm_bsmtp_next(struct mm_view bytes, size_t *scanned,
                                 struct mm_bsmtp_message *message);

/* Behind the first line of one dot that an earlier line precedes; 0 where there is none. */
size_t mm_bsmtp_data_end(struct mm_view bytes);

/* Take the dot off every line that begins with one, in place. Returns the new length. */
size_t mm_bsmtp_unstuff(char *data, size_t len);

#endif /* MM_MAIL_BSMTP_H */

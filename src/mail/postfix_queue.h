/*
 * postfix_queue.h - records of a Postfix queue file, and the message in them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A record is a type, a length of seven bits a byte with the low ones first, and data. The envelope
 * comes first; a record M begins the message, whose lines are records N (L: the line goes on); X
 * begins what cleanup took out of the header; E is the end.
 */
#ifndef MM_MAIL_POSTFIX_QUEUE_H
#define MM_MAIL_POSTFIX_QUEUE_H

#include "base/view.h"

enum {
    MM_QUEUE_SIZE = 'C',
    MM_QUEUE_TIME = 'T',
    MM_QUEUE_SENDER = 'S',
    MM_QUEUE_RECIPIENT = 'R',
    MM_QUEUE_MESSAGE = 'M',
    MM_QUEUE_LINE = 'N',
    MM_QUEUE_PART = 'L',
    MM_QUEUE_EXTRACTED = 'X',
    MM_QUEUE_END = 'E',
    MM_QUEUE_POINTER = 'p',
    MM_QUEUE_PADDING = 'w'
};

struct mm_queue_record {
    char type;
    struct mm_view data;
};

/* The record at *at, which goes behind it. False where no whole record is. */
bool mm_queue_next(struct mm_view bytes, size_t *at, struct mm_queue_record *record);

/* True where a file begins as one of a queue: a size or a time, then records of known types up to
 * the message, or to the end of what there is. */
bool mm_queue_sniff(struct mm_view head);

/*
 * Put the lines of the message together, at the beginning of `bytes`. LF line ends.
 * Returns NULL; or words for what is wrong at *at: cut short, no record, or a file that was edited
 * in the queue, whose parts lie about.
 */
const char *mm_queue_message(char *bytes, size_t len, struct mm_view *message, size_t *at);

#endif /* MM_MAIL_POSTFIX_QUEUE_H */

/*
 * message.h - one message of the campaign: distinct, of 2 to 6 KB, decided by the seed alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_MESSAGE_H
#define MM_BENCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX_BYTES = 16384 };

struct text {
    char data[MESSAGE_MAX_BYTES];
    size_t len;
};

struct message {
    struct text text;     /* lines end in CRLF */
    size_t body;          /* where it starts */
    struct text names;    /* h=, without the second "from" */
    size_t covered_bytes; /* relaxed form of the fields in h= */
    unsigned domain;
    char boundary[32];
};

/* Start the row of messages that belongs to a seed. */
void message_seed(uint64_t seed);
/* Make the next one; all bytes of *m are set. Its author's domain is one of `domains`. */
void message_make(struct message *m, unsigned number, unsigned domains);
/* Bytes that relaxed/relaxed hashes: the fields of h= with the signature field, b= empty; the body.
 */
size_t message_header_bytes(const struct message *m);
size_t message_body_bytes(const struct message *m);

#endif /* MM_BENCH_MESSAGE_H */

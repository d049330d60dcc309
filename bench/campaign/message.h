/*
 * message.h - one message of the campaign: distinct, decided by the seed and the shape alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_BENCH_MESSAGE_H
#define MM_BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaign/campaign.h"

struct text {
    char data[CAMPAIGN_MESSAGE_MAX_BYTES];
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

enum message_sizes {
    MESSAGE_SMALL, /* 2 to 6 KB */
    MESSAGE_MIXED, /* log-normal, as mail is: median 12 KB, 1 % above 400 KB */
    MESSAGE_HUGE   /* 10 MB */
};

struct message_shape {
    unsigned domains; /* the author's is one of so many */
    bool zipf;        /* the domain of rank k as likely as 1/k; else all alike */
    bool one_body;    /* the same for all */
    enum message_sizes sizes;
};

/* Start the row of messages that belongs to a seed. */
void message_seed(uint64_t seed);
/* Make the next one, with all that is in *m. */
void message_make(struct message *m, unsigned number, const struct message_shape *shape);
/* Bytes that relaxed/relaxed hashes: the fields of h= with the signature field, b= empty; the body.
 */
size_t message_header_bytes(const struct message *m);
size_t message_body_bytes(const struct message *m);

#endif /* MM_BENCH_MESSAGE_H */

/*
 * mail_maker.h - messages for measuring: distinct, decided by the seed and the shape alone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message has 10 to 25 header fields, one of a mailing list some more, of which 6 to 19 are those
 * that mailmill signs unless told otherwise. Bodies are prose, indented HTML or both, with the
 * white space that people and programs leave in mail; attachments are base64.
 */
#ifndef MM_BENCH_MAIL_MAKER_H
#define MM_BENCH_MAIL_MAKER_H

#include "base/buf.h"
#include "bench/draw.h"

/* Of the first message, in seconds since 1970. */
enum { MM_MAIL_TIME = 1700000000, MM_MAIL_MAX_BYTES = 32 * 1024 * 1024 };
/* The author's domain of number %u, and the selector of its key. */
#define MM_MAIL_DOMAIN   "shop%02u.example"
#define MM_MAIL_SELECTOR "bench"

enum mm_mail_sizes {
    MM_MAIL_SMALL,  /* 2 to 6 KB: what a shop writes to its customers */
    MM_MAIL_MIXED,  /* log-normal, as mail is: median 12 KB, 1 % above 400 KB */
    MM_MAIL_LARGE,  /* 10 MB */
    MM_MAIL_ARCHIVE /* lists 60 %, bulk 20 %, newsletters 15 %, attachments 5 % */
};

struct mm_mail_shape {
    uint32_t domains; /* the author's is one of so many */
    bool zipf;        /* the domain of rank k as likely as 1/k; else all alike */
    bool one_body;    /* the same for all */
    enum mm_mail_sizes sizes;
};

struct mm_mail_maker {
    struct mm_draw draw;
    struct mm_mail_shape shape;
    struct mm_buf text; /* the message: lines end in CRLF; fails beyond MM_MAIL_MAX_BYTES */
    size_t body_at;
    uint32_t domain;
    char boundary[32];
};

void mm_mail_maker_init(struct mm_mail_maker *m, const struct mm_mail_shape *shape, uint64_t seed);
void mm_mail_maker_deinit(struct mm_mail_maker *m);
/* Make the next message, in place of the one before. False without memory. */
bool mm_mail_make(struct mm_mail_maker *m, uint32_t number);

#endif /* MM_BENCH_MAIL_MAKER_H */

/*
 * report_maker.h - reports for measuring: aggregate reports, TLS reports, bounces; by the seed
 * alone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An aggregate report has 1 to 50 records, 17 on average; one in 2,000 has 5,000. They look like
 * those of real reporters in five manners: indented by two blanks, by a tab, on one line, with
 * CRLF, and with the namespace of RFC 9990. Domains, reporters and hosts have reserved names;
 * addresses are those that are set aside for benchmarks (198.18.0.0/15, RFC 2544) and documents
 * (2001:db8::/32). A domain sends from a few services, whose addresses come again from report to
 * report, and from strays.
 */
#ifndef MM_BENCH_REPORT_MAKER_H
#define MM_BENCH_REPORT_MAKER_H

#include "base/buf.h"
#include "bench/draw.h"

struct mm_report_maker {
    struct mm_draw draw;
    struct mm_buf text; /* what was made last */
    struct mm_buf gzip; /* the same, packed; bounces are not */
    char name[256];     /* of its file, as the standards say */
    uint32_t records;   /* in it */
    int manner, depth;  /* private */
};

void mm_report_maker_init(struct mm_report_maker *m, uint64_t seed);
void mm_report_maker_deinit(struct mm_report_maker *m);

/* Each makes the next one, in place of the one before. False without memory. */
bool mm_report_make_aggregate(struct mm_report_maker *m, uint32_t number); /* RFC 7489, RFC 9990 */
bool mm_report_make_tls(struct mm_report_maker *m, uint32_t number);       /* RFC 8460 */
bool mm_report_make_bounce(struct mm_report_maker *m, uint32_t number);    /* RFC 3464 */

/* Pack `text` into `gzip`; for the above. */
bool mm_report_pack(struct mm_report_maker *m);

#endif /* MM_BENCH_REPORT_MAKER_H */

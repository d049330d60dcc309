/*
 * daily.h - the records of a dataset summed by domain, day, reporter, disposition and alignment.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records come in the order of their table, which is by domain and day: only the sums of one such
 * pair are in memory.
 */
#ifndef MM_DATASET_DAILY_H
#define MM_DATASET_DAILY_H

#include "base/arena.h"
#include "base/map.h"
#include "columnar/row_pick.h"

struct mm_daily_sum; /* private */
enum { MM_DAILY_FEW = 64 };

struct mm_daily {
    /* Takes rows of `daily`, in no order within a domain and day. Several may be of one thing,
     * where there was no room for all sums of the day: mm_daily_merge() makes them one. */
    enum mm_status (*take)(void *context, struct mm_view row, struct mm_error *err);
    void *context;
    bool negative; /* counts are told as negative: what they are of goes */
    bool told;     /* a row was given to take() */
    /* private */
    struct mm_row_pick pick; /* of a record what matters */
    struct mm_arena arena;
    struct mm_map places;        /* of sums behind the first few, by what they are sums of */
    struct mm_daily_sum *sums;   /* [count] */
    uint64_t tags[MM_DAILY_FEW]; /* of the first few: where two differ, so do their sums' names */
    uint32_t count, cap;
    struct mm_buf group, key, row; /* domain and day at hand; what a sum is of */
};

/* take and context are set, the rest is zeroed. */
void mm_daily_init(struct mm_daily *daily);
void mm_daily_deinit(struct mm_daily *daily);
/* A row of dmarc_records, with or without its reading. */
enum mm_status mm_daily_add(struct mm_daily *daily, struct mm_view record,
                            struct mm_error *err) MM_MUST_CHECK;
/* Add the counts of a row to another's of the same thing. A sum beyond the largest number, of more
 * mail than there is, in forged reports, is that number and stays so. */
void mm_daily_merge(char *row, const char *other, size_t len);
/* Whether a row is the sum of any record. */
bool mm_daily_counts(struct mm_view row);
/* How much of a row says what it is a sum of. */
struct mm_view mm_daily_what(struct mm_view row);
/* No more come, or no more in this order: what comes then is in an order of its own. */
enum mm_status mm_daily_end(struct mm_daily *daily, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_DAILY_H */

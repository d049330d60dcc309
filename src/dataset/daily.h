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
#include "columnar/row.h"

struct mm_daily_sum; /* private */

struct mm_daily {
    /* Takes the finished rows of `daily`, in no order within a domain and day. */
    enum mm_status (*take)(void *context, struct mm_view row, struct mm_error *err);
    void *context;
    /* private */
    struct mm_arena arena;
    struct mm_map places;      /* of sums, by what they are sums of */
    struct mm_daily_sum *sums; /* [count] */
    uint32_t count, cap;
    struct mm_buf group, key, row; /* domain and day at hand; what a sum is of */
};

/* take and context are set, the rest is zeroed. */
void mm_daily_init(struct mm_daily *daily);
void mm_daily_deinit(struct mm_daily *daily);
/* A row of dmarc_records, with or without its reading. */
enum mm_status mm_daily_add(struct mm_daily *daily, struct mm_view record,
                            struct mm_error *err) MM_MUST_CHECK;
/* No more come. */
enum mm_status mm_daily_end(struct mm_daily *daily, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_DAILY_H */

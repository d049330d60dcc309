/*
 * dmarc_days.h - the messages of a report over several days, as so many on each day.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_DMARC_DAYS_H
#define MM_REPORT_DMARC_DAYS_H

#include "base/view.h"

/* Days are counted from 1970-01-01 UTC. */
static inline int64_t mm_day_of(int64_t seconds)
{
    return seconds / 86400 - (seconds % 86400 < 0);
}

/*
 * How a report's interval lies on days. One of up to 25 hours (the day and an hour of slack), an
 * empty and a reversed one are of the day of `begin_time` alone.
 */
struct mm_day_split {
    int64_t first_day; /* of begin_time */
    uint32_t day_count;
    int64_t begin_time, end_time; /* as given */
};

enum {
    /* Ten years; a longer interval is one of a broken clock and stays on its first day. */
    MM_DAY_SPLIT_MAX = 3660
};

struct mm_day_split mm_day_split_of(int64_t begin_time, int64_t end_time);

/* Whether one record becomes several rows (`normalized_timespan`). */
static inline bool mm_day_split_is_split(const struct mm_day_split *split)
{
    return split->day_count > 1;
}

/*
 * The part of `count` that falls on each day, by the seconds of the interval that lie on it, the
 * remainder given to the largest fractions, the earlier day first among equals.
 *
 * count   0..MM_DMARC_COUNT_MAX.
 * shares  [out] split->day_count numbers whose sum is `count` exactly.
 */
void mm_day_split_share(const struct mm_day_split *split, int64_t count, int64_t *shares);

#endif /* MM_REPORT_DMARC_DAYS_H */

/*
 * dmarc_days.c - the messages of a report over several days, as so many on each day.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dmarc_days.h"

enum { DAY = 86400, LONGEST_USUAL = 25 * 3600 };

struct mm_day_split mm_day_split_of(int64_t begin_time, int64_t end_time)
{
    struct mm_day_split split = {mm_day_of(begin_time), 1, begin_time, end_time};
    if (end_time - begin_time <= LONGEST_USUAL)
        return split;
    /* The last second is inside: an end at midnight begins no day. */
    int64_t days = mm_day_of(end_time - 1) - split.first_day + 1;
    if (days <= MM_DAY_SPLIT_MAX)
        split.day_count = (uint32_t)days;
    return split;
}

/* Seconds of the interval on the n-th day. */
static int64_t seconds_on(const struct mm_day_split *split, uint32_t n)
{
    int64_t begin = (split->first_day + n) * DAY, end = begin + DAY;
    if (begin < split->begin_time)
        begin = split->begin_time;
    if (end > split->end_time)
        end = split->end_time;
    return end - begin;
}

/* Days that are wholly inside have equal fractions, and only the first and the last may have
 * others: one pass for each of at most three fractions. */
static void give_remainder(const struct mm_day_split *split, int64_t count, int64_t left,
                           int64_t *shares)
{
    int64_t span = split->end_time - split->begin_time, below = span;
    while (left > 0) {
        int64_t largest = -1;
        for (uint32_t i = 0; i < split->day_count; i++) {
            int64_t fraction = (int64_t)((__int128)count * seconds_on(split, i) % span);
            if (fraction < below && fraction > largest)
                largest = fraction;
        }
        for (uint32_t i = 0; i < split->day_count && left > 0; i++)
            if ((int64_t)((__int128)count * seconds_on(split, i) % span) == largest) {
                shares[i]++;
                left--;
            }
        below = largest;
    }
}

void mm_day_split_share(const struct mm_day_split *split, int64_t count, int64_t *shares)
{
    int64_t span = split->end_time - split->begin_time, left = count;
    if (split->day_count == 1) {
        shares[0] = count;
        return;
    }
    for (uint32_t i = 0; i < split->day_count; i++) {
        shares[i] = (int64_t)((__int128)count * seconds_on(split, i) / span);
        left -= shares[i];
    }
    give_remainder(split, count, left, shares);
}

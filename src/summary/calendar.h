/*
 * calendar.h - days since 1970-01-01 in UTC, and the weeks and months that they are in.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_CALENDAR_H
#define MM_SUMMARY_CALENDAR_H

#include <stdint.h>

static inline int64_t mm_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The day of a time in microseconds. */
static inline int64_t mm_day_of_time(int64_t microseconds)
{
    return mm_floor_div(microseconds, INT64_C(86400) * 1000000);
}

/* 1970-01-01 was a Thursday, so three days behind a Monday (ISO 8601: a week's first day). */
static inline int64_t mm_week_of(int64_t day)
{
    return mm_floor_div(day + 3, 7) * 7 - 3;
}

/* The first day of a month. Years are counted from March, so that the leap day is their last. */
static inline int64_t mm_month_of(int64_t day)
{
    int64_t since = day + 719468; /* 0000-03-01 */
    int64_t era = mm_floor_div(since, 146097), of_era = since - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    return day - (of_year - (153 * month + 2) / 5);
}

#endif /* MM_SUMMARY_CALENDAR_H */

/*
 * date_time.c - the time that a report in JSON tells (RFC 3339).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/date_time.h"

#include "mail/date.h"

/* Of the year 1 in UTC, 719,162 days before 1970. */
#define FIRST_SECOND INT64_C(-62135596800)

/* Take so many digits off the front. */
static bool take_number(struct mm_view *v, size_t digits, unsigned *number)
{
    uint64_t value;
    if (v->len < digits || !mm_view_to_u64(mm_view_sub(*v, 0, digits), &value))
        return false;
    *number = (unsigned)value;
    *v = mm_view_sub(*v, digits, v->len - digits);
    return true;
}

/* Take one of these characters off the front; its place among them, or -1. */
static int take_one(struct mm_view *v, const char *chars)
{
    const char *found = v->len > 0 && v->data[0] ? strchr(chars, v->data[0]) : NULL;
    if (!found)
        return -1;
    *v = mm_view_sub(*v, 1, v->len - 1);
    return (int)(found - chars);
}

static bool take_date(struct mm_view *v, int64_t *days)
{
    unsigned year, month, day;
    return take_number(v, 4, &year) && take_one(v, "-") == 0 && take_number(v, 2, &month) &&
           take_one(v, "-") == 0 && take_number(v, 2, &day) && mm_date_days(year, month, day, days);
}

static bool take_time(struct mm_view *v, int64_t *seconds)
{
    unsigned hour, minute, second;
    if (take_one(v, "Tt ") < 0 || !take_number(v, 2, &hour) || take_one(v, ":") < 0 ||
        !take_number(v, 2, &minute) || take_one(v, ":") < 0 || !take_number(v, 2, &second))
        return false;
    *seconds = (int64_t)hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60;
}

/* ".5" and the like, where it is there. */
static bool take_fraction(struct mm_view *v, int64_t *us)
{
    unsigned digit;
    int64_t weight = 100000;
    *us = 0;
    if (take_one(v, ".,") < 0)
        return true;
    if (!take_number(v, 1, &digit))
        return false;
    do {
        *us += digit * weight;
        weight /= 10;
    } while (take_number(v, 1, &digit));
    return true;
}

/* Seconds east of Greenwich. */
static bool take_zone(struct mm_view *v, int64_t *east, bool *zone)
{
    unsigned hour, minute;
    *east = 0;
    *zone = v->len > 0;
    if (v->len == 0 || take_one(v, "Zz") >= 0)
        return true;
    int west = take_one(v, "+-");
    if (west < 0 || !take_number(v, 2, &hour))
        return false;
    take_one(v, ":");
    if (!take_number(v, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *east = (int64_t)(hour * 3600 + minute * 60) * (west ? -1 : 1);
    return true;
}

bool mm_date_time_parse(struct mm_view text, int64_t *us, bool *zone)
{
    int64_t days, seconds, fraction, east;
    bool has_zone;
    struct mm_view v = mm_view_trim_fws(text);
    if (!take_date(&v, &days) || !take_time(&v, &seconds) || !take_fraction(&v, &fraction) ||
        !take_zone(&v, &east, &has_zone) || v.len > 0)
        return false;
    seconds += days * 86400 - east;
    if (seconds < FIRST_SECOND || seconds > MM_DATE_SECONDS_MAX)
        return false;
    *us = seconds * 1000000 + fraction;
    *zone = has_zone;
    return true;
}

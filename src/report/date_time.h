/*
 * date_time.h - the time that a report in JSON tells (RFC 3339).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_DATE_TIME_H
#define MM_REPORT_DATE_TIME_H

#include "base/view.h"

/*
 * A date-time as in "2016-04-01T00:00:00.5+02:00". The zone may be missing (then it is UTC) or be
 * without colon, a blank may stand for the 'T'. Digits behind the microseconds are cut.
 *
 * us       [out] microseconds since 1970 UTC; the year is 1 to 9999, as written and in UTC.
 * zone     [out] whether one was written.
 * Returns  false for anything else; both are left alone then.
 * Source   RFC 3339 section 5.6; a leap second is the second behind it.
 */
bool mm_date_time_parse(struct mm_view text, int64_t *us, bool *zone);

#endif /* MM_REPORT_DATE_TIME_H */

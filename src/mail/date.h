/*
 * date.h - the time that a header field tells (RFC 5322 section 3.3).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_MAIL_DATE_H
#define MM_MAIL_DATE_H

#include "base/view.h"

/* The last second of the year 9999 in UTC: RFC 3339 has no form for what is later. */
#define MM_DATE_SECONDS_MAX INT64_C(253402300799)

/*
 * A date-time, obsolete forms included: years of two and three digits, zones by name, comments
 * (nested) and folds between any two parts. The name of the day may be missing, and need not fit
 * the date. A zone that is a single letter, or a name that RFC 5322 does not define, counts as
 * +0000.
 *
 * seconds  [out] since 1970 UTC, MM_DATE_SECONDS_MAX at most; the year as written is 1900 to 9999.
 * Returns  MM_OK; MM_E_SYNTAX for anything else, and for a day that no calendar has.
 * Cost     linear in the text.
 * Source   RFC 5322 sections 3.3 and 4.3.
 */
enum mm_status mm_date_parse(struct mm_view text, int64_t *seconds) MM_MUST_CHECK;

/*
 * The date of a Received field, given its value: what stands behind the last ';' that is in no
 * comment or quoted string. Words may follow it, as Courier wrote them ("; … +0000 id 5076FDBF"),
 * where its zone is in digits, folding white space comes next, and there is no ';' in them.
 * MM_E_SYNTAX where there is none. Source: RFC 5321 section 4.4, which has no such words.
 */
enum mm_status mm_date_of_received(struct mm_view value, int64_t *seconds) MM_MUST_CHECK;

/* Days from 1970-01-01 to a date of the Gregorian calendar, the year 1 to 9999, month and day from
 * 1; false for a date that is in no calendar. */
bool mm_date_days(unsigned year, unsigned month, unsigned day, int64_t *days);

#endif /* MM_MAIL_DATE_H */

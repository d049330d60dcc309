/*
 * date.c - the time that a header field tells (RFC 5322 section 3.3).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/date.h"

#include "base/error.h"
#include "text/cfws.h"

enum { YEAR_MIN = 1900, YEAR_MAX = 9999 };

struct reader {
    struct mm_view text;
    size_t at;
    size_t zone_end; /* behind a zone of digits; 0 where it has a name */
};

static bool next_is(const struct reader *r, char c)
{
    return r->at < r->text.len && r->text.data[r->at] == c;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_letter(char c)
{
    return (unsigned char)(mm_ascii_lower((unsigned char)c) - 'a') < 26;
}

/* A run of digits or letters, and what may stand behind it. Empty where there is none. */
static struct mm_view read_run(struct reader *r, bool (*belongs)(char))
{
    size_t start = r->at;
    while (r->at < r->text.len && belongs(r->text.data[r->at]))
        r->at++;
    struct mm_view run = mm_view_sub(r->text, start, r->at - start);
    if (!mm_cfws_skip(r->text, &r->at))
        run.len = 0;
    return run;
}

/* MM_E_SYNTAX where the digits are too few or too many. digits: how many; may be NULL. */
static enum mm_status read_number(struct reader *r, size_t min_digits, size_t max_digits,
                                  unsigned *value, size_t *digits)
{
    struct mm_view run = read_run(r, is_digit);
    uint64_t number = 0;
    if (run.len < min_digits || run.len > max_digits || !mm_view_to_u64(run, &number))
        return MM_E_SYNTAX;
    if (digits)
        *digits = run.len;
    *value = (unsigned)number;
    return MM_OK;
}

static enum mm_status read_char(struct reader *r, char c)
{
    if (!next_is(r, c))
        return MM_E_SYNTAX;
    r->at++;
    return mm_cfws_skip(r->text, &r->at) ? MM_OK : MM_E_SYNTAX;
}

/* Place of a name in a list of names of three letters; -1 where it is none. */
static int place_of(struct mm_view name, const char *names)
{
    for (int i = 0; name.len == 3 && names[3 * i]; i++)
        if (mm_view_eq_nocase(name, (struct mm_view){names + 3 * i, 3}))
            return i;
    return -1;
}

/* ---- the parts ---- */

static enum mm_status read_day_name(struct reader *r)
{
    if (r->at == r->text.len || !is_letter(r->text.data[r->at]))
        return MM_OK;
    if (place_of(read_run(r, is_letter), "MonTueWedThuFriSatSun") < 0)
        return MM_E_SYNTAX;
    return read_char(r, ',');
}

/* RFC 5322 section 4.3: 00 to 49 are of this century, other two digits and three of the last. */
static enum mm_status read_year(struct reader *r, unsigned *year)
{
    size_t digits;
    MM_TRY(read_number(r, 2, 4, year, &digits));
    if (digits < 4)
        *year += digits == 2 && *year < 50 ? 2000 : 1900;
    return *year >= YEAR_MIN && *year <= YEAR_MAX ? MM_OK : MM_E_SYNTAX;
}

static unsigned days_in(unsigned month, unsigned year)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 1 && leap);
}

bool mm_date_days(unsigned year, unsigned month, unsigned day, int64_t *days)
{
    if (year < 1 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > days_in(month - 1, year))
        return false;
    unsigned before = year - 1; /* whole years since the year 1 */
    *days = (int64_t)before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (unsigned m = 0; m + 1 < month; m++)
        *days += days_in(m, year);
    *days += day - 1;
    return true;
}

static enum mm_status read_date(struct reader *r, int64_t *days)
{
    unsigned day, year;
    MM_TRY(read_number(r, 1, 2, &day, NULL));
    int month = place_of(read_run(r, is_letter), "JanFebMarAprMayJunJulAugSepOctNovDec");
    MM_TRY(read_year(r, &year));
    return mm_date_days(year, (unsigned)(month + 1), day, days) ? MM_OK : MM_E_SYNTAX;
}

/* A leap second is the second behind it. */
static enum mm_status read_time(struct reader *r, int64_t *seconds)
{
    unsigned hour, minute, second = 0;
    MM_TRY(read_number(r, 2, 2, &hour, NULL));
    MM_TRY(read_char(r, ':'));
    MM_TRY(read_number(r, 2, 2, &minute, NULL));
    if (next_is(r, ':')) {
        MM_TRY(read_char(r, ':'));
        MM_TRY(read_number(r, 2, 2, &second, NULL));
    }
    *seconds = (int64_t)hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60 ? MM_OK : MM_E_SYNTAX;
}

/* RFC 5322 section 4.3: the names that North America has. All others tell nothing. */
static int64_t zone_of_name(struct mm_view name)
{
    static const int8_t hours[] = {-5, -4, -6, -5, -7, -6, -8, -7};
    int place = place_of(name, "ESTEDTCSTCDTMSTMDTPSTPDT");
    return place < 0 ? 0 : hours[place] * 3600;
}

/* Seconds east of Greenwich. */
static enum mm_status read_zone(struct reader *r, int64_t *east)
{
    bool west = next_is(r, '-');
    unsigned number;
    if (!west && !next_is(r, '+')) {
        struct mm_view name = read_run(r, is_letter);
        *east = zone_of_name(name);
        return name.len ? MM_OK : MM_E_SYNTAX;
    }
    r->at++;
    r->zone_end = r->at + 4;
    MM_TRY(read_number(r, 4, 4, &number, NULL));
    *east = (int64_t)(number / 100) * 3600 + (number % 100) * 60;
    if (west)
        *east = -*east;
    return number % 100 < 60 ? MM_OK : MM_E_SYNTAX;
}

/* A date-time and the comments around it, whatever stands behind. */
static enum mm_status read_date_time(struct reader *r, int64_t *seconds)
{
    int64_t days, time, east;
    if (!mm_cfws_skip(r->text, &r->at))
        return MM_E_SYNTAX;
    MM_TRY(read_day_name(r));
    MM_TRY(read_date(r, &days));
    MM_TRY(read_time(r, &time));
    MM_TRY(read_zone(r, &east));
    time += days * 86400 - east;
    if (time > MM_DATE_SECONDS_MAX)
        return MM_E_SYNTAX;
    *seconds = time;
    return MM_OK;
}

enum mm_status mm_date_parse(struct mm_view text, int64_t *seconds)
{
    struct reader r = {.text = text};
    int64_t time;
    MM_TRY(read_date_time(&r, &time));
    if (r.at != text.len)
        return MM_E_SYNTAX;
    *seconds = time;
    return MM_OK;
}

/* ---- of a Received field ---- */

/* Step over one byte, or over all of a comment or quoted string. False where that has no end. */
static bool skip_part(struct mm_view value, size_t *at)
{
    if (value.data[*at] == '(')
        return mm_cfws_skip_comment(value, at);
    if (value.data[*at] == '"')
        return mm_cfws_skip_quoted(value, at);
    ++*at;
    return true;
}

/* What is unread are words behind a date that surely ended. */
static bool is_at_words(const struct reader *r)
{
    struct mm_view rest = mm_view_sub(r->text, r->at, r->text.len - r->at);
    return r->zone_end && mm_is_fws((unsigned char)r->text.data[r->zone_end]) &&
           !memchr(rest.data, ';', rest.len);
}

/* Offset behind the last ';' that is in no comment or quoted string; 0 where there is none, and
 * where one of these has no end. */
static size_t find_date(struct mm_view value)
{
    size_t at = 0, date = 0;
    while (at < value.len) {
        bool may_be_last = value.data[at] == ';';
        if (!skip_part(value, &at))
            return 0;
        if (may_be_last)
            date = at;
    }
    return date;
}

enum mm_status mm_date_of_received(struct mm_view value, int64_t *seconds)
{
    struct reader r = {.text = value, .at = find_date(value)};
    int64_t time;
    if (r.at == 0)
        return MM_E_SYNTAX;
    MM_TRY(read_date_time(&r, &time));
    if (r.at != value.len && !is_at_words(&r))
        return MM_E_SYNTAX;
    *seconds = time;
    return MM_OK;
}

/*
 * cell_text.c - values of a row in words: numbers, times, addresses, and JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/cell_text.h"

#include <arpa/inet.h>

#include "base/error.h"
#include "text/json_write.h"

enum { MICROSECONDS = 1000000, DAY_SECONDS = 86400 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- the calendar ---- */

/* Days from 1970-01-01 to the first of January of a year. */
static int64_t days_before_year(int64_t year)
{
    return 365 * (year - 1970) + floor_div(year - 1969, 4) - floor_div(year - 1901, 100) +
           floor_div(year - 1601, 400);
}

static void append_year(struct mm_buf *out, int64_t year)
{
    if (year >= 0 && year <= 9999)
        mm_buf_printf(out, "%04d", (int)year);
    else
        mm_buf_printf(out, "%+07lld", (long long)year);
}

static void append_two(struct mm_buf *out, char before, int64_t value)
{
    char text[] = {before, (char)('0' + value / 10), (char)('0' + value % 10)};
    mm_buf_append(out, (struct mm_view){text, sizeof text});
}

static void append_date(struct mm_buf *out, int64_t days)
{
    static const int16_t before_month[2][13] = {
        {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
        {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}};
    int64_t year = 1970 + floor_div(days * 400, 146097); /* may be the one beside */
    while (days_before_year(year) > days)
        year--;
    while (days_before_year(year + 1) <= days)
        year++;
    int64_t day = days - days_before_year(year);
    bool leap = days_before_year(year + 1) - days_before_year(year) == 366;
    int month = (int)(day / 32);
    while (before_month[leap][month + 1] <= day)
        month++;
    append_year(out, year);
    append_two(out, '-', month + 1);
    append_two(out, '-', day - before_month[leap][month] + 1);
}

static void append_time(struct mm_buf *out, int64_t microseconds)
{
    int64_t seconds = floor_div(microseconds, MICROSECONDS);
    int64_t fraction = microseconds % MICROSECONDS; /* the product might not fit */
    fraction += fraction < 0 ? MICROSECONDS : 0;
    int64_t days = floor_div(seconds, DAY_SECONDS);
    int64_t second = seconds - days * DAY_SECONDS;
    append_date(out, days);
    append_two(out, 'T', second / 3600);
    append_two(out, ':', second / 60 % 60);
    append_two(out, ':', second % 60);
    if (fraction)
        mm_buf_printf(out, ".%06d", (int)fraction);
    mm_buf_append_char(out, 'Z');
}

/* ---- values ---- */

static void append_int(struct mm_buf *out, int64_t value)
{
    if (value < 0)
        mm_buf_append_char(out, '-');
    mm_buf_append_u64(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void append_address(struct mm_buf *out, const char *bytes)
{
    static const char mapped[12] = {[10] = (char)0xff, [11] = (char)0xff};
    char text[INET6_ADDRSTRLEN];
    bool v4 = memcmp(bytes, mapped, sizeof mapped) == 0;
    if (inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + sizeof mapped : bytes, text, sizeof text))
        mm_buf_append_str(out, text);
}

void mm_cell_words(struct mm_buf *out, const struct mm_cell *cell)
{
    switch (cell->field->type) {
    case MM_VALUE_BOOL:
        mm_buf_append_str(out, cell->integer ? "true" : "false");
        return;
    case MM_VALUE_TIMESTAMP:
        append_time(out, cell->integer);
        return;
    case MM_VALUE_DATE:
        append_date(out, cell->integer);
        return;
    case MM_VALUE_ADDRESS:
        append_address(out, cell->text.data);
        return;
    default:
        append_int(out, cell->integer);
        return;
    }
}

/* ---- JSON ---- */

static bool is_quoted(enum mm_value_type type)
{
    return type == MM_VALUE_TIMESTAMP || type == MM_VALUE_DATE || type == MM_VALUE_ADDRESS;
}

void mm_cell_json(struct mm_buf *out, const struct mm_cell *cell)
{
    if (cell->null) {
        mm_buf_append(out, MM_VIEW("null"));
        return;
    }
    if (cell->field->type == MM_VALUE_STRING) {
        mm_json_text(out, cell->text);
        return;
    }
    bool quoted = is_quoted(cell->field->type);
    if (quoted)
        mm_buf_append_char(out, '"');
    mm_cell_words(out, cell);
    if (quoted)
        mm_buf_append_char(out, '"');
}

static enum mm_status element_json(struct mm_buf *out, struct mm_row_cursor *c,
                                   const struct mm_column *column)
{
    struct mm_cell cell;
    if (column->shape == MM_COLUMN_LIST) {
        MM_TRY(mm_row_next(c, &cell));
        mm_cell_json(out, &cell);
        return MM_OK;
    }
    for (size_t i = 0; i < column->member_count; i++) {
        MM_TRY(mm_row_next(c, &cell));
        mm_buf_append_char(out, i ? ',' : '{');
        mm_json_text(out, mm_view_of(cell.field->name));
        mm_buf_append_char(out, ':');
        mm_cell_json(out, &cell);
    }
    mm_buf_append_char(out, '}');
    return MM_OK;
}

enum mm_status mm_list_json(struct mm_buf *out, struct mm_row_cursor *c,
                            const struct mm_column *column, uint32_t count)
{
    mm_buf_append_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        MM_TRY(element_json(out, c, column));
    }
    mm_buf_append_char(out, ']');
    return MM_OK;
}

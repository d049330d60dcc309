/*
 * values.c - the values that options take: counts, sizes, durations, one word of several.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "values.h"

#include <stdlib.h>
#include <string.h>

/* Leading digits of *text, which is moved past them. */
static bool take_digits(const char **text, uint64_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    if (at == *text)
        return false;
    *text = at;
    *value = sum;
    return true;
}

bool value_count(const char *text, uint64_t *value)
{
    return take_digits(&text, value) && *text == '\0';
}

bool value_size(const char *text, uint64_t *bytes)
{
    static const char units[] = "KkMmGgTt";
    uint64_t value;
    if (!take_digits(&text, &value))
        return false;
    if (*text) {
        const char *unit = strchr(units, *text);
        if (!unit || text[1])
            return false;
        unsigned shift = 10 * (unsigned)((unit - units) / 2 + 1);
        if (value > UINT64_MAX >> shift)
            return false;
        value <<= shift;
    }
    *bytes = value;
    return true;
}

bool value_duration(const char *text, uint64_t *seconds)
{
    static const struct {
        char letter;
        uint32_t seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    const size_t unit_count = sizeof units / sizeof units[0];
    size_t next_unit = 0;
    uint64_t sum = 0, part;
    if (value_count(text, seconds))
        return true;
    do {
        if (!take_digits(&text, &part))
            return false;
        while (next_unit < unit_count && units[next_unit].letter != *text)
            next_unit++;
        if (next_unit == unit_count ||
            __builtin_mul_overflow(part, units[next_unit].seconds, &part) ||
            __builtin_add_overflow(sum, part, &sum))
            return false;
        next_unit++;
        text++;
    } while (*text);
    *seconds = sum;
    return true;
}

bool value_percent(const char *text, double *part)
{
    char *end;
    if (text[strspn(text, "0123456789.")] != '\0' && text[strspn(text, "0123456789.")] != '%')
        return false;
    double percent = strtod(text, &end);
    if (end == text || (*end == '%' && end[1]) || (*end && *end != '%') || percent < 0.1 ||
        percent > 100)
        return false;
    *part = percent / 100;
    return true;
}

static bool take_number(const char **text, size_t digits, int *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

static bool take_dash(const char **text)
{
    return *(*text)++ == '-';
}

bool value_day(const char *text, int32_t *day)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, of_month;
    if (!take_number(&text, 4, &year) || !take_dash(&text) || !take_number(&text, 2, &month) ||
        !take_dash(&text) || !take_number(&text, 2, &of_month) || *text || year < 1 || month < 1 ||
        month > 12)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (of_month < 1 || of_month > month_days[month - 1] + (leap && month == 2))
        return false;
    int before = year - 1;
    *day = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int i = 0; i < month - 1; i++)
        *day += month_days[i] + (leap && i == 1);
    *day += of_month - 1;
    return true;
}

int value_word(const char *text, const char *words)
{
    size_t len = strlen(text);
    for (int place = 0;; place++) {
        size_t word_len = strcspn(words, "|");
        if (len == word_len && memcmp(text, words, len) == 0)
            return place;
        if (words[word_len] == '\0')
            return -1;
        words += word_len + 1;
    }
}

bool has_suffix(const char *text, const char *suffix)
{
    size_t len = strlen(text), suffix_len = strlen(suffix);
    return len > suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t a_len = strnlen(a, LONGEST), b_len = strnlen(b, LONGEST);
    size_t rows[3][LONGEST + 1]; /* the row in work and the two before it */
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

/*
 * test_mail_date.c - dates of RFC 5322, old and new, and what is none.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "mail/date.h"
#include "support/mm_test.h"

enum { NONE = -1 };

static const struct {
    const char *text;
    int64_t seconds; /* NONE: no date */
} cases[] = {
    {"Tue, 14 Nov 2023 22:13:20 +0000", 1700000000},
    {"14 Nov 2023 22:13:20 +0000", 1700000000},
    {" Tue, 14 Nov 2023 22:13:20 +0000 (UTC)", 1700000000},
    {"TUE, 14 nOV 2023 22:13:20 gmt", 1700000000},
    {"Wed, 15 Nov 2023 00:13:20 +0200", 1700000000},
    {"14 Nov 2023 14:13:20 -0800 (PST; \\) (nested))", 1700000000},
    {"14 Nov 2023 14:13:20 PST", 1700000000},
    {"14 Nov 2023 15:13:20 PDT", 1700000000},
    {"14 Nov 2023 17:13:20 EST", 1700000000},
    {"14 Nov 2023 18:13:20 EDT", 1700000000},
    {"14 Nov 2023 16:13:20 CST", 1700000000},
    {"14 Nov 2023 16:13:20 MDT", 1700000000},
    {"14 Nov 2023 22:13:20 Z", 1700000000},
    {"14 Nov 2023 22:13:20 CEST", 1700000000}, /* a name that says nothing */
    {"14 Nov 23 22:13:20 +0000", 1700000000},
    {"14\r\n Nov(x)2023\t22 : 13 : 20\r\n +0000", 1700000000},
    {"14 Nov 2023 22:13 +0000", 1700000000 - 20},
    {"1 Jan 1970 00:00:00 +0000", 0},
    {"1 Jan 1970 00:00:00 +0130", -5400},
    {"1 Jan 70 00:00:00 UT", 0},
    {"1 Jan 101 00:00:00 UT", 978307200}, /* three digits: 1900 and so many */
    {"29 Feb 2000 00:00:00 UT", 951782400},
    {"31 Dec 2016 23:59:60 UT", 1483228800},
    {"31 Dec 9999 23:59:59 UT", 253402300799},
    {"31 Dec 9999 23:59:59 +0100", 253402297199},
    {"31 Dec 9999 23:59:59 -0001", NONE},
    {"31 Dec 9999 23:59:60 UT", NONE},
    {"", NONE},
    {" ", NONE},
    {"()", NONE},
    {"Tue, 14 Nov 2023 22:13:20", NONE},
    {"Tue 14 Nov 2023 22:13:20 +0000", NONE},
    {"Abc, 14 Nov 2023 22:13:20 +0000", NONE},
    {"14 Nov 2023 22:13:20 +0000 (no end", NONE},
    {"(no end \\) 14 Nov 2023 22:13:20 +0000", NONE},
    {"14 Nov 2023 22:13:20 +0000 x", NONE},
    {"14 Nov 2023 22:13:20 +000", NONE},
    {"14 Nov 2023 22:13:20 +00000", NONE},
    {"14 Nov 2023 22:13:20 +0060", NONE},
    {"14 Nov 2023 24:00:00 +0000", NONE},
    {"14 Nov 2023 22:60:00 +0000", NONE},
    {"14 Nov 2023 22:13:61 +0000", NONE},
    {"14 Nov 2023 2:13:20 +0000", NONE},
    {"0 Nov 2023 22:13:20 +0000", NONE},
    {"31 Nov 2023 22:13:20 +0000", NONE},
    {"29 Feb 1900 22:13:20 +0000", NONE},
    {"114 Nov 2023 22:13:20 +0000", NONE},
    {"14 November 2023 22:13:20 +0000", NONE},
    {"14 Nov 1899 22:13:20 +0000", NONE},
    {"14 Nov 20230 22:13:20 +0000", NONE},
    {"14 Nov 99999999999999999999 22:13:20 +0000", NONE},
};

/* The next page is unmapped: not a byte behind the text is read. */
static int64_t parse(const char *text, enum mm_status (*how)(struct mm_view, int64_t *))
{
    struct mm_guard g = mm_guard_copy(mm_view_of(text));
    int64_t seconds = 0;
    enum mm_status st = how(g.view, &seconds);
    mm_guard_free(&g);
    return st == MM_OK ? seconds : NONE;
}

static void dates_are_seconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_INT(cases[i].text, parse(cases[i].text, mm_date_parse), cases[i].seconds);
}

static void every_day_is_the_one_of_the_library(void **state)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    (void)state;
    for (int64_t day = -25567; day < 200000; day += 13) { /* from 1900 to 2517 */
        time_t at = (time_t)(day * 86400 + day % 86400 + 86400);
        struct tm tm;
        char text[64];
        assert_non_null(gmtime_r(&at, &tm));
        snprintf(text, sizeof text, "%d %.3s %04d %02d:%02d:%02d +0000", tm.tm_mday,
                 months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
        MM_CHECK_INT(text, parse(text, mm_date_parse), at);
    }
}

static void a_received_field_ends_in_its_date(void **state)
{
    static const struct {
        const char *value;
        int64_t seconds;
    } received[] = {
        {" from a by b; Tue, 14 Nov 2023 22:13:20 +0000", 1700000000},
        {"from a (x; y) by b (\"; z\");\r\n 14 Nov 2023 22:13:20 +0000 (UTC; really)", 1700000000},
        {"from \"; 1 Jan 1970\" for <x;y>; 14 Nov 2023 22:13:20 +0000", 1700000000},
        {"from a by b", NONE},
        {"", NONE},
        {";", NONE},
        {"from a by b; yesterday", NONE},
        {"from a (by b; 14 Nov 2023 22:13:20 +0000", NONE},
        {"from \"a by b; 14 Nov 2023 22:13:20 +0000", NONE},
        {"; 14 Nov 2023 22:13:20 +0000; and more", NONE},
        /* as Courier writes it */
        {"from a (b [::ffff:192.0.2.1])\n  by c with ESMTP; Tue, 14 Nov 2023 22:13:20 +0000\n"
         "  id 00000000000F4B0A.5076FDBF.0000586C",
         1700000000},
        {"by c with local; Tue, 14 Nov 2023 22:13:20 +0000\r\n\tid 5076FDBF (x)\r\n", 1700000000},
        {"; 14 Nov 2023 22:13:20 +0000 (UTC) id x", 1700000000},
        {"; 14 Nov 2023 14:13:20 -0800 PST", 1700000000},
        {"; 14 Nov 2023 22:13:20 +0000(UTC) id x", NONE},
        {"; 14 Nov 2023 22:13:20 +0000,id x", NONE},
        {"; 14 Nov 2023 22:13:20 +00000 id x", NONE},
        {"; 14 Nov 2023 22:13:20 +0060 id x", NONE},
        {"; 14 Nov 2023 22:13:20 GMT id x", NONE},
        {"; 14 Nov 2023 22:13:20 id x", NONE},
        {"; 14 Nov 2023 22:13:20 +0000 id x (y; z)", NONE},
        {"; 14 Nov 2023 22:13:20 +0000 id \"x; y\"", NONE},
        {"; 14 Nov 2023 22:13:20 +0000 id x;", NONE},
        {"; 14 Nov 2023 22:13:20 +0000 id (x", NONE},
        {"; 14 Nov 2023 22:13:20 +0000 id \"x", NONE},
        {"; 31 Dec 9999 23:59:60 +0000 id x", NONE},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(received); i++)
        MM_CHECK_INT(received[i].value, parse(received[i].value, mm_date_of_received),
                     received[i].seconds);
}

MM_TEST_MAIN(MM_TEST(dates_are_seconds), MM_TEST(every_day_is_the_one_of_the_library),
             MM_TEST(a_received_field_ends_in_its_date))

/*
 * pivot_words.h - the words of --by as tables of the views have them, and their columns.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_PIVOT_WORDS_H
#define MM_SUMMARY_PIVOT_WORDS_H

#include "dataset/report_tables.h"
#include "summary/question.h"

#define MM_KEY_COLUMN(name, title, kind)                                                           \
    {                                                                                              \
        name, title, MM_SUMMARY_##kind, MM_SUMMARY_KEY                                             \
    }
/* A word, the column or member that it is, and what a table calls it. */
#define MM_BY_TEXT(word, from, name, title)                                                        \
    {                                                                                              \
        word, {MM_KEY_TEXT, from, NULL}, MM_KEY_COLUMN(name, title, TEXT)                          \
    }
#define MM_BY_ADDRESS(word, from, title)                                                           \
    {                                                                                              \
        word, {MM_KEY_TEXT, from, NULL}, MM_KEY_COLUMN(from, title, ADDRESS)                       \
    }
#define MM_BY_FLAG(word, from, title)                                                              \
    {                                                                                              \
        word, {MM_KEY_NUMBER, from, NULL}, MM_KEY_COLUMN(from, title, FLAG)                        \
    }
#define MM_BY_NUMBER(word, from, title)                                                            \
    {                                                                                              \
        word, {MM_KEY_NUMBER, from, NULL}, MM_KEY_COLUMN(from, title, COUNT)                       \
    }
/* day, week and month of a column, or of another where that is absent (NULL: none) */
#define MM_BY_DATES(from, other)                                                                   \
    {"day", {MM_KEY_DAY, from, other}, MM_KEY_COLUMN("day", "day", DAY)},                          \
        {"week", {MM_KEY_WEEK, from, other}, MM_KEY_COLUMN("week", "week of", WEEK)},              \
    {                                                                                              \
        "month", {MM_KEY_MONTH, from, other}, MM_KEY_COLUMN("month", "month", MONTH)               \
    }

#define MM_VALUE_COLUMN(name, title, kind, flags)                                                  \
    {                                                                                              \
        name, title, MM_SUMMARY_##kind, flags                                                      \
    }

#define MM_REPORT_TABLE(name) (&mm_report_tables[MM_TABLE_##name])

#endif /* MM_SUMMARY_PIVOT_WORDS_H */

/*
 * values.h - the values that options take: counts, sizes, durations, one word of several.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_VALUES_H
#define MM_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes the whole text or nothing: false where it has another form or does not fit 64 bits. */

/* Decimal digits. */
bool value_count(const char *text, uint64_t *value);
/* Digits with K, M, G or T (powers of 1024, either case) or none: bytes. */
bool value_size(const char *text, uint64_t *bytes);
/* Parts such as 7d 12h 30m 45s run together, each unit once, largest first; bare digits are
 * seconds. */
bool value_duration(const char *text, uint64_t *seconds);
/* A date as 2026-01-31, in the Gregorian calendar: days since 1970-01-01. */
bool value_day(const char *text, int32_t *day);
/* Place of text in "auto|uring|threads"; -1 where it is none of them. */
int value_word(const char *text, const char *words);

/* "5" or "5%", from 0.1 to 100: a part of one. */
bool value_percent(const char *text, double *part);

/* True where text ends in suffix and is longer. */
bool has_suffix(const char *text, const char *suffix);

/* Optimal string alignment distance: insert, drop, change, swap neighbours. Longer texts are
 * compared by their first 63 bytes. */
size_t edit_distance(const char *a, const char *b);

#endif /* MM_CLI_VALUES_H */

/*
 * group_table.h - rows with one key become one group: its numbers are added up.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A key is a few 32-bit words: codes of texts, days, small numbers. A sum that would pass INT64_MAX
 * stays there, since a report may claim any count; `saturated` says so.
 */
#ifndef MM_SUMMARY_GROUP_TABLE_H
#define MM_SUMMARY_GROUP_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailmill/base.h"

enum { MM_GROUP_WORDS_MAX = 10, MM_GROUP_VALUES_MAX = 10 };

enum mm_group_op {
    MM_GROUP_SUM,
    MM_GROUP_DAYS, /* first and last of some days, see mm_days_pack() */
    MM_GROUP_WORD  /* a code that all have, MM_GROUP_SEVERAL where they have not */
};

enum { MM_GROUP_SEVERAL = UINT32_MAX };

struct mm_group_table {
    size_t word_count, value_count;
    const uint8_t *ops; /* of enum mm_group_op, one a value; borrowed */
    uint32_t *keys;     /* word_count a group */
    int64_t *values;    /* value_count a group */
    uint32_t *slots;    /* number of a group from 1; 0 is free */
    size_t slot_count, count, cap;
    atomic_size_t *left_bytes; /* that this table and others may still take; borrowed */
    size_t held_bytes;
    bool saturated;
};

enum { MM_GROUP_NONE = UINT32_MAX };

void mm_group_table_init(struct mm_group_table *t, size_t word_count, const uint8_t *ops,
                         size_t value_count, atomic_size_t *left_bytes);
void mm_group_table_deinit(struct mm_group_table *t);
/* The number of a key's group, a new one with no values yet; MM_GROUP_NONE: no room for it. */
uint32_t mm_group_of(struct mm_group_table *t, const uint32_t *key);
/* The number of a key's group, or MM_GROUP_NONE. */
uint32_t mm_group_find(const struct mm_group_table *t, const uint32_t *key);
/* Add to value `i` of a group. */
void mm_group_add(struct mm_group_table *t, uint32_t group, size_t i, int64_t value);
/*
 * Add the groups of another table, with the same ops as far as both have values. Keys become those
 * of its words that `words` names, in that order: word_count of this one.
 * count_at  a value of this table that counts the groups; MM_FOLD_NO_COUNT: none does.
 * Returns   false where there is no room.
 */
enum { MM_FOLD_NO_COUNT = MM_GROUP_VALUES_MAX };
bool mm_group_fold(struct mm_group_table *t, const struct mm_group_table *from,
                   const uint8_t *words, size_t count_at) MM_MUST_CHECK;

static inline const uint32_t *mm_group_key(const struct mm_group_table *t, size_t group)
{
    return t->keys + group * t->word_count;
}

static inline int64_t *mm_group_values(const struct mm_group_table *t, size_t group)
{
    return t->values + group * t->value_count;
}

/* a + b, INT64_MAX where that is more. */
static inline int64_t mm_sum_of(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* Value `i` over all groups. */
int64_t mm_group_sum(const struct mm_group_table *t, size_t i);

/* Two days, 32 bits each, as one value that is never 0; days of DAYS that nothing was added to. */
static inline int64_t mm_days_pack(int32_t first, int32_t last)
{
    return (int64_t)((uint64_t)((uint32_t)first ^ 0x80000000u) << 32 |
                     ((uint32_t)last ^ 0x80000000u));
}

static inline int32_t mm_days_first(int64_t days)
{
    return (int32_t)((uint32_t)((uint64_t)days >> 32) ^ 0x80000000u);
}

static inline int32_t mm_days_last(int64_t days)
{
    return (int32_t)((uint32_t)(uint64_t)days ^ 0x80000000u);
}

#endif /* MM_SUMMARY_GROUP_TABLE_H */

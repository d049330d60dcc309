/*
 * group_table.c - rows with one key become one group: its numbers are added up.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/group_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_GROUPS = 256 };

void mm_group_table_init(struct mm_group_table *t, size_t word_count, const uint8_t *ops,
                         size_t value_count, atomic_size_t *left_bytes)
{
    assert(word_count <= MM_GROUP_WORDS_MAX && value_count <= MM_GROUP_VALUES_MAX);
    *t = (struct mm_group_table){
        .word_count = word_count, .value_count = value_count, .ops = ops, .left_bytes = left_bytes};
}

void mm_group_table_deinit(struct mm_group_table *t)
{
    free(t->keys);
    free(t->values);
    free(t->slots);
    if (t->held_bytes)
        atomic_fetch_add(t->left_bytes, t->held_bytes);
    *t = (struct mm_group_table){.count = 0};
}

/* Words are numbers of ours that count up from 1, days, or what is left of a hash of a report: to
 * choose where a key lies takes many reports for each. */
static size_t hash_of(const uint32_t *key, size_t word_count)
{
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < word_count; i++) {
        h = (h ^ key[i]) * 0xbf58476d1ce4e5b9u;
        h ^= h >> 29;
    }
    return (size_t)(h ^ h >> 32);
}

static bool same_key(const struct mm_group_table *t, size_t group, const uint32_t *key)
{
    const uint32_t *other = mm_group_key(t, group);
    for (size_t i = 0; i < t->word_count; i++)
        if (other[i] != key[i])
            return false;
    return true;
}

/* The slot that leads to the key's group, or the free one where it belongs. */
static uint32_t *slot_of(const struct mm_group_table *t, const uint32_t *key)
{
    size_t mask = t->slot_count - 1, at = hash_of(key, t->word_count) & mask;
    while (t->slots[at] && !same_key(t, t->slots[at] - 1, key))
        at = (at + 1) & mask;
    return &t->slots[at];
}

static bool take_bytes(struct mm_group_table *t, size_t bytes)
{
    size_t left = atomic_load(t->left_bytes);
    do
        if (left < bytes)
            return false;
    while (!atomic_compare_exchange_weak(t->left_bytes, &left, left - bytes));
    t->held_bytes += bytes;
    return true;
}

/* An array of `count` items becomes one of `more`; NULL: it stays as it is. */
static void *enlarge(struct mm_group_table *t, void *array, size_t count, size_t more, size_t item)
{
    size_t bytes = more * item;
    return take_bytes(t, (more - count) * item) ? realloc(array, bytes ? bytes : 1) : NULL;
}

static bool grow_slots(struct mm_group_table *t)
{
    size_t before = t->slot_count, count = before ? 2 * before : 2 * FIRST_GROUPS;
    uint32_t *slots = enlarge(t, t->slots, before, count, sizeof *slots);
    if (!slots)
        return false;
    t->slots = memset(slots, 0, count * sizeof *slots);
    t->slot_count = count;
    for (size_t i = 0; i < t->count; i++)
        *slot_of(t, mm_group_key(t, i)) = (uint32_t)i + 1;
    return true;
}

static bool grow_groups(struct mm_group_table *t)
{
    size_t cap = t->cap ? t->cap + t->cap / 2 : FIRST_GROUPS;
    if (cap >= MM_GROUP_NONE)
        return false;
    uint32_t *keys = enlarge(t, t->keys, t->cap, cap, t->word_count * sizeof *keys);
    if (!keys)
        return false;
    t->keys = keys;
    int64_t *values = enlarge(t, t->values, t->cap, cap, t->value_count * sizeof *values);
    if (!values)
        return false;
    t->values = values;
    t->cap = cap;
    return true;
}

/* Room for a group more, with slots at most three quarters full. */
static bool grow(struct mm_group_table *t)
{
    return (t->count < t->cap || grow_groups(t)) &&
           (4 * (t->count + 1) <= 3 * t->slot_count || grow_slots(t));
}

uint32_t mm_group_find(const struct mm_group_table *t, const uint32_t *key)
{
    uint32_t slot = t->slots ? *slot_of(t, key) : 0;
    return slot ? slot - 1 : MM_GROUP_NONE;
}

uint32_t mm_group_of(struct mm_group_table *t, const uint32_t *key)
{
    uint32_t known = mm_group_find(t, key);
    if (known != MM_GROUP_NONE || !grow(t))
        return known;
    size_t group = t->count++;
    memcpy(t->keys + group * t->word_count, key, t->word_count * sizeof *key);
    memset(mm_group_values(t, group), 0, t->value_count * sizeof *t->values);
    *slot_of(t, key) = (uint32_t)group + 1;
    return (uint32_t)group;
}

static int64_t days_of_both(int64_t a, int64_t b)
{
    if (!a || !b)
        return a ? a : b;
    int32_t first = mm_days_first(a), last = mm_days_last(a);
    int32_t other_first = mm_days_first(b), other_last = mm_days_last(b);
    return mm_days_pack(first < other_first ? first : other_first,
                        last > other_last ? last : other_last);
}

static int64_t word_of_both(int64_t a, int64_t b)
{
    return !a ? b : !b || a == b ? a : MM_GROUP_SEVERAL;
}

void mm_group_add(struct mm_group_table *t, uint32_t group, size_t i, int64_t value)
{
    int64_t *at = mm_group_values(t, group) + i;
    if (t->ops[i] == MM_GROUP_DAYS) {
        *at = days_of_both(*at, value);
    } else if (t->ops[i] == MM_GROUP_WORD) {
        *at = word_of_both(*at, value);
    } else if (__builtin_add_overflow(*at, value, at)) {
        *at = INT64_MAX;
        t->saturated = true;
    }
}

bool mm_group_fold(struct mm_group_table *t, const struct mm_group_table *from,
                   const uint8_t *words, size_t count_at)
{
    size_t value_count = from->value_count < t->value_count ? from->value_count : t->value_count;
    uint32_t key[MM_GROUP_WORDS_MAX] = {0};
    t->saturated = t->saturated || from->saturated;
    for (size_t i = 0; i < from->count; i++) {
        for (size_t k = 0; k < t->word_count; k++)
            key[k] = mm_group_key(from, i)[words[k]];
        uint32_t group = mm_group_of(t, key);
        if (group == MM_GROUP_NONE)
            return false;
        for (size_t k = 0; k < value_count; k++)
            if (k != count_at)
                mm_group_add(t, group, k, mm_group_values(from, i)[k]);
        if (count_at < t->value_count)
            mm_group_add(t, group, count_at, 1);
    }
    return true;
}

int64_t mm_group_sum(const struct mm_group_table *t, size_t i)
{
    int64_t sum = 0;
    for (size_t group = 0; group < t->count; group++)
        sum = mm_sum_of(sum, mm_group_values(t, group)[i]);
    return sum;
}

/*
 * rank.h - the first few of many groups, in an order that does not depend on who read them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_RANK_H
#define MM_SUMMARY_RANK_H

#include "summary/query.h"

/* Less than 0 where item a comes before b. */
typedef int mm_rank_compare(const void *context, uint32_t a, uint32_t b);

/*
 * The first `n` of the items 0..count-1, in order.
 * out      room for n.
 * Returns  how many there are: n, or count.
 */
size_t mm_rank_first(uint32_t *out, size_t n, size_t count, mm_rank_compare *compare,
                     const void *context);

/* What orders groups: a sum, largest first, then the keys, absent ones last. */
enum { MM_RANK_BY_KEY = UINT8_MAX };
struct mm_rank_groups {
    const struct mm_word_codes *words;
    const struct mm_group_table *groups;
    const struct mm_key *keys; /* what their words are */
    uint8_t sum;               /* MM_RANK_BY_KEY: none */
};

/* context: struct mm_rank_groups */
int mm_rank_compare_groups(const void *context, uint32_t a, uint32_t b);
/* Two words of a key of that kind. */
int mm_rank_compare_words(const struct mm_word_codes *words, enum mm_key_kind kind, uint32_t a,
                          uint32_t b);

#endif /* MM_SUMMARY_RANK_H */

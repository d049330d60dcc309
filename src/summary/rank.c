/*
 * rank.c - the first few of many groups, in an order that does not depend on who read them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/rank.h"

#include "base/view.h"

/* A heap whose top comes last of those that are kept. */
struct heap {
    uint32_t *items;
    size_t count;
    mm_rank_compare *compare;
    const void *context;
};

static bool later(const struct heap *h, size_t a, size_t b)
{
    return h->compare(h->context, h->items[a], h->items[b]) > 0;
}

static void swap(struct heap *h, size_t a, size_t b)
{
    uint32_t item = h->items[a];
    h->items[a] = h->items[b];
    h->items[b] = item;
}

static void sift_down(struct heap *h, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < h->count; at = child) {
        if (child + 1 < h->count && later(h, child + 1, child))
            child++;
        if (!later(h, child, at))
            return;
        swap(h, child, at);
    }
}

static void push(struct heap *h, uint32_t item)
{
    size_t at = h->count++;
    h->items[at] = item;
    for (size_t parent; at && later(h, at, parent = (at - 1) / 2); at = parent)
        swap(h, at, parent);
}

size_t mm_rank_first(uint32_t *out, size_t n, size_t count, mm_rank_compare *compare,
                     const void *context)
{
    struct heap h = {.items = out, .compare = compare, .context = context};
    for (uint32_t i = 0; n && i < count; i++) {
        if (h.count < n) {
            push(&h, i);
        } else if (compare(context, i, h.items[0]) < 0) {
            h.items[0] = i;
            sift_down(&h, 0);
        }
    }
    size_t kept = h.count;
    while (h.count > 1) {
        swap(&h, 0, --h.count);
        sift_down(&h, 0);
    }
    return kept;
}

int mm_rank_compare_words(const struct mm_word_codes *words, enum mm_key_kind kind, uint32_t a,
                          uint32_t b)
{
    bool text = mm_key_is_text(kind);
    uint32_t null = text ? MM_WORD_NONE : MM_KEY_NULL;
    if (a == b)
        return 0;
    if (a == null || b == null)
        return a == null ? 1 : -1;
    if (text)
        return mm_view_cmp(mm_word_text(words, a), mm_word_text(words, b));
    return (int32_t)a < (int32_t)b ? -1 : 1;
}

int mm_rank_compare_groups(const void *context, uint32_t a, uint32_t b)
{
    const struct mm_rank_groups *order = context;
    if (order->sum != MM_RANK_BY_KEY) {
        int64_t more = mm_group_values(order->groups, a)[order->sum];
        int64_t less = mm_group_values(order->groups, b)[order->sum];
        if (more != less)
            return more > less ? -1 : 1;
    }
    for (size_t i = 0; i < order->groups->word_count; i++) {
        int way = mm_rank_compare_words(order->words, order->keys[i].kind,
                                        mm_group_key(order->groups, a)[i],
                                        mm_group_key(order->groups, b)[i]);
        if (way)
            return way;
    }
    return 0;
}

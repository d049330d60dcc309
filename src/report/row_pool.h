/*
 * row_pool.h - things of one kind that grow in number while a report is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_REPORT_ROW_POOL_H
#define MM_REPORT_ROW_POOL_H

#include "base/arena.h"

/* Items lie in one array of arena memory, which moves as it grows. */
struct mm_row_pool {
    char *items;
    uint32_t count, cap;
    uint32_t item_bytes;
};

/* Room for `first` items is taken with the first addition. */
static inline struct mm_row_pool mm_row_pool_of(size_t item_bytes, uint32_t first)
{
    return (struct mm_row_pool){.cap = first, .item_bytes = (uint32_t)item_bytes};
}

/* A cleared item at the end; NULL without memory. */
void *mm_row_pool_add(struct mm_row_pool *pool, struct mm_arena *arena);

/* NULL in an empty pool. */
static inline void *mm_row_pool_at(const struct mm_row_pool *pool, uint32_t index)
{
    return pool->items ? pool->items + (size_t)index * pool->item_bytes : NULL;
}

#endif /* MM_REPORT_ROW_POOL_H */

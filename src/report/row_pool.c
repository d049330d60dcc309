/*
 * row_pool.c - things of one kind that grow in number while a report is read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/row_pool.h"

#include <string.h>

void *mm_row_pool_add(struct mm_row_pool *pool, struct mm_arena *arena)
{
    if (!pool->items || pool->count == pool->cap) {
        uint32_t cap = pool->items ? pool->cap * 2 : pool->cap;
        char *items = mm_arena_alloc(arena, (size_t)cap * pool->item_bytes);
        if (!items)
            return NULL;
        if (pool->count > 0)
            memcpy(items, pool->items, (size_t)pool->count * pool->item_bytes);
        pool->items = items;
        pool->cap = cap;
    }
    void *item = mm_row_pool_at(pool, pool->count++);
    memset(item, 0, pool->item_bytes);
    return item;
}

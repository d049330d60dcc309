/*
 * spare_blocks.c - blocks of containers, kept for the next of about that size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/spare_blocks.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/poison.h"
#include "io/budget.h"

/* Lock held. */
static char *take_kept(struct mm_spare_blocks *spare, size_t bytes)
{
    for (unsigned i = spare->count; i-- > 0;) {
        size_t room = malloc_usable_size(spare->kept[i]);
        if (room < bytes || room > 2 * bytes)
            continue;
        char *block = spare->kept[i];
        spare->kept[i] = spare->kept[--spare->count];
        MM_UNPOISON(block, room);
        return block;
    }
    return NULL;
}

char *mm_spare_block_take(struct mm_budget *budget, size_t bytes)
{
    pthread_mutex_lock(&budget->lock);
    char *block = take_kept(&budget->spare_blocks, bytes);
    pthread_mutex_unlock(&budget->lock);
    return block ? block : malloc(bytes);
}

void mm_spare_block_give(struct mm_budget *budget, char *block)
{
    struct mm_spare_blocks *spare = &budget->spare_blocks;
    size_t room = block ? malloc_usable_size(block) : 0;
    pthread_mutex_lock(&budget->lock);
    if (room && room <= MM_SPARE_BLOCK_MAX_BYTES && spare->count < MM_SPARE_BLOCKS) {
        MM_POISON(block, room);
        spare->kept[spare->count++] = block;
        block = NULL;
    }
    pthread_mutex_unlock(&budget->lock);
    free(block);
}

void mm_spare_blocks_deinit(struct mm_spare_blocks *spare)
{
    while (spare->count) {
        char *block = spare->kept[--spare->count];
        MM_UNPOISON(block, malloc_usable_size(block));
        free(block);
    }
}

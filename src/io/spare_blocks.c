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

/* Lock held. Returns what is to be freed: the block, the least of those that are kept, or none. */
static char *keep(struct mm_spare_blocks *spare, char *block, size_t room)
{
    if (room > MM_SPARE_BLOCK_MAX_BYTES)
        return block;
    if (spare->count < MM_SPARE_BLOCKS) {
        spare->kept[spare->count++] = block;
        return NULL;
    }
    char **least = spare->kept;
    for (unsigned i = 1; i < MM_SPARE_BLOCKS; i++)
        if (malloc_usable_size(spare->kept[i]) < malloc_usable_size(*least))
            least = &spare->kept[i];
    if (malloc_usable_size(*least) >= room)
        return block;
    char *given_up = *least;
    *least = block;
    return given_up;
}

void mm_spare_block_give(struct mm_budget *budget, char *block)
{
    if (!block)
        return;
    size_t room = malloc_usable_size(block);
    MM_POISON(block, room);
    pthread_mutex_lock(&budget->lock);
    char *left = keep(&budget->spare_blocks, block, room);
    pthread_mutex_unlock(&budget->lock);
    if (left)
        MM_UNPOISON(left, malloc_usable_size(left));
    free(left);
}

void mm_spare_blocks_deinit(struct mm_spare_blocks *spare)
{
    while (spare->count) {
        char *block = spare->kept[--spare->count];
        MM_UNPOISON(block, malloc_usable_size(block));
        free(block);
    }
}

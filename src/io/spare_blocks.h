/*
 * spare_blocks.h - blocks of containers, kept for the next of about that size.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A block is made by the thread that reads a container and left by a worker. Fresh pages cost as
 * much as unpacking into them, so a few blocks go round. They are heap memory: who does not give a
 * block back may free it.
 */
#ifndef MM_IO_SPARE_BLOCKS_H
#define MM_IO_SPARE_BLOCKS_H

#include <stddef.h>

enum {
    MM_SPARE_BLOCKS = 4,
    MM_SPARE_BLOCK_MAX_BYTES = 8 * 1024 * 1024 /* of one that is kept */
};

struct mm_budget;

/* A budget's, under its lock. */
struct mm_spare_blocks {
    char *kept[MM_SPARE_BLOCKS];
    unsigned count;
};

/* Room for `bytes`, which the caller has taken of the budget: a block that was kept and is at most
 * twice as large, or a new one. What it holds is undefined. NULL without memory. */
char *mm_spare_block_take(struct mm_budget *budget, size_t bytes);

/* A block that nobody needs: it is kept where there is room, or where it is larger than one that is
 * kept, in the place of that; else freed. Quiet with NULL. What it was charged with is the caller's
 * to give back. */
void mm_spare_block_give(struct mm_budget *budget, char *block);

/* Free those that are kept; by mm_budget_deinit(). */
void mm_spare_blocks_deinit(struct mm_spare_blocks *spare);

#endif /* MM_IO_SPARE_BLOCKS_H */

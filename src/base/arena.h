/*
 * arena.h - everything born for one batch, freed in one call.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Blocks are kept over a reset, so that in the steady state a batch asks the heap for nothing.
 * Under AddressSanitizer each piece is followed by a poisoned gap.
 */
#ifndef MM_BASE_ARENA_H
#define MM_BASE_ARENA_H

#include "mailmill/base.h"

struct mm_arena_block;

struct mm_arena {
    struct mm_arena_block *first; /* oldest block */
    struct mm_arena_block *now;   /* block that pieces come from */
    size_t used_bytes;            /* handed out since the last reset */
    size_t limit_bytes;           /* most that may be handed out between resets */
};

/* A zeroed struct with limit_bytes set is ready for use; nothing is allocated yet. */
void mm_arena_init(struct mm_arena *arena, size_t limit_bytes);
/* Quiet on a zeroed struct. */
void mm_arena_deinit(struct mm_arena *arena);
/* Forget every piece; keep up to `MM_ARENA_KEEP_BYTES` of blocks for the next batch. */
void mm_arena_reset(struct mm_arena *arena);

/* Bytes of all blocks, whether handed out or not. */
size_t mm_arena_held_bytes(const struct mm_arena *arena);

enum { MM_ARENA_BLOCK_BYTES = 256 * 1024, MM_ARENA_KEEP_BYTES = 4 * 1024 * 1024 };

/* `bytes` bytes aligned for any type, not cleared; NULL beyond the limit or without memory. */
void *mm_arena_alloc(struct mm_arena *arena, size_t bytes);
/* The same, cleared, for `count` items; NULL also where the product overflows. */
void *mm_arena_calloc(struct mm_arena *arena, size_t count, size_t item_bytes);
/* A copy of the view's bytes with a NUL behind them; data is NULL on failure. */
struct mm_view mm_arena_copy(struct mm_arena *arena, struct mm_view v);

#define MM_ARENA_NEW(arena, type)          ((type *)mm_arena_calloc((arena), 1, sizeof(type)))
#define MM_ARENA_ARRAY(arena, type, count) ((type *)mm_arena_calloc((arena), (count), sizeof(type)))

#endif /* MM_BASE_ARENA_H */

/*
 * arena.c - everything born for one batch, freed in one call.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"

#ifdef MM_ASAN
enum { GAP_BYTES = 32 };
#else
enum { GAP_BYTES = 0 };
#endif

enum { ALIGN = 64 }; /* a cache line, and what the widest vector load likes */

struct mm_arena_block {
    struct mm_arena_block *next;
    size_t cap, used;
    alignas(ALIGN) unsigned char bytes[];
};

void mm_arena_init(struct mm_arena *arena, size_t limit_bytes)
{
    *arena = (struct mm_arena){.limit_bytes = limit_bytes};
}

static void block_free(struct mm_arena_block *block)
{
    MM_UNPOISON(block->bytes, block->cap);
    free(block);
}

void mm_arena_deinit(struct mm_arena *arena)
{
    for (struct mm_arena_block *b = arena->first, *next; b; b = next) {
        next = b->next;
        block_free(b);
    }
    *arena = (struct mm_arena){.limit_bytes = arena->limit_bytes};
}

void mm_arena_reset(struct mm_arena *arena)
{
    size_t kept = 0;
    struct mm_arena_block **link = &arena->first;
    while (*link) {
        struct mm_arena_block *b = *link;
        if (kept + b->cap > MM_ARENA_KEEP_BYTES) {
            *link = b->next;
            block_free(b);
            continue;
        }
        kept += b->cap;
        b->used = 0;
        MM_POISON(b->bytes, b->cap);
        link = &b->next;
    }
    arena->now = arena->first;
    arena->used_bytes = 0;
}

size_t mm_arena_held_bytes(const struct mm_arena *arena)
{
    size_t bytes = 0;
    for (const struct mm_arena_block *b = arena->first; b; b = b->next)
        bytes += sizeof *b + b->cap;
    return bytes;
}

static struct mm_arena_block *block_for(struct mm_arena *arena, size_t bytes)
{
    struct mm_arena_block *b = arena->now;
    while (b && b->cap - b->used < bytes && b->next)
        b = b->next;
    if (b && b->cap - b->used >= bytes)
        return arena->now = b;
    size_t cap = bytes > MM_ARENA_BLOCK_BYTES ? bytes : MM_ARENA_BLOCK_BYTES;
    size_t total = (sizeof *b + cap + ALIGN - 1) / ALIGN * ALIGN;
    struct mm_arena_block *fresh = aligned_alloc(ALIGN, total);
    if (!fresh)
        return NULL;
    *fresh = (struct mm_arena_block){.cap = cap};
    MM_POISON(fresh->bytes, cap);
    if (b)
        b->next = fresh;
    else
        arena->first = fresh;
    return arena->now = fresh;
}

void *mm_arena_alloc(struct mm_arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - 2 * ALIGN - GAP_BYTES)
        return NULL;
    size_t padded = (bytes + GAP_BYTES + ALIGN - 1) / ALIGN * ALIGN;
    if (padded == 0)
        padded = ALIGN;
    if (padded > arena->limit_bytes - arena->used_bytes || arena->used_bytes > arena->limit_bytes)
        return NULL;
    struct mm_arena_block *b = block_for(arena, padded);
    if (!b)
        return NULL;
    unsigned char *at = b->bytes + b->used;
    b->used += padded;
    arena->used_bytes += padded;
    MM_UNPOISON(at, bytes);
    return at;
}

void *mm_arena_calloc(struct mm_arena *arena, size_t count, size_t item_bytes)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, item_bytes, &bytes))
        return NULL;
    void *at = mm_arena_alloc(arena, bytes);
    if (at)
        memset(at, 0, bytes);
    return at;
}

struct mm_view mm_arena_copy(struct mm_arena *arena, struct mm_view v)
{
    char *at = v.len < SIZE_MAX ? mm_arena_alloc(arena, v.len + 1) : NULL;
    if (!at)
        return (struct mm_view){NULL, 0};
    if (v.len)
        memcpy(at, v.data, v.len);
    at[v.len] = '\0';
    return (struct mm_view){at, v.len};
}

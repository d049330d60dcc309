/*
 * reader_memory.c - pages that files are read into, given back so that no late write does harm.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "io/reader_internal.h"

#define NO_SLOT UINT32_MAX

char *mm_read_pages_map(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

void mm_read_pages_drop(char *base, size_t bytes, bool quiet)
{
    if (!base)
        return;
    if (quiet) {
        munmap(base, bytes);
        return;
    }
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (mmap(base, bytes, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        (void)madvise(base, bytes, MADV_DONTNEED);
}

bool mm_slots_init(struct mm_slots *slots, uint32_t first, uint32_t count)
{
    *slots = (struct mm_slots){.first = first, .count = count, .free_count = count};
    slots->free = calloc(count, sizeof *slots->free);
    slots->base = mm_read_pages_map((size_t)count * MM_READ_SLOT_BYTES);
    if (!slots->free || !slots->base) {
        mm_slots_deinit(slots, true);
        return false;
    }
    /* The ring pins pieces of it before they are read into: in large pages that is done at once,
     * and they are kinder to the processor's address cache. Without them it is only slower. */
    (void)madvise(slots->base, (size_t)count * MM_READ_SLOT_BYTES, MADV_HUGEPAGE);
    for (uint32_t i = 0; i < count; i++)
        slots->free[i] = first + count - 1 - i;
    return true;
}

void mm_slots_deinit(struct mm_slots *slots, bool quiet)
{
    mm_read_pages_drop(slots->base, (size_t)slots->count * MM_READ_SLOT_BYTES, quiet);
    free(slots->free);
    *slots = (struct mm_slots){.base = NULL};
}

void mm_slots_take(struct mm_slots *slots, struct mm_read *read)
{
    assert(slots->free_count > 0);
    read->slot = slots->free[--slots->free_count];
    read->extra = slots->base + (size_t)(read->slot - slots->first) * MM_READ_SLOT_BYTES;
}

void mm_slots_give(struct mm_slots *slots, struct mm_read *read)
{
    if (read->slot >= slots->first && read->slot - slots->first < slots->count)
        slots->free[slots->free_count++] = read->slot;
    read->slot = NO_SLOT;
    read->extra = NULL;
}

/*
 * spare_pages.c - memory of large messages, kept for the next of about that size.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/spare_pages.h"

#include <string.h>

#include "io/reader_internal.h"

void mm_spare_pages_init(struct mm_spare_pages *spare, struct mm_budget *budget)
{
    *spare = (struct mm_spare_pages){.budget = budget};
}

static void count_less(struct mm_spare_pages *spare, size_t bytes)
{
    atomic_fetch_sub_explicit(&spare->budget->spare_bytes, bytes, memory_order_relaxed);
}

static bool count_more(struct mm_spare_pages *spare, size_t bytes)
{
    uint64_t now = atomic_load_explicit(&spare->budget->spare_bytes, memory_order_relaxed);
    do {
        if (bytes > MM_SPARE_MAX_BYTES || now > MM_SPARE_MAX_BYTES - bytes)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&spare->budget->spare_bytes, &now, now + bytes,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

static struct mm_pages take_out(struct mm_spare_pages *spare, size_t at)
{
    struct mm_pages pages = spare->kept[at];
    spare->count--;
    memmove(spare->kept + at, spare->kept + at + 1, (spare->count - at) * sizeof *spare->kept);
    return pages;
}

static void drop_first(struct mm_spare_pages *spare)
{
    struct mm_pages pages = take_out(spare, 0);
    count_less(spare, pages.bytes);
    mm_read_pages_drop(pages.base, pages.bytes, true);
}

void mm_spare_pages_deinit(struct mm_spare_pages *spare)
{
    while (spare->count)
        drop_first(spare);
}

/* The smallest that fits, the one kept last among equals; MM_SPARE_REGIONS: none. */
static size_t find_fitting(const struct mm_spare_pages *spare, size_t used)
{
    size_t best = MM_SPARE_REGIONS, best_bytes = 2 * used;
    for (size_t i = 0; i < spare->count; i++) {
        size_t bytes = spare->kept[i].bytes;
        if (bytes >= used && bytes <= best_bytes) {
            best = i;
            best_bytes = bytes;
        }
    }
    return best;
}

bool mm_spare_pages_take(struct mm_spare_pages *spare, size_t used, struct mm_pages *out)
{
    size_t at = find_fitting(spare, used);
    if (at < MM_SPARE_REGIONS) {
        *out = take_out(spare, at);
        out->used = used;
        count_less(spare, used);
        return true;
    }
    *out = (struct mm_pages){.base = mm_read_pages_map(used), .used = used, .bytes = used};
    return out->base;
}

void mm_spare_pages_give(struct mm_spare_pages *spare, struct mm_pages *pages)
{
    if (!pages->base)
        return;
    bool counted = count_more(spare, pages->used);
    while (!counted && spare->count && pages->used <= MM_SPARE_MAX_BYTES) {
        drop_first(spare);
        counted = count_more(spare, pages->used);
    }
    if (counted && spare->count == MM_SPARE_REGIONS)
        drop_first(spare);
    if (counted) {
        spare->kept[spare->count++] = *pages;
    } else {
        count_less(spare, pages->bytes - pages->used);
        mm_read_pages_drop(pages->base, pages->bytes, true);
    }
    *pages = (struct mm_pages){.base = NULL};
}

void mm_spare_pages_abandon(struct mm_spare_pages *spare, struct mm_pages *pages)
{
    count_less(spare, pages->bytes - pages->used);
    mm_read_pages_drop(pages->base, pages->bytes, false);
    *pages = (struct mm_pages){.base = NULL};
}

/*
 * spare_pages.h - memory of large messages, kept for the next of about that size.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fresh pages cost more than reading into them: the system clears each and enters it into its
 * tables at the first touch. Each reader keeps some of what its messages leave; together they keep
 * no more than MM_SPARE_MAX_BYTES above what the budget counts as used. Not thread-safe, but for
 * the sum in the budget.
 */
#ifndef MM_IO_SPARE_PAGES_H
#define MM_IO_SPARE_PAGES_H

#include <stddef.h>

#include "io/budget.h"

enum {
    MM_SPARE_MAX_BYTES = 32 * 1024 * 1024, /* over all readers of a budget */
    MM_SPARE_REGIONS = 128                 /* of one reader */
};

/* Memory that holds a message: `used` of its bytes are charged to the budget by the caller, those
 * above them are counted here. Both are whole pages. */
struct mm_pages {
    char *base;
    size_t used, bytes;
};

struct mm_spare_pages {
    struct mm_budget *budget;
    struct mm_pages kept[MM_SPARE_REGIONS]; /* the one kept last is the last */
    size_t count;
};

void mm_spare_pages_init(struct mm_spare_pages *spare, struct mm_budget *budget);
void mm_spare_pages_deinit(struct mm_spare_pages *spare);

/* Room for `used` bytes: one that was kept and is at most twice as large, or a new one. What it
 * holds is undefined. False without memory. */
bool mm_spare_pages_take(struct mm_spare_pages *spare, size_t used,
                         struct mm_pages *out) MM_MUST_CHECK;

/* What nobody writes to any more: it is kept, in the place of what was kept first if need be. Quiet
 * where there is none. */
void mm_spare_pages_give(struct mm_spare_pages *spare, struct mm_pages *pages);

/* What the kernel may still write to: see mm_read_pages_drop(). Quiet where there is none. */
void mm_spare_pages_abandon(struct mm_spare_pages *spare, struct mm_pages *pages);

#endif /* MM_IO_SPARE_PAGES_H */

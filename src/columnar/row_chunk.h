/*
 * row_chunk.h - rows as they come, in one piece of memory, and the run that they become.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records grow from the front of a chunk, their places from its end. A full chunk is sorted by
 * moving places, while it is still in the processor's cache, and copied in order into a block; so a
 * merge, which reads many runs at once, reads each from its front to its end.
 */
#ifndef MM_COLUMNAR_ROW_CHUNK_H
#define MM_COLUMNAR_ROW_CHUNK_H

#include "columnar/row_record.h"

struct mm_row_place {
    uint64_t word;       /* the first of the record's text */
    uint32_t at, length; /* of the record in the chunk; of its text */
};

struct mm_row_chunk {
    size_t cap, used; /* bytes; `used` by records */
    size_t count;
    _Alignas(struct mm_row_place) char bytes[];
};

/* Items one behind the other, in order: a run in memory. */
struct mm_row_block {
    struct mm_row_block *next; /* the caller's */
    size_t len;
    char bytes[];
};

/* What a chunk needs for one record. */
static inline size_t mm_row_chunk_bytes(size_t key_bytes, size_t row_bytes)
{
    return sizeof(struct mm_row_record_head) + key_bytes + row_bytes + sizeof(struct mm_row_place);
}

/* NULL without memory. To be given to free(). */
struct mm_row_chunk *mm_row_chunk_new(size_t cap);
/* False where there is no room. */
bool mm_row_chunk_add(struct mm_row_chunk *chunk, struct mm_view key, struct mm_view row);

/* What the block of all records will take. */
static inline size_t mm_row_block_bytes(const struct mm_row_chunk *chunk)
{
    return sizeof(struct mm_row_block) + chunk->used + chunk->count * MM_ROW_AGREES_BYTES;
}

size_t mm_row_chunk_spare(const struct mm_row_chunk *chunk);
/*
 * Sort, and empty the chunk into a block of its own, to be given to free(). `spare` has room for
 * mm_row_chunk_spare() places. NULL without memory: the chunk is as it was, but for the order.
 */
struct mm_row_block *mm_row_chunk_to_block(struct mm_row_chunk *chunk, struct mm_row_place *spare);

#endif /* MM_COLUMNAR_ROW_CHUNK_H */

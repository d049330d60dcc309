/*
 * row_chunk.h - rows in one piece of memory, put in order when it is full.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records grow from the front, their places from the end; so a chunk is sorted in place, while it
 * is still in the processor's cache, and is then a sorted run like those on disk.
 */
#ifndef MM_COLUMNAR_ROW_CHUNK_H
#define MM_COLUMNAR_ROW_CHUNK_H

#include "columnar/row_record.h"

struct mm_row_place {
    uint64_t word;       /* the first of the record's text */
    uint32_t at, length; /* of the record in the chunk; of its text */
};

struct mm_row_chunk {
    struct mm_row_chunk *next;
    size_t cap, used; /* bytes; `used` by records */
    size_t count;
    bool sorted;
    _Alignas(struct mm_row_place) char bytes[];
};

/* What a chunk needs for one record. */
static inline size_t mm_row_chunk_bytes(size_t key_bytes, size_t row_bytes)
{
    return sizeof(struct mm_row_record_head) + key_bytes + row_bytes + sizeof(struct mm_row_place);
}

/* NULL without memory. To be given to free(). */
struct mm_row_chunk *mm_row_chunk_new(size_t cap);
/* False where there is no room. The chunk is not sorted yet. */
bool mm_row_chunk_add(struct mm_row_chunk *chunk, struct mm_view key, struct mm_view row);
/* `spare` has room for count / 2 places. */
void mm_row_chunk_sort(struct mm_row_chunk *chunk, struct mm_row_place *spare);

/* Past the last place; the first is `count` before it. */
static inline const struct mm_row_place *mm_row_chunk_end(const struct mm_row_chunk *chunk)
{
    return (const struct mm_row_place *)(const void *)(chunk->bytes + chunk->cap);
}

#endif /* MM_COLUMNAR_ROW_CHUNK_H */

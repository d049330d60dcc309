/*
 * parquet_column.h - the values of one leaf column while its row group grows.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_COLUMN_H
#define MM_COLUMNAR_PARQUET_COLUMN_H

#include "columnar/parquet_dictionary.h"
#include "columnar/parquet_leaf.h"
#include "columnar/row.h"

enum mm_parquet_store {
    MM_STORE_INDICES, /* of a dictionary, 32 bits each */
    MM_STORE_NUMBERS, /* each in the fixed bytes of its type */
    MM_STORE_TEXTS    /* each behind its length, which is PLAIN */
};

struct mm_parquet_column {
    const struct mm_parquet_leaf *leaf;
    enum mm_parquet_store store;
    size_t number_bytes;                  /* of PLAIN; 0 for texts and addresses */
    struct mm_buf definition, repetition; /* a byte a level; empty where the maximum is 0 */
    struct mm_buf values;
    struct mm_dictionary dictionary;
    size_t level_count; /* values and, where one is absent or a list is empty, its place */
    size_t value_count;
    uint64_t plain_bytes; /* of all values in PLAIN encoding; bytes for booleans */
};

/* `leaf` outlives the column. */
void mm_parquet_column_init(struct mm_parquet_column *c, const struct mm_parquet_leaf *leaf);
void mm_parquet_column_deinit(struct mm_parquet_column *c);
/* Empty, for the next row group; memory is kept. */
void mm_parquet_column_clear(struct mm_parquet_column *c);

/* Bytes of the values kept; not more than were appended with them, whatever was reserved. */
size_t mm_parquet_column_bytes(const struct mm_parquet_column *c);

static inline uint32_t mm_parquet_column_index(const struct mm_parquet_column *c, size_t value)
{
    uint32_t index;
    memcpy(&index, c->values.data + value * sizeof index, sizeof index);
    return index;
}

/* An entry of the dictionary, of a column of numbers. */
int64_t mm_parquet_dictionary_number(const struct mm_parquet_column *c, size_t index);
/* One of the numbers, or of the dictionary's. */
int64_t mm_parquet_column_number(const struct mm_parquet_column *c, size_t value);

#endif /* MM_COLUMNAR_PARQUET_COLUMN_H */

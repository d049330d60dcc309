/*
 * parquet_read_levels.h - lists put together out of the levels of a page.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_READ_LEVELS_H
#define MM_COLUMNAR_PARQUET_READ_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mm_level_lists {
    uint32_t
        *offsets; /* [out] room for rows + 1: where each list's elements begin, and past the last */
    uint8_t *nulls; /* [out] room for all levels: 1 where an element is absent */
    uint32_t rows;  /* that there have to be: each is a list */
    unsigned max;   /* definition of an element that is there: 1, or 2 where one may be absent */
    size_t slots;   /* [out] elements */
    size_t absent;  /* [out] of them */
    /* private */
    uint32_t row;
    bool open; /* the last list may have more elements */
};

/*
 * Place `count` levels, repetition 0 or 1, definition 0 to max; slots and what is private begin
 * with zero. False where they make other than `rows` lists, or none. Source: README.md of the
 * Apache Parquet format, "Nested Encoding".
 */
bool mm_level_lists_place(struct mm_level_lists *lists, const char *repetition,
                          const char *definition, size_t count);

#endif /* MM_COLUMNAR_PARQUET_READ_LEVELS_H */

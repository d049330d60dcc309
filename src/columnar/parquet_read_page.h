/*
 * parquet_read_page.h - one leaf column of a file being read, page by page, as arrays of values.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_READ_PAGE_H
#define MM_COLUMNAR_PARQUET_READ_PAGE_H

#include "columnar/parquet_read_index.h"

struct mm_parquet_leaf_reader {
    const struct mm_parquet_leaf *leaf;
    struct mm_parquet_place place; /* of the chunk at hand */
    struct mm_buf pages;           /* as mm_parquet_read_pages() gives them */
    size_t page;                   /* the one that is decoded, from 1; 0: none */
    uint32_t first_row, end_row;   /* of it */

    struct mm_buf body;                        /* of a page, unpacked */
    struct mm_buf dictionary_body, dictionary; /* numbers or texts; texts borrow the body */
    size_t dictionary_count;
    bool has_dictionary; /* that of the chunk at hand */
    uint64_t dictionary_serial;
    bool wants_codes, coded; /* texts: as indices where there are any; so the page at hand is */
    bool checks_only;        /* values are decoded and judged, and not put in their slots */

    struct mm_buf indices;
    struct mm_buf offsets; /* lists: where each row's elements begin, and past the last */
    struct mm_buf values;  /* int64_t, struct mm_view or, coded, uint32_t, one a slot */
    struct mm_buf nulls;   /* uint8_t, one a slot */
    bool any_null;
};

void mm_parquet_leaf_reader_init(struct mm_parquet_leaf_reader *r,
                                 const struct mm_parquet_leaf *leaf, bool codes);
/* Give its memory back; it has no leaf then. Quiet where it had none. */
void mm_parquet_leaf_reader_end(struct mm_parquet_leaf_reader *r, struct mm_parquet_source *source);

/* Another chunk, of a group of `rows` rows. Errors as those of mm_table_reader_next(). */
enum mm_status mm_parquet_leaf_begin(struct mm_parquet_leaf_reader *r,
                                     struct mm_parquet_source *source,
                                     const struct mm_parquet_place *place, uint32_t rows,
                                     struct mm_error *err) MM_MUST_CHECK;
/* Decode the page that has this row, unless it is the one at hand. Rows asked for do not fall. */
enum mm_status mm_parquet_leaf_seek(struct mm_parquet_leaf_reader *r,
                                    struct mm_parquet_source *source, uint32_t row,
                                    struct mm_error *err) MM_MUST_CHECK;

static inline bool mm_parquet_leaf_is_text(const struct mm_parquet_leaf *leaf)
{
    return leaf->type == MM_PARQUET_BYTE_ARRAY || leaf->type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY;
}

#endif /* MM_COLUMNAR_PARQUET_READ_PAGE_H */

/*
 * parquet_pages.h - a dictionary and a page of any bytes, packed and with the right checksum.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a page's checksum does not tell: that its bytes are values. For tests of who reads them.
 */
#ifndef MM_SUPPORT_PARQUET_PAGES_H
#define MM_SUPPORT_PARQUET_PAGES_H

#include "columnar/parquet_read_page.h"

struct mm_made_pages {
    struct mm_parquet_leaf leaf;
    enum mm_parquet_encoding encoding;
    uint32_t rows, levels, dictionary_count; /* claimed */
    struct mm_view dictionary, page;         /* unpacked */
};

/* The leaf of a column that has only this one, whose field outlives it. */
struct mm_parquet_leaf mm_made_leaf(const struct mm_table_field *field, bool list);

struct mm_made_reader {
    int fd;
    struct mm_parquet_source source;
    struct mm_parquet_leaf_reader leaf;
};

/* Write them to a file of their own, and decode the page as mm_parquet_leaf_seek() does, whose
 * status it returns; aborts where that does not come about. */
enum mm_status mm_made_pages_read(const struct mm_made_pages *pages, bool codes, bool checks_only,
                                  struct mm_made_reader *reader, struct mm_error *err);
void mm_made_reader_end(struct mm_made_reader *reader);

#endif /* MM_SUPPORT_PARQUET_PAGES_H */

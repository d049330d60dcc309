/*
 * parquet_read_index.h - where the pages of a chunk are, and which rows a filter leaves of a group.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: PageIndex.md and parquet.thrift of the Apache Parquet format.
 */
#ifndef MM_COLUMNAR_PARQUET_READ_INDEX_H
#define MM_COLUMNAR_PARQUET_READ_INDEX_H

#include "columnar/parquet_read_footer.h"

/* A data page: its bytes with its header, and its first row in the group. */
struct mm_parquet_page_place {
    uint64_t offset;
    uint32_t bytes, first_row;
};

/*
 * All pages of a chunk, which lie one behind the other and begin rows in their order.
 * scratch  memory to work in.
 * pages    [out] struct mm_parquet_page_place each, and one more that begins at `rows`.
 * Returns  MM_OK; MM_E_SYNTAX, MM_E_LIMIT, MM_E_NOMEM, MM_E_IO.
 */
enum mm_status mm_parquet_read_pages(struct mm_parquet_source *source,
                                     const struct mm_parquet_leaf *leaf,
                                     const struct mm_parquet_place *place, uint32_t rows,
                                     struct mm_buf *scratch, struct mm_buf *pages,
                                     struct mm_error *err) MM_MUST_CHECK;

static inline size_t mm_parquet_page_count(const struct mm_buf *pages)
{
    return pages->len / sizeof(struct mm_parquet_page_place) - 1;
}

static inline const struct mm_parquet_page_place *mm_parquet_pages(const struct mm_buf *pages)
{
    return (const struct mm_parquet_page_place *)(const void *)pages->data;
}

/* Rows from..to of a group, `to` not among them. */
struct mm_row_range {
    uint32_t from, to;
};

struct mm_parquet_skip {
    struct mm_buf ranges; /* struct mm_row_range each, ascending: what is to be read */
    struct mm_buf scratch, pages, other, bounds;
};

void mm_parquet_skip_init(struct mm_parquet_skip *skip);
void mm_parquet_skip_deinit(struct mm_parquet_skip *skip);
/*
 * Fill skip->ranges with the rows of a group that may pass all filters, told by the bounds of its
 * chunks and of their pages.
 */
enum mm_status mm_parquet_skip_group(struct mm_parquet_skip *skip, struct mm_parquet_source *source,
                                     const struct mm_parquet_file *file,
                                     const struct mm_parquet_place *places, uint32_t rows,
                                     const struct mm_table_filter *filters, size_t filter_count,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_READ_INDEX_H */

/*
 * parquet_index.h - where each page of a chunk is, and what lies between its bounds.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: PageIndex.md and parquet.thrift of the Apache Parquet format.
 */
#ifndef MM_COLUMNAR_PARQUET_INDEX_H
#define MM_COLUMNAR_PARQUET_INDEX_H

#include "columnar/parquet_chunk.h"

/*
 * Append a ColumnIndex, an OffsetIndex of the data pages in `records`. Returns its bytes; 0 for a
 * ColumnIndex that cannot be, since a page has values and no bounds.
 */
size_t mm_parquet_index_columns(struct mm_buf *out, enum mm_parquet_type type,
                                struct mm_view records);
/* begin: of the chunk, in the file. */
size_t mm_parquet_index_offsets(struct mm_buf *out, uint64_t begin, struct mm_view records);

#endif /* MM_COLUMNAR_PARQUET_INDEX_H */

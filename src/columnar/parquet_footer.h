/*
 * parquet_footer.h - the last structure of a Parquet file: its schema, and where everything is.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Source: parquet.thrift of the Apache Parquet format, FileMetaData.
 */
#ifndef MM_COLUMNAR_PARQUET_FOOTER_H
#define MM_COLUMNAR_PARQUET_FOOTER_H

#include "columnar/parquet_chunk.h"
#include "columnar/table_writer.h"

struct mm_parquet_footer {
    const struct mm_table_schema *schema;
    const struct mm_parquet_leaf *leaves;
    size_t leaf_count;
    const struct mm_parquet_chunk *chunks; /* leaf_count for each group */
    const uint32_t *group_rows;
    size_t group_count;
    uint64_t column_index_offset; /* of the first; they stand one behind the other */
    uint64_t offset_index_offset;
    const struct mm_table_note *notes;
    size_t note_count;
};

/* Append it; the caller looks at out->failed. */
void mm_parquet_footer_write(struct mm_buf *out, const struct mm_parquet_footer *footer);

#endif /* MM_COLUMNAR_PARQUET_FOOTER_H */

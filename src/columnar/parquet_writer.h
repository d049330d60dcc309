/*
 * parquet_writer.h - a table as a Parquet file that every reader reads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Rows wait as columns until a row group is full, by their number or by the bytes that they take;
 * then each column becomes pages. docs/design/columnar.md has the profile.
 */
#ifndef MM_COLUMNAR_PARQUET_WRITER_H
#define MM_COLUMNAR_PARQUET_WRITER_H

#include "columnar/table_writer.h"

enum {
    MM_PARQUET_GROUP_ROWS = 128 * 1024,
    MM_PARQUET_PAGE_BYTES = 1024 * 1024,
    /* A row group of unusually long rows ends here; packing it takes about as much again. */
    MM_PARQUET_GROUP_BYTES = 64 * 1024 * 1024
};

extern const struct mm_table_form mm_parquet_form;

#endif /* MM_COLUMNAR_PARQUET_WRITER_H */

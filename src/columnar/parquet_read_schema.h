/*
 * parquet_read_schema.h - the schema that a Parquet file has, held against a table's.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_READ_SCHEMA_H
#define MM_COLUMNAR_PARQUET_READ_SCHEMA_H

#include "columnar/parquet_read_footer.h"
#include "columnar/parquet_read_thrift.h"

/*
 * Read the list of SchemaElements, whose `count` items come next, and fill file_leaf_count, present
 * and ours. *what says what is wrong, *column where (NULL: nowhere in particular).
 */
bool mm_parquet_read_schema(struct mm_parquet_file *file, struct mm_thrift_reader *r, size_t count,
                            const char **what, const char **column);

#endif /* MM_COLUMNAR_PARQUET_READ_SCHEMA_H */

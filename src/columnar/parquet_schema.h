/*
 * parquet_schema.h - a table's schema in the words of Parquet, for old readers and new ones.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_SCHEMA_H
#define MM_COLUMNAR_PARQUET_SCHEMA_H

#include "columnar/parquet_thrift.h"
#include "mailmill/columnar.h"

/* Append the list of SchemaElements, the root first, as the field `id`. */
void mm_parquet_schema_write(struct mm_thrift *t, int id, const struct mm_table_schema *schema);

#endif /* MM_COLUMNAR_PARQUET_SCHEMA_H */

/*
 * parquet_leaf.h - the columns that hold values: one for each scalar, list element, struct member.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_COLUMNAR_PARQUET_LEAF_H
#define MM_COLUMNAR_PARQUET_LEAF_H

#include "columnar/parquet_format.h"
#include "mailmill/columnar.h"

enum { MM_PARQUET_PATH_MAX = 4 };

/* The groups of a list, by the names that the format asks for (LogicalTypes.md, "Lists"). */
#define MM_PARQUET_LIST_NAME    "list"
#define MM_PARQUET_ELEMENT_NAME "element"

/*
 * Levels say how much of a path is there. Definition: a value is at the maximum; below it are an
 * absent value and, at 0, a list without elements. Repetition: 0 begins a row, 1 goes on in it.
 */
struct mm_parquet_leaf {
    const struct mm_table_field *field;
    const char *path[MM_PARQUET_PATH_MAX];
    size_t path_count;
    unsigned max_definition, max_repetition;
    enum mm_parquet_type type;
};

/* Bytes of a value where all have as many, else 0. BOOLEAN is 1. */
size_t mm_parquet_fixed_bytes(enum mm_parquet_type type);
enum mm_parquet_type mm_parquet_type_of(enum mm_value_type type);

size_t mm_parquet_leaf_count(const struct mm_table_schema *schema);
/* leaves: room for mm_parquet_leaf_count, in the schema's order. */
void mm_parquet_leaves(const struct mm_table_schema *schema, struct mm_parquet_leaf *leaves);
/* How many a column has, and the first of them. */
static inline size_t mm_parquet_column_leaves(const struct mm_column *column)
{
    return column->shape == MM_COLUMN_STRUCT_LIST ? column->member_count : 1;
}
size_t mm_parquet_first_leaf(const struct mm_table_schema *schema, size_t column);

#endif /* MM_COLUMNAR_PARQUET_LEAF_H */

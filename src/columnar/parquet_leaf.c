/*
 * parquet_leaf.c - the columns that hold values: one for each scalar, list element, struct member.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_leaf.h"

#include <stdbool.h>

size_t mm_parquet_fixed_bytes(enum mm_parquet_type type)
{
    switch (type) {
    case MM_PARQUET_BOOLEAN:
        return 1;
    case MM_PARQUET_INT32:
        return 4;
    case MM_PARQUET_INT64:
        return 8;
    case MM_PARQUET_FIXED_LEN_BYTE_ARRAY:
        return MM_ADDRESS_BYTES;
    default:
        return 0;
    }
}

enum mm_parquet_type mm_parquet_type_of(enum mm_value_type type)
{
    switch (type) {
    case MM_VALUE_BOOL:
        return MM_PARQUET_BOOLEAN;
    case MM_VALUE_INT64:
    case MM_VALUE_TIMESTAMP:
        return MM_PARQUET_INT64;
    case MM_VALUE_STRING:
        return MM_PARQUET_BYTE_ARRAY;
    case MM_VALUE_ADDRESS:
        return MM_PARQUET_FIXED_LEN_BYTE_ARRAY;
    default:
        return MM_PARQUET_INT32;
    }
}

size_t mm_parquet_first_leaf(const struct mm_table_schema *schema, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < column; i++)
        count += mm_parquet_column_leaves(&schema->columns[i]);
    return count;
}

size_t mm_parquet_leaf_count(const struct mm_table_schema *schema)
{
    return mm_parquet_first_leaf(schema, schema->column_count);
}

static struct mm_parquet_leaf leaf_of(const struct mm_column *column,
                                      const struct mm_table_field *field)
{
    bool list = column->shape != MM_COLUMN_SCALAR;
    struct mm_parquet_leaf leaf = {
        .field = field,
        .path = {column->field.name, MM_PARQUET_LIST_NAME, MM_PARQUET_ELEMENT_NAME, field->name},
        .path_count = column->shape == MM_COLUMN_SCALAR ? 1
                      : column->shape == MM_COLUMN_LIST ? 3
                                                        : 4,
        .max_definition = (list ? 1 : 0) + (field->flags & MM_FIELD_NULLABLE ? 1 : 0),
        .max_repetition = list ? 1 : 0,
        .type = mm_parquet_type_of(field->type),
    };
    return leaf;
}

void mm_parquet_leaves(const struct mm_table_schema *schema, struct mm_parquet_leaf *leaves)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct mm_column *column = &schema->columns[i];
        for (size_t k = 0; k < mm_parquet_column_leaves(column); k++)
            *leaves++ = leaf_of(column, column->shape == MM_COLUMN_STRUCT_LIST ? &column->members[k]
                                                                               : &column->field);
    }
}

/*
 * parquet_schema.c - a table's schema in the words of Parquet, for old readers and new ones.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_schema.h"

#include "columnar/parquet_leaf.h"

/* Fields of SchemaElement. */
enum {
    TYPE = 1,
    TYPE_LENGTH = 2,
    REPETITION = 3,
    NAME = 4,
    CHILDREN = 5,
    CONVERTED = 6,
    LOGICAL = 10
};

static enum mm_parquet_converted converted_of(enum mm_value_type type)
{
    switch (type) {
    case MM_VALUE_INT8:
        return MM_PARQUET_CONVERTED_INT_8;
    case MM_VALUE_INT16:
        return MM_PARQUET_CONVERTED_INT_16;
    case MM_VALUE_TIMESTAMP:
        return MM_PARQUET_CONVERTED_TIMESTAMP_MICROS;
    case MM_VALUE_DATE:
        return MM_PARQUET_CONVERTED_DATE;
    case MM_VALUE_STRING:
        return MM_PARQUET_CONVERTED_UTF8;
    default:
        return MM_PARQUET_CONVERTED_NONE;
    }
}

static void write_integer(struct mm_thrift *t, int8_t bits)
{
    mm_thrift_struct(t, LOGICAL);
    mm_thrift_struct(t, MM_PARQUET_LOGICAL_INTEGER);
    mm_thrift_byte(t, 1, bits);
    mm_thrift_bool(t, 2, true); /* signed */
    mm_thrift_end(t);
    mm_thrift_end(t);
}

static void write_timestamp(struct mm_thrift *t)
{
    enum { MICROS = 2 };
    mm_thrift_struct(t, LOGICAL);
    mm_thrift_struct(t, MM_PARQUET_LOGICAL_TIMESTAMP);
    mm_thrift_bool(t, 1, true); /* UTC */
    mm_thrift_empty_member(t, 2, MICROS);
    mm_thrift_end(t);
    mm_thrift_end(t);
}

static void write_logical(struct mm_thrift *t, enum mm_value_type type)
{
    switch (type) {
    case MM_VALUE_INT8:
        write_integer(t, 8);
        break;
    case MM_VALUE_INT16:
        write_integer(t, 16);
        break;
    case MM_VALUE_TIMESTAMP:
        write_timestamp(t);
        break;
    case MM_VALUE_DATE:
        mm_thrift_empty_member(t, LOGICAL, MM_PARQUET_LOGICAL_DATE);
        break;
    case MM_VALUE_STRING:
        mm_thrift_empty_member(t, LOGICAL, MM_PARQUET_LOGICAL_STRING);
        break;
    default:
        break; /* BOOLEAN, INT32, INT64 and 16 bytes mean what they are */
    }
}

static void write_value(struct mm_thrift *t, const struct mm_table_field *field, const char *name)
{
    enum mm_parquet_type type = mm_parquet_type_of(field->type);
    mm_thrift_item_struct(t);
    mm_thrift_i32(t, TYPE, type);
    if (type == MM_PARQUET_FIXED_LEN_BYTE_ARRAY)
        mm_thrift_i32(t, TYPE_LENGTH, MM_ADDRESS_BYTES);
    mm_thrift_i32(t, REPETITION,
                  field->flags & MM_FIELD_NULLABLE ? MM_PARQUET_OPTIONAL : MM_PARQUET_REQUIRED);
    mm_thrift_binary(t, NAME, mm_view_of(name));
    if (converted_of(field->type) != MM_PARQUET_CONVERTED_NONE)
        mm_thrift_i32(t, CONVERTED, converted_of(field->type));
    write_logical(t, field->type);
    mm_thrift_end(t);
}

static void write_group(struct mm_thrift *t, const char *name,
                        enum mm_parquet_repetition repetition, size_t children, bool list)
{
    mm_thrift_item_struct(t);
    mm_thrift_i32(t, REPETITION, repetition);
    mm_thrift_binary(t, NAME, mm_view_of(name));
    mm_thrift_i32(t, CHILDREN, (int32_t)children);
    if (list) {
        mm_thrift_i32(t, CONVERTED, MM_PARQUET_CONVERTED_LIST);
        mm_thrift_empty_member(t, LOGICAL, MM_PARQUET_LOGICAL_LIST);
    }
    mm_thrift_end(t);
}

/* Three levels, as LogicalTypes.md asks for: the list, what is repeated, the element. */
static void write_list(struct mm_thrift *t, const struct mm_column *column)
{
    write_group(t, column->field.name, MM_PARQUET_REQUIRED, 1, true);
    write_group(t, MM_PARQUET_LIST_NAME, MM_PARQUET_REPEATED, 1, false);
    if (column->shape == MM_COLUMN_LIST) {
        write_value(t, &column->field, MM_PARQUET_ELEMENT_NAME);
        return;
    }
    write_group(t, MM_PARQUET_ELEMENT_NAME, MM_PARQUET_REQUIRED, column->member_count, false);
    for (size_t i = 0; i < column->member_count; i++)
        write_value(t, &column->members[i], column->members[i].name);
}

static size_t element_count(const struct mm_table_schema *schema)
{
    size_t count = 1; /* the root */
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct mm_column *column = &schema->columns[i];
        count += column->shape == MM_COLUMN_SCALAR ? 1
                 : column->shape == MM_COLUMN_LIST ? 3
                                                   : 3 + column->member_count;
    }
    return count;
}

void mm_parquet_schema_write(struct mm_thrift *t, int id, const struct mm_table_schema *schema)
{
    mm_thrift_list(t, id, MM_THRIFT_STRUCT, element_count(schema));
    mm_thrift_item_struct(t);
    mm_thrift_binary(t, NAME, mm_view_of(schema->name));
    mm_thrift_i32(t, CHILDREN, (int32_t)schema->column_count);
    mm_thrift_end(t);
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct mm_column *column = &schema->columns[i];
        if (column->shape == MM_COLUMN_SCALAR)
            write_value(t, &column->field, column->field.name);
        else
            write_list(t, column);
    }
}

/*
 * columnar.h - tables that DuckDB, Spark and ClickHouse read as they are.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A table is flat columns and one level of lists: a list of one primitive, or of one flat struct of
 * primitives. Its schema is a constant of the program that writes it; rows are built value by value
 * in the schema's order, and no value is ever more than the schema says.
 */
#ifndef MAILMILL_COLUMNAR_H
#define MAILMILL_COLUMNAR_H

#include <stdbool.h>

#include "mailmill/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum mm_value_type {
    MM_VALUE_BOOL,
    MM_VALUE_INT8,
    MM_VALUE_INT16,
    MM_VALUE_INT32,
    MM_VALUE_INT64,
    MM_VALUE_TIMESTAMP, /* microseconds since 1970, UTC */
    MM_VALUE_DATE,      /* days since 1970-01-01, UTC */
    MM_VALUE_STRING,    /* UTF-8 */
    MM_VALUE_ADDRESS    /* an IP address in 16 bytes, network order; IPv4 as ::ffff:a.b.c.d */
};

enum { MM_ADDRESS_BYTES = 16 };

enum mm_field_flag {
    MM_FIELD_NULLABLE = 1, /* a value may be absent */
    MM_FIELD_BLOOM = 2,    /* a filter tells where an exact value cannot be */
    MM_FIELD_DELTA = 4,    /* integers: neighbours are near, so differences are kept */
    MM_FIELD_DISTINCT = 8  /* strings: hardly one occurs twice, so no dictionary is tried */
};

struct mm_table_field {
    const char *name;
    enum mm_value_type type;
    unsigned flags; /* of enum mm_field_flag */
};

enum mm_column_shape {
    MM_COLUMN_SCALAR,
    MM_COLUMN_LIST,       /* of the field's own type; the field's flags are the elements' */
    MM_COLUMN_STRUCT_LIST /* of one struct of `members`; the field's type is not looked at */
};

/* A list is never absent, only empty. */
struct mm_column {
    struct mm_table_field field;
    enum mm_column_shape shape;
    const struct mm_table_field *members;
    size_t member_count;
};

/* At most MM_TABLE_COLUMNS_MAX columns, each with at most MM_STRUCT_MEMBERS_MAX members. */
enum { MM_TABLE_COLUMNS_MAX = 64, MM_STRUCT_MEMBERS_MAX = 16 };

struct mm_table_schema {
    const char *name; /* of the table, a folder of the dataset */
    const struct mm_column *columns;
    size_t column_count;
    const uint8_t *sort_columns; /* scalar columns that order the rows, first to last */
    size_t sort_count;
};

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_COLUMNAR_H */

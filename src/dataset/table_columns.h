/*
 * table_columns.h - how tables of a dataset are written down: a word for each kind of column.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only for the files that define tables.
 */
#ifndef MM_DATASET_TABLE_COLUMNS_H
#define MM_DATASET_TABLE_COLUMNS_H

#include "base/view.h"
#include "mailmill/columnar.h"

/* clang-format off */
/* A value that may be absent is the rule: reporters leave out what they like. */
#define TEXT(name)                                                                                 \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, MM_FIELD_NULLABLE }                                      \
    }
#define TEXT_MUST(name)                                                                            \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, 0 }                                                      \
    }
#define LOOKED_UP(name)                                                                            \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM }                     \
    }
#define LOOKED_UP_MUST(name)                                                                       \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, MM_FIELD_BLOOM }                                         \
    }
#define UNIQUE_MUST(name)                                                                          \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, MM_FIELD_DISTINCT }                                      \
    }
#define UNIQUE(name, more)                                                                         \
    {                                                                                              \
        .field = { name, MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_DISTINCT | (more) }         \
    }
#define NUMBER(name, type)                                                                         \
    {                                                                                              \
        .field = { name, MM_VALUE_##type, MM_FIELD_NULLABLE }                                      \
    }
#define NUMBER_MUST(name, type)                                                                    \
    {                                                                                              \
        .field = { name, MM_VALUE_##type, 0 }                                                      \
    }
#define COUNT(name)                                                                                \
    {                                                                                              \
        .field = { name, MM_VALUE_INT64, MM_FIELD_DELTA }                                          \
    }
#define COUNT_OR_NONE(name)                                                                        \
    {                                                                                              \
        .field = { name, MM_VALUE_INT64, MM_FIELD_NULLABLE | MM_FIELD_DELTA }                      \
    }
#define TIME(name)                                                                                 \
    {                                                                                              \
        .field = { name, MM_VALUE_TIMESTAMP, MM_FIELD_NULLABLE | MM_FIELD_DELTA }                  \
    }
#define TIME_MUST(name)                                                                            \
    {                                                                                              \
        .field = { name, MM_VALUE_TIMESTAMP, MM_FIELD_DELTA }                                      \
    }
#define DAY(name)                                                                                  \
    {                                                                                              \
        .field = { name, MM_VALUE_DATE, MM_FIELD_DELTA }                                           \
    }
#define BIT(name)                                                                                  \
    {                                                                                              \
        .field = { name, MM_VALUE_BOOL, 0 }                                                        \
    }
#define ADDRESS(name)                                                                              \
    {                                                                                              \
        .field = { name, MM_VALUE_ADDRESS, MM_FIELD_NULLABLE | MM_FIELD_BLOOM }                    \
    }
#define TEXTS(name)                                                                                \
    {                                                                                              \
        .field = {name, MM_VALUE_STRING, 0}, .shape = MM_COLUMN_LIST                               \
    }
#define STRUCTS(name, array)                                                                       \
    {                                                                                              \
        .field = {name, MM_VALUE_STRING, 0}, .shape = MM_COLUMN_STRUCT_LIST, .members = array,     \
        .member_count = MM_COUNT(array)                                                            \
    }
#define MEMBER(name)                                                                               \
    {                                                                                              \
        name, MM_VALUE_STRING, MM_FIELD_NULLABLE                                                   \
    }
#define MEMBER_LOOKED_UP(name)                                                                     \
    {                                                                                              \
        name, MM_VALUE_STRING, MM_FIELD_NULLABLE | MM_FIELD_BLOOM                                  \
    }

/* A table of the columns `name`, in the order of `name`_order. */
#define COLUMNS(name, count) {#name, name, count, name##_order, MM_COUNT(name##_order)}
#define TABLE(name)          COLUMNS(name, MM_COUNT(name))
/* clang-format on */

#endif /* MM_DATASET_TABLE_COLUMNS_H */

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

/* ---- Reading a table back ---- */

/*
 * Values of a column that lie between two bounds, both included; an absent value does not. Whole
 * pages and row groups in which there is none are left out; rows beside them are not, so that the
 * caller looks at each row all the same.
 */
struct mm_table_filter {
    size_t column;                      /* a scalar one */
    int64_t low, high;                  /* BOOL, numbers, times */
    struct mm_view low_text, high_text; /* STRING, ADDRESS; no data: no bound; borrowed */
};

/* Zero is the default. What is pointed to is copied, but for texts of filters. */
struct mm_table_read_options {
    const size_t *columns; /* of the schema, to be read; NULL: all */
    size_t column_count;
    const struct mm_table_filter *filters; /* a row passes all of them */
    size_t filter_count;
    size_t memory_bytes; /* most that reading may hold: 512 MiB */
    bool codes;          /* texts that have a dictionary come as codes, see mm_table_vector */
};

/*
 * Values of some rows. Of a list's elements those of row i are offsets[i]..offsets[i + 1]; else
 * each row has one. Offsets count from the begin of a page, and each member of a list of structs
 * has pages of its own: element k of row i is offsets[i] + k of each one's own offsets.
 */
struct mm_table_vector {
    const uint32_t *offsets;     /* lists */
    const uint8_t *null;         /* 1 where a value is absent; NULL: none is */
    const int64_t *numbers;      /* BOOL (0 and 1), numbers, times */
    const struct mm_view *texts; /* STRING, valid UTF-8; ADDRESS, 16 bytes */
    /*
     * Where codes are asked for and these rows' texts have a dictionary, `texts` is NULL and a
     * value is dictionary[codes[i]]; the code of an absent value is 0 and says nothing. As long as
     * `dictionary_serial` is the same, so is the dictionary.
     */
    const uint32_t *codes;
    const struct mm_view *dictionary;
    size_t dictionary_count;
    uint64_t dictionary_serial; /* from 1 */
};

struct mm_table_reader;

/*
 * Open a Parquet file that mailmill wrote. What it has and the schema has not is passed over.
 *
 * schema   outlives the reader.
 * Returns  MM_OK; MM_E_SYNTAX for a file that is damaged, or that another program wrote in a way
 *          that ours does not; MM_E_LIMIT, MM_E_NOMEM, MM_E_IO. The text names the file.
 */
MM_API enum mm_status mm_table_reader_open(const char *path, const struct mm_table_schema *schema,
                                           const struct mm_table_read_options *options,
                                           struct mm_table_reader **reader,
                                           struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_table_reader_free(struct mm_table_reader **reader);
/* Rows of the file, whatever the filters. */
MM_API uint64_t mm_table_reader_rows(const struct mm_table_reader *reader);
/* Whether the file has a column of the schema: an older one may lack it. */
MM_API bool mm_table_reader_has(const struct mm_table_reader *reader, size_t column);
/* A note of the writer's (key and value) by its key, borrowed; false where there is none. */
MM_API bool mm_table_reader_note(const struct mm_table_reader *reader, struct mm_view key,
                                 struct mm_view *value);
/*
 * Some rows more, in the file's order. Every page that is read is checked against its CRC.
 *
 * rows     [out] how many, above 0.
 * Returns  MM_OK; MM_END past the last; errors as above.
 */
MM_API enum mm_status mm_table_reader_next(struct mm_table_reader *reader, size_t *rows,
                                           struct mm_error *err) MM_MUST_CHECK;
/*
 * The values of a column for these rows, until the next call; `member` of a list of structs, else
 * 0. NULL where the column is not read or not there.
 */
MM_API const struct mm_table_vector *mm_table_reader_vector(const struct mm_table_reader *reader,
                                                            size_t column, size_t member);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_COLUMNAR_H */

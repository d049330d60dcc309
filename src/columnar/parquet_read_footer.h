/*
 * parquet_read_footer.h - what a Parquet file says of itself, held against a table's schema.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Columns are found by name; one that is there has the type that the schema says, or the file is
 * refused. Row groups stay as they are in the file and are read one by one. Source: parquet.thrift
 * of the Apache Parquet format, FileMetaData.
 */
#ifndef MM_COLUMNAR_PARQUET_READ_FOOTER_H
#define MM_COLUMNAR_PARQUET_READ_FOOTER_H

#include "columnar/parquet_leaf.h"
#include "columnar/parquet_read_source.h"

enum {
    /* A group of 128 Ki rows with 40 columns takes 10 KB: three billion rows. */
    MM_PARQUET_FOOTER_BYTES_MAX = 256 * 1024 * 1024, /* told in words where it is refused */
    MM_PARQUET_FOREIGN_LEAVES_MAX = 4096             /* of all columns of a file, ours among them */
};

struct mm_parquet_file {
    const struct mm_table_schema *schema;
    const struct mm_parquet_leaf *leaves; /* of the schema */
    size_t leaf_count;
    struct mm_buf footer;
    uint64_t footer_offset;
    uint64_t rows;
    struct mm_buf groups; /* uint32_t each: where it begins in the footer */
    size_t group_count;
    struct mm_view notes; /* the list's items; note_count of them */
    size_t note_count;
    size_t file_leaf_count;
    bool present[MM_TABLE_COLUMNS_MAX];           /* the schema's columns that the file has */
    uint16_t ours[MM_PARQUET_FOREIGN_LEAVES_MAX]; /* the schema's leaf that each of the file is,
                                                     from 1; 0: one that we do not know */
};

/* schema and leaves outlive the file. MM_E_SYNTAX, MM_E_LIMIT, MM_E_NOMEM, MM_E_IO. */
enum mm_status mm_parquet_file_read(struct mm_parquet_file *file, struct mm_parquet_source *source,
                                    const struct mm_table_schema *schema,
                                    const struct mm_parquet_leaf *leaves, size_t leaf_count,
                                    struct mm_error *err) MM_MUST_CHECK;
void mm_parquet_file_deinit(struct mm_parquet_file *file);
/* The value of a note, borrowed; false where there is none. */
bool mm_parquet_file_note(const struct mm_parquet_file *file, struct mm_view key,
                          struct mm_view *value);

/* Where a chunk's parts are. All lie before the footer. */
struct mm_parquet_place {
    bool present;
    uint64_t dictionary_offset, data_offset, end; /* dictionary_offset: 0 without one */
    size_t level_count;
    uint64_t offset_index, column_index; /* offsets; 0: no column index */
    size_t offset_index_bytes, column_index_bytes;
    bool has_null_count;
    uint64_t null_count;
    struct mm_view low, high; /* PLAIN; no data: not known */
};

/* places: leaf_count, in the schema's order. MM_E_SYNTAX. */
enum mm_status mm_parquet_file_group(const struct mm_parquet_file *file,
                                     const struct mm_parquet_source *source, size_t group,
                                     struct mm_parquet_place *places, uint32_t *rows,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_READ_FOOTER_H */

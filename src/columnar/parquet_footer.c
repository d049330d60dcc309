/*
 * parquet_footer.c - the last structure of a Parquet file: its schema, and where everything is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_footer.h"

#include <stdio.h>

#include "columnar/parquet_schema.h"

enum { FORMAT_VERSION = 2 }; /* delta encodings and dictionary indices by their newer number */

static void write_encodings(struct mm_thrift *t, const struct mm_parquet_chunk *chunk)
{
    bool dictionary = chunk->encoding == MM_PARQUET_RLE_DICTIONARY;
    mm_thrift_list(t, 2, MM_THRIFT_I32, dictionary ? 3 : 2);
    if (dictionary)
        mm_thrift_item_int(t, MM_PARQUET_PLAIN);
    mm_thrift_item_int(t, MM_PARQUET_RLE); /* levels */
    mm_thrift_item_int(t, chunk->encoding);
}

static void write_path(struct mm_thrift *t, const struct mm_parquet_leaf *leaf)
{
    mm_thrift_list(t, 3, MM_THRIFT_BINARY, leaf->path_count);
    for (size_t i = 0; i < leaf->path_count; i++)
        mm_thrift_item_binary(t, mm_view_of(leaf->path[i]));
}

static void write_page_count(struct mm_thrift *t, enum mm_parquet_page_type type,
                             enum mm_parquet_encoding encoding, size_t count)
{
    mm_thrift_item_struct(t);
    mm_thrift_i32(t, 1, type);
    mm_thrift_i32(t, 2, encoding);
    mm_thrift_i32(t, 3, (int32_t)count);
    mm_thrift_end(t);
}

/* Readers that filter by the dictionary want to know that no page does without it. */
static void write_page_counts(struct mm_thrift *t, const struct mm_parquet_chunk *chunk)
{
    bool dictionary = chunk->encoding == MM_PARQUET_RLE_DICTIONARY;
    mm_thrift_list(t, 13, MM_THRIFT_STRUCT, dictionary ? 2 : 1);
    if (dictionary)
        write_page_count(t, MM_PARQUET_DICTIONARY_PAGE, MM_PARQUET_PLAIN, 1);
    write_page_count(t, MM_PARQUET_DATA_PAGE, chunk->encoding, chunk->page_count);
}

static void write_chunk_metadata(struct mm_thrift *t, const struct mm_parquet_leaf *leaf,
                                 const struct mm_parquet_chunk *chunk)
{
    mm_thrift_i32(t, 1, leaf->type);
    write_encodings(t, chunk);
    write_path(t, leaf);
    mm_thrift_i32(t, 4, MM_PARQUET_ZSTD);
    mm_thrift_i64(t, 5, (int64_t)chunk->level_count);
    mm_thrift_i64(t, 6, (int64_t)chunk->unpacked_bytes);
    mm_thrift_i64(t, 7, (int64_t)chunk->stored_bytes);
    mm_thrift_i64(t, 9, (int64_t)chunk->data_offset);
    if (chunk->has_dictionary)
        mm_thrift_i64(t, 11, (int64_t)chunk->dictionary_offset);
    mm_bounds_write_statistics(t, 12, &chunk->bounds, (int64_t)chunk->null_count);
    write_page_counts(t, chunk);
    if (chunk->bloom_bytes) {
        mm_thrift_i64(t, 14, (int64_t)chunk->bloom_offset);
        mm_thrift_i32(t, 15, (int32_t)chunk->bloom_bytes);
    }
}

/* Where the indexes of the next chunk stand. */
struct index_places {
    uint64_t column, offset;
};

static void write_chunk(struct mm_thrift *t, const struct mm_parquet_leaf *leaf,
                        const struct mm_parquet_chunk *chunk, struct index_places *at)
{
    mm_thrift_item_struct(t);
    mm_thrift_i64(t, 2, 0); /* file_offset: no metadata beside the chunk */
    mm_thrift_struct(t, 3);
    write_chunk_metadata(t, leaf, chunk);
    mm_thrift_end(t);
    mm_thrift_i64(t, 4, (int64_t)at->offset);
    mm_thrift_i32(t, 5, (int32_t)chunk->offset_index_bytes);
    if (chunk->column_index_bytes) {
        mm_thrift_i64(t, 6, (int64_t)at->column);
        mm_thrift_i32(t, 7, (int32_t)chunk->column_index_bytes);
    }
    mm_thrift_end(t);
    at->offset += chunk->offset_index_bytes;
    at->column += chunk->column_index_bytes;
}

/* Ascending, absent values first: mm_row_compare. */
static void write_sorting(struct mm_thrift *t, int id, const struct mm_table_schema *schema)
{
    if (schema->sort_count == 0)
        return;
    mm_thrift_list(t, id, MM_THRIFT_STRUCT, schema->sort_count);
    for (size_t i = 0; i < schema->sort_count; i++) {
        mm_thrift_item_struct(t);
        mm_thrift_i32(t, 1, (int32_t)mm_parquet_first_leaf(schema, schema->sort_columns[i]));
        mm_thrift_bool(t, 2, false); /* descending */
        mm_thrift_bool(t, 3, true);  /* nulls first */
        mm_thrift_end(t);
    }
}

static void write_group(struct mm_thrift *t, const struct mm_parquet_footer *f, size_t group,
                        struct index_places *at)
{
    const struct mm_parquet_chunk *chunks = f->chunks + group * f->leaf_count;
    uint64_t stored = 0, unpacked = 0;
    mm_thrift_item_struct(t);
    mm_thrift_list(t, 1, MM_THRIFT_STRUCT, f->leaf_count);
    for (size_t i = 0; i < f->leaf_count; i++) {
        write_chunk(t, &f->leaves[i], &chunks[i], at);
        stored += chunks[i].stored_bytes;
        unpacked += chunks[i].unpacked_bytes;
    }
    mm_thrift_i64(t, 2, (int64_t)unpacked);
    mm_thrift_i64(t, 3, f->group_rows[group]);
    write_sorting(t, 4, f->schema);
    mm_thrift_i64(
        t, 5,
        (int64_t)(chunks[0].has_dictionary ? chunks[0].dictionary_offset : chunks[0].data_offset));
    mm_thrift_i64(t, 6, (int64_t)stored);
    if (group <= INT16_MAX)
        mm_thrift_i16(t, 7, (int16_t)group);
    mm_thrift_end(t);
}

static void write_notes(struct mm_thrift *t, int id, const struct mm_parquet_footer *f)
{
    if (f->note_count == 0)
        return;
    mm_thrift_list(t, id, MM_THRIFT_STRUCT, f->note_count);
    for (size_t i = 0; i < f->note_count; i++) {
        mm_thrift_item_struct(t);
        mm_thrift_binary(t, 1, mm_view_of(f->notes[i].key));
        mm_thrift_binary(t, 2, mm_view_of(f->notes[i].value));
        mm_thrift_end(t);
    }
}

/* Readers look here for the program and its version, since some wrote wrong statistics. */
static void write_creator(struct mm_thrift *t, int id)
{
    char creator[64];
    int len =
        snprintf(creator, sizeof creator, "mailmill version %s (build mailmill)", mm_version());
    mm_thrift_binary(t, id, (struct mm_view){creator, (size_t)len});
}

/* TypeDefinedOrder for each: without it readers distrust the bounds of texts. */
static void write_orders(struct mm_thrift *t, int id, size_t leaf_count)
{
    mm_thrift_list(t, id, MM_THRIFT_STRUCT, leaf_count);
    for (size_t i = 0; i < leaf_count; i++) {
        mm_thrift_item_struct(t);
        mm_thrift_struct(t, 1);
        mm_thrift_end(t);
        mm_thrift_end(t);
    }
}

void mm_parquet_footer_write(struct mm_buf *out, const struct mm_parquet_footer *footer)
{
    struct index_places at = {footer->column_index_offset, footer->offset_index_offset};
    struct mm_thrift t;
    uint64_t rows = 0;
    for (size_t i = 0; i < footer->group_count; i++)
        rows += footer->group_rows[i];
    mm_thrift_begin(&t, out);
    mm_thrift_i32(&t, 1, FORMAT_VERSION);
    mm_parquet_schema_write(&t, 2, footer->schema);
    mm_thrift_i64(&t, 3, (int64_t)rows);
    mm_thrift_list(&t, 4, MM_THRIFT_STRUCT, footer->group_count);
    for (size_t i = 0; i < footer->group_count; i++)
        write_group(&t, footer, i, &at);
    write_notes(&t, 5, footer);
    write_creator(&t, 6);
    write_orders(&t, 7, footer->leaf_count);
    mm_thrift_end(&t);
}

/*
 * parquet_reader.c - a table's file read back, some rows at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is given out at once are rows that lie in one page of every column, so that no value is
 * copied: vectors are the pages' own arrays.
 */
#include "columnar/parquet_reader.h"

#include <assert.h>
#include <stdlib.h>

#include "columnar/parquet_read_page.h"

struct mm_table_reader {
    const struct mm_table_schema *schema;
    struct mm_parquet_source source;
    struct mm_parquet_file file;
    struct mm_parquet_leaf *leaves;
    struct mm_parquet_place *places;     /* of the group at hand; one a leaf, as all below */
    struct mm_parquet_leaf_reader *read; /* those that are not wanted have no leaf */
    struct mm_table_vector *vectors;
    size_t leaf_count;
    struct mm_table_filter *filters;
    size_t filter_count;
    struct mm_parquet_skip skip;
    size_t group;        /* the next one */
    size_t group_end;    /* those from here on are not read */
    size_t placed;       /* from 1, the group whose places are at hand; 0: none */
    uint32_t group_rows; /* of the one at hand */
    uint64_t rows;       /* of groups so far */
    size_t range;        /* of skip.ranges, at hand */
    uint32_t row;        /* of the group, the next one */
    bool in_group;
    bool reads_all; /* no group was chosen */
};

/* ---- opening ---- */

static bool is_wanted(const struct mm_table_reader *reader,
                      const struct mm_table_read_options *options, size_t column)
{
    bool wanted = !options->columns;
    for (size_t i = 0; options->columns && i < options->column_count; i++)
        wanted = wanted || options->columns[i] == column;
    return wanted && reader->file.present[column];
}

static void want_columns(struct mm_table_reader *reader,
                         const struct mm_table_read_options *options)
{
    size_t leaf = 0;
    for (size_t i = 0; i < reader->schema->column_count; i++)
        for (size_t n = mm_parquet_column_leaves(&reader->schema->columns[i]); n; n--, leaf++)
            if (is_wanted(reader, options, i))
                mm_parquet_leaf_reader_init(&reader->read[leaf], &reader->leaves[leaf],
                                            options->codes);
}

static bool allocate(struct mm_table_reader *reader, const struct mm_table_read_options *options)
{
    size_t count = mm_parquet_leaf_count(reader->schema);
    size_t filter_bytes = options->filter_count * sizeof *reader->filters;
    reader->leaf_count = count;
    reader->leaves = calloc(count, sizeof *reader->leaves);
    reader->places = calloc(count, sizeof *reader->places);
    reader->read = calloc(count, sizeof *reader->read);
    reader->vectors = calloc(count, sizeof *reader->vectors);
    reader->filters = malloc(filter_bytes ? filter_bytes : 1);
    if (!reader->leaves || !reader->places || !reader->read || !reader->vectors || !reader->filters)
        return false;
    if (filter_bytes)
        memcpy(reader->filters, options->filters, filter_bytes);
    reader->filter_count = options->filter_count;
    mm_parquet_leaves(reader->schema, reader->leaves);
    return true;
}

static enum mm_status open_file(struct mm_table_reader *reader, const char *path,
                                const struct mm_table_read_options *options, struct mm_error *err)
{
    size_t memory = options->memory_bytes ? options->memory_bytes : MM_TABLE_READ_BYTES;
    if (!allocate(reader, options))
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", path);
    for (size_t i = 0; i < options->filter_count; i++)
        assert(options->filters[i].column < reader->schema->column_count &&
               reader->schema->columns[options->filters[i].column].shape == MM_COLUMN_SCALAR);
    MM_TRY(mm_parquet_source_open(&reader->source, path, memory, err));
    MM_TRY(mm_parquet_file_read(&reader->file, &reader->source, reader->schema, reader->leaves,
                                reader->leaf_count, err));
    reader->group_end = reader->file.group_count;
    reader->reads_all = true;
    want_columns(reader, options);
    return MM_OK;
}

enum mm_status mm_table_reader_open(const char *path, const struct mm_table_schema *schema,
                                    const struct mm_table_read_options *options,
                                    struct mm_table_reader **out, struct mm_error *err)
{
    static const struct mm_table_read_options all = {0};
    struct mm_table_reader *reader = calloc(1, sizeof *reader);
    *out = NULL;
    if (!reader)
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", path);
    reader->schema = schema;
    reader->source.fd = -1;
    mm_parquet_skip_init(&reader->skip);
    enum mm_status status = open_file(reader, path, options ? options : &all, err);
    if (status < 0)
        mm_table_reader_free(&reader);
    *out = reader;
    return status;
}

void mm_table_reader_free(struct mm_table_reader **at)
{
    struct mm_table_reader *reader = *at;
    if (!reader)
        return;
    for (size_t i = 0; reader->read && i < reader->leaf_count; i++)
        mm_parquet_leaf_reader_end(&reader->read[i], &reader->source);
    mm_parquet_skip_deinit(&reader->skip);
    mm_parquet_file_deinit(&reader->file);
    mm_parquet_source_deinit(&reader->source);
    free(reader->leaves);
    free(reader->places);
    free(reader->read);
    free(reader->vectors);
    free(reader->filters);
    free(reader);
    *at = NULL;
}

uint64_t mm_table_reader_rows(const struct mm_table_reader *reader)
{
    return reader->file.rows;
}

size_t mm_table_reader_groups(const struct mm_table_reader *reader)
{
    return reader->file.group_count;
}

struct mm_table_file mm_table_reader_file(const struct mm_table_reader *reader)
{
    return (struct mm_table_file){reader->source.device, reader->source.inode};
}

void mm_table_reader_choose(struct mm_table_reader *reader, size_t group)
{
    assert(group < reader->file.group_count);
    reader->group = group;
    reader->group_end = group + 1;
    reader->in_group = reader->reads_all = false;
}

void mm_table_reader_check(struct mm_table_reader *reader, size_t group, size_t column)
{
    size_t first = mm_parquet_first_leaf(reader->schema, column);
    size_t count = mm_parquet_column_leaves(&reader->schema->columns[column]);
    mm_table_reader_choose(reader, group);
    for (size_t i = 0; i < reader->leaf_count; i++)
        if (reader->read[i].leaf)
            mm_parquet_leaf_reader_end(&reader->read[i], &reader->source);
    for (size_t i = first; i < first + count; i++) {
        mm_parquet_leaf_reader_init(&reader->read[i], &reader->leaves[i], true);
        reader->read[i].checks_only = true;
    }
}

bool mm_table_reader_has(const struct mm_table_reader *reader, size_t column)
{
    return reader->file.present[column];
}

bool mm_table_reader_note(const struct mm_table_reader *reader, struct mm_view key,
                          struct mm_view *value)
{
    return mm_parquet_file_note(&reader->file, key, value);
}

/* ---- groups ---- */

static const struct mm_row_range *range_at(const struct mm_table_reader *reader)
{
    return (const struct mm_row_range *)(const void *)reader->skip.ranges.data + reader->range;
}

static bool has_range(const struct mm_table_reader *reader)
{
    return reader->range < reader->skip.ranges.len / sizeof(struct mm_row_range);
}

/* The next group that has rows to be read. MM_END past the last. */
static enum mm_status begin_group(struct mm_table_reader *reader, struct mm_error *err)
{
    if (reader->group == reader->group_end)
        return !reader->reads_all || reader->rows == reader->file.rows
                   ? MM_END
                   : mm_parquet_source_fault(&reader->source, reader->file.footer_offset, NULL,
                                             "another number of rows than it says", err);
    if (reader->placed != reader->group + 1) {
        reader->placed = 0;
        MM_TRY(mm_parquet_file_group(&reader->file, &reader->source, reader->group, reader->places,
                                     &reader->group_rows, err));
        reader->placed = reader->group + 1;
    }
    MM_TRY(mm_parquet_skip_group(&reader->skip, &reader->source, &reader->file, reader->places,
                                 reader->group_rows, reader->filters, reader->filter_count, err));
    reader->group++;
    reader->rows += reader->group_rows;
    reader->range = 0;
    reader->row = 0;
    reader->in_group = has_range(reader);
    for (size_t i = 0; reader->in_group && i < reader->leaf_count; i++)
        if (reader->read[i].leaf)
            MM_TRY(mm_parquet_leaf_begin(&reader->read[i], &reader->source, &reader->places[i],
                                         reader->group_rows, err));
    return MM_OK;
}

/* ---- rows ---- */

/* Rows from reader->row on that lie in the range and in one page of each column. */
static enum mm_status find_rows(struct mm_table_reader *reader, uint32_t *count,
                                struct mm_error *err)
{
    uint32_t end = range_at(reader)->to;
    for (size_t i = 0; i < reader->leaf_count; i++) {
        struct mm_parquet_leaf_reader *r = &reader->read[i];
        if (!r->leaf)
            continue;
        MM_TRY(mm_parquet_leaf_seek(r, &reader->source, reader->row, err));
        end = r->end_row < end ? r->end_row : end;
    }
    *count = end - reader->row;
    return MM_OK;
}

static void set_vector(struct mm_table_vector *v, const struct mm_parquet_leaf_reader *r,
                       uint32_t row)
{
    bool list = r->leaf->max_repetition, text = mm_parquet_leaf_is_text(r->leaf);
    size_t at = row - r->first_row, slot = list ? 0 : at;
    const void *values = r->values.data;
    *v = (struct mm_table_vector){
        .offsets = list ? (const uint32_t *)(const void *)r->offsets.data + at : NULL,
        .null = r->any_null ? (const uint8_t *)r->nulls.data + slot : NULL,
        .numbers = text ? NULL : (const int64_t *)values + slot,
        .texts = text && !r->coded ? (const struct mm_view *)values + slot : NULL,
    };
    if (!r->coded)
        return;
    v->codes = (const uint32_t *)values + slot;
    v->dictionary = (const struct mm_view *)(const void *)r->dictionary.data;
    v->dictionary_count = r->dictionary_count;
    v->dictionary_serial = r->dictionary_serial;
}

static bool same_lengths(const struct mm_table_vector *a, const struct mm_table_vector *b,
                         size_t rows)
{
    uint32_t differ = 0;
    for (size_t i = 1; i <= rows; i++)
        differ |= (a->offsets[i] - a->offsets[0]) ^ (b->offsets[i] - b->offsets[0]);
    return differ == 0;
}

/* All members of a struct have as many elements in each row. */
static enum mm_status check_structs(const struct mm_table_reader *reader, size_t rows,
                                    struct mm_error *err)
{
    for (size_t i = 0; i < reader->schema->column_count; i++) {
        const struct mm_column *column = &reader->schema->columns[i];
        size_t leaf = mm_parquet_first_leaf(reader->schema, i);
        for (size_t k = 1; k < mm_parquet_column_leaves(column) && reader->read[leaf].leaf; k++)
            if (!same_lengths(&reader->vectors[leaf], &reader->vectors[leaf + k], rows))
                return mm_parquet_source_fault(&reader->source, reader->places[leaf].data_offset,
                                               column->field.name, "lists of two lengths", err);
    }
    return MM_OK;
}

static enum mm_status give_rows(struct mm_table_reader *reader, size_t *rows, struct mm_error *err)
{
    uint32_t count;
    MM_TRY(find_rows(reader, &count, err));
    for (size_t i = 0; i < reader->leaf_count; i++)
        if (reader->read[i].leaf)
            set_vector(&reader->vectors[i], &reader->read[i], reader->row);
    MM_TRY(check_structs(reader, count, err));
    *rows = count;
    reader->row += count;
    if (reader->row == range_at(reader)->to) {
        reader->range++;
        reader->in_group = has_range(reader);
    }
    return MM_OK;
}

enum mm_status mm_table_reader_next(struct mm_table_reader *reader, size_t *rows,
                                    struct mm_error *err)
{
    while (!reader->in_group) {
        enum mm_status status = begin_group(reader, err);
        if (status != MM_OK)
            return status;
    }
    if (reader->row < range_at(reader)->from)
        reader->row = range_at(reader)->from;
    return give_rows(reader, rows, err);
}

const struct mm_table_vector *mm_table_reader_vector(const struct mm_table_reader *reader,
                                                     size_t column, size_t member)
{
    size_t leaf = mm_parquet_first_leaf(reader->schema, column) + member;
    const struct mm_parquet_leaf_reader *r = &reader->read[leaf];
    return r->leaf && !r->checks_only ? &reader->vectors[leaf] : NULL;
}

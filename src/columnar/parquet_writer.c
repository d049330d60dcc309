/*
 * parquet_writer.c - a table as a Parquet file that every reader reads.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_writer.h"

#include <assert.h>
#include <stdlib.h>

#include "columnar/parquet_bits.h"
#include "columnar/parquet_footer.h"
#include "columnar/parquet_group.h"
#include "columnar/parquet_index.h"
#include "columnar/parquet_out.h"
#include "columnar/parquet_take.h"

enum {
    NOTES_MAX = 16,
    NOTES_BYTES_MAX = 64 * 1024,
    LENGTH_BYTES = 4,
    /* What fits into the second cache beside a column's dictionary. */
    BATCH_BYTES = 128 * 1024
};

struct mm_parquet_writer {
    struct mm_table_writer base; /* first */
    const struct mm_table_schema *schema;
    uint32_t row_group_rows;
    struct mm_table_note notes[NOTES_MAX]; /* in note_text */
    size_t note_count;
    struct mm_buf note_text;

    struct mm_parquet_leaf *leaves;
    struct mm_parquet_column *columns; /* one a leaf */
    size_t leaf_count;
    uint32_t rows; /* of the group at hand, in the columns */

    struct mm_buf batch; /* rows that are not in the columns yet */
    size_t batch_ends[MM_PARQUET_BATCH_ROWS];
    size_t batch_rows;

    struct mm_parquet_out out;
    struct mm_parquet_group group;
    struct mm_buf blooms;         /* of the group being written */
    struct mm_buf column_indexes; /* of all groups so far, until the end of the file */
    struct mm_buf offset_indexes;
    struct mm_buf chunks;     /* struct mm_parquet_chunk each */
    struct mm_buf group_rows; /* uint32_t each */
    uint64_t total_rows;
};

static struct mm_parquet_writer *self_of(struct mm_table_writer *writer)
{
    return (struct mm_parquet_writer *)writer;
}

static enum mm_status no_memory(const struct mm_table_schema *schema, struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for table %s", schema->name);
}

/* ---- Rows ---- */

/*
 * Rows become columns some at a time, column by column: so the code and the dictionary that one
 * column needs stay at hand for many values of it.
 */
static enum mm_status take_batch(struct mm_parquet_writer *w)
{
    const char *places[MM_PARQUET_BATCH_ROWS], *ends[MM_PARQUET_BATCH_ROWS];
    struct mm_parquet_column *columns = w->columns;
    for (size_t i = 0; i < w->batch_rows; i++) {
        places[i] = w->batch.data + (i ? w->batch_ends[i - 1] : 0);
        ends[i] = w->batch.data + w->batch_ends[i];
    }
    for (size_t i = 0; i < w->schema->column_count; i++) {
        const struct mm_column *column = &w->schema->columns[i];
        size_t leaf_count = mm_parquet_column_leaves(column);
        MM_TRY(
            column->shape == MM_COLUMN_SCALAR
                ? mm_parquet_column_take(columns, places, ends, w->batch_rows)
                : mm_parquet_columns_take_lists(columns, leaf_count, places, ends, w->batch_rows));
        columns += leaf_count;
    }
    for (size_t i = 0; i < w->batch_rows; i++)
        if (places[i] != ends[i])
            return MM_E_BUG;
    return MM_OK;
}

static enum mm_status end_batch(struct mm_parquet_writer *w, struct mm_error *err)
{
    enum mm_status status = take_batch(w);
    w->rows += (uint32_t)w->batch_rows;
    w->batch_rows = 0;
    mm_buf_clear(&w->batch);
    if (status == MM_E_NOMEM)
        return no_memory(w->schema, err);
    return status == MM_OK
               ? MM_OK
               : mm_fail(err, status, "table %s: bytes that are no row", w->schema->name);
}

/* ---- A row group ---- */

/* The chunk gets its place in the file, and its indexes. */
static enum mm_status put_chunk(struct mm_parquet_writer *w, enum mm_parquet_type type,
                                const struct mm_parquet_made_chunk *made, struct mm_error *err)
{
    struct mm_parquet_chunk chunk = made->chunk;
    uint64_t begin = w->out.offset;
    chunk.dictionary_offset += begin;
    chunk.data_offset += begin;
    chunk.bloom_offset = w->blooms.len;
    chunk.bloom_bytes = made->bloom.len;
    mm_buf_append(&w->blooms, made->bloom);
    chunk.column_index_bytes = mm_parquet_index_columns(&w->column_indexes, type, made->records);
    chunk.offset_index_bytes = mm_parquet_index_offsets(&w->offset_indexes, begin, made->records);
    mm_buf_append(&w->chunks, (struct mm_view){(const char *)&chunk, sizeof chunk});
    if (w->blooms.failed || w->column_indexes.failed || w->offset_indexes.failed ||
        w->chunks.failed)
        return no_memory(w->schema, err);
    return mm_parquet_out_put(&w->out, made->pages, err);
}

static enum mm_status fail_making(const struct mm_parquet_writer *w, enum mm_status status,
                                  struct mm_error *err)
{
    if (status == MM_E_LIMIT)
        return mm_fail(err, status, "a page of table %s over 2 GiB", w->schema->name);
    return no_memory(w->schema, err);
}

static enum mm_status write_chunks(struct mm_parquet_writer *w, struct mm_error *err)
{
    enum mm_status status = mm_parquet_group_begin(&w->group, w->columns, w->leaf_count);
    for (size_t i = 0; i < w->leaf_count && status == MM_OK; i++) {
        struct mm_parquet_made_chunk made;
        status = mm_parquet_group_next(&w->group, &made);
        if (status == MM_OK)
            MM_TRY(put_chunk(w, w->leaves[i].type, &made, err));
    }
    return status == MM_OK ? MM_OK : fail_making(w, status, err);
}

/* Filters stand behind the columns of their group; until now they knew where among themselves. */
static enum mm_status write_blooms(struct mm_parquet_writer *w, struct mm_error *err)
{
    struct mm_parquet_chunk *chunks = (struct mm_parquet_chunk *)(void *)w->chunks.data;
    struct mm_parquet_chunk *end = chunks + w->chunks.len / sizeof *chunks;
    for (chunks = end - w->leaf_count; chunks < end; chunks++)
        chunks->bloom_offset += w->out.offset;
    MM_TRY(mm_parquet_out_put(&w->out, mm_buf_view(&w->blooms), err));
    mm_buf_clear(&w->blooms);
    return MM_OK;
}

static enum mm_status write_group(struct mm_parquet_writer *w, struct mm_error *err)
{
    if (w->rows == 0)
        return MM_OK;
    MM_TRY(write_chunks(w, err));
    for (size_t i = 0; i < w->leaf_count; i++)
        mm_parquet_column_clear(&w->columns[i]);
    MM_TRY(write_blooms(w, err));
    mm_buf_append(&w->group_rows, (struct mm_view){(const char *)&w->rows, sizeof w->rows});
    w->total_rows += w->rows;
    w->rows = 0;
    return w->group_rows.failed ? no_memory(w->schema, err) : MM_OK;
}

static bool group_is_full(const struct mm_parquet_writer *w)
{
    size_t bytes = 0;
    for (size_t i = 0; i < w->leaf_count; i++)
        bytes += mm_parquet_column_bytes(&w->columns[i]);
    return w->rows >= w->row_group_rows || bytes >= MM_PARQUET_GROUP_BYTES;
}

/* Where batches and groups end depends on the rows alone: equal rows make equal files. */
static enum mm_status writer_append(struct mm_table_writer *writer, struct mm_view row,
                                    struct mm_error *err)
{
    struct mm_parquet_writer *w = self_of(writer);
    mm_buf_append(&w->batch, row);
    if (w->batch.failed)
        return no_memory(w->schema, err);
    w->batch_ends[w->batch_rows++] = w->batch.len;
    if (w->batch_rows < MM_PARQUET_BATCH_ROWS && w->batch.len < BATCH_BYTES &&
        w->rows + w->batch_rows < w->row_group_rows)
        return MM_OK;
    MM_TRY(end_batch(w, err));
    return group_is_full(w) ? write_group(w, err) : MM_OK;
}

/* ---- The file ---- */

static enum mm_status write_footer(struct mm_parquet_writer *w, uint64_t column_index_offset,
                                   uint64_t offset_index_offset, struct mm_error *err)
{
    const struct mm_parquet_footer footer = {
        .schema = w->schema,
        .leaves = w->leaves,
        .leaf_count = w->leaf_count,
        .chunks = (const struct mm_parquet_chunk *)(const void *)w->chunks.data,
        .group_rows = (const uint32_t *)(const void *)w->group_rows.data,
        .group_count = w->group_rows.len / sizeof(uint32_t),
        .column_index_offset = column_index_offset,
        .offset_index_offset = offset_index_offset,
        .notes = w->notes,
        .note_count = w->note_count,
    };
    struct mm_buf text;
    mm_buf_init(&text, INT32_MAX);
    mm_parquet_footer_write(&text, &footer);
    size_t bytes = text.len;
    mm_bits_bytes(&text, bytes, LENGTH_BYTES);
    mm_buf_append_str(&text, MM_PARQUET_MAGIC);
    enum mm_status status = text.failed ? no_memory(w->schema, err)
                                        : mm_parquet_out_put(&w->out, mm_buf_view(&text), err);
    mm_buf_deinit(&text);
    return status;
}

static enum mm_status writer_finish(struct mm_table_writer *writer, struct mm_table_totals *totals,
                                    struct mm_error *err)
{
    struct mm_parquet_writer *w = self_of(writer);
    MM_TRY(end_batch(w, err));
    MM_TRY(write_group(w, err));
    uint64_t column_index_offset = w->out.offset;
    MM_TRY(mm_parquet_out_put(&w->out, mm_buf_view(&w->column_indexes), err));
    uint64_t offset_index_offset = w->out.offset;
    MM_TRY(mm_parquet_out_put(&w->out, mm_buf_view(&w->offset_indexes), err));
    MM_TRY(write_footer(w, column_index_offset, offset_index_offset, err));
    MM_TRY(mm_parquet_out_flush(&w->out, err));
    *totals = (struct mm_table_totals){w->total_rows, w->out.offset};
    return MM_OK;
}

static void writer_free(struct mm_table_writer *writer)
{
    struct mm_parquet_writer *w = self_of(writer);
    mm_parquet_group_deinit(&w->group);
    for (size_t i = 0; w->columns && i < w->leaf_count; i++)
        mm_parquet_column_deinit(&w->columns[i]);
    free(w->columns);
    free(w->leaves);
    mm_parquet_out_deinit(&w->out);
    mm_buf_deinit(&w->note_text);
    mm_buf_deinit(&w->batch);
    mm_buf_deinit(&w->blooms);
    mm_buf_deinit(&w->column_indexes);
    mm_buf_deinit(&w->offset_indexes);
    mm_buf_deinit(&w->chunks);
    mm_buf_deinit(&w->group_rows);
    free(w);
}

/* ---- Opening ---- */

static bool copy_notes(struct mm_parquet_writer *w, const struct mm_table_options *options)
{
    assert(options->note_count <= NOTES_MAX);
    size_t places[NOTES_MAX][2];
    mm_buf_init(&w->note_text, NOTES_BYTES_MAX);
    for (size_t i = 0; i < options->note_count; i++) {
        const char *texts[2] = {options->notes[i].key, options->notes[i].value};
        for (size_t k = 0; k < 2; k++) {
            places[i][k] = w->note_text.len;
            mm_buf_append(&w->note_text, (struct mm_view){texts[k], strlen(texts[k]) + 1});
        }
    }
    if (w->note_text.failed)
        return false;
    for (size_t i = 0; i < options->note_count; i++)
        w->notes[i] = (struct mm_table_note){w->note_text.data + places[i][0],
                                             w->note_text.data + places[i][1]};
    w->note_count = options->note_count;
    return true;
}

static bool make_columns(struct mm_parquet_writer *w)
{
    size_t count = mm_parquet_leaf_count(w->schema);
    w->leaves = calloc(count, sizeof *w->leaves);
    w->columns = calloc(count, sizeof *w->columns);
    if (!w->leaves || !w->columns)
        return false;
    w->leaf_count = count;
    mm_parquet_leaves(w->schema, w->leaves);
    for (size_t i = 0; i < count; i++)
        mm_parquet_column_init(&w->columns[i], &w->leaves[i]);
    return true;
}

static uint32_t or_else(uint32_t value, uint32_t standard)
{
    return value ? value : standard;
}

static enum mm_status writer_open(const struct mm_table_schema *schema, int fd,
                                  const struct mm_table_options *options,
                                  struct mm_table_writer **writer, struct mm_error *err)
{
    struct mm_parquet_writer *w = calloc(1, sizeof *w);
    if (!w)
        return no_memory(schema, err);
    w->base.form = &mm_parquet_form;
    w->schema = schema;
    w->row_group_rows = or_else(options->row_group_rows, MM_PARQUET_GROUP_ROWS);
    mm_parquet_group_init(&w->group, or_else(options->page_bytes, MM_PARQUET_PAGE_BYTES),
                          or_else(options->threads, 1));
    mm_parquet_out_init(&w->out, fd, schema->name);
    mm_buf_init(&w->batch, BATCH_BYTES + MM_ROW_BYTES_MAX);
    mm_buf_init(&w->blooms, SIZE_MAX);
    mm_buf_init(&w->column_indexes, INT32_MAX);
    mm_buf_init(&w->offset_indexes, INT32_MAX);
    mm_buf_init(&w->chunks, SIZE_MAX);
    mm_buf_init(&w->group_rows, SIZE_MAX);
    *writer = &w->base;
    enum mm_status status =
        make_columns(w) && copy_notes(w, options) ? MM_OK : no_memory(schema, err);
    if (status == MM_OK)
        status = mm_parquet_out_put(&w->out, MM_VIEW(MM_PARQUET_MAGIC), err);
    if (status != MM_OK)
        mm_table_writer_free(writer);
    return status;
}

const struct mm_table_form mm_parquet_form = {
    .suffix = ".parquet",
    .open = writer_open,
    .append = writer_append,
    .finish = writer_finish,
    .free = writer_free,
};

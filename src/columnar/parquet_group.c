/*
 * parquet_group.c - the columns of a row group as chunks, made by several threads, in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_group.h"

#include <assert.h>
#include <stdlib.h>

#include "columnar/parquet_values.h"

enum {
    SHARED_BYTES_MIN = 1024 * 1024,  /* a group with less is done before a thread has begun */
    KEPT_BYTES_MAX = 4 * 1024 * 1024 /* of a buffer; a stranger's long texts may want more */
};

static void drop_if_large(struct mm_buf *buf)
{
    if (buf->cap > KEPT_BYTES_MAX)
        mm_buf_deinit(buf);
}

/* A piece's `in`. */
struct order {
    const struct mm_parquet_column *column;
    size_t page_bytes;
};

/* The end of a piece's `out`, behind pages, filter and records. */
struct made {
    struct mm_parquet_chunk chunk;
    size_t pages_bytes, bloom_bytes, records_bytes;
};

/* ---- a chunk: by any thread ---- */

static void maker_free(void *maker)
{
    struct mm_parquet_chunk_writer *w = maker;
    if (w)
        mm_parquet_chunk_writer_deinit(w);
    free(w);
}

static void *maker_new(void)
{
    struct mm_parquet_chunk_writer *w = malloc(sizeof *w);
    if (w && mm_parquet_chunk_writer_init(w))
        return w;
    maker_free(w);
    return NULL;
}

static void make(void *maker, struct mm_piece *piece)
{
    struct mm_parquet_chunk_writer *w = maker;
    struct order order;
    struct made made;
    memcpy(&order, piece->in.data, sizeof order);
    w->page_bytes = order.page_bytes;
    piece->status = mm_parquet_chunk_write(w, order.column, &piece->out, &made.chunk);
    if (piece->status != MM_OK)
        return;
    made.pages_bytes = piece->out.len;
    if (order.column->leaf->field->flags & MM_FIELD_BLOOM)
        mm_parquet_values_bloom(&piece->out, order.column);
    made.bloom_bytes = piece->out.len - made.pages_bytes;
    made.records_bytes = w->records.len;
    mm_buf_append(&piece->out, mm_buf_view(&w->records));
    mm_buf_append(&piece->out, (struct mm_view){(const char *)&made, sizeof made});
    if (piece->out.failed)
        piece->status = MM_E_NOMEM;
    drop_if_large(&w->body);
    drop_if_large(&w->words);
    drop_if_large(&w->records);
    drop_if_large(&w->packer.packed);
}

static const struct mm_conveyor_work MAKING = {.in_max_bytes = sizeof(struct order),
                                               .out_max_bytes = SIZE_MAX,
                                               .worker_new = maker_new,
                                               .worker_free = maker_free,
                                               .work = make};

/* ---- chunks: in order ---- */

void mm_parquet_group_init(struct mm_parquet_group *group, size_t page_bytes, unsigned threads)
{
    assert(threads > 0);
    *group = (struct mm_parquet_group){.page_bytes = page_bytes, .threads = threads};
}

void mm_parquet_group_deinit(struct mm_parquet_group *group)
{
    mm_conveyor_free(&group->chunks);
}

enum mm_status mm_parquet_group_begin(struct mm_parquet_group *group,
                                      const struct mm_parquet_column *columns, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += mm_parquet_column_bytes(&columns[i]);
    if (!group->chunks) /* those behind the first group are about as large */
        group->chunks = mm_conveyor_new(&MAKING, bytes < SHARED_BYTES_MIN ? 0 : group->threads - 1);
    if (!group->chunks)
        return MM_E_NOMEM;
    group->columns = columns;
    group->count = count;
    group->put = 0;
    return MM_OK;
}

/* As many on their way as there is room for. */
static enum mm_status put_on(struct mm_parquet_group *group)
{
    struct mm_piece *piece;
    while (group->put < group->count && (piece = mm_conveyor_blank(group->chunks))) {
        const struct order order = {&group->columns[group->put], group->page_bytes};
        mm_buf_append(&piece->in, (struct mm_view){(const char *)&order, sizeof order});
        if (piece->in.failed)
            return MM_E_NOMEM;
        mm_conveyor_put(group->chunks);
        group->put++;
    }
    return MM_OK;
}

/* The chunk that was taken last is done with. */
static void drop_taken(struct mm_parquet_group *group)
{
    if (!group->taken)
        return;
    drop_if_large(&mm_conveyor_first(group->chunks, true)->out);
    mm_conveyor_drop_first(group->chunks);
    group->taken = false;
}

enum mm_status mm_parquet_group_next(struct mm_parquet_group *group,
                                     struct mm_parquet_made_chunk *out)
{
    struct made made;
    drop_taken(group);
    MM_TRY(put_on(group));
    const struct mm_piece *piece = mm_conveyor_first(group->chunks, true);
    assert(piece);
    MM_TRY(piece->status);
    struct mm_view all = mm_buf_view(&piece->out);
    memcpy(&made, all.data + all.len - sizeof made, sizeof made);
    *out = (struct mm_parquet_made_chunk){
        .chunk = made.chunk,
        .pages = mm_view_sub(all, 0, made.pages_bytes),
        .bloom = mm_view_sub(all, made.pages_bytes, made.bloom_bytes),
        .records = mm_view_sub(all, made.pages_bytes + made.bloom_bytes, made.records_bytes),
    };
    group->taken = true;
    return MM_OK;
}

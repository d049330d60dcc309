/*
 * row_runs.c - what one worker has made of rows of each table: ordered runs, in memory or spilled.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_runs.h"

#include <assert.h>
#include <stdlib.h>

#include "columnar/row_merge.h"
#include "columnar/row_runs_internal.h"

enum {
    CHUNK_BYTES_MIN = 4 * 1024,    /* a table with few rows costs little */
    CHUNK_BYTES_MAX = 1024 * 1024, /* is sorted within a processor's second cache */
    CHUNKS_OF_SHARE = 32           /* a chunk is at most this part of the worker's memory, so that
                                      those of all tables leave most of it to blocks */
};

struct mm_row_runs *mm_row_runs_new(const struct mm_table_schema *const *tables, size_t table_count,
                                    size_t memory_bytes, const char *spill_folder)
{
    struct mm_row_runs *runs = calloc(1, sizeof *runs + table_count * sizeof runs->tables[0]);
    if (!runs)
        return NULL;
    runs->memory_bytes = memory_bytes;
    runs->chunk_bytes_max = memory_bytes / CHUNKS_OF_SHARE;
    if (runs->chunk_bytes_max > CHUNK_BYTES_MAX)
        runs->chunk_bytes_max = CHUNK_BYTES_MAX;
    mm_buf_init(&runs->key, MM_ROW_KEY_BYTES_MAX);
    runs->table_count = table_count;
    for (size_t i = 0; i < table_count; i++)
        mm_row_key_plan_init(&runs->tables[i].plan, tables[i]);
    runs->spill = mm_row_spill_new(spill_folder, NULL);
    if (!runs->spill)
        mm_row_runs_free(&runs);
    return runs;
}

static void hold(struct mm_row_runs *runs, size_t bytes)
{
    runs->held_bytes += bytes;
    if (runs->held_bytes > runs->counts.held_bytes_peak)
        runs->counts.held_bytes_peak = runs->held_bytes;
}

static void free_blocks(struct mm_row_block *block)
{
    for (struct mm_row_block *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

static void drop_blocks(struct mm_row_runs *runs, struct mm_row_runs_table *table)
{
    free_blocks(table->blocks);
    table->blocks = NULL;
    runs->held_bytes -= table->block_bytes;
    table->block_bytes = 0;
}

static void drop_chunk(struct mm_row_runs *runs, struct mm_row_runs_table *table)
{
    if (table->chunk)
        runs->held_bytes -= sizeof *table->chunk + table->chunk->cap;
    free(table->chunk);
    table->chunk = NULL;
}

void mm_row_runs_free(struct mm_row_runs **at)
{
    struct mm_row_runs *runs = *at;
    if (!runs)
        return;
    for (size_t i = 0; i < runs->table_count; i++) {
        drop_blocks(runs, &runs->tables[i]);
        drop_chunk(runs, &runs->tables[i]);
        free(runs->tables[i].spilled);
    }
    for (size_t i = 0; i < runs->found_count; i++)
        mm_row_spill_free(&runs->found[i].spill);
    free(runs->found);
    mm_row_spill_free(&runs->spill);
    mm_buf_deinit(&runs->key);
    free(runs->spare);
    free(runs);
    *at = NULL;
}

/* ---- spilling ---- */

static enum mm_status write_run(struct mm_row_runs *runs, struct mm_row_runs_table *table,
                                struct mm_row_run *run, struct mm_error *err)
{
    struct mm_row_merge *merge = NULL;
    enum mm_status status = mm_row_merge_blocks(table->blocks, &merge, err);
    if (status == MM_OK)
        status = mm_row_merge_to_run(merge, runs->spill, run, err);
    mm_row_merge_free(&merge);
    return status;
}

enum mm_status mm_row_runs_reserve_run(struct mm_row_runs_table *table, struct mm_error *err)
{
    if (table->spilled_count < table->spilled_cap)
        return MM_OK;
    size_t cap = table->spilled_cap ? 2 * table->spilled_cap : 16;
    struct mm_row_run *more = realloc(table->spilled, cap * sizeof *more);
    if (!more)
        return mm_fail(err, MM_E_NOMEM, "no memory for %zu runs of rows", cap);
    table->spilled = more;
    table->spilled_cap = cap;
    return MM_OK;
}

static enum mm_status spill_table(struct mm_row_runs *runs, struct mm_row_runs_table *table,
                                  struct mm_error *err)
{
    MM_TRY(mm_row_runs_reserve_run(table, err));
    MM_TRY(write_run(runs, table, &table->spilled[table->spilled_count], err));
    table->spilled_count++;
    runs->counts.spilled_runs++;
    drop_blocks(runs, table);
    return MM_OK;
}

static struct mm_row_runs_table *largest_table(struct mm_row_runs *runs)
{
    struct mm_row_runs_table *largest = &runs->tables[0];
    for (size_t i = 1; i < runs->table_count; i++)
        if (runs->tables[i].block_bytes > largest->block_bytes)
            largest = &runs->tables[i];
    return largest;
}

/* Spill until so much more may be held, or until there are chunks only. */
static enum mm_status make_room(struct mm_row_runs *runs, size_t bytes, struct mm_error *err)
{
    while (runs->held_bytes + bytes > runs->memory_bytes) {
        struct mm_row_runs_table *table = largest_table(runs);
        if (!table->blocks)
            break;
        MM_TRY(spill_table(runs, table, err));
    }
    return MM_OK;
}

/* ---- adding ---- */

static enum mm_status no_memory(const struct mm_row_runs *runs, struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for rows after %zu bytes", runs->held_bytes);
}

/* The chunk's rows become a block. */
static enum mm_status empty_chunk(struct mm_row_runs *runs, struct mm_row_runs_table *table,
                                  struct mm_error *err)
{
    struct mm_row_chunk *chunk = table->chunk;
    if (!chunk || chunk->count == 0)
        return MM_OK;
    size_t bytes = mm_row_block_bytes(chunk), spare = mm_row_chunk_spare(chunk);
    MM_TRY(make_room(runs, bytes, err));
    if (spare > runs->spare_count) {
        struct mm_row_place *more = realloc(runs->spare, spare * sizeof *more);
        if (!more)
            return no_memory(runs, err);
        runs->spare = more;
        runs->spare_count = spare;
    }
    struct mm_row_block *block = mm_row_chunk_to_block(chunk, runs->spare);
    if (!block)
        return no_memory(runs, err);
    block->next = table->blocks;
    table->blocks = block;
    table->block_bytes += bytes;
    hold(runs, bytes);
    return MM_OK;
}

/* Chunks grow with the table. */
static size_t next_chunk_bytes(const struct mm_row_runs *runs,
                               const struct mm_row_runs_table *table, size_t need)
{
    size_t bytes = table->chunk ? 2 * table->chunk->cap : CHUNK_BYTES_MIN;
    if (bytes > runs->chunk_bytes_max)
        bytes = runs->chunk_bytes_max;
    return bytes < need ? need : bytes;
}

/* Let there be an empty chunk with room for `need` bytes. */
static enum mm_status next_chunk(struct mm_row_runs *runs, struct mm_row_runs_table *table,
                                 size_t need, struct mm_error *err)
{
    MM_TRY(empty_chunk(runs, table, err));
    size_t bytes = next_chunk_bytes(runs, table, need);
    if (table->chunk && table->chunk->cap >= bytes && table->chunk->cap < 2 * bytes)
        return MM_OK;
    drop_chunk(runs, table);
    MM_TRY(make_room(runs, sizeof *table->chunk + bytes, err));
    table->chunk = mm_row_chunk_new(bytes);
    if (!table->chunk)
        return no_memory(runs, err);
    hold(runs, sizeof *table->chunk + table->chunk->cap);
    return MM_OK;
}

enum mm_status mm_row_runs_add(struct mm_row_runs *runs, size_t index, struct mm_view row,
                               struct mm_error *err)
{
    assert(index < runs->table_count);
    struct mm_row_runs_table *table = &runs->tables[index];
    mm_buf_clear(&runs->key);
    enum mm_status status = mm_row_key_append(&table->plan, row, &runs->key);
    if (status < 0)
        return mm_fail(err, status, "a row of the table %s is none", table->plan.schema->name);
    struct mm_view key = mm_buf_view(&runs->key);
    if (!table->chunk || !mm_row_chunk_add(table->chunk, key, row)) {
        MM_TRY(next_chunk(runs, table, mm_row_chunk_bytes(key.len, row.len), err));
        bool added = mm_row_chunk_add(table->chunk, key, row);
        assert(added);
        (void)added;
    }
    runs->counts.rows++;
    return MM_OK;
}

enum mm_status mm_row_runs_spill_all(struct mm_row_runs *runs, struct mm_error *err)
{
    for (size_t i = 0; i < runs->table_count; i++) {
        struct mm_row_runs_table *table = &runs->tables[i];
        MM_TRY(empty_chunk(runs, table, err));
        if (table->blocks)
            MM_TRY(spill_table(runs, table, err));
    }
    return MM_OK;
}

struct mm_row_runs_counts mm_row_runs_counts(const struct mm_row_runs *runs)
{
    struct mm_row_runs_counts counts = runs->counts;
    counts.spilled_bytes = mm_row_spill_bytes(runs->spill);
    return counts;
}

size_t mm_row_runs_merge_bytes(const struct mm_row_runs *runs)
{
    enum { LEAST_SHARE = 4 };
    size_t least = runs->memory_bytes / LEAST_SHARE, held = runs->held_bytes;
    return held + least < runs->memory_bytes ? runs->memory_bytes - held : least;
}

const char *mm_row_runs_folder(const struct mm_row_runs *runs)
{
    return mm_row_spill_folder(runs->spill);
}

/* ---- handing over ---- */

enum mm_status mm_row_runs_take(struct mm_row_runs *from, size_t index,
                                struct mm_row_runs_taken *taken, struct mm_error *err)
{
    assert(index < from->table_count);
    struct mm_row_runs_table *table = &from->tables[index];
    *taken = (struct mm_row_runs_taken){0};
    MM_TRY(empty_chunk(from, table, err));
    drop_chunk(from, table);
    *taken = (struct mm_row_runs_taken){table->blocks, table->spilled, table->spilled_count};
    from->held_bytes -= table->block_bytes;
    *table = (struct mm_row_runs_table){.plan = table->plan};
    return MM_OK;
}

void mm_row_runs_taken_deinit(struct mm_row_runs_taken *taken)
{
    free_blocks(taken->blocks);
    free(taken->spilled);
    *taken = (struct mm_row_runs_taken){0};
}

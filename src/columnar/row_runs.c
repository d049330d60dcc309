/*
 * row_runs.c - what one worker has made of rows of each table: ordered runs, in memory or spilled.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_runs.h"

#include <assert.h>
#include <stdlib.h>

#include "columnar/row_merge.h"

enum {
    CHUNK_BYTES_MIN = 4 * 1024,    /* a table with few rows costs little */
    CHUNK_BYTES_MAX = 1024 * 1024, /* is sorted within a processor's second cache */
    CHUNKS_OF_SHARE = 16           /* a chunk is at most this part of the worker's memory */
};

struct table {
    struct mm_row_key_plan plan;
    struct mm_row_chunk *newest; /* each leads to the one before it */
    size_t bytes;                /* of the chunks */
    struct mm_row_run *spilled;
    size_t spilled_count, spilled_cap;
};

struct mm_row_runs {
    size_t memory_bytes, held_bytes, chunk_bytes_max;
    struct mm_buf key;          /* of the row at hand */
    struct mm_row_place *spare; /* for sorting */
    size_t spare_count;
    struct mm_row_spill *spill;
    struct mm_row_runs_counts counts;
    size_t table_count;
    struct table tables[];
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
    runs->spill = mm_row_spill_new(spill_folder);
    if (!runs->spill)
        mm_row_runs_free(&runs);
    return runs;
}

static size_t chunk_bytes(const struct mm_row_chunk *chunk)
{
    return sizeof *chunk + chunk->cap;
}

static void free_chunks(struct mm_row_chunk *chunk)
{
    for (struct mm_row_chunk *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
}

static void drop_chunks(struct mm_row_runs *runs, struct table *table)
{
    free_chunks(table->newest);
    table->newest = NULL;
    runs->held_bytes -= table->bytes;
    table->bytes = 0;
}

void mm_row_runs_free(struct mm_row_runs **at)
{
    struct mm_row_runs *runs = *at;
    if (!runs)
        return;
    for (size_t i = 0; i < runs->table_count; i++) {
        drop_chunks(runs, &runs->tables[i]);
        free(runs->tables[i].spilled);
    }
    mm_row_spill_free(&runs->spill);
    mm_buf_deinit(&runs->key);
    free(runs->spare);
    free(runs);
    *at = NULL;
}

/* ---- order ---- */

static enum mm_status sort_newest(struct mm_row_runs *runs, struct table *table,
                                  struct mm_error *err)
{
    struct mm_row_chunk *chunk = table->newest;
    if (!chunk || chunk->sorted)
        return MM_OK;
    size_t need = chunk->count / 2;
    if (need > runs->spare_count) {
        struct mm_row_place *more = realloc(runs->spare, need * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory to sort %zu rows", chunk->count);
        runs->spare = more;
        runs->spare_count = need;
    }
    mm_row_chunk_sort(chunk, runs->spare);
    return MM_OK;
}

/* ---- spilling ---- */

static enum mm_status write_run(struct mm_row_runs *runs, struct table *table,
                                struct mm_row_run *run, struct mm_error *err)
{
    struct mm_row_merge *merge = NULL;
    enum mm_status status = mm_row_merge_chunks(table->newest, &merge, err);
    if (status == MM_OK)
        status = mm_row_merge_to_run(merge, runs->spill, run, err);
    mm_row_merge_free(&merge);
    return status;
}

static enum mm_status spill_table(struct mm_row_runs *runs, struct table *table,
                                  struct mm_error *err)
{
    if (table->spilled_count == table->spilled_cap) {
        size_t cap = table->spilled_cap ? 2 * table->spilled_cap : 16;
        struct mm_row_run *more = realloc(table->spilled, cap * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for %zu runs of rows", cap);
        table->spilled = more;
        table->spilled_cap = cap;
    }
    MM_TRY(sort_newest(runs, table, err));
    MM_TRY(write_run(runs, table, &table->spilled[table->spilled_count], err));
    table->spilled_count++;
    runs->counts.spilled_runs++;
    drop_chunks(runs, table);
    return MM_OK;
}

static struct table *largest_table(struct mm_row_runs *runs)
{
    struct table *largest = &runs->tables[0];
    for (size_t i = 1; i < runs->table_count; i++)
        if (runs->tables[i].bytes > largest->bytes)
            largest = &runs->tables[i];
    return largest;
}

/* ---- adding ---- */

/* Chunks grow with the table. */
static size_t next_chunk_bytes(const struct mm_row_runs *runs, const struct table *table,
                               size_t need)
{
    size_t bytes = table->newest ? 2 * table->newest->cap : CHUNK_BYTES_MIN;
    if (bytes > runs->chunk_bytes_max)
        bytes = runs->chunk_bytes_max;
    return bytes < need ? need : bytes;
}

static enum mm_status add_chunk(struct mm_row_runs *runs, struct table *table, size_t need,
                                struct mm_error *err)
{
    MM_TRY(sort_newest(runs, table, err));
    for (;;) {
        size_t bytes = next_chunk_bytes(runs, table, need) + sizeof *table->newest;
        if (runs->held_bytes == 0 || runs->held_bytes + bytes <= runs->memory_bytes)
            break;
        MM_TRY(spill_table(runs, largest_table(runs), err));
    }
    struct mm_row_chunk *chunk = mm_row_chunk_new(next_chunk_bytes(runs, table, need));
    if (!chunk)
        return mm_fail(err, MM_E_NOMEM, "no memory for rows after %zu bytes", runs->held_bytes);
    chunk->next = table->newest;
    table->newest = chunk;
    table->bytes += chunk_bytes(chunk);
    runs->held_bytes += chunk_bytes(chunk);
    if (runs->held_bytes > runs->counts.held_bytes_peak)
        runs->counts.held_bytes_peak = runs->held_bytes;
    return MM_OK;
}

enum mm_status mm_row_runs_add(struct mm_row_runs *runs, size_t index, struct mm_view row,
                               struct mm_error *err)
{
    assert(index < runs->table_count);
    struct table *table = &runs->tables[index];
    mm_buf_clear(&runs->key);
    enum mm_status status = mm_row_key_append(&table->plan, row, &runs->key);
    if (status < 0)
        return mm_fail(err, status, "a row of the table %s is none", table->plan.schema->name);
    struct mm_view key = mm_buf_view(&runs->key);
    if (!table->newest || !mm_row_chunk_add(table->newest, key, row)) {
        MM_TRY(add_chunk(runs, table, mm_row_chunk_bytes(key.len, row.len), err));
        bool added = mm_row_chunk_add(table->newest, key, row);
        assert(added);
        (void)added;
    }
    runs->counts.rows++;
    return MM_OK;
}

struct mm_row_runs_counts mm_row_runs_counts(const struct mm_row_runs *runs)
{
    struct mm_row_runs_counts counts = runs->counts;
    counts.spilled_bytes = mm_row_spill_bytes(runs->spill);
    return counts;
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
    struct table *table = &from->tables[index];
    *taken = (struct mm_row_runs_taken){0};
    MM_TRY(sort_newest(from, table, err));
    *taken = (struct mm_row_runs_taken){table->newest, table->spilled, table->spilled_count};
    from->held_bytes -= table->bytes;
    *table = (struct table){.plan = table->plan};
    return MM_OK;
}

void mm_row_runs_taken_deinit(struct mm_row_runs_taken *taken)
{
    free_chunks(taken->chunks);
    free(taken->spilled);
    *taken = (struct mm_row_runs_taken){0};
}

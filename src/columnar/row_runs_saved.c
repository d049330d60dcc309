/*
 * row_runs_saved.c - a worker's rows brought to disk, and found again by a later run.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/row_runs_saved.h"

#include <stdio.h>
#include <stdlib.h>

#include "columnar/row_runs_internal.h"

enum { NAME_BYTES = 24 };

static const char PREFIX[] = "rows-";

/* What is told: this, then `run_count` times the next. */
struct told_file {
    uint32_t file, run_count;
    uint64_t bytes; /* of the file, that are on disk */
};

struct told_run {
    uint64_t table, offset, end, hash, block_bytes;
};

static void name_file(char name[NAME_BYTES], unsigned file)
{
    snprintf(name, NAME_BYTES, "%s%u", PREFIX, file);
}

bool mm_row_runs_is_file(const char *name)
{
    return mm_view_starts(mm_view_of(name), mm_view_of(PREFIX));
}

/* ---- saving ---- */

bool mm_row_runs_keep_file(struct mm_row_runs *runs, unsigned file)
{
    char name[NAME_BYTES];
    name_file(name, file);
    struct mm_row_spill *named = mm_row_spill_new(mm_row_spill_folder(runs->spill), name);
    if (!named)
        return false;
    mm_row_spill_free(&runs->spill);
    runs->spill = named;
    runs->file = file;
    return true;
}

size_t mm_row_runs_unsaved_bytes(const struct mm_row_runs *runs)
{
    size_t bytes = 0;
    for (size_t i = 0; i < runs->table_count; i++) {
        const struct mm_row_runs_table *table = &runs->tables[i];
        bytes += table->block_bytes + (table->chunk ? table->chunk->used : 0);
    }
    return bytes;
}

static uint32_t count_untold(const struct mm_row_runs *runs)
{
    size_t count = 0;
    for (size_t i = 0; i < runs->table_count; i++)
        count += runs->tables[i].spilled_count - runs->tables[i].saved_count;
    return (uint32_t)count;
}

static void tell_runs(struct mm_row_runs *runs, struct mm_buf *told)
{
    for (size_t i = 0; i < runs->table_count; i++) {
        struct mm_row_runs_table *table = &runs->tables[i];
        for (; table->saved_count < table->spilled_count; table->saved_count++) {
            const struct mm_row_run *run = &table->spilled[table->saved_count];
            struct told_run one = {i, run->offset, run->end, run->hash, run->block_bytes};
            mm_buf_append(told, (struct mm_view){(const char *)&one, sizeof one});
        }
    }
}

enum mm_status mm_row_runs_save(struct mm_row_runs *runs, struct mm_buf *told, struct mm_error *err)
{
    MM_TRY(mm_row_runs_spill_all(runs, err));
    MM_TRY(mm_row_spill_sync(runs->spill, err));
    struct told_file head = {.file = runs->file,
                             .run_count = count_untold(runs),
                             .bytes = mm_row_spill_bytes(runs->spill)};
    size_t room = sizeof head + head.run_count * sizeof(struct told_run);
    if (!mm_buf_reserve(told, room))
        return mm_fail(err, MM_E_NOMEM, "no memory to tell of %u runs of rows", head.run_count);
    mm_buf_append(told, (struct mm_view){(const char *)&head, sizeof head});
    tell_runs(runs, told);
    return MM_OK;
}

/* ---- finding ---- */

static enum mm_status fail_told(const struct mm_row_runs *runs, struct mm_error *err)
{
    return mm_fail(err, MM_E_SYNTAX, "what the journal tells of rows in %s does not hold together",
                   mm_row_spill_folder(runs->spill));
}

static enum mm_status open_found(struct mm_row_runs *runs, unsigned file,
                                 struct mm_row_found **found, struct mm_error *err)
{
    char name[NAME_BYTES];
    for (size_t i = 0; i < runs->found_count; i++)
        if (runs->found[i].file == file) {
            *found = &runs->found[i];
            return MM_OK;
        }
    struct mm_row_found *more =
        realloc(runs->found, (runs->found_count + 1) * sizeof *more); /* one a worker of each run */
    if (!more)
        return mm_fail(err, MM_E_NOMEM, "no memory for rows of an earlier run");
    runs->found = more;
    *found = &more[runs->found_count];
    **found = (struct mm_row_found){.file = file};
    name_file(name, file);
    MM_TRY(mm_row_spill_open(mm_row_spill_folder(runs->spill), name, &(*found)->spill, err));
    runs->found_count++;
    return MM_OK;
}

static enum mm_status add_run(struct mm_row_runs *runs, const struct mm_row_found *found,
                              const struct told_run *one, struct mm_error *err)
{
    if (one->table >= runs->table_count || one->offset >= one->end || one->end > found->bytes)
        return fail_told(runs, err);
    struct mm_row_runs_table *table = &runs->tables[one->table];
    MM_TRY(mm_row_runs_reserve_run(table, err));
    table->spilled[table->spilled_count++] =
        (struct mm_row_run){found->spill, one->offset, one->end, one->hash, one->block_bytes};
    return MM_OK;
}

enum mm_status mm_row_runs_find(struct mm_row_runs *runs, struct mm_view told, unsigned *file,
                                struct mm_error *err)
{
    struct told_file head;
    struct told_run one;
    struct mm_row_found *found = NULL;
    if (told.len < sizeof head)
        return fail_told(runs, err);
    memcpy(&head, told.data, sizeof head);
    if (head.file == 0 || told.len != sizeof head + head.run_count * sizeof one)
        return fail_told(runs, err);
    *file = head.file;
    if (head.bytes == 0) /* nothing was spilled: there is no file */
        return head.run_count == 0 ? MM_OK : fail_told(runs, err);
    MM_TRY(open_found(runs, head.file, &found, err));
    if (head.bytes < found->bytes)
        return fail_told(runs, err);
    found->bytes = head.bytes;
    for (uint32_t i = 0; i < head.run_count; i++) {
        memcpy(&one, told.data + sizeof head + i * sizeof one, sizeof one);
        MM_TRY(add_run(runs, found, &one, err));
    }
    return MM_OK;
}

enum mm_status mm_row_runs_found_all(struct mm_row_runs *runs, struct mm_error *err)
{
    for (size_t i = 0; i < runs->found_count; i++)
        MM_TRY(mm_row_spill_cut(runs->found[i].spill, runs->found[i].bytes, err));
    return MM_OK;
}

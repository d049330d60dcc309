/*
 * report_stored.c - a table of a dataset that is added to: which files stay, and rows of the
 * others.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_stored.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "columnar/parquet_reader.h"
#include "dataset/dataset_rows.h"

/* No run numbers so many readings. */
const uint8_t mm_stored_reading[MM_READING_BYTES] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                     255, 255, 255, 255, 255, 255, 255, 255};

/* ---- rows of a file ---- */

enum mm_status mm_stored_rows(const char *path, const struct mm_table_schema *schema,
                              enum mm_status (*take)(void *context, struct mm_view row,
                                                     struct mm_error *err),
                              void *context, struct mm_error *err)
{
    struct mm_table_reader *reader;
    struct mm_view row;
    enum mm_status st;
    MM_TRY(mm_table_reader_open(path, schema, NULL, &reader, err));
    struct mm_row_reader *rows = malloc(sizeof *rows); /* too large for a stack */
    if (!rows) {
        mm_table_reader_free(&reader);
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", path);
    }
    mm_row_reader_init(rows, reader, schema);
    while ((st = mm_row_reader_next(rows, &row, err)) == MM_OK)
        if ((st = take(context, row, err)) != MM_OK)
            break;
    mm_row_reader_deinit(rows);
    free(rows);
    mm_table_reader_free(&reader);
    return st == MM_END ? MM_OK : st;
}

/* ---- which files are rewritten ---- */

/* The first column of a table that has readings is the report's key. */
static enum mm_status has_replaced_report(const char *path, size_t table,
                                          const struct mm_settlement *settlement, bool *has,
                                          struct mm_error *err)
{
    static const size_t columns[] = {0};
    const struct mm_table_read_options options = {.columns = columns, .column_count = 1};
    struct mm_table_reader *reader;
    enum mm_status st = MM_OK;
    size_t more;
    MM_TRY(mm_table_reader_open(path, &mm_report_tables[table], &options, &reader, err));
    while (!*has && (st = mm_table_reader_next(reader, &more, err)) == MM_OK) {
        const struct mm_table_vector *keys = mm_table_reader_vector(reader, 0, 0);
        for (size_t i = 0; keys && i < more && !*has; i++)
            *has = mm_settlement_replaces(settlement, table, keys->numbers[i]);
    }
    mm_table_reader_free(&reader);
    return *has || st == MM_END ? MM_OK : st;
}

struct search {
    const struct mm_settlement *settlement;
    bool found;
};

static enum mm_status look_at_duplicate(void *context, struct mm_view row, struct mm_error *err)
{
    struct search *search = context;
    (void)err;
    search->found = mm_settlement_unsays(search->settlement, row);
    return search->found ? MM_END : MM_OK;
}

static enum mm_status has_row_to_go(const char *path, size_t table,
                                    const struct mm_settlement *settlement, bool *has,
                                    struct mm_error *err)
{
    struct search search = {.settlement = settlement};
    *has = false;
    if (!mm_settlement_touches(settlement, table))
        return MM_OK;
    if (mm_table_has_readings(table))
        return has_replaced_report(path, table, settlement, has, err);
    enum mm_status st =
        mm_stored_rows(path, &mm_report_tables[table], look_at_duplicate, &search, err);
    *has = search.found;
    return st;
}

static enum mm_status look_at_parts(struct mm_stored_table *stored,
                                    const struct mm_settlement *settlement, size_t *small_count,
                                    struct mm_error *err)
{
    *small_count = 0;
    for (size_t i = 0; i < stored->files.count; i++) {
        struct mm_stored_part *part = &stored->parts[i];
        const char *path = stored->files.paths[i];
        struct mm_dataset_size size = {.rows = 0};
        MM_TRY(mm_dataset_size_add(&size, path, &mm_report_tables[stored->table], 0, err));
        part->rows = size.rows;
        MM_TRY(has_row_to_go(path, stored->table, settlement, &part->rewritten, err));
        *small_count += part->rows < MM_SMALL_PART_ROWS;
    }
    return MM_OK;
}

enum mm_status mm_stored_table_plan(struct mm_stored_table *stored, const char *dataset,
                                    size_t table, const struct mm_settlement *settlement, bool all,
                                    struct mm_error *err)
{
    size_t small_count;
    *stored = (struct mm_stored_table){.table = table};
    MM_TRY(mm_dataset_in_parts(dataset, mm_report_tables[table].name, &stored->files, err));
    stored->parts = calloc(stored->files.count + 1, sizeof *stored->parts);
    if (!stored->parts)
        return mm_fail(err, MM_E_NOMEM, "no memory for the files of %s", dataset);
    MM_TRY(look_at_parts(stored, settlement, &small_count, err));
    for (size_t i = 0; i < stored->files.count; i++) {
        struct mm_stored_part *part = &stored->parts[i];
        if (all || (small_count > MM_SMALL_PARTS_MAX && part->rows < MM_SMALL_PART_ROWS))
            part->rewritten = true;
        stored->rewritten_count += part->rewritten;
        stored->staying_rows += part->rewritten ? 0 : part->rows;
    }
    return MM_OK;
}

void mm_stored_table_deinit(struct mm_stored_table *stored)
{
    mm_dataset_parts_deinit(&stored->files);
    free(stored->parts);
    *stored = (struct mm_stored_table){.table = 0};
}

/* ---- their rows ---- */

struct feeding {
    size_t table;
    const struct mm_settlement *settlement;
    struct mm_row_runs *runs;
    struct mm_daily *gone;
    struct mm_buf row; /* with its reading */
};

static bool goes(const struct feeding *f, struct mm_view row)
{
    int64_t report_key;
    if (!mm_table_has_readings(f->table))
        return f->table == MM_TABLE_DUPLICATES && mm_settlement_unsays(f->settlement, row);
    memcpy(&report_key, row.data, sizeof report_key); /* row.h: never absent, so eight bytes */
    return mm_settlement_replaces(f->settlement, f->table, report_key);
}

static enum mm_status feed_row(void *context, struct mm_view row, struct mm_error *err)
{
    struct feeding *f = context;
    if (goes(f, row))
        return f->gone ? mm_daily_add(f->gone, row, err) : MM_OK;
    if (mm_table_has_readings(f->table)) {
        mm_buf_clear(&f->row);
        mm_buf_append(&f->row, row);
        mm_buf_append(&f->row, (struct mm_view){(const char *)mm_stored_reading, MM_READING_BYTES});
        if (f->row.failed)
            return mm_fail(err, MM_E_NOMEM, "no memory for a row");
        row = mm_buf_view(&f->row);
    }
    return mm_row_runs_add(f->runs, f->table, row, err);
}

/* A file's rows are in order; those of the next begin anew. */
static enum mm_status feed_part(struct feeding *f, const char *path, struct mm_error *err)
{
    MM_TRY(mm_stored_rows(path, &mm_report_tables[f->table], feed_row, f, err));
    return f->gone ? mm_daily_end(f->gone, err) : MM_OK;
}

enum mm_status mm_stored_table_feed(const struct mm_stored_table *stored,
                                    const struct mm_settlement *settlement,
                                    struct mm_row_runs *runs, struct mm_daily *gone,
                                    struct mm_error *err)
{
    struct feeding f = {
        .table = stored->table, .settlement = settlement, .runs = runs, .gone = gone};
    enum mm_status st = MM_OK;
    mm_buf_init(&f.row, MM_ROW_BYTES_MAX + MM_READING_BYTES);
    for (size_t i = 0; i < stored->files.count && st == MM_OK; i++)
        if (stored->parts[i].rewritten)
            st = feed_part(&f, stored->files.paths[i], err);
    mm_buf_deinit(&f.row);
    return st;
}

/* ---- names ---- */

const char *mm_stored_part_name(const struct mm_stored_table *stored, size_t part)
{
    return strrchr(stored->files.paths[part], '/') + 1;
}

void mm_stored_table_new_name(const struct mm_stored_table *stored, char name[NAME_MAX + 1])
{
    unsigned next = 0, number;
    for (size_t i = 0; i < stored->files.count; i++) {
        if (stored->parts[i].rewritten) {
            snprintf(name, NAME_MAX + 1, "%s", mm_stored_part_name(stored, i));
            return;
        }
        if (sscanf(mm_stored_part_name(stored, i), "part-%9u", &number) == 1 && number >= next)
            next = number + 1;
    }
    snprintf(name, NAME_MAX + 1, "part-%05u.parquet", next);
}

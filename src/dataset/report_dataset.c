/*
 * report_dataset.c - rows of many workers become one dataset, of reports or of verdicts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/report_dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "columnar/parquet_writer.h"
#include "columnar/row_merge.h"
#include "dataset/daily.h"

enum {
    MANIFEST_CHARS = 32,
    ABOUT_MAX_BYTES = 64 * 1024,
    /* Rows that are made while the others are merged: duplicates, and the sums of days. */
    LATE_SHARE = 8
};

struct mm_report_dataset {
    struct mm_report_dataset_options options;
    struct mm_dataset_out *out;
    unsigned runs_count;
    struct mm_table_totals totals[MM_DATASET_TABLES_MAX];
    char manifest[MANIFEST_CHARS + 1]; /* hash of all inputs */
    struct mm_row_runs *runs[];        /* of the workers; the last one's rows are made late */
};

static struct mm_row_runs *late_runs(struct mm_report_dataset *d)
{
    return d->runs[d->runs_count - 1];
}

static bool make_runs(struct mm_report_dataset *d)
{
    const struct mm_dataset_verb *verb = d->options.verb;
    const struct mm_table_schema *tables[MM_DATASET_WORK_TABLES_MAX];
    size_t late = d->options.memory_bytes / LATE_SHARE;
    size_t share = (d->options.memory_bytes - late) / d->options.workers;
    for (size_t i = 0; i < verb->work_count; i++)
        tables[i] = &verb->work[i];
    for (unsigned i = 0; i < d->runs_count; i++) {
        d->runs[i] =
            mm_row_runs_new(tables, verb->work_count, i < d->options.workers ? share : late,
                            mm_dataset_out_work_folder(d->out));
        if (!d->runs[i])
            return false;
    }
    return true;
}

enum mm_status mm_report_dataset_new(const struct mm_report_dataset_options *options,
                                     struct mm_report_dataset **made, struct mm_error *err)
{
    unsigned count = options->workers + 1;
    struct mm_report_dataset *d = calloc(1, sizeof *d + count * sizeof d->runs[0]);
    if (!d)
        return mm_fail(err, MM_E_NOMEM, "no memory for a dataset");
    d->options = *options;
    d->runs_count = count;
    enum mm_status st = mm_dataset_out_new(options->path, options->form, &d->out, err);
    if (st == MM_OK && !make_runs(d))
        st = mm_fail(err, MM_E_NOMEM, "no memory for the rows of %u workers", options->workers);
    if (st != MM_OK)
        mm_report_dataset_free(&d);
    *made = d;
    return st;
}

void mm_report_dataset_free(struct mm_report_dataset **made)
{
    struct mm_report_dataset *d = *made;
    if (!d)
        return;
    for (unsigned i = 0; i < d->runs_count; i++)
        mm_row_runs_free(&d->runs[i]);
    mm_dataset_out_free(&d->out);
    free(d);
    *made = NULL;
}

uint64_t mm_report_dataset_spilled_runs(const struct mm_report_dataset *d)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < d->runs_count; i++)
        sum += mm_row_runs_counts(d->runs[i]).spilled_runs;
    return sum;
}

struct mm_row_runs *mm_report_dataset_runs(struct mm_report_dataset *d, unsigned worker)
{
    return d->runs[worker];
}

/* ---- what a later run needs to know ---- */

struct hidden {
    struct mm_report_dataset *d;
    struct mm_table_writer *writer; /* NULL: none does, or a form that is never added to */
};

static enum mm_status begin_hidden(struct hidden *h, size_t table, struct mm_error *err)
{
    const struct mm_dataset_verb *verb = h->d->options.verb;
    if (!verb->settles || h->d->options.form != &mm_parquet_form)
        return MM_OK;
    return mm_dataset_out_begin_hidden(h->d->out, &verb->work[table], &h->writer, err);
}

static enum mm_status append_hidden(void *context, struct mm_view row, struct mm_error *err)
{
    struct hidden *h = context;
    return h->writer ? mm_table_writer_append(h->writer, row, err) : MM_OK;
}

static enum mm_status end_hidden(struct hidden *h, struct mm_error *err)
{
    struct mm_table_totals totals;
    return h->writer ? mm_dataset_out_end(h->d->out, &totals, err) : MM_OK;
}

static enum mm_status merge_of(struct mm_report_dataset *d, size_t table,
                               struct mm_row_merge **merge, struct mm_error *err)
{
    return mm_row_merge_new(d->runs, d->runs_count, table, merge, err);
}

/* Each input once, and the hash of them all. */
static enum mm_status write_inputs(struct mm_report_dataset *d, struct mm_row_merge *merge,
                                   struct hidden *hidden, struct mm_error *err)
{
    char last[MM_READING_BYTES];
    struct mm_view row;
    struct mm_hash128 manifest = {0, 0};
    enum mm_status st;
    bool any = false;
    while ((st = mm_row_merge_next(merge, &row, err)) == MM_OK) {
        if (any && memcmp(last, row.data, sizeof last) == 0)
            continue;
        any = true;
        memcpy(last, row.data, sizeof last);
        manifest = mm_hash128_chain(manifest, row);
        MM_TRY(append_hidden(hidden, row, err));
    }
    snprintf(d->manifest, sizeof d->manifest, "%016" PRIx64 "%016" PRIx64, manifest.high,
             manifest.low);
    return st == MM_END ? MM_OK : st;
}

/* A reading that is not kept is told in `duplicates`. */
static enum mm_status add_duplicate(void *context, struct mm_view row, struct mm_error *err)
{
    struct hidden *h = context;
    return mm_row_runs_add(late_runs(h->d), MM_TABLE_DUPLICATES, row, err);
}

static enum mm_status write_claims(struct mm_row_merge *merge, struct hidden *hidden,
                                   struct mm_settlement *settlement, struct mm_error *err)
{
    const struct mm_settle_to to = {append_hidden, add_duplicate, hidden};
    return mm_reports_settle(merge, &to, settlement, err);
}

/* Merge a table that stays in the dataset's work folder. */
static enum mm_status write_hidden(struct mm_report_dataset *d, size_t table,
                                   struct mm_settlement *settlement, struct mm_error *err)
{
    struct hidden hidden = {.d = d};
    struct mm_row_merge *merge = NULL;
    enum mm_status st = merge_of(d, table, &merge, err);
    if (st == MM_OK)
        st = begin_hidden(&hidden, table, err);
    if (st == MM_OK)
        st = table == d->options.verb->inputs ? write_inputs(d, merge, &hidden, err)
                                              : write_claims(merge, &hidden, settlement, err);
    mm_row_merge_free(&merge);
    return st == MM_OK ? end_hidden(&hidden, err) : st;
}

/* ---- the tables ---- */

static enum mm_status add_daily(void *context, struct mm_view row, struct mm_error *err)
{
    struct mm_report_dataset *d = context;
    return mm_row_runs_add(late_runs(d), MM_TABLE_DAILY, row, err);
}

/* settlement: NULL where all rows are kept. daily: of the records, NULL for other tables. */
static enum mm_status write_rows(struct mm_row_merge *merge, size_t table,
                                 const struct mm_settlement *settlement, struct mm_daily *daily,
                                 struct mm_table_writer *writer, struct mm_error *err)
{
    struct mm_view row;
    enum mm_status st;
    while ((st = mm_row_merge_next(merge, &row, err)) == MM_OK) {
        if (settlement && !mm_settlement_keeps(settlement, table, &row))
            continue;
        MM_TRY(mm_table_writer_append(writer, row, err));
        if (daily)
            MM_TRY(mm_daily_add(daily, row, err));
    }
    MM_TRY(st);
    return daily ? mm_daily_end(daily, err) : MM_OK;
}

static enum mm_status write_table(struct mm_report_dataset *d, size_t table,
                                  const struct mm_settlement *settlement, struct mm_daily *daily,
                                  struct mm_error *err)
{
    char schema_version[16];
    const struct mm_table_note notes[] = {
        {"mailmill.version", mm_version()},
        {"mailmill.schema_version", schema_version},
        {"mailmill.inputs", d->manifest},
    };
    const struct mm_table_options options = {.row_group_rows = d->options.row_group_rows,
                                             .page_bytes = d->options.page_bytes,
                                             .notes = notes,
                                             .note_count = MM_COUNT(notes)};
    struct mm_row_merge *merge = NULL;
    struct mm_table_writer *writer = NULL;
    snprintf(schema_version, sizeof schema_version, "%d", d->options.verb->schema_version);
    enum mm_status st = merge_of(d, table, &merge, err);
    if (st == MM_OK)
        st = mm_dataset_out_begin(d->out, &d->options.verb->tables[table], &options, &writer, err);
    if (st == MM_OK)
        st = write_rows(merge, table, settlement, daily, writer, err);
    if (st == MM_OK)
        st = mm_dataset_out_end(d->out, &d->totals[table], err);
    mm_row_merge_free(&merge);
    return st;
}

/* What other tables make rows of comes before them: `duplicates` and `daily` are the last two. */
static enum mm_status write_report_tables(struct mm_report_dataset *d,
                                          const struct mm_settlement *settlement,
                                          struct mm_error *err)
{
    struct mm_daily daily = {.take = add_daily, .context = d};
    enum mm_status st = MM_OK;
    mm_daily_init(&daily);
    for (size_t i = 0; i < MM_REPORT_TABLES && st == MM_OK; i++)
        st = write_table(d, i, settlement, i == MM_TABLE_DMARC_RECORDS ? &daily : NULL, err);
    mm_daily_deinit(&daily);
    return st;
}

static enum mm_status write_all_tables(struct mm_report_dataset *d, struct mm_error *err)
{
    for (size_t i = 0; i < d->options.verb->table_count; i++)
        MM_TRY(write_table(d, i, NULL, NULL, err));
    return MM_OK;
}

enum mm_status mm_report_dataset_write(struct mm_report_dataset *d,
                                       struct mm_settlement *settlement, struct mm_error *err)
{
    *settlement = (struct mm_settlement){.dmarc_reports = 0};
    MM_TRY(write_hidden(d, d->options.verb->inputs, settlement, err));
    if (!d->options.verb->settles)
        return write_all_tables(d, err);
    MM_TRY(write_hidden(d, MM_TABLE_CLAIMS, settlement, err));
    return write_report_tables(d, settlement, err);
}

/* ---- the end ---- */

static void write_counts(const struct mm_report_dataset *d, const struct mm_dataset_counts *counts,
                         struct mm_buf *out)
{
    if (d->options.verb->settles)
        mm_buf_printf(
            out, "{\"extracted\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"duplicates\":%" PRIu64 "}",
            counts->extracted, counts->rejected, counts->duplicates);
    else
        mm_buf_printf(out, "{\"verified\":%" PRIu64 ",\"rejected\":%" PRIu64 "}", counts->verified,
                      counts->rejected);
}

/* What the dataset is and holds; nothing of when, where and how it was made. */
static void write_about(const struct mm_report_dataset *d, const struct mm_dataset_counts *counts,
                        struct mm_buf *out)
{
    const struct mm_dataset_verb *verb = d->options.verb;
    mm_buf_printf(out,
                  "{\"mailmill\":\"%s\",\"verb\":\"%s\",\"schema_version\":%d,\"shard\":null,"
                  "\"config\":\"%016" PRIx64 "%016" PRIx64 "\",",
                  mm_version(), verb->name, verb->schema_version, d->options.config.high,
                  d->options.config.low);
    mm_buf_printf(out,
                  "\"inputs\":{\"hash\":\"%s\",\"count\":%" PRIu64 "},\"counts\":", d->manifest,
                  counts->inputs);
    write_counts(d, counts, out);
    mm_buf_append_str(out, ",\"tables\":{");
    for (size_t i = 0; i < verb->table_count; i++)
        mm_buf_printf(out, "%s\"%s\":%" PRIu64, i ? "," : "", verb->tables[i].name,
                      d->totals[i].rows);
    mm_buf_append_str(out, "}}\n");
}

enum mm_status mm_report_dataset_commit(struct mm_report_dataset *d,
                                        const struct mm_dataset_counts *counts,
                                        struct mm_error *err)
{
    struct mm_buf about;
    mm_buf_init(&about, ABOUT_MAX_BYTES);
    write_about(d, counts, &about);
    enum mm_status st = about.failed ? mm_fail(err, MM_E_NOMEM, "no memory for " MM_DATASET_ABOUT)
                                     : mm_dataset_out_commit(d->out, mm_buf_view(&about), err);
    mm_buf_deinit(&about);
    return st;
}

/*
 * dataset_write.c - what all workers have made of a run, settled, merged and written.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Where a dataset is added to, its own claims take part in the settlement. Then a table gets one
 * new file more, of new rows, and of those of files that cannot stay. `daily`, whose rows are sums,
 * is written anew whole: it is small. Sums of records that came are added, those of records that
 * went are taken away.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "columnar/parquet_writer.h"
#include "columnar/row_merge.h"
#include "dataset/daily.h"
#include "dataset/dataset_internal.h"
#include "dataset/report_stored.h"

static enum mm_status merge_of(struct mm_dataset *d, size_t table, struct mm_row_merge **merge,
                               struct mm_error *err)
{
    return mm_row_merge_new(d->runs, d->runs_count, table, merge, err);
}

/* ---- what a later run needs to know ---- */

struct hidden {
    struct mm_dataset *d;
    struct mm_table_writer *writer; /* NULL: none does, or a form that is never added to */
};

static enum mm_status begin_hidden(struct hidden *h, size_t table, struct mm_error *err)
{
    const struct mm_dataset_verb *verb = h->d->options.verb;
    if (!verb->settles || h->d->options.form != &mm_parquet_form)
        return MM_OK;
    return mm_dataset_out_begin_hidden(h->d->out, &verb->work[table], h->d->options.workers,
                                       &h->writer, err);
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

/* Inputs of this run and those of the dataset, both in order. */
struct inputs {
    struct mm_row_merge *merge;
    const struct mm_stored_inputs *stored;
    size_t at;               /* in `stored` */
    struct mm_view next_row; /* of the merge */
    bool more;               /* there is one */
};

static enum mm_status step_merge(struct inputs *in, struct mm_error *err)
{
    enum mm_status st = mm_row_merge_next(in->merge, &in->next_row, err);
    in->more = st == MM_OK;
    return st == MM_END ? MM_OK : st;
}

/* The smaller one of both. MM_END past the last. */
static enum mm_status next_input(struct inputs *in, uint8_t id[MM_READING_BYTES],
                                 struct mm_error *err)
{
    bool stored = in->at < in->stored->count;
    if (!stored && !in->more)
        return MM_END;
    if (stored &&
        (!in->more || memcmp(in->stored->ids[in->at], in->next_row.data, MM_READING_BYTES) <= 0)) {
        memcpy(id, in->stored->ids[in->at++], MM_READING_BYTES);
        return MM_OK;
    }
    memcpy(id, in->next_row.data, MM_READING_BYTES);
    return step_merge(in, err);
}

/* Each input once, and the hash of them all. */
static enum mm_status write_inputs(struct mm_dataset *d, struct mm_row_merge *merge,
                                   struct hidden *hidden, struct mm_error *err)
{
    uint8_t id[MM_READING_BYTES], last[MM_READING_BYTES];
    struct inputs in = {.merge = merge, .stored = &d->inputs};
    struct mm_hash128 manifest = {0, 0};
    enum mm_status st;
    bool any = false;
    MM_TRY(step_merge(&in, err));
    while ((st = next_input(&in, id, err)) == MM_OK) {
        struct mm_view row = {(const char *)id, sizeof id}; /* row.h: an address that must be */
        if (any && memcmp(last, id, sizeof last) == 0)
            continue;
        any = true;
        memcpy(last, id, sizeof last);
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
    return mm_row_runs_add(mm_dataset_late(h->d), MM_TABLE_DUPLICATES, row, err);
}

static enum mm_status write_claims(struct mm_row_merge *merge, struct hidden *hidden,
                                   struct mm_settlement *settlement, struct mm_error *err)
{
    const struct mm_settle_to to = {append_hidden, add_duplicate, hidden};
    return mm_reports_settle(merge, &to, settlement, err);
}

/* Merge a table that stays in the dataset's work folder. */
static enum mm_status write_hidden(struct mm_dataset *d, size_t table,
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

static enum mm_status feed_claim(void *context, struct mm_view row, struct mm_error *err)
{
    return mm_row_runs_add(mm_dataset_late(context), MM_TABLE_CLAIMS, row, err);
}

static enum mm_status feed_claims(struct mm_dataset *d, struct mm_error *err)
{
    char path[PATH_MAX + 64];
    if (!d->options.adds)
        return MM_OK;
    snprintf(path, sizeof path, "%s/%s%s", mm_dataset_out_work_folder(d->out),
             mm_work_tables[MM_TABLE_CLAIMS].name, mm_parquet_form.suffix);
    return mm_stored_rows(path, &mm_work_tables[MM_TABLE_CLAIMS], feed_claim, d, err);
}

/* ---- the tables ---- */

/* A table on its way: its rows in order, and where they go. */
struct writing {
    struct mm_dataset *d;
    size_t table;
    const struct mm_settlement *settlement; /* NULL: all rows are kept */
    struct mm_daily *came, *gone;           /* of the records, to be summed; NULL: other tables */
    struct mm_stored_table stored;
    struct mm_row_merge *merge;
    struct mm_table_writer *writer; /* NULL: no file yet; adding, one is made for rows alone */
    struct mm_buf sum;              /* of `daily`: the row at hand */
};

static enum mm_status begin_file(struct writing *w, struct mm_error *err)
{
    char schema_version[16];
    struct mm_dataset *d = w->d;
    const struct mm_table_note notes[] = {
        {"mailmill.version", mm_version()},
        {"mailmill.schema_version", schema_version},
        {"mailmill.inputs", d->manifest},
    };
    const struct mm_table_options options = {.row_group_rows = d->options.row_group_rows,
                                             .page_bytes = d->options.page_bytes,
                                             .notes = notes,
                                             .note_count = MM_COUNT(notes),
                                             .threads = d->options.workers};
    snprintf(schema_version, sizeof schema_version, "%d", d->options.verb->schema_version);
    return mm_dataset_out_begin(d->out, &d->options.verb->tables[w->table], &options, &w->writer,
                                err);
}

static enum mm_status put_row(struct writing *w, struct mm_view row, struct mm_error *err)
{
    if (!w->writer)
        MM_TRY(begin_file(w, err));
    return mm_table_writer_append(w->writer, row, err);
}

/* Rows of `daily` that are of one thing, from the dataset and from this run, become one, or none.
 */
static enum mm_status flush_sum(struct writing *w, struct mm_error *err)
{
    struct mm_view row = mm_buf_view(&w->sum);
    enum mm_status st = row.len && mm_daily_counts(row) ? put_row(w, row, err) : MM_OK;
    mm_buf_clear(&w->sum);
    return st;
}

static enum mm_status add_to_sum(struct writing *w, struct mm_view row, struct mm_error *err)
{
    struct mm_view sum = mm_buf_view(&w->sum);
    if (sum.len == row.len && mm_view_eq(mm_daily_what(sum), mm_daily_what(row))) {
        mm_daily_merge(w->sum.data, row.data, row.len);
        return MM_OK;
    }
    MM_TRY(flush_sum(w, err));
    mm_buf_append(&w->sum, row);
    return w->sum.failed ? mm_fail(err, MM_E_NOMEM, "no memory for the sums of a day") : MM_OK;
}

/* The reading lies behind the row still. */
static bool is_stored(struct mm_view row)
{
    return memcmp(row.data + row.len, mm_stored_reading, MM_READING_BYTES) == 0;
}

static enum mm_status write_rows(struct writing *w, struct mm_error *err)
{
    struct mm_view row;
    enum mm_status st;
    while ((st = mm_row_merge_next(w->merge, &row, err)) == MM_OK) {
        if (w->settlement && !mm_settlement_keeps(w->settlement, w->table, &row))
            continue;
        if (w->settlement && w->table == MM_TABLE_DAILY)
            MM_TRY(add_to_sum(w, row, err));
        else
            MM_TRY(put_row(w, row, err));
        if (w->came && !is_stored(row))
            MM_TRY(mm_daily_add(w->came, row, err));
    }
    MM_TRY(st);
    MM_TRY(flush_sum(w, err));
    return w->came ? mm_daily_end(w->came, err) : MM_OK;
}

/* Rows of the dataset that go where the new ones go. */
static enum mm_status feed_stored(struct writing *w, bool all, struct mm_error *err)
{
    if (!w->d->options.adds)
        return MM_OK;
    MM_TRY(mm_stored_table_plan(&w->stored, w->d->options.path, w->table, w->settlement, all, err));
    return mm_stored_table_feed(&w->stored, w->settlement, mm_dataset_late(w->d), w->gone, err);
}

/* The table's file is whole: say what it takes the place of. */
static enum mm_status end_file(struct writing *w, struct mm_error *err)
{
    char name[NAME_MAX + 1];
    struct mm_dataset *d = w->d;
    const struct mm_table_schema *schema = &d->options.verb->tables[w->table];
    struct mm_table_totals *totals = &d->totals[w->table];
    if (!w->writer && (!d->options.adds || w->stored.rewritten_count))
        MM_TRY(begin_file(w, err));
    if (w->writer)
        MM_TRY(mm_dataset_out_end(d->out, totals, err));
    totals->rows += w->stored.staying_rows;
    if (!w->writer || !d->options.adds)
        return MM_OK;
    mm_stored_table_new_name(&w->stored, name);
    mm_dataset_out_put(d->out, schema, name);
    for (size_t i = 0; i < w->stored.files.count; i++)
        if (w->stored.parts[i].rewritten && strcmp(mm_stored_part_name(&w->stored, i), name) != 0)
            mm_dataset_out_drop(d->out, schema, mm_stored_part_name(&w->stored, i));
    return MM_OK;
}

/* all: every file of the table that is there is written anew. */
static enum mm_status write_table(struct writing *w, bool all, struct mm_error *err)
{
    w->merge = NULL;
    w->writer = NULL;
    mm_buf_init(&w->sum, MM_ROW_BYTES_MAX);
    w->stored = (struct mm_stored_table){.table = w->table};
    enum mm_status st = feed_stored(w, all, err);
    if (st == MM_OK)
        st = merge_of(w->d, w->table, &w->merge, err);
    if (st == MM_OK)
        st = write_rows(w, err);
    if (st == MM_OK)
        st = end_file(w, err);
    mm_row_merge_free(&w->merge);
    mm_stored_table_deinit(&w->stored);
    mm_buf_deinit(&w->sum);
    return st;
}

static enum mm_status add_daily(void *context, struct mm_view row, struct mm_error *err)
{
    struct mm_dataset *d = context;
    return mm_row_runs_add(mm_dataset_late(d), MM_TABLE_DAILY, row, err);
}

/* What other tables make rows of comes before them: `duplicates` and `daily` are the last two. */
static enum mm_status write_report_tables(struct mm_dataset *d,
                                          const struct mm_settlement *settlement,
                                          struct mm_error *err)
{
    struct mm_daily came = {.take = add_daily, .context = d};
    struct mm_daily gone = {.take = add_daily, .context = d, .negative = true};
    enum mm_status st = MM_OK;
    mm_daily_init(&came);
    mm_daily_init(&gone);
    for (size_t i = 0; i < MM_REPORT_TABLES && st == MM_OK; i++) {
        bool records = i == MM_TABLE_DMARC_RECORDS;
        struct writing w = {.d = d,
                            .table = i,
                            .settlement = settlement,
                            .came = records ? &came : NULL,
                            .gone = records ? &gone : NULL};
        st = write_table(&w, i == MM_TABLE_DAILY && (came.told || gone.told), err);
    }
    mm_daily_deinit(&came);
    mm_daily_deinit(&gone);
    return st;
}

static enum mm_status write_all_tables(struct mm_dataset *d, struct mm_error *err)
{
    for (size_t i = 0; i < d->options.verb->table_count; i++) {
        struct writing w = {.d = d, .table = i};
        MM_TRY(write_table(&w, false, err));
    }
    return MM_OK;
}

/* Every input that was not taken before leaves a row: that it was taken. */
static bool nothing_came(const struct mm_dataset *d)
{
    uint64_t rows = 0;
    for (unsigned i = 0; i < d->runs_count; i++)
        rows += mm_row_runs_counts(d->runs[i]).rows;
    return rows == 0;
}

enum mm_status mm_dataset_write(struct mm_dataset *d, struct mm_settlement *settlement,
                                struct mm_error *err)
{
    *settlement = (struct mm_settlement){.dmarc_reports = 0};
    d->unchanged = d->options.adds && nothing_came(d);
    if (d->unchanged)
        return MM_OK;
    MM_TRY(write_hidden(d, d->options.verb->inputs, settlement, err));
    if (!d->options.verb->settles)
        return write_all_tables(d, err);
    MM_TRY(feed_claims(d, err));
    MM_TRY(write_hidden(d, MM_TABLE_CLAIMS, settlement, err));
    d->duplicate_inputs = settlement->all_duplicate_inputs;
    return write_report_tables(d, settlement, err);
}

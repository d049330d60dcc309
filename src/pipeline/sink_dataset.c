/*
 * sink_dataset.c - a dataset: rows went there by themselves, the sink brings it to disk.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "columnar/csv_write.h"
#include "columnar/ndjson_write.h"
#include "columnar/parquet_writer.h"
#include "columnar/row_runs_saved.h"
#include "dataset/dataset_lines.h"
#include "pipeline/sink_dataset.h"

struct dataset_sink {
    struct mm_sink sink;
    struct mm_dataset_options options;
    struct mm_dataset_output *output;
};

const struct mm_table_form *mm_dataset_form(enum mm_dataset_format format)
{
    switch (format) {
    case MM_DATASET_NDJSON:
        return &mm_ndjson_form;
    case MM_DATASET_CSV:
        return &mm_csv_form;
    default:
        return &mm_parquet_form;
    }
}

/* What an earlier run has saved; and this one is to save. */
static enum mm_status find_rows(struct dataset_sink *s, struct mm_error *err)
{
    struct mm_dataset *d = s->output->dataset;
    struct mm_journal_saved saved;
    size_t at = 0;
    while (mm_journal_next_saved(s->sink.journal, &at, &saved))
        MM_TRY(mm_dataset_find(d, saved.told, err));
    return mm_dataset_save_rows(d, err);
}

static bool goes_on(const struct dataset_sink *s)
{
    return s->sink.journal && s->sink.journal->state == MM_JOURNAL_UNFINISHED;
}

static enum mm_status dataset_open(struct mm_sink *sink, struct mm_error *err)
{
    struct dataset_sink *s = (struct dataset_sink *)sink;
    s->options.goes_on = goes_on(s);
    MM_TRY(mm_dataset_new(&s->options, &s->output->dataset, err));
    if (s->options.goes_on)
        mm_dataset_keep(s->output->dataset);
    return sink->journal ? find_rows(s, err) : MM_OK;
}

/* ---- a worker ---- */

struct dataset_worker {
    struct mm_row_runs *runs; /* which its job fills */
    size_t lines;             /* the table of them that has the rejects */
    struct mm_buf line, row;
};

enum { LINE_MAX_BYTES = 1024 * 1024 };

static enum mm_status dataset_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                         struct mm_error *err)
{
    const struct dataset_sink *s = (const struct dataset_sink *)sink;
    struct dataset_worker *w = calloc(1, sizeof *w);
    *worker = w;
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for the rows of a worker");
    w->runs = mm_dataset_runs(s->output->dataset, index);
    w->lines = mm_dataset_lines_table(s->output->dataset);
    mm_buf_init(&w->line, LINE_MAX_BYTES);
    mm_buf_init(&w->row, 2 * LINE_MAX_BYTES);
    return MM_OK;
}

static void dataset_worker_free(void *worker)
{
    struct dataset_worker *w = worker;
    mm_buf_deinit(&w->line);
    mm_buf_deinit(&w->row);
    free(w);
}

/* Rows went to the runs by themselves; what is left is the list of rejects. */
static enum mm_status dataset_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                  struct mm_commit *commit, struct mm_item *items, size_t count,
                                  struct mm_error *err)
{
    struct dataset_worker *w = worker;
    (void)sink, (void)line, (void)commit;
    for (size_t i = 0; i < count; i++) {
        const struct mm_item *item = &items[i];
        if (!mm_item_is_listed(item))
            continue;
        mm_buf_clear(&w->line);
        mm_reject_row(&w->line, item->message, item->slug, mm_view_of(item->detail), item->offset);
        if (w->line.failed)
            return mm_fail(err, MM_E_NOMEM, "no memory for the rejects");
        struct mm_view text = mm_buf_view(&w->line);
        text.len--; /* its line end */
        MM_TRY(mm_dataset_lines_add(w->runs, w->lines, text, &w->row, err));
    }
    return MM_OK;
}

static enum mm_status dataset_save(void *worker, struct mm_buf *told, struct mm_error *err)
{
    return mm_row_runs_save(((struct dataset_worker *)worker)->runs, told, err);
}

static uint64_t dataset_unsaved(const void *worker)
{
    return mm_row_runs_unsaved_bytes(((const struct dataset_worker *)worker)->runs);
}

/* ---- the end ---- */

static enum mm_status take_reject(void *log, struct mm_view line, struct mm_error *err)
{
    return mm_rejects_log_add_line(log, line, err);
}

static enum mm_status dataset_list_rejects(struct mm_sink *sink, struct mm_rejects_log *log,
                                           struct mm_error *err)
{
    const struct dataset_sink *s = (const struct dataset_sink *)sink;
    struct mm_row_merge *merge = NULL;
    enum mm_status st = mm_dataset_lines_merged(s->output->dataset, &merge, err);
    if (st == MM_OK)
        st = mm_dataset_lines_take(merge, take_reject, log, err);
    mm_row_merge_free(&merge);
    return st;
}

static enum mm_status dataset_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct dataset_sink *s = (struct dataset_sink *)sink;
    const struct mm_dataset_named named = {sink->name_is_next, sink->context};
    enum mm_status st = MM_OK;
    /* What the journal vouches for can be gone on with. */
    if (s->output->dataset && sink->journal && sink->journal->fd >= 0)
        mm_dataset_keep(s->output->dataset);
    if (whole)
        st = mm_dataset_commit(s->output->dataset, &s->output->counts,
                               sink->name_is_next ? &named : NULL, err);
    mm_dataset_free(&s->output->dataset);
    return st;
}

static const struct mm_sink_ops DATASET_OPS = {.open = dataset_open,
                                               .worker_new = dataset_worker_new,
                                               .worker_free = dataset_worker_free,
                                               .put = dataset_put,
                                               .save = dataset_save,
                                               .unsaved = dataset_unsaved,
                                               .list_rejects = dataset_list_rejects,
                                               .close = dataset_close};

struct mm_sink *mm_sink_dataset_new(const struct mm_dataset_options *options,
                                    struct mm_dataset_output *output)
{
    struct dataset_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink.ops = &DATASET_OPS;
    s->sink.journal_inside = true;
    s->output = output;
    s->options = *options;
    return &s->sink;
}

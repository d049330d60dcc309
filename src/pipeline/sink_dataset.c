/*
 * sink_dataset.c - a dataset: rows went there by themselves, the sink brings it to disk.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "columnar/csv_write.h"
#include "columnar/ndjson_write.h"
#include "columnar/parquet_writer.h"
#include "pipeline/sink_dataset.h"

struct dataset_sink {
    struct mm_sink sink;
    struct mm_report_dataset_options options;
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

static enum mm_status dataset_open(struct mm_sink *sink, struct mm_error *err)
{
    struct dataset_sink *s = (struct dataset_sink *)sink;
    return mm_report_dataset_new(&s->options, &s->output->dataset, err);
}

static enum mm_status dataset_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                         struct mm_error *err)
{
    (void)sink, (void)index, (void)err;
    *worker = NULL;
    return MM_OK;
}

static void dataset_worker_free(void *worker)
{
    (void)worker;
}

static enum mm_status dataset_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                  struct mm_commit *commit, struct mm_item *items, size_t count,
                                  struct mm_error *err)
{
    (void)sink, (void)worker, (void)line, (void)commit, (void)items, (void)count, (void)err;
    return MM_OK;
}

static enum mm_status dataset_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct dataset_sink *s = (struct dataset_sink *)sink;
    enum mm_status st = MM_OK;
    if (whole)
        st = mm_report_dataset_commit(s->output->dataset, &s->output->counts, err);
    mm_report_dataset_free(&s->output->dataset);
    return st;
}

static const struct mm_sink_ops DATASET_OPS = {.open = dataset_open,
                                               .worker_new = dataset_worker_new,
                                               .worker_free = dataset_worker_free,
                                               .put = dataset_put,
                                               .close = dataset_close};

struct mm_sink *mm_sink_dataset_new(const struct mm_report_dataset_options *options,
                                    struct mm_dataset_output *output)
{
    struct dataset_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink.ops = &DATASET_OPS;
    s->output = output;
    s->options = *options;
    return &s->sink;
}

/*
 * sink_dataset.h - a dataset: rows went there by themselves, the sink brings it to disk.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_SINK_DATASET_H
#define MM_PIPELINE_SINK_DATASET_H

#include "dataset/dataset.h"
#include "pipeline/sink.h"

/* Of a run's memory: rows wait in this part of it, the other parts are inputs in work. */
enum { MM_DATASET_ROWS_SHARE = 6 };

/* What the sink and the run share. */
struct mm_dataset_output {
    struct mm_dataset *dataset;      /* from open to close */
    struct mm_dataset_counts counts; /* set before a close that is whole */
};

const struct mm_table_form *mm_dataset_form(enum mm_dataset_format format);

/* Open refuses what exists; close gives the folder its name when whole, else leaves nothing. The
 * dataset is written in between (mm_dataset_write()). */
struct mm_sink *mm_sink_dataset_new(const struct mm_dataset_options *options,
                                    struct mm_dataset_output *output);

#endif /* MM_PIPELINE_SINK_DATASET_H */

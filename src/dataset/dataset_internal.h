/*
 * dataset_internal.h - a dataset that is made or added to: shared by what opens and writes it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_DATASET_DATASET_INTERNAL_H
#define MM_DATASET_DATASET_INTERNAL_H

#include "dataset/dataset.h"
#include "dataset/dataset_in.h"
#include "dataset/stored_inputs.h"

enum { MM_MANIFEST_CHARS = 32 };

struct mm_dataset {
    struct mm_dataset_options options;
    struct mm_dataset_out *out;
    unsigned runs_count;
    struct mm_table_totals totals[MM_DATASET_TABLES_MAX];
    char manifest[MM_MANIFEST_CHARS + 1]; /* hash of all inputs */
    /* adding: what it says of itself, and which inputs it has */
    struct mm_dataset_about about;
    struct mm_stored_inputs inputs;
    uint64_t duplicate_inputs;  /* of all that is in it */
    bool unchanged;             /* nothing came that it has not */
    unsigned first_file;        /* number of the first worker's rows */
    struct mm_row_runs *runs[]; /* of the workers; of earlier runs; the last one's are made late */
};

static inline struct mm_row_runs *mm_dataset_found(struct mm_dataset *d)
{
    return d->runs[d->runs_count - 2];
}

static inline struct mm_row_runs *mm_dataset_late(struct mm_dataset *d)
{
    return d->runs[d->runs_count - 1];
}

#endif /* MM_DATASET_DATASET_INTERNAL_H */

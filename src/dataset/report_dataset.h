/*
 * report_dataset.h - rows of many workers become one dataset, of reports or of verdicts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * While a run goes on each worker puts rows into runs of its own. At the end all claims of reports
 * are settled, and each table is merged out of all runs, without the rows of readings that were
 * dropped. So the dataset is the same whatever the number of workers and the order of inputs.
 */
#ifndef MM_DATASET_REPORT_DATASET_H
#define MM_DATASET_REPORT_DATASET_H

#include "base/hash128.h"
#include "columnar/row_runs.h"
#include "dataset/dataset_out.h"
#include "dataset/dataset_verb.h"
#include "dataset/report_settle.h"

struct mm_report_dataset;

struct mm_report_dataset_options {
    const char *path;
    const struct mm_dataset_verb *verb;
    const struct mm_table_form *form;
    unsigned workers;
    struct mm_hash128 config; /* of what decides rows besides the inputs */
    size_t memory_bytes;      /* for rows that wait, over all workers */
    uint32_t row_group_rows;  /* 0: what the form takes */
    uint32_t page_bytes;      /* likewise */
};

/* Refuses what exists. Errors as mm_dataset_out_new(). */
enum mm_status mm_report_dataset_new(const struct mm_report_dataset_options *options,
                                     struct mm_report_dataset **dataset,
                                     struct mm_error *err) MM_MUST_CHECK;
/* What was not finished is removed. Quiet on NULL. */
void mm_report_dataset_free(struct mm_report_dataset **dataset);

/* Where a worker's rows go: tables are the verb's `work`. No other thread may use it meanwhile. */
struct mm_row_runs *mm_report_dataset_runs(struct mm_report_dataset *dataset, unsigned worker);
/* Of all workers. None of them may add rows meanwhile. */
uint64_t mm_report_dataset_spilled_runs(const struct mm_report_dataset *dataset);

/*
 * Settle, merge, write. Every worker has ended.
 * settlement  [out] what became of the reports, of a verb that settles; deinit it.
 */
enum mm_status mm_report_dataset_write(struct mm_report_dataset *dataset,
                                       struct mm_settlement *settlement,
                                       struct mm_error *err) MM_MUST_CHECK;

/* How many inputs ended how, for _mailmill.json. */
struct mm_dataset_counts {
    uint64_t inputs, verified, extracted, rejected, duplicates;
};

/* Everything is on disk, and the folder has its name. After mm_report_dataset_write(). */
enum mm_status mm_report_dataset_commit(struct mm_report_dataset *dataset,
                                        const struct mm_dataset_counts *counts,
                                        struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_REPORT_DATASET_H */

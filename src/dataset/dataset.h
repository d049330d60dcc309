/*
 * dataset.h - rows of many workers become one dataset, of reports or of verdicts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * While a run goes on each worker puts rows into runs of its own. At the end all claims of reports
 * are settled, and each table is merged out of all runs, without the rows of readings that were
 * dropped. So the dataset is the same whatever the number of workers and the order of inputs. What
 * is added to a dataset is settled with what is in it, so that its rows are the same in one run or
 * many.
 */
#ifndef MM_DATASET_DATASET_H
#define MM_DATASET_DATASET_H

#include "base/hash128.h"
#include "columnar/row_runs.h"
#include "dataset/dataset_out.h"
#include "dataset/dataset_verb.h"
#include "dataset/report_settle.h"

struct mm_dataset;

struct mm_dataset_options {
    const char *path;
    const struct mm_dataset_verb *verb;
    bool adds;    /* to a dataset: mm_dataset_check() has found one; `form` is Parquet */
    bool goes_on; /* with what a run has left in PATH.part */
    const struct mm_table_form *form;
    unsigned workers;
    struct mm_hash128 config; /* of what decides rows besides the inputs */
    size_t memory_bytes;      /* for rows that wait, over all workers */
    size_t inputs_bytes;      /* adding: for the hashes of all inputs that were taken */
    uint32_t row_group_rows;  /* 0: what the form takes */
    uint32_t page_bytes;      /* likewise */
};

/*
 * What is at PATH, before any work?
 * Returns  MM_OK: a dataset that can be added to with these options; MM_END: nothing; MM_E_EXISTS:
 *          something else; MM_E_ARG: a dataset of another kind, version or with other options;
 *          MM_E_IO; MM_E_NOMEM. The text says what to do.
 */
enum mm_status mm_dataset_check(const char *path, struct mm_hash128 config,
                                struct mm_error *err) MM_MUST_CHECK;

/* Refuses what exists, or what does not if it is to be added to. Errors as mm_dataset_out_new(),
 * mm_dataset_out_add(). */
enum mm_status mm_dataset_new(const struct mm_dataset_options *options, struct mm_dataset **dataset,
                              struct mm_error *err) MM_MUST_CHECK;
/* Of a run that goes on: have the rows that an earlier one told of, each time it did so. Errors as
 * mm_row_runs_find(). */
enum mm_status mm_dataset_find(struct mm_dataset *dataset, struct mm_view told,
                               struct mm_error *err) MM_MUST_CHECK;
/* Behind that, before the first row: what each worker saves with mm_row_runs_save() can be found by
 * a later run. Errors as mm_row_runs_found_all(). */
enum mm_status mm_dataset_save_rows(struct mm_dataset *dataset, struct mm_error *err) MM_MUST_CHECK;
/* From now on what is not finished stays. */
void mm_dataset_keep(struct mm_dataset *dataset);
/* What was not finished is removed. Quiet on NULL. */
void mm_dataset_free(struct mm_dataset **dataset);

/* Where a worker's rows go: tables are the verb's `work`. No other thread may use it meanwhile. */
struct mm_row_runs *mm_dataset_runs(struct mm_dataset *dataset, unsigned worker);
/* Of all workers. None of them may add rows meanwhile. */
uint64_t mm_dataset_spilled_runs(const struct mm_dataset *dataset);

/* Whether the dataset that is added to has taken an input, by what mm_rows_of_input() was told. For
 * any thread. */
bool mm_dataset_has(const struct mm_dataset *dataset, const uint8_t input[MM_READING_BYTES]);

/* No other of this run, and of those that it goes on with, has this number. */
unsigned mm_dataset_number(const struct mm_dataset *dataset, unsigned worker);
/* The table of mm_dataset_lines, behind those of the verb; and all its rows, merged. */
size_t mm_dataset_lines_table(const struct mm_dataset *dataset);
enum mm_status mm_dataset_lines_merged(struct mm_dataset *dataset, struct mm_row_merge **merge,
                                       struct mm_error *err) MM_MUST_CHECK;

/*
 * Settle, merge, write. Every worker has ended.
 * settlement  [out] what became of the reports, of a verb that settles; deinit it.
 */
enum mm_status mm_dataset_write(struct mm_dataset *dataset, struct mm_settlement *settlement,
                                struct mm_error *err) MM_MUST_CHECK;

/* Inputs of this run, for _mailmill.json; adding: those that had not been taken before. What was
 * not rejected was verified or extracted, or its reports were told by others, which
 * mm_dataset_write() has found. */
struct mm_dataset_counts {
    uint64_t inputs, rejected;
};

/* Everything is on disk, and the folder has its name. After mm_dataset_write(). Adding where
 * nothing came that was not there: nothing is touched. */
enum mm_status mm_dataset_commit(struct mm_dataset *dataset, const struct mm_dataset_counts *counts,
                                 const struct mm_dataset_named *named,
                                 struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_DATASET_H */

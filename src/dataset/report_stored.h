/*
 * report_stored.h - a table of a dataset that is added to: which files stay, and rows of the
 * others.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file is written anew where a row of it has to go, since a better reading of its report came;
 * and where there are too many small ones. Rows of all such files go the way of new rows: through
 * the runs and the merge into one new file. So memory is bounded, and the new file is in order.
 */
#ifndef MM_DATASET_REPORT_STORED_H
#define MM_DATASET_REPORT_STORED_H

#include "columnar/row_runs.h"
#include "dataset/daily.h"
#include "dataset/dataset_in.h"
#include "dataset/report_settle.h"

enum {
    /* A run every hour adds a file an hour. Beyond so many small files they become one: each row is
     * written again once in so many runs, until its file is no small one. */
    MM_SMALL_PARTS_MAX = 32,
    MM_SMALL_PART_ROWS = 128 * 1024 /* a file with fewer: a row group */
};

struct mm_stored_part {
    uint64_t rows;
    bool rewritten;
};

struct mm_stored_table {
    size_t table;                  /* of enum mm_report_table */
    struct mm_dataset_parts files; /* in order of their names */
    struct mm_stored_part *parts;  /* [files.count] */
    size_t rewritten_count;
    uint64_t staying_rows; /* of files that are not rewritten */
};

/* Look through the table's files: nothing is held of them but this. deinit is wanted all the same.
 * all: every file is to be rewritten. MM_E_SYNTAX: damaged; MM_E_IO; MM_E_NOMEM; MM_E_LIMIT. */
enum mm_status mm_stored_table_plan(struct mm_stored_table *stored, const char *dataset,
                                    size_t table, const struct mm_settlement *settlement, bool all,
                                    struct mm_error *err) MM_MUST_CHECK;
void mm_stored_table_deinit(struct mm_stored_table *stored); /* quiet on a zeroed struct */

/* Give the rows of all files that are rewritten to `runs`, but for those that have to go, which are
 * given to `gone`, where it is not NULL: of records, to be summed. */
enum mm_status mm_stored_table_feed(const struct mm_stored_table *stored,
                                    const struct mm_settlement *settlement,
                                    struct mm_row_runs *runs, struct mm_daily *gone,
                                    struct mm_error *err) MM_MUST_CHECK;

/* The name of the table's new file: of the first that is rewritten, or one that none has. */
void mm_stored_table_new_name(const struct mm_stored_table *stored, char name[NAME_MAX + 1]);
const char *mm_stored_part_name(const struct mm_stored_table *stored, size_t part);

/* Where a row has its reading, one of the dataset has this. */
extern const uint8_t mm_stored_reading[MM_READING_BYTES];

/* All rows of a file, each in the form of mm_row_end(). What `take` returns but MM_OK ends it. */
enum mm_status mm_stored_rows(const char *path, const struct mm_table_schema *schema,
                              enum mm_status (*take)(void *context, struct mm_view row,
                                                     struct mm_error *err),
                              void *context, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DATASET_REPORT_STORED_H */

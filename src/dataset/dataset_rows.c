/*
 * dataset_rows.c - whether a table has the rows that _mailmill.json tells of.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/dataset_rows.h"

#include <inttypes.h>

#include "columnar/parquet_reader.h"
#include "dataset/append_record.h"
#include "dataset/dataset_out.h"

enum mm_status mm_dataset_size_add(struct mm_dataset_size *size, const char *file,
                                   const struct mm_table_schema *schema, size_t memory_bytes,
                                   struct mm_error *err)
{
    const struct mm_table_read_options options = {.memory_bytes = memory_bytes};
    struct mm_table_reader *reader;
    MM_TRY(mm_table_reader_open(file, schema, &options, &reader, err));
    size->rows += mm_table_reader_rows(reader);
    size->groups += mm_table_reader_groups(reader);
    mm_table_reader_free(&reader);
    return MM_OK;
}

/* Whether an append may have been at it since `about` was read. In this order: the list goes when
 * _mailmill.json is new. */
static enum mm_status may_be_added_to(const char *path, const struct mm_dataset_about *about,
                                      bool *added, struct mm_error *err)
{
    struct mm_dataset_about now;
    *added = mm_dataset_in_has(path, MM_WORK_FOLDER "/" MM_APPEND_RECORD);
    if (*added)
        return MM_OK;
    MM_TRY(mm_dataset_in_read(path, &now, err));
    *added = now.inputs != about->inputs;
    return MM_OK;
}

enum mm_status mm_dataset_rows_check(const char *path, const struct mm_dataset_about *about,
                                     const char *table, const struct mm_dataset_parts *parts,
                                     const struct mm_dataset_size *size, struct mm_error *err)
{
    bool added = false;
    uint64_t told = mm_dataset_told_rows(about, table, size->rows);
    if (parts->count && told == size->rows)
        return MM_OK;
    if (parts->count)
        MM_TRY(may_be_added_to(path, about, &added, err));
    if (added)
        return MM_OK;
    return mm_fail(err, MM_E_SYNTAX,
                   "%s: the table %s has %" PRIu64 " rows in %zu files, and " MM_DATASET_ABOUT
                   " tells of %" PRIu64 ": bring back the files that were lost, or begin a new "
                   "dataset",
                   path, table, size->rows, parts->count, told);
}

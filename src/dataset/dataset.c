/*
 * dataset.c - rows of many workers become one dataset, of reports or of verdicts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"
#include "columnar/parquet_writer.h"
#include "columnar/row_merge.h"
#include "columnar/row_runs_saved.h"
#include "dataset/dataset_internal.h"
#include "dataset/dataset_lines.h"
#include "dataset/dataset_rows.h"

enum {
    ABOUT_MAX_BYTES = 64 * 1024,
    /* Rows that are made while the others are merged: duplicates, the sums of days, and what a
     * dataset that is added to has. */
    LATE_SHARE = 12,
    FOUND_SHARE = 64 * 1024,  /* of runs that get no rows */
    NUMBERS_MAX = UINT16_MAX, /* of workers, over all runs that went on with one another */
    CONFIG_CHARS = 32
};

/* ---- opening ---- */

static void config_text(struct mm_hash128 config, char text[CONFIG_CHARS + 1])
{
    snprintf(text, CONFIG_CHARS + 1, "%016" PRIx64 "%016" PRIx64, config.high, config.low);
}

/* A fault of the dataset, and not of its disk, is one of what was asked for. */
static enum mm_status not_fit(enum mm_status st)
{
    return st == MM_E_SYNTAX || st == MM_E_LIMIT ? MM_E_ARG : st;
}

static enum mm_status check_table(const char *path, const struct mm_dataset_about *about,
                                  const struct mm_table_schema *schema, struct mm_error *err)
{
    struct mm_dataset_size size = {.rows = 0};
    struct mm_dataset_parts parts;
    enum mm_status st = not_fit(mm_dataset_in_parts(path, schema->name, &parts, err));
    for (size_t i = 0; i < parts.count && st == MM_OK; i++)
        st = mm_dataset_size_add(&size, parts.paths[i], schema, 0, err);
    if (st == MM_OK)
        st = not_fit(mm_dataset_rows_check(path, about, schema->name, &parts, &size, err));
    mm_dataset_parts_deinit(&parts);
    return st;
}

/* It is a dataset; is it one that this program can add to, with these options? */
static enum mm_status check_about(const char *path, struct mm_hash128 config,
                                  struct mm_dataset_about *about, struct mm_error *err)
{
    char wanted[CONFIG_CHARS + 1];
    struct mm_error why;
    enum mm_status st = mm_dataset_in_about(path, "reports", MM_REPORT_SCHEMA_VERSION, about, &why);
    why.status = not_fit(st);
    if (st != MM_OK && err)
        *err = why;
    if (st != MM_OK)
        return why.status;
    if (about->schema_version != MM_REPORT_SCHEMA_VERSION)
        return mm_fail(err, MM_E_ARG,
                       "%s has schema version %d and this mailmill (%s) adds to version %d only: "
                       "make it anew from its sources, or add with mailmill %s",
                       path, about->schema_version, mm_version(), MM_REPORT_SCHEMA_VERSION,
                       about->mailmill);
    if (mm_dataset_in_is_text(path, &mm_reports_verb))
        return mm_fail(err, MM_E_ARG,
                       "%s was written with --format ndjson or csv, which are never added to: "
                       "make it anew with --format parquet",
                       path);
    if (!mm_dataset_in_has(path, MM_WORK_FOLDER "/claims.parquet") ||
        !mm_dataset_in_has(path, MM_WORK_FOLDER "/inputs.parquet"))
        return mm_fail(err, MM_E_ARG,
                       "%s has lost " MM_WORK_FOLDER "/claims.parquet or inputs.parquet, "
                       "which tell what it has: bring them back, or make it anew from its sources",
                       path);
    config_text(config, wanted);
    if (strcmp(about->config, wanted) != 0)
        return mm_fail(err, MM_E_ARG,
                       "%s was made with other options: --split-days, --subjects and the key of "
                       "--redact have to be as they were, or the dataset is made anew",
                       path);
    return MM_OK;
}

/* What was lost is missed before more is added: from then on _mailmill.json tells of what is there.
 */
static enum mm_status check_dataset(const char *path, struct mm_hash128 config,
                                    struct mm_dataset_about *about, struct mm_error *err)
{
    MM_TRY(check_about(path, config, about, err));
    for (size_t i = 0; i < MM_REPORT_TABLES; i++)
        MM_TRY(check_table(path, about, &mm_report_tables[i], err));
    return MM_OK;
}

enum mm_status mm_dataset_check(const char *path, struct mm_hash128 config, struct mm_error *err)
{
    struct stat st;
    struct mm_dataset_about about;
    if (lstat(path, &st) != 0 && errno == ENOENT)
        return MM_END;
    bool there = mm_dataset_in_has(path, MM_DATASET_ABOUT);
    if (!there && errno == EACCES)
        return mm_fail_os(err, EACCES, "%s", path);
    if (!there)
        return mm_fail(err, MM_E_EXISTS,
                       "%s exists and is no dataset: " MM_DATASET_ABOUT " is not in it; choose "
                       "another name, or the dataset that is meant",
                       path);
    return check_dataset(path, config, &about, err);
}

static enum mm_status open_out(struct mm_dataset *d, struct mm_error *err)
{
    char path[PATH_MAX + 64];
    const struct mm_dataset_options *o = &d->options;
    if (!o->adds)
        return (o->goes_on ? mm_dataset_out_go_on : mm_dataset_out_new)(o->path, o->form, &d->out,
                                                                        err);
    MM_TRY(mm_dataset_out_add(o->path, &d->out, err));
    /* Nobody else adds to it now, and what an earlier run had committed is there. */
    MM_TRY(check_dataset(o->path, o->config, &d->about, err));
    snprintf(path, sizeof path, "%s/%s%s", mm_dataset_out_work_folder(d->out),
             mm_work_tables[MM_TABLE_INPUTS].name, o->form->suffix);
    return mm_stored_inputs_load(&d->inputs, path, o->inputs_bytes, err);
}

static bool make_runs(struct mm_dataset *d)
{
    const struct mm_dataset_verb *verb = d->options.verb;
    const struct mm_table_schema *tables[MM_DATASET_WORK_TABLES_MAX + 1];
    size_t late = d->options.memory_bytes / LATE_SHARE;
    size_t share = (d->options.memory_bytes - late) / d->options.workers;
    for (size_t i = 0; i < verb->work_count; i++)
        tables[i] = &verb->work[i];
    tables[mm_dataset_lines_table(d)] = &mm_dataset_lines;
    for (unsigned i = 0; i < d->runs_count; i++) {
        size_t bytes = i < d->options.workers ? share : i + 1 < d->runs_count ? FOUND_SHARE : late;
        d->runs[i] = mm_row_runs_new(tables, verb->work_count + 1, bytes,
                                     mm_dataset_out_work_folder(d->out));
        if (!d->runs[i])
            return false;
    }
    return true;
}

enum mm_status mm_dataset_new(const struct mm_dataset_options *options, struct mm_dataset **made,
                              struct mm_error *err)
{
    unsigned count = options->workers + 2;
    struct mm_dataset *d = calloc(1, sizeof *d + count * sizeof d->runs[0]);
    if (!d)
        return mm_fail(err, MM_E_NOMEM, "no memory for a dataset");
    d->options = *options;
    d->runs_count = count;
    d->first_file = 1;
    enum mm_status st = open_out(d, err);
    if (st == MM_OK && !make_runs(d))
        st = mm_fail(err, MM_E_NOMEM, "no memory for the rows of %u workers", options->workers);
    if (st != MM_OK)
        mm_dataset_free(&d);
    *made = d;
    return st;
}

void mm_dataset_free(struct mm_dataset **made)
{
    struct mm_dataset *d = *made;
    if (!d)
        return;
    for (unsigned i = 0; i < d->runs_count; i++)
        mm_row_runs_free(&d->runs[i]);
    mm_dataset_out_free(&d->out);
    mm_stored_inputs_deinit(&d->inputs);
    free(d);
    *made = NULL;
}

uint64_t mm_dataset_spilled_runs(const struct mm_dataset *d)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < d->runs_count; i++)
        sum += mm_row_runs_counts(d->runs[i]).spilled_runs;
    return sum;
}

void mm_dataset_keep(struct mm_dataset *d)
{
    mm_dataset_out_keep(d->out);
}

enum mm_status mm_dataset_find(struct mm_dataset *d, struct mm_view told, struct mm_error *err)
{
    unsigned file;
    MM_TRY(mm_row_runs_find(mm_dataset_found(d), told, &file, err));
    if (d->first_file <= file)
        d->first_file = file + 1;
    return MM_OK;
}

enum mm_status mm_dataset_save_rows(struct mm_dataset *d, struct mm_error *err)
{
    MM_TRY(mm_row_runs_found_all(mm_dataset_found(d), err));
    if (d->first_file > NUMBERS_MAX - d->options.workers)
        return mm_fail(err, MM_E_LIMIT, "this run was gone on with too often");
    for (unsigned i = 0; i < d->options.workers; i++)
        if (!mm_row_runs_keep_file(d->runs[i], mm_dataset_number(d, i)))
            return mm_fail(err, MM_E_NOMEM, "no memory for the rows of %u workers",
                           d->options.workers);
    return MM_OK;
}

unsigned mm_dataset_number(const struct mm_dataset *d, unsigned worker)
{
    return d->first_file + worker;
}

size_t mm_dataset_lines_table(const struct mm_dataset *d)
{
    return d->options.verb->work_count;
}

enum mm_status mm_dataset_lines_merged(struct mm_dataset *d, struct mm_row_merge **merge,
                                       struct mm_error *err)
{
    return mm_row_merge_new(d->runs, d->runs_count, mm_dataset_lines_table(d), merge, err);
}

struct mm_row_runs *mm_dataset_runs(struct mm_dataset *d, unsigned worker)
{
    return d->runs[worker];
}

bool mm_dataset_has(const struct mm_dataset *d, const uint8_t input[MM_READING_BYTES])
{
    return mm_stored_inputs_has(&d->inputs, input);
}

/* ---- the end ---- */

/* What it had is 0 where it is new. */
static void write_counts(const struct mm_dataset *d, const struct mm_dataset_counts *counts,
                         struct mm_buf *out)
{
    uint64_t inputs = d->about.inputs + counts->inputs,
             rejected = d->about.rejected + counts->rejected, duplicates = d->duplicate_inputs;
    bool settles = d->options.verb->settles;
    mm_buf_printf(out,
                  "\"inputs\":{\"hash\":\"%s\",\"count\":%" PRIu64 "},\"counts\":{\"%s\":%" PRIu64
                  ",\"rejected\":%" PRIu64,
                  d->manifest, inputs, settles ? "extracted" : "verified",
                  inputs - rejected - duplicates, rejected);
    if (settles)
        mm_buf_printf(out, ",\"duplicates\":%" PRIu64, duplicates);
}

/* What the dataset is and holds; nothing of when, where and how it was made. */
static void write_about(const struct mm_dataset *d, const struct mm_dataset_counts *counts,
                        struct mm_buf *out)
{
    const struct mm_dataset_verb *verb = d->options.verb;
    char config[CONFIG_CHARS + 1];
    config_text(d->options.config, config);
    mm_buf_printf(out,
                  "{\"mailmill\":\"%s\",\"verb\":\"%s\",\"schema_version\":%d,\"shard\":null,"
                  "\"config\":\"%s\",",
                  mm_version(), verb->name, verb->schema_version, config);
    write_counts(d, counts, out);
    mm_buf_append_str(out, "},\"tables\":{");
    for (size_t i = 0; i < verb->table_count; i++)
        mm_buf_printf(out, "%s\"%s\":%" PRIu64, i ? "," : "", verb->tables[i].name,
                      d->totals[i].rows);
    mm_buf_append_str(out, "}}\n");
}

enum mm_status mm_dataset_commit(struct mm_dataset *d, const struct mm_dataset_counts *counts,
                                 const struct mm_dataset_named *named, struct mm_error *err)
{
    struct mm_buf about;
    if (d->unchanged)
        return MM_OK;
    mm_buf_init(&about, ABOUT_MAX_BYTES);
    write_about(d, counts, &about);
    enum mm_status st = about.failed
                            ? mm_fail(err, MM_E_NOMEM, "no memory for " MM_DATASET_ABOUT)
                            : mm_dataset_out_commit(d->out, mm_buf_view(&about), named, err);
    mm_buf_deinit(&about);
    return st;
}

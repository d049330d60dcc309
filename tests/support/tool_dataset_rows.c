/*
 * tool_dataset_rows.c - the rows of a dataset of reports, read by our own reader.
 * SPDX-License-Identifier: Apache-2.0
 *
 * tool_dataset_rows DATASET    a line for each row: its table, a blank, and the row as NDJSON. All
 * tables must be there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "columnar/ndjson_write.h"
#include "dataset/dataset_in.h"
#include "dataset/report_stored.h"
#include "dataset/report_tables.h"

static void require(enum mm_status status, const struct mm_error *err)
{
    if (status == MM_OK)
        return;
    fprintf(stderr, "tool_dataset_rows: %s\n", err->text);
    exit(1);
}

static enum mm_status take_row(void *context, struct mm_view row, struct mm_error *err)
{
    return mm_table_writer_append(context, row, err);
}

/* A file's lines, each with the table before it. */
static void print_lines(FILE *file, const char *table)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    rewind(file);
    while ((len = getline(&line, &cap, file)) > 0)
        printf("%s %.*s", table, (int)len, line);
    free(line);
}

static void print_table(const char *dataset, const struct mm_table_schema *schema)
{
    const struct mm_table_options options = {.notes = NULL};
    struct mm_table_writer *writer;
    struct mm_table_totals totals;
    struct mm_dataset_parts parts;
    struct mm_error err = {.text = ""};
    FILE *file = tmpfile();
    if (!file) {
        perror("tmpfile");
        exit(1);
    }
    require(mm_ndjson_form.open(schema, fileno(file), &options, &writer, &err), &err);
    require(mm_dataset_in_parts(dataset, schema->name, &parts, &err), &err);
    for (size_t i = 0; i < parts.count; i++)
        require(mm_stored_rows(parts.paths[i], schema, take_row, writer, &err), &err);
    require(mm_table_writer_finish(writer, &totals, &err), &err);
    mm_table_writer_free(&writer);
    mm_dataset_parts_deinit(&parts);
    print_lines(file, schema->name);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct mm_dataset_about about;
    struct mm_error err = {.text = ""};
    if (argc != 2)
        return 64;
    require(mm_dataset_in_about(argv[1], "reports", MM_REPORT_SCHEMA_VERSION, &about, &err), &err);
    for (size_t i = 0; i < MM_REPORT_TABLES; i++)
        print_table(argv[1], &mm_report_tables[i]);
    return fflush(stdout) == 0 ? 0 : 74;
}

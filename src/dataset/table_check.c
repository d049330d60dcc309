/*
 * table_check.c - a look at a table's file that was just written, before anything relies on it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/table_check.h"

#include <inttypes.h>

#include "columnar/parquet_reader.h"

static enum mm_status has_all_columns(const struct mm_table_reader *reader, const char *path,
                                      const struct mm_table_schema *schema, struct mm_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (!mm_table_reader_has(reader, i))
            return mm_fail(err, MM_E_SYNTAX, "%s was written with column %s and is without it",
                           path, schema->columns[i].field.name);
    return MM_OK;
}

/*
 * Every page of the file, and how many rows of each column there are. A column at a time: what it
 * is decoded into stays in the processor's cache, and all of them together do not. A group at a
 * time, since a group tells at once where all its columns are.
 */
static enum mm_status count_rows(struct mm_table_reader *reader,
                                 const struct mm_table_schema *schema, uint64_t *rows,
                                 struct mm_error *err)
{
    for (size_t group = 0; group < mm_table_reader_groups(reader); group++)
        for (size_t i = 0; i < schema->column_count; i++) {
            size_t more;
            enum mm_status status;
            mm_table_reader_check(reader, group, i);
            while ((status = mm_table_reader_next(reader, &more, err)) == MM_OK)
                rows[i] += more;
            if (status < 0)
                return status;
        }
    return MM_OK;
}

/* rows: of each column, and behind them what the file says of itself. */
static enum mm_status read_back(const char *path, const struct mm_table_schema *schema,
                                uint64_t *rows, struct mm_error *err)
{
    static const size_t none;
    const struct mm_table_read_options options = {.columns = &none};
    struct mm_table_reader *reader;
    enum mm_status status = mm_table_reader_open(path, schema, &options, &reader, err);
    if (status == MM_OK)
        status = has_all_columns(reader, path, schema, err);
    if (status == MM_OK)
        status = count_rows(reader, schema, rows, err);
    if (status == MM_OK)
        rows[schema->column_count] = mm_table_reader_rows(reader);
    mm_table_reader_free(&reader);
    return status;
}

enum mm_status mm_table_check(const char *path, const struct mm_table_schema *schema, uint64_t rows,
                              struct mm_error *err)
{
    struct mm_error why;
    uint64_t found[MM_TABLE_COLUMNS_MAX + 1] = {0};
    enum mm_status status = read_back(path, schema, found, &why);
    if (status == MM_E_NOMEM)
        return mm_fail(err, MM_E_NOMEM, "no memory to read back %s", path);
    if (status < 0)
        return mm_fail(err, MM_E_IO, "what was just written cannot be read back: %s", why.text);
    for (size_t i = 0; i <= schema->column_count; i++)
        if (found[i] != rows)
            return mm_fail(err, MM_E_IO, "%s was written with %" PRIu64 " rows and has %" PRIu64,
                           path, rows, found[i]);
    return MM_OK;
}

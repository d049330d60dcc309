/*
 * table_check.c - a look at a table's file that was just written, before anything relies on it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/table_check.h"

#include <inttypes.h>

static enum mm_status missing_column(const char *path, const struct mm_table_schema *schema,
                                     const struct mm_table_reader *reader, struct mm_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (!mm_table_reader_has(reader, i))
            return mm_fail(err, MM_E_IO, "%s was written with column %s and is without it", path,
                           schema->columns[i].field.name);
    return MM_OK;
}

static enum mm_status count_rows(struct mm_table_reader *reader, uint64_t *rows,
                                 struct mm_error *err)
{
    enum mm_status status;
    size_t more;
    *rows = 0;
    while ((status = mm_table_reader_next(reader, &more, err)) == MM_OK)
        *rows += more;
    return status;
}

enum mm_status mm_table_check(const char *path, const struct mm_table_schema *schema, uint64_t rows,
                              struct mm_error *err)
{
    struct mm_error why;
    struct mm_table_reader *reader;
    uint64_t found = 0;
    enum mm_status status = mm_table_reader_open(path, schema, NULL, &reader, &why);
    if (status == MM_OK)
        status = missing_column(path, schema, reader, &why);
    if (status == MM_OK)
        status = count_rows(reader, &found, &why);
    mm_table_reader_free(&reader);
    if (status == MM_E_NOMEM)
        return mm_fail(err, MM_E_NOMEM, "no memory to read back %s", path);
    if (status < 0)
        return mm_fail(err, MM_E_IO, "what was just written cannot be read back: %s", why.text);
    if (found != rows)
        return mm_fail(err, MM_E_IO, "%s was written with %" PRIu64 " rows and has %" PRIu64, path,
                       rows, found);
    return MM_OK;
}

/*
 * table_check.c - a look at a table's file that was just written, before anything relies on it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/table_check.h"

#include <inttypes.h>

/*
 * One column, all of its rows. One at a time: what a column is decoded into stays in the
 * processor's cache, and all of them together do not. Texts as codes: each was looked at in its
 * dictionary.
 */
static enum mm_status count_rows(const char *path, const struct mm_table_schema *schema,
                                 size_t column, uint64_t *rows, struct mm_error *err)
{
    const struct mm_table_read_options options = {
        .columns = &column, .column_count = 1, .codes = true};
    struct mm_table_reader *reader;
    size_t more;
    *rows = 0;
    enum mm_status status = mm_table_reader_open(path, schema, &options, &reader, err);
    if (status == MM_OK && !mm_table_reader_has(reader, column))
        status = mm_fail(err, MM_E_SYNTAX, "%s was written with column %s and is without it", path,
                         schema->columns[column].field.name);
    while (status == MM_OK && (status = mm_table_reader_next(reader, &more, err)) == MM_OK)
        *rows += more;
    mm_table_reader_free(&reader);
    return status;
}

enum mm_status mm_table_check(const char *path, const struct mm_table_schema *schema, uint64_t rows,
                              struct mm_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        struct mm_error why;
        uint64_t found;
        enum mm_status status = count_rows(path, schema, i, &found, &why);
        if (status == MM_E_NOMEM)
            return mm_fail(err, MM_E_NOMEM, "no memory to read back %s", path);
        if (status < 0)
            return mm_fail(err, MM_E_IO, "what was just written cannot be read back: %s", why.text);
        if (found != rows)
            return mm_fail(err, MM_E_IO, "%s was written with %" PRIu64 " rows and has %" PRIu64,
                           path, rows, found);
    }
    return MM_OK;
}

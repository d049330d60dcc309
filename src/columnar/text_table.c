/*
 * text_table.c - what the forms have in common that write a table as lines of text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/text_table.h"

#include <stdlib.h>

#include "io/file_ops.h"

enum {
    UNSENT_BYTES = 256 * 1024,             /* one call of the system for so much */
    LINE_BYTES_MAX = 32 * MM_ROW_BYTES_MAX /* a byte says null, and its name is written */
};

struct mm_text_table {
    struct mm_table_writer writer;
    const struct mm_table_schema *schema;
    mm_text_table_line *line;
    int fd;
    struct mm_buf unsent;
    struct mm_table_totals totals;
};

static struct mm_text_table *table_of(struct mm_table_writer *writer)
{
    return (struct mm_text_table *)(void *)writer; /* its first member */
}

static enum mm_status no_memory(const struct mm_text_table *table, struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory for table %s", table->schema->name);
}

static enum mm_status flush(struct mm_text_table *table, struct mm_error *err)
{
    struct mm_view unsent = mm_buf_view(&table->unsent);
    int failed = mm_file_write(table->fd, &unsent, 1);
    if (failed)
        return mm_fail_os(err, failed, "cannot write table %s", table->schema->name);
    table->totals.bytes += unsent.len;
    mm_buf_clear(&table->unsent);
    return MM_OK;
}

enum mm_status mm_text_table_open(const struct mm_table_form *form, mm_text_table_line *line,
                                  const struct mm_table_schema *schema, int fd, struct mm_view head,
                                  struct mm_table_writer **writer, struct mm_error *err)
{
    struct mm_text_table *table = calloc(1, sizeof *table);
    *writer = NULL;
    if (!table)
        return mm_fail(err, MM_E_NOMEM, "no memory for table %s", schema->name);
    *table = (struct mm_text_table){.writer = {form}, .schema = schema, .line = line, .fd = fd};
    mm_buf_init(&table->unsent, UNSENT_BYTES + LINE_BYTES_MAX);
    mm_buf_append(&table->unsent, head);
    if (table->unsent.failed) {
        enum mm_status status = no_memory(table, err);
        mm_text_table_free(&table->writer);
        return status;
    }
    *writer = &table->writer;
    return MM_OK;
}

enum mm_status mm_text_table_append(struct mm_table_writer *writer, struct mm_view row,
                                    struct mm_error *err)
{
    struct mm_text_table *table = table_of(writer);
    if (table->line(&table->unsent, table->schema, row) < 0)
        return mm_fail(err, MM_E_BUG, "a row of table %s is none", table->schema->name);
    if (table->unsent.failed)
        return no_memory(table, err);
    table->totals.rows++;
    return table->unsent.len < UNSENT_BYTES ? MM_OK : flush(table, err);
}

enum mm_status mm_text_table_finish(struct mm_table_writer *writer, struct mm_table_totals *totals,
                                    struct mm_error *err)
{
    struct mm_text_table *table = table_of(writer);
    MM_TRY(flush(table, err));
    *totals = table->totals;
    return MM_OK;
}

void mm_text_table_free(struct mm_table_writer *writer)
{
    struct mm_text_table *table = table_of(writer);
    mm_buf_deinit(&table->unsent);
    free(table);
}

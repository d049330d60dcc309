/*
 * ndjson_write.c - a table as one JSON object a line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/ndjson_write.h"

#include "base/error.h"
#include "columnar/cell_text.h"
#include "columnar/text_table.h"
#include "text/json_write.h"

static enum mm_status append_line(struct mm_buf *out, const struct mm_table_schema *schema,
                                  struct mm_view row)
{
    struct mm_row_cursor c;
    struct mm_cell cell;
    mm_row_cursor_init(&c, schema, row);
    for (size_t i = 0; i < schema->column_count; i++) {
        const struct mm_column *column = &schema->columns[i];
        MM_TRY(mm_row_next(&c, &cell));
        mm_buf_append_char(out, i ? ',' : '{');
        mm_json_text(out, mm_view_of(column->field.name));
        mm_buf_append_char(out, ':');
        if (cell.list)
            MM_TRY(mm_list_json(out, &c, column, cell.count));
        else
            mm_cell_json(out, &cell);
    }
    mm_buf_append(out, MM_VIEW("}\n"));
    return mm_row_next(&c, &cell) == MM_END ? MM_OK : MM_E_BUG;
}

static enum mm_status open_ndjson(const struct mm_table_schema *schema, int fd,
                                  const struct mm_table_options *options,
                                  struct mm_table_writer **writer, struct mm_error *err)
{
    (void)options;
    return mm_text_table_open(&mm_ndjson_form, append_line, schema, fd, MM_VIEW(""), writer, err);
}

const struct mm_table_form mm_ndjson_form = {".ndjson", open_ndjson, mm_text_table_append,
                                             mm_text_table_finish, mm_text_table_free};

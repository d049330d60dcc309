/*
 * csv_write.c - a table as RFC 4180 says: comma-separated, a line of names first, CRLF behind each.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/csv_write.h"

#include "columnar/cell_text.h"
#include "columnar/text_table.h"
#include "text/utf8.h"

#define LINE_END MM_VIEW("\r\n")

static bool wants_quotes(struct mm_view text)
{
    if (text.len == 0)
        return true; /* an absent value has none */
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\r' ||
            text.data[i] == '\n')
            return true;
    return false;
}

static bool is_control(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

/* The character at the start of `text`. Returns its length. */
static size_t append_char(struct mm_buf *out, struct mm_view text)
{
    uint32_t c = 0;
    size_t len = mm_utf8_decode(text, &c);
    if (len == 0 || is_control(c))
        mm_buf_append(out, MM_VIEW("\xef\xbf\xbd"));
    else if (c == '"')
        mm_buf_append(out, MM_VIEW("\"\""));
    else
        mm_buf_append(out, mm_view_sub(text, 0, len));
    return len ? len : 1;
}

static void append_text(struct mm_buf *out, struct mm_view text)
{
    bool quotes = wants_quotes(text);
    if (quotes)
        mm_buf_append_char(out, '"');
    while (text.len && !out->failed) {
        size_t len = append_char(out, text);
        text = mm_view_sub(text, len, text.len - len);
    }
    if (quotes)
        mm_buf_append_char(out, '"');
}

/* JSON first, at the end of `out`; then its quotes are doubled in place, from the last on. */
static enum mm_status append_list(struct mm_buf *out, struct mm_row_cursor *c,
                                  const struct mm_column *column, uint32_t count)
{
    size_t from = out->len, quotes = 2;
    MM_TRY(mm_list_json(out, c, column, count));
    size_t to = out->len;
    for (size_t i = from; i < to; i++)
        quotes += out->data[i] == '"';
    if (count == 0 || !mm_buf_reserve(out, quotes))
        return MM_OK; /* [] wants none; that memory ran out shows in `out` */
    out->len += quotes;
    size_t at = out->len;
    out->data[--at] = '"';
    while (to > from) {
        char byte = out->data[--to];
        out->data[--at] = byte;
        if (byte == '"')
            out->data[--at] = byte;
    }
    out->data[--at] = '"';
    return MM_OK;
}

static enum mm_status append_cell(struct mm_buf *out, struct mm_row_cursor *c,
                                  const struct mm_column *column)
{
    struct mm_cell cell;
    MM_TRY(mm_row_next(c, &cell));
    if (cell.list)
        return append_list(out, c, column, cell.count);
    if (cell.null)
        return MM_OK;
    if (cell.field->type == MM_VALUE_STRING)
        append_text(out, cell.text);
    else
        mm_cell_words(out, &cell);
    return MM_OK;
}

static enum mm_status append_line(struct mm_buf *out, const struct mm_table_schema *schema,
                                  struct mm_view row)
{
    struct mm_row_cursor c;
    struct mm_cell cell;
    mm_row_cursor_init(&c, schema, row);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i)
            mm_buf_append_char(out, ',');
        MM_TRY(append_cell(out, &c, &schema->columns[i]));
    }
    mm_buf_append(out, LINE_END);
    return mm_row_next(&c, &cell) == MM_END ? MM_OK : MM_E_BUG;
}

static enum mm_status open_csv(const struct mm_table_schema *schema, int fd,
                               const struct mm_table_options *options,
                               struct mm_table_writer **writer, struct mm_error *err)
{
    struct mm_buf head;
    (void)options;
    mm_buf_init(&head, 64 * 1024);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i)
            mm_buf_append_char(&head, ',');
        append_text(&head, mm_view_of(schema->columns[i].field.name));
    }
    mm_buf_append(&head, LINE_END);
    enum mm_status status = head.failed
                                ? mm_fail(err, MM_E_NOMEM, "no memory for table %s", schema->name)
                                : mm_text_table_open(&mm_csv_form, append_line, schema, fd,
                                                     mm_buf_view(&head), writer, err);
    mm_buf_deinit(&head);
    return status;
}

const struct mm_table_form mm_csv_form = {".csv", open_csv, mm_text_table_append,
                                          mm_text_table_finish, mm_text_table_free};

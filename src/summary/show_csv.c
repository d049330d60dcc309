/*
 * show_csv.c - one table as RFC 4180 says: a line of names, then rows, CRLF behind each.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A cell that a spreadsheet might take for a formula has an apostrophe in front. A text is escaped
 * as for a terminal, so that no cell has a line end; what is absent is nothing between the commas.
 */
#include "summary/show.h"
#include "summary/summary_table.h"

static bool is_formula(struct mm_view text)
{
    /* Full-width forms of = + - @ too (U+FF1D, FF0B, FF0D, FF20): some programs fold them. */
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"};
    if (text.len && mm_is_one_of(text.data[0], "=+-@\t\r"))
        return true;
    for (size_t i = 0; i < MM_COUNT(wide); i++)
        if (mm_view_starts(text, mm_view_of(wide[i])))
            return true;
    return false;
}

static void put_text(struct mm_buf *out, struct mm_view text)
{
    struct mm_buf safe;
    mm_buf_init(&safe, out->max_bytes);
    if (is_formula(text))
        mm_buf_append_char(&safe, '\'');
    mm_show_escaped(&safe, text);
    out->failed = out->failed || safe.failed;
    mm_buf_append_char(out, '"');
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '"')
            mm_buf_append_char(out, '"');
        mm_buf_append_char(out, safe.data[i]);
    }
    mm_buf_append_char(out, '"');
    mm_buf_deinit(&safe);
}

static void put_cell(struct mm_buf *out, enum mm_summary_kind kind,
                     const struct mm_summary_cell *cell)
{
    if (!cell->null && (kind == MM_SUMMARY_TEXT || kind == MM_SUMMARY_ADDRESS))
        put_text(out, cell->text);
    else
        mm_summary_cell_words(out, kind, cell);
}

void mm_show_csv(struct mm_show *show, const struct mm_summary_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        mm_buf_printf(&show->buf, "%s%s", i ? "," : "", table->columns[i].name);
    mm_buf_append(&show->buf, MM_VIEW("\r\n"));
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            if (i)
                mm_buf_append_char(&show->buf, ',');
            put_cell(&show->buf, table->columns[i].kind, &mm_summary_row(table, row)[i]);
        }
        mm_buf_append(&show->buf, MM_VIEW("\r\n"));
        mm_show_hand_on(show);
    }
}

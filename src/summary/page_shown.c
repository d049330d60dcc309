/*
 * page_shown.c - the tables of a summary as a page shows them: so many rows, every text inert.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_shown.h"

#include "summary/page_markup.h"
#include "text/hidden.h"
#include "text/utf8.h"

/* Most bytes that one character, or one byte that is none, becomes: "\u{10ffff}". */
enum { SHOWN_BYTES_MAX = 10, CUT_BYTES_MAX = 40 };

/* Write the character at the start of `v` as it is shown. Returns its length in `v`. */
static size_t show_character(struct mm_buf *out, struct mm_view v)
{
    enum { PICTURES = 0x2400, PICTURE_OF_DEL = 0x2421, DEL = 0x7f };
    uint32_t c;
    size_t len = mm_utf8_decode(v, &c);
    if (len == 0) {
        mm_buf_printf(out, "\\x%02x", (unsigned char)v.data[0]);
        return 1;
    }
    if (c < 0x20 || c == DEL)
        mm_page_character(out, c == DEL ? PICTURE_OF_DEL : PICTURES + c);
    else if (mm_utf8_is_hidden(c))
        mm_buf_printf(out, "\\u{%x}", (unsigned)c);
    else
        mm_buf_append(out, mm_view_sub(v, 0, len));
    return len;
}

struct mm_view mm_page_shown_text(struct mm_arena *arena, struct mm_view text, size_t chars)
{
    struct mm_buf out;
    size_t at = 0, count = 0;
    mm_buf_init(&out, chars * SHOWN_BYTES_MAX + CUT_BYTES_MAX);
    for (; at < text.len && count < chars; count++)
        at += show_character(&out, mm_view_sub(text, at, text.len - at));
    if (at < text.len) {
        mm_buf_append_str(&out, "\xe2\x80\xa6 (");
        mm_page_number(&out, (int64_t)text.len);
        mm_buf_append_str(&out, " bytes)");
    }
    struct mm_view copy = {0};
    if (!out.failed)
        copy = mm_arena_copy(arena, mm_buf_view(&out));
    mm_buf_deinit(&out);
    return copy;
}

static bool shown_cell(struct mm_arena *arena, enum mm_summary_kind kind,
                       struct mm_summary_cell *cell)
{
    if (cell->null || (kind != MM_SUMMARY_TEXT && kind != MM_SUMMARY_ADDRESS))
        return true;
    cell->text = mm_page_shown_text(arena, cell->text, MM_PAGE_NAME_CHARS);
    return cell->text.data != NULL;
}

static bool shown_cells(struct mm_arena *arena, struct mm_summary_table *table)
{
    size_t count = table->row_count * table->column_count;
    struct mm_summary_cell *cells = MM_ARENA_ARRAY(arena, struct mm_summary_cell, count + 1);
    bool fine = cells != NULL;
    for (size_t i = 0; i < count && fine; i++) {
        cells[i] = table->cells[i];
        fine = shown_cell(arena, table->columns[i % table->column_count].kind, &cells[i]);
    }
    table->cells = cells;
    return fine;
}

static bool shown_notes(struct mm_arena *arena, struct mm_summary_table *table)
{
    struct mm_summary_note *notes =
        MM_ARENA_ARRAY(arena, struct mm_summary_note, table->note_count + 1);
    bool fine = notes != NULL;
    for (size_t i = 0; i < table->note_count && fine; i++) {
        notes[i] = table->notes[i];
        notes[i].text = mm_page_shown_text(arena, notes[i].text, MM_PAGE_NOTE_CHARS);
        fine = notes[i].text.data != NULL;
    }
    table->notes = notes;
    return fine;
}

struct mm_summary_table *mm_page_shown_tables(struct mm_arena *arena,
                                              const struct mm_summary *summary, size_t row_max)
{
    struct mm_summary_table *tables =
        MM_ARENA_ARRAY(arena, struct mm_summary_table, summary->table_count + 1);
    for (size_t i = 0; tables && i < summary->table_count; i++) {
        tables[i] = summary->tables[i];
        if (tables[i].row_count > row_max)
            tables[i].row_count = row_max;
        if (!shown_cells(arena, &tables[i]) || !shown_notes(arena, &tables[i]))
            return NULL;
    }
    return tables;
}

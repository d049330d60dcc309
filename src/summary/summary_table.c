/*
 * summary_table.c - makes the tables that every output of a summary is drawn from.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/summary_table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "columnar/cell_text.h"
#include "text/charset.h"

/* ---- tables ---- */

void mm_summary_maker_init(struct mm_summary_maker *m, struct mm_arena *arena,
                           const struct mm_summary_about *about,
                           const struct mm_summary_column *columns, size_t column_count,
                           size_t row_cap)
{
    assert(column_count > 0 && column_count <= MM_SUMMARY_COLUMNS_MAX);
    *m = (struct mm_summary_maker){.arena = arena, .row_cap = row_cap};
    m->table = (struct mm_summary_table){.slug = about->slug,
                                         .title = about->title,
                                         .question = about->question,
                                         .columns = columns,
                                         .column_count = column_count};
    if (row_cap < SIZE_MAX / column_count)
        m->cells = MM_ARENA_ARRAY(arena, struct mm_summary_cell, row_cap * column_count);
    m->failed = !m->cells;
}

struct mm_summary_cell *mm_summary_maker_row(struct mm_summary_maker *m)
{
    static _Thread_local struct mm_summary_cell nowhere[MM_SUMMARY_COLUMNS_MAX]; /* never read */
    struct mm_summary_cell *row = nowhere;
    assert(m->failed || m->table.row_count < m->row_cap);
    if (!m->failed)
        row = m->cells + m->table.row_count++ * m->table.column_count;
    for (size_t i = 0; i < m->table.column_count; i++)
        row[i] = (struct mm_summary_cell){.null = true};
    return row;
}

/* The longest beginning of `text` that ends with a character. */
static struct mm_view whole_characters(struct mm_view text)
{
    return mm_view_sub(text, 0, mm_utf8_valid_bytes(text));
}

void mm_summary_maker_note(struct mm_summary_maker *m, enum mm_summary_note_kind kind, int64_t row,
                           const char *fmt, ...)
{
    char text[MM_SUMMARY_NOTE_BYTES_MAX];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (m->failed || len < 0 || m->table.note_count == MM_SUMMARY_NOTES_MAX)
        return;
    if (!m->notes)
        m->notes = MM_ARENA_ARRAY(m->arena, struct mm_summary_note, MM_SUMMARY_NOTES_MAX);
    struct mm_view copy = mm_arena_copy(m->arena, whole_characters(mm_view_of(text)));
    m->failed = !m->notes || !copy.data;
    if (!m->failed)
        m->notes[m->table.note_count++] = (struct mm_summary_note){kind, row, copy};
}

bool mm_summary_maker_end(struct mm_summary_maker *m, uint64_t row_total,
                          struct mm_summary_table *table)
{
    assert(m->failed || row_total >= m->table.row_count);
    m->table.cells = m->cells;
    m->table.notes = m->notes;
    m->table.row_total = row_total;
    *table = m->table;
    return !m->failed;
}

bool mm_summary_table_warn(struct mm_arena *arena, struct mm_summary_table *table, const char *text)
{
    size_t count = table->note_count;
    struct mm_summary_note *notes = MM_ARENA_ARRAY(arena, struct mm_summary_note, count + 1);
    if (!notes)
        return false;
    if (count)
        memcpy(notes, table->notes, count * sizeof *notes);
    notes[count] =
        (struct mm_summary_note){MM_SUMMARY_WARNING, MM_SUMMARY_NO_ROW, mm_view_of(text)};
    table->notes = notes;
    table->note_count = count + 1;
    return true;
}

/* ---- values ---- */

unsigned mm_summary_share_points(const struct mm_summary_cell *cell)
{
    enum { ALL = 10000 };
    assert(cell->whole > 0 && cell->number >= 0 && cell->number <= cell->whole);
    uint64_t part = (uint64_t)cell->number, whole = (uint64_t)cell->whole;
    while (whole > UINT64_MAX / (2 * ALL) - 1) { /* so large that a bit less changes nothing */
        part /= 2;
        whole /= 2;
    }
    unsigned points = (unsigned)((2 * ALL * part + whole) / (2 * whole));
    if (points == 0 && cell->number > 0)
        return 1;
    return points == ALL && cell->number < cell->whole ? ALL - 1 : points;
}

static void append_date(struct mm_buf *out, int64_t days, size_t cut)
{
    static const struct mm_table_field field = {"day", MM_VALUE_DATE, 0};
    mm_cell_words(out, &(struct mm_cell){.field = &field, .integer = days});
    if (!out->failed)
        out->len -= cut;
}

static void append_number(struct mm_buf *out, int64_t number)
{
    static const struct mm_table_field field = {"number", MM_VALUE_INT64, 0};
    mm_cell_words(out, &(struct mm_cell){.field = &field, .integer = number});
}

void mm_summary_cell_words(struct mm_buf *out, enum mm_summary_kind kind,
                           const struct mm_summary_cell *cell)
{
    enum { OF_DAY = 3 /* "-01" */ };
    if (cell->null)
        return;
    switch (kind) {
    case MM_SUMMARY_TEXT:
    case MM_SUMMARY_ADDRESS:
        mm_buf_append(out, cell->text);
        return;
    case MM_SUMMARY_COUNT:
        append_number(out, cell->number);
        return;
    case MM_SUMMARY_SHARE: {
        unsigned points = mm_summary_share_points(cell);
        mm_buf_printf(out, "%u.%02u", points / 100, points % 100);
        return;
    }
    case MM_SUMMARY_DAY:
    case MM_SUMMARY_WEEK:
        append_date(out, cell->number, 0);
        return;
    case MM_SUMMARY_MONTH:
        append_date(out, cell->number, OF_DAY);
        return;
    case MM_SUMMARY_FLAG:
        mm_buf_append_str(out, cell->number ? "yes" : "no");
        return;
    }
}

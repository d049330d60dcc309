/*
 * summary_table.h - makes the tables that every output of a summary is drawn from.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The tables are those of mailmill/summary.h. Everything in them lives in one arena; a text that is
 * given to a cell or note is copied there or outlives it.
 */
#ifndef MM_SUMMARY_SUMMARY_TABLE_H
#define MM_SUMMARY_SUMMARY_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "mailmill/summary.h"

enum { MM_SUMMARY_COLUMNS_MAX = 24, MM_SUMMARY_NOTES_MAX = 64, MM_SUMMARY_NOTE_BYTES_MAX = 1024 };

/* What a table is called, whatever is in it. */
struct mm_summary_about {
    const char *slug, *title, *question;
};

/* A table in the making. After a failed step the others do nothing, and _end says so. */
struct mm_summary_maker {
    struct mm_arena *arena;
    struct mm_summary_table table;
    struct mm_summary_cell *cells;
    struct mm_summary_note *notes;
    size_t row_cap, note_cap;
    bool failed;
};

/* about and columns outlive the table. row_cap: rows that it will have at most. */
void mm_summary_maker_init(struct mm_summary_maker *m, struct mm_arena *arena,
                           const struct mm_summary_about *about,
                           const struct mm_summary_column *columns, size_t column_count,
                           size_t row_cap);
/* The cells of one row more, all null, to be filled; of no row of the table after a failure. */
struct mm_summary_cell *mm_summary_maker_row(struct mm_summary_maker *m);
/* Notes past MM_SUMMARY_NOTES_MAX are left out; long ones are cut. */
void mm_summary_maker_note(struct mm_summary_maker *m, enum mm_summary_note_kind kind, int64_t row,
                           const char *fmt, ...) MM_PRINTF(4, 5);
/* row_total: rows there are, shown or not. False where memory ran out. */
bool mm_summary_maker_end(struct mm_summary_maker *m, uint64_t row_total,
                          struct mm_summary_table *table) MM_MUST_CHECK;

/* Add a warning to a table that is made. False where memory ran out. */
bool mm_summary_table_warn(struct mm_arena *arena, struct mm_summary_table *table,
                           const char *text) MM_MUST_CHECK;

/* ---- values ---- */

static inline struct mm_summary_cell mm_summary_number(int64_t number)
{
    return (struct mm_summary_cell){.number = number};
}

/* Of nothing there is no share. */
static inline struct mm_summary_cell mm_summary_share(int64_t part, int64_t whole)
{
    return whole > 0 ? (struct mm_summary_cell){.number = part, .whole = whole}
                     : (struct mm_summary_cell){.null = true};
}

/* The text is borrowed; no data is null. */
static inline struct mm_summary_cell mm_summary_text(struct mm_view text)
{
    return (struct mm_summary_cell){.null = !text.data, .text = text};
}

/*
 * Hundredths of a percent, 0..10000, to the nearest; but 0 and 10000 only where nothing and all is
 * meant: what is left out of "100.00" is what a summary is for.
 */
unsigned mm_summary_share_points(const struct mm_summary_cell *cell);

/*
 * A cell in words: digits, "98.31" percent, "2026-01-31", "2026-01" for a month, "yes"; nothing for
 * null. Texts are as they are: the caller escapes.
 */
void mm_summary_cell_words(struct mm_buf *out, enum mm_summary_kind kind,
                           const struct mm_summary_cell *cell);

#endif /* MM_SUMMARY_SUMMARY_TABLE_H */

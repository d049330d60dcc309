/*
 * show_text.c - a summary for a person at a terminal: aligned, cut to its width, with bars.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "summary/shorten.h"
#include "summary/show.h"
#include "summary/summary_table.h"

enum {
    BAR_COLUMNS = 16,
    TEXT_COLUMNS_MIN = 16, /* a text column is not made narrower */
    TEXT_COLUMNS_MAX = 48, /* nor is it wider where the terminal has no width */
    GAP = 2,
    WIDTH_MIN = 40,
    WIDTH_OF_NOTES = 100,
    MARGIN = 2
};

static const char BOLD[] = "\033[1m", DIM[] = "\033[2m", RED[] = "\033[31m", YELLOW[] = "\033[33m",
                  GREEN[] = "\033[32m", PLAIN[] = "\033[0m";

/* How a table is laid out. */
struct layout {
    const struct mm_summary_table *table;
    size_t widths[MM_SUMMARY_COLUMNS_MAX]; /* 0: left out */
    size_t bar;                            /* column whose bar is drawn; column_count: none */
    int64_t bar_most;
    size_t left_out;
};

static bool is_text(enum mm_summary_kind kind)
{
    return kind == MM_SUMMARY_TEXT || kind == MM_SUMMARY_ADDRESS;
}

static void style_on(struct mm_show *show, const char *style)
{
    if (show->style.colour)
        mm_buf_append_str(&show->buf, style);
}

/* Digits in threes: "1,234,567". */
static void put_grouped(struct mm_buf *out, int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
            mm_buf_append_char(out, ',');
        mm_buf_append_char(out, digits[i]);
    }
}

/* A cell's words, harmless; a text at most `most` characters of it. */
static void put_cell(struct mm_buf *out, enum mm_summary_kind kind,
                     const struct mm_summary_cell *cell, size_t most)
{
    struct mm_buf safe;
    if (cell->null) {
        mm_buf_append_char(out, '-');
    } else if (is_text(kind)) {
        mm_buf_init(&safe, out->max_bytes);
        mm_show_escaped(&safe, cell->text);
        mm_shorten(out, mm_buf_view(&safe), most);
        out->failed = out->failed || safe.failed;
        mm_buf_deinit(&safe);
    } else if (kind == MM_SUMMARY_COUNT) {
        put_grouped(out, cell->number);
    } else {
        mm_summary_cell_words(out, kind, cell);
        if (kind == MM_SUMMARY_SHARE)
            mm_buf_append_char(out, '%');
    }
}

/* ---- layout ---- */

static size_t cell_width(struct mm_show *show, const struct mm_summary_table *table, size_t row,
                         size_t column)
{
    size_t start = show->buf.len;
    put_cell(&show->buf, table->columns[column].kind, &mm_summary_row(table, row)[column],
             TEXT_COLUMNS_MAX);
    if (show->buf.failed)
        return 1;
    size_t width =
        mm_show_width(mm_view_sub(mm_buf_view(&show->buf), start, show->buf.len - start));
    show->buf.len = start;
    return width;
}

static void measure(struct mm_show *show, struct layout *l)
{
    const struct mm_summary_table *table = l->table;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].flags & MM_SUMMARY_SILENT)
            continue;
        l->widths[i] = strlen(table->columns[i].title);
        for (size_t row = 0; row < table->row_count; row++) {
            size_t width = cell_width(show, table, row, i);
            l->widths[i] = width > l->widths[i] ? width : l->widths[i];
        }
    }
}

static size_t total_width(const struct layout *l)
{
    size_t total = l->bar < l->table->column_count ? BAR_COLUMNS + GAP : 0;
    for (size_t i = 0; i < l->table->column_count; i++)
        total += l->widths[i] ? l->widths[i] + GAP : 0;
    return total ? total - GAP : 0;
}

/* The widest text column that may become narrower, or column_count. */
static size_t widest_text(const struct layout *l)
{
    size_t at = l->table->column_count, width = TEXT_COLUMNS_MIN;
    for (size_t i = 0; i < l->table->column_count; i++)
        if (is_text(l->table->columns[i].kind) && l->widths[i] > width) {
            at = i;
            width = l->widths[i];
        }
    return at;
}

static bool leave_out(struct layout *l, unsigned flag)
{
    for (size_t i = l->table->column_count; i-- > 1;)
        if (l->widths[i] && (!flag || (l->table->columns[i].flags & flag))) {
            l->widths[i] = 0;
            l->left_out++;
            return true;
        }
    return false;
}

/* Details go first, then texts are cut, then the bar goes, then what stands last. */
static void fit(struct layout *l, size_t width)
{
    size_t column;
    while (total_width(l) > width)
        if (leave_out(l, MM_SUMMARY_DETAIL))
            continue;
        else if ((column = widest_text(l)) < l->table->column_count)
            l->widths[column]--;
        else if (l->bar < l->table->column_count)
            l->bar = l->table->column_count;
        else if (!leave_out(l, 0))
            return;
}

static void choose_bar(struct layout *l)
{
    const struct mm_summary_table *table = l->table;
    l->bar = 0;
    while (l->bar < table->column_count && !(table->columns[l->bar].flags & MM_SUMMARY_BAR))
        l->bar++;
    for (size_t row = 0; l->bar < table->column_count && row < table->row_count; row++) {
        int64_t number = mm_summary_row(table, row)[l->bar].number;
        l->bar_most = number > l->bar_most ? number : l->bar_most;
    }
}

/* ---- lines ---- */

static void put_padding(struct mm_buf *out, size_t columns)
{
    while (columns-- > 0)
        mm_buf_append_char(out, ' ');
}

static void put_aligned(struct mm_buf *out, struct mm_view text, size_t width, bool right)
{
    size_t own = mm_show_width(text), padding = width > own ? width - own : 0;
    if (right)
        put_padding(out, padding);
    mm_buf_append(out, text);
    if (!right)
        put_padding(out, padding);
}

static void put_titles(struct mm_show *show, const struct layout *l)
{
    style_on(show, DIM);
    for (size_t i = 0, shown = 0; i < l->table->column_count; i++) {
        const struct mm_summary_column *c = &l->table->columns[i];
        if (!l->widths[i])
            continue;
        put_padding(&show->buf, shown++ ? GAP : 0);
        put_aligned(&show->buf, mm_view_of(c->title), l->widths[i], !is_text(c->kind));
    }
    style_on(show, PLAIN);
    mm_buf_append_char(&show->buf, '\n');
}

/* Eighths of a block where the terminal has them. */
static void put_bar(struct mm_show *show, const struct layout *l,
                    const struct mm_summary_cell *cell)
{
    static const char *const parts[] = {"",
                                        "\xe2\x96\x8f",
                                        "\xe2\x96\x8e",
                                        "\xe2\x96\x8d",
                                        "\xe2\x96\x8c",
                                        "\xe2\x96\x8b",
                                        "\xe2\x96\x8a",
                                        "\xe2\x96\x89"};
    enum { EIGHTHS = 8 };
    int64_t most = cell->whole ? cell->whole : l->bar_most, number = cell->number;
    if (cell->null || most <= 0)
        return;
    while (most > INT64_MAX / (BAR_COLUMNS * EIGHTHS)) { /* a picture needs no more digits */
        most /= 2;
        number /= 2;
    }
    size_t length = (size_t)(number * BAR_COLUMNS * EIGHTHS / most);
    if (cell->number > 0 && length == 0)
        length = 1;
    put_padding(&show->buf, GAP);
    for (size_t i = 0; i < length / EIGHTHS; i++)
        mm_buf_append_str(&show->buf, show->style.ascii ? "#" : "\xe2\x96\x88");
    if (!show->style.ascii)
        mm_buf_append_str(&show->buf, parts[length % EIGHTHS]);
}

static void put_row(struct mm_show *show, const struct layout *l, size_t row)
{
    const struct mm_summary_table *table = l->table;
    const struct mm_summary_cell *cells = mm_summary_row(table, row);
    struct mm_buf words;
    mm_buf_init(&words, show->buf.max_bytes);
    for (size_t i = 0, shown = 0; i < table->column_count; i++) {
        const struct mm_summary_column *c = &table->columns[i];
        bool trouble = (c->flags & MM_SUMMARY_TROUBLE) && !cells[i].null && cells[i].number > 0;
        if (!l->widths[i])
            continue;
        mm_buf_clear(&words);
        put_cell(&words, c->kind, &cells[i], l->widths[i]);
        show->failed = show->failed || words.failed;
        put_padding(&show->buf, shown++ ? GAP : 0);
        style_on(show, trouble ? RED : "");
        put_aligned(&show->buf, mm_buf_view(&words), l->widths[i], !is_text(c->kind));
        style_on(show, trouble ? PLAIN : "");
    }
    mm_buf_deinit(&words);
    if (l->bar < table->column_count && l->widths[l->bar])
        put_bar(show, l, &cells[l->bar]);
    while (!show->buf.failed && show->buf.len && show->buf.data[show->buf.len - 1] == ' ')
        show->buf.len--;
    mm_buf_append_char(&show->buf, '\n');
    mm_show_hand_on(show);
}

/* A sentence that begins at column `at`, broken at blanks; later lines stand in by `column`. */
static void put_sentence(struct mm_show *show, struct mm_view text, size_t at, size_t column)
{
    size_t width = show->style.width && show->style.width < WIDTH_OF_NOTES ? show->style.width
                                                                           : WIDTH_OF_NOTES;
    struct mm_buf safe;
    struct mm_view rest, word;
    bool more = true, first = true;
    mm_buf_init(&safe, show->buf.max_bytes);
    mm_show_escaped(&safe, text);
    for (rest = mm_buf_view(&safe); more;) {
        more = mm_view_cut(rest, ' ', &word, &rest);
        size_t own = mm_show_width(word);
        if (at > column && at + !first + own > width) {
            mm_buf_append_char(&show->buf, '\n');
            put_padding(&show->buf, column);
            at = column;
        } else if (!first) {
            mm_buf_append_char(&show->buf, ' ');
            at++;
        }
        mm_buf_append(&show->buf, word);
        at += own;
        first = false;
    }
    mm_buf_deinit(&safe);
    mm_buf_append_char(&show->buf, '\n');
}

static void put_note(struct mm_show *show, const struct mm_summary_note *note)
{
    static const struct {
        const char *style, *word;
    } kinds[] = {[MM_SUMMARY_NOTE] = {DIM, ""},
                 [MM_SUMMARY_RULE] = {DIM, ""},
                 [MM_SUMMARY_ADVICE] = {GREEN, "advice: "},
                 [MM_SUMMARY_WARNING] = {YELLOW, "warning: "}};
    size_t column = MARGIN + strlen(kinds[note->kind].word);
    put_padding(&show->buf, MARGIN);
    style_on(show, kinds[note->kind].style);
    mm_buf_append_str(&show->buf, kinds[note->kind].word);
    put_sentence(show, note->text, column, column);
    style_on(show, PLAIN);
}

static void put_heading(struct mm_show *show, const struct mm_summary_table *table)
{
    style_on(show, BOLD);
    mm_buf_append_str(&show->buf, table->title);
    style_on(show, PLAIN);
    put_padding(&show->buf, GAP);
    put_sentence(show, mm_view_of(table->question), strlen(table->title) + GAP, MARGIN);
}

/* What is not there. */
static void put_cuts(struct mm_show *show, const struct layout *l)
{
    const struct mm_summary_table *table = l->table;
    char text[128];
    if (table->row_count < table->row_total || !table->row_count) {
        put_padding(&show->buf, MARGIN);
        put_grouped(&show->buf, (int64_t)table->row_count);
        mm_buf_append_str(&show->buf, " of ");
        put_grouped(&show->buf, (int64_t)table->row_total);
        mm_buf_append_str(&show->buf, " shown\n");
    }
    if (!l->left_out)
        return;
    snprintf(text, sizeof text, "%zu column%s left out: a wider terminal, --json and --csv have %s",
             l->left_out, l->left_out == 1 ? "" : "s", l->left_out == 1 ? "it" : "them");
    put_padding(&show->buf, MARGIN);
    put_sentence(show, mm_view_of(text), MARGIN, MARGIN);
}

static void put_table(struct mm_show *show, const struct mm_summary_table *table)
{
    struct layout l = {.table = table};
    measure(show, &l);
    choose_bar(&l);
    if (show->style.width)
        fit(&l, show->style.width > WIDTH_MIN ? show->style.width : WIDTH_MIN);
    put_heading(show, table);
    if (table->row_count)
        put_titles(show, &l);
    for (size_t row = 0; row < table->row_count; row++)
        put_row(show, &l, row);
    put_cuts(show, &l);
    for (size_t i = 0; i < table->note_count; i++)
        put_note(show, &table->notes[i]);
    mm_show_hand_on(show);
}

/* ---- the head ---- */

static void append_day(struct mm_buf *out, int64_t day)
{
    mm_summary_cell_words(out, MM_SUMMARY_DAY, &(struct mm_summary_cell){.number = day});
}

static void put_head(struct mm_show *show, const struct mm_summary_head *head)
{
    struct mm_buf line;
    for (size_t i = 0; i < head->dataset_count; i++) {
        put_cell(&show->buf, MM_SUMMARY_TEXT,
                 &(struct mm_summary_cell){.text = head->datasets[i].path}, TEXT_COLUMNS_MAX);
        mm_buf_append_char(&show->buf, i + 1 < head->dataset_count ? ' ' : '\n');
    }
    mm_buf_init(&line, show->buf.max_bytes);
    if (head->has_window) {
        append_day(&line, head->first_day);
        mm_buf_append_str(&line, " to ");
        append_day(&line, head->last_day);
        mm_buf_append_str(&line, " UTC, ");
    }
    put_grouped(&line, (int64_t)head->inputs);
    mm_buf_append_str(&line, " inputs, ");
    put_grouped(&line, (int64_t)head->rejected);
    mm_buf_append_str(&line, " rejected, ");
    put_grouped(&line, (int64_t)head->duplicates);
    mm_buf_append_str(&line, " told again");
    put_sentence(show, mm_buf_view(&line), 0, MARGIN);
    mm_buf_deinit(&line);
}

void mm_show_text(struct mm_show *show, const struct mm_summary *summary)
{
    put_head(show, &summary->head);
    for (size_t i = 0; i < summary->table_count; i++) {
        mm_buf_append_char(&show->buf, '\n');
        put_table(show, &summary->tables[i]);
    }
}

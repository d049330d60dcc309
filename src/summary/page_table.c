/*
 * page_table.c - a table of a summary in HTML, and as data for the page's script.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_table.h"

#include "base/map.h"
#include "summary/page_markup.h"
#include "summary/summary_table.h"
#include "text/json_write.h"

/* ---- HTML ---- */

static bool is_number(enum mm_summary_kind kind)
{
    return kind == MM_SUMMARY_COUNT || kind == MM_SUMMARY_SHARE;
}

/* Class of a column's cells; "bad" is what its flag means. */
static const char *cell_class(const struct mm_summary_column *column,
                              const struct mm_summary_cell *cell)
{
    bool bad = (column->flags & MM_SUMMARY_TROUBLE) && cell && !cell->null && cell->number > 0;
    if (is_number(column->kind))
        return bad ? " class=\"n bad\"" : " class=\"n\"";
    return bad ? " class=\"bad\"" : "";
}

static void put_row(struct mm_buf *out, const struct mm_summary_table *table, size_t row)
{
    const struct mm_summary_cell *cells = mm_summary_row(table, row);
    mm_buf_append_str(out, "<tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        bool head = i == 0;
        mm_buf_append_str(out, head ? "<th scope=\"row\"" : "<td");
        mm_buf_append_str(out, cell_class(&table->columns[i], &cells[i]));
        mm_buf_append_char(out, '>');
        if (head && cells[i].null)
            mm_buf_append_str(out, "<i>not said</i>");
        mm_page_cell(out, table->columns[i].kind, &cells[i]);
        mm_buf_append_str(out, head ? "</th>" : "</td>");
    }
    mm_buf_append_str(out, "</tr>");
}

void mm_page_table(struct mm_buf *out, const struct mm_summary_table *table, const char *title,
                   size_t row_max)
{
    mm_buf_append_str(out, "<table><caption>");
    mm_page_words(out, title);
    mm_buf_append_str(out, "</caption><thead><tr>");
    for (size_t i = 0; i < table->column_count; i++) {
        mm_buf_append_str(out, "<th scope=\"col\"");
        mm_buf_append_str(out, cell_class(&table->columns[i], NULL));
        mm_buf_append_char(out, '>');
        mm_page_words(out, table->columns[i].title);
        mm_buf_append_str(out, "</th>");
    }
    mm_buf_append_str(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < table->row_count && i < row_max; i++)
        put_row(out, table, i);
    mm_buf_append_str(out, "</tbody></table>");
}

void mm_page_table_shown(struct mm_buf *out, const struct mm_summary_table *table, size_t row_max)
{
    mm_page_number(out, (int64_t)(table->row_count < row_max ? table->row_count : row_max));
    mm_buf_append_str(out, " of ");
    mm_page_number(out, (int64_t)table->row_total);
    mm_buf_append_str(out, " shown");
}

void mm_page_table_row(struct mm_buf *out, const struct mm_summary_table *table, size_t row)
{
    const struct mm_summary_cell *cells = mm_summary_row(table, row);
    mm_buf_append_str(out, "<dl class=\"row\">");
    for (size_t i = 0; i < table->column_count; i++) {
        if (cells[i].null)
            continue;
        mm_buf_append_str(out, "<div><dt>");
        mm_page_words(out, table->columns[i].title);
        mm_buf_append_str(out, "</dt><dd>");
        mm_page_cell(out, table->columns[i].kind, &cells[i]);
        mm_buf_append_str(out, "</dd></div>");
    }
    mm_buf_append_str(out, "</dl>");
}

/* ---- data ---- */

void mm_page_json(struct mm_buf *out, struct mm_view text)
{
    size_t from = 0;
    mm_buf_append_char(out, '"');
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '<')
            continue;
        mm_json_chars(out, mm_view_sub(text, from, i - from), NULL);
        mm_buf_append_str(out, i < text.len ? "\\u003c" : "");
        from = i + 1;
    }
    mm_buf_append_char(out, '"');
}

static void put_json_words(struct mm_buf *out, const char *name, const char *words)
{
    mm_buf_printf(out, "\"%s\":", name);
    mm_page_json(out, mm_view_of(words));
}

static void put_columns(struct mm_buf *out, const struct mm_summary_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        mm_buf_append_str(out, i ? ",{" : "{");
        put_json_words(out, "name", table->columns[i].name);
        mm_buf_append_char(out, ',');
        put_json_words(out, "title", table->columns[i].title);
        mm_buf_printf(out, ",\"kind\":%d,\"flags\":%u}", (int)table->columns[i].kind,
                      table->columns[i].flags);
    }
}

/* JavaScript holds whole numbers to 2^53. */
static void put_json_number(struct mm_buf *out, int64_t number)
{
    const int64_t exact = INT64_C(1) << 53;
    const char *quote = number > exact || number < -exact ? "\"" : "";
    mm_buf_printf(out, "%s%lld%s", quote, (long long)number, quote);
}

static bool is_text(enum mm_summary_kind kind)
{
    return kind == MM_SUMMARY_TEXT || kind == MM_SUMMARY_ADDRESS;
}

/* Texts recur: each is written once. A map without memory leaves the page failed. */
static void put_words(struct mm_buf *out, const struct mm_summary_table *table, size_t rows,
                      struct mm_map *places)
{
    for (size_t i = 0; i < rows * table->column_count; i++) {
        const struct mm_summary_cell *cell = &table->cells[i];
        if (cell->null || !is_text(table->columns[i % table->column_count].kind))
            continue;
        enum mm_status put = mm_map_put(places, cell->text, (uint32_t)places->count);
        if (put < 0)
            out->failed = true;
        if (put != MM_OK)
            continue;
        mm_buf_append_str(out, places->count > 1 ? "," : "");
        mm_page_json(out, cell->text);
    }
}

static void put_cell(struct mm_buf *out, enum mm_summary_kind kind,
                     const struct mm_summary_cell *cell, const struct mm_map *places)
{
    uint32_t place = 0;
    if (cell->null) {
        mm_buf_append_str(out, "null");
    } else if (is_text(kind)) {
        out->failed = out->failed || !mm_map_get(places, cell->text, &place);
        mm_buf_append_u64(out, place);
    } else if (kind == MM_SUMMARY_SHARE) {
        mm_buf_append_char(out, '[');
        put_json_number(out, cell->number);
        mm_buf_append_char(out, ',');
        put_json_number(out, cell->whole);
        mm_buf_append_char(out, ']');
    } else {
        put_json_number(out, cell->number);
    }
}

static void put_rows(struct mm_buf *out, const struct mm_summary_table *table, size_t rows,
                     const struct mm_map *places)
{
    for (size_t i = 0; i < rows; i++) {
        const struct mm_summary_cell *cells = mm_summary_row(table, i);
        mm_buf_append_str(out, i ? ",\n[" : "[");
        for (size_t k = 0; k < table->column_count; k++) {
            mm_buf_append_str(out, k ? "," : "");
            put_cell(out, table->columns[k].kind, &cells[k], places);
        }
        mm_buf_append_char(out, ']');
    }
}

void mm_page_table_data(struct mm_buf *out, const struct mm_summary_table *table, size_t row_max)
{
    struct mm_map places = {0};
    size_t rows = table->row_count < row_max ? table->row_count : row_max;
    mm_buf_printf(out, "{\"total\":%llu,\"columns\":[", (unsigned long long)table->row_total);
    put_columns(out, table);
    mm_buf_append_str(out, "],\"words\":[");
    put_words(out, table, rows, &places);
    mm_buf_append_str(out, "],\"rows\":[");
    put_rows(out, table, rows, &places);
    mm_buf_append_str(out, "]}");
    mm_map_deinit(&places);
}

/*
 * page_markup.c - texts, numbers and cells in HTML.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_markup.h"

#include <stdio.h>

#include "summary/summary_table.h"
#include "text/utf8.h"

void mm_page_character(struct mm_buf *out, uint32_t code_point)
{
    char bytes[4];
    mm_buf_append(out, (struct mm_view){bytes, mm_utf8_encode(code_point, bytes)});
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void mm_page_text(struct mm_buf *out, struct mm_view text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = entity_of(text.data[i]);
        if (!entity)
            continue;
        mm_buf_append(out, mm_view_sub(text, from, i - from));
        mm_buf_append_str(out, entity);
        from = i + 1;
    }
    mm_buf_append(out, mm_view_sub(text, from, text.len - from));
}

void mm_page_words(struct mm_buf *out, const char *words)
{
    mm_page_text(out, mm_view_of(words));
}

void mm_page_isolated(struct mm_buf *out, struct mm_view text)
{
    mm_buf_append_str(out, "<bdi>");
    mm_page_text(out, text);
    mm_buf_append_str(out, "</bdi>");
}

void mm_page_number(struct mm_buf *out, int64_t number)
{
    char digits[24];
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)left);
    if (number < 0)
        mm_buf_append_char(out, '-');
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            mm_buf_append_char(out, ',');
        mm_buf_append_char(out, digits[i]);
    }
}

void mm_page_share(struct mm_buf *out, const struct mm_summary_cell *cell)
{
    mm_summary_cell_words(out, MM_SUMMARY_SHARE, cell);
    mm_buf_append_str(out, " %");
}

void mm_page_day(struct mm_buf *out, int64_t day)
{
    mm_summary_cell_words(out, MM_SUMMARY_DAY, &(struct mm_summary_cell){.number = day});
}

void mm_page_cell(struct mm_buf *out, enum mm_summary_kind kind, const struct mm_summary_cell *cell)
{
    if (cell->null)
        return;
    switch (kind) {
    case MM_SUMMARY_TEXT:
    case MM_SUMMARY_ADDRESS:
        if (cell->text.len == 0)
            mm_buf_append_str(out, "<i>empty</i>");
        else
            mm_page_isolated(out, cell->text);
        return;
    case MM_SUMMARY_COUNT:
        mm_page_number(out, cell->number);
        return;
    case MM_SUMMARY_SHARE:
        mm_page_share(out, cell);
        return;
    default: /* dates and flags: no byte of theirs means anything to HTML */
        mm_summary_cell_words(out, kind, cell);
        return;
    }
}

int mm_page_column(const struct mm_summary_table *table, const char *name)
{
    for (size_t i = 0; name && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

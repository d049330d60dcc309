/*
 * show_json.c - a summary as one JSON document, its members always the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>

#include "summary/show.h"
#include "summary/summary_table.h"
#include "text/json_write.h"

/* Raised where a reader of an older document would notice. */
enum { DOCUMENT_VERSION = 1 };

static void put_text(struct mm_buf *out, const char *name, struct mm_view text)
{
    mm_buf_printf(out, "\"%s\":", name);
    if (text.data)
        mm_json_text(out, text);
    else
        mm_buf_append_str(out, "null");
}

static void put_day(struct mm_buf *out, const char *name, bool known, int64_t day)
{
    mm_buf_printf(out, "\"%s\":", name);
    if (!known) {
        mm_buf_append_str(out, "null");
        return;
    }
    mm_buf_append_char(out, '"');
    mm_summary_cell_words(out, MM_SUMMARY_DAY, &(struct mm_summary_cell){.number = day});
    mm_buf_append_char(out, '"');
}

static void put_counts(struct mm_buf *out, uint64_t inputs, uint64_t rejected, uint64_t duplicates)
{
    mm_buf_printf(out, "\"inputs\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"duplicates\":%" PRIu64,
                  inputs, rejected, duplicates);
}

static void put_datasets(struct mm_buf *out, const struct mm_summary_head *head)
{
    mm_buf_append_str(out, "\"datasets\":[");
    for (size_t i = 0; i < head->dataset_count; i++) {
        const struct mm_summary_dataset *d = &head->datasets[i];
        mm_buf_append_str(out, i ? ",{" : "{");
        put_text(out, "path", d->path);
        mm_buf_append_char(out, ',');
        put_text(out, "verb", mm_view_of(d->verb));
        mm_buf_append_char(out, ',');
        put_text(out, "mailmill", mm_view_of(d->mailmill));
        mm_buf_printf(out, ",\"schema_version\":%d,", d->schema_version);
        put_counts(out, d->inputs, d->rejected, d->duplicates);
        mm_buf_append_char(out, '}');
    }
    mm_buf_append_str(out, "],");
}

static void put_head(struct mm_buf *out, const struct mm_summary_head *head)
{
    mm_buf_printf(out, "{\"mailmill\":\"%s\",\"summary_version\":%d,", head->mailmill,
                  DOCUMENT_VERSION);
    put_datasets(out, head);
    put_counts(out, head->inputs, head->rejected, head->duplicates);
    mm_buf_append_char(out, ',');
    put_day(out, "first_day", head->has_window, head->first_day);
    mm_buf_append_char(out, ',');
    put_day(out, "last_day", head->has_window, head->last_day);
    mm_buf_append_str(out, ",\"selection\":{");
    put_text(out, "domain", mm_view_of(head->domain));
    mm_buf_append_char(out, ',');
    put_day(out, "since", head->has_since, head->since_day);
    mm_buf_append_char(out, ',');
    put_day(out, "until", head->has_until, head->until_day);
    mm_buf_append_str(out, "},\"views\":[");
}

static const char *kind_word(enum mm_summary_kind kind)
{
    static const char *const words[] = {
        [MM_SUMMARY_TEXT] = "text",   [MM_SUMMARY_ADDRESS] = "address",
        [MM_SUMMARY_COUNT] = "count", [MM_SUMMARY_SHARE] = "percent",
        [MM_SUMMARY_DAY] = "day",     [MM_SUMMARY_WEEK] = "week",
        [MM_SUMMARY_MONTH] = "month", [MM_SUMMARY_FLAG] = "flag"};
    return words[kind];
}

static void put_columns(struct mm_buf *out, const struct mm_summary_table *table)
{
    mm_buf_append_str(out, "\"columns\":[");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct mm_summary_column *c = &table->columns[i];
        mm_buf_append_str(out, i ? ",{" : "{");
        put_text(out, "name", mm_view_of(c->name));
        mm_buf_append_char(out, ',');
        put_text(out, "title", mm_view_of(c->title));
        mm_buf_printf(out, ",\"kind\":\"%s\",\"key\":%s}", kind_word(c->kind),
                      c->flags & MM_SUMMARY_KEY ? "true" : "false");
    }
    mm_buf_append_str(out, "],");
}

static void put_cell(struct mm_buf *out, enum mm_summary_kind kind,
                     const struct mm_summary_cell *cell)
{
    bool text = kind == MM_SUMMARY_TEXT || kind == MM_SUMMARY_ADDRESS;
    bool bare = kind == MM_SUMMARY_COUNT || kind == MM_SUMMARY_SHARE;
    if (cell->null) {
        mm_buf_append_str(out, "null");
    } else if (text) {
        mm_json_text(out, cell->text);
    } else if (kind == MM_SUMMARY_FLAG) {
        mm_buf_append_str(out, cell->number ? "true" : "false");
    } else {
        mm_buf_append_str(out, bare ? "" : "\"");
        mm_summary_cell_words(out, kind, cell);
        mm_buf_append_str(out, bare ? "" : "\"");
    }
}

static void put_rows(struct mm_show *show, const struct mm_summary_table *table)
{
    struct mm_buf *out = &show->buf;
    mm_buf_append_str(out, "\"rows\":[");
    for (size_t row = 0; row < table->row_count; row++) {
        mm_buf_append_str(out, row ? ",\n{" : "\n{");
        for (size_t i = 0; i < table->column_count; i++) {
            mm_buf_printf(out, "%s\"%s\":", i ? "," : "", table->columns[i].name);
            put_cell(out, table->columns[i].kind, &mm_summary_row(table, row)[i]);
        }
        mm_buf_append_char(out, '}');
        mm_show_hand_on(show);
    }
    mm_buf_append_str(out, "],");
}

static void put_notes(struct mm_buf *out, const struct mm_summary_table *table)
{
    static const char *const kinds[] = {[MM_SUMMARY_NOTE] = "note",
                                        [MM_SUMMARY_RULE] = "rule",
                                        [MM_SUMMARY_ADVICE] = "advice",
                                        [MM_SUMMARY_WARNING] = "warning"};
    mm_buf_append_str(out, "\"notes\":[");
    for (size_t i = 0; i < table->note_count; i++) {
        const struct mm_summary_note *note = &table->notes[i];
        mm_buf_printf(out, "%s{\"kind\":\"%s\",", i ? "," : "", kinds[note->kind]);
        if (note->row == MM_SUMMARY_NO_ROW)
            mm_buf_append_str(out, "\"row\":null,");
        else
            mm_buf_printf(out, "\"row\":%" PRId64 ",", note->row);
        put_text(out, "text", note->text);
        mm_buf_append_char(out, '}');
    }
    mm_buf_append_str(out, "]}");
}

void mm_show_json(struct mm_show *show, const struct mm_summary *summary)
{
    struct mm_buf *out = &show->buf;
    put_head(out, &summary->head);
    for (size_t i = 0; i < summary->table_count; i++) {
        const struct mm_summary_table *table = &summary->tables[i];
        mm_buf_append_str(out, i ? ",\n{" : "\n{");
        put_text(out, "view", mm_view_of(table->slug));
        mm_buf_append_char(out, ',');
        put_text(out, "title", mm_view_of(table->title));
        mm_buf_append_char(out, ',');
        put_text(out, "question", mm_view_of(table->question));
        mm_buf_printf(out, ",\"rows_shown\":%zu,\"rows_total\":%" PRIu64 ",", table->row_count,
                      table->row_total);
        put_columns(out, table);
        put_rows(show, table);
        put_notes(out, table);
        mm_show_hand_on(show);
    }
    mm_buf_append_str(out, "]}\n");
}

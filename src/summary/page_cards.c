/*
 * page_cards.c - a card for each table of a page: charts, rows, notes; and the data of the script.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_draw.h"
#include "summary/page_internal.h"
#include "summary/page_markup.h"
#include "summary/page_table.h"

/* ---- notes ---- */

/* Advice stands at the top of the page. */
static void put_notes(struct mm_page *page, const struct mm_summary_table *table)
{
    const char *opening = "<ul class=\"notes\">";
    for (size_t i = 0; i < table->note_count; i++) {
        if (table->notes[i].kind == MM_SUMMARY_ADVICE)
            continue;
        mm_buf_append_str(page->out, opening);
        mm_buf_append_str(page->out, table->notes[i].kind == MM_SUMMARY_WARNING
                                         ? "<li class=\"warning\">"
                                         : "<li>");
        mm_page_isolated(page->out, table->notes[i].text);
        mm_buf_append_str(page->out, "</li>");
        opening = "";
    }
    mm_buf_append_str(page->out, *opening ? "" : "</ul>");
}

/* ---- charts ---- */

static void put_chart(struct mm_page *page, size_t place)
{
    const struct mm_page_plan *plan = &page->plans[place];
    struct mm_page_series series;
    if (!mm_page_series(page->arena, plan, &series)) {
        page->out->failed = true;
        return;
    }
    mm_buf_append_str(page->out, "<figure><figcaption><span>");
    mm_page_words(page->out, plan->chart->title);
    mm_buf_append_str(page->out, "</span>");
    mm_page_draw_legend(page->out, plan);
    mm_buf_printf(page->out, "</figcaption><div id=\"plot-%zu\">", place);
    mm_page_draw(page->out, plan, &series);
    mm_buf_append_str(page->out, "</div></figure>");
}

static size_t chart_count(const struct mm_page *page, const struct mm_summary_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < page->plan_count; i++)
        count += page->plans[i].table == table;
    return count;
}

static void put_charts(struct mm_page *page, const struct mm_summary_table *table)
{
    mm_buf_append_str(page->out, "<div class=\"figures\">");
    for (size_t i = 0; i < page->plan_count; i++)
        if (page->plans[i].table == table)
            put_chart(page, i);
    mm_buf_append_str(page->out, "</div>");
    if (table->row_total <= table->row_count)
        return;
    mm_buf_append_str(page->out, "<p class=\"cut\">Drawn from the first ");
    mm_page_number(page->out, (int64_t)table->row_count);
    mm_buf_append_str(page->out, " rows of ");
    mm_page_number(page->out, (int64_t)table->row_total);
    mm_buf_append_str(page->out, ".</p>");
}

/* ---- rows ---- */

static void put_rows(struct mm_page *page, const struct mm_page_card *card)
{
    const struct mm_summary_table *table = card->table;
    mm_buf_append_str(page->out, "<div class=\"tools\"><span class=\"shown\" role=\"status\">");
    mm_page_table_shown(page->out, table, page->html_rows);
    mm_buf_append_str(page->out, "</span><label hidden>Filter <input type=\"search\" "
                                 "autocomplete=\"off\" spellcheck=\"false\"></label></div>"
                                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                                 "aria-label=\"Rows: ");
    mm_page_words(page->out, card->title);
    mm_buf_append_str(page->out, "\">");
    mm_page_table(page->out, table, card->title, page->html_rows);
    mm_buf_append_str(page->out, "</div>");
}

static void put_card(struct mm_page *page, const struct mm_page_card *card)
{
    const struct mm_summary_table *table = card->table;
    struct mm_buf *out = page->out;
    size_t charts = chart_count(page, table);
    mm_buf_printf(out,
                  "<section class=\"card%s\" id=\"%s\" aria-labelledby=\"h-%s\"><h3 id=\"h-%s\">",
                  charts > 1 ? " full" : "", card->id, card->id, card->id);
    mm_page_words(out, card->title);
    mm_buf_append_str(out,
                      "</h3><p class=\"every\" hidden>Of all domains</p><p class=\"question\">");
    mm_page_words(out, card->question);
    mm_buf_append_str(out, "</p>");
    if (charts > 0)
        put_charts(page, table);
    put_notes(page, table);
    mm_buf_append_str(out,
                      charts > 0 ? "<details><summary>Table: " : "<details open><summary>Table: ");
    mm_page_words(out, card->title);
    mm_buf_append_str(out, "</summary>");
    put_rows(page, card);
    mm_buf_append_str(out, "</details></section>\n");
}

static void put_part_of_page(struct mm_page *page, enum mm_page_part_of part)
{
    const struct mm_page_heading *heading = &mm_page_headings[part];
    mm_buf_printf(page->out, "<h2 id=\"%s\">%s</h2>\n<div class=\"cards\">\n", heading->id,
                  heading->title);
    for (size_t i = 0; i < page->card_count; i++)
        if (page->cards[i].part == part && page->cards[i].table->row_count > 0)
            put_card(page, &page->cards[i]);
    mm_buf_append_str(page->out, "</div>\n");
}

static bool is_answered(const struct mm_page *page, const struct mm_page_view *view)
{
    for (size_t i = 0; i < page->card_count; i++)
        if (page->cards[i].table->row_count > 0 && mm_page_view_of(page->cards[i].table) == view)
            return true;
    return false;
}

/* What a reader may look for in vain. */
static void put_silent(struct mm_page *page)
{
    const char *between =
        "<h2>Nothing to tell</h2><p class=\"quiet\">The datasets have no rows for: ";
    size_t count = 0;
    for (size_t i = 0; i < mm_page_view_count; i++) {
        if (is_answered(page, &mm_page_views[i]))
            continue;
        mm_buf_append_str(page->out, between);
        mm_page_words(page->out, mm_page_views[i].title);
        between = ", ";
        count++;
    }
    mm_buf_append_str(page->out, count ? ".</p>\n" : "");
}

void mm_page_put_cards(struct mm_page *page)
{
    for (enum mm_page_part_of part = 0; part < MM_PAGE_PARTS_OF; part++)
        if (mm_page_has_part(page, part))
            put_part_of_page(page, part);
    put_silent(page);
}

/* ---- data ---- */

static void put_indexes(struct mm_buf *out, const char *name, const int *columns, size_t count)
{
    mm_buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        mm_buf_printf(out, i ? ",%d" : "%d", columns[i]);
    mm_buf_append_char(out, ']');
}

static void put_part(struct mm_buf *out, const struct mm_page_part *part, int column)
{
    mm_buf_append_str(out, "{\"label\":");
    mm_page_json(out, mm_view_of(part->label));
    mm_buf_printf(out, ",\"tone\":\"%s\",\"column\":%d,\"rest\":%s,\"word\":", part->tone, column,
                  part->rest ? "true" : "false");
    if (part->word)
        mm_page_json(out, mm_view_of(part->word));
    else
        mm_buf_append_str(out, "null");
    mm_buf_append_char(out, '}');
}

static void put_plan(struct mm_buf *out, const struct mm_page_card *card,
                     const struct mm_page_plan *plan)
{
    static const char *const kinds[MM_PAGE_CHART_KINDS] = {
        [MM_PAGE_BARS] = "bars",   [MM_PAGE_STACK] = "stack",   [MM_PAGE_RATE] = "rate",
        [MM_PAGE_SPANS] = "spans", [MM_PAGE_MATRIX] = "matrix",
    };
    const struct mm_page_chart *chart = plan->chart;
    mm_buf_printf(out, "{\"card\":\"%s\",\"kind\":\"%s\",\"title\":", card->id, kinds[chart->kind]);
    mm_page_json(out, mm_view_of(chart->title));
    put_indexes(out, "keys", plan->keys, plan->key_count);
    mm_buf_append_str(out, ",\"parts\":[");
    for (size_t i = 0; i < plan->part_count; i++) {
        mm_buf_append_str(out, i ? "," : "");
        put_part(out, &chart->parts[i], plan->parts[i]);
    }
    mm_buf_printf(out, "],\"wordColumn\":%d,\"from\":%d,\"to\":%d", plan->word_column, plan->from,
                  plan->to);
    mm_buf_printf(out, ",\"first\":%lld,\"last\":%lld,\"width\":%lld}", (long long)plan->first,
                  (long long)plan->last, (long long)plan->width);
}

static void put_card_data(struct mm_page *page, const struct mm_page_card *card)
{
    mm_buf_printf(page->out, "{\"id\":\"%s\",\"domain\":%d,\"table\":", card->id, card->domain);
    mm_page_table_data(page->out, card->table, page->data_rows);
    mm_buf_append_str(page->out, ",\"detail\":");
    if (card->detail)
        mm_page_table_data(page->out, card->detail, page->data_rows);
    else
        mm_buf_append_str(page->out, "null");
    mm_buf_append_char(page->out, '}');
}

void mm_page_put_data(struct mm_page *page)
{
    enum { CHOICES = 200 }; /* of domains, those with most to them */
    struct mm_buf *out = page->out;
    mm_buf_printf(out, "{\"rows\":%zu,\"groups\":%d,\"choices\":%d,", page->html_rows,
                  MM_PAGE_GROUPS_MAX, CHOICES);
    mm_buf_append_str(out, "\"charts\":[");
    for (size_t i = 0; i < page->plan_count; i++) {
        mm_buf_append_str(out, i ? ",\n" : "\n");
        put_plan(out, &page->cards[page->plan_cards[i]], &page->plans[i]);
    }
    mm_buf_append_str(out, "],\"cards\":[");
    const char *between = "\n";
    for (size_t i = 0; i < page->card_count; i++) {
        if (page->cards[i].table->row_count == 0)
            continue;
        mm_buf_append_str(out, between);
        put_card_data(page, &page->cards[i]);
        between = ",\n";
    }
    mm_buf_append_str(out, "]}");
}

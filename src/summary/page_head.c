/*
 * page_head.c - the top of a page: what was read, where to go, what it says at a glance, what to
 * do.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_internal.h"
#include "summary/page_markup.h"
#include "summary/page_shown.h"
#include "summary/page_table.h"

/* ---- what was read ---- */

static void put_fact(struct mm_page *page, const char *name)
{
    mm_buf_append_str(page->out, "</dd></div><div><dt>");
    mm_page_words(page->out, name);
    mm_buf_append_str(page->out, "</dt><dd>");
}

static void put_number_fact(struct mm_page *page, const char *name, uint64_t number)
{
    put_fact(page, name);
    mm_page_number(page->out, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

static void put_stranger(struct mm_page *page, struct mm_view text)
{
    struct mm_view shown = mm_page_shown_text(page->arena, text, MM_PAGE_NAME_CHARS);
    page->out->failed = page->out->failed || !shown.data;
    mm_page_isolated(page->out, shown);
}

static void put_datasets(struct mm_page *page)
{
    enum { NAMED = 3 };
    const struct mm_summary_head *head = page->head;
    for (size_t i = 0; i < head->dataset_count && i < NAMED; i++) {
        mm_buf_append_str(page->out, i ? ", " : "");
        put_stranger(page, head->datasets[i].path);
        mm_buf_append_str(page->out, " (");
        mm_page_words(page->out, head->datasets[i].verb);
        mm_buf_append_str(page->out, ")");
    }
    if (head->dataset_count > NAMED)
        mm_buf_printf(page->out, " and %zu more", head->dataset_count - NAMED);
}

static void put_window(struct mm_page *page)
{
    const struct mm_summary_head *head = page->head;
    mm_buf_append_str(page->out, "<p class=\"window\">");
    if (!head->has_window) {
        mm_buf_append_str(page->out, "No row has a day.");
    } else {
        mm_page_day(page->out, head->first_day);
        mm_buf_append_str(page->out, " to ");
        mm_page_day(page->out, head->last_day);
        mm_buf_append_str(page->out, ", UTC");
    }
    if (head->has_since) {
        mm_buf_append_str(page->out, "; asked from ");
        mm_page_day(page->out, head->since_day);
    }
    if (head->has_until) {
        mm_buf_append_str(page->out, head->has_since ? " to " : "; asked up to ");
        mm_page_day(page->out, head->until_day);
    }
    mm_buf_append_str(page->out, "</p>");
}

static void put_facts(struct mm_page *page)
{
    mm_buf_append_str(page->out, "<dl class=\"facts\"><div><dt>Read from</dt><dd>");
    put_datasets(page);
    put_number_fact(page, "Inputs", page->head->inputs);
    put_number_fact(page, "Rejected", page->head->rejected);
    put_number_fact(page, "Duplicates", page->head->duplicates);
    put_fact(page, "mailmill");
    mm_page_words(page->out, page->head->mailmill);
    mm_buf_append_str(page->out, "</dd></div></dl>");
}

static void put_links(struct mm_page *page)
{
    mm_buf_append_str(page->out,
                      "<nav aria-label=\"Sections\"><div class=\"wide\"><label hidden>Domain "
                      "<select id=\"domain\" autocomplete=\"off\"><option>All "
                      "domains</option></select></label><ul tabindex=\"0\">");
    for (enum mm_page_part_of part = 0; part < MM_PAGE_PARTS_OF; part++)
        if (mm_page_has_part(page, part))
            mm_buf_printf(page->out, "<li><a href=\"#%s\">%s</a></li>", mm_page_headings[part].id,
                          mm_page_headings[part].word);
    mm_buf_append_str(page->out, "</ul></div></nav>\n");
}

void mm_page_put_head(struct mm_page *page)
{
    mm_buf_append_str(page->out, "<a class=\"skip\" href=\"#main\">To the figures</a>\n"
                                 "<header class=\"head\"><div class=\"wide\"><p class=\"brand\">"
                                 "mailmill</p><h1>Mail summary");
    if (page->head->domain) {
        mm_buf_append_str(page->out, " of ");
        put_stranger(page, mm_view_of(page->head->domain));
    }
    mm_buf_append_str(page->out, "</h1>");
    put_window(page);
    put_facts(page);
    mm_buf_append_str(page->out, "</div></header>\n");
    put_links(page);
    mm_buf_append_str(page->out, "<main id=\"main\" class=\"wide\">\n");
}

/* ---- what to do ---- */

static void put_rules(struct mm_page *page, const struct mm_page_card *card)
{
    const struct mm_summary_table *table = card->table;
    for (size_t i = 0; i < table->note_count; i++) {
        if (table->notes[i].kind != MM_SUMMARY_RULE)
            continue;
        mm_buf_append_str(page->out, "<p class=\"rule\">");
        mm_page_isolated(page->out, table->notes[i].text);
        mm_buf_append_str(page->out, "</p>");
    }
    mm_buf_printf(page->out, "<p class=\"rule\"><a href=\"#%s\">All rows: ", card->id);
    mm_page_words(page->out, card->title);
    mm_buf_append_str(page->out, "</a></p>\n");
}

static void put_advice(struct mm_page *page, const struct mm_summary_table *table,
                       const struct mm_summary_note *note)
{
    mm_buf_append_str(page->out, "<li><p>");
    mm_page_isolated(page->out, note->text);
    mm_buf_append_str(page->out, "</p>");
    if (note->row >= 0 && (uint64_t)note->row < table->row_count)
        mm_page_table_row(page->out, table, (size_t)note->row);
    mm_buf_append_str(page->out, "</li>\n");
}

static size_t advice_count(const struct mm_summary_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->note_count; i++)
        count += table->notes[i].kind == MM_SUMMARY_ADVICE;
    return count;
}

/* The first of a table's advice at once, the others on demand; then the rules that it rests on. */
static void put_advice_of(struct mm_page *page, const struct mm_page_card *card, size_t count)
{
    enum { AT_ONCE = 3 };
    const struct mm_summary_table *table = card->table;
    mm_buf_append_str(page->out, "<div class=\"advice\"><ul>\n");
    for (size_t i = 0, said = 0; i < table->note_count; i++) {
        if (table->notes[i].kind != MM_SUMMARY_ADVICE)
            continue;
        if (said++ == AT_ONCE)
            mm_buf_printf(page->out, "</ul><details><summary>%zu more</summary><ul>\n",
                          count - AT_ONCE);
        put_advice(page, table, &table->notes[i]);
    }
    mm_buf_append_str(page->out, count > AT_ONCE ? "</ul></details>\n" : "</ul>\n");
    put_rules(page, card);
    mm_buf_append_str(page->out, "</div>\n");
}

void mm_page_put_advice(struct mm_page *page)
{
    const char *heading = "<h2 id=\"advice\">What to do</h2>\n";
    for (size_t i = 0; i < page->card_count; i++) {
        size_t count = advice_count(page->cards[i].table);
        if (count == 0)
            continue;
        mm_buf_append_str(page->out, heading);
        put_advice_of(page, &page->cards[i], count);
        heading = "";
    }
}

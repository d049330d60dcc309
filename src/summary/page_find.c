/*
 * page_find.c - which tables of a summary are cards of a page, and which charts they get.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "base/view.h"
#include "summary/page_internal.h"
#include "summary/page_markup.h"

const struct mm_page_heading mm_page_headings[MM_PAGE_PARTS_OF] = {
    [MM_PAGE_DMARC] = {"dmarc", "DMARC", "DMARC"},
    [MM_PAGE_TLS] = {"transport", "TLS between servers", "TLS"},
    [MM_PAGE_MAIL] = {"returned", "Bounces and complaints", "Bounces"},
    [MM_PAGE_VERIFY] = {"verified", "Verified messages", "Verified"},
    [MM_PAGE_RUN] = {"run", "What was read", "Inputs"},
};

bool mm_page_has_part(const struct mm_page *page, enum mm_page_part_of part)
{
    for (size_t i = 0; i < page->card_count; i++)
        if (page->cards[i].part == part && page->cards[i].table->row_count > 0)
            return true;
    return false;
}

/* Columns that hold a domain of those who read the page. */
static int domain_column(const struct mm_summary_table *table)
{
    static const char *const names[] = {"policy_domain", "from_domain", "sample_from_domain"};
    int column = -1;
    for (size_t i = 0; i < MM_COUNT(names) && column < 0; i++)
        column = mm_page_column(table, names[i]);
    return column;
}

/* The same view and columns, behind one with the domain. */
static bool is_detail(const struct mm_summary_table *detail, const struct mm_summary_table *table)
{
    if (strcmp(detail->slug, table->slug) != 0 || detail->column_count != table->column_count + 1 ||
        domain_column(detail) != 0)
        return false;
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(detail->columns[i + 1].name, table->columns[i].name) != 0)
            return false;
    return true;
}

static struct mm_page_card *card_of(struct mm_page *page, const struct mm_summary_table *table)
{
    for (size_t i = 0; i < page->card_count; i++)
        if (is_detail(table, page->cards[i].table))
            return &page->cards[i];
    return NULL;
}

static size_t cards_of_view(const struct mm_page *page, const char *slug)
{
    size_t count = 0;
    for (size_t i = 0; i < page->card_count; i++)
        count += strcmp(page->cards[i].table->slug, slug) == 0;
    return count;
}

static void add_card(struct mm_page *page, const struct mm_summary_table *table)
{
    size_t others = cards_of_view(page, table->slug);
    if (page->card_count == MM_PAGE_CARDS_MAX)
        return;
    struct mm_page_card *card = &page->cards[page->card_count++];
    const struct mm_page_view *view = mm_page_view_of(table);
    *card = (struct mm_page_card){
        .table = table,
        .domain = domain_column(table),
        .title = view ? view->title : table->title,
        .question = view && view->question ? view->question : table->question,
        .part = view ? view->part : MM_PAGE_RUN,
    };
    if (others == 0)
        snprintf(card->id, sizeof card->id, "%s", table->slug);
    else
        snprintf(card->id, sizeof card->id, "%s-%zu", table->slug, others + 1);
}

void mm_page_find_cards(struct mm_page *page, const struct mm_summary_table *tables, size_t count)
{
    page->card_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct mm_page_card *card = card_of(page, &tables[i]);
        if (card)
            card->detail = &tables[i];
        else
            add_card(page, &tables[i]);
    }
}

void mm_page_find_charts(struct mm_page *page)
{
    page->plan_count = 0;
    for (size_t i = 0; i < mm_page_chart_count; i++)
        for (size_t k = 0; k < page->card_count && page->plan_count < MM_PAGE_PLANS_MAX; k++) {
            struct mm_page_plan *plan = &page->plans[page->plan_count];
            if (strcmp(page->cards[k].table->slug, mm_page_charts[i].slug) != 0 ||
                !mm_page_plan(&mm_page_charts[i], page->cards[k].table, plan))
                continue;
            page->plan_cards[page->plan_count++] = k;
            break;
        }
}

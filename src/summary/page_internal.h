/*
 * page_internal.h - what the parts of a page share while it is made.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_PAGE_INTERNAL_H
#define MM_SUMMARY_PAGE_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "summary/page_chart.h"
#include "summary/page_views.h"

enum { MM_PAGE_PLANS_MAX = 64, MM_PAGE_CARDS_MAX = 64, MM_PAGE_ID_BYTES = 64 };

/*
 * A table and what is shown of it. Where the summary has the view twice, once with the domain
 * before all other columns, that second table is `detail`: the script shows its rows when a domain
 * is chosen, so that the sums of all domains are exact however many there are.
 */
struct mm_page_card {
    const struct mm_summary_table *table, *detail; /* detail: NULL where there is none */
    int domain;                                    /* column of `table` by which to choose; -1 */
    const char *title, *question;
    enum mm_page_part_of part;
    char id[MM_PAGE_ID_BYTES]; /* in the document */
};

struct mm_page {
    struct mm_buf *out;
    struct mm_arena *arena;
    const struct mm_summary_head *head;
    struct mm_page_card cards[MM_PAGE_CARDS_MAX]; /* as they are shown */
    size_t card_count;
    struct mm_page_plan plans[MM_PAGE_PLANS_MAX]; /* in the order of mm_page_charts */
    size_t plan_cards[MM_PAGE_PLANS_MAX];         /* card of each */
    size_t plan_count;
    size_t data_rows, html_rows;
};

/* Headings of the page, and words by which its bar goes there. */
extern const struct mm_page_heading {
    const char *id, *title, *word;
} mm_page_headings[MM_PAGE_PARTS_OF];
/* Some card of that part has rows. */
bool mm_page_has_part(const struct mm_page *page, enum mm_page_part_of part);

/* Make cards of tables. */
void mm_page_find_cards(struct mm_page *page, const struct mm_summary_table *tables, size_t count);
/* Plan the charts that the cards allow. */
void mm_page_find_charts(struct mm_page *page);

void mm_page_put_head(struct mm_page *page);   /* what was read, and what it says at a glance */
void mm_page_put_tiles(struct mm_page *page);  /* the figures of it all */
void mm_page_put_advice(struct mm_page *page); /* what to do, with rule and row */
void mm_page_put_cards(struct mm_page *page);  /* a card for each table: charts, rows, notes */
void mm_page_put_data(struct mm_page *page);   /* for the script */

#endif /* MM_SUMMARY_PAGE_INTERNAL_H */

/*
 * page_tiles.c - the figures that a page begins with: those of the overview, and of verified mail.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "summary/page_internal.h"
#include "summary/page_markup.h"

/* A row of the overview. */
struct tile {
    const char *name, *label;
    bool share_first;  /* the share is the figure, the number stands below it */
    bool trouble;      /* above 0 it is bad news */
    const char *unit;  /* of what the number is */
    const char *whole; /* what the share is a part of */
};

/* clang-format off */
static const struct tile tiles[] = {
    {.name = "messages", .label = "Messages in reports"},
    {.name = "passed", .label = "Pass DMARC", .share_first = true, .unit = "messages"},
    {.name = "failed", .label = "Fail DMARC", .trouble = true, .whole = "of all messages"},
    {.name = "dkim_aligned", .label = "DKIM aligned", .share_first = true, .unit = "messages"},
    {.name = "spf_aligned", .label = "SPF aligned", .share_first = true, .unit = "messages"},
    {.name = "tls_failed", .label = "TLS sessions failed", .trouble = true, .whole = "of all sessions"},
    {.name = "bounces", .label = "Recipients bounced"},
    {.name = "bounces_hard", .label = "Bounced for good", .trouble = true, .whole = "of all bounces"},
    {.name = "complaints", .label = "Complaints", .trouble = true},
};
/* clang-format on */

static const struct mm_page_card *card_named(const struct mm_page *page, const char *slug,
                                             const char *first)
{
    for (size_t i = 0; i < page->card_count; i++)
        if (strcmp(page->cards[i].table->slug, slug) == 0 &&
            mm_page_column(page->cards[i].table, first) == 0)
            return &page->cards[i];
    return NULL;
}

static void put_tile(struct mm_page *page, const struct tile *tile,
                     const struct mm_summary_cell *number, const struct mm_summary_cell *share)
{
    struct mm_buf *out = page->out;
    bool share_first = tile->share_first && !share->null;
    mm_buf_append_str(out, "<div class=\"tile\"><dt>");
    mm_page_words(out, tile->label);
    mm_buf_append_str(out, tile->trouble && number->number > 0 ? "</dt><dd class=\"bad\">"
                                                               : "</dt><dd>");
    mm_page_cell(out, share_first ? MM_SUMMARY_SHARE : MM_SUMMARY_COUNT,
                 share_first ? share : number);
    if (share_first) {
        mm_buf_append_str(out, "<small>");
        mm_page_number(out, number->number);
        mm_buf_append_char(out, ' ');
        mm_page_words(out, tile->unit);
        mm_buf_append_str(out, "</small>");
    } else if (tile->whole && !share->null) {
        mm_buf_append_str(out, "<small>");
        mm_page_share(out, share);
        mm_buf_append_char(out, ' ');
        mm_page_words(out, tile->whole);
        mm_buf_append_str(out, "</small>");
    }
    mm_buf_append_str(out, "</dd></div>\n");
}

static void put_overview(struct mm_page *page, const struct mm_summary_table *overview)
{
    int name = mm_page_column(overview, "name"), count = mm_page_column(overview, "count");
    int share = mm_page_column(overview, "share_percent");
    for (size_t i = 0; i < MM_COUNT(tiles) && count >= 0 && share >= 0; i++)
        for (size_t row = 0; row < overview->row_count; row++) {
            const struct mm_summary_cell *cells = mm_summary_row(overview, row);
            if (mm_view_eq(cells[name].text, mm_view_of(tiles[i].name)) && !cells[count].null)
                put_tile(page, &tiles[i], &cells[count], &cells[share]);
        }
}

/* Verified messages, and those that pass. */
static void put_results(struct mm_page *page, const struct mm_summary_table *results)
{
    static const struct tile all = {.label = "Messages verified"};
    static const struct tile passing = {
        .label = "Verify: pass", .share_first = true, .unit = "messages"};
    struct mm_summary_cell sum = {0}, part = {0};
    int count = mm_page_column(results, "messages"), passed = mm_page_column(results, "passed");
    for (size_t row = 0; row < results->row_count && count >= 0 && passed >= 0; row++) {
        sum.number += mm_summary_row(results, row)[count].number;
        part.number += mm_summary_row(results, row)[passed].number;
    }
    if (sum.number == 0)
        return;
    struct mm_summary_cell share = {.number = part.number, .whole = sum.number};
    put_tile(page, &all, &sum, &(struct mm_summary_cell){.null = true});
    put_tile(page, &passing, &part, &share);
}

void mm_page_put_tiles(struct mm_page *page)
{
    const struct mm_page_card *overview = card_named(page, "overview", "name");
    const struct mm_page_card *results = card_named(page, "results", "result");
    if ((!overview || overview->table->row_count == 0) &&
        (!results || results->table->row_count == 0))
        return;
    mm_buf_append_str(page->out, "<dl class=\"tiles\">\n");
    if (overview)
        put_overview(page, overview->table);
    if (results)
        put_results(page, results->table);
    mm_buf_append_str(page->out, "</dl>\n");
}

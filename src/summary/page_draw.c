/*
 * page_draw.c - draws a chart: geometry as SVG, words as HTML around it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Coordinates are whole numbers, made by the same steps as in page.js.
 */
#include "summary/page_draw.h"

#include "summary/page_markup.h"

/* Units of a picture: of its height, or of the length of a bar; and of a column's width. */
enum { FULL = 1000, COLUMN = 10 };

/* `number` of `whole`, in units; what is there is seen. */
static int64_t units(uint64_t number, uint64_t whole)
{
    int64_t length = (int64_t)((double)number / (double)whole * FULL + 0.5);
    return number > 0 && length == 0 ? 1 : length;
}

static void put_int(struct mm_buf *out, const char *before, int64_t number)
{
    mm_buf_printf(out, "%s%lld", before, (long long)number);
}

/* <rect class= x= y= width= height=: left open for its end. */
static void put_rect(struct mm_buf *out, const char *tone, const int64_t at[4])
{
    mm_buf_printf(out, "<rect class=\"%s\"", tone);
    put_int(out, " x=\"", at[0]);
    put_int(out, "\" y=\"", at[1]);
    put_int(out, "\" width=\"", at[2]);
    put_int(out, "\" height=\"", at[3]);
    mm_buf_append_str(out, "\">");
}

static void put_labelled(struct mm_buf *out, const char *label, uint64_t number)
{
    mm_page_words(out, label);
    mm_buf_append_char(out, ' ');
    mm_page_number(out, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

static void put_total(struct mm_buf *out, uint64_t number)
{
    mm_page_number(out, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

/* ---- bars and spans ---- */

static void put_names(struct mm_buf *out, const struct mm_page_plan *plan,
                      const struct mm_page_group *group)
{
    mm_buf_append_str(out, "<li><span class=\"name\">");
    for (size_t k = 0; k < plan->key_count; k++) {
        if (k > 0 && group->names[k].len == 0)
            continue;
        mm_buf_append_str(out, k > 0 ? "<small>" : "");
        if (group->names[k].len)
            mm_page_isolated(out, group->names[k]);
        else
            mm_buf_append_str(out, "<i>not said</i>");
        mm_buf_append_str(out, k > 0 ? "</small>" : "");
    }
    mm_buf_append_str(out, "</span><svg class=\"bar\" viewBox=\"0 0 1000 10\" "
                           "preserveAspectRatio=\"none\" aria-hidden=\"true\">");
}

static void draw_bar(struct mm_buf *out, const struct mm_page_plan *plan,
                     const struct mm_page_group *group, uint64_t most)
{
    int64_t x = 0;
    uint64_t sum = 0;
    put_names(out, plan, group);
    for (size_t i = 0; i < plan->part_count; i++) {
        if (group->parts[i] == 0)
            continue;
        sum += group->parts[i];
        int64_t end = units(sum, most);
        put_rect(out, plan->chart->parts[i].tone, (int64_t[]){x, 0, end - x, COLUMN});
        mm_buf_append_str(out, "<title>");
        put_labelled(out, plan->chart->parts[i].label, group->parts[i]);
        mm_buf_append_str(out, "</title></rect>");
        x = end;
    }
    mm_buf_append_str(out, "</svg><span class=\"sum\">");
    put_total(out, group->total);
    mm_buf_append_str(out, "</span></li>");
}

static void draw_span(struct mm_buf *out, const struct mm_page_plan *plan,
                      const struct mm_page_group *group)
{
    put_names(out, plan, group);
    if (group->from <= group->to) {
        uint64_t days = (uint64_t)(plan->last - plan->first + 1);
        int64_t x = units((uint64_t)(group->from - plan->first), days);
        int64_t end = units((uint64_t)(group->to - plan->first + 1), days);
        put_rect(out, plan->chart->parts[0].tone, (int64_t[]){x, 0, end - x, COLUMN});
        mm_buf_append_str(out, "<title>");
        mm_page_day(out, group->from);
        mm_buf_append_str(out, " to ");
        mm_page_day(out, group->to);
        mm_buf_append_str(out, "</title></rect>");
    }
    mm_buf_append_str(out, "</svg><span class=\"sum\">");
    put_total(out, group->total);
    mm_buf_append_str(out, "</span></li>");
}

static void draw_list(struct mm_buf *out, const struct mm_page_plan *plan,
                      const struct mm_page_series *series)
{
    uint64_t most = series->count ? series->groups[0].total : 0;
    mm_buf_append_str(out, "<ol class=\"bars\">");
    for (size_t i = 0; i < series->count; i++)
        if (plan->chart->kind == MM_PAGE_BARS)
            draw_bar(out, plan, &series->groups[i], most);
        else
            draw_span(out, plan, &series->groups[i]);
    mm_buf_append_str(out, "</ol>");
    if (plan->chart->kind == MM_PAGE_SPANS) {
        mm_buf_append_str(out, "<p class=\"cut\">Bars reach from ");
        mm_page_day(out, plan->first);
        mm_buf_append_str(out, " to ");
        mm_page_day(out, plan->last);
        mm_buf_append_str(out, "; the number is that of messages.</p>");
    }
    if (series->all > series->count)
        mm_buf_printf(out, "<p class=\"cut\">%zu of %zu shown; the table has more.</p>",
                      series->count, series->all);
}

/* ---- days ---- */

/* A round number that is not below `most`: 1, 2 or 5 and zeros. */
static uint64_t round_above(uint64_t most)
{
    uint64_t step = 1;
    while (step < UINT64_MAX / 10 && step * 10 <= most)
        step *= 10;
    for (uint64_t times = 1; times <= 5; times += 1 + (times == 2) * 2)
        if (step * times >= most)
            return step * times;
    return step < UINT64_MAX / 10 ? step * 10 : UINT64_MAX;
}

/* The axis of a rate begins at the highest of some round numbers that no day is below. */
static int rate_floor(const struct mm_page_series *series)
{
    static const int floors[] = {99, 95, 90, 80, 50, 0};
    double least = 1;
    for (size_t i = 0; i < series->count; i++) {
        const struct mm_page_group *group = &series->groups[i];
        double rate = group->total ? (double)group->parts[0] / (double)group->total : 1;
        least = rate < least ? rate : least;
    }
    size_t i = 0;
    while (floors[i] > least * 100)
        i++;
    return floors[i];
}

static void put_slot_title(struct mm_buf *out, const struct mm_page_plan *plan,
                           const struct mm_page_group *group)
{
    mm_buf_append_str(out, "<title>");
    mm_page_day(out, plan->first + group->slot * plan->width);
    if (group->total == 0)
        mm_buf_append_str(out, ": nothing reported");
    for (size_t i = 0; i < plan->part_count && group->total; i++) {
        mm_buf_append_str(out, i ? ", " : ": ");
        put_labelled(out, plan->chart->parts[i].label, group->parts[i]);
    }
    mm_buf_append_str(out, "</title>");
}

static void draw_stack(struct mm_buf *out, const struct mm_page_plan *plan,
                       const struct mm_page_group *group, uint64_t top)
{
    int64_t y = FULL;
    uint64_t sum = 0;
    for (size_t i = 0; i < plan->part_count; i++) {
        if (group->parts[i] == 0)
            continue;
        sum += group->parts[i];
        int64_t upper = FULL - units(sum, top);
        put_rect(out, plan->chart->parts[i].tone,
                 (int64_t[]){group->slot * COLUMN + 1, upper, COLUMN - 2, y - upper});
        mm_buf_append_str(out, "</rect>");
        y = upper;
    }
}

static int64_t rate_height(const struct mm_page_group *group, int least)
{
    double rate = (double)group->parts[0] / (double)group->total * 100;
    return FULL - (int64_t)((rate - least) / (100 - least) * FULL + 0.5);
}

/* Days side by side are joined; a day alone is a dot. */
static void draw_line(struct mm_buf *out, const struct mm_page_plan *plan,
                      const struct mm_page_series *series, int least)
{
    bool joined = false;
    mm_buf_printf(out, "<path class=\"line %s\" d=\"", plan->chart->parts[0].tone);
    for (size_t i = 0; i < series->count; i++) {
        const struct mm_page_group *group = &series->groups[i];
        if (group->total > 0) {
            put_int(out, joined ? "L" : "M", group->slot * COLUMN + COLUMN / 2);
            put_int(out, " ", rate_height(group, least));
            mm_buf_append_str(out, joined ? "" : "h0");
        }
        joined = group->total > 0;
    }
    mm_buf_append_str(out, "\"></path>");
}

static void put_days_open(struct mm_buf *out, const struct mm_page_plan *plan)
{
    long long slots = mm_page_slots(plan), width = slots * COLUMN;
    mm_buf_append_str(out, "<svg class=\"area\" role=\"img\" aria-label=\"");
    mm_page_words(out, plan->chart->title);
    mm_buf_append_str(out, ", ");
    mm_page_day(out, plan->first);
    mm_buf_append_str(out, " to ");
    mm_page_day(out, plan->last);
    mm_buf_printf(out,
                  "; the numbers are in the table below\" viewBox=\"0 0 %lld 1000\" "
                  "preserveAspectRatio=\"none\"><path class=\"grid\" "
                  "d=\"M0 0H%lldM0 500H%lldM0 1000H%lld\"></path>",
                  width, width, width, width);
}

static void put_days_end(struct mm_buf *out, const struct mm_page_plan *plan)
{
    mm_buf_append_str(out, "</svg><div class=\"x\" aria-hidden=\"true\"><span>");
    mm_page_day(out, plan->first);
    mm_buf_append_str(out, "</span><span>");
    mm_page_day(out, plan->last);
    mm_buf_append_str(out, "</span></div></div>");
    if (plan->width > 1)
        mm_buf_printf(out, "<p class=\"cut\">A column stands for %lld days.</p>",
                      (long long)plan->width);
}

static void draw_days_stacked(struct mm_buf *out, const struct mm_page_plan *plan,
                              const struct mm_page_series *series)
{
    uint64_t most = 0;
    for (size_t i = 0; i < series->count; i++)
        most = series->groups[i].total > most ? series->groups[i].total : most;
    uint64_t top = round_above(most);
    mm_buf_append_str(out, "<div class=\"days\"><div class=\"y\" aria-hidden=\"true\"><span>");
    put_total(out, top);
    mm_buf_append_str(out, "</span><span>0</span></div>");
    put_days_open(out, plan);
    for (size_t i = 0; i < series->count; i++) {
        mm_buf_append_str(out, "<g>");
        put_slot_title(out, plan, &series->groups[i]);
        put_rect(out, "hit", (int64_t[]){series->groups[i].slot * COLUMN, 0, COLUMN, FULL});
        mm_buf_append_str(out, "</rect>");
        draw_stack(out, plan, &series->groups[i], top);
        mm_buf_append_str(out, "</g>");
    }
    put_days_end(out, plan);
}

static void draw_days_rate(struct mm_buf *out, const struct mm_page_plan *plan,
                           const struct mm_page_series *series)
{
    int least = rate_floor(series);
    mm_buf_printf(out,
                  "<div class=\"days\"><div class=\"y\" aria-hidden=\"true\"><span>100 %%</span>"
                  "<span>%d %%</span></div>",
                  least);
    put_days_open(out, plan);
    for (size_t i = 0; i < series->count; i++) {
        const struct mm_page_group *group = &series->groups[i];
        mm_buf_append_str(out, "<g>");
        put_slot_title(out, plan, group);
        put_rect(out, group->total ? "hit" : "gap",
                 (int64_t[]){group->slot * COLUMN, 0, COLUMN, FULL});
        mm_buf_append_str(out, "</rect></g>");
    }
    draw_line(out, plan, series, least);
    put_days_end(out, plan);
}

/* ---- squares ---- */

static void draw_matrix(struct mm_buf *out, const struct mm_page_plan *plan,
                        const struct mm_page_series *series)
{
    uint64_t all = 0;
    for (size_t i = 0; i < series->count; i++)
        all += series->groups[i].total;
    mm_buf_append_str(out, "<ul class=\"matrix\">");
    for (size_t i = 0; i < series->count; i++) {
        const struct mm_page_part *part = &plan->chart->parts[i];
        uint64_t number = series->groups[series->count - 1 - i].total;
        int64_t height = all ? units(number, all) : 0;
        mm_buf_append_str(out, "<li><svg viewBox=\"0 0 10 1000\" preserveAspectRatio=\"none\" "
                               "aria-hidden=\"true\">");
        put_rect(out, "hit", (int64_t[]){0, 0, COLUMN, FULL});
        mm_buf_append_str(out, "</rect>");
        put_rect(out, part->tone, (int64_t[]){0, FULL - height, COLUMN, height});
        mm_buf_append_str(out, "</rect></svg><b>");
        put_total(out, number);
        mm_buf_append_str(out, "</b><span>");
        if (all)
            mm_page_share(
                out, &(struct mm_summary_cell){.number = (int64_t)number, .whole = (int64_t)all});
        mm_buf_append_str(out, "</span><small>");
        mm_page_words(out, part->label);
        mm_buf_append_str(out, "</small></li>");
    }
    mm_buf_append_str(out, "</ul>");
}

/* ---- all ---- */

void mm_page_draw(struct mm_buf *out, const struct mm_page_plan *plan,
                  const struct mm_page_series *series)
{
    static void (*const draw[MM_PAGE_CHART_KINDS])(struct mm_buf *, const struct mm_page_plan *,
                                                   const struct mm_page_series *) = {
        [MM_PAGE_BARS] = draw_list,          [MM_PAGE_SPANS] = draw_list,
        [MM_PAGE_STACK] = draw_days_stacked, [MM_PAGE_RATE] = draw_days_rate,
        [MM_PAGE_MATRIX] = draw_matrix,
    };
    uint64_t total = 0;
    for (size_t i = 0; i < series->count; i++)
        total |= series->groups[i].total;
    if (total == 0)
        mm_buf_append_str(out, "<p class=\"cut\">Nothing was reported.</p>");
    else
        draw[plan->chart->kind](out, plan, series);
}

void mm_page_draw_legend(struct mm_buf *out, const struct mm_page_plan *plan)
{
    if (plan->part_count < 2 || plan->chart->kind == MM_PAGE_MATRIX)
        return;
    bool rate = plan->chart->kind == MM_PAGE_RATE;
    mm_buf_append_str(out, "<ul class=\"legend\">");
    for (size_t i = 0; i < (rate ? 1 : plan->part_count); i++) {
        mm_buf_printf(out,
                      "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"%s\" "
                      "width=\"10\" height=\"10\"></rect></svg>",
                      plan->chart->parts[i].tone);
        mm_page_words(out, plan->chart->parts[i].label);
        mm_buf_append_str(out, "</li>");
    }
    if (rate)
        mm_buf_append_str(out, "<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect "
                               "class=\"gap\" width=\"10\" height=\"10\"></rect></svg>"
                               "nothing reported</li>");
    mm_buf_append_str(out, "</ul>");
}

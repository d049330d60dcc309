/*
 * page_chart.h - which pictures a page draws of which tables, and the sums that they show.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A chart names a view and columns of it; where a summary does not have them there is no chart, and
 * the table stands alone. The page's script draws the same charts of the rows of one domain:
 * page_chart.c and page_draw.c here, series() and draw() in page.js are the same twice, and a test
 * holds them to each other.
 */
#ifndef MM_SUMMARY_PAGE_CHART_H
#define MM_SUMMARY_PAGE_CHART_H

#include "base/arena.h"
#include "mailmill/summary.h"

enum mm_page_chart_kind {
    MM_PAGE_BARS,   /* a bar for each group, the longest first */
    MM_PAGE_STACK,  /* a column for each day */
    MM_PAGE_RATE,   /* a line: share of the first part, by day */
    MM_PAGE_SPANS,  /* from which day to which each group was seen */
    MM_PAGE_MATRIX, /* four squares: both, either, neither */
    MM_PAGE_CHART_KINDS
};

enum {
    MM_PAGE_PARTS_MAX = 6,
    MM_PAGE_KEYS_MAX = 3,
    MM_PAGE_GROUPS_MAX = 12,  /* bars and spans: more are read in the table */
    MM_PAGE_COLUMNS_MAX = 400 /* days; a longer window takes several days a column */
};

/* What of a row counts: the number in `column`, where the column `word_column` says `word`. */
struct mm_page_part {
    const char *label;  /* in the legend */
    const char *tone;   /* class of page.css: good, calm, warn, bad, plain, faint */
    const char *column; /* COUNT, or SHARE: its part */
    const char *word;   /* NULL: in every row; "": where no part before it took the row */
    bool rest;          /* SHARE: what is not in the part */
};

struct mm_page_chart {
    const char *slug;  /* of the view */
    const char *title; /* what the picture shows */
    enum mm_page_chart_kind kind;
    const char *keys[MM_PAGE_KEYS_MAX]; /* columns that make a group; STACK, RATE: the day;
                                           MATRIX: two flags */
    const char *word_column;
    struct mm_page_part parts[MM_PAGE_PARTS_MAX];
    const char *from, *to; /* SPANS: days */
};

/* A chart whose columns were found in a table. */
struct mm_page_plan {
    const struct mm_page_chart *chart;
    const struct mm_summary_table *table;
    size_t key_count, part_count;
    int keys[MM_PAGE_KEYS_MAX], parts[MM_PAGE_PARTS_MAX]; /* columns of the table */
    int word_column, from, to;                            /* -1: none */
    int64_t first, last, width; /* days of the axis; days that a column of it stands for */
};

struct mm_page_group {
    struct mm_view names[MM_PAGE_KEYS_MAX];
    int64_t slot; /* STACK, RATE: place on the axis; MATRIX: 2 * first flag + second */
    uint64_t parts[MM_PAGE_PARTS_MAX], total;
    int64_t from, to; /* SPANS */
};

struct mm_page_series {
    struct mm_page_group *groups; /* BARS, SPANS: by falling total, then by name; else by slot */
    size_t count, all;            /* groups kept, and before the cut */
};

/* All charts, in the order of the page. */
extern const struct mm_page_chart mm_page_charts[];
extern const size_t mm_page_chart_count;

/* False where the table lacks a column, has no row, or (axes of days) no day. */
bool mm_page_plan(const struct mm_page_chart *chart, const struct mm_summary_table *table,
                  struct mm_page_plan *plan);
/* False without memory. */
bool mm_page_series(struct mm_arena *arena, const struct mm_page_plan *plan,
                    struct mm_page_series *series);

/* Places on the axis of days. */
static inline int64_t mm_page_slots(const struct mm_page_plan *plan)
{
    return (plan->last - plan->first) / plan->width + 1;
}

#endif /* MM_SUMMARY_PAGE_CHART_H */

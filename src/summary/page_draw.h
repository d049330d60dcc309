/*
 * page_draw.h - draws a chart: geometry as SVG, words as HTML around it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The SVG stretches to the room there is, so that words keep their size on a phone and on paper.
 */
#ifndef MM_SUMMARY_PAGE_DRAW_H
#define MM_SUMMARY_PAGE_DRAW_H

#include "base/buf.h"
#include "summary/page_chart.h"

/* The picture of `series`, without its title and legend. */
void mm_page_draw(struct mm_buf *out, const struct mm_page_plan *plan,
                  const struct mm_page_series *series);
/* What its colours mean; nothing where there is but one. */
void mm_page_draw_legend(struct mm_buf *out, const struct mm_page_plan *plan);

#endif /* MM_SUMMARY_PAGE_DRAW_H */

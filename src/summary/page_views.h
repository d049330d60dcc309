/*
 * page_views.h - what a page asks of its datasets, and how it calls the answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_PAGE_VIEWS_H
#define MM_SUMMARY_PAGE_VIEWS_H

#include "mailmill/summary.h"

/* The heading under which an answer stands. */
enum mm_page_part_of {
    MM_PAGE_DMARC,
    MM_PAGE_TLS,
    MM_PAGE_MAIL, /* bounces, complaints */
    MM_PAGE_VERIFY,
    MM_PAGE_RUN,
    MM_PAGE_PARTS_OF
};

struct mm_page_view {
    const char *view, *by; /* by: NULL: as the view does by itself */
    const char *first;     /* name of the first column of the answer: several may be of one view */
    const char *title, *question; /* question: NULL: the view's own */
    const char *detail;           /* words by which it is asked once more, the domain first; NULL */
    enum mm_page_part_of part;
};

extern const struct mm_page_view mm_page_views[];
extern const size_t mm_page_view_count;

/* The view that asked for a table; NULL: none did. */
const struct mm_page_view *mm_page_view_of(const struct mm_summary_table *table);

#endif /* MM_SUMMARY_PAGE_VIEWS_H */

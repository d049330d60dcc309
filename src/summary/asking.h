/*
 * asking.h - what was asked for becomes questions, and their queries.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_ASKING_H
#define MM_SUMMARY_ASKING_H

#include "base/error.h"
#include "summary/question.h"

enum { MM_ASKING_MAX = 4 * MM_SUMMARY_ASKS_MAX, MM_WINDOWS_MAX = 8 };

struct mm_asking {
    struct mm_asked *asked; /* in the inquiry's arena */
    size_t count;
    /* Which days the rows are of: one sum, without keys. */
    const struct mm_query_run *windows[MM_WINDOWS_MAX];
    size_t window_count;
};

/*
 * Find every view and word that the options name, plan its queries, and those of the window.
 * MM_OK, and inquiry->failed where memory ran out; MM_E_ARG.
 */
enum mm_status mm_asking_plan(struct mm_asking *asking, struct mm_inquiry *inquiry,
                              const struct mm_summary_options *options,
                              const struct mm_summary_head *head,
                              struct mm_error *err) MM_MUST_CHECK;
/* Free the answers. Quiet on a zeroed struct. */
void mm_asking_deinit(struct mm_asking *asking, struct mm_inquiry *inquiry);

#endif /* MM_SUMMARY_ASKING_H */

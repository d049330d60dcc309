/*
 * questions.h - what the list of views is put together of.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_QUESTIONS_H
#define MM_SUMMARY_QUESTIONS_H

#include "summary/question.h"

extern const struct mm_pivot mm_pivot_pass_rate, mm_pivot_disposition, mm_pivot_alignment,
    mm_pivot_selectors, mm_pivot_overrides, mm_pivot_subdomains, mm_pivot_policy_history;
extern const struct mm_pivot mm_pivot_tls, mm_pivot_tls_failures, mm_pivot_bounces,
    mm_pivot_bounce_reasons, mm_pivot_suppress, mm_pivot_complaints;
extern const struct mm_pivot mm_pivot_results, mm_pivot_reasons, mm_pivot_signers;

void mm_sources_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_sources_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                     struct mm_summary_table *table);
void mm_policy_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_policy_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                    struct mm_summary_table *table);
void mm_new_sources_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_new_sources_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                         struct mm_summary_table *table);
void mm_unaligned_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_unaligned_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                       struct mm_summary_table *table);
void mm_reporters_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_reporters_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                       struct mm_summary_table *table);
void mm_gaps_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_gaps_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                  struct mm_summary_table *table);
void mm_overview_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_overview_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                      struct mm_summary_table *table);
void mm_health_plan(struct mm_inquiry *inquiry, struct mm_asked *asked);
bool mm_health_make(struct mm_inquiry *inquiry, const struct mm_asked *asked,
                    struct mm_summary_table *table);

#endif /* MM_SUMMARY_QUESTIONS_H */

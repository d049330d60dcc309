/*
 * sign_plan.h - what a dry run finds out: how many signatures each domain and selector would make.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_SIGN_PLAN_H
#define MM_PIPELINE_SIGN_PLAN_H

#include "dkim/sign_rules.h"

/* Domains of authors are strangers' words: a spool with more of them than this is refused. */
enum { MM_SIGN_PLAN_ROWS_MAX = 1000 * 1000 };

struct mm_sign_plan;
struct mm_sign_plan *mm_sign_plan_new(void);
void mm_sign_plan_free(struct mm_sign_plan **plan);
/* Count one signature. Thread-safe. */
enum mm_status mm_sign_plan_add(struct mm_sign_plan *plan, const struct mm_sign_choice *choice,
                                struct mm_error *err) MM_MUST_CHECK;
/* choice: domain, selector and key, valid during the call. */
typedef void mm_sign_plan_row(void *context, const struct mm_sign_choice *choice,
                              uint64_t messages);
/* Rows by domain, then selector. After the last add. */
enum mm_status mm_sign_plan_each(struct mm_sign_plan *plan, mm_sign_plan_row *row,
                                 void *context) MM_MUST_CHECK;
/* Time that the counted signatures take on one core: each key is tried a few times. 0 when it
 * cannot be told. */
uint64_t mm_sign_plan_crypto_ns(const struct mm_sign_plan *plan);

#endif /* MM_PIPELINE_SIGN_PLAN_H */

/*
 * dry_run_check.h - before a campaign is signed: does each key have the record that receivers will
 * ask for?
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_DRY_RUN_CHECK_H
#define MM_PIPELINE_DRY_RUN_CHECK_H

#include "mailmill/run.h"
#include "pipeline/sign_plan.h"

/* MM_E_SYNTAX naming the first selector whose record is missing, unusable or of another key, and
 * how many more there are; MM_E_IO when the run was to stop meanwhile; MM_E_NOMEM. Keys
 * whose domain is the author's (`%`) have none before mail is read.
 */
enum mm_status mm_dry_run_check_keys(const struct mm_sign_run *job,
                                     struct mm_error *err) MM_MUST_CHECK;
/* The same of the keys that the mail turned out to need. */
enum mm_status mm_dry_run_check_plan(const struct mm_sign_run *job, struct mm_sign_plan *plan,
                                     struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_DRY_RUN_CHECK_H */

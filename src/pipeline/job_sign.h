/*
 * job_sign.h - the sign job: DKIM-Signature fields on top of every message.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_JOB_SIGN_H
#define MM_PIPELINE_JOB_SIGN_H

#include <stdatomic.h>

#include "pipeline/job.h"
#include "pipeline/sign_plan.h"

struct mm_sign_job_state {
    const struct mm_sign_run *run;
    struct mm_sign_plan *plan; /* dry run: counts by domain and selector; NULL otherwise */
    atomic_ullong oversigned_absent, unmatched_copied;
};

extern const struct mm_job_ops mm_sign_job;

#endif /* MM_PIPELINE_JOB_SIGN_H */

/*
 * job_key_names.h - the job that only looks which keys a pile of mail needs.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_JOB_KEY_NAMES_H
#define MM_PIPELINE_JOB_KEY_NAMES_H

#include <pthread.h>

#include "io/names.h"
#include "pipeline/job.h"

struct mm_key_names_job {
    uint32_t max_signatures;
    pthread_mutex_t lock;
    struct mm_names *names; /* sorted; a name may be there several times */
};

extern const struct mm_job_ops mm_key_names_job;

#endif /* MM_PIPELINE_JOB_KEY_NAMES_H */

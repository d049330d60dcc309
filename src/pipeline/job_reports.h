/*
 * job_reports.h - the reports job: rows of every report in an input.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_JOB_REPORTS_H
#define MM_PIPELINE_JOB_REPORTS_H

#include "dataset/redaction.h"
#include "pipeline/job.h"
#include "pipeline/sink_dataset.h"
#include "report/bounce_rules.h"

struct mm_reports_job_state {
    const struct mm_dataset_output *output; /* open before the first worker is made */
    const struct mm_bounce_rules *rules;
    const struct mm_redaction *redaction; /* NULL: none */
    bool split_days, subjects, openssl_only;
    unsigned workers; /* made so far; private */
    /* of inputs that the dataset which is added to has taken before: those that were read, and
     * those that could not be and cannot be still */
    uint64_t repeated, repeated_unread;
    struct mm_report_counts counts;
};

extern const struct mm_job_ops mm_reports_job;

#endif /* MM_PIPELINE_JOB_REPORTS_H */

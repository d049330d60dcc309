/*
 * job_verify.h - the verify job: a verdict row for every input.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_JOB_VERIFY_H
#define MM_PIPELINE_JOB_VERIFY_H

#include "dkim/key_cache.h"
#include "pipeline/job.h"
#include "pipeline/sink_dataset.h"

struct mm_verify_job_state {
    struct mm_key_cache *keys; /* shared; NULL: no source of keys */
    struct mm_verify_options options;
    enum mm_row_format format;
    struct mm_view authserv_id;              /* empty: no Authentication-Results */
    const struct mm_dataset_output *dataset; /* rows go there, and there is no text; NULL: none */
    unsigned workers;                        /* made so far; private */
    bool openssl_only;
    bool hands_on;           /* messages go to the sink, with the field on top */
    uint64_t fields_removed; /* out: see mm_hand_on() */
};

/* 1 is the exit code where a message has a verdict that is no good, or with require_pass no passing
 * signature. */
bool mm_verify_some_failed(const struct mm_verify_run *job, const struct mm_run_stats *stats);

/* What a row says of an item that was rejected. */
void mm_verify_reject_row(struct mm_buf *out, enum mm_row_format format,
                          const struct mm_item *item);

extern const struct mm_job_ops mm_verify_job;

#endif /* MM_PIPELINE_JOB_VERIFY_H */

/*
 * one_run.h - what runs over a single message share: read it, write what is made of it, count.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_ONE_RUN_H
#define MM_PIPELINE_ONE_RUN_H

#include "pipeline/one_message.h"
#include "pipeline/sink.h"

struct mm_one_run {
    const struct mm_run_options *options; /* sources[0] is the message */
    struct mm_one_message *message;
    enum mm_stream_form form;
    /* Write to the open sink; count the outcome in end->stats. On failure end->exit_code is
     * MM_EXIT_IO unless it is set. */
    enum mm_status (*make)(void *context, struct mm_one_message *m, struct mm_sink *sink,
                           struct mm_run_end *end, struct mm_error *err);
    void *context;
};

/*
 * Refuse an output without the suffix (NULL: any) that is not "-", and read the message.
 * Returns as mm_one_message_open() does; end->exit_code fits.
 */
enum mm_status mm_one_run_begin(const struct mm_one_run *run, const char *suffix,
                                struct mm_run_end *end, struct mm_error *err) MM_MUST_CHECK;
/* Open the output, make what goes there, close it. */
enum mm_status mm_one_run_write(const struct mm_one_run *run, struct mm_run_end *end,
                                struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_ONE_RUN_H */

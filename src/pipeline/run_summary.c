/*
 * run_summary.c - the verb summary: how many threads and how much memory, and what a fault ends as.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mailmill/summary.h"
#include "pipeline/resources.h"
#include "summary/summary_read.h"

static int exit_of(enum mm_summary_fault fault, const struct mm_error *err)
{
    switch (fault) {
    case MM_SUMMARY_FAULT_NONE:
        return MM_EXIT_DONE;
    case MM_SUMMARY_FAULT_ASKED:
        return MM_EXIT_USAGE;
    case MM_SUMMARY_FAULT_MISSING:
        return MM_EXIT_NO_INPUT;
    case MM_SUMMARY_FAULT_UNFIT:
        return MM_EXIT_CONFIG;
    case MM_SUMMARY_FAULT_READING:
        return mm_error_is_denied(err) ? MM_EXIT_PERMISSION : MM_EXIT_IO;
    }
    return MM_EXIT_BUG;
}

enum mm_status mm_summary_make(const struct mm_summary_options *options,
                               struct mm_summary **summary, int *exit_code, struct mm_error *err)
{
    const struct mm_run_options run = {.threads = options->threads,
                                       .memory_bytes = options->memory_bytes};
    enum mm_summary_fault fault = MM_SUMMARY_FAULT_ASKED;
    struct mm_summary_options own = *options;
    struct mm_resources resources;
    *summary = NULL;
    enum mm_status status = mm_resources_plan(&resources, &run, false, err);
    if (status >= 0) {
        own.threads = resources.threads;
        own.memory_bytes = resources.memory_bytes;
        status = mm_summary_read(&own, summary, &fault, err);
    }
    *exit_code = exit_of(fault, err);
    return status;
}

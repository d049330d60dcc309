/*
 * summary_read.h - datasets become a summary: what is asked, one reading a table, tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUMMARY_SUMMARY_READ_H
#define MM_SUMMARY_SUMMARY_READ_H

#include "base/error.h"
#include "mailmill/summary.h"

/* What went wrong, for an exit code. */
enum mm_summary_fault {
    MM_SUMMARY_FAULT_NONE,
    MM_SUMMARY_FAULT_ASKED,   /* a view, word or selection that cannot be, a dataset twice */
    MM_SUMMARY_FAULT_MISSING, /* no dataset there */
    MM_SUMMARY_FAULT_UNFIT,   /* a dataset of a newer schema, or of tables that are no Parquet */
    MM_SUMMARY_FAULT_READING  /* damage, I/O, memory */
};

/* threads and memory_bytes of the options are set, not 0. */
enum mm_status mm_summary_read(const struct mm_summary_options *options,
                               struct mm_summary **summary, enum mm_summary_fault *fault,
                               struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_SUMMARY_SUMMARY_READ_H */

/*
 * report_fault.c - why a document that should be a report is none.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/report_fault.h"

static const struct {
    const char *slug, *words;
} faults[] = {
#define MM_REPORT_FAULT(name, slug, words) {slug, words},
#include "report/report_faults.def"
#undef MM_REPORT_FAULT
};

const char *mm_report_fault_slug(enum mm_report_fault_reason reason)
{
    return faults[reason].slug;
}

const char *mm_report_fault_words(enum mm_report_fault_reason reason)
{
    return faults[reason].words;
}

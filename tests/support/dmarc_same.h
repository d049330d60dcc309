/*
 * dmarc_same.h - whether two readings of an aggregate report say the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_DMARC_SAME_H
#define MM_SUPPORT_DMARC_SAME_H

#include "report/dmarc_report.h"

/* NULL, or the name of what differs first. All that is in the reports is looked at; texts that are
 * the same bytes in different places are the same. */
const char *mm_dmarc_difference(const struct mm_dmarc_report *a, const struct mm_dmarc_report *b);

#endif /* MM_SUPPORT_DMARC_SAME_H */

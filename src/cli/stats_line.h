/*
 * stats_line.h - the counters of a run as one line of JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_STATS_LINE_H
#define MM_CLI_STATS_LINE_H

#include "mailmill/run.h"

/* One object without blanks or line breaks, as the last line of stderr. */
void stats_line_say(const struct mm_run_stats *stats);

#endif /* MM_CLI_STATS_LINE_H */

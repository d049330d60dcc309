/*
 * report.h - what stderr shows while a run goes on: rejects, warnings, progress.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_REPORT_H
#define MM_CLI_REPORT_H

#include "common.h"
#include "terminal.h"

enum {
    REPORT_NAMED = 20,  /* rejects of one reason that are named; the others are counted */
    REPORT_REASONS = 64 /* more than there are slugs; the last entry takes what is over */
};

struct report_reason {
    char slug[48];
    uint64_t count;
};

struct report {
    const char *verb;
    bool quiet;
    bool rejects_in_rows; /* the same terminal shows a row for each reject already */
    bool live;            /* progress is a line drawn over */
    bool lines;           /* progress is a line now and then */
    struct terminal terminal;
    uint64_t begun_ns, last_news_ns, last_line_ns;
    uint64_t last_done, last_bytes;
    double inputs_per_s, bytes_per_s; /* smoothed over some seconds */
    struct report_reason reasons[REPORT_REASONS];
    size_t reason_count;
};

/* data_on_terminal: standard output is a terminal and gets data, so no line may be drawn over. */
void report_init(struct report *report, const char *verb, const struct common_args *args,
                 bool data_on_terminal);
/* The listener's context is the report, which must stay in place. */
struct mm_run_listener report_listener(struct report *report);
/* context: struct report. Not under --quiet. */
void report_warn(void *context, const char *text);
/* After the run: take the live line away, count the rejects that were not named. */
void report_end(struct report *report);

/* "78.1 MB" and "2.31 s", "4 min 05 s", in memory of the caller. */
enum { AMOUNT_BYTES = 32 };
const char *amount_of_bytes(double bytes, char out[AMOUNT_BYTES]);
const char *amount_of_time(double seconds, char out[AMOUNT_BYTES]);

#endif /* MM_CLI_REPORT_H */

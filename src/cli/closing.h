/*
 * closing.h - how a run ends on stderr: what went wrong, one line of counts, --stats.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_CLOSING_H
#define MM_CLI_CLOSING_H

#include "report.h"

struct closing {
    const struct verb *verb;
    const struct common_args *args;
    struct report *report;
    char **argv; /* the command as it was given */
    int argc;
    const char *go_on; /* options that the command needs to go on after a stop; NULL: none */
    bool dry_run;
};

/* Say how the run ended. Returns the program's exit code. */
int closing_say(const struct closing *closing, enum mm_status status, const struct mm_run_end *end,
                const struct mm_error *err);

#endif /* MM_CLI_CLOSING_H */

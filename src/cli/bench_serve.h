/*
 * bench_serve.h - the machine mode of mailmill bench: run passes that another process asks for.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lines of text over standard input and output:
 *   first     "mailmill-bench 1 WORKLOADS_VERSION VERSION"
 *   "open NAME"  "ready" | "missing" (the workload is unknown, or this processor lacks what it is
 *                for) | "failed WORDS"
 *   "pass"       "sample" and SERVE_NUMBERS decimal numbers | "failed WORDS"
 * The end of the input ends it. See bench_side.h for the other end.
 */
#ifndef MM_CLI_BENCH_SERVE_H
#define MM_CLI_BENCH_SERVE_H

#include "bench_args.h"

enum {
    SERVE_PROTOCOL = 1,
    SERVE_NUMBERS = 5 + MM_BENCH_STAGES, /* items, bytes, wall, CPU, peak, stages */
    SERVE_LINE_BYTES = 1024
};

/* Serve from the folder args->serve, in which data is and output goes. Returns the exit code. */
int bench_serve(const struct verb *verb, const struct bench_args *args);

#endif /* MM_CLI_BENCH_SERVE_H */

/*
 * bench_rounds.h - one workload, measured in turns with the calibration and maybe another program.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A round is: calibration, pass, calibration; with another program its pass and a calibration more,
 * who comes first alternating. A cost is CPU time over the mean of the two calibrations around it,
 * so that what slows the processor for a tenth of a second slows both; a change is the quotient of
 * the two passes of a round. Rounds are added until the median is known well enough, or the time is
 * over.
 */
#ifndef MM_CLI_BENCH_ROUNDS_H
#define MM_CLI_BENCH_ROUNDS_H

#include "bench_side.h"

/* What does not change from workload to workload. */
struct bench_setting {
    const struct bench_args *args;
    const char *const *ours, *const *theirs; /* commands; theirs NULL: nobody else */
    const char *folder;
    struct mm_bench_calibration *calibration;
};

/* What came of a workload. */
struct bench_found {
    struct mm_bench_result now, before; /* before: of the other program */
    struct mm_bench_estimate change;    /* of now to before, pair by pair */
    bool compared;                      /* before and change are there */
    bool missing, missing_there;        /* here; in the other program */
    bool unmeasured;                    /* no time was left */
};

/* Fewer rounds have no interval that means anything. */
enum { BENCH_ROUNDS_MIN = 10 };

/* Of the monotonic clock. A workload may take until its own share of the time is over, or until it
 * has BENCH_ROUNDS_MIN; but not beyond the end of all. */
struct bench_deadline {
    uint64_t share_ns, end_ns;
};

/*
 * Measure. Returns BENCH_READY with *found filled, also where something is missing; else err says
 * why.
 */
enum bench_answer bench_rounds_run(const struct bench_setting *setting,
                                   const struct mm_bench_workload *workload,
                                   const struct bench_deadline *deadline, struct bench_found *found,
                                   struct mm_error *err);

/* Nanoseconds of the monotonic clock. */
uint64_t bench_now_ns(void);

#endif /* MM_CLI_BENCH_ROUNDS_H */

/*
 * bench_rounds.h - one workload, measured in turns with the calibration and maybe another program.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A round is: calibration, pass, calibration; with another program its pass and a calibration more,
 * who comes first alternating. A cost is CPU time over the mean of the two calibrations around it,
 * so that what slows the processor for a tenth of a second slows both; a change is the quotient of
 * the two passes of a round. Rounds come in visits, each with processes of its own: what a process
 * happens to have (pages, neighbours of the minute) is then one of several draws.
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

enum {
    BENCH_ROUNDS_MIN = 10, /* fewer have no interval that means anything */
    BENCH_VISITS_MIN = 3   /* fewer do not know how one differs from the next */
};

/* Of the monotonic clock. A visit may take until its own share of the time is over, or until it
 * has a few rounds; but not beyond the end of all. */
struct bench_deadline {
    uint64_t share_ns, end_ns;
};

struct bench_rounds; /* all that was measured of a workload */

/* NULL without memory. Setting and workload are kept. */
struct bench_rounds *bench_rounds_new(const struct bench_setting *setting,
                                      const struct mm_bench_workload *workload);
/* Add rounds. Returns BENCH_READY also where the workload is missing; else err says why. */
enum bench_answer bench_rounds_visit(struct bench_rounds *rounds,
                                     const struct bench_deadline *deadline, struct mm_error *err);
/* More rounds are not worth their time: the medians are known well enough, or there are none. */
bool bench_rounds_are_known(const struct bench_rounds *rounds);
/* BENCH_READY with *found filled; BENCH_FAILED without memory. */
enum bench_answer bench_rounds_tell(const struct bench_rounds *rounds, struct bench_found *found,
                                    struct mm_error *err);
void bench_rounds_free(struct bench_rounds **rounds);

/* Nanoseconds of the monotonic clock. */
uint64_t bench_now_ns(void);

#endif /* MM_CLI_BENCH_ROUNDS_H */

/*
 * stage.h - the stages that the time of a run is told by; test builds can slow one of them down.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Whoever adds up the time of a stage calls mm_stage_slow() at the end of each piece of work,
 * before the clock is read. Without MAILMILL_FAULTS that is nothing at all; with it, `mailmill
 * bench --slow` plants a slowdown of a known size, to show that it is found, and in which stage.
 */
#ifndef MM_BASE_STAGE_H
#define MM_BASE_STAGE_H

#include "base/clock.h"
#include "base/error.h"

enum mm_stage {
    MM_STAGE_READ,
    MM_STAGE_PARSE,
    MM_STAGE_CANONICALIZE,
    MM_STAGE_HASH,
    MM_STAGE_CRYPTO,
    MM_STAGE_ENCODE, /* what is written is put together: fields, rows, columns */
    MM_STAGE_WRITE,
    MM_STAGES
};
/* "read", "parse", ... */
const char *mm_stage_name(enum mm_stage stage);

/* What stages are timed by: CLOCK_MONOTONIC, so that waiting counts, unless this is set before the
 * threads of a run begin. */
extern clockid_t mm_stage_clock;
static inline uint64_t mm_stage_ns(void)
{
    return mm_clock_ns(mm_stage_clock);
}

#ifdef MAILMILL_FAULTS

/*
 * From now on all work of this process takes so much longer: text is STAGE:PERCENT%, and the time
 * is spent in that stage. NULL: none is slowed. MM_E_ARG for another text, or beyond 100 %.
 */
enum mm_status mm_stage_arm(const char *text, struct mm_error *err) MM_MUST_CHECK;
/* A piece of work of this stage ends. Where it is the slow one: keep the processor busy for the
 * share of the CPU time that the process has used since this was last called. */
void mm_stage_slow(enum mm_stage stage);

#else

static inline enum mm_status mm_stage_arm(const char *text, struct mm_error *err)
{
    return text ? mm_fail(err, MM_E_ARG, "this build cannot be slowed down") : MM_OK;
}
static inline void mm_stage_slow(enum mm_stage stage)
{
    (void)stage;
}

#endif
#endif /* MM_BASE_STAGE_H */

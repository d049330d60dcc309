/*
 * stage.c - the stages that the time of a run is told by; test builds can slow one of them down.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/stage.h"

#include <stdatomic.h>

#include "base/view.h"

static const char *const names[MM_STAGES] = {"read",   "parse",  "canonicalize", "hash",
                                             "crypto", "encode", "write"};

clockid_t mm_stage_clock = CLOCK_MONOTONIC;

const char *mm_stage_name(enum mm_stage stage)
{
    return names[stage];
}

#ifdef MAILMILL_FAULTS

enum { PERCENT_MAX = 100 };

/* Set before threads begin; `since` is shared by those of a run. */
static struct {
    enum mm_stage stage;
    uint64_t percent; /* 0: none is slow */
    atomic_uint_fast64_t since;
} slow;

enum mm_status mm_stage_arm(const char *text, struct mm_error *err)
{
    struct mm_view name, percent;
    slow.percent = 0;
    if (!text)
        return MM_OK;
    bool cut = mm_view_cut(mm_view_of(text), ':', &name, &percent);
    enum mm_stage stage = 0;
    while (stage < MM_STAGES && !mm_view_eq(name, mm_view_of(names[stage])))
        stage++;
    if (percent.len && percent.data[percent.len - 1] == '%')
        percent.len--;
    uint64_t value = 0;
    if (!cut || stage == MM_STAGES || !mm_view_to_u64(percent, &value) || value > PERCENT_MAX)
        return mm_fail(err, MM_E_ARG, "--slow '%s': want STAGE:PERCENT%%, as in hash:8%%", text);
    slow.stage = stage;
    slow.percent = value;
    atomic_store(&slow.since, mm_process_cpu_ns());
    return MM_OK;
}

void mm_stage_slow(enum mm_stage stage)
{
    if (slow.percent == 0 || stage != slow.stage)
        return;
    uint64_t now = mm_process_cpu_ns();
    uint64_t end = now + (now - atomic_load(&slow.since)) * slow.percent / 100;
    while (now < end)
        now = mm_process_cpu_ns();
    atomic_store(&slow.since, now);
}

#endif

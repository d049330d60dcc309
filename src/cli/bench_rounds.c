/*
 * bench_rounds.c - one workload, measured in turns with the calibration and maybe another program.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_rounds.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "signals.h"
#include "terminal.h"

enum {
    ROUNDS_MAX = 2000,
    ROUNDS_STEP = 10, /* between two looks at the interval */
    SIDES = 2,
    CALIBRATION_PARTS = 1000 /* a ratio of 1 is a thousandth of a calibration an item */
};
/* The interval is narrow enough to stop: half of it, as a part of the tolerance. */
static const double GOAL = 0.25;

struct side_rounds {
    double ratio[ROUNDS_MAX], wall_ns[ROUNDS_MAX], cpu_ns[ROUNDS_MAX];
    double stages[MM_BENCH_STAGES][ROUNDS_MAX]; /* shares of CPU time */
    uint64_t items, bytes, peak_bytes;
};

struct rounds {
    const struct bench_setting *setting;
    struct bench_side sides[SIDES];
    size_t side_count, count;
    struct side_rounds of[SIDES];
    double change[ROUNDS_MAX];
    struct mm_error *err;
};

uint64_t bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- a round ---- */

static void note(struct rounds *r, size_t side, const struct mm_bench_sample *sample,
                 double calibration_ns)
{
    struct side_rounds *s = &r->of[side];
    double cpu_ns = (double)sample->cpu_ns, items = (double)sample->items;
    s->ratio[r->count] = cpu_ns / items / calibration_ns * CALIBRATION_PARTS;
    s->wall_ns[r->count] = (double)sample->wall_ns;
    s->cpu_ns[r->count] = cpu_ns;
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        s->stages[i][r->count] = (double)sample->stage_ns[i] / cpu_ns;
    s->items = sample->items;
    s->bytes = sample->bytes;
    s->peak_bytes = sample->peak_bytes;
}

static enum bench_answer calibrate(struct rounds *r, uint64_t *ns)
{
    return mm_bench_calibrate(r->setting->calibration, ns, r->err) == MM_OK ? BENCH_READY
                                                                            : BENCH_FAILED;
}

/* Of an item. Passes of a pair are neighbours: what they have in common needs no calibration. */
static double cost_of(const struct side_rounds *s, size_t round)
{
    return s->cpu_ns[round] / (double)s->items;
}

static enum bench_answer run_round(struct rounds *r)
{
    struct mm_bench_sample sample;
    uint64_t before, after;
    enum bench_answer answer = calibrate(r, &before);
    for (size_t i = 0; answer == BENCH_READY && i < r->side_count; i++) {
        size_t side = r->side_count == SIDES ? (i + r->count) % SIDES : 0;
        answer = bench_side_pass(&r->sides[side], &sample, r->err);
        if (answer == BENCH_READY)
            answer = calibrate(r, &after);
        if (answer != BENCH_READY)
            break;
        note(r, side, &sample, ((double)before + (double)after) / 2);
        before = after;
    }
    if (answer != BENCH_READY)
        return answer;
    if (r->side_count == SIDES)
        r->change[r->count] = cost_of(&r->of[0], r->count) / cost_of(&r->of[1], r->count) - 1;
    r->count++;
    return BENCH_READY;
}

/* ---- what is known so far ---- */

/* The change comes around 0, where a spread means nothing: it is that of the quotient. */
static double spread_of_change(const struct mm_bench_estimate *change)
{
    return (change->high - change->low) / 2;
}

static bool is_narrow(const struct rounds *r, struct bench_found *found)
{
    double goal = r->setting->args->tolerance * GOAL;
    if (mm_bench_estimate_of(r->of[0].ratio, r->count, &found->now.ratio) != MM_OK ||
        mm_bench_spread(&found->now.ratio) > goal)
        return false;
    return r->side_count < SIDES ||
           (mm_bench_estimate_of(r->change, r->count, &found->change) == MM_OK &&
            spread_of_change(&found->change) <= goal);
}

static double median_of(const double *values, size_t count)
{
    struct mm_bench_estimate estimate;
    return mm_bench_estimate_of(values, count, &estimate) == MM_OK ? estimate.value : NAN;
}

static enum mm_status tell(const struct rounds *r, size_t side,
                           const struct mm_bench_workload *workload, struct mm_bench_result *result)
{
    const struct side_rounds *s = &r->of[side];
    double wall_s = median_of(s->wall_ns, r->count) / 1e9, sum = 0;
    *result =
        (struct mm_bench_result){.rounds = r->count,
                                 .items = s->items,
                                 .items_per_s = (double)s->items / wall_s,
                                 .mb_per_s = (double)s->bytes / 1e6 / wall_s,
                                 .cpu_us = median_of(s->cpu_ns, r->count) / 1e3 / (double)s->items,
                                 .peak_bytes = s->peak_bytes};
    snprintf(result->name, sizeof result->name, "%s", workload->name);
    snprintf(result->unit, sizeof result->unit, "%s", workload->unit);
    enum mm_status st = mm_bench_estimate_of(s->ratio, r->count, &result->ratio);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        sum += result->stages[i] = median_of(s->stages[i], r->count);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++) /* medians of shares are no shares yet */
        result->stages[i] *= sum > 0 ? result->ratio.value / sum : 0;
    return st;
}

/* ---- all rounds ---- */

static void draw_progress(const struct rounds *r, const struct mm_bench_workload *workload)
{
    char line[128];
    if (r->setting->args->quiet || !terminal_of(2).can_redraw)
        return;
    snprintf(line, sizeof line, "%s, round %zu", workload->name, r->count);
    terminal_draw(line);
}

static enum bench_answer add_rounds(struct rounds *r, const struct mm_bench_workload *workload,
                                    const struct bench_deadline *deadline,
                                    struct bench_found *found)
{
    enum bench_answer answer = run_round(r); /* caches and pools fill in the first */
    r->count = 0;
    while (answer == BENCH_READY && r->count < ROUNDS_MAX) {
        if (signals_stop_wanted())
            return BENCH_STOPPED;
        uint64_t now = bench_now_ns();
        if (now >= deadline->end_ns)
            break;
        if (r->count >= BENCH_ROUNDS_MIN &&
            (now >= deadline->share_ns || (r->count % ROUNDS_STEP == 0 && is_narrow(r, found))))
            break;
        draw_progress(r, workload);
        answer = run_round(r);
    }
    terminal_clear();
    return answer;
}

static enum bench_answer finish(struct rounds *r, const struct mm_bench_workload *workload,
                                struct bench_found *found)
{
    enum mm_status st = tell(r, 0, workload, &found->now);
    found->compared = r->side_count == SIDES;
    if (st == MM_OK && found->compared)
        st = tell(r, 1, workload, &found->before);
    if (st == MM_OK && found->compared)
        st = mm_bench_estimate_of(r->change, r->count, &found->change);
    if (st == MM_OK)
        return BENCH_READY;
    snprintf(r->err->text, sizeof r->err->text, "no memory for an estimate");
    return BENCH_FAILED;
}

static enum bench_answer open_sides(struct rounds *r, const char *workload,
                                    struct bench_found *found)
{
    const struct bench_setting *s = r->setting;
    enum bench_answer answer = bench_side_open(&r->sides[0], s->ours, workload, r->err);
    r->side_count = 1;
    found->missing = answer == BENCH_MISSING;
    if (answer != BENCH_READY || !s->theirs)
        return answer;
    answer = bench_side_open(&r->sides[1], s->theirs, workload, r->err);
    found->missing_there = answer == BENCH_MISSING;
    r->side_count = found->missing_there ? 1 : SIDES;
    return found->missing_there ? BENCH_READY : answer;
}

enum bench_answer bench_rounds_run(const struct bench_setting *setting,
                                   const struct mm_bench_workload *workload,
                                   const struct bench_deadline *deadline, struct bench_found *found,
                                   struct mm_error *err)
{
    static struct rounds rounds; /* one workload at a time */
    struct rounds *r = &rounds;
    *r = (struct rounds){
        .setting = setting, .sides = {BENCH_SIDE_NONE, BENCH_SIDE_NONE}, .err = err};
    *found = (struct bench_found){.missing = false};
    if (mm_bench_prepare(workload, setting->folder, err) != MM_OK)
        return signals_stop_wanted() ? BENCH_STOPPED : BENCH_FAILED;
    enum bench_answer answer = open_sides(r, workload->name, found);
    if (answer == BENCH_READY)
        answer = add_rounds(r, workload, deadline, found);
    found->unmeasured = answer == BENCH_READY && r->count == 0;
    if (answer == BENCH_READY && r->count)
        answer = finish(r, workload, found);
    for (size_t i = 0; i < SIDES; i++)
        bench_side_close(&r->sides[i]);
    return found->missing ? BENCH_READY : answer;
}

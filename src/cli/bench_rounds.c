/*
 * bench_rounds.c - one workload, measured in turns with the calibration and maybe another program.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "signals.h"
#include "terminal.h"

enum {
    ROUNDS_MAX = 2000,
    VISIT_ROUNDS_MIN = 4, /* three visits then make BENCH_ROUNDS_MIN */
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

struct bench_rounds {
    const struct bench_setting *setting;
    const struct mm_bench_workload *workload;
    struct bench_side sides[SIDES]; /* during a visit */
    size_t side_count, count, visits;
    bool prepared, missing, missing_there, known;
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

static void note(struct bench_rounds *r, size_t side, const struct mm_bench_sample *sample,
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
    if (sample->peak_bytes > s->peak_bytes)
        s->peak_bytes = sample->peak_bytes;
}

static enum bench_answer calibrate(struct bench_rounds *r, uint64_t *ns)
{
    return mm_bench_calibrate(r->setting->calibration, ns, r->err) == MM_OK ? BENCH_READY
                                                                            : BENCH_FAILED;
}

/* What the other program did is told with its name; we ourselves are always comparable. */
static enum bench_answer of_side(struct bench_rounds *r, size_t side, enum bench_answer answer)
{
    if (answer != BENCH_FAILED && answer != BENCH_OTHER)
        return answer;
    if (side == 0)
        return BENCH_FAILED;
    struct mm_error told = *r->err;
    snprintf(r->err->text, sizeof r->err->text, "%.200s: %.300s",
             escaped_text(r->setting->theirs[0]), told.text);
    return answer;
}

/* Of an item. Passes of a pair are neighbours: what they have in common needs no calibration. */
static double cost_of(const struct side_rounds *s, size_t round)
{
    return s->cpu_ns[round] / (double)s->items;
}

static enum bench_answer run_round(struct bench_rounds *r)
{
    struct mm_bench_sample sample;
    uint64_t before, after;
    enum bench_answer answer = calibrate(r, &before);
    for (size_t i = 0; answer == BENCH_READY && i < r->side_count; i++) {
        size_t side = r->side_count == SIDES ? (i + r->count) % SIDES : 0;
        answer = of_side(r, side, bench_side_pass(&r->sides[side], &sample, r->err));
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

static bool is_known(const struct bench_rounds *r)
{
    double goal = r->setting->args->tolerance * GOAL;
    struct mm_bench_estimate ratio, change;
    if (r->missing || r->count == ROUNDS_MAX)
        return true;
    if (r->visits < BENCH_VISITS_MIN || r->count < BENCH_ROUNDS_MIN ||
        mm_bench_estimate_of(r->of[0].ratio, r->count, &ratio) != MM_OK ||
        mm_bench_spread(&ratio) > goal)
        return false;
    return r->side_count < SIDES || (mm_bench_estimate_of(r->change, r->count, &change) == MM_OK &&
                                     spread_of_change(&change) <= goal);
}

static double median_of(const double *values, size_t count)
{
    struct mm_bench_estimate estimate;
    return mm_bench_estimate_of(values, count, &estimate) == MM_OK ? estimate.value : NAN;
}

static enum mm_status tell_side(const struct bench_rounds *r, size_t side,
                                struct mm_bench_result *result)
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
    snprintf(result->name, sizeof result->name, "%s", r->workload->name);
    snprintf(result->unit, sizeof result->unit, "%s", r->workload->unit);
    enum mm_status st = mm_bench_estimate_of(s->ratio, r->count, &result->ratio);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        sum += result->stages[i] = median_of(s->stages[i], r->count);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++) /* medians of shares are no shares yet */
        result->stages[i] *= sum > 0 ? result->ratio.value / sum : 0;
    return st;
}

enum bench_answer bench_rounds_tell(const struct bench_rounds *r, struct bench_found *found,
                                    struct mm_error *err)
{
    *found = (struct bench_found){.missing = r->missing,
                                  .missing_there = r->missing_there,
                                  .unmeasured = !r->missing && r->count == 0,
                                  .compared = r->count > 0 && r->side_count == SIDES};
    if (r->count == 0)
        return BENCH_READY;
    enum mm_status st = tell_side(r, 0, &found->now);
    if (st == MM_OK && found->compared)
        st = tell_side(r, 1, &found->before);
    if (st == MM_OK && found->compared)
        st = mm_bench_estimate_of(r->change, r->count, &found->change);
    if (st == MM_OK)
        return BENCH_READY;
    snprintf(err->text, sizeof err->text, "no memory for an estimate");
    return BENCH_FAILED;
}

/* ---- a visit ---- */

static void draw_progress(const struct bench_rounds *r)
{
    char line[128];
    if (r->setting->args->quiet || !terminal_of(2).can_redraw)
        return;
    snprintf(line, sizeof line, "%s, round %zu", r->workload->name, r->count);
    terminal_draw(line);
}

static enum bench_answer add_rounds(struct bench_rounds *r, const struct bench_deadline *deadline)
{
    size_t before = r->count;
    enum bench_answer answer = run_round(r); /* caches and pools fill in the first */
    r->count = before;
    while (answer == BENCH_READY && r->count < ROUNDS_MAX) {
        if (signals_stop_wanted())
            return BENCH_STOPPED;
        uint64_t now = bench_now_ns();
        if (now >= deadline->end_ns ||
            (now >= deadline->share_ns && r->count >= before + VISIT_ROUNDS_MIN))
            break;
        draw_progress(r);
        answer = run_round(r);
    }
    terminal_clear();
    return answer;
}

static enum bench_answer open_sides(struct bench_rounds *r)
{
    const struct bench_setting *s = r->setting;
    enum bench_answer answer =
        of_side(r, 0, bench_side_open(&r->sides[0], s->ours, r->workload->name, r->err));
    r->side_count = 1;
    r->missing = answer == BENCH_MISSING;
    if (answer != BENCH_READY || !s->theirs)
        return answer;
    answer = of_side(r, 1, bench_side_open(&r->sides[1], s->theirs, r->workload->name, r->err));
    r->missing_there = answer == BENCH_MISSING;
    r->side_count = r->missing_there ? 1 : SIDES;
    return r->missing_there ? BENCH_READY : answer;
}

enum bench_answer bench_rounds_visit(struct bench_rounds *r, const struct bench_deadline *deadline,
                                     struct mm_error *err)
{
    r->err = err;
    if (!r->prepared && mm_bench_prepare(r->workload, r->setting->folder, err) != MM_OK)
        return signals_stop_wanted() ? BENCH_STOPPED : BENCH_FAILED;
    r->prepared = true;
    enum bench_answer answer = open_sides(r);
    if (answer == BENCH_READY)
        answer = add_rounds(r, deadline);
    for (size_t i = 0; i < SIDES; i++)
        bench_side_close(&r->sides[i]);
    r->visits++;
    r->known = is_known(r);
    return r->missing ? BENCH_READY : answer;
}

bool bench_rounds_are_known(const struct bench_rounds *r)
{
    return r->known;
}

struct bench_rounds *bench_rounds_new(const struct bench_setting *setting,
                                      const struct mm_bench_workload *workload)
{
    struct bench_rounds *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->setting = setting;
    r->workload = workload;
    for (size_t i = 0; i < SIDES; i++)
        r->sides[i] = BENCH_SIDE_NONE;
    return r;
}

void bench_rounds_free(struct bench_rounds **rounds)
{
    free(*rounds);
    *rounds = NULL;
}

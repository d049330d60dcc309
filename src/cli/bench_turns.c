/*
 * bench_turns.c - which workload is measured when.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_turns.h"

#include <stdlib.h>

#include "bench_instructions.h"
#include "mailmill/run.h"
#include "terminal.h"

#define VISIT_NS_MAX UINT64_C(1000000000) /* much more than to start its process takes */

struct turns {
    struct bench_run *run;
    const struct bench_setting *setting;
    const struct mm_bench_workload **workloads; /* those that are selected */
    struct bench_rounds **rounds;
    size_t count;
    uint64_t end_ns;
};

static int say_failure(const char *what, enum bench_answer answer, const struct mm_error *err)
{
    if (answer == BENCH_STOPPED) {
        terminal_say("mailmill bench: stopped");
        return MM_EXIT_STOPPED;
    }
    terminal_say("mailmill bench: %s: %s", what, err->text);
    return answer == BENCH_OTHER ? MM_EXIT_CONFIG : MM_EXIT_IO;
}

/* ---- rounds, in turns ---- */

static size_t unknown_from(const struct turns *t, size_t first)
{
    size_t unknown = 0;
    for (size_t i = first; i < t->count; i++)
        unknown += !bench_rounds_are_known(t->rounds[i]);
    return unknown;
}

/* Of the time that is left, as much as leaves the same to every visit that is sure to come. */
static struct bench_deadline deadline_of(const struct turns *t, size_t workload, size_t cycle)
{
    size_t cycles_after = cycle + 1 < BENCH_VISITS_MIN ? BENCH_VISITS_MIN - 1 - cycle : 0;
    size_t visits = unknown_from(t, workload) + cycles_after * unknown_from(t, 0);
    uint64_t now = bench_now_ns();
    uint64_t share = now < t->end_ns ? (t->end_ns - now) / visits : 0;
    return (struct bench_deadline){now + (share < VISIT_NS_MAX ? share : VISIT_NS_MAX), t->end_ns};
}

static int visit_each(const struct turns *t, size_t cycle)
{
    for (size_t i = 0; i < t->count && bench_now_ns() < t->end_ns; i++) {
        struct mm_error err = {.text = "failed"};
        if (bench_rounds_are_known(t->rounds[i]))
            continue;
        const struct bench_deadline deadline = deadline_of(t, i, cycle);
        enum bench_answer answer = bench_rounds_visit(t->rounds[i], &deadline, &err);
        if (answer != BENCH_READY)
            return say_failure(t->workloads[i]->name, answer, &err);
    }
    return MM_EXIT_DONE;
}

static int measure_all(const struct turns *t)
{
    int code = MM_EXIT_DONE;
    for (size_t cycle = 0; code == MM_EXIT_DONE && unknown_from(t, 0) && bench_now_ns() < t->end_ns;
         cycle++)
        code = visit_each(t, cycle);
    for (size_t i = 0; code == MM_EXIT_DONE && i < t->count; i++) {
        struct mm_error err;
        if (bench_rounds_tell(t->rounds[i], &t->run->rows[i].found, &err) != BENCH_READY)
            code = say_failure(t->workloads[i]->name, BENCH_FAILED, &err);
    }
    return code;
}

/* ---- instructions: the same each time, so that once is enough ---- */

static int count_all(const struct turns *t, const char *valgrind)
{
    for (size_t i = 0; i < t->count; i++) {
        struct mm_error err = {.text = "failed"};
        struct bench_found *found = &t->run->rows[i].found;
        found->unmeasured = bench_now_ns() >= t->end_ns;
        if (found->unmeasured)
            continue;
        enum bench_answer answer =
            bench_instructions_run(t->setting, t->workloads[i], valgrind, found, &err);
        if (answer != BENCH_READY)
            return say_failure(t->workloads[i]->name, answer, &err);
    }
    return MM_EXIT_DONE;
}

/* ---- who takes part ---- */

bool bench_selects(const struct bench_args *args, const struct mm_bench_workload *workload)
{
    for (size_t i = 0; i < args->words.count; i++)
        if (mm_bench_means(workload, args->words.items[i]))
            return true;
    return args->words.count == 0;
}

static void free_turns(struct turns *t)
{
    for (size_t i = 0; t->rounds && i < t->count; i++)
        bench_rounds_free(&t->rounds[i]);
    free(t->rounds);
    free(t->workloads);
}

static bool begin_turns(struct turns *t)
{
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    t->workloads = calloc(count, sizeof(const struct mm_bench_workload *));
    t->rounds = calloc(count, sizeof(struct bench_rounds *));
    for (size_t i = 0; t->workloads && t->rounds && i < count; i++) {
        if (!bench_selects(t->run->args, &all[i]))
            continue;
        t->workloads[t->count] = &all[i];
        t->rounds[t->count] = bench_rounds_new(t->setting, &all[i]);
        if (!t->rounds[t->count++])
            return false;
    }
    return t->workloads && t->rounds;
}

int bench_turns_take(struct bench_run *run, const struct bench_setting *setting,
                     const char *valgrind)
{
    struct turns t = {.run = run,
                      .setting = setting,
                      .end_ns = run->begun_ns + run->args->budget_s * UINT64_C(1000000000)};
    int code = MM_EXIT_IO;
    if (begin_turns(&t))
        code = run->args->count_instructions ? count_all(&t, valgrind) : measure_all(&t);
    else
        terminal_say("mailmill bench: out of memory");
    for (size_t i = 0; i < t.count; i++)
        snprintf(run->rows[i].found.now.name, MM_BENCH_NAME_BYTES, "%s", t.workloads[i]->name);
    run->count = t.count;
    free_turns(&t);
    return code;
}

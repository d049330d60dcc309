/*
 * bench_table.c - what a run of benchmarks found, for a person.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench_turns.h"
#include "terminal.h"

enum { NAME_COLUMNS = 22, STAGE_COLUMNS = 5 };

void bench_list_print(void)
{
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    for (size_t i = 0; i < count; i++)
        printf("%-*s %s\n", NAME_COLUMNS, all[i].name, all[i].purpose);
}

/* ---- what was found ---- */

/* Thousands of instructions stand where microseconds do. */
static void print_heading(const struct bench_run *run)
{
    printf("%-*s %9s %8s %9s %8s %9s %5s ", NAME_COLUMNS, "workload", "items/s", "MB/s",
           run->args->count_instructions ? "kin/item" : "us/item", "peak MB", "ratio", "+-%");
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        printf(" %*.*s", STAGE_COLUMNS, STAGE_COLUMNS, mm_bench_stage_name(i));
    printf("\n");
}

static void print_row(const struct mm_bench_result *r)
{
    printf("%-*s %9.0f %8.1f %9.3f %8.1f %9.4g %5.1f ", NAME_COLUMNS, r->name, r->items_per_s,
           r->mb_per_s, r->cpu_us, (double)r->peak_bytes / 1e6, r->ratio.value,
           100 * mm_bench_spread(&r->ratio));
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        printf(" %*.0f%%", STAGE_COLUMNS - 1, 100 * r->stages[i] / r->ratio.value);
    printf("\n");
}

static const char *verdict_word(enum mm_bench_verdict verdict)
{
    static const char *const words[] = {[MM_BENCH_SAME] = "same",
                                        [MM_BENCH_FASTER] = "faster",
                                        [MM_BENCH_SLOWER] = "SLOWER",
                                        [MM_BENCH_NOISY] = "too noisy"};
    return words[verdict];
}

static void print_moved(const struct bench_run *run)
{
    size_t same = 0, moved = 0;
    for (size_t i = 0; i < run->count; i++) {
        const struct bench_row *row = &run->rows[i];
        const struct bench_found *f = &row->found;
        if (!f->compared)
            continue;
        if (row->verdict == MM_BENCH_SAME) {
            same++;
            continue;
        }
        if (!moved++)
            printf("\n%-*s %9s %9s %8s %18s  %s\n", NAME_COLUMNS, "moved", "before", "now",
                   "change", "interval", "verdict");
        printf("%-*s %9.4g %9.4g %+7.1f%% %+8.1f%%..%+6.1f%%  %s\n", NAME_COLUMNS, f->now.name,
               f->before.ratio.value, f->now.ratio.value, 100 * f->change.value,
               100 * f->change.low, 100 * f->change.high, verdict_word(row->verdict));
    }
    if (same + moved)
        printf("\n%zu of %zu compared with %s: the same within %g %%\n", same, same + moved,
               escaped_text(run->other), 100 * run->args->tolerance);
}

void bench_table_print(const struct bench_run *run)
{
    print_heading(run);
    for (size_t i = 0; i < run->count; i++)
        if (bench_is_measured(&run->rows[i]))
            print_row(&run->rows[i].found.now);
    if (run->other)
        print_moved(run);
}

/* ---- the end ---- */

static void say_missing(const struct bench_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct bench_found *f = &run->rows[i].found;
        if (f->missing)
            terminal_say("mailmill bench: %s: not on this processor", f->now.name);
        else if (f->missing_there)
            terminal_say("mailmill bench: %s: not in %s, so not compared", f->now.name,
                         escaped_text(run->other));
    }
}

static bool is_known(const char *name)
{
    size_t count;
    const struct mm_bench_workload *all = mm_bench_workloads(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return true;
    return false;
}

/* What is known here but was not measured is told elsewhere. */
static void say_gone(const struct bench_run *run)
{
    for (size_t i = 0; i < run->baseline.count; i++) {
        const char *name = run->baseline.results[i].name;
        const struct mm_bench_workload stranger = {.name = name};
        if (bench_selects(run->args, &stranger) && !bench_row_named(run, name) && !is_known(name))
            terminal_say("mailmill bench: %s: only in %s", name, escaped_text(run->other));
    }
}

static void say_unmeasured(const struct bench_run *run)
{
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < run->count; i++)
        if (run->rows[i].found.unmeasured && count++ == 0)
            first = run->rows[i].found.now.name;
    if (count == 1)
        terminal_say("mailmill bench: no time was left for %s; give more with --budget", first);
    else if (count)
        terminal_say("mailmill bench: no time was left for %s and %zu more; give more with "
                     "--budget, or choose fewer",
                     first, count - 1);
}

static void say_noise(const struct bench_run *run)
{
    char names[256] = "";
    size_t count = 0, len = 0;
    for (size_t i = 0; i < run->count; i++) {
        const struct bench_row *row = &run->rows[i];
        if (!bench_is_measured(row) || row->verdict != MM_BENCH_NOISY)
            continue;
        if (count++ < 4)
            len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "",
                                    row->found.now.name);
    }
    if (count)
        terminal_say("mailmill bench: this machine is too noisy for %s%s; wait until it is quiet, "
                     "or give more time with --budget",
                     names, count > 4 ? " and others" : "");
}

static void say_slower(const struct bench_run *run)
{
    const struct bench_row *worst = bench_worst(run);
    size_t slower = 0;
    char others[64] = "";
    if (!worst)
        return;
    for (size_t i = 0; i < run->count; i++)
        slower += run->rows[i].verdict == MM_BENCH_SLOWER;
    if (slower > 1)
        snprintf(others, sizeof others, "; %zu other%s got slower, too", slower - 1,
                 slower > 2 ? "s" : "");
    const struct mm_bench_estimate *change = &worst->found.change;
    terminal_say("mailmill bench: %s got slower by %.1f %% (%.1f to %.1f), most of it in %s%s",
                 worst->found.now.name, 100 * change->value, 100 * change->low, 100 * change->high,
                 bench_grown_stage(&worst->found), others);
}

void bench_say_end(const struct bench_run *run)
{
    say_missing(run);
    if (bench_compared_nothing(run))
        terminal_say("mailmill bench: nothing was compared: %s has none of these workloads",
                     escaped_text(run->other));
    say_gone(run);
    say_unmeasured(run);
    say_noise(run);
    say_slower(run);
}

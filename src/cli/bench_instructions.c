/*
 * bench_instructions.c - one workload, measured by the instructions that a pass takes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench_instructions.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailmill/run.h"
#include "signals.h"

enum { ARGV_MAX = 16, PER_UNIT = 1000 /* instructions in a ratio of 1 */ };

bool bench_find_valgrind(char *out, size_t cap)
{
    const char *at = getenv("PATH");
    while (at && *at) {
        int len = (int)strcspn(at, ":");
        int n = snprintf(out, cap, "%.*s/valgrind", len, at);
        if (len && n > 0 && (size_t)n < cap && access(out, X_OK) == 0)
            return true;
        at += len;
        at += *at == ':';
    }
    return false;
}

/* "==PID== Collected : N" in what valgrind says at its end. */
static bool read_collected(const char *path, uint64_t *count)
{
    char line[512];
    bool found = false;
    FILE *log = fopen(path, "re");
    while (log && fgets(line, sizeof line, log)) {
        const char *at = strstr(line, "Collected : ");
        found = found || (at && sscanf(at, "Collected : %20" SCNu64, count) == 1);
    }
    if (log)
        fclose(log);
    return found;
}

struct counting {
    const struct bench_setting *setting;
    const char *valgrind, *workload;
    char log_option[PATH_MAX + 32];
    const char *log;
    struct mm_error *err;
};

/* Instructions of a process that opens the workload and runs so many passes. */
static enum bench_answer count_passes(const struct counting *c, const char *const *command,
                                      unsigned passes, struct mm_bench_sample *sample,
                                      uint64_t *count)
{
    const char *argv[ARGV_MAX] = {c->valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null",
                                  c->log_option};
    struct bench_side side = BENCH_SIDE_NONE;
    for (size_t n = 4; *command && n + 1 < ARGV_MAX; n++)
        argv[n] = *command++;
    enum bench_answer answer = bench_side_open(&side, argv, c->workload, c->err);
    for (unsigned i = 0; answer == BENCH_READY && i < passes; i++)
        answer = bench_side_pass(&side, sample, c->err);
    bench_side_close(&side);
    if (answer != BENCH_READY || read_collected(c->log, count))
        return answer;
    snprintf(c->err->text, sizeof c->err->text, "valgrind did not say how many instructions");
    return BENCH_FAILED;
}

static enum bench_answer count_one(const struct counting *c, const char *const *command,
                                   const struct mm_bench_workload *workload,
                                   struct mm_bench_result *result)
{
    struct mm_bench_sample sample;
    uint64_t one, two;
    enum bench_answer answer = count_passes(c, command, 1, &sample, &one);
    if (answer == BENCH_READY)
        answer = count_passes(c, command, 2, &sample, &two);
    if (answer != BENCH_READY)
        return answer;
    if (two <= one) {
        snprintf(c->err->text, sizeof c->err->text, "a second pass took no instructions");
        return BENCH_FAILED;
    }
    double ratio = (double)(two - one) / (double)sample.items / PER_UNIT;
    *result = (struct mm_bench_result){.ratio = {ratio, ratio, ratio},
                                       .rounds = 1,
                                       .items = sample.items,
                                       .cpu_us = ratio,
                                       .peak_bytes = sample.peak_bytes};
    snprintf(result->name, sizeof result->name, "%s", workload->name);
    snprintf(result->unit, sizeof result->unit, "%s", workload->unit);
    for (size_t i = 0; i < MM_BENCH_STAGES; i++)
        result->stages[i] = ratio * (double)sample.stage_ns[i] / (double)sample.cpu_ns;
    return BENCH_READY;
}

static enum bench_answer count_sides(const struct counting *c,
                                     const struct mm_bench_workload *workload,
                                     struct bench_found *found)
{
    const struct bench_setting *s = c->setting;
    enum bench_answer answer = count_one(c, s->ours, workload, &found->now);
    found->missing = answer == BENCH_MISSING;
    if (answer != BENCH_READY || !s->theirs)
        return found->missing ? BENCH_READY : answer;
    answer = count_one(c, s->theirs, workload, &found->before);
    found->missing_there = answer == BENCH_MISSING;
    found->compared = answer == BENCH_READY;
    if (found->compared)
        found->change = mm_bench_change(&found->before.ratio, &found->now.ratio);
    return found->missing_there ? BENCH_READY : answer;
}

enum bench_answer bench_instructions_run(const struct bench_setting *setting,
                                         const struct mm_bench_workload *workload,
                                         const char *valgrind, struct bench_found *found,
                                         struct mm_error *err)
{
    struct counting c = {
        .setting = setting, .valgrind = valgrind, .workload = workload->name, .err = err};
    *found = (struct bench_found){.missing = false};
    snprintf(c.log_option, sizeof c.log_option, "--log-file=%s/valgrind", setting->folder);
    c.log = c.log_option + strlen("--log-file=");
    if (mm_bench_prepare(workload, setting->folder, err) != MM_OK)
        return signals_stop_wanted() ? BENCH_STOPPED : BENCH_FAILED;
    return count_sides(&c, workload, found);
}

/*
 * resources.c - how many threads and how much memory a run may use, and why.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/resources.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/reader.h"

enum {
    MEMORY_DEFAULT_BYTES = 1024 * 1024 * 1024,
    MEMORY_MIN_BYTES = 16 * 1024 * 1024,
    LARGE_MIN_BYTES = 4 * 1024 * 1024,
    /* beside its slots and its output, for arena and contexts of the crypto library */
    WORKER_OVERHEAD_BYTES = 1024 * 1024,
    OUTPUT_MIN_BYTES = 64 * 1024,
    /* More than most batches of any mail: a worker whose batch is done before its turn comes
       renders it whole and goes on with the next. */
    OUTPUT_MAX_BYTES = 16 * 1024 * 1024,
    /* Of the memory; where that is scarce, large messages need it more. */
    OUTPUT_SHARE = 32,
    OUTPUT_SHARE_SCARCE = 64,
    SCARCE_BYTES = 256 * 1024 * 1024,
    /* Rendered text in work, waiting for its turn, and kept for the next batch, in buffers that
       double as they grow. */
    OUTPUTS_A_WORKER = 5,
    /* A helper has two frames of at most 2 MiB, packed and not. */
    PACK_HELPER_BYTES = 8 * 1024 * 1024,
    PACK_SHARE = 32,
    /* They pack 3 GB/s and unpack 12. */
    PACK_HELPERS_MAX = 12,
    /* A message of one signature that waits takes two kilobytes: two workers have 32 thousand of
     * them in an eighth of the default. */
    WAITING_SHARE = 8,
    WAITING_MIN_BYTES = 1024 * 1024,
    /* What the largest message takes beside its bytes: a byte that shows growth, the pad, the rest
       of a page (of at most 64 KiB). */
    MESSAGE_SLACK_BYTES = 128 * 1024
};

static unsigned affinity_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than a cpu_set_t holds */
    return online > 0 ? (unsigned)online : 1;
}

/* Folder of this process in the unified hierarchy, "" for its root. */
static void cgroup_path(char *out, size_t cap)
{
    char line[PATH_MAX];
    FILE *f = fopen("/proc/self/cgroup", "re");
    snprintf(out, cap, "%s", "");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "0::/", 4) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(out, cap, "%s", line + 3);
        }
    if (f)
        fclose(f);
}

/* The file of the process' cgroup and of each one above it, through `each`. */
static void each_cgroup_file(const char *name, void (*each)(FILE *f, void *context), void *context)
{
    char group[PATH_MAX], path[PATH_MAX * 2];
    cgroup_path(group, sizeof group);
    for (;;) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", group, name);
        FILE *f = fopen(path, "re");
        if (f) {
            each(f, context);
            fclose(f);
        }
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

/* cpu.max: "QUOTA PERIOD" in microseconds, or "max PERIOD". */
static void take_cpu_max(FILE *f, void *context)
{
    unsigned *cpus = context;
    unsigned long long quota, period;
    if (fscanf(f, "%llu %llu", &quota, &period) == 2 && period > 0) {
        unsigned long long whole = (quota + period - 1) / period;
        if (whole < 1)
            whole = 1;
        if (whole < *cpus)
            *cpus = (unsigned)whole;
    }
}

static void take_memory_max(FILE *f, void *context)
{
    uint64_t *bytes = context;
    unsigned long long max;
    if (fscanf(f, "%llu", &max) == 1 && max < *bytes)
        *bytes = max;
}

static void plan_threads(struct mm_resources *r, unsigned asked)
{
    unsigned quota = UINT_MAX;
    if (asked) {
        r->threads = asked;
        r->threads_why = "--threads";
        return;
    }
    r->threads = affinity_count();
    r->threads_why = "affinity mask";
    each_cgroup_file("cpu.max", take_cpu_max, &quota);
    if (quota < r->threads) {
        r->threads = quota;
        r->threads_why = "cgroup cpu.max";
    }
    if (r->threads > MM_THREADS_MAX)
        r->threads = MM_THREADS_MAX;
}

static void plan_memory(struct mm_resources *r, uint64_t asked)
{
    uint64_t group = UINT64_MAX;
    r->memory_bytes = asked;
    if (asked)
        return;
    each_cgroup_file("memory.max", take_memory_max, &group);
    r->memory_bytes = group / 2 < MEMORY_DEFAULT_BYTES ? group / 2 : MEMORY_DEFAULT_BYTES;
    if (r->memory_bytes < MEMORY_MIN_BYTES)
        r->memory_bytes = MEMORY_MIN_BYTES;
}

static void plan_slots(struct mm_resources *r)
{
    /* A quarter for slots, so that many threads leave room for messages. */
    uint64_t slots = r->memory_bytes / 4 / r->threads / MM_READ_SLOT_BYTES;
    r->slot_count = slots > MM_READ_SLOTS       ? MM_READ_SLOTS
                    : slots < MM_READ_SLOTS_MIN ? MM_READ_SLOTS_MIN
                                                : (uint32_t)slots;
}

static void plan_output(struct mm_resources *r)
{
    uint64_t part = r->memory_bytes < SCARCE_BYTES ? OUTPUT_SHARE_SCARCE : OUTPUT_SHARE;
    uint64_t share = r->memory_bytes / part / r->threads;
    r->output_bytes = share > OUTPUT_MAX_BYTES   ? OUTPUT_MAX_BYTES
                      : share < OUTPUT_MIN_BYTES ? OUTPUT_MIN_BYTES
                                                 : (size_t)share;
}

static void plan_pack_helpers(struct mm_resources *r)
{
    uint64_t share = r->memory_bytes / PACK_SHARE / PACK_HELPER_BYTES;
    unsigned most = r->threads - 1 < PACK_HELPERS_MAX ? r->threads - 1 : PACK_HELPERS_MAX;
    r->pack_helpers = share < most ? (unsigned)share : most;
}

static void plan_waiting(struct mm_resources *r, bool may_wait)
{
    uint64_t share = r->memory_bytes / WAITING_SHARE / r->threads;
    r->waiting_bytes = !may_wait ? 0 : share < WAITING_MIN_BYTES ? WAITING_MIN_BYTES : share;
}

/* What all workers take, whatever they read. */
static uint64_t fixed_bytes(struct mm_resources *r, bool may_wait)
{
    plan_slots(r);
    plan_output(r);
    plan_waiting(r, may_wait);
    plan_pack_helpers(r);
    return (uint64_t)r->pack_helpers * PACK_HELPER_BYTES +
           r->threads * ((uint64_t)r->slot_count * MM_READ_SLOT_BYTES + WORKER_OVERHEAD_BYTES +
                         OUTPUTS_A_WORKER * (uint64_t)r->output_bytes + r->waiting_bytes);
}

enum mm_status mm_resources_plan(struct mm_resources *r, const struct mm_run_options *options,
                                 bool may_wait, struct mm_error *err)
{
    *r = (struct mm_resources){.threads = 0};
    if (options->threads > MM_THREADS_MAX)
        return mm_fail(err, MM_E_ARG, "--threads %u: at most %d", options->threads, MM_THREADS_MAX);
    if (options->memory_bytes && options->memory_bytes < MEMORY_MIN_BYTES)
        return mm_fail(err, MM_E_ARG, "--memory must be at least %dM",
                       MEMORY_MIN_BYTES / (1024 * 1024));
    plan_threads(r, options->threads);
    plan_memory(r, options->memory_bytes);
    while (!options->threads && r->threads > 1 &&
           fixed_bytes(r, may_wait) + LARGE_MIN_BYTES > r->memory_bytes) {
        r->threads--;
        r->threads_why = "memory";
    }
    uint64_t fixed = fixed_bytes(r, may_wait);
    if (fixed + LARGE_MIN_BYTES > r->memory_bytes)
        return mm_fail(err, MM_E_ARG, "--memory of %llu MiB is too little for %u threads",
                       (unsigned long long)(r->memory_bytes >> 20), r->threads);
    r->large_bytes = r->memory_bytes - fixed;
    /* Batches behind the first hold memory while they wait for it, and so does the scanner for the
     * message it is reading: half is out of their reach, so that the first one always gets its own.
     */
    uint64_t half = r->large_bytes / 2, most = MM_MESSAGE_MAX_BYTES + MESSAGE_SLACK_BYTES;
    r->reserve_bytes = half < most ? half : most;
    r->message_max_bytes = r->reserve_bytes - MESSAGE_SLACK_BYTES;
    return MM_OK;
}

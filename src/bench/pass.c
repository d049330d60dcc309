/*
 * pass.c - a workload that is ready to run, and what one pass of it takes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stage.h"
#include "bench/pass_kernel.h"
#include "bench/workload.h"
#include "mailmill/run.h"
#include "pipeline/engine.h"

_Static_assert(MM_BENCH_STAGES == MM_STAGES + 1, "the stages of runs, and what is in none");

enum { TREE_FDS = 16 }; /* that a walk over a folder holds open */

struct mm_bench {
    const struct mm_workload *workload;
    bool cold, few;
    char source[PATH_MAX], output[PATH_MAX];
    struct mm_sign_rules *rules;
    struct mm_key_source *keys;
    void *kernel;
    struct mm_kernel_size size;
};

/* ---- folders ---- */

static int remove_one(const char *path, const struct stat *seen, int kind, struct FTW *ftw)
{
    (void)seen;
    (void)kind;
    (void)ftw;
    return remove(path);
}

enum mm_status mm_bench_remove(const char *path, struct mm_error *err)
{
    if (nftw(path, remove_one, TREE_FDS, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return mm_fail_os(err, errno, "cannot remove %s", path);
    return MM_OK;
}

/* Clean pages go at once; what was just made is on disk after the sync. */
static int forget_one(const char *path, const struct stat *seen, int kind, struct FTW *ftw)
{
    (void)seen;
    (void)ftw;
    if (kind != FTW_F)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    fdatasync(fd);
    int failed = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    return failed;
}

static enum mm_status forget(const struct mm_bench *b, struct mm_error *err)
{
    if (b->cold && b->workload->kind != MM_WORKLOAD_KERNEL &&
        nftw(b->source, forget_one, TREE_FDS, FTW_PHYS) != 0)
        return mm_fail(err, MM_E_IO, "cannot drop %s from the page cache", b->source);
    return MM_OK;
}

/* ---- ready to run ---- */

static enum mm_status load_keys(struct mm_bench *b, const char *folder, struct mm_error *err)
{
    char zone[PATH_MAX];
    MM_TRY(mm_bench_path(zone, err, "%s/keys/zone", folder));
    b->keys = mm_key_source_new();
    if (!b->keys)
        return mm_fail(err, MM_E_NOMEM, "no memory for keys");
    return mm_key_source_add(b->keys, zone, err);
}

static enum mm_status make_ready(struct mm_bench *b, const struct mm_bench_options *o,
                                 struct mm_error *err)
{
    static const char *const suffixes[] = {".tar", "", "", ""};
    const struct mm_workload *w = b->workload;
    MM_TRY(mm_workload_source(b->source, o->folder, w, b->few, err));
    MM_TRY(mm_bench_path(b->output, err, "%s/out%s", o->output, suffixes[w->kind]));
    switch (w->kind) {
    case MM_WORKLOAD_SIGN:
        return mm_workload_rules(w, o->folder, &b->rules, err);
    case MM_WORKLOAD_VERIFY:
        return load_keys(b, o->folder, err);
    case MM_WORKLOAD_REPORTS:
        return MM_OK;
    case MM_WORKLOAD_KERNEL:
        return w->kernel->open(&b->kernel, b->few, &b->size, err);
    }
    return MM_E_BUG;
}

enum mm_status mm_bench_open(const struct mm_bench_workload *workload,
                             const struct mm_bench_options *options, struct mm_bench **out,
                             struct mm_error *err)
{
    struct mm_bench *b = *out = calloc(1, sizeof *b);
    if (!b)
        return mm_fail(err, MM_E_NOMEM, "no memory for a workload");
    b->workload = mm_workload_of(workload);
    b->cold = options->cold;
    b->few = options->few;
    mm_stage_clock = CLOCK_THREAD_CPUTIME_ID;
    enum mm_status st = make_ready(b, options, err);
    if (st != MM_OK)
        mm_bench_close(out);
    return st;
}

void mm_bench_close(struct mm_bench **bench)
{
    struct mm_bench *b = *bench;
    if (!b)
        return;
    mm_sign_rules_free(&b->rules);
    mm_key_source_free(&b->keys);
    if (b->workload->kind == MM_WORKLOAD_KERNEL)
        b->workload->kernel->close(b->kernel);
    free(b);
    *bench = NULL;
}

/* ---- a pass ---- */

static struct mm_run_options run_options(const struct mm_bench *b, const char *const *sources)
{
    return (struct mm_run_options){.sources = sources,
                                   .source_count = 1,
                                   .threads = 1,
                                   .io = b->few ? MM_IO_THREADS : MM_IO_AUTO,
                                   .output = b->output,
                                   .overwrite = true};
}

static enum mm_status run_sign(const struct mm_bench *b, struct mm_run_end *end,
                               struct mm_error *err)
{
    const char *const sources[] = {b->source};
    const struct mm_sign_run job = {.run = run_options(b, sources),
                                    .rules = b->rules,
                                    .sign = mm_workload_sign_options(),
                                    .durability = MM_DURABLE_NONE};
    return mm_run_sign(&job, end, err);
}

static enum mm_status run_verify(const struct mm_bench *b, struct mm_run_end *end,
                                 struct mm_error *err)
{
    const char *const sources[] = {b->source};
    struct mm_verify_run job = {.run = run_options(b, sources),
                                .keys = b->keys,
                                .verify = {.now = MM_MAIL_TIME},
                                .require_pass = true};
    job.run.output = NULL;
    return mm_run_verify(&job, end, err);
}

static enum mm_status run_reports(const struct mm_bench *b, struct mm_run_end *end,
                                  struct mm_error *err)
{
    const char *const sources[] = {b->source};
    const struct mm_reports_run job = {.run = run_options(b, sources)};
    return mm_run_reports(&job, end, err);
}

static enum mm_status run(struct mm_bench *b, struct mm_run_end *end, struct mm_error *err)
{
    switch (b->workload->kind) {
    case MM_WORKLOAD_SIGN:
        return run_sign(b, end, err);
    case MM_WORKLOAD_VERIFY:
        return run_verify(b, end, err);
    case MM_WORKLOAD_REPORTS:
        return run_reports(b, end, err);
    case MM_WORKLOAD_KERNEL:
        end->stats = (struct mm_run_stats){.inputs = b->size.items, .bytes = b->size.bytes};
        return b->workload->kernel->pass(b->kernel, err);
    }
    return MM_E_BUG;
}

static void tell_stages(const struct mm_run_stats *stats, struct mm_bench_sample *sample)
{
    uint64_t told = 0;
    const uint64_t ns[MM_STAGES] = {
        [MM_STAGE_READ] = stats->read_ns,     [MM_STAGE_PARSE] = stats->parse_ns,
        [MM_STAGE_HASH] = stats->hash_ns,     [MM_STAGE_CANONICALIZE] = stats->canonicalize_ns,
        [MM_STAGE_CRYPTO] = stats->crypto_ns, [MM_STAGE_ENCODE] = stats->encode_ns,
        [MM_STAGE_WRITE] = stats->write_ns};
    for (size_t i = 0; i < MM_STAGES; i++) {
        sample->stage_ns[i] = ns[i];
        told += ns[i];
    }
    sample->stage_ns[MM_STAGES] = sample->cpu_ns > told ? sample->cpu_ns - told : 0;
}

enum mm_status mm_bench_pass(struct mm_bench *b, struct mm_bench_sample *sample,
                             struct mm_error *err)
{
    struct mm_run_end end = {.exit_code = MM_EXIT_DONE};
    MM_TRY(forget(b, err));
    if (b->workload->kind == MM_WORKLOAD_REPORTS)
        MM_TRY(mm_bench_remove(b->output, err));
    uint64_t wall = mm_wall_ns(), cpu = mm_process_cpu_ns();
    MM_TRY(run(b, &end, err));
    *sample = (struct mm_bench_sample){.items = end.stats.inputs,
                                       .bytes = end.stats.bytes,
                                       .wall_ns = mm_wall_ns() - wall,
                                       .cpu_ns = mm_process_cpu_ns() - cpu,
                                       .peak_bytes = mm_run_peak_bytes()};
    tell_stages(&end.stats, sample);
    if (end.stopped)
        return mm_fail(err, MM_E_IO, "stopped");
    if (end.exit_code != MM_EXIT_DONE || sample->items == 0)
        return mm_fail(err, MM_E_BUG, "not every item of a pass ended well");
    return MM_OK;
}

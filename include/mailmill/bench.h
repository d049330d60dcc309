/*
 * bench.h - measure what runs cost: workloads, a calibration to compare with, and how to judge.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A workload is a run, or a kernel of one, over data that is made from a fixed seed. Its cost is
 * CPU time; told as a ratio to the cost of a calibration that was measured in turns with it, so
 * that a processor that is slow for a while slows both. The program `mailmill bench` is the user of
 * this.
 */
#ifndef MAILMILL_BENCH_H
#define MAILMILL_BENCH_H

#include <stdbool.h>

#include "mailmill/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Changes where a workload's data or work does: costs of different ones are not compared. */
enum { MM_BENCH_WORKLOADS_VERSION = 1 };

/* ---- workloads ---- */

struct mm_bench_workload {
    const char *name;    /* "sign-small": words of small letters and digits between dashes */
    const char *unit;    /* what is counted: "messages" */
    const char *purpose; /* for a person */
};
/* All of them, in the order in which they are run. */
MM_API const struct mm_bench_workload *mm_bench_workloads(size_t *count);
/* Does a word mean it: its name, or what stands before a dash of it where no workload has that
 * name? */
MM_API bool mm_bench_means(const struct mm_bench_workload *workload, const char *word);

/* Make a workload's data below a folder, what is not there yet. MM_E_IO, MM_E_NOMEM, MM_E_CRYPTO.
 */
MM_API enum mm_status mm_bench_prepare(const struct mm_bench_workload *workload, const char *folder,
                                       struct mm_error *err) MM_MUST_CHECK;

/* Stages as mm_run_stats has them, and what is in none of them. */
enum { MM_BENCH_STAGES = 8 };
MM_API const char *mm_bench_stage_name(size_t stage);

/* What one pass took. */
struct mm_bench_sample {
    uint64_t items, bytes;
    uint64_t wall_ns, cpu_ns;
    uint64_t stage_ns[MM_BENCH_STAGES]; /* of cpu_ns; all in the last one for a kernel */
    uint64_t peak_bytes;                /* resident, of the process until now */
};

struct mm_bench_options {
    const char *folder; /* where the data was made */
    const char *output; /* a folder that is there: what runs write, which is gone after a pass */
    bool cold;          /* files are dropped from the page cache before each pass */
    bool few;           /* a part of the data: for passes under an emulator */
};

struct mm_bench; /* a workload that is ready to run; one at a time in a process */

/*
 * MM_END where this processor lacks what a kernel is for. One thread works, and stages are told in
 * CPU time from now on, in the whole process. A workload of verify writes rows to standard output:
 * let that be /dev/null.
 */
MM_API enum mm_status mm_bench_open(const struct mm_bench_workload *workload,
                                    const struct mm_bench_options *options, struct mm_bench **out,
                                    struct mm_error *err) MM_MUST_CHECK;
/* Run once over the data. MM_E_BUG where not every item ended well. */
MM_API enum mm_status mm_bench_pass(struct mm_bench *bench, struct mm_bench_sample *sample,
                                    struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_bench_close(struct mm_bench **bench);
/* Take away a folder that benchmarks made, with all that is in it; quiet where there is none. */
MM_API enum mm_status mm_bench_remove(const char *path, struct mm_error *err) MM_MUST_CHECK;

/* Test builds: all work of this process takes longer from now on, by PERCENT, spent in STAGE; text
 * is STAGE:PERCENT%. MM_E_ARG for another text, and for any in other builds. */
MM_API enum mm_status mm_bench_slow(const char *text, struct mm_error *err) MM_MUST_CHECK;

/* ---- calibration: OpenSSL and libc only, no code of mailmill ---- */

struct mm_bench_calibration;
/* folder: gets a file to read. MM_E_IO, MM_E_NOMEM, MM_E_CRYPTO. */
MM_API enum mm_status mm_bench_calibration_new(const char *folder,
                                               struct mm_bench_calibration **out,
                                               struct mm_error *err) MM_MUST_CHECK;
/* One round: eight RSA-2048 signatures, SHA-256 of 4 MiB, 8 MiB read. Its CPU time. */
MM_API enum mm_status mm_bench_calibrate(struct mm_bench_calibration *calibration, uint64_t *cpu_ns,
                                         struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_bench_calibration_free(struct mm_bench_calibration **calibration);

/* ---- estimates and judgement ---- */

struct mm_bench_estimate {
    double value;     /* the median */
    double low, high; /* in which the median lies with a confidence of 95 %, by bootstrap */
};
/* Of values in any order; the same values give the same answer. count 0 gives zeros. MM_E_NOMEM. */
MM_API enum mm_status mm_bench_estimate_of(const double *values, size_t count,
                                           struct mm_bench_estimate *out) MM_MUST_CHECK;
/* Half of the interval, as a part of the value. */
MM_API double mm_bench_spread(const struct mm_bench_estimate *estimate);
/* How much more `now` is than `before`, as a part of it: 0.08 for 8 % more. */
MM_API struct mm_bench_estimate mm_bench_change(const struct mm_bench_estimate *before,
                                                const struct mm_bench_estimate *now);

enum mm_bench_verdict {
    MM_BENCH_SAME,
    MM_BENCH_FASTER, /* beyond tolerance and interval, as SLOWER */
    MM_BENCH_SLOWER,
    MM_BENCH_NOISY /* the interval is too wide to tell */
};
/* A change is one where it is larger than the tolerance and its interval leaves no doubt that there
 * is one. Without one, an interval of a half width above `noise` decides nothing. */
MM_API enum mm_bench_verdict mm_bench_judge(const struct mm_bench_estimate *change,
                                            double tolerance, double noise);

/* ---- records: what a run of benchmarks found, as a file of JSON ---- */

enum { MM_BENCH_NAME_BYTES = 48, MM_BENCH_TEXT_BYTES = 256, MM_BENCH_RESULTS_MAX = 256 };

struct mm_bench_result {
    char name[MM_BENCH_NAME_BYTES], unit[MM_BENCH_NAME_BYTES];
    struct mm_bench_estimate ratio; /* CPU time of an item over a thousandth of the calibration's */
    uint64_t rounds;
    uint64_t items;                       /* of a pass */
    double items_per_s, mb_per_s, cpu_us; /* by wall time; by wall time; of an item */
    uint64_t peak_bytes;
    double stages[MM_BENCH_STAGES]; /* parts of ratio.value */
};

/* On what it was found. Costs are compared where workloads_version, measure, cold and tier are the
 * same. */
struct mm_bench_machine {
    uint64_t workloads_version;
    char measure[MM_BENCH_NAME_BYTES]; /* "cpu" or "instructions" */
    bool cold;
    char tier[MM_BENCH_TEXT_BYTES]; /* the kernels in use */
    char cpu[MM_BENCH_TEXT_BYTES], kernel[MM_BENCH_TEXT_BYTES], version[MM_BENCH_NAME_BYTES],
        libraries[MM_BENCH_TEXT_BYTES], compiler[MM_BENCH_TEXT_BYTES], flags[MM_BENCH_TEXT_BYTES];
};
/* This machine and build. */
MM_API void mm_bench_machine_of(struct mm_bench_machine *out);

struct mm_bench_record {
    struct mm_bench_machine machine;
    struct mm_bench_result *results;
    size_t count;
};
/* The result of that name; NULL. */
MM_API const struct mm_bench_result *mm_bench_result_named(const struct mm_bench_record *record,
                                                           const char *name);
/* As a whole file, in place of one that is there. MM_E_IO, MM_E_NOMEM. */
MM_API enum mm_status mm_bench_record_write(const struct mm_bench_record *record, const char *path,
                                            struct mm_error *err) MM_MUST_CHECK;
/* Read it back; free it with mm_bench_record_free(). MM_E_SYNTAX with the offset for what is no
 * record: a member that is missing or twice there, a number that can be none of a measurement;
 * members that are not known are stepped over. MM_E_LIMIT, MM_E_IO, MM_E_NOMEM. */
MM_API enum mm_status mm_bench_record_read(const char *path, struct mm_bench_record *out,
                                           struct mm_error *err) MM_MUST_CHECK;
MM_API void mm_bench_record_free(struct mm_bench_record *record);
/* Why results of one cannot be compared with those of the other: a sentence; NULL where they can.
 */
MM_API const char *mm_bench_machines_differ(const struct mm_bench_machine *a,
                                            const struct mm_bench_machine *b);

#ifdef __cplusplus
}
#endif
#endif /* MAILMILL_BENCH_H */

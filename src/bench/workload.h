/*
 * workload.h - what the workloads are made of, for those who make their data and run them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Below the folder of the data:
 *   keys/                   a private key for each domain and algorithm, KeyTable and SigningTable
 *                           of each choice of keys, the zone of them all
 *   mail-SIZES/00/…         messages, MM_BENCH_FOLDER_ITEMS a folder
 *   signed-SIZES-KEYS/00/…  the same, signed
 *   reports-KIND/00/…       reports
 * Every folder is made under another name and renamed: what is there is whole.
 */
#ifndef MM_BENCH_WORKLOAD_H
#define MM_BENCH_WORKLOAD_H

#include <limits.h>

#include "bench/mail_maker.h"
#include "mailmill/bench.h"
#include "mailmill/dkim.h"

enum mm_workload_kind {
    MM_WORKLOAD_SIGN,
    MM_WORKLOAD_VERIFY,
    MM_WORKLOAD_REPORTS,
    MM_WORKLOAD_KERNEL
};
enum mm_workload_keys { MM_KEYS_RSA, MM_KEYS_ED25519, MM_KEYS_DUAL, MM_KEYS_CHOICES };
enum mm_workload_reports { MM_REPORTS_AGGREGATE, MM_REPORTS_TLS, MM_REPORTS_BOUNCES };

enum {
    MM_BENCH_SEED = 1,
    MM_BENCH_DOMAINS = 4,       /* with a key each: eight lanes of one key are full all the same */
    MM_BENCH_FOLDER_ITEMS = 64, /* so many are also a pass of few */
    MM_BENCH_FOLDER_LARGE = 1   /* messages of 10 MB are one by one */
};

struct mm_kernel_work; /* pass_kernel.h */

struct mm_workload {
    enum mm_workload_kind kind;
    enum mm_mail_sizes sizes;
    enum mm_workload_keys keys;
    enum mm_workload_reports reports;
    uint32_t count; /* items of a pass, unless few are asked for */
    const struct mm_kernel_work *kernel;
};
const struct mm_workload *mm_workload_of(const struct mm_bench_workload *shown);

/* "rsa", "ed25519", "dual" */
extern const char *const mm_keys_words[MM_KEYS_CHOICES];

/* A name below a folder, printed; MM_E_ARG where it does not fit. */
enum mm_status mm_bench_path(char out[PATH_MAX], struct mm_error *err, const char *fmt, ...)
    MM_PRINTF(3, 4) MM_MUST_CHECK;
/* The folder whose files a workload reads, with or without its first part alone. */
enum mm_status mm_workload_source(char out[PATH_MAX], const char *folder,
                                  const struct mm_workload *w, bool few,
                                  struct mm_error *err) MM_MUST_CHECK;
/* Rules that sign as the workload does. */
enum mm_status mm_workload_rules(const struct mm_workload *w, const char *folder,
                                 struct mm_sign_rules **out, struct mm_error *err) MM_MUST_CHECK;
/* The options that its signatures are made with, for passes and for data alike. */
struct mm_sign_options mm_workload_sign_options(void);

#endif /* MM_BENCH_WORKLOAD_H */

/*
 * workload.c - the workloads there are, and where their data lies.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/stage.h"
#include "bench/pass_kernel.h"

static const struct mm_bench_workload shown[] = {
#define MM_MAIL_WORKLOAD(name, verb, sizes, keys, count, purpose) {name, "messages", purpose},
#define MM_REPORT_WORKLOAD(name, kind, count, purpose)            {name, "reports", purpose},
#define MM_KERNEL_WORKLOAD(name, unit, function, purpose)         {name, unit, purpose},
#include "bench/workloads.def"
#undef MM_MAIL_WORKLOAD
#undef MM_REPORT_WORKLOAD
#undef MM_KERNEL_WORKLOAD
};

static const struct mm_workload made_of[] = {
#define MM_MAIL_WORKLOAD(name, verb, sizes_, keys_, count_, purpose)                               \
    {.kind = MM_WORKLOAD_##verb,                                                                   \
     .sizes = MM_MAIL_##sizes_,                                                                    \
     .keys = MM_KEYS_##keys_,                                                                      \
     .count = count_},
#define MM_REPORT_WORKLOAD(name, kind_, count_, purpose)                                           \
    {.kind = MM_WORKLOAD_REPORTS, .reports = MM_REPORTS_##kind_, .count = count_},
#define MM_KERNEL_WORKLOAD(name, unit, function, purpose)                                          \
    {.kind = MM_WORKLOAD_KERNEL, .kernel = &mm_kernel_##function},
#include "bench/workloads.def"
#undef MM_MAIL_WORKLOAD
#undef MM_REPORT_WORKLOAD
#undef MM_KERNEL_WORKLOAD
};

const struct mm_bench_workload *mm_bench_workloads(size_t *count)
{
    *count = MM_COUNT(shown);
    return shown;
}

const struct mm_workload *mm_workload_of(const struct mm_bench_workload *workload)
{
    return &made_of[workload - shown];
}

static bool is_name(const char *word)
{
    for (size_t i = 0; i < MM_COUNT(shown); i++)
        if (strcmp(shown[i].name, word) == 0)
            return true;
    return false;
}

bool mm_bench_means(const struct mm_bench_workload *workload, const char *word)
{
    size_t len = strlen(word);
    if (is_name(word))
        return strcmp(workload->name, word) == 0;
    return strncmp(workload->name, word, len) == 0 && workload->name[len] == '-';
}

const char *mm_bench_stage_name(size_t stage)
{
    return stage < MM_STAGES ? mm_stage_name((enum mm_stage)stage) : "other";
}

enum mm_status mm_bench_slow(const char *text, struct mm_error *err)
{
    return mm_stage_arm(text, err);
}

/* ---- where data lies ---- */

enum mm_status mm_bench_path(char out[PATH_MAX], struct mm_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(out, PATH_MAX, fmt, args);
    va_end(args);
    if (len < 0 || len >= PATH_MAX)
        return mm_fail(err, MM_E_ARG, "the name of a folder is too long");
    return MM_OK;
}

static const char *const sizes_words[] = {[MM_MAIL_SMALL] = "small",
                                          [MM_MAIL_MIXED] = "mixed",
                                          [MM_MAIL_LARGE] = "large",
                                          [MM_MAIL_ARCHIVE] = "archive"};
const char *const mm_keys_words[MM_KEYS_CHOICES] = {"rsa", "ed25519", "dual"};
static const char *const reports_words[] = {"aggregate", "tls", "bounces"};

enum mm_status mm_workload_source(char out[PATH_MAX], const char *folder,
                                  const struct mm_workload *w, bool few, struct mm_error *err)
{
    const char *part = few ? "/00" : "";
    switch (w->kind) {
    case MM_WORKLOAD_SIGN:
        return mm_bench_path(out, err, "%s/mail-%s-%u%s", folder, sizes_words[w->sizes], w->count,
                             part);
    case MM_WORKLOAD_VERIFY:
        return mm_bench_path(out, err, "%s/signed-%s-%s-%u%s", folder, sizes_words[w->sizes],
                             mm_keys_words[w->keys], w->count, part);
    case MM_WORKLOAD_REPORTS:
        return mm_bench_path(out, err, "%s/reports-%s%s", folder, reports_words[w->reports], part);
    default:
        return mm_bench_path(out, err, "%s", folder);
    }
}

enum mm_status mm_workload_rules(const struct mm_workload *w, const char *folder,
                                 struct mm_sign_rules **out, struct mm_error *err)
{
    char keys[PATH_MAX], signing[PATH_MAX];
    const struct mm_sign_rules_options options = {.multiple = true};
    MM_TRY(mm_bench_path(keys, err, "%s/keys/KeyTable", folder));
    MM_TRY(mm_bench_path(signing, err, "%s/keys/SigningTable-%s", folder, mm_keys_words[w->keys]));
    return mm_sign_rules_from_tables(keys, signing, &options, out, err);
}

struct mm_sign_options mm_workload_sign_options(void)
{
    return (struct mm_sign_options){.header_canon = MM_CANONICALIZATION_RELAXED,
                                    .body_canon = MM_CANONICALIZATION_RELAXED,
                                    .now = MM_MAIL_TIME,
                                    .allow_ed25519_only = true};
}

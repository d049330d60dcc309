/*
 * bench_data.c - the files that workloads read: made from a seed, once a folder.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/bench_keys.h"
#include "bench/report_maker.h"
#include "bench/workload.h"
#include "io/file_ops.h"
#include "mailmill/run.h"

static enum mm_status write_file(const char *folder, uint32_t number, uint32_t of_part,
                                 const char *name, struct mm_view bytes, struct mm_error *err)
{
    char path[PATH_MAX];
    MM_TRY(mm_bench_path(path, err, "%s/%02u", folder, number / of_part));
    if (number % of_part == 0 && mkdir(path, 0700) != 0)
        return mm_fail_os(err, errno, "cannot make %s", path);
    MM_TRY(mm_bench_path(path, err, "%s/%02u/%s", folder, number / of_part, name));
    int fd = mm_file_create(AT_FDCWD, path, 0600);
    int failed = fd < 0 ? errno : mm_file_write(fd, &bytes, 1);
    if (fd >= 0 && close(fd) != 0 && !failed)
        failed = errno;
    return failed ? mm_fail_os(err, failed, "cannot write %s", path) : MM_OK;
}

static enum mm_status write_mail(const char *folder, const struct mm_workload *w,
                                 struct mm_error *err)
{
    const struct mm_mail_shape shape = {.domains = MM_BENCH_DOMAINS, .sizes = w->sizes};
    uint32_t of_part = w->sizes == MM_MAIL_LARGE ? MM_BENCH_FOLDER_LARGE : MM_BENCH_FOLDER_ITEMS;
    struct mm_mail_maker maker;
    char name[32];
    enum mm_status st = MM_OK;
    mm_mail_maker_init(&maker, &shape, MM_BENCH_SEED);
    for (uint32_t i = 0; st == MM_OK && i < w->count; i++) {
        snprintf(name, sizeof name, "%06u.eml", i);
        st = mm_mail_make(&maker, i)
                 ? write_file(folder, i, of_part, name, mm_buf_view(&maker.text), err)
                 : mm_fail(err, MM_E_NOMEM, "no memory for a message");
    }
    mm_mail_maker_deinit(&maker);
    return st;
}

static enum mm_status write_reports(const char *folder, const struct mm_workload *w,
                                    struct mm_error *err)
{
    static bool (*const make[])(struct mm_report_maker *,
                                uint32_t) = {[MM_REPORTS_AGGREGATE] = mm_report_make_aggregate,
                                             [MM_REPORTS_TLS] = mm_report_make_tls,
                                             [MM_REPORTS_BOUNCES] = mm_report_make_bounce};
    struct mm_report_maker maker;
    enum mm_status st = MM_OK;
    mm_report_maker_init(&maker, MM_BENCH_SEED);
    for (uint32_t i = 0; st == MM_OK && i < w->count; i++) {
        bool made = make[w->reports](&maker, i);
        const struct mm_buf *bytes = w->reports == MM_REPORTS_BOUNCES ? &maker.text : &maker.gzip;
        st = made
                 ? write_file(folder, i, MM_BENCH_FOLDER_ITEMS, maker.name, mm_buf_view(bytes), err)
                 : mm_fail(err, MM_E_NOMEM, "no memory for a report");
    }
    mm_report_maker_deinit(&maker);
    return st;
}

/* The workload that signs what another one verifies. */
static struct mm_workload signer_of(const struct mm_workload *w)
{
    struct mm_workload signer = *w;
    signer.kind = MM_WORKLOAD_SIGN;
    return signer;
}

static enum mm_status write_signed(const char *root, const char *folder,
                                   const struct mm_workload *w, struct mm_error *err)
{
    const struct mm_workload signer = signer_of(w);
    char mail[PATH_MAX];
    const char *const sources[] = {mail};
    struct mm_sign_rules *rules = NULL;
    struct mm_run_end end;
    MM_TRY(mm_workload_source(mail, root, &signer, false, err));
    MM_TRY(mm_workload_rules(w, root, &rules, err));
    const struct mm_sign_run job = {
        .run = {.sources = sources, .source_count = 1, .output = folder, .overwrite = true},
        .rules = rules,
        .sign = mm_workload_sign_options(),
        .durability = MM_DURABLE_NONE,
        .sink = MM_SINK_TREE};
    enum mm_status st = mm_run_sign(&job, &end, err);
    mm_sign_rules_free(&rules);
    if (st == MM_OK && end.stopped)
        return mm_fail(err, MM_E_IO, "stopped");
    if (st == MM_OK && end.stats.signed_count != w->count)
        return mm_fail(err, MM_E_BUG, "not every message could be signed");
    return st;
}

/* ---- once a folder ---- */

struct making {
    const char *root;
    const struct mm_workload *workload;
};

/* Make a folder unless it is there: under another name, which becomes its own when it is whole. */
static enum mm_status make_once(const struct making *making, const char *folder,
                                enum mm_status (*fill)(const struct making *making,
                                                       const char *folder, struct mm_error *err),
                                struct mm_error *err)
{
    char part[PATH_MAX];
    struct stat seen;
    if (stat(folder, &seen) == 0)
        return MM_OK;
    MM_TRY(mm_bench_path(part, err, "%s.part", folder));
    if (mkdir(part, 0700) != 0)
        return mm_fail_os(err, errno, "cannot make %s", part);
    MM_TRY(fill(making, part, err));
    return rename(part, folder) == 0 ? MM_OK : mm_fail_os(err, errno, "cannot rename %s", part);
}

static enum mm_status fill_keys(const struct making *making, const char *folder,
                                struct mm_error *err)
{
    (void)making;
    return mm_bench_keys_write(folder, err);
}

static enum mm_status fill_source(const struct making *making, const char *folder,
                                  struct mm_error *err)
{
    const struct mm_workload *w = making->workload;
    if (w->kind == MM_WORKLOAD_REPORTS)
        return write_reports(folder, w, err);
    return w->kind == MM_WORKLOAD_SIGN ? write_mail(folder, w, err)
                                       : write_signed(making->root, folder, w, err);
}

static enum mm_status make_source(const struct making *making, struct mm_error *err)
{
    char folder[PATH_MAX];
    MM_TRY(mm_workload_source(folder, making->root, making->workload, false, err));
    return make_once(making, folder, fill_source, err);
}

enum mm_status mm_bench_prepare(const struct mm_bench_workload *workload, const char *folder,
                                struct mm_error *err)
{
    const struct mm_workload *w = mm_workload_of(workload);
    const struct mm_workload signer = signer_of(w);
    char keys[PATH_MAX];
    if (w->kind == MM_WORKLOAD_KERNEL)
        return MM_OK;
    if (w->kind == MM_WORKLOAD_REPORTS)
        return make_source(&(struct making){folder, w}, err);
    MM_TRY(mm_bench_path(keys, err, "%s/keys", folder));
    MM_TRY(make_once(&(struct making){folder, w}, keys, fill_keys, err));
    MM_TRY(make_source(&(struct making){folder, &signer}, err));
    return w->kind == MM_WORKLOAD_VERIFY ? make_source(&(struct making){folder, w}, err) : MM_OK;
}

/*
 * run_zone.c - the verb keys zone: the records of all keys that a pile of mail needs, in one file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Mail is read first, by the engine; then every name is looked up once, many at a time; the file is
 * written in the order of the names, so that it depends on nothing but the mail and the answers.
 */
#include <errno.h>
#include <unistd.h>

#include "dns/ask_many.h"
#include "dns/recorded_line.h"
#include "dns/zone_line.h"
#include "io/file_ops.h"
#include "io/whole_file.h"
#include "pipeline/job_key_names.h"
#include "pipeline/run_common.h"

enum {
    WRITE_BYTES = 256 * 1024,           /* lines are put together up to here */
    LINES_MAX_BYTES = 64 * 1024 * 1024, /* one name's 64 records of 64 KiB, all escaped */
    NO_TTL_S = 3600                     /* what a recorded line says; nothing reads it back */
};

struct zone_run {
    const struct mm_zone_run *job;
    struct mm_zone_counts *counts;
    struct mm_key_names_job names;
    char last[MM_TXT_NAME_MAX_BYTES];
    size_t last_len;
    struct mm_buf lines;
    struct mm_whole_file file;
    bool to_stdout;
};

/* ---- names out ---- */

/* A signal between questions: what is on its way is not waited for. */
static enum mm_status check_stop(struct mm_error *err)
{
    return mm_run_stop_asked() ? mm_fail_os(err, EINTR, "stopped") : MM_OK;
}

/* The next name that is not the last one again. */
static enum mm_status next_name(void *context, struct mm_view *name, struct mm_error *err)
{
    struct zone_run *z = context;
    uint8_t kind;
    enum mm_status st;
    MM_TRY(check_stop(err));
    do
        st = mm_names_next(z->names.names, name, &kind, err);
    while (st == MM_OK && mm_view_eq(*name, (struct mm_view){z->last, z->last_len}));
    if (st != MM_OK)
        return st;
    memcpy(z->last, name->data, name->len);
    z->last_len = name->len;
    z->counts->names++;
    return MM_OK;
}

/* ---- answers in ---- */

static void count_answer(struct mm_zone_counts *counts, const struct mm_txt_answer *answer)
{
    switch (answer->status) {
    case MM_TXT_NOERROR:
        counts->found++;
        break;
    case MM_TXT_NXDOMAIN:
    case MM_TXT_NODATA:
        counts->none++;
        break;
    case MM_TXT_SERVFAIL:
    case MM_TXT_TIMEOUT:
        counts->unanswered++;
        break;
    case MM_TXT_NOT_RECORDED:
        counts->unknown++;
        break;
    }
}

static void put_master(struct mm_buf *out, struct mm_view name, const struct mm_txt_answer *answer)
{
    for (size_t i = 0; i < answer->record_count; i++)
        mm_zone_line_write(out, name, answer->records[i]);
    if (answer->record_count)
        return;
    mm_buf_append_str(out, "; "); /* a master file has no way to say so */
    mm_buf_append(out, name);
    mm_buf_printf(out, ". %s\n", mm_txt_status_word(answer->status));
}

static enum mm_status flush(struct zone_run *z, struct mm_error *err)
{
    struct mm_view text = mm_buf_view(&z->lines);
    if (z->lines.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for the records");
    int failed = z->to_stdout ? mm_file_write(STDOUT_FILENO, &text, 1) : 0;
    if (failed)
        return mm_fail_os(err, failed, "cannot write stdout");
    if (!z->to_stdout)
        MM_TRY(mm_whole_file_write(&z->file, text, err));
    mm_buf_clear(&z->lines);
    return MM_OK;
}

static enum mm_status put_answer(void *context, struct mm_view name,
                                 const struct mm_txt_answer *answer, struct mm_error *err)
{
    struct zone_run *z = context;
    MM_TRY(check_stop(err));
    count_answer(z->counts, answer);
    if (answer->status == MM_TXT_NOT_RECORDED)
        return MM_OK;
    if (z->job->master_file)
        put_master(&z->lines, name, answer);
    else
        mm_recorded_line_write(&z->lines,
                               &(struct mm_recorded_line){.name = name,
                                                          .status = answer->status,
                                                          .ttl_s = NO_TTL_S,
                                                          .ad = answer->ad,
                                                          .time = z->job->now,
                                                          .records = answer->records,
                                                          .record_count = answer->record_count});
    return z->lines.len < WRITE_BYTES && !z->lines.failed ? MM_OK : flush(z, err);
}

/* ---- the whole ---- */

static struct mm_sink *make_sink(void *context, const struct mm_operands *operands,
                                 const struct mm_resources *resources)
{
    (void)context;
    (void)operands;
    (void)resources;
    return mm_sink_none_new();
}

static enum mm_status read_mail(struct zone_run *z, const struct mm_run_options *options,
                                struct mm_run_end *end, struct mm_error *err)
{
    const struct mm_run_plan plan = {.options = options,
                                     .ops = &mm_key_names_job,
                                     .job = &z->names,
                                     .shape = MM_OUTPUT_FILE,
                                     .make_sink = make_sink,
                                     .context = z};
    return mm_run_execute(&plan, end, err);
}

static enum mm_status write_records(struct zone_run *z, const struct mm_run_options *options,
                                    struct mm_run_end *end, struct mm_error *err)
{
    static const struct mm_ask_ops ops = {.next = next_name, .answer = put_answer};
    struct mm_error why = {.text = ""};
    enum mm_status st = mm_names_seal(z->names.names, &why);
    if (st == MM_OK && !z->to_stdout) {
        st = mm_whole_file_open(&z->file, options->output, 0666, options->overwrite, &why);
        if (st == MM_E_IO && !mm_file_error_is_fatal(why.os_errno))
            st = MM_E_EXISTS; /* cannot be made */
    }
    if (st == MM_OK)
        st = mm_ask_many(z->job->keys, z->job->now, &ops, z, &why);
    if (st == MM_OK)
        st = flush(z, &why);
    if (st == MM_OK && !z->to_stdout)
        st = mm_whole_file_commit(&z->file, &why);
    mm_whole_file_abort(&z->file);
    if (st == MM_OK)
        return MM_OK;
    end->stopped = why.os_errno == EINTR && mm_run_stop_take();
    end->exit_code = end->stopped        ? MM_EXIT_STOPPED
                     : st == MM_E_EXISTS ? MM_EXIT_CANT_CREATE
                                         : MM_EXIT_IO;
    if (err)
        *err = why;
    return end->stopped ? MM_OK : st;
}

enum mm_status mm_run_zone(const struct mm_zone_run *job, struct mm_zone_counts *counts,
                           struct mm_run_end *end, struct mm_error *err)
{
    struct mm_run_options options = job->run;
    struct zone_run z = {.job = job, .counts = counts, .file = {.fd = -1}};
    *counts = (struct mm_zone_counts){0};
    *end = (struct mm_run_end){.exit_code = MM_EXIT_CANT_CREATE};
    options.output = options.output ? options.output : "-";
    z.to_stdout = strcmp(options.output, "-") == 0;
    if (!z.to_stdout)
        MM_TRY(mm_whole_file_check(options.output, options.overwrite, err));
    end->exit_code = MM_EXIT_IO;
    z.names.max_signatures = job->max_signatures ? job->max_signatures : MM_MAX_SIGNATURES_DEFAULT;
    z.names.names = mm_names_new(true, 0, NULL);
    if (!z.names.names)
        return mm_fail(err, MM_E_NOMEM, "no memory for names of keys");
    pthread_mutex_init(&z.names.lock, NULL);
    mm_buf_init(&z.lines, LINES_MAX_BYTES);
    enum mm_status st = read_mail(&z, &options, end, err);
    if (st == MM_OK && !end->stopped) {
        st = write_records(&z, &options, end, err);
        if (st == MM_OK && !end->stopped && counts->unanswered)
            end->exit_code = MM_EXIT_SOME_FAILED;
    }
    mm_buf_deinit(&z.lines);
    pthread_mutex_destroy(&z.names.lock);
    mm_names_free(&z.names.names);
    return st;
}

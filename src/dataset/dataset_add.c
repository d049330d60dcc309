/*
 * dataset_add.c - a dataset that is added to: its lock, what killed runs left, and the commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "dataset/append_record.h"
#include "dataset/dataset_out_internal.h"
#include "dataset/folder_empty.h"
#include "io/file_ops.h"
#include "io/slurp.h"

static const char STAGE[] = "append", RECORD[] = MM_APPEND_RECORD; /* in the work folder */

/* ---- carrying out what was committed ---- */

static enum mm_status failed_at(const struct mm_dataset_out *out, int failed, const char *name,
                                struct mm_error *err)
{
    return mm_fail_os(err, failed, "cannot complete what was added to %s: %s", out->path, name);
}

/* An earlier run may have done it before it was killed. Returns 0 or an errno. */
static int take_place(int from_fd, const char *from, int to_fd, const char *to)
{
    struct stat st;
    int failed = mm_file_rename(from_fd, from, to_fd, to, true);
    bool done = failed == ENOENT && fstatat(to_fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0;
    return done ? 0 : failed;
}

/* One table's folder at a time is open; what was done in it is on disk when it is closed. */
struct folder {
    int fd; /* -1: none */
    char name[MM_APPEND_NAME_MAX];
};

static int leave_folder(struct folder *folder)
{
    int failed = folder->fd >= 0 ? mm_file_sync_folder(folder->fd) : 0;
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
    return failed;
}

static int enter_folder(const struct mm_dataset_out *out, struct folder *folder, const char *name)
{
    if (folder->fd >= 0 && strcmp(folder->name, name) == 0)
        return 0;
    int failed = leave_folder(folder);
    if (failed)
        return failed;
    snprintf(folder->name, sizeof folder->name, "%s", name);
    folder->fd = mm_file_open_at(out->dir_fd, name, MM_DATASET_FOLDER_FLAGS, 0);
    return folder->fd < 0 ? errno : 0;
}

static int carry_out(const struct mm_dataset_out *out, struct folder *folder,
                     const struct mm_append_step *step)
{
    char staged[MM_APPEND_NAME_MAX + 16];
    if (step->verb == MM_APPEND_STATE)
        return take_place(out->stage_fd, step->name, out->work_fd, step->name);
    int failed = enter_folder(out, folder, step->name);
    if (failed)
        return failed;
    if (step->verb == MM_APPEND_PUT) {
        snprintf(staged, sizeof staged, "%s%s", step->name, mm_parquet_form.suffix);
        return take_place(out->stage_fd, staged, folder->fd, step->part);
    }
    failed = mm_file_remove(folder->fd, step->part);
    return failed == ENOENT ? 0 : failed;
}

static enum mm_status carry_out_all(const struct mm_dataset_out *out, struct mm_view steps,
                                    struct mm_error *err)
{
    struct folder folder = {.fd = -1};
    struct mm_append_step step;
    int failed = 0;
    while (!failed && mm_append_record_next(&steps, &step))
        failed = carry_out(out, &folder, &step);
    int left = leave_folder(&folder);
    failed = failed ? failed : left;
    return failed ? failed_at(out, failed, step.name, err) : MM_OK;
}

/* The tables first, _mailmill.json behind them, and the record goes when all that is on disk. */
static enum mm_status roll_forward(const struct mm_dataset_out *out, struct mm_view steps,
                                   struct mm_error *err)
{
    MM_TRY(carry_out_all(out, steps, err));
    int failed = take_place(out->stage_fd, MM_DATASET_ABOUT, out->dir_fd, MM_DATASET_ABOUT);
    if (!failed)
        failed = mm_file_sync_folder(out->work_fd);
    if (!failed)
        failed = mm_file_sync_folder(out->dir_fd);
    if (!failed)
        failed = mm_file_remove(out->work_fd, RECORD);
    if (!failed)
        failed = mm_file_sync_folder(out->work_fd);
    return failed ? failed_at(out, failed, MM_DATASET_ABOUT, err) : MM_OK;
}

/* What a run had committed that was killed then. */
static enum mm_status complete_earlier(struct mm_dataset_out *out, struct mm_error *err)
{
    char path[PATH_MAX + sizeof RECORD + 1], *text;
    struct mm_view steps;
    struct mm_error why;
    size_t len;
    snprintf(path, sizeof path, "%s/%s", out->work, RECORD);
    enum mm_status st = mm_slurp(path, MM_APPEND_RECORD_BYTES_MAX, &text, &len, &why);
    if (st == MM_E_IO && why.os_errno == ENOENT)
        return MM_OK;
    if (st != MM_OK)
        return mm_fail(err, st, "%s", why.text);
    if (mm_append_record_open((struct mm_view){text, len}, &steps))
        st = roll_forward(out, steps, err);
    else
        st = mm_fail(err, MM_E_SYNTAX,
                     "%s is damaged: what an earlier run has added cannot be completed; bring %s "
                     "back from a copy, or make it anew",
                     path, out->path);
    free(text);
    return st;
}

/* ---- opening ---- */

static enum mm_status open_stage(struct mm_dataset_out *out, struct mm_error *err)
{
    out->stage_fd = mm_file_open_at(out->work_fd, STAGE, MM_DATASET_FOLDER_FLAGS, 0);
    return out->stage_fd < 0 ? mm_fail_os(err, errno, "cannot open %s/%s", out->work, STAGE)
                             : MM_OK;
}

/* A stage that is there already is a killed run's: what it had committed is carried out, and then
 * what is left of it goes. */
static enum mm_status make_stage(struct mm_dataset_out *out, struct mm_error *err)
{
    int failed = mm_file_make_dir(out->work_fd, STAGE);
    if (failed && failed != EEXIST)
        return mm_fail_os(err, failed, "cannot make %s/%s", out->work, STAGE);
    MM_TRY(open_stage(out, err));
    MM_TRY(complete_earlier(out, err));
    if (failed != EEXIST)
        return MM_OK;
    mm_folder_empty(out->stage_fd, NULL);
    return MM_OK;
}

static enum mm_status open_dataset(struct mm_dataset_out *out, struct mm_error *err)
{
    out->dir_fd = mm_file_open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (out->dir_fd < 0)
        return mm_fail_os(err, errno, "cannot open %s", out->path);
    if (flock(out->dir_fd, LOCK_EX | LOCK_NB) != 0)
        return mm_fail(err, MM_E_EXISTS, "%s: another run adds to it", out->path);
    out->work_fd = mm_file_open_at(out->dir_fd, MM_WORK_FOLDER, MM_DATASET_FOLDER_FLAGS, 0);
    if (out->work_fd < 0)
        return mm_fail_os(err, errno, "cannot open %s", out->work);
    MM_TRY(make_stage(out, err));
    mm_append_record_begin(&out->record);
    return MM_OK;
}

enum mm_status mm_dataset_out_add(const char *path, struct mm_dataset_out **made,
                                  struct mm_error *err)
{
    struct mm_dataset_out *out;
    *made = NULL;
    MM_TRY(mm_dataset_out_alloc(path, "", &mm_parquet_form, &out, err));
    out->adds = true;
    mm_buf_init(&out->record, MM_APPEND_RECORD_BYTES_MAX);
    enum mm_status st = open_dataset(out, err);
    if (st != MM_OK) {
        out->committed = true; /* what is there another run has to see to */
        mm_dataset_out_free(&out);
    }
    *made = out;
    return st;
}

void mm_dataset_add_deinit(struct mm_dataset_out *out)
{
    if (out->stage_fd >= 0)
        close(out->stage_fd);
    if (!out->committed)
        mm_folder_remove(out->work_fd, STAGE);
    mm_buf_deinit(&out->record);
}

/* ---- the record ---- */

static void add_step(struct mm_dataset_out *out, enum mm_append_verb verb, const char *name,
                     const char *part)
{
    struct mm_append_step step = {.verb = verb};
    snprintf(step.name, sizeof step.name, "%s", name);
    snprintf(step.part, sizeof step.part, "%s", part);
    mm_append_record_add(&out->record, &step);
}

void mm_dataset_out_put(struct mm_dataset_out *out, const struct mm_table_schema *schema,
                        const char *part)
{
    add_step(out, MM_APPEND_PUT, schema->name, part);
}

void mm_dataset_out_drop(struct mm_dataset_out *out, const struct mm_table_schema *schema,
                         const char *part)
{
    add_step(out, MM_APPEND_DROP, schema->name, part);
}

void mm_dataset_add_state(struct mm_dataset_out *out)
{
    add_step(out, MM_APPEND_STATE, out->file, "");
}

/* All files are on disk; then the record is, whole or not at all. */
static enum mm_status write_record(struct mm_dataset_out *out, struct mm_error *err)
{
    struct mm_view text = mm_buf_view(&out->record);
    int fd = mm_file_create(out->stage_fd, RECORD, MM_DATASET_FILE_MODE);
    int failed = fd < 0 ? errno : mm_file_write(fd, &text, 1);
    if (!failed)
        failed = mm_file_sync(fd);
    if (fd >= 0)
        close(fd);
    if (!failed)
        failed = mm_file_sync_folder(out->stage_fd);
    if (!failed)
        failed = mm_file_rename(out->stage_fd, RECORD, out->work_fd, RECORD, true);
    out->committed = !failed;
    if (!failed)
        failed = mm_file_sync_folder(out->work_fd);
    return failed ? mm_fail_os(err, failed, "cannot write %s/%s", out->work, RECORD) : MM_OK;
}

enum mm_status mm_dataset_add_commit(struct mm_dataset_out *out, struct mm_view about,
                                     struct mm_error *err)
{
    struct mm_view steps;
    MM_TRY(mm_dataset_out_write_about(out, out->stage_fd, about, err));
    mm_append_record_end(&out->record);
    if (out->record.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for what is added to %s", out->path);
    if (!mm_append_record_open(mm_buf_view(&out->record), &steps))
        return mm_fail(err, MM_E_BUG, "a file of %s has a name that no record says", out->path);
    MM_TRY(write_record(out, err));
    MM_TRY(roll_forward(out, steps, err));
    mm_folder_remove(out->work_fd, STAGE);
    return MM_OK;
}

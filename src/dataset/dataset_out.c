/*
 * dataset_out.c - a dataset on its way: a folder of tables that appears whole, or not at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/dataset_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columnar/parquet_writer.h"
#include "columnar/row_runs_saved.h"
#include "dataset/dataset_out_internal.h"
#include "dataset/folder_empty.h"
#include "dataset/table_check.h"
#include "io/file_ops.h"

/* ---- making ---- */

static enum mm_status name_paths(struct mm_dataset_out *out, const char *path, const char *suffix,
                                 struct mm_error *err)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    int width = (int)(len < PATH_MAX ? len : PATH_MAX);
    int n = snprintf(out->path, sizeof out->path, "%.*s", width, path);
    int m = snprintf(out->part, sizeof out->part, "%.*s%s", width, path, suffix);
    int k = snprintf(out->work, sizeof out->work, "%.*s%s/" MM_WORK_FOLDER, width, path, suffix);
    if (n < 0 || m < 0 || k < 0 || (size_t)k >= sizeof out->work)
        return mm_fail_os(err, ENAMETOOLONG, "%s", path);
    return MM_OK;
}

enum mm_status mm_dataset_out_alloc(const char *path, const char *suffix,
                                    const struct mm_table_form *form, struct mm_dataset_out **made,
                                    struct mm_error *err)
{
    struct mm_dataset_out *out = calloc(1, sizeof *out);
    *made = NULL;
    if (!out)
        return mm_fail(err, MM_E_NOMEM, "no memory for a dataset");
    out->form = form;
    out->dir_fd = out->work_fd = out->table_fd = out->file_fd = out->stage_fd = -1;
    enum mm_status st = name_paths(out, path, suffix, err);
    if (st == MM_OK)
        *made = out;
    else
        free(out);
    return st;
}

static bool is_work_folder(const char *name)
{
    return strcmp(name, MM_WORK_FOLDER) == 0;
}

/* What a run that goes on begins with. */
static bool is_saved(const char *name)
{
    return strcmp(name, MM_DATASET_JOURNAL) == 0 || mm_row_runs_is_file(name);
}

/* Open PATH.part, which no other run may write to. */
static enum mm_status open_part(struct mm_dataset_out *out, struct mm_error *err)
{
    out->dir_fd = open(out->part, MM_DATASET_FOLDER_FLAGS);
    if (out->dir_fd < 0)
        return mm_fail_os(err, errno, "cannot open %s", out->part);
    if (flock(out->dir_fd, LOCK_EX | LOCK_NB) != 0)
        return mm_fail(err, MM_E_EXISTS, "%s: another run writes to it", out->part);
    return MM_OK;
}

static enum mm_status open_work(struct mm_dataset_out *out, struct mm_error *err)
{
    out->work_fd = open(out->work, MM_DATASET_FOLDER_FLAGS);
    return out->work_fd < 0 ? mm_fail_os(err, errno, "cannot open %s", out->work) : MM_OK;
}

/* What a killed run left goes, but for what is gone on with. It is known by its work folder, which
 * is made first and outlives the rest; anything else of this name is somebody's own. */
static enum mm_status clear_part(struct mm_dataset_out *out, struct mm_error *err)
{
    struct stat st;
    bool ours =
        fstatat(out->dir_fd, MM_WORK_FOLDER, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
    if (!ours && !mm_folder_is_empty(out->dir_fd))
        return mm_fail(err, MM_E_EXISTS,
                       "%s is in the way: a dataset is made under that name, and what is "
                       "in it is not mailmill's; move it, or choose another name",
                       out->part);
    mm_folder_empty(out->dir_fd, is_work_folder);
    if (!out->goes_on)
        mm_folder_remove(out->dir_fd, MM_WORK_FOLDER);
    int failed = mm_file_make_dir(out->dir_fd, MM_WORK_FOLDER);
    if (failed && (failed != EEXIST || !out->goes_on))
        return mm_fail_os(err, failed, "cannot make %s", out->work);
    MM_TRY(open_work(out, err));
    mm_folder_empty(out->work_fd, is_saved);
    return MM_OK;
}

static enum mm_status make_part(struct mm_dataset_out *out, struct mm_error *err)
{
    struct stat st;
    if (lstat(out->path, &st) == 0)
        return mm_fail(err, MM_E_EXISTS,
                       "%s exists; a dataset gets a name of its own: choose another, or remove it; "
                       "--resume goes on with an unfinished run",
                       out->path);
    int failed = mm_file_make_dir(AT_FDCWD, out->part);
    if (failed && failed != EEXIST)
        return mm_fail_os(err, failed, "cannot make %s", out->part);
    MM_TRY(open_part(out, err));
    return clear_part(out, err);
}

static enum mm_status make(const char *path, const struct mm_table_form *form, bool goes_on,
                           struct mm_dataset_out **made, struct mm_error *err)
{
    struct mm_dataset_out *out;
    *made = NULL;
    MM_TRY(mm_dataset_out_alloc(path, ".part", form, &out, err));
    out->goes_on = goes_on;
    enum mm_status st = make_part(out, err);
    if (st != MM_OK) {
        /* Nothing here is ours, or it is to stay. */
        out->committed = out->dir_fd < 0 || st == MM_E_EXISTS || goes_on;
        mm_dataset_out_free(&out);
    }
    *made = out;
    return st;
}

enum mm_status mm_dataset_out_new(const char *path, const struct mm_table_form *form,
                                  struct mm_dataset_out **out, struct mm_error *err)
{
    return make(path, form, false, out, err);
}

enum mm_status mm_dataset_out_go_on(const char *path, const struct mm_table_form *form,
                                    struct mm_dataset_out **out, struct mm_error *err)
{
    return make(path, form, true, out, err);
}

void mm_dataset_out_keep(struct mm_dataset_out *out)
{
    out->committed = true;
}

static void close_file(struct mm_dataset_out *out)
{
    mm_table_writer_free(&out->writer);
    if (out->file_fd >= 0)
        close(out->file_fd);
    if (out->table_fd >= 0)
        close(out->table_fd);
    out->file_fd = out->table_fd = -1;
}

void mm_dataset_out_free(struct mm_dataset_out **made)
{
    struct mm_dataset_out *out = *made;
    if (!out)
        return;
    close_file(out);
    if (out->adds)
        mm_dataset_add_deinit(out);
    else if (!out->committed)
        mm_folder_remove(AT_FDCWD, out->part);
    if (out->work_fd >= 0)
        close(out->work_fd);
    if (out->dir_fd >= 0)
        close(out->dir_fd);
    free(out);
    *made = NULL;
}

const char *mm_dataset_out_work_folder(const struct mm_dataset_out *out)
{
    return out->work;
}

/* ---- a table ---- */

/* folder: fd_of_folder's name below PATH.part, with a '/' behind it where it is not empty. */
static enum mm_status begin_file(struct mm_dataset_out *out, const struct mm_table_form *form,
                                 const struct mm_table_schema *schema,
                                 const struct mm_table_options *options, int fd_of_folder,
                                 const char *folder, struct mm_table_writer **writer,
                                 struct mm_error *err)
{
    const char *slash = folder[0] ? "/" : "";
    snprintf(out->file_path, sizeof out->file_path, "%s/%s%s%s", out->part, folder, slash,
             out->file);
    out->schema = schema;
    out->threads = options->threads ? options->threads : 1;
    out->file_fd = mm_file_create(fd_of_folder, out->file, MM_DATASET_FILE_MODE);
    if (out->file_fd < 0)
        return mm_fail_os(err, errno, "cannot make %s of table %s in %s", out->file, schema->name,
                          out->part);
    MM_TRY(form->open(schema, out->file_fd, options, &out->writer, err));
    *writer = out->writer;
    return MM_OK;
}

/* A file whose place is another's until the commit. */
static enum mm_status begin_staged(struct mm_dataset_out *out, const struct mm_table_schema *schema,
                                   const struct mm_table_options *options,
                                   struct mm_table_writer **writer, struct mm_error *err)
{
    snprintf(out->file, sizeof out->file, "%s%s", schema->name, mm_parquet_form.suffix);
    return begin_file(out, &mm_parquet_form, schema, options, out->stage_fd, MM_DATASET_STAGE,
                      writer, err);
}

enum mm_status mm_dataset_out_begin(struct mm_dataset_out *out,
                                    const struct mm_table_schema *schema,
                                    const struct mm_table_options *options,
                                    struct mm_table_writer **writer, struct mm_error *err)
{
    if (out->adds)
        return begin_staged(out, schema, options, writer, err);
    bool folders = out->form == &mm_parquet_form;
    int failed = folders ? mm_file_make_dir(out->dir_fd, schema->name) : 0;
    if (!failed && folders) {
        out->table_fd = mm_file_open_at(out->dir_fd, schema->name, MM_DATASET_FOLDER_FLAGS, 0);
        failed = out->table_fd < 0 ? errno : 0;
    }
    if (failed)
        return mm_fail_os(err, failed, "cannot make folder %s in %s", schema->name, out->part);
    snprintf(out->file, sizeof out->file, "%s%s", folders ? "part-00000" : schema->name,
             out->form->suffix);
    return begin_file(out, out->form, schema, options, folders ? out->table_fd : out->dir_fd,
                      folders ? schema->name : "", writer, err);
}

enum mm_status mm_dataset_out_begin_hidden(struct mm_dataset_out *out,
                                           const struct mm_table_schema *schema, unsigned threads,
                                           struct mm_table_writer **writer, struct mm_error *err)
{
    const struct mm_table_options options = {.threads = threads};
    if (out->adds) {
        MM_TRY(begin_staged(out, schema, &options, writer, err));
        mm_dataset_add_state(out);
        return MM_OK;
    }
    snprintf(out->file, sizeof out->file, "%s%s", schema->name, mm_parquet_form.suffix);
    return begin_file(out, &mm_parquet_form, schema, &options, out->work_fd, MM_WORK_FOLDER, writer,
                      err);
}

enum mm_status mm_dataset_out_end(struct mm_dataset_out *out, struct mm_table_totals *totals,
                                  struct mm_error *err)
{
    MM_TRY(mm_table_writer_finish(out->writer, totals, err));
    if (out->writer->form == &mm_parquet_form)
        MM_TRY(mm_table_check(out->file_path, out->schema, totals->rows, out->threads, err));
    int failed = mm_file_sync(out->file_fd);
    if (!failed && out->table_fd >= 0)
        failed = mm_file_sync_folder(out->table_fd);
    if (failed)
        return mm_fail_os(err, failed, "cannot bring %s in %s to disk", out->file, out->part);
    close_file(out);
    return MM_OK;
}

/* ---- the end ---- */

enum mm_status mm_dataset_out_write_about(struct mm_dataset_out *out, int dir_fd,
                                          struct mm_view about, struct mm_error *err)
{
    int fd = mm_file_create(dir_fd, MM_DATASET_ABOUT, MM_DATASET_FILE_MODE);
    int failed = fd < 0 ? errno : mm_file_write(fd, &about, 1);
    if (!failed)
        failed = mm_file_sync(fd);
    if (fd >= 0)
        close(fd);
    return failed ? mm_fail_os(err, failed, "cannot write " MM_DATASET_ABOUT " of %s", out->part)
                  : MM_OK;
}

/* The folder that holds PATH, so that the new name is on disk too. */
static int sync_parent(const struct mm_dataset_out *out)
{
    char parent[PATH_MAX];
    if (!mm_file_dirname(out->path, parent, sizeof parent))
        return ENAMETOOLONG;
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 ? errno : mm_file_sync_folder(fd);
    if (fd >= 0)
        close(fd);
    return failed;
}

static bool is_no_row_file(const char *name)
{
    return !mm_row_runs_is_file(name);
}

static enum mm_status give_name(struct mm_dataset_out *out, struct mm_error *err)
{
    mm_folder_empty(out->work_fd, is_no_row_file);
    int failed = mm_file_sync_folder(out->work_fd);
    if (!failed) /* a folder takes the place of nothing but an empty folder */
        failed = mm_file_rename(AT_FDCWD, out->part, AT_FDCWD, out->path, true);
    if (failed == EEXIST || failed == ENOTEMPTY || failed == ENOTDIR)
        return mm_fail(err, MM_E_EXISTS, "%s came while the run was going on", out->path);
    if (failed)
        return mm_fail_os(err, failed, "cannot give %s its name %s", out->part, out->path);
    out->committed = true;
    failed = sync_parent(out);
    return failed ? mm_fail_os(err, failed, "cannot bring the name of %s to disk", out->path)
                  : MM_OK;
}

enum mm_status mm_dataset_out_commit(struct mm_dataset_out *out, struct mm_view about,
                                     const struct mm_dataset_named *named, struct mm_error *err)
{
    if (out->adds)
        return mm_dataset_add_commit(out, about, err);
    MM_TRY(mm_dataset_out_write_about(out, out->dir_fd, about, err));
    int failed = mm_file_sync_folder(out->work_fd);
    if (!failed)
        failed = mm_file_sync_folder(out->dir_fd);
    if (failed)
        return mm_fail_os(err, failed, "cannot bring %s to disk", out->part);
    if (named)
        MM_TRY(named->before(named->context, err));
    return give_name(out, err);
}

enum mm_status mm_dataset_out_name(const char *path, struct mm_error *err)
{
    struct mm_dataset_out *out;
    MM_TRY(mm_dataset_out_alloc(path, ".part", NULL, &out, err));
    mm_dataset_out_keep(out);
    enum mm_status st = open_part(out, err);
    if (st == MM_OK)
        st = open_work(out, err);
    if (st == MM_OK)
        st = give_name(out, err);
    mm_dataset_out_free(&out);
    return st;
}

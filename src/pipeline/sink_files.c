/*
 * sink_files.c - one file a message: below a folder, or in place of the file it came from.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message is written under a temporary name in `.mailmill` and renamed. With batch durability a
 * segment's data, then its names, are synced before it counts: a crash leaves whole files only.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/file_ops.h"
#include "pipeline/sink.h"
#include "pipeline/work_dir.h"

struct files_sink {
    struct mm_sink sink;
    struct mm_sink_options options;
    bool in_place;
    struct mm_work_dir out;   /* OUT; none open in place */
    struct mm_work_dirs dirs; /* in place: the folders that workers are in */
};

/* What a worker keeps open from one message to the next: sorted input asks for the same folder
 * again. */
struct files_worker {
    struct files_sink *s;
    unsigned index;
    int dir_fd;         /* folder of the last renamed message */
    struct mm_buf dir;  /* its path: below OUT, or as typed in place */
    struct mm_buf root; /* in place: the folder whose .mailmill it is in */
};

/* ---- open and close ---- */

static enum mm_status tree_open(struct mm_sink *sink, struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    return mm_work_dir_open_out(s->options.path, s->options.overwrite, &s->out, err);
}

static enum mm_status in_place_open(struct mm_sink *sink, struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    return mm_work_dirs_init(&s->dirs, s->options.threads)
               ? MM_OK
               : mm_fail(err, MM_E_NOMEM, "no memory for a writer");
}

static enum mm_status files_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                       struct mm_error *err)
{
    struct files_worker *w = calloc(1, sizeof *w);
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a writer");
    w->s = (struct files_sink *)sink;
    w->index = index;
    w->dir_fd = -1;
    mm_buf_init(&w->dir, PATH_MAX + 1);
    mm_buf_init(&w->root, PATH_MAX + 1);
    *worker = w;
    return MM_OK;
}

static void leave_root(struct files_worker *w)
{
    if (w->s->in_place)
        mm_work_dirs_leave(&w->s->dirs, w->index);
    mm_buf_clear(&w->root);
}

static void files_worker_free(void *worker)
{
    struct files_worker *w = worker;
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    leave_root(w);
    mm_buf_deinit(&w->dir);
    mm_buf_deinit(&w->root);
    free(w);
}

static enum mm_status tree_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    (void)whole;
    int failed =
        s->out.root_fd >= 0 && s->options.durable && fsync(s->out.root_fd) != 0 ? errno : 0;
    mm_work_dir_close(&s->out, true);
    return failed ? mm_fail_os(err, failed, "cannot sync %s", s->options.path) : MM_OK;
}

static enum mm_status in_place_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    (void)whole;
    (void)err;
    mm_work_dirs_deinit(&((struct files_sink *)sink)->dirs);
    return MM_OK;
}

/* ---- folders ---- */

static int work_fd_of(const struct files_worker *w)
{
    return w->s->in_place ? w->s->dirs.all[w->index].fd : w->s->out.fd;
}

/* In place: come to the folder that holds the temporary names of this run of items. Returns 0 or an
 * errno. */
static int enter_root(struct files_worker *w, struct mm_view root)
{
    char path[PATH_MAX];
    if (work_fd_of(w) >= 0 && (!w->s->in_place || mm_view_eq(mm_buf_view(&w->root), root)))
        return 0;
    leave_root(w);
    if (root.len >= sizeof path)
        return ENAMETOOLONG;
    snprintf(path, sizeof path, "%.*s", (int)root.len, root.data);
    mm_buf_append(&w->root, root);
    return w->root.failed ? ENOMEM : mm_work_dirs_enter(&w->s->dirs, w->index, path);
}

/* Split at the last slash. */
static void split_path(struct mm_view path, struct mm_view *dir, const char **base)
{
    size_t cut = path.len;
    while (cut && path.data[cut - 1] != '/')
        cut--;
    *dir = mm_view_sub(path, 0, cut > 1 ? cut - 1 : cut);
    *base = path.data + cut;
}

/* Folder where an item's final name lives, kept open in w->dir_fd. Returns 0 or an errno. */
static int enter_dir(struct files_worker *w, struct mm_view dir)
{
    if (w->dir_fd >= 0 && mm_view_eq(mm_buf_view(&w->dir), dir))
        return 0;
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    mm_buf_clear(&w->dir);
    mm_buf_append(&w->dir, dir);
    if (!w->s->in_place) {
        w->dir_fd = mm_file_open_dirs(w->s->out.root_fd, dir);
    } else {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.*s", dir.len ? (int)dir.len : 1, dir.len ? dir.data : ".");
        w->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return w->dir_fd < 0 ? errno : 0;
}

/* ---- one message ---- */

enum { TEMP_NAME_BYTES = 64 };

static void temp_name(char *out, const struct files_worker *w, size_t i)
{
    snprintf(out, TEMP_NAME_BYTES, "%ld-%u-%zu.tmp", (long)getpid(), w->index, i);
}

/* Keep what the replaced file was: its modes, and its owner where we may. */
static int take_over_modes(int fd, const struct stat *was)
{
    struct stat now;
    if (fstat(fd, &now) != 0)
        return errno;
    if ((now.st_uid != was->st_uid || now.st_gid != was->st_gid) &&
        fchown(fd, was->st_uid, was->st_gid) != 0 && errno != EPERM)
        return errno;
    return fchmod(fd, was->st_mode & 07777) == 0 ? 0 : errno;
}

/* What is to be replaced. ELOOP: a link, or no file of its own; ESTALE: it is not what was read. */
static int check_replaced(const struct mm_item *item, struct stat *was)
{
    if (!item->source.len)
        return ELOOP;
    if (fstatat(AT_FDCWD, item->source.data, was, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ESTALE : errno;
    if (S_ISLNK(was->st_mode))
        return ELOOP;
    return S_ISREG(was->st_mode) && (uint64_t)was->st_size == item->bytes.len ? 0 : ESTALE;
}

static int write_temp(struct files_worker *w, const char *name, const struct mm_item *item)
{
    struct stat was;
    bool in_place = w->s->in_place;
    int failed = in_place ? check_replaced(item, &was) : 0;
    if (failed)
        return failed;
    int fd = mm_file_create(work_fd_of(w), name, in_place ? 0600 : 0666);
    if (fd < 0)
        return errno;
    const struct mm_view parts[] = {item->out_from_line, item->out_head, item->out_rest};
    failed = mm_file_write(fd, parts, MM_COUNT(parts));
    if (!failed && in_place)
        failed = take_over_modes(fd, &was);
    if (close(fd) != 0 && !failed)
        failed = errno;
    if (failed)
        unlinkat(work_fd_of(w), name, 0);
    return failed;
}

static int publish(struct files_worker *w, const char *name, const struct mm_item *item)
{
    struct mm_view dir;
    const char *base;
    bool in_place = w->s->in_place;
    split_path(in_place ? item->source : item->out_path, &dir, &base);
    int failed = enter_dir(w, dir);
    if (!failed)
        failed = mm_file_rename(work_fd_of(w), name, w->dir_fd, base,
                                in_place || w->s->options.overwrite);
    if (failed)
        unlinkat(work_fd_of(w), name, 0);
    return failed;
}

static void reject_write(struct mm_item *item, int os_errno)
{
    item->emit = false;
    if (os_errno == EEXIST)
        mm_item_reject(item, "output-exists", "the output has a file of this name already",
                       MM_NO_OFFSET);
    else if (os_errno == ESTALE)
        mm_item_reject(item, "changed-while-read", "the file changed before it could be replaced",
                       MM_NO_OFFSET);
    else if (os_errno == ELOOP)
        mm_item_reject(item, "write-failed", "a link, or part of a container: no file of its own",
                       MM_NO_OFFSET);
    else
        mm_item_reject(item, "write-failed", strerror(os_errno), MM_NO_OFFSET);
}

/* ---- a segment ---- */

static bool wants_write(const struct files_sink *s, const struct mm_item *item)
{
    return item->emit && !(s->in_place && item->unchanged);
}

/* An errno that one item met: it is rejected, or the run ends. */
static enum mm_status take_failure(struct mm_item *item, int failed, struct mm_error *err)
{
    if (!failed)
        return MM_OK;
    if (mm_file_error_is_fatal(failed))
        return mm_fail_os(err, failed, "cannot write the output of %.*s", (int)item->message.len,
                          item->message.data);
    reject_write(item, failed);
    return MM_OK;
}

/* First half: every message under its temporary name. */
static enum mm_status write_all(struct files_worker *w, struct mm_item *items, size_t count,
                                struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[TEMP_NAME_BYTES];
        if (!wants_write(w->s, &items[i]))
            continue;
        temp_name(name, w, i);
        int failed = enter_root(w, items[i].root);
        if (!failed)
            failed = write_temp(w, name, &items[i]);
        MM_TRY(take_failure(&items[i], failed, err));
    }
    return MM_OK;
}

/* Second half: the names. `published`: how many items are done with. */
static enum mm_status publish_all(struct files_worker *w, struct mm_item *items, size_t count,
                                  size_t *published, struct mm_error *err)
{
    for (; *published < count; ++*published) {
        char name[TEMP_NAME_BYTES];
        struct mm_item *item = &items[*published];
        if (!wants_write(w->s, item))
            continue;
        temp_name(name, w, *published);
        MM_TRY(take_failure(item, publish(w, name, item), err));
    }
    return MM_OK;
}

static enum mm_status sync_segment(const struct files_worker *w, struct mm_error *err)
{
    int fd = work_fd_of(w);
    int failed = w->s->options.durable && fd >= 0 ? mm_file_sync_all(fd) : 0;
    return failed ? mm_fail_os(err, failed, "cannot sync the output") : MM_OK;
}

/* The run ends before these have their names: nothing of them stays, and they have no outcome. */
static void withdraw(struct files_worker *w, struct mm_item *items, size_t from, size_t count)
{
    for (size_t i = from; i < count; i++) {
        char name[TEMP_NAME_BYTES];
        if (!wants_write(w->s, &items[i]))
            continue;
        temp_name(name, w, i);
        unlinkat(work_fd_of(w), name, 0);
        items[i].outcome = MM_OUTCOME_PENDING;
    }
}

/* One root's part of a segment: its temporary names are in one folder, and one sync covers them. */
static enum mm_status put_run(struct files_worker *w, struct mm_item *items, size_t count,
                              struct mm_error *err)
{
    size_t published = 0;
    enum mm_status st = write_all(w, items, count, err);
    if (st == MM_OK)
        st = sync_segment(w, err);
    if (st == MM_OK)
        st = publish_all(w, items, count, &published, err);
    if (st == MM_OK)
        return sync_segment(w, err);
    withdraw(w, items, published, count);
    return st;
}

static enum mm_status files_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                struct mm_commit *commit, struct mm_item *items, size_t count,
                                struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    enum mm_status st = MM_OK;
    (void)line;
    (void)commit;
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && (!s->in_place || mm_view_eq(items[to].root, items[from].root)))
            to++;
        if (st == MM_OK)
            st = put_run(worker, items + from, to - from, err);
        else
            withdraw(worker, items + from, 0, to - from);
    }
    return st;
}

/* ---- making ---- */

static const struct mm_sink_ops TREE_OPS = {.open = tree_open,
                                            .worker_new = files_worker_new,
                                            .worker_free = files_worker_free,
                                            .put = files_put,
                                            .close = tree_close};
static const struct mm_sink_ops IN_PLACE_OPS = {.open = in_place_open,
                                                .worker_new = files_worker_new,
                                                .worker_free = files_worker_free,
                                                .put = files_put,
                                                .close = in_place_close};

static struct mm_sink *files_new(const struct mm_sink_options *options, bool in_place)
{
    struct files_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink = (struct mm_sink){.wants_messages = true,
                               .ops = in_place ? &IN_PLACE_OPS : &TREE_OPS,
                               .wants_source_paths = in_place};
    s->options = *options;
    s->in_place = in_place;
    s->out = (struct mm_work_dir){.root_fd = -1, .fd = -1};
    return &s->sink;
}

struct mm_sink *mm_sink_tree_new(const struct mm_sink_options *options)
{
    return files_new(options, false);
}

struct mm_sink *mm_sink_in_place_new(const struct mm_sink_options *options)
{
    return files_new(options, true);
}

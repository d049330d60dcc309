/*
 * sink_files.c - one file a message: below a folder, or in place of the file it came from.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message is written under a temporary name in `.mailmill` and renamed. With batch durability a
 * segment's data, then its names, are synced before it counts: a crash leaves whole files only.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/file_ops.h"
#include "pipeline/sink.h"

static const char WORK_DIR[] = ".mailmill";
enum { WORK_DIR_TRIES = 8 };

struct files_sink {
    struct mm_sink sink;
    struct mm_sink_options options;
    bool in_place;
    int root_fd, work_fd; /* OUT and OUT/.mailmill; -1 in place */
};

/* What a worker keeps open from one message to the next: sorted input asks for the same folder
 * again. */
struct files_worker {
    unsigned index;
    int dir_fd;         /* folder of the last renamed message */
    struct mm_buf dir;  /* its path: below OUT, or as typed in place */
    int work_fd;        /* in place: ROOT/.mailmill */
    struct mm_buf root; /* in place: ROOT */
};

static enum mm_status open_work_dir(int root_fd, const char *root, int *work_fd,
                                    struct mm_error *err)
{
    if (mkdirat(root_fd, WORK_DIR, 0777) != 0 && errno != EEXIST)
        return mm_fail_os(err, errno, "cannot make %s/%s", root, WORK_DIR);
    *work_fd = openat(root_fd, WORK_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*work_fd < 0)
        return mm_fail_os(err, errno, "cannot open %s/%s", root, WORK_DIR);
    return MM_OK;
}

/* A folder that holds anything but our own working folder is output of somebody. */
static bool folder_is_empty(int fd)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    bool empty = dir != NULL;
    for (struct dirent *e; empty && (e = readdir(dir)) != NULL;)
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    if (dir)
        closedir(dir);
    else if (again >= 0)
        close(again);
    return empty;
}

static enum mm_status tree_open(struct mm_sink *sink, struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    const char *path = s->options.path;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return mm_fail_os(err, errno, "cannot make %s", path);
    s->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root_fd < 0 && errno == ENOTDIR)
        return mm_fail(err, MM_E_EXISTS, "%s exists and is no folder", path);
    if (s->root_fd < 0)
        return mm_fail_os(err, errno, "cannot open %s", path);
    if (!s->options.overwrite && !folder_is_empty(s->root_fd))
        return mm_fail(err, MM_E_EXISTS, "%s exists and is not empty; --overwrite writes into it",
                       path);
    MM_TRY(open_work_dir(s->root_fd, path, &s->work_fd, err));
    if (flock(s->work_fd, LOCK_EX | LOCK_NB) != 0)
        return mm_fail(err, MM_E_EXISTS, "%s is being written by another run", path);
    return MM_OK;
}

static enum mm_status in_place_open(struct mm_sink *sink, struct mm_error *err)
{
    (void)sink;
    (void)err;
    return MM_OK;
}

static enum mm_status files_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                       struct mm_error *err)
{
    struct files_worker *w = calloc(1, sizeof *w);
    (void)sink;
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a writer");
    w->index = index;
    w->dir_fd = w->work_fd = -1;
    mm_buf_init(&w->dir, PATH_MAX + 1);
    mm_buf_init(&w->root, PATH_MAX + 1);
    *worker = w;
    return MM_OK;
}

static void close_work_dir(struct files_worker *w)
{
    if (w->work_fd < 0)
        return;
    close(w->work_fd);
    w->work_fd = -1;
    /* Gone when empty; rejects, or another worker's temporary names, keep it. */
    mm_buf_append_char(&w->root, '/');
    mm_buf_append_str(&w->root, WORK_DIR);
    mm_buf_append_char(&w->root, '\0');
    if (!w->root.failed)
        rmdir(w->root.data);
    mm_buf_clear(&w->root);
}

static void files_worker_free(void *worker)
{
    struct files_worker *w = worker;
    if (!w)
        return;
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    close_work_dir(w);
    mm_buf_deinit(&w->dir);
    mm_buf_deinit(&w->root);
    free(w);
}

/* Split at the last slash. */
static void split_path(struct mm_view path, struct mm_view *dir, const char **base)
{
    size_t cut = path.len;
    while (cut && path.data[cut - 1] != '/')
        cut--;
    *dir = mm_view_sub(path, 0, cut ? cut - 1 : 0);
    if (cut == 1)
        *dir = mm_view_sub(path, 0, 1);
    *base = path.data + cut;
}

/* Folder where an item's final name lives, kept open in w->dir_fd. Returns 0 or an errno. */
static int enter_dir(struct files_sink *s, struct files_worker *w, struct mm_view dir)
{
    if (w->dir_fd >= 0 && mm_view_eq(mm_buf_view(&w->dir), dir))
        return 0;
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    mm_buf_clear(&w->dir);
    mm_buf_append(&w->dir, dir);
    if (!s->in_place) {
        w->dir_fd = mm_file_open_dirs(s->root_fd, dir);
    } else {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.*s", dir.len ? (int)dir.len : 1, dir.len ? dir.data : ".");
        w->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return w->dir_fd < 0 ? errno : 0;
}

/* Folder for temporary names: OUT/.mailmill, or in place ROOT/.mailmill. */
static enum mm_status work_fd_for(struct files_sink *s, struct files_worker *w,
                                  const struct mm_item *item, int *fd, struct mm_error *err)
{
    if (!s->in_place) {
        *fd = s->work_fd;
        return MM_OK;
    }
    if (w->work_fd < 0 || !mm_view_eq(mm_buf_view(&w->root), item->root)) {
        char root[PATH_MAX];
        close_work_dir(w);
        if (item->root.len >= sizeof root)
            return mm_fail_os(err, ENAMETOOLONG, "%.*s", (int)item->root.len, item->root.data);
        memcpy(root, item->root.data, item->root.len);
        root[item->root.len] = '\0';
        int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
            return mm_fail_os(err, errno, "cannot open %s", root);
        enum mm_status st = open_work_dir(root_fd, root, &w->work_fd, err);
        close(root_fd);
        if (st != MM_OK)
            return st;
        mm_buf_append(&w->root, item->root);
    }
    *fd = w->work_fd;
    return MM_OK;
}

static void temp_name(char *out, size_t cap, const struct files_worker *w, size_t i)
{
    snprintf(out, cap, "%ld-%u-%zu.tmp", (long)getpid(), w->index, i);
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

static int write_temp(struct files_sink *s, int work_fd, const char *name,
                      const struct mm_item *item)
{
    struct stat was;
    if (s->in_place) {
        if (fstatat(AT_FDCWD, item->source.data, &was, AT_SYMLINK_NOFOLLOW) != 0)
            return errno;
        if (!S_ISREG(was.st_mode) || (uint64_t)was.st_size != item->bytes.len)
            return ESTALE;
    }
    int fd = mm_file_create(work_fd, name, s->in_place ? 0600 : 0666);
    if (fd < 0)
        return errno;
    const struct mm_view parts[] = {item->out_from_line, item->out_head, item->out_rest};
    int failed = mm_file_write(fd, parts, MM_COUNT(parts));
    if (!failed && s->in_place)
        failed = take_over_modes(fd, &was);
    if (close(fd) != 0 && !failed)
        failed = errno;
    if (failed)
        unlinkat(work_fd, name, 0);
    return failed;
}

static int publish(struct files_sink *s, struct files_worker *w, int work_fd, const char *name,
                   const struct mm_item *item)
{
    struct mm_view dir;
    const char *base;
    split_path(s->in_place ? item->source : item->out_path, &dir, &base);
    int failed = enter_dir(s, w, dir);
    if (!failed)
        failed =
            mm_file_rename(work_fd, name, w->dir_fd, base, s->in_place || s->options.overwrite);
    if (failed)
        unlinkat(work_fd, name, 0);
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
    else
        mm_item_reject(item, "write-failed", strerror(os_errno), MM_NO_OFFSET);
}

static bool wants_write(const struct files_sink *s, const struct mm_item *item)
{
    return item->emit && !(s->in_place && item->unchanged);
}

static enum mm_status fatal_write(const struct mm_item *item, int os_errno, struct mm_error *err)
{
    return mm_fail_os(err, os_errno, "cannot write the output of %.*s", (int)item->message.len,
                      item->message.data);
}

static void drop_temps(struct files_sink *s, struct files_worker *w, struct mm_item *items,
                       size_t from, size_t count)
{
    char name[64];
    for (size_t i = from; i < count; i++) {
        temp_name(name, sizeof name, w, i);
        if (wants_write(s, &items[i]))
            unlinkat(s->in_place ? w->work_fd : s->work_fd, name, 0);
    }
}

/* First half: every message under its temporary name. */
static enum mm_status write_all(struct files_sink *s, struct files_worker *w, struct mm_item *items,
                                size_t count, struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        int work_fd;
        if (!wants_write(s, &items[i]))
            continue;
        temp_name(name, sizeof name, w, i);
        int failed = ENOENT;
        /* Another worker that leaves the folder removes it when it is empty: make it again. */
        for (int tries = 0; failed == ENOENT && tries < WORK_DIR_TRIES; tries++) {
            if (tries)
                close_work_dir(w);
            MM_TRY(work_fd_for(s, w, &items[i], &work_fd, err));
            failed = write_temp(s, work_fd, name, &items[i]);
        }
        if (failed && mm_file_error_is_fatal(failed)) {
            drop_temps(s, w, items, 0, i);
            return fatal_write(&items[i], failed, err);
        }
        if (failed)
            reject_write(&items[i], failed);
    }
    return MM_OK;
}

/* Second half: the names. */
static enum mm_status publish_all(struct files_sink *s, struct files_worker *w,
                                  struct mm_item *items, size_t count, struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        int work_fd;
        if (!wants_write(s, &items[i]))
            continue;
        MM_TRY(work_fd_for(s, w, &items[i], &work_fd, err));
        temp_name(name, sizeof name, w, i);
        int failed = publish(s, w, work_fd, name, &items[i]);
        if (failed && mm_file_error_is_fatal(failed)) {
            drop_temps(s, w, items, i + 1, count);
            return fatal_write(&items[i], failed, err);
        }
        if (failed)
            reject_write(&items[i], failed);
    }
    return MM_OK;
}

static enum mm_status sync_segment(struct files_sink *s, const struct files_worker *w,
                                   struct mm_error *err)
{
    int fd = s->in_place ? w->work_fd : s->work_fd;
    int failed = s->options.durable && fd >= 0 ? mm_file_sync_all(fd) : 0;
    return failed ? mm_fail_os(err, failed, "cannot sync the output") : MM_OK;
}

/* One root's part of a segment: its temporary names are in one folder, and one sync covers them. */
static enum mm_status put_run(struct files_sink *s, struct files_worker *w, struct mm_item *items,
                              size_t count, struct mm_error *err)
{
    MM_TRY(write_all(s, w, items, count, err));
    MM_TRY(sync_segment(s, w, err));
    MM_TRY(publish_all(s, w, items, count, err));
    return sync_segment(s, w, err);
}

static enum mm_status files_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                struct mm_commit *commit, struct mm_item *items, size_t count,
                                struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    (void)line;
    (void)commit;
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && (!s->in_place || mm_view_eq(items[to].root, items[from].root)))
            to++;
        MM_TRY(put_run(s, worker, items + from, to - from, err));
    }
    return MM_OK;
}

static enum mm_status files_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct files_sink *s = (struct files_sink *)sink;
    int failed = 0;
    (void)whole;
    if (s->work_fd >= 0)
        close(s->work_fd);
    if (s->root_fd >= 0) {
        unlinkat(s->root_fd, WORK_DIR, AT_REMOVEDIR); /* stays when it holds the rejects */
        if (s->options.durable && fsync(s->root_fd) != 0)
            failed = errno;
        close(s->root_fd);
    }
    s->work_fd = s->root_fd = -1;
    return failed ? mm_fail_os(err, failed, "cannot sync %s", s->options.path) : MM_OK;
}

static const struct mm_sink_ops TREE_OPS = {.open = tree_open,
                                            .worker_new = files_worker_new,
                                            .worker_free = files_worker_free,
                                            .put = files_put,
                                            .close = files_close};
static const struct mm_sink_ops IN_PLACE_OPS = {.open = in_place_open,
                                                .worker_new = files_worker_new,
                                                .worker_free = files_worker_free,
                                                .put = files_put,
                                                .close = files_close};

static struct mm_sink *files_new(const struct mm_sink_options *options, bool in_place)
{
    struct files_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink = (struct mm_sink){.ops = in_place ? &IN_PLACE_OPS : &TREE_OPS,
                               .wants_source_paths = in_place};
    s->options = *options;
    s->in_place = in_place;
    s->root_fd = s->work_fd = -1;
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

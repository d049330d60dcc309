/*
 * work_dir.c - `.mailmill`, the folder for temporary names on the file system of the output.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/work_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/work_folder.h"

static const char NAME[] = MM_WORK_FOLDER;
static const struct mm_work_dir NONE_OPEN = {.root_fd = -1, .fd = -1};

void mm_work_dir_close(struct mm_work_dir *dir, bool remove)
{
    if (dir->fd >= 0)
        close(dir->fd);
    if (remove && dir->fd >= 0)
        unlinkat(dir->root_fd, NAME, AT_REMOVEDIR); /* stays when it holds the rejects */
    if (dir->root_fd >= 0)
        close(dir->root_fd);
    *dir = NONE_OPEN;
}

int mm_work_dir_open(const char *root, struct mm_work_dir *dir)
{
    struct stat st;
    *dir = NONE_OPEN;
    dir->root_fd = mm_file_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int failed = dir->root_fd < 0 || fstat(dir->root_fd, &st) != 0 ? errno : 0;
    if (!failed)
        failed = mm_file_make_dir(dir->root_fd, NAME);
    if (!failed || failed == EEXIST) {
        dir->fd =
            mm_file_open_at(dir->root_fd, NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
        failed = dir->fd < 0 ? errno : 0;
    }
    if (failed) {
        mm_work_dir_close(dir, false);
        return failed;
    }
    dir->dev = st.st_dev;
    dir->ino = st.st_ino;
    return 0;
}

/* As sinks name what they write: run, worker, number. */
static bool is_numbered(const char *name)
{
    int end = 0;
    (void)sscanf(name, "%*[0-9]-%*[0-9]-%*[0-9].tmp%n", &end);
    return end > 0 && name[end] == '\0';
}

void mm_work_dir_clean(int fd, bool shared)
{
    char own[32]; /* what this run makes begins with it */
    int own_len = snprintf(own, sizeof own, "%ld-", (long)getpid());
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        size_t len = strlen(e->d_name);
        if (len > 4 && strcmp(e->d_name + len - 4, ".tmp") == 0 &&
            strncmp(e->d_name, own, (size_t)own_len) != 0 && (!shared || is_numbered(e->d_name)))
            unlinkat(fd, e->d_name, 0);
    }
    if (dir)
        closedir(dir);
    else if (copy >= 0)
        close(copy);
}

/* ---- OUT ---- */

/* Does it hold nothing but .mailmill, or with resume that beside other things? */
static bool may_begin_in(int fd, bool resume)
{
    DIR *dir = fdopendir(fd);
    bool ours = false, others = dir == NULL;
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, NAME) == 0)
            ours = true;
        else if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            others = true;
    }
    if (dir)
        closedir(dir);
    else
        close(fd);
    return !others || (resume && ours);
}

bool mm_work_dir_is_alone(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && may_begin_in(fd, false);
}

static enum mm_status make_out(const char *path, const struct mm_out_rules *rules,
                               struct mm_error *err)
{
    int failed = mm_file_make_dir(AT_FDCWD, path);
    if (!failed)
        return MM_OK;
    if (failed != EEXIST)
        return mm_fail_os(err, failed, "cannot make %s", path);
    int fd = mm_file_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0 && errno == ENOTDIR)
        return mm_fail(err, MM_E_EXISTS, "%s exists and is no folder", path);
    if (fd < 0)
        return mm_fail_os(err, errno, "cannot open %s", path);
    if (!rules->overwrite && !may_begin_in(fd, rules->resume))
        return mm_fail(err, MM_E_EXISTS, "%s exists and is not empty; --overwrite writes into it%s",
                       path, rules->has_journal ? ", --resume goes on with an unfinished run" : "");
    if (rules->overwrite)
        close(fd);
    return MM_OK;
}

/* A run takes .mailmill away while it holds the lock: what is locked must still have its name. */
static bool lock_out(const struct mm_work_dir *out)
{
    struct stat named, locked;
    return flock(out->fd, LOCK_EX | LOCK_NB) == 0 && fstat(out->fd, &locked) == 0 &&
           fstatat(out->root_fd, NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_dev == locked.st_dev && named.st_ino == locked.st_ino;
}

enum mm_status mm_work_dir_open_out(const char *path, const struct mm_out_rules *rules,
                                    struct mm_work_dir *out, struct mm_error *err)
{
    MM_TRY(make_out(path, rules, err));
    int failed = mm_work_dir_open(path, out);
    if (failed)
        return mm_fail_os(err, failed, "cannot make %s/%s", path, NAME);
    if (lock_out(out)) {
        mm_work_dir_clean(out->fd, false);
        return MM_OK;
    }
    mm_work_dir_close(out, false); /* it is the other run's */
    return mm_fail(err, MM_E_EXISTS, "%s is being written by another run", path);
}

/* ---- in place ---- */

bool mm_work_dirs_init(struct mm_work_dirs *dirs, unsigned count)
{
    dirs->all = calloc(count, sizeof *dirs->all);
    dirs->count = dirs->all ? count : 0;
    for (unsigned i = 0; i < dirs->count; i++)
        dirs->all[i] = NONE_OPEN;
    return pthread_mutex_init(&dirs->lock, NULL) == 0 && dirs->all;
}

void mm_work_dirs_deinit(struct mm_work_dirs *dirs)
{
    pthread_mutex_destroy(&dirs->lock);
    free(dirs->all);
    dirs->all = NULL;
}

static bool others_are_in(const struct mm_work_dirs *dirs, unsigned index)
{
    const struct mm_work_dir *mine = &dirs->all[index];
    for (unsigned i = 0; i < dirs->count; i++) {
        const struct mm_work_dir *other = &dirs->all[i];
        if (i != index && other->fd >= 0 && other->dev == mine->dev && other->ino == mine->ino)
            return true;
    }
    return false;
}

int mm_work_dirs_enter(struct mm_work_dirs *dirs, unsigned index, const char *root)
{
    pthread_mutex_lock(&dirs->lock);
    int failed = mm_work_dir_open(root, &dirs->all[index]);
    if (!failed && dirs->goes_on)
        mm_work_dir_clean(dirs->all[index].fd, false);
    pthread_mutex_unlock(&dirs->lock);
    return failed;
}

void mm_work_dirs_leave(struct mm_work_dirs *dirs, unsigned index)
{
    pthread_mutex_lock(&dirs->lock);
    mm_work_dir_close(&dirs->all[index], !others_are_in(dirs, index));
    pthread_mutex_unlock(&dirs->lock);
}

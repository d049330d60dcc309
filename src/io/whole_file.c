/*
 * whole_file.c - a file that appears whole and on disk, or not at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"

/* /dev/stdout is a link to /proc/self/fd/1, whatever is open there. */
static bool names_open_file(const char *path)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target);
    return len > 0 && mm_view_starts((struct mm_view){target, (size_t)len}, MM_VIEW("/proc/"));
}

enum mm_status mm_whole_file_check_kind(const char *path, struct mm_error *err)
{
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return mm_fail(err, MM_E_EXISTS, "%s is a folder: name a file", path);
    if (mm_file_is_special(path) || names_open_file(path))
        return mm_fail(err, MM_E_EXISTS, "%s is no regular file, and nothing else is replaced",
                       path);
    return MM_OK;
}

enum mm_status mm_whole_file_check(const char *path, bool overwrite, struct mm_error *err)
{
    struct stat info;
    MM_TRY(mm_whole_file_check_kind(path, err));
    if (!overwrite && lstat(path, &info) == 0)
        return mm_fail(err, MM_E_EXISTS, "%s exists; --overwrite replaces it", path);
    return MM_OK;
}

enum mm_status mm_whole_file_open(struct mm_whole_file *file, const char *path, mode_t mode,
                                  bool overwrite, struct mm_error *err)
{
    enum { OWNER_ONLY = 0600 };
    uint64_t name;
    *file = (struct mm_whole_file){.fd = -1, .path = path, .overwrite = overwrite};
    MM_TRY(mm_whole_file_check(path, overwrite, err));
    if (getrandom(&name, sizeof name, 0) != (ssize_t)sizeof name)
        return mm_fail_os(err, errno, "no random name for %s", path);
    int len = snprintf(file->part, sizeof file->part, "%s.%016" PRIx64 ".part", path, name);
    if (len < 0 || (size_t)len >= sizeof file->part)
        return mm_fail_os(err, ENAMETOOLONG, "%s", path);
    file->fd = mm_file_open(file->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file->fd < 0)
        return mm_fail_os(err, errno, "cannot make %s", path);
    if (mode == OWNER_ONLY && fchmod(file->fd, mode) != 0) { /* the umask may have taken more */
        int failed = errno;
        mm_whole_file_abort(file);
        return mm_fail_os(err, failed, "cannot protect %s", path);
    }
    return MM_OK;
}

enum mm_status mm_whole_file_write(struct mm_whole_file *file, struct mm_view text,
                                   struct mm_error *err)
{
    int failed = mm_file_write(file->fd, &text, 1);
    return failed ? mm_fail_os(err, failed, "cannot write %s", file->path) : MM_OK;
}

enum mm_status mm_whole_file_commit(struct mm_whole_file *file, struct mm_error *err)
{
    bool named = false;
    int failed = mm_file_publish(file->fd, file->part, file->path, file->overwrite, true, &named);
    if (named) { /* also where its name may not be on disk */
        close(file->fd);
        file->fd = -1;
    }
    if (failed == EEXIST)
        return mm_fail(err, MM_E_EXISTS, "%s exists; --overwrite replaces it", file->path);
    return failed ? mm_fail_os(err, failed, "cannot finish %s", file->path) : MM_OK;
}

void mm_whole_file_abort(struct mm_whole_file *file)
{
    if (file->fd < 0)
        return;
    unlink(file->part);
    close(file->fd);
    file->fd = -1;
}

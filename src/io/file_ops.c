/*
 * file_ops.c - the calls that make, change and look into files, in one place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/file_ops.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/fault.h"

/* One writev(2). Returns 0 or an errno. */
static int write_some(int fd, const struct iovec *iov, size_t count, size_t *written)
{
    size_t len = iov->iov_len, all = len;
    int failed = mm_fault_before(MM_FAULT_WRITE, fd, NULL, &len);
    if (failed)
        return failed;
    ssize_t n = len < all ? write(fd, iov->iov_base, len) : writev(fd, iov, (int)count);
    *written = n < 0 ? 0 : (size_t)n;
    return n < 0 ? errno : 0;
}

int mm_file_write(int fd, const struct mm_view *parts, size_t count)
{
    struct iovec iov[MM_FILE_PARTS_MAX];
    assert(count <= MM_FILE_PARTS_MAX);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (parts[i].len)
            iov[used++] = (struct iovec){(void *)(uintptr_t)parts[i].data, parts[i].len};
    struct iovec *at = iov;
    while (used) {
        size_t left;
        int failed = write_some(fd, at, used, &left);
        if (failed == EINTR)
            continue;
        if (failed)
            return failed;
        while (used && left >= at->iov_len) {
            left -= at->iov_len;
            at++;
            used--;
        }
        if (used) {
            at->iov_base = (char *)at->iov_base + left;
            at->iov_len -= left;
        }
    }
    return 0;
}

int mm_file_open_at(int dir_fd, const char *name, int flags, mode_t mode)
{
    bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    enum mm_fault_op op = makes ? MM_FAULT_CREATE : MM_FAULT_OPEN;
    int fd, failed;
    do {
        failed = mm_fault_before(op, dir_fd, name, NULL);
        fd = failed ? -1 : openat(dir_fd, name, flags, mode);
        failed = fd < 0 && !failed ? errno : failed;
    } while (failed == EINTR);
    if (failed)
        errno = failed;
    return fd;
}

int mm_file_open(const char *path, int flags, mode_t mode)
{
    return mm_file_open_at(AT_FDCWD, path, flags, mode);
}

int mm_file_create(int dir_fd, const char *name, mode_t mode)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
    int fd = mm_file_open_at(dir_fd, name, flags, mode);
    /* What is in the way has its own mode, which may be wider. */
    if (fd < 0 && errno == EEXIST && mm_file_remove(dir_fd, name) == 0)
        fd = mm_file_open_at(dir_fd, name, flags, mode);
    return fd;
}

mode_t mm_file_mode_like(const char *path)
{
    const mode_t of_others = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    struct stat st;
    return S_IRUSR | S_IWUSR | (stat(path, &st) == 0 ? st.st_mode & of_others : 0);
}

const char *mm_file_temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

int mm_file_temporary(const char *folder)
{
    char path[PATH_MAX];
    int fd = mm_file_open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    /* Not every file system has O_TMPFILE. */
    int len = snprintf(path, sizeof path, "%s/mailmill-XXXXXX", folder);
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int mm_file_read_at(int fd, void *into, size_t len, uint64_t offset)
{
    char *at = into;
    while (len) {
        size_t some = len;
        int failed = mm_fault_before(MM_FAULT_READ, fd, NULL, &some);
        ssize_t n = failed ? -1 : pread(fd, at, some, (off_t)offset);
        if (n < 0 && !failed)
            failed = errno;
        if (failed == EINTR)
            continue;
        if (failed || n == 0)
            return failed ? failed : ENODATA;
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

int mm_file_make_dir(int dir_fd, const char *name)
{
    int failed;
    do
        failed = mm_fault_before(MM_FAULT_CREATE, dir_fd, name, NULL);
    while (failed == EINTR);
    return failed ? failed : mkdirat(dir_fd, name, 0777) == 0 ? 0 : errno;
}

int mm_file_remove(int dir_fd, const char *name)
{
    int failed;
    do
        failed = mm_fault_before(MM_FAULT_REMOVE, dir_fd, name, NULL);
    while (failed == EINTR);
    return failed ? failed : unlinkat(dir_fd, name, 0) == 0 ? 0 : errno;
}

int mm_file_truncate(int fd, uint64_t bytes)
{
    int failed;
    do {
        failed = mm_fault_before(MM_FAULT_WRITE, fd, NULL, NULL);
        if (!failed && ftruncate(fd, (off_t)bytes) != 0)
            failed = errno;
    } while (failed == EINTR);
    return failed;
}

/* Again where a signal came between. */
static int sync_by(int (*call)(int), int fd)
{
    int failed;
    bool skip;
    do {
        failed = mm_fault_before_sync(fd, call == syncfs, &skip);
        if (!failed && !skip && call(fd) != 0)
            failed = errno;
    } while (failed == EINTR);
    return failed;
}

int mm_file_sync(int fd)
{
    return sync_by(fsync, fd);
}

int mm_file_sync_folder(int fd)
{
    int failed = sync_by(fsync, fd);
    return failed == EINVAL ? 0 : failed; /* fsync(2): a file system that syncs no folders */
}

int mm_file_sync_all(int fd)
{
    return sync_by(syncfs, fd);
}

int mm_file_rename(int from_fd, const char *from, int to_fd, const char *to, bool overwrite)
{
    int failed;
    do
        failed = mm_fault_before_rename(from_fd, from, to_fd, to);
    while (failed == EINTR);
    if (failed)
        return failed;
    if (overwrite)
        return renameat(from_fd, from, to_fd, to) == 0 ? 0 : errno;
    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    /* NFS and old kernels: link(2) refuses an existing name as well. */
    if (linkat(from_fd, from, to_fd, to, 0) != 0)
        return errno;
    return unlinkat(from_fd, from, 0) == 0 ? 0 : errno;
}

int mm_file_sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    if (!mm_file_dirname(path, folder, sizeof folder))
        return ENAMETOOLONG;
    int dir = mm_file_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int failed = dir < 0 ? errno : mm_file_sync_folder(dir);
    if (dir >= 0)
        close(dir);
    return failed;
}

int mm_file_publish(int fd, const char *part, const char *path, bool overwrite, bool durable,
                    bool *named)
{
    int failed = durable ? mm_file_sync(fd) : 0;
    if (!failed)
        failed = mm_file_rename(AT_FDCWD, part, AT_FDCWD, path, overwrite);
    if (named)
        *named = failed == 0;
    return !failed && durable ? mm_file_sync_folder_of(path) : failed;
}

/* -1 and errno. */
static int open_or_make_dir(int dir_fd, const char *name)
{
    enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
    int fd = mm_file_open_at(dir_fd, name, FLAGS, 0);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    int failed = mm_file_make_dir(dir_fd, name);
    if (!failed || failed == EEXIST)
        return mm_file_open_at(dir_fd, name, FLAGS, 0);
    errno = failed;
    return -1;
}

int mm_file_open_dirs(int dir_fd, struct mm_view rel, bool durable)
{
    int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
    while (fd >= 0 && rel.len) {
        struct mm_view part;
        char name[NAME_MAX + 1];
        mm_view_cut(rel, '/', &part, &rel);
        if (part.len == 0 || mm_view_eq(part, MM_VIEW(".")))
            continue;
        if (part.len > NAME_MAX || mm_view_eq(part, MM_VIEW(".."))) {
            close(fd);
            errno = part.len > NAME_MAX ? ENAMETOOLONG : EINVAL;
            return -1;
        }
        memcpy(name, part.data, part.len);
        name[part.len] = '\0';
        int below = open_or_make_dir(fd, name);
        int failed = below < 0 ? errno : durable ? mm_file_sync_folder(fd) : 0;
        if (failed && below >= 0) {
            close(below);
            below = -1;
        }
        close(fd);
        errno = failed;
        fd = below;
    }
    return fd;
}

bool mm_file_is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool mm_file_error_is_fatal(int os_errno)
{
    return os_errno == ENOSPC || os_errno == EDQUOT || os_errno == EIO || os_errno == EROFS ||
           os_errno == EFBIG || os_errno == EMFILE || os_errno == ENFILE || os_errno == ENOMEM ||
           os_errno == EPIPE;
}

bool mm_file_dirname(const char *path, char *out, size_t cap)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    int n = len ? snprintf(out, cap, "%.*s", (int)len, path) : snprintf(out, cap, ".");
    return n >= 0 && (size_t)n < cap;
}

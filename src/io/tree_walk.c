/*
 * tree_walk.c - every file below a folder, depth first, each folder's names sorted bytewise.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Folders are opened one at a time and closed as soon as their names are read, so that no depth
 * exhausts the descriptors. Regular files are told by d_type and never asked for their status.
 */
#include "io/tree_walk.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/mail_folder.h"
#include "io/names.h"
#include "io/work_folder.h"

enum {
    /* A folder's path is below PATH_MAX; a name is at most NAME_MAX, a '/' before and NUL behind.
     */
    PATH_ROOM = PATH_MAX + NAME_MAX + 2,
    /* Readers hold descriptors for moments only: a full table is waited for, 10 s at most. */
    DESCRIPTOR_TRIES = 10000,
    DESCRIPTOR_PAUSE_NS = 1000000
};

/* A folder that is being walked. */
struct level {
    unsigned marks; /* see mail_folder.h */
    struct mm_names *names;
    size_t names_bytes;
    size_t path_len; /* of walk->path */
    dev_t dev;
    ino_t ino;
};

struct mm_walk {
    bool follow, started;
    size_t names_limit;
    char path[PATH_ROOM];
    size_t below;
    char real_root[PATH_MAX]; /* empty where it cannot be told */
    char real_link[PATH_MAX];
    struct level *levels;
    size_t depth, level_cap;
    size_t names_bytes;
    uint64_t names_left; /* of the folders being walked */
};

enum mm_status mm_walk_new(const char *root, bool follow, size_t names_limit, struct mm_walk **out,
                           struct mm_error *err)
{
    *out = NULL;
    struct stat st;
    if (stat(root, &st) != 0)
        return mm_fail_os(err, errno, "%s", root);
    if (!S_ISDIR(st.st_mode))
        return mm_fail_os(err, ENOTDIR, "%s", root);
    struct mm_walk *walk = calloc(1, sizeof *walk);
    if (!walk)
        return mm_fail(err, MM_E_NOMEM, "no memory to walk %s", root);
    size_t len = strlen(root); /* stat() took it: below PATH_MAX */
    memcpy(walk->path, root, len + 1);
    while (len > 0 && walk->path[len - 1] == '/')
        walk->path[--len] = '\0';
    walk->below = len + 1;
    walk->follow = follow;
    walk->names_limit = names_limit;
    if (!realpath(root, walk->real_root))
        walk->real_root[0] = '\0';
    *out = walk;
    return MM_OK;
}

static void pop_level(struct mm_walk *walk)
{
    struct level *top = &walk->levels[--walk->depth];
    walk->names_bytes -= top->names_bytes;
    mm_names_free(&top->names);
}

void mm_walk_free(struct mm_walk **at)
{
    struct mm_walk *walk = *at;
    if (!walk)
        return;
    while (walk->depth)
        pop_level(walk);
    free(walk->levels);
    free(walk);
    *at = NULL;
}

static enum mm_status give(struct mm_walk *walk, enum mm_walk_kind kind, size_t path_len,
                           int os_errno, struct mm_walk_entry *entry)
{
    struct mm_view path = path_len ? (struct mm_view){walk->path, path_len} : MM_VIEW("/");
    *entry = (struct mm_walk_entry){.kind = kind,
                                    .path = path,
                                    .below = walk->below < path.len ? walk->below : path.len,
                                    .os_errno = os_errno};
    return MM_OK;
}

/* ---- reading a folder ---- */

/* -1 with errno. The root's own name is "" when it was typed as "/". */
static int open_folder(const struct mm_walk *walk)
{
    const struct timespec pause = {.tv_nsec = DESCRIPTOR_PAUSE_NS};
    const char *path = walk->path[0] ? walk->path : "/";
    int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    if (!walk->follow && walk->depth > 0)
        flags |= O_NOFOLLOW;
    for (int tries = 0;; tries++) {
        int fd = open(path, flags);
        if (fd >= 0 || (errno != EMFILE && errno != ENFILE && errno != EINTR) ||
            tries == DESCRIPTOR_TRIES)
            return fd;
        nanosleep(&pause, NULL);
    }
}

static uint8_t kind_of_mode(mode_t mode)
{
    return (uint8_t)IFTODT(mode);
}

/* d_type, asked for where the file system does not say. What vanished meanwhile is passed on as a
 * file: whoever reads it names it. */
static uint8_t kind_of(int fd, const struct dirent *d)
{
    struct stat st;
    if (d->d_type != DT_UNKNOWN)
        return d->d_type;
    if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_REG;
    return kind_of_mode(st.st_mode);
}

static bool is_skipped(struct mm_view folder, struct mm_view name)
{
    return mm_view_eq(name, MM_VIEW(".")) || mm_view_eq(name, MM_VIEW("..")) ||
           mm_view_eq(name, MM_VIEW(MM_WORK_FOLDER)) || mm_is_kept_beside(folder, name);
}

/* *os_errno is set, with MM_OK, when the folder itself failed in reading. */
static enum mm_status read_names(DIR *dir, struct mm_view folder, struct level *level,
                                 int *os_errno, struct mm_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d) {
            *os_errno = errno;
            return MM_OK;
        }
        struct mm_view name = mm_view_of(d->d_name);
        if (name.len > NAME_MAX) { /* only a file system that breaks the rules */
            *os_errno = ENAMETOOLONG;
            return MM_OK;
        }
        if (is_skipped(folder, name))
            continue;
        uint8_t kind = kind_of(dirfd(dir), d);
        level->marks |= mm_folder_mark(name, kind);
        MM_TRY(mm_names_add(level->names, name, kind, err));
    }
}

static bool is_loop(const struct mm_walk *walk, const struct stat *st)
{
    for (size_t i = 0; i < walk->depth; i++)
        if (walk->levels[i].dev == st->st_dev && walk->levels[i].ino == st->st_ino)
            return true;
    return false;
}

static enum mm_status push_level(struct mm_walk *walk, struct level level, struct mm_error *err)
{
    if (walk->depth == walk->level_cap) {
        size_t cap = walk->level_cap ? walk->level_cap * 2 : 16;
        struct level *more = realloc(walk->levels, cap * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for a tree %zu folders deep", cap);
        walk->levels = more;
        walk->level_cap = cap;
    }
    level.names_bytes = mm_names_bytes(level.names);
    walk->names_bytes += level.names_bytes;
    walk->names_left += mm_names_count(level.names);
    walk->levels[walk->depth++] = level;
    return MM_OK;
}

/* Of a folder that is being entered, by the one above it. */
static unsigned marks_from_above(const struct mm_walk *walk, size_t path_len)
{
    if (!walk->depth)
        return 0;
    const struct level *above = &walk->levels[walk->depth - 1];
    size_t at = above->path_len + 1;
    return mm_folder_mark_below(
        above->marks, mm_view_sub((struct mm_view){walk->path, path_len}, at, path_len - at));
}

/* Read the names of an open folder into a new level. *os_errno as in read_names. */
static enum mm_status read_level(struct mm_walk *walk, DIR *dir, size_t path_len, int *os_errno,
                                 struct mm_error *err)
{
    struct level level = {.path_len = path_len, .marks = marks_from_above(walk, path_len)};
    struct stat st;
    if (fstat(dirfd(dir), &st) != 0) {
        *os_errno = errno;
        return MM_OK;
    }
    if (is_loop(walk, &st)) {
        *os_errno = ELOOP;
        return MM_OK;
    }
    level.dev = st.st_dev;
    level.ino = st.st_ino;
    level.names = mm_names_new(true, walk->names_limit, NULL);
    if (!level.names)
        return mm_fail(err, MM_E_NOMEM, "no memory for names in %s", walk->path);
    enum mm_status status = read_names(dir, mm_view_of(walk->path), &level, os_errno, err);
    if (status == MM_OK && *os_errno == 0)
        status = mm_names_seal(level.names, err);
    if (status == MM_OK && *os_errno == 0) {
        status = push_level(walk, level, err);
        if (status == MM_OK)
            return status;
    }
    mm_names_free(&level.names);
    return status;
}

/* Enter the folder that walk->path names. MM_AGAIN: entered; MM_OK: an entry says why not. */
static enum mm_status enter(struct mm_walk *walk, size_t path_len, struct mm_walk_entry *entry,
                            struct mm_error *err)
{
    int os_errno = 0;
    int fd = open_folder(walk);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        os_errno = errno;
        if (fd >= 0)
            close(fd);
        bool denied = os_errno == EACCES || os_errno == EPERM;
        return give(walk, denied ? MM_WALK_DIR_DENIED : MM_WALK_DIR_FAILED, path_len, os_errno,
                    entry);
    }
    enum mm_status st = read_level(walk, dir, path_len, &os_errno, err);
    closedir(dir);
    MM_TRY(st);
    return os_errno ? give(walk, MM_WALK_DIR_FAILED, path_len, os_errno, entry) : MM_AGAIN;
}

/* ---- links ---- */

static bool is_inside(const struct mm_walk *walk)
{
    size_t len = strlen(walk->real_root);
    if (len == 1) /* "/" */
        return true;
    return len > 0 && strncmp(walk->real_link, walk->real_root, len) == 0 &&
           (walk->real_link[len] == '/' || walk->real_link[len] == '\0');
}

static bool is_dangling(int os_errno)
{
    return os_errno == ENOENT || os_errno == ENOTDIR || os_errno == ELOOP;
}

static enum mm_status judge_link(struct mm_walk *walk, size_t path_len, struct mm_walk_entry *entry)
{
    if (realpath(walk->path, walk->real_link))
        return give(walk, is_inside(walk) ? MM_WALK_LINK_INSIDE : MM_WALK_LINK_OUTSIDE, path_len, 0,
                    entry);
    int os_errno = errno;
    return give(walk, is_dangling(os_errno) ? MM_WALK_LINK_DANGLING : MM_WALK_LINK_OUTSIDE,
                path_len, os_errno, entry);
}

/* The kind of what a link leads to. DT_LNK: nowhere, *os_errno says why. What may not be looked at
 * is passed on as a file: whoever reads it is told so by the system. */
static uint8_t kind_behind(const struct mm_walk *walk, int *os_errno)
{
    struct stat st;
    if (stat(walk->path, &st) == 0)
        return kind_of_mode(st.st_mode);
    *os_errno = errno;
    return is_dangling(errno) ? DT_LNK : DT_REG;
}

/* ---- stepping ---- */

static enum mm_status take_name(struct mm_walk *walk, size_t path_len, uint8_t kind,
                                struct mm_walk_entry *entry, struct mm_error *err)
{
    int os_errno = 0;
    if (path_len >= PATH_MAX)
        return give(walk, MM_WALK_TOO_LONG, path_len, ENAMETOOLONG, entry);
    if (kind == DT_LNK) {
        if (!walk->follow)
            return judge_link(walk, path_len, entry);
        kind = kind_behind(walk, &os_errno);
    }
    switch (kind) {
    case DT_REG:
        return give(walk, MM_WALK_FILE, path_len, 0, entry);
    case DT_LNK:
        return give(walk, MM_WALK_LINK_DANGLING, path_len, os_errno, entry);
    case DT_DIR:
        return enter(walk, path_len, entry, err);
    default:
        return give(walk, MM_WALK_SPECIAL, path_len, 0, entry);
    }
}

enum mm_status mm_walk_next(struct mm_walk *walk, struct mm_walk_entry *entry, struct mm_error *err)
{
    enum mm_status st = MM_AGAIN;
    if (!walk->started) {
        walk->started = true;
        st = enter(walk, walk->below - 1, entry, err);
    }
    while (st == MM_AGAIN && walk->depth) {
        struct level *top = &walk->levels[walk->depth - 1];
        struct mm_view name;
        uint8_t kind;
        st = mm_names_next(top->names, &name, &kind, err);
        if (st < 0)
            return st;
        if (st == MM_END) {
            pop_level(walk);
            st = MM_AGAIN;
            continue;
        }
        walk->names_left--;
        if (mm_folder_leaves_out(top->marks, name, kind)) {
            st = MM_AGAIN;
            continue;
        }
        assert(top->path_len < PATH_MAX && name.len <= NAME_MAX);
        walk->path[top->path_len] = '/';
        memcpy(walk->path + top->path_len + 1, name.data, name.len + 1);
        st = take_name(walk, top->path_len + 1 + name.len, kind, entry, err);
    }
    return st == MM_AGAIN ? MM_END : st;
}

size_t mm_walk_names_bytes(const struct mm_walk *walk)
{
    return walk->names_bytes;
}

uint64_t mm_walk_names_left(const struct mm_walk *walk)
{
    return walk->names_left;
}

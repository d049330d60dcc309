/*
 * folder_empty.c - taking away what a run left of a dataset that it did not finish.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/folder_empty.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FOLDER_DEPTH = 4, FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static void remove_entry(int dir_fd, const char *name, int depth);

/* The next name of a folder that is neither itself nor the one above; NULL past the last. */
static const char *next_name(DIR *dir)
{
    struct dirent *entry;
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return entry->d_name;
    return NULL;
}

static void empty_folder(int fd, bool (*spares)(const char *name), int depth)
{
    DIR *dir = fdopendir(fd); /* which closes fd */
    const char *name;
    if (!dir) {
        close(fd);
        return;
    }
    while ((name = next_name(dir)))
        if (!spares || !spares(name))
            remove_entry(dirfd(dir), name, depth);
    closedir(dir);
}

static void remove_entry(int dir_fd, const char *name, int depth)
{
    if (unlinkat(dir_fd, name, 0) == 0 || depth == 0)
        return;
    int fd = openat(dir_fd, name, FOLDER_FLAGS);
    if (fd >= 0)
        empty_folder(fd, NULL, depth - 1);
    (void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void mm_folder_remove(int dir_fd, const char *name)
{
    remove_entry(dir_fd, name, FOLDER_DEPTH);
}

void mm_folder_empty(int dir_fd, bool (*spares)(const char *name))
{
    int fd = openat(dir_fd, ".", FOLDER_FLAGS);
    if (fd >= 0)
        empty_folder(fd, spares, FOLDER_DEPTH);
}

bool mm_folder_is_empty(int dir_fd)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool empty = dir && !next_name(dir);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return empty;
}

/*
 * slurp.c - a whole file into memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 64 * 1024 }; /* where the size is not known: a pipe's capacity */

struct growing {
    char *data;
    size_t len, cap; /* cap leaves room for the NUL */
};

static bool grow(struct growing *g, size_t cap)
{
    char *grown = realloc(g->data, cap + 1);
    if (!grown)
        return false;
    g->data = grown;
    g->cap = cap;
    return true;
}

/* Read until the end or past max_bytes, by one byte at most. */
static enum mm_status read_all(int fd, const char *path, size_t max_bytes, struct growing *g,
                               struct mm_error *err)
{
    for (;;) {
        if (g->len == g->cap && !grow(g, g->cap * 2))
            return mm_fail(err, MM_E_NOMEM, "%s: out of memory", path);
        ssize_t n = read(fd, g->data + g->len, g->cap - g->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mm_fail_os(err, errno, "%s", path);
        if (n == 0)
            return MM_OK;
        g->len += (size_t)n;
        if (g->len > max_bytes)
            return mm_fail(err, MM_E_LIMIT, "%s: larger than %zu bytes", path, max_bytes);
    }
}

enum mm_status mm_slurp(const char *path, size_t max_bytes, char **data, size_t *len,
                        struct mm_error *err)
{
    struct growing g = {.data = NULL};
    struct stat info;
    enum mm_status st;
    *data = NULL;
    *len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &info) != 0) {
        st = mm_fail_os(err, errno, "%s", path);
        goto out;
    }
    bool sized = S_ISREG(info.st_mode) && info.st_size > 0;
    if (sized && (uint64_t)info.st_size > max_bytes) {
        st = mm_fail(err, MM_E_LIMIT, "%s: larger than %zu bytes", path, max_bytes);
        goto out;
    }
    /* One byte more than the size, so that the end is seen without growing. */
    if (!grow(&g, sized ? (size_t)info.st_size + 1 : FIRST_BYTES)) {
        st = mm_fail(err, MM_E_NOMEM, "%s: out of memory", path);
        goto out;
    }
    st = read_all(fd, path, max_bytes, &g, err);
    if (st == MM_OK) {
        g.data[g.len] = '\0';
        *data = g.data;
        *len = g.len;
        g.data = NULL;
    }
out:
    free(g.data);
    if (fd >= 0)
        close(fd);
    return st;
}

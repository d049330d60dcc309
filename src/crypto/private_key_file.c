/*
 * private_key_file.c - a signing key from a file that only its owner may read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/private_key.h"
#include "crypto/secret.h"
#include "text/escape.h"

static enum mm_key_mode mode_of(const struct stat *st)
{
    if (st->st_mode & S_IROTH)
        return MM_KEY_MODE_WORLD_READABLE;
    return st->st_mode & S_IRGRP ? MM_KEY_MODE_GROUP_READABLE : MM_KEY_MODE_PRIVATE;
}

static enum mm_status fail_readable(const char *path, const struct stat *st, struct mm_error *err)
{
    char typed[MM_ERROR_TEXT_BYTES];
    mm_escape_shell(mm_view_of(path), typed, sizeof typed);
    return mm_fail(err, MM_E_PERM,
                   "%s: everyone can read this private key (mode %04o); type: chmod 600 %s", path,
                   (unsigned)(st->st_mode & 07777), typed);
}

/* What must hold of the open file before a byte of it is read. */
static enum mm_status check_file(int fd, const char *path, bool allow_insecure,
                                 enum mm_key_mode *mode, size_t *bytes, struct mm_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return mm_fail_os(err, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return mm_fail(err, MM_E_SYNTAX, "%s: a key is read from a regular file only", path);
    *mode = mode_of(&st);
    if (*mode == MM_KEY_MODE_WORLD_READABLE && !allow_insecure)
        return fail_readable(path, &st, err);
    if (st.st_size > MM_KEY_FILE_MAX_BYTES)
        return mm_fail(err, MM_E_LIMIT, "%s: more than %d bytes, which no key has", path,
                       (int)MM_KEY_FILE_MAX_BYTES);
    *bytes = (size_t)st.st_size;
    return MM_OK;
}

/* Up to `cap` bytes from the start. */
static enum mm_status read_all(int fd, const char *path, char *out, size_t cap, size_t *len,
                               struct mm_error *err)
{
    *len = 0;
    while (*len < cap) {
        ssize_t n = read(fd, out + *len, cap - *len);
        if (n == 0)
            break;
        if (n > 0)
            *len += (size_t)n;
        else if (errno != EINTR)
            return mm_fail_os(err, errno, "%s", path);
    }
    return MM_OK;
}

static enum mm_status load_open(int fd, const char *path, bool allow_insecure,
                                enum mm_key_mode *mode, struct mm_private_key **out,
                                struct mm_error *err)
{
    size_t bytes = 0, len = 0;
    MM_TRY(check_file(fd, path, allow_insecure, mode, &bytes, err));
    char *text = mm_secret_alloc(bytes);
    if (!text)
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", path);
    enum mm_status status = read_all(fd, path, text, bytes, &len, err);
    if (status == MM_OK)
        status = mm_private_key_parse((struct mm_view){text, len}, path, out, err);
    mm_secret_free(text, bytes);
    return status;
}

enum mm_status mm_private_key_load(const char *path, bool allow_insecure, enum mm_key_mode *mode,
                                   struct mm_private_key **out, struct mm_error *err)
{
    enum mm_key_mode found = MM_KEY_MODE_PRIVATE;
    *out = NULL;
    /* A FIFO without a writer must not hold us; a terminal must not become ours. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return mm_fail_os(err, errno, "%s", path);
    mm_secret_process_init();
    enum mm_status status = load_open(fd, path, allow_insecure, &found, out, err);
    close(fd);
    if (mode)
        *mode = found;
    return status;
}

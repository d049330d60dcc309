/*
 * private_key_file.c - keys from files; a signing key from one that only its owner may read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/key_text.h"
#include "crypto/private_key.h"
#include "crypto/secret.h"
#include "text/escape.h"

static enum mm_key_mode mode_of(const struct stat *st)
{
    if (st->st_mode & S_IROTH)
        return MM_KEY_MODE_WORLD_READABLE;
    return st->st_mode & S_IRGRP ? MM_KEY_MODE_GROUP_READABLE : MM_KEY_MODE_PRIVATE;
}

enum mm_status mm_key_text_check_mode(const struct mm_key_text *key, const char *path,
                                      struct mm_error *err)
{
    char typed[MM_ERROR_TEXT_BYTES];
    if (mode_of(&key->info) != MM_KEY_MODE_WORLD_READABLE)
        return MM_OK;
    mm_escape_shell(mm_view_of(path), typed, sizeof typed);
    return mm_fail(err, MM_E_PERM,
                   "%s: everyone can read this private key (mode %04o); type: chmod 600 %s", path,
                   (unsigned)(key->info.st_mode & 07777), typed);
}

/* What must hold of the open file before a byte of it is read. */
static enum mm_status check_file(int fd, const char *path, struct stat *info, struct mm_error *err)
{
    if (fstat(fd, info) != 0)
        return mm_fail_os(err, errno, "%s", path);
    if (!S_ISREG(info->st_mode))
        return mm_fail(err, MM_E_SYNTAX, "%s: a key is read from a regular file only", path);
    if (info->st_size > MM_KEY_FILE_MAX_BYTES)
        return mm_fail(err, MM_E_LIMIT, "%s: more than %d bytes, which no key has", path,
                       (int)MM_KEY_FILE_MAX_BYTES);
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

void mm_key_text_forget(struct mm_key_text *key)
{
    mm_secret_free(key->text, key->room);
    key->text = NULL;
}

/* Read the file; the caller forgets the text. */
static enum mm_status read_open(int fd, const char *path, struct mm_key_text *key,
                                struct mm_error *err)
{
    MM_TRY(check_file(fd, path, &key->info, err));
    key->room = (size_t)key->info.st_size;
    key->text = mm_secret_alloc(key->room);
    if (!key->text)
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", path);
    enum mm_status status = read_all(fd, path, key->text, key->room, &key->len, err);
    if (status != MM_OK)
        mm_key_text_forget(key);
    return status;
}

enum mm_status mm_key_text_read(const char *path, struct mm_key_text *key, struct mm_error *err)
{
    /* A FIFO without a writer must not hold us; a terminal must not become ours. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *key = (struct mm_key_text){.text = NULL};
    if (fd < 0)
        return mm_fail_os(err, errno, "%s", path);
    mm_secret_process_init();
    enum mm_status status = read_open(fd, path, key, err);
    close(fd);
    return status;
}

/* Also one that is encrypted, damaged, or of a type that does not sign. */
static bool is_labelled(struct mm_view text)
{
    static const struct mm_view label = MM_VIEW("PRIVATE KEY-----");
    return memmem(text.data, text.len, label.data, label.len) != NULL;
}

/* A file that is no private key may be read by all; what is wrong with it is something else. */
static enum mm_status parse_private(const struct mm_key_text *key, const char *path,
                                    bool allow_insecure, struct mm_private_key **out,
                                    struct mm_error *err)
{
    struct mm_view text = {key->text, key->len};
    if (!allow_insecure && is_labelled(text))
        MM_TRY(mm_key_text_check_mode(key, path, err));
    MM_TRY(mm_private_key_parse(text, path, out, err));
    enum mm_status status = allow_insecure ? MM_OK : mm_key_text_check_mode(key, path, err);
    if (status != MM_OK)
        mm_private_key_free(out);
    return status;
}

enum mm_status mm_private_key_load(const char *path, bool allow_insecure, enum mm_key_mode *mode,
                                   struct mm_private_key **out, struct mm_error *err)
{
    struct mm_key_text key;
    *out = NULL;
    enum mm_status status = mm_key_text_read(path, &key, err);
    if (status == MM_OK)
        status = parse_private(&key, path, allow_insecure, out, err);
    mm_key_text_forget(&key);
    if (mode)
        *mode = mode_of(&key.info);
    return status;
}

static enum mm_status public_of_private(const struct mm_key_text *key, const char *path,
                                        bool allow_insecure, struct mm_public_key **out,
                                        struct mm_error *err)
{
    struct mm_private_key *private_key;
    MM_TRY(parse_private(key, path, allow_insecure, &private_key, err));
    *out = mm_private_key_take_public(private_key);
    mm_private_key_free(&private_key);
    return MM_OK;
}

enum mm_status mm_key_read(const char *path, bool allow_insecure, struct mm_public_key **out,
                           struct mm_error *err)
{
    struct mm_key_text key;
    *out = NULL;
    MM_TRY(mm_key_text_read(path, &key, err));
    enum mm_status status =
        mm_public_key_parse_file((struct mm_view){key.text, key.len}, path, out, err);
    if (status == MM_END)
        status = public_of_private(&key, path, allow_insecure, out, err);
    mm_key_text_forget(&key);
    return status;
}

/*
 * txt_store_add.c - files and folders of key records into a store.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "dns/txt_store_internal.h"
#include "io/slurp.h"

enum mm_status mm_txt_fault(const struct mm_txt_file *file, uint32_t line, size_t offset,
                            enum mm_status status, const char *words, struct mm_error *err)
{
    if (status == MM_E_NOMEM)
        words = "out of memory";
    return mm_fail_at(err, status, offset, "%.*s:%u: %s (byte %zu)", (int)file->name.len,
                      file->name.data, line, words, offset);
}

/* The first byte that is no blank tells the form. */
static bool is_recording(const struct mm_txt_file *file)
{
    size_t i = 0;
    while (i < file->len && mm_is_fws((unsigned char)file->text[i]))
        i++;
    return i < file->len && file->text[i] == '{';
}

/* Parse text that malloc() gave; the store has it from here on, also on failure. */
static enum mm_status add_owned(struct mm_txt_store *store, char *text, size_t len,
                                const char *name, struct mm_error *err)
{
    struct mm_txt_file file = {.text = text, .len = len};
    mm_txt_store_note_text(store, (struct mm_view){text, len});
    enum mm_status st = mm_txt_store_own(store, text);
    file.name = mm_txt_store_copy(store, mm_view_of(name));
    if (st != MM_OK || !file.name.data)
        return mm_fail(err, MM_E_NOMEM, "%s: out of memory", name);
    return is_recording(&file) ? mm_recorded_answers_parse(store, &file, err)
                               : mm_zone_file_parse(store, &file, err);
}

static enum mm_status add_file(struct mm_txt_store *store, const char *path, struct mm_error *err)
{
    char *text;
    size_t len;
    MM_TRY(mm_slurp(path, MM_TXT_FILE_MAX_BYTES, &text, &len, err));
    return add_owned(store, text, len, path, err);
}

/* ---- folders ---- */

struct listing {
    char **paths;
    size_t count, cap;
};

static void listing_free(struct listing *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->paths[i]);
    free(l->paths);
}

/* Note the file; what is no regular file, or gone, is left out. */
static enum mm_status listing_add(struct listing *l, const char *folder, const char *name)
{
    char *path;
    struct stat info;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return MM_E_NOMEM;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        free(path);
        return MM_OK;
    }
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        char **grown = reallocarray(l->paths, cap, sizeof *grown);
        if (!grown) {
            free(path);
            return MM_E_NOMEM;
        }
        l->paths = grown;
        l->cap = cap;
    }
    l->paths[l->count++] = path;
    return MM_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum mm_status list_folder(const char *folder, struct listing *l, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    DIR *dir = opendir(folder);
    if (!dir)
        return mm_fail_os(err, errno, "%s", folder);
    for (struct dirent *d; st == MM_OK && (errno = 0, d = readdir(dir));)
        if (d->d_name[0] != '.')
            st = listing_add(l, folder, d->d_name);
    if (st == MM_OK && errno)
        st = mm_fail_os(err, errno, "%s", folder);
    else if (st != MM_OK)
        mm_fail(err, st, "%s: out of memory", folder);
    closedir(dir);
    if (l->count)
        qsort(l->paths, l->count, sizeof *l->paths, by_bytes);
    return st;
}

static enum mm_status add_folder(struct mm_txt_store *store, const char *folder,
                                 struct mm_error *err)
{
    struct listing l = {.count = 0};
    enum mm_status st = list_folder(folder, &l, err);
    for (size_t i = 0; st == MM_OK && i < l.count; i++)
        st = add_file(store, l.paths[i], err);
    listing_free(&l);
    return st;
}

static enum mm_status end_call(struct mm_txt_store *store, const char *name, struct mm_error *err)
{
    return mm_txt_store_end_call(store) == MM_OK
               ? MM_OK
               : mm_fail(err, MM_E_NOMEM, "%s: out of memory", name);
}

enum mm_status mm_txt_store_add(struct mm_txt_store *store, const char *path, struct mm_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return mm_fail_os(err, errno, "%s", path);
    mm_txt_store_next_call(store);
    MM_TRY(S_ISDIR(info.st_mode) ? add_folder(store, path, err) : add_file(store, path, err));
    return end_call(store, path, err);
}

enum mm_status mm_txt_store_add_text(struct mm_txt_store *store, struct mm_view text,
                                     const char *name, struct mm_error *err)
{
    if (text.len > MM_TXT_FILE_MAX_BYTES)
        return mm_fail(err, MM_E_LIMIT, "%s: larger than %zu bytes", name, MM_TXT_FILE_MAX_BYTES);
    char *copy = malloc(text.len + 1);
    if (!copy)
        return mm_fail(err, MM_E_NOMEM, "%s: out of memory", name);
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    mm_txt_store_next_call(store);
    MM_TRY(add_owned(store, copy, text.len, name, err));
    return end_call(store, name, err);
}

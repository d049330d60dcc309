/*
 * dataset_in.c - a dataset that is read: what it says of itself, and the files of its tables.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dataset/dataset_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/view.h"
#include "dataset/dataset_out.h"
#include "io/file_ops.h"
#include "io/slurp.h"
#include "text/json_pull.h"

static enum mm_status make_path(char *out, size_t cap, const char *folder, const char *name,
                                struct mm_error *err)
{
    int len = snprintf(out, cap, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= cap)
        return mm_fail_os(err, ENAMETOOLONG, "%s/%s", folder, name);
    return MM_OK;
}

/* ---- what it says of itself ---- */

/* False where the value that comes is no text, or one that is too long. */
static bool read_text(struct mm_json_pull *p, char *out, size_t cap)
{
    struct mm_json_token token;
    if (mm_json_pull_next(p, &token) != MM_OK || token.kind != MM_JSON_STRING ||
        token.text.len >= cap)
        return false;
    out[mm_json_unescape(token.text, false, out)] = '\0';
    return true;
}

static bool read_number(struct mm_json_pull *p, uint64_t *number)
{
    struct mm_json_token token;
    return mm_json_pull_next(p, &token) == MM_OK && token.kind == MM_JSON_NUMBER &&
           mm_view_to_u64(token.text, number);
}

static bool read_version(struct mm_json_pull *p, int *version)
{
    uint64_t number;
    if (!read_number(p, &number) || number == 0 || number > INT_MAX)
        return false;
    *version = (int)number;
    return true;
}

/* An object of numbers, some of which are wanted. */
struct number_member {
    const char *name;
    uint64_t *value;
};

static bool read_numbers(struct mm_json_pull *p, const struct number_member *wanted, size_t count)
{
    struct mm_json_token token;
    if (mm_json_pull_next(p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
        return false;
    while (mm_json_pull_next(p, &token) == MM_OK && token.kind == MM_JSON_NAME) {
        size_t i = 0;
        while (i < count && !mm_view_eq(token.text, mm_view_of(wanted[i].name)))
            i++;
        if (i < count ? !read_number(p, wanted[i].value) : mm_json_pull_skip(p) != MM_OK)
            return false;
    }
    return token.kind == MM_JSON_OBJECT_END;
}

/* Names that are longer than any table's, and tables beyond those that a verb has, are passed over.
 */
static bool read_tables(struct mm_json_pull *p, struct mm_dataset_about *about)
{
    struct mm_json_token token;
    about->told_count = 0;
    if (mm_json_pull_next(p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
        return false;
    while (mm_json_pull_next(p, &token) == MM_OK && token.kind == MM_JSON_NAME) {
        struct mm_dataset_told told = {.rows = 0};
        bool known =
            token.text.len < sizeof told.table && about->told_count < MM_COUNT(about->told);
        if (known)
            memcpy(told.table, token.text.data, token.text.len);
        if (!read_number(p, &told.rows))
            return false;
        if (known)
            about->told[about->told_count++] = told;
    }
    return token.kind == MM_JSON_OBJECT_END;
}

static bool read_member(struct mm_json_pull *p, struct mm_view name, struct mm_dataset_about *about)
{
    const struct number_member inputs[] = {{"count", &about->inputs}};
    const struct number_member counts[] = {{"rejected", &about->rejected},
                                           {"duplicates", &about->duplicates}};
    if (mm_view_eq(name, MM_VIEW("mailmill")))
        return read_text(p, about->mailmill, sizeof about->mailmill);
    if (mm_view_eq(name, MM_VIEW("verb")))
        return read_text(p, about->verb, sizeof about->verb);
    if (mm_view_eq(name, MM_VIEW("schema_version")))
        return read_version(p, &about->schema_version);
    if (mm_view_eq(name, MM_VIEW("config")))
        return read_text(p, about->config, sizeof about->config);
    if (mm_view_eq(name, MM_VIEW("inputs")))
        return read_numbers(p, inputs, MM_COUNT(inputs));
    if (mm_view_eq(name, MM_VIEW("counts")))
        return read_numbers(p, counts, MM_COUNT(counts));
    if (mm_view_eq(name, MM_VIEW("tables")))
        return read_tables(p, about);
    return mm_json_pull_skip(p) == MM_OK; /* a newer version may say more */
}

static bool read_about(struct mm_view text, struct mm_dataset_about *about)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    mm_json_pull_init(&p, text);
    if (mm_json_pull_next(&p, &token) != MM_OK || token.kind != MM_JSON_OBJECT_START)
        return false;
    while (mm_json_pull_next(&p, &token) == MM_OK && token.kind == MM_JSON_NAME)
        if (!read_member(&p, token.text, about))
            return false;
    return token.kind == MM_JSON_OBJECT_END && mm_json_pull_next(&p, &token) == MM_END &&
           about->mailmill[0] && about->verb[0] && about->schema_version;
}

enum mm_status mm_dataset_in_read(const char *path, struct mm_dataset_about *about,
                                  struct mm_error *err)
{
    char file[PATH_MAX], *text;
    struct mm_error why;
    size_t len;
    *about = (struct mm_dataset_about){.schema_version = 0};
    MM_TRY(make_path(file, sizeof file, path, MM_DATASET_ABOUT, err));
    enum mm_status status = mm_slurp(file, MM_DATASET_ABOUT_BYTES_MAX, &text, &len, &why);
    if (status == MM_E_IO && (why.os_errno == ENOENT || why.os_errno == ENOTDIR))
        return mm_fail(err, MM_E_SYNTAX,
                       "%s is no dataset: " MM_DATASET_ABOUT " is not in it; name a folder that "
                       "-o has made",
                       path);
    if (status < 0 && err)
        *err = why;
    if (status < 0)
        return status;
    bool good = read_about((struct mm_view){text, len}, about);
    free(text);
    if (!good)
        return mm_fail(err, MM_E_SYNTAX, "%s is not what mailmill writes there", file);
    return MM_OK;
}

enum mm_status mm_dataset_in_known(const char *path, const struct mm_dataset_about *about,
                                   int schema_version, struct mm_error *err)
{
    if (about->schema_version <= schema_version)
        return MM_OK;
    return mm_fail(
        err, MM_E_LIMIT,
        "%s has schema version %d and this mailmill (%s) knows up to %d: use mailmill %s "
        "or later",
        path, about->schema_version, mm_version(), schema_version, about->mailmill);
}

enum mm_status mm_dataset_in_about(const char *path, const char *verb, int schema_version,
                                   struct mm_dataset_about *about, struct mm_error *err)
{
    MM_TRY(mm_dataset_in_read(path, about, err));
    if (strcmp(about->verb, verb) != 0)
        return mm_fail(err, MM_E_SYNTAX, "%s is a dataset of %s, not of %s", path, about->verb,
                       verb);
    return mm_dataset_in_known(path, about, schema_version, err);
}

uint64_t mm_dataset_told_rows(const struct mm_dataset_about *about, const char *table,
                              uint64_t otherwise)
{
    for (size_t i = 0; i < about->told_count; i++)
        if (strcmp(about->told[i].table, table) == 0)
            return about->told[i].rows;
    return otherwise;
}

/* ---- the files of a table ---- */

bool mm_dataset_in_has(const char *path, const char *name)
{
    struct stat info;
    char file[PATH_MAX];
    return make_path(file, sizeof file, path, name, NULL) == MM_OK && stat(file, &info) == 0;
}

bool mm_dataset_in_is_text(const char *path, const struct mm_dataset_verb *verb)
{
    char ndjson[NAME_MAX], csv[NAME_MAX];
    snprintf(ndjson, sizeof ndjson, "%s.ndjson", verb->tables[0].name);
    snprintf(csv, sizeof csv, "%s.csv", verb->tables[0].name);
    return mm_dataset_in_has(path, ndjson) || mm_dataset_in_has(path, csv);
}

static bool is_part(const char *name)
{
    struct mm_view v = mm_view_of(name);
    return mm_view_starts(v, MM_VIEW("part-")) && mm_view_ends(v, MM_VIEW(".parquet"));
}

static enum mm_status add_part(struct mm_dataset_parts *parts, const char *folder, const char *name,
                               struct mm_error *err)
{
    char path[PATH_MAX];
    MM_TRY(make_path(path, sizeof path, folder, name, err));
    if (parts->count == MM_DATASET_PARTS_MAX)
        return mm_fail(err, MM_E_LIMIT, "%s has more than %d files", folder, MM_DATASET_PARTS_MAX);
    if (parts->count == parts->cap) {
        size_t cap = parts->cap ? 2 * parts->cap : 16;
        char **more = realloc(parts->paths, cap * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for the files of %s", folder);
        parts->paths = more;
        parts->cap = cap;
    }
    if (!(parts->paths[parts->count] = strdup(path)))
        return mm_fail(err, MM_E_NOMEM, "no memory for the files of %s", folder);
    parts->count++;
    return MM_OK;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum mm_status list_parts(DIR *dir, const char *folder, struct mm_dataset_parts *parts,
                                 struct mm_error *err)
{
    struct dirent *entry;
    while (errno = 0, (entry = readdir(dir)))
        if (is_part(entry->d_name))
            MM_TRY(add_part(parts, folder, entry->d_name, err));
    if (errno)
        return mm_fail_os(err, errno, "cannot read %s", folder);
    if (parts->count)
        qsort(parts->paths, parts->count, sizeof *parts->paths, compare_paths);
    return MM_OK;
}

enum mm_status mm_dataset_in_parts(const char *path, const char *table,
                                   struct mm_dataset_parts *parts, struct mm_error *err)
{
    char folder[PATH_MAX];
    *parts = (struct mm_dataset_parts){.count = 0};
    MM_TRY(make_path(folder, sizeof folder, path, table, err));
    int fd = mm_file_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return mm_fail(err, MM_E_SYNTAX, "%s has no table %s", path, table);
    if (!dir) {
        int failed = errno;
        if (fd >= 0)
            close(fd);
        return mm_fail_os(err, failed, "cannot read %s", folder);
    }
    enum mm_status status = list_parts(dir, folder, parts, err);
    closedir(dir);
    return status;
}

void mm_dataset_parts_deinit(struct mm_dataset_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        free(parts->paths[i]);
    free(parts->paths);
    *parts = (struct mm_dataset_parts){.count = 0};
}

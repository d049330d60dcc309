/*
 * zip.c - open a zip: where its directory lies; looks at the file through bounded memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/file_ops.h"
#include "io/zip_internal.h"

enum {
    END_BYTES = 22, /* of the end record, without the comment behind it */
    COMMENT_MAX_BYTES = 65535,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    END_TRIES = 64 /* each costs a read; a comment has no reason to hold even one more */
};

/* What an end record says. */
struct end_record {
    uint64_t count, directory_bytes, directory_at;
    uint64_t directory_end; /* where the records of the end begin */
    uint64_t disk;          /* of several; 0: the first */
};

bool mm_zip_sniff(struct mm_view head)
{
    return mm_view_starts(head, MM_VIEW("PK\3\4")) || mm_view_starts(head, MM_VIEW("PK\5\6"));
}

/* ---- looking ---- */

enum mm_status mm_zip_look(struct mm_zip *z, struct mm_zip_window *w, uint64_t at, size_t len,
                           struct mm_view *seen, struct mm_error *err)
{
    if (at > z->length || len > z->length - at)
        return MM_END;
    if (z->fd < 0) {
        *seen = mm_view_sub(z->bytes, (size_t)at, (size_t)(z->length - at));
        return MM_OK;
    }
    if (at < w->at || at + len > w->at + w->len) {
        uint64_t left = z->length - at;
        size_t want = left < MM_ZIP_WINDOW_BYTES ? (size_t)left : MM_ZIP_WINDOW_BYTES;
        int failed = mm_file_read_at(z->fd, w->memory, want, at);
        w->at = at;
        w->len = failed ? 0 : want;
        if (failed == ENODATA) /* it has become shorter */
            return MM_END;
        if (failed)
            return mm_fail_os(err, failed, "cannot read the zip at byte %llu",
                              (unsigned long long)at);
    }
    size_t from = (size_t)(at - w->at);
    *seen = (struct mm_view){w->memory + from, w->len - from};
    return MM_OK;
}

/* ---- the end of the file ---- */

/* A field of the end record is that of the zip64 record, or all ones (4.4.1.4). */
static bool agree(uint64_t field, uint64_t all_ones, uint64_t field64)
{
    return field == field64 || field == all_ones;
}

/* The zip64 record, which the locator before the end record finds (4.3.14, 4.3.15). False where
 * the two records do not agree. */
static bool take_end64(struct mm_zip *z, struct end_record *e, enum mm_status *status,
                       struct mm_error *err)
{
    struct mm_view seen;
    if (e->directory_end < LOCATOR_BYTES)
        return true;
    *status = mm_zip_look(z, &z->data, e->directory_end - LOCATOR_BYTES, LOCATOR_BYTES, &seen, err);
    if (*status != MM_OK || !mm_view_starts(seen, MM_VIEW("PK\6\7")))
        return true;
    uint64_t at = mm_word_load(seen.data + 8);
    *status = mm_zip_look(z, &z->data, at, END64_BYTES, &seen, err);
    if (*status != MM_OK || !mm_view_starts(seen, MM_VIEW("PK\6\6")))
        return true;
    const struct end_record end64 = {.count = mm_word_load(seen.data + 32),
                                     .directory_bytes = mm_word_load(seen.data + 40),
                                     .directory_at = mm_word_load(seen.data + 48),
                                     .directory_end = at,
                                     .disk = mm_zip_u32(seen.data + 16)};
    bool fits = agree(e->count, UINT16_MAX, end64.count) &&
                agree(e->directory_bytes, UINT32_MAX, end64.directory_bytes) &&
                agree(e->directory_at, UINT32_MAX, end64.directory_at) &&
                agree(e->disk, UINT16_MAX, end64.disk);
    *e = end64;
    return fits;
}

/* An end record whose directory lies right before it, as it must; bytes in a comment or in a
 * member that look like one do not have that. */
static bool is_end(struct mm_zip *z, const char *bytes, uint64_t at, struct end_record *e,
                   enum mm_status *status, struct mm_error *err)
{
    struct mm_view seen;
    *e = (struct end_record){.count = mm_zip_u16(bytes + 10),
                             .directory_bytes = mm_zip_u32(bytes + 12),
                             .directory_at = mm_zip_u32(bytes + 16),
                             .directory_end = at,
                             .disk = mm_zip_u16(bytes + 4)};
    bool agrees = take_end64(z, e, status, err);
    /* Info-ZIP 3.0 leaves the zip64 record out where -fz writes to a pipe. */
    if (e->directory_at == UINT32_MAX && e->directory_bytes <= e->directory_end)
        e->directory_at = e->directory_end - e->directory_bytes;
    if (!agrees || *status < 0 || e->disk != 0 || e->directory_at > e->directory_end ||
        e->directory_end - e->directory_at != e->directory_bytes)
        return false;
    if (e->directory_bytes == 0)
        return true;
    *status = mm_zip_look(z, &z->data, e->directory_at, 4, &seen, err);
    return *status == MM_OK && mm_view_starts(seen, MM_VIEW("PK\1\2"));
}

/* The last end record; bytes behind its comment are left alone. */
static enum mm_status find_end(struct mm_zip *z, struct end_record *e, bool *found,
                               struct mm_error *err)
{
    size_t tail = END_BYTES + COMMENT_MAX_BYTES;
    struct mm_view seen;
    *found = false;
    if (tail > z->length)
        tail = (size_t)z->length;
    uint64_t tail_at = z->length - tail;
    MM_TRY(mm_zip_look(z, &z->directory, tail_at, tail, &seen, err));
    size_t tries = 0;
    for (size_t i = tail < END_BYTES ? 0 : tail - END_BYTES + 1; i-- > 0 && !*found;) {
        if (memcmp(seen.data + i, "PK\5\6", 4) != 0)
            continue;
        enum mm_status st = MM_OK;
        if (++tries > END_TRIES)
            return MM_OK;
        *found = is_end(z, seen.data + i, tail_at + i, e, &st, err);
        MM_TRY(st);
    }
    return MM_OK;
}

/* ---- opening ---- */

static enum mm_status open_directory(struct mm_zip *z, struct mm_error *err)
{
    struct end_record e;
    bool found;
    MM_TRY(find_end(z, &e, &found, err));
    z->walking = !found;
    if (!found)
        return MM_OK;
    z->directory_at = z->at = e.directory_at;
    z->directory_end = e.directory_end;
    z->told_count = e.count;
    return mm_zip_survey(z, err);
}

static enum mm_status open_zip(struct mm_zip *z, struct mm_zip **zip, struct mm_error *err)
{
    enum mm_status st = open_directory(z, err);
    if (st < 0)
        mm_zip_free(&z);
    *zip = z;
    return st < 0 ? st : MM_OK;
}

enum mm_status mm_zip_open_file(int fd, struct mm_zip **zip, struct mm_error *err)
{
    struct stat st;
    *zip = NULL;
    if (fstat(fd, &st) != 0)
        return mm_fail_os(err, errno, "cannot look at the zip");
    struct mm_zip *z = calloc(1, sizeof *z);
    char *windows = z ? malloc(2 * (size_t)MM_ZIP_WINDOW_BYTES) : NULL;
    if (!windows) {
        free(z);
        return mm_fail(err, MM_E_NOMEM, "no memory to read a zip");
    }
    z->fd = fd;
    z->length = st.st_size > 0 ? (uint64_t)st.st_size : 0;
    z->directory.memory = windows;
    z->data.memory = windows + MM_ZIP_WINDOW_BYTES;
    return open_zip(z, zip, err);
}

enum mm_status mm_zip_open_bytes(struct mm_view bytes, struct mm_zip **zip, struct mm_error *err)
{
    struct mm_zip *z = calloc(1, sizeof *z);
    *zip = NULL;
    if (!z)
        return mm_fail(err, MM_E_NOMEM, "no memory to read a zip");
    z->fd = -1;
    z->bytes = bytes;
    z->length = bytes.len;
    return open_zip(z, zip, err);
}

void mm_zip_free(struct mm_zip **zip)
{
    struct mm_zip *z = *zip;
    if (!z)
        return;
    if (z->has_inflater)
        inflateEnd(&z->inflater);
    free(z->directory.memory); /* both windows */
    free(z->table);
    free(z);
    *zip = NULL;
}

uint64_t mm_zip_claimed_bytes(const struct mm_zip *z)
{
    return z->walking ? z->length : z->claimed_bytes;
}

bool mm_zip_is_cut_short(const struct mm_zip *z)
{
    return z->walking;
}

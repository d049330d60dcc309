/*
 * parquet_read_source.c - a Parquet file being read: its bytes, the memory it may take, its faults.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "columnar/parquet_read_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "io/file_ops.h"

enum mm_status mm_parquet_source_open(struct mm_parquet_source *s, const char *path,
                                      size_t memory_bytes, struct mm_error *err)
{
    struct stat info;
    *s = (struct mm_parquet_source){.fd = -1, .path = strdup(path), .memory_bytes = memory_bytes};
    s->zstd = ZSTD_createDCtx();
    if (!s->path || !s->zstd)
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", path);
    s->fd = mm_file_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
    if (s->fd < 0 || fstat(s->fd, &info) != 0)
        return mm_fail_os(err, errno, "cannot read %s", path);
    if (!S_ISREG(info.st_mode))
        return mm_fail(err, MM_E_SYNTAX, "%s is no file", path);
    s->bytes = (uint64_t)info.st_size;
    s->device = info.st_dev;
    s->inode = info.st_ino;
    return MM_OK;
}

void mm_parquet_source_deinit(struct mm_parquet_source *s)
{
    if (s->path && s->fd >= 0)
        close(s->fd);
    free(s->path);
    ZSTD_freeDCtx(s->zstd);
    mm_buf_deinit(&s->stored);
    mm_buf_deinit(&s->repetition);
    mm_buf_deinit(&s->definition);
    *s = (struct mm_parquet_source){.fd = -1};
}

enum mm_status mm_parquet_source_room(struct mm_parquet_source *s, struct mm_buf *buf, size_t bytes,
                                      struct mm_error *err)
{
    size_t cap = buf->cap, least = bytes ? bytes : 1;
    if (least > cap && least - cap > s->memory_bytes - s->held_bytes)
        return mm_fail(err, MM_E_LIMIT, "%s takes more memory than the %zu bytes it may", s->path,
                       s->memory_bytes);
    mm_buf_clear(buf);
    buf->max_bytes = cap + (s->memory_bytes - s->held_bytes);
    if (!mm_buf_reserve(buf, least))
        return mm_fail(err, MM_E_NOMEM, "no memory to read %s", s->path);
    s->held_bytes += buf->cap - cap;
    buf->len = bytes;
    return MM_OK;
}

void mm_parquet_source_release(struct mm_parquet_source *s, struct mm_buf *buf)
{
    s->held_bytes -= buf->cap;
    mm_buf_deinit(buf);
}

enum mm_status mm_parquet_source_read(struct mm_parquet_source *s, uint64_t offset, uint64_t bytes,
                                      struct mm_buf *buf, struct mm_error *err)
{
    if (offset > s->bytes || bytes > s->bytes - offset)
        return mm_parquet_source_fault(s, offset, NULL, "it ends before", err);
    MM_TRY(mm_parquet_source_room(s, buf, bytes, err));
    int failed = mm_file_read_at(s->fd, buf->data, bytes, offset);
    if (failed)
        return mm_fail_os(err, failed == ENODATA ? EIO : failed, "cannot read %s", s->path);
    return MM_OK;
}

enum mm_status mm_parquet_source_fault(const struct mm_parquet_source *s, uint64_t offset,
                                       const char *column, const char *what, struct mm_error *err)
{
    return mm_fail_at(err, MM_E_SYNTAX, offset,
                      "%s: no table as mailmill writes it, or damaged: %s%s%s", s->path,
                      column ? column : "", column ? ": " : "", what);
}

/*
 * recorder.c - answers into a file as they come, to be replayed later.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"

enum {
    FLUSH_BYTES = 64 * 1024,
    FLUSH_NS = 200 * 1000 * 1000, /* what a crash may lose */
    /* An answer is at most 64 KiB, each byte of which may take six: one always fits behind
     * FLUSH_BYTES. */
    PENDING_MAX_BYTES = 1024 * 1024
};

/* Lines are added behind a line end. */
static enum mm_status check_end(struct mm_recorder *r, struct mm_error *err)
{
    struct stat st;
    char last = '\n';
    if (fstat(r->fd, &st) != 0)
        return mm_fail_os(err, errno, "%s", r->path);
    if (!S_ISREG(st.st_mode))
        return mm_fail(err, MM_E_ARG, "%s: answers are recorded to a regular file", r->path);
    r->whole_bytes = st.st_size;
    if (st.st_size > 0 && pread(r->fd, &last, 1, st.st_size - 1) != 1)
        return mm_fail_os(err, errno, "%s", r->path);
    if (last != '\n')
        return mm_fail_at(err, MM_E_SYNTAX, (uint64_t)st.st_size,
                          "%s: the last line has no end; answers are added to whole lines only",
                          r->path);
    return MM_OK;
}

/* Nothing but a recording is emptied: keys and mail have names that are soon mistaken. */
static enum mm_status empty_recording(struct mm_recorder *r, struct mm_error *err)
{
    char head[16];
    ssize_t n = pread(r->fd, head, sizeof head, 0);
    if (n < 0)
        return mm_fail_os(err, errno, "%s", r->path);
    if (n > 0 && !mm_recorded_line_begins((struct mm_view){head, (size_t)n}))
        return mm_fail(err, MM_E_EXISTS, "%s exists and is no recording: name another file",
                       r->path);
    return ftruncate(r->fd, 0) == 0 ? MM_OK : mm_fail_os(err, errno, "%s", r->path);
}

static enum mm_status open_file(struct mm_recorder *r, bool replace, struct mm_error *err)
{
    r->fd = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (r->fd < 0)
        return mm_fail_os(err, errno, "%s", r->path);
    if (flock(r->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return mm_fail(err, MM_E_EXISTS, "%s: another process records to it", r->path);
        return mm_fail_os(err, errno, "%s", r->path);
    }
    if (replace)
        MM_TRY(empty_recording(r, err));
    return check_end(r, err);
}

enum mm_status mm_recorder_init(struct mm_recorder *recorder, const char *path, bool replace,
                                struct mm_error *err)
{
    *recorder = (struct mm_recorder){.fd = -1};
    pthread_mutex_init(&recorder->lock, NULL);
    mm_buf_init(&recorder->pending, PENDING_MAX_BYTES);
    if (!path)
        return MM_OK;
    recorder->path = strdup(path);
    enum mm_status st = recorder->path ? open_file(recorder, replace, err)
                                       : mm_fail(err, MM_E_NOMEM, "no memory for a recording");
    if (st != MM_OK)
        mm_recorder_deinit(recorder);
    return st;
}

void mm_recorder_deinit(struct mm_recorder *recorder)
{
    if (recorder->fd >= 0)
        close(recorder->fd);
    mm_buf_deinit(&recorder->pending);
    pthread_mutex_destroy(&recorder->lock);
    free(recorder->path);
    *recorder = (struct mm_recorder){.fd = -1};
}

/* Under the lock. */
static void write_pending(struct mm_recorder *r)
{
    struct mm_view lines = mm_buf_view(&r->pending);
    if (r->pending.failed)
        r->os_errno = r->os_errno ? r->os_errno : ENOMEM;
    if (r->os_errno == 0 && lines.len) {
        r->os_errno = mm_file_write(r->fd, &lines, 1);
        if (r->os_errno == 0)
            r->whole_bytes += (off_t)lines.len;
        else if (ftruncate(r->fd, r->whole_bytes) != 0)
            r->os_errno = errno;
    }
    mm_buf_clear(&r->pending);
}

void mm_recorder_add(struct mm_recorder *recorder, const struct mm_recorded_line *line)
{
    if (recorder->fd < 0)
        return;
    pthread_mutex_lock(&recorder->lock);
    if (recorder->pending.len >= FLUSH_BYTES)
        write_pending(recorder);
    mm_recorded_line_write(&recorder->pending, line);
    recorder->line_count++;
    pthread_mutex_unlock(&recorder->lock);
}

void mm_recorder_tick(struct mm_recorder *recorder, uint64_t now_ns, bool idle)
{
    if (recorder->fd < 0 || (!idle && now_ns - recorder->flushed_ns < FLUSH_NS))
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder->flushed_ns = now_ns;
    write_pending(recorder);
    pthread_mutex_unlock(&recorder->lock);
}

enum mm_status mm_recorder_flush(struct mm_recorder *recorder, struct mm_error *err)
{
    if (recorder->fd < 0)
        return MM_OK;
    pthread_mutex_lock(&recorder->lock);
    write_pending(recorder);
    int code = recorder->os_errno;
    pthread_mutex_unlock(&recorder->lock);
    if (code)
        return mm_fail_os(err, code, "%s: not all answers could be recorded", recorder->path);
    return MM_OK;
}

uint64_t mm_recorder_count(struct mm_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    uint64_t count = recorder->line_count;
    pthread_mutex_unlock(&recorder->lock);
    return count;
}

/*
 * rejects_log.c - the file that names every rejected input.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/rejects_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "text/json_pull.h"
#include "text/json_write.h"

enum {
    TEXT_MAX_BYTES = 64 * 1024 * 1024,
    ROW_HEAD_BYTES = 32 * 1024 /* a path with every byte escaped, and more */
};

static const char ROW_BEGIN[] = "{\"message\":\"";

void mm_reject_row(struct mm_buf *out, struct mm_view message, const char *slug,
                   struct mm_view detail, uint64_t offset)
{
    bool raw = false;
    mm_buf_append_str(out, "{\"message\":");
    mm_json_string(out, message, &raw);
    mm_buf_append_str(out, ",\"rejected\":\"");
    mm_buf_append_str(out, slug);
    mm_buf_append_str(out, "\",\"detail\":");
    mm_json_string(out, detail, &raw);
    mm_buf_append_str(out, ",\"offset\":");
    if (offset == MM_NO_OFFSET)
        mm_buf_append_str(out, "null");
    else
        mm_buf_append_u64(out, offset);
    mm_buf_append_str(out, raw ? ",\"raw_bytes\":true}\n" : "}\n");
}

struct mm_view mm_reject_row_message(struct mm_view line, char *scratch)
{
    struct mm_json_pull p;
    struct mm_json_token t, name = {.kind = MM_JSON_NULL};
    struct mm_view message = {NULL, 0};
    bool raw = false;
    if (!mm_view_starts(line, mm_view_of(ROW_BEGIN)))
        return line;
    mm_json_pull_init(&p, line);
    enum mm_status st;
    while ((st = mm_json_pull_next(&p, &t)) == MM_OK) {
        if (p.depth == 1 && name.kind == MM_JSON_NAME) {
            if (mm_view_eq(name.text, MM_VIEW("message")) && t.kind == MM_JSON_STRING)
                message = t.text;
            raw = raw || (mm_view_eq(name.text, MM_VIEW("raw_bytes")) && t.kind == MM_JSON_TRUE);
        }
        name = t;
    }
    if (st != MM_END || !message.data)
        return line; /* a file may have any name */
    return (struct mm_view){scratch, mm_json_unescape(message, raw, scratch)};
}

/* Rows of verdicts begin like rejects, and go on otherwise. */
static bool begins_with_reject(struct mm_view head)
{
    struct mm_json_pull p;
    struct mm_json_token token;
    if (!mm_view_starts(head, mm_view_of(ROW_BEGIN)))
        return false;
    mm_json_pull_init(&p, head);
    for (int i = 0; i < 4; i++) /* {, "message", its value, and what comes then */
        if (mm_json_pull_next(&p, &token) != MM_OK)
            return false;
    return token.kind == MM_JSON_NAME && mm_view_eq(token.text, MM_VIEW("rejected"));
}

/* Empty, or begins with a row: a list that an earlier run has made. */
static bool is_list(const char *path)
{
    char head[ROW_HEAD_BYTES];
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    bool file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    ssize_t n = file ? pread(fd, head, sizeof head, 0) : -1;
    if (fd >= 0)
        close(fd);
    return n == 0 || (n > 0 && begins_with_reject((struct mm_view){head, (size_t)n}));
}

enum mm_status mm_rejects_log_check(const char *path, const struct mm_rejects_there *there,
                                    struct mm_error *err)
{
    struct stat st;
    if (lstat(path, &st) != 0 || mm_file_is_special(path) || (there->replace && is_list(path)))
        return MM_OK;
    if (there->replace)
        return mm_fail(err, MM_E_EXISTS, "%s exists and is no list of rejects: name another file",
                       path);
    return mm_fail(err, MM_E_EXISTS, "%s exists; %s", path, there->remedy);
}

static enum mm_status make(struct mm_rejects_log *log, int flags, struct mm_error *err)
{
    log->fd = mm_file_open(log->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0666);
    return log->fd >= 0 ? MM_OK
                        : mm_fail_os(err, errno, "cannot make the rejects file %s", log->path);
}

enum mm_status mm_rejects_log_open(struct mm_rejects_log *log, const char *path, bool lazy,
                                   const struct mm_rejects_there *there, struct mm_error *err)
{
    *log = (struct mm_rejects_log){.path = path, .lazy = lazy, .fd = -1};
    mm_buf_init(&log->text, TEXT_MAX_BYTES);
    if (!path)
        return MM_OK;
    if (lazy) {
        unlink(path); /* of an earlier run: rejects of this one, or none */
        return MM_OK;
    }
    MM_TRY(mm_rejects_log_check(path, there, err));
    return make(log, mm_file_is_special(path) ? 0 : there->replace ? O_TRUNC : O_EXCL, err);
}

enum mm_status mm_rejects_log_go_on(struct mm_rejects_log *log, const char *path, uint64_t bytes,
                                    struct mm_error *err)
{
    struct stat st;
    *log = (struct mm_rejects_log){.path = path, .lazy = true, .fd = -1, .bytes = bytes};
    mm_buf_init(&log->text, TEXT_MAX_BYTES);
    if (mm_file_is_special(path))
        return make(log, 0, err);
    MM_TRY(make(log, 0, err));
    if (fstat(log->fd, &st) != 0 || (uint64_t)st.st_size < bytes)
        return mm_fail(
            err, MM_E_SYNTAX,
            "the rejects file %s is shorter than the journal says; --overwrite begins anew", path);
    int failed = mm_file_truncate(log->fd, bytes);
    if (!failed && lseek(log->fd, 0, SEEK_END) < 0)
        failed = errno;
    if (failed)
        return mm_fail_os(err, failed, "cannot write %s", path);
    return MM_OK;
}

enum mm_status mm_rejects_log_restart(struct mm_rejects_log *log, struct mm_error *err)
{
    if (!log->path || mm_file_is_special(log->path))
        return MM_END;
    if (log->fd < 0)
        return MM_OK;
    log->bytes = 0;
    int failed = mm_file_truncate(log->fd, 0);
    if (!failed && lseek(log->fd, 0, SEEK_SET) < 0)
        failed = errno;
    return failed ? mm_fail_os(err, failed, "cannot write %s", log->path) : MM_OK;
}

enum mm_status mm_rejects_log_add_line(struct mm_rejects_log *log, struct mm_view line,
                                       struct mm_error *err)
{
    enum { FLUSH_BYTES = 64 * 1024 };
    mm_buf_append(&log->text, line);
    mm_buf_append_char(&log->text, '\n');
    return log->text.len < FLUSH_BYTES ? MM_OK : mm_rejects_log_flush(log, err);
}

void mm_rejects_log_add(struct mm_rejects_log *log, struct mm_view message, const char *slug,
                        const char *detail, uint64_t offset)
{
    if (log->path)
        mm_reject_row(&log->text, message, slug, mm_view_of(detail), offset);
}

enum mm_status mm_rejects_log_flush(struct mm_rejects_log *log, struct mm_error *err)
{
    struct mm_view text = mm_buf_view(&log->text);
    if (log->text.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for the rejects");
    if (!text.len)
        return MM_OK;
    if (log->fd < 0) {
        char folder[PATH_MAX];
        if (mm_file_dirname(log->path, folder, sizeof folder))
            (void)mm_file_make_dir(AT_FDCWD, folder);
        MM_TRY(make(log, O_TRUNC, err));
    }
    int failed = mm_file_write(log->fd, &text, 1);
    log->bytes += text.len;
    log->unsynced = true;
    mm_buf_clear(&log->text);
    return failed ? mm_fail_os(err, failed, "cannot write %s", log->path) : MM_OK;
}

enum mm_status mm_rejects_log_sync(struct mm_rejects_log *log, struct mm_error *err)
{
    int failed = log->unsynced ? mm_file_sync(log->fd) : 0;
    log->unsynced = false;
    /* A device or a pipe has no disk below it. */
    return failed && failed != EINVAL ? mm_fail_os(err, failed, "cannot sync %s", log->path)
                                      : MM_OK;
}

void mm_rejects_log_close(struct mm_rejects_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    mm_buf_deinit(&log->text);
    log->fd = -1;
}

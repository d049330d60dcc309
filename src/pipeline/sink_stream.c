/*
 * sink_stream.c - one file or stdout, in input order: verdict rows, an mbox, or one message.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "mail/mbox.h"
#include "pipeline/sink.h"

struct stream_sink {
    struct mm_sink sink;
    struct mm_sink_options options;
    enum mm_stream_form form;
    int fd;
    bool to_stdout;
    bool any_written;
    char part[PATH_MAX];
};

static enum mm_status stream_write(struct mm_sink *sink, struct mm_view text, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    s->any_written = true;
    int failed = mm_file_write(s->fd, &text, 1);
    if (failed)
        return mm_fail_os(err, failed, "cannot write %s", s->to_stdout ? "stdout" : s->part);
    return MM_OK;
}

/* The lock keeps two runs apart. A run renames or removes the file that it has locked: what is
 * locked must still have its name. */
static bool lock_part(const struct stream_sink *s)
{
    struct stat named, locked;
    return flock(s->fd, LOCK_EX | LOCK_NB) == 0 && fstat(s->fd, &locked) == 0 &&
           lstat(s->part, &named) == 0 && named.st_dev == locked.st_dev &&
           named.st_ino == locked.st_ino;
}

static enum mm_status open_part(struct stream_sink *s, struct mm_error *err)
{
    if (snprintf(s->part, sizeof s->part, "%s.part", s->options.path) >= (int)sizeof s->part)
        return mm_fail_os(err, ENAMETOOLONG, "%s.part", s->options.path);
    s->fd = open(s->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0666);
    if (s->fd < 0)
        return mm_fail_os(err, errno, "cannot make %s", s->part);
    if (!lock_part(s)) {
        close(s->fd);
        s->fd = -1; /* it is the other run's */
        return mm_fail(err, MM_E_EXISTS, "%s is being written by another run", s->part);
    }
    if (ftruncate(s->fd, 0) != 0) /* what a killed run left in it */
        return mm_fail_os(err, errno, "cannot empty %s", s->part);
    return MM_OK;
}

static enum mm_status stream_open(struct mm_sink *sink, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    struct stat st;
    if (s->to_stdout)
        s->fd = STDOUT_FILENO;
    else if (!s->options.overwrite && lstat(s->options.path, &st) == 0)
        return mm_fail(err, MM_E_EXISTS, "%s exists; --overwrite replaces it", s->options.path);
    else
        MM_TRY(open_part(s, err));
    return s->options.heading ? stream_write(sink, mm_view_of(s->options.heading), err) : MM_OK;
}

static enum mm_status no_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                    struct mm_error *err)
{
    (void)sink;
    (void)index;
    (void)err;
    *worker = NULL;
    return MM_OK;
}

static void no_worker_free(void *worker)
{
    (void)worker;
}

/* Keep the rendered text bounded: what is much is written in its turn. */
static enum mm_status flush_if_much(struct mm_commit_line *line, struct mm_commit *commit,
                                    struct mm_error *err)
{
    if (commit->out.len < line->output_bytes)
        return MM_OK;
    if (!mm_commit_wait_turn(line, commit))
        return MM_AGAIN;
    enum mm_status st = mm_commit_flush(line, commit);
    return st == MM_OK ? MM_OK : mm_fail(err, st, "the output could not be written");
}

static enum mm_status render_part(struct mm_mbox_writer *mbox, struct mm_view part,
                                  struct mm_commit_line *line, struct mm_commit *commit,
                                  struct mm_error *err)
{
    enum { STEP_BYTES = 64 * 1024 };
    while (part.len) {
        size_t step = part.len < STEP_BYTES ? part.len : STEP_BYTES;
        if (mbox)
            mm_mbox_write_part(mbox, mm_view_sub(part, 0, step));
        else
            mm_buf_append(&commit->out, mm_view_sub(part, 0, step));
        part = mm_view_sub(part, step, part.len - step);
        enum mm_status st = flush_if_much(line, commit, err);
        if (st != MM_OK)
            return st;
    }
    return MM_OK;
}

static enum mm_status render(struct stream_sink *s, const struct mm_item *item,
                             struct mm_commit_line *line, struct mm_commit *commit,
                             struct mm_error *err)
{
    struct mm_mbox_writer writer;
    struct mm_mbox_writer *mbox = NULL;
    const struct mm_view parts[] = {item->out_head, item->out_rest};
    if (s->form == MM_STREAM_MBOX || (s->form == MM_STREAM_AS_CAME && item->in_container))
        mbox = &writer;
    if (mbox)
        mm_mbox_write_begin(mbox, &commit->out, item->out_from_line, s->options.now);
    else
        mm_buf_append(&commit->out, item->out_from_line);
    for (size_t i = 0; i < MM_COUNT(parts); i++) {
        enum mm_status st = render_part(mbox, parts[i], line, commit, err);
        if (st != MM_OK)
            return st;
    }
    if (mbox)
        mm_mbox_write_end(mbox);
    return MM_OK;
}

static enum mm_status stream_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                 struct mm_commit *commit, struct mm_item *items, size_t count,
                                 struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    (void)worker;
    for (size_t i = 0; i < count; i++) {
        enum mm_status st = MM_OK;
        if (items[i].emit)
            st = render(s, &items[i], line, commit, err);
        if (st == MM_OK)
            st = flush_if_much(line, commit, err);
        if (st != MM_OK)
            return st;
    }
    return commit->out.failed ? mm_fail(err, MM_E_NOMEM, "no memory for the output") : MM_OK;
}

static enum mm_status publish(struct stream_sink *s, struct mm_error *err)
{
    int failed = mm_file_publish(s->fd, s->part, s->options.path, s->options.overwrite,
                                 s->options.durable, NULL);
    if (failed == EEXIST)
        return mm_fail(err, MM_E_EXISTS, "%s appeared during the run; the output is in %s",
                       s->options.path, s->part);
    return failed ? mm_fail_os(err, failed, "cannot finish %s", s->options.path) : MM_OK;
}

static enum mm_status stream_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    if (s->to_stdout || s->fd < 0)
        return MM_OK;
    /* An mbox and rows may be empty; an empty file is no message: the one there was is rejected. */
    whole = whole && (s->any_written || s->form != MM_STREAM_AS_CAME);
    enum mm_status st = whole ? publish(s, err) : MM_OK;
    if (!whole || (st != MM_OK && st != MM_E_EXISTS))
        unlink(s->part);
    if (close(s->fd) != 0 && st == MM_OK)
        st = mm_fail_os(err, errno, "cannot close %s", s->options.path);
    s->fd = -1;
    return st;
}

static const struct mm_sink_ops STREAM_OPS = {.open = stream_open,
                                              .worker_new = no_worker_new,
                                              .worker_free = no_worker_free,
                                              .put = stream_put,
                                              .write = stream_write,
                                              .close = stream_close};

struct mm_sink *mm_sink_stream_new(const struct mm_sink_options *options, enum mm_stream_form form)
{
    struct stream_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink = (struct mm_sink){
        .ops = &STREAM_OPS, .ordered = true, .wants_messages = form != MM_STREAM_ROWS};
    s->options = *options;
    s->form = form;
    s->fd = -1;
    s->to_stdout = strcmp(options->path, "-") == 0;
    return &s->sink;
}

static enum mm_status none_open(struct mm_sink *sink, struct mm_error *err)
{
    (void)sink;
    (void)err;
    return MM_OK;
}

static enum mm_status none_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                               struct mm_commit *commit, struct mm_item *items, size_t count,
                               struct mm_error *err)
{
    (void)sink;
    (void)worker;
    (void)line;
    (void)commit;
    (void)items;
    (void)count;
    (void)err;
    return MM_OK;
}

static enum mm_status none_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    (void)whole;
    return none_open(sink, err);
}

static const struct mm_sink_ops NONE_OPS = {.open = none_open,
                                            .worker_new = no_worker_new,
                                            .worker_free = no_worker_free,
                                            .put = none_put,
                                            .close = none_close};

struct mm_sink *mm_sink_none_new(void)
{
    struct mm_sink *s = calloc(1, sizeof *s);
    if (s)
        s->ops = &NONE_OPS;
    return s;
}

void mm_sink_free(struct mm_sink **sink)
{
    free(*sink);
    *sink = NULL;
}

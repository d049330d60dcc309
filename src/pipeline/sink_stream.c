/*
 * sink_stream.c - one file or stdout, in input order: verdict rows, one message, a container.
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

#include "base/clock.h"
#include "io/file_ops.h"
#include "io/whole_file.h"
#include "io/zstd_write.h"
#include "pipeline/sink.h"
#include "pipeline/stream_form.h"

struct stream_sink {
    struct mm_sink sink;
    struct mm_sink_options options;
    enum mm_stream_form form;
    int fd;
    bool to_stdout;
    bool any_written;
    uint64_t bytes;              /* in the file */
    struct mm_zstd_writer *zstd; /* NULL: not packed */
    struct mm_buf packed;
    uint64_t marked_bytes, marked_ns;
    char part[PATH_MAX];
};

enum { PACKED_MAX_BYTES = 1024 * 1024 * 1024 }; /* a commit's text, packed: a backstop */

static enum mm_status write_bytes(struct stream_sink *s, struct mm_view bytes, struct mm_error *err)
{
    int failed = mm_file_write(s->fd, &bytes, 1);
    if (failed)
        return mm_fail_os(err, failed, "cannot write %s", s->to_stdout ? "stdout" : s->part);
    s->bytes += bytes.len;
    return MM_OK;
}

static enum mm_status fail_packing(enum mm_status st, struct mm_error *err)
{
    return mm_fail(err, st, "%s",
                   st == MM_E_LIMIT ? "the output has more frames than a table of them holds"
                                    : "no memory to pack the output");
}

/* Frames that are packed by now, or all that are whole. */
static enum mm_status write_frames(struct stream_sink *s, struct mm_view text, bool settle,
                                   struct mm_error *err)
{
    mm_buf_clear(&s->packed);
    enum mm_status st = settle ? mm_zstd_write_settle(s->zstd, &s->packed)
                               : mm_zstd_write(s->zstd, text, &s->packed);
    return st == MM_OK ? write_bytes(s, mm_buf_view(&s->packed), err) : fail_packing(st, err);
}

static enum mm_status stream_write(struct mm_sink *sink, struct mm_view text, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    s->any_written = true;
    return s->zstd ? write_frames(s, text, false, err) : write_bytes(s, text, err);
}

/* What stands behind the last message, and the table of what is packed. */
static enum mm_status write_trailer(struct stream_sink *s, struct mm_error *err)
{
    struct mm_buf trailer;
    mm_buf_init(&trailer, PACKED_MAX_BYTES);
    mm_stream_form_trailer(s->form, &trailer);
    enum mm_status st = trailer.failed ? fail_packing(MM_E_NOMEM, err) : MM_OK;
    if (st == MM_OK && trailer.len)
        st = stream_write(&s->sink, mm_buf_view(&trailer), err);
    if (st == MM_OK && s->zstd) {
        mm_buf_clear(&trailer);
        st = mm_zstd_write_end(s->zstd, &trailer);
        st = st == MM_OK ? write_bytes(s, mm_buf_view(&trailer), err) : fail_packing(st, err);
    }
    mm_buf_deinit(&trailer);
    return st;
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

/* What the journal vouches for stays; what else a run left behind it goes. */
static enum mm_status go_on(struct stream_sink *s, struct mm_error *err)
{
    const struct mm_journal *j = s->sink.journal;
    struct stat st;
    if (j && j->has_prefix) {
        struct mm_view packing = mm_buf_view(&j->packing);
        size_t kept = j->packing_kept;
        s->bytes = j->prefix.out_bytes;
        s->any_written = s->bytes > 0;
        if (fstat(s->fd, &st) != 0 || (uint64_t)st.st_size < s->bytes)
            return mm_fail(err, MM_E_SYNTAX,
                           "%s is shorter than its journal says; --overwrite begins anew", s->part);
        if (s->zstd && mm_zstd_writer_load(s->zstd, mm_view_sub(packing, 0, kept),
                                           mm_view_sub(packing, kept, packing.len - kept)) != MM_OK)
            return mm_fail(err, MM_E_SYNTAX, "the journal of %s is damaged", s->part);
    }
    int failed = mm_file_truncate(s->fd, s->bytes);
    if (!failed && lseek(s->fd, (off_t)s->bytes, SEEK_SET) < 0)
        failed = errno;
    if (failed)
        return mm_fail_os(err, failed, "cannot write %s", s->part);
    return MM_OK;
}

/* Not too often where a mark is dear: what waits to be packed goes into the journal, and rows are
 * made faster than a disk syncs. */
static bool is_due(const struct stream_sink *s, uint64_t now_ns)
{
    enum {
        APART_BYTES = 16 * 1024 * 1024,
        PACKED_NS = 250 * 1000 * 1000,
        ROWS_NS = 50 * 1000 * 1000
    };
    if (s->options.durability == MM_DURABLE_EACH || (!s->zstd && s->form != MM_STREAM_ROWS))
        return true;
    return s->bytes - s->marked_bytes >= APART_BYTES ||
           now_ns - s->marked_ns >= (s->zstd ? PACKED_NS : ROWS_NS);
}

static enum mm_status stream_mark(struct mm_sink *sink, struct mm_sink_mark *mark,
                                  struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    uint64_t now = mm_wall_ns();
    if (s->to_stdout || !is_due(s, now))
        return MM_AGAIN;
    if (s->zstd)
        MM_TRY(write_frames(s, (struct mm_view){"", 0}, true, err));
    mm_buf_clear(&mark->packing);
    mark->packing_kept = 0;
    if (s->zstd && mm_zstd_writer_save(s->zstd, &mark->packing, &mark->packing_kept) != MM_OK)
        return mm_fail(err, MM_E_NOMEM, "no memory for the journal");
    int failed = s->options.durability != MM_DURABLE_NONE ? mm_file_sync(s->fd) : 0;
    if (failed)
        return mm_fail_os(err, failed, "cannot sync %s", s->part);
    s->marked_bytes = mark->bytes = s->bytes;
    s->marked_ns = now;
    return MM_OK;
}

static enum mm_status open_part(struct stream_sink *s, struct mm_error *err)
{
    if (snprintf(s->part, sizeof s->part, "%s.part", s->options.path) >= (int)sizeof s->part)
        return mm_fail_os(err, ENAMETOOLONG, "%s.part", s->options.path);
    s->fd = mm_file_open(s->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
                         s->options.mode ? s->options.mode : 0666);
    if (s->fd < 0)
        return mm_fail_os(err, errno, "cannot make %s", s->part);
    if (!lock_part(s)) {
        close(s->fd);
        s->fd = -1; /* it is the other run's */
        return mm_fail(err, MM_E_EXISTS, "%s is being written by another run", s->part);
    }
    struct stat st; /* what was there may be open to more than it is to be */
    if (s->options.mode && (fstat(s->fd, &st) != 0 || fchmod(s->fd, st.st_mode & s->options.mode)))
        return mm_fail_os(err, errno, "cannot set the mode of %s", s->part);
    return go_on(s, err);
}

static enum mm_status check_path(const struct stream_sink *s, struct mm_error *err)
{
    struct stat st;
    MM_TRY(mm_whole_file_check_kind(s->options.path, err));
    if (!s->options.overwrite && lstat(s->options.path, &st) == 0)
        return mm_fail(
            err, MM_E_EXISTS,
            "%s exists; --overwrite replaces it, --resume goes on with an unfinished run",
            s->options.path);
    return MM_OK;
}

static enum mm_status stream_open(struct mm_sink *sink, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    if (s->options.packed && !(s->zstd = mm_zstd_writer_new(s->options.pack_helpers)))
        return mm_fail(err, MM_E_NOMEM, "no memory to pack the output");
    if (s->to_stdout) {
        s->fd = STDOUT_FILENO;
    } else {
        MM_TRY(check_path(s, err));
        MM_TRY(open_part(s, err));
    }
    return s->options.heading ? stream_write(sink, mm_view_of(s->options.heading), err) : MM_OK;
}

/* Two formers, since what comes on stdout may be messages of a container or a lone one. */
struct stream_worker {
    struct mm_stream_former whole, mbox;
};

static enum mm_status stream_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                        struct mm_error *err)
{
    const struct stream_sink *s = (const struct stream_sink *)sink;
    struct stream_worker *w = calloc(1, sizeof *w);
    (void)index;
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a writer");
    mm_stream_former_init(&w->whole, s->form, s->options.now);
    mm_stream_former_init(&w->mbox, MM_STREAM_MBOX, s->options.now);
    *worker = w;
    return MM_OK;
}

static void stream_worker_free(void *worker)
{
    struct stream_worker *w = worker;
    mm_stream_former_deinit(&w->whole);
    mm_stream_former_deinit(&w->mbox);
    free(w);
}

static enum mm_status flush_if_much(struct mm_commit_line *line, struct mm_commit *commit,
                                    struct mm_error *err)
{
    enum mm_status st = mm_commit_flush_if_much(line, commit);
    return st < 0 ? mm_fail(err, st, "the output could not be written") : st;
}

static enum mm_status render_part(struct mm_stream_former *former, struct mm_view part,
                                  struct mm_commit_line *line, struct mm_commit *commit,
                                  struct mm_error *err)
{
    enum { STEP_BYTES = 64 * 1024 };
    while (part.len) {
        size_t step = part.len < STEP_BYTES ? part.len : STEP_BYTES;
        mm_stream_form_part(former, mm_view_sub(part, 0, step));
        part = mm_view_sub(part, step, part.len - step);
        enum mm_status st = flush_if_much(line, commit, err);
        if (st != MM_OK)
            return st;
    }
    return MM_OK;
}

static enum mm_status render(struct stream_worker *w, struct mm_item *item,
                             struct mm_commit_line *line, struct mm_commit *commit,
                             struct mm_error *err)
{
    const struct mm_view parts[] = {item->out_row, item->out_head, item->out_rest};
    const char *slug;
    bool quoted = w->whole.form == MM_STREAM_AS_CAME && item->in_container;
    struct mm_stream_former *former = quoted ? &w->mbox : &w->whole;
    enum mm_status st = mm_stream_form_begin(former, &commit->out, item, &slug);
    if (st == MM_E_SYNTAX) {
        item->emit = false;
        mm_item_reject(item, slug,
                       "no envelope came with it, and its header names no sender or no "
                       "recipient",
                       MM_NO_OFFSET);
        return MM_OK;
    }
    for (size_t i = 0; st == MM_OK && i < MM_COUNT(parts); i++)
        st = render_part(former, parts[i], line, commit, err);
    if (st == MM_OK)
        mm_stream_form_end(former);
    return st;
}

/* Nothing was noted of any input yet. */
static bool is_first_input(const struct mm_commit *commit, size_t i)
{
    uint64_t before = commit->seq + i;
    for (size_t o = 0; o < MM_COUNT(commit->tally.outcomes); o++)
        before += commit->tally.outcomes[o];
    return before == 0;
}

/* What came as one stream may turn out to hold several messages. */
static void reject_further(struct mm_commit *commit, struct mm_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!items[i].emit || is_first_input(commit, i))
            continue;
        items[i].emit = false;
        mm_item_reject(&items[i], "several-messages",
                       "one .eml holds one message: -o FILE.mbox or a folder takes several",
                       MM_NO_OFFSET);
    }
}

static enum mm_status stream_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                 struct mm_commit *commit, struct mm_item *items, size_t count,
                                 struct mm_error *err)
{
    if (((const struct stream_sink *)sink)->form == MM_STREAM_ONE)
        reject_further(commit, items, count);
    for (size_t i = 0; i < count; i++) {
        enum mm_status st = MM_OK;
        if (items[i].emit || items[i].out_row.len)
            st = render(worker, &items[i], line, commit, err);
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
                                 s->options.durability != MM_DURABLE_NONE, NULL);
    if (failed == EEXIST)
        return mm_fail(err, MM_E_EXISTS, "%s appeared during the run; the output is in %s",
                       s->options.path, s->part);
    return failed ? mm_fail_os(err, failed, "cannot finish %s", s->options.path) : MM_OK;
}

static enum mm_status finish(struct stream_sink *s, bool whole, struct mm_error *err)
{
    if (s->fd < 0)
        return MM_OK;
    if (s->to_stdout)
        return whole ? write_trailer(s, err) : MM_OK;
    /* An mbox and rows may be empty; an empty file is no message: the one there was is rejected. */
    bool ended = whole;
    bool lone = s->form == MM_STREAM_AS_CAME || s->form == MM_STREAM_ONE;
    whole = whole && (s->any_written || !lone);
    enum mm_status st = whole ? write_trailer(s, err) : MM_OK;
    if (whole && st == MM_OK)
        st = publish(s, err);
    /* What the journal vouches for can be gone on with. */
    bool keep = s->sink.journal && (!ended || st != MM_OK);
    if (!keep && (!whole || (st != MM_OK && st != MM_E_EXISTS)))
        unlink(s->part);
    if (close(s->fd) != 0 && st == MM_OK)
        st = mm_fail_os(err, errno, "cannot close %s", s->options.path);
    s->fd = -1;
    return st;
}

static enum mm_status stream_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    enum mm_status st = finish(s, whole, err);
    mm_zstd_writer_free(&s->zstd);
    mm_buf_deinit(&s->packed);
    return st;
}

static const struct mm_sink_ops STREAM_OPS = {.open = stream_open,
                                              .worker_new = stream_worker_new,
                                              .worker_free = stream_worker_free,
                                              .put = stream_put,
                                              .write = stream_write,
                                              .mark = stream_mark,
                                              .close = stream_close};

struct mm_sink *mm_sink_stream_new(const struct mm_sink_options *options, enum mm_stream_form form)
{
    struct stream_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink = (struct mm_sink){.ops = &STREAM_OPS,
                               .ordered = true,
                               .wants_messages = form != MM_STREAM_ROWS,
                               .reader_may_leave = form == MM_STREAM_ROWS,
                               .one_by_one = options->durability == MM_DURABLE_EACH};
    s->options = *options;
    s->form = form;
    s->fd = -1;
    mm_buf_init(&s->packed, PACKED_MAX_BYTES);
    s->to_stdout = strcmp(options->path, "-") == 0;
    return &s->sink;
}

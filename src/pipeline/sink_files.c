/*
 * sink_files.c - sinks that make a file of each message: a segment at a time, whole or not at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/sink_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/sync_way.h"

enum {
    TEMP_NAME_BYTES = 64,
    CONVERT_STEP_BYTES = 256 * 1024, /* of a message whose line ends are changed, at a time */
    CONVERT_MAX_BYTES = 3 * CONVERT_STEP_BYTES
};

/* ---- workers ---- */

static enum mm_status files_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                       struct mm_error *err)
{
    struct mm_files_sink *s = (struct mm_files_sink *)sink;
    struct mm_files_worker *w = calloc(1, sizeof *w);
    if (w && s->form->hashed_names)
        w->digest = mm_digest_ctx_new();
    if (!w || (s->form->hashed_names && !w->digest)) {
        free(w);
        return mm_fail(err, MM_E_NOMEM, "no memory for a writer");
    }
    w->s = s;
    w->index = index;
    w->temp_fd = w->dir_fd = -1;
    mm_buf_init(&w->dir, PATH_MAX + 1);
    mm_buf_init(&w->root, PATH_MAX + 1);
    mm_buf_init(&w->text, CONVERT_MAX_BYTES);
    *worker = w;
    return MM_OK;
}

static void leave_root(struct mm_files_worker *w)
{
    w->s->form->leave_root(w);
    w->temp_fd = -1;
    mm_buf_clear(&w->root);
}

static void files_worker_free(void *worker)
{
    struct mm_files_worker *w = worker;
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    leave_root(w);
    mm_buf_deinit(&w->dir);
    mm_buf_deinit(&w->root);
    mm_buf_deinit(&w->text);
    mm_digest_ctx_free(&w->digest);
    free(w);
}

/* ---- folders ---- */

/* One sync for a segment's files, or one for each? */
static void choose_sync(struct mm_files_worker *w)
{
    struct mm_files_sink *s = w->s;
    const char *why = s->options.durability == MM_DURABLE_BATCH ? mm_sync_apart(w->temp_fd) : NULL;
    w->apart = why || s->options.durability == MM_DURABLE_EACH;
    if (why)
        atomic_store(&s->sink.synced_apart, why);
}

/* Come to the folder that holds the temporary names of this run of items. Returns 0 or an errno. */
static int enter_root(struct mm_files_worker *w, struct mm_view root)
{
    if (w->temp_fd >= 0 && mm_view_eq(mm_buf_view(&w->root), root))
        return 0;
    leave_root(w);
    mm_buf_append(&w->root, root);
    int failed = w->root.failed ? ENAMETOOLONG : w->s->form->enter_root(w, root);
    if (!failed)
        choose_sync(w);
    return failed;
}

/* Names in the folder of the last message are on disk. Returns 0 or an errno. */
static int sync_dir(struct mm_files_worker *w)
{
    int failed = w->apart && w->dir_changed ? mm_file_sync_folder(w->dir_fd) : 0;
    w->dir_changed = false;
    return failed;
}

/* Folder where an item's final name lives, kept open in w->dir_fd. Returns 0 or an errno. */
static int enter_dir(struct mm_files_worker *w, const char *dir)
{
    if (w->dir_fd >= 0 && mm_view_eq(mm_buf_view(&w->dir), mm_view_of(dir)))
        return 0;
    int failed = sync_dir(w);
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    w->dir_fd = -1;
    if (failed)
        return failed;
    mm_buf_clear(&w->dir);
    mm_buf_append_str(&w->dir, dir);
    if (w->s->form->in_place)
        w->dir_fd = mm_file_open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    else
        w->dir_fd = mm_file_open_dirs(w->s->out.root_fd, mm_view_of(dir), w->apart);
    return w->dir_fd < 0 ? errno : 0;
}

/* ---- one message ---- */

static void temp_name(char *out, const struct mm_files_worker *w, size_t i)
{
    snprintf(out, TEMP_NAME_BYTES, "%ld-%u-%zu.tmp", (long)getpid(), w->index, i);
}

/* Keep what the replaced file was: its modes, and its owner where we may. */
static int take_over_modes(int fd, const struct stat *was)
{
    struct stat now;
    if (fstat(fd, &now) != 0)
        return errno;
    if ((now.st_uid != was->st_uid || now.st_gid != was->st_gid) &&
        fchown(fd, was->st_uid, was->st_gid) != 0 && errno != EPERM)
        return errno;
    return fchmod(fd, was->st_mode & 07777) == 0 ? 0 : errno;
}

/* What is to be replaced. ELOOP: a link, or no file of its own; ESTALE: it is not what was read. */
static int check_replaced(const struct mm_item *item, struct stat *was)
{
    if (!item->source.len)
        return ELOOP;
    if (fstatat(AT_FDCWD, item->source.data, was, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ESTALE : errno;
    if (S_ISLNK(was->st_mode))
        return ELOOP;
    return S_ISREG(was->st_mode) && (uint64_t)was->st_size == item->source_bytes ? 0 : ESTALE;
}

static int write_converted(struct mm_files_worker *w, int fd, struct mm_view part)
{
    int failed = 0;
    while (part.len && !failed) {
        mm_buf_clear(&w->text);
        mm_eol_convert(&w->text, &part, CONVERT_STEP_BYTES, w->s->form->eol);
        struct mm_view text = mm_buf_view(&w->text);
        failed = w->text.failed ? ENOMEM : mm_file_write(fd, &text, 1);
    }
    return failed;
}

static int write_parts(struct mm_files_worker *w, int fd, const struct mm_item *item)
{
    const struct mm_files_form *form = w->s->form;
    struct mm_item_file_top top = mm_item_file_top(item);
    if (form->drops_from_line && !(form->keeps_pickup_lines && item->has_pickup_lines))
        top.from_line.len = 0;
    if (form->drops_from_line)
        top.own_from_line.len = 0;
    const struct mm_view parts[] = {top.from_line, top.own_from_line, item->out_head,
                                    item->out_rest};
    bool convert = false;
    int failed = 0;
    for (size_t i = 0; i < MM_COUNT(parts); i++)
        convert = convert || mm_eol_may_change(parts[i], form->eol);
    if (!convert)
        return mm_file_write(fd, parts, MM_COUNT(parts));
    for (size_t i = 0; i < MM_COUNT(parts) && !failed; i++)
        failed = write_converted(w, fd, parts[i]);
    return failed;
}

/* Mail that its owner alone can read stays so. A message out of a container has no modes of its
 * own. The umask takes its share of either. */
static mode_t mode_for(const struct mm_item *item)
{
    return item->source.len ? mm_file_mode_like(item->source.data) : 0666;
}

static int write_temp(struct mm_files_worker *w, const char *name, const struct mm_item *item)
{
    struct stat was;
    bool in_place = w->s->form->in_place;
    int failed = in_place ? check_replaced(item, &was) : 0;
    if (failed)
        return failed;
    int fd = mm_file_create(w->temp_fd, name, in_place ? 0600 : mode_for(item));
    if (fd < 0)
        return errno;
    failed = write_parts(w, fd, item);
    if (!failed && in_place)
        failed = take_over_modes(fd, &was);
    if (!failed && w->apart)
        failed = mm_file_sync(fd);
    if (close(fd) != 0 && !failed)
        failed = errno;
    if (failed)
        unlinkat(w->temp_fd, name, 0);
    return failed;
}

/* A run that goes on may have renamed what its journal does not hold yet. */
static bool may_replace(const struct mm_files_sink *s)
{
    return s->form->in_place || s->options.overwrite || mm_files_goes_on(s);
}

static int publish(struct mm_files_worker *w, const char *name, const struct mm_item *item)
{
    struct mm_files_target target;
    int failed = w->s->form->target_of(w, item, &target);
    if (!failed)
        failed = enter_dir(w, target.dir);
    if (!failed)
        failed = mm_file_rename(w->temp_fd, name, w->dir_fd, target.base, may_replace(w->s));
    if (failed)
        unlinkat(w->temp_fd, name, 0);
    else
        w->dir_changed = true;
    return failed;
}

static void reject_write(struct mm_item *item, int os_errno)
{
    item->emit = false;
    if (os_errno == EEXIST)
        mm_item_reject(item, "output-exists", "the output has a file of this name already",
                       MM_NO_OFFSET);
    else if (os_errno == ESTALE)
        mm_item_reject(item, "changed-while-read", "the file changed before it could be replaced",
                       MM_NO_OFFSET);
    else if (os_errno == ELOOP)
        mm_item_reject(item, "write-failed", "a link, or part of a container: no file of its own",
                       MM_NO_OFFSET);
    else
        mm_item_reject(item, "write-failed", strerror(os_errno), MM_NO_OFFSET);
}

/* ---- a segment ---- */

static bool wants_write(const struct mm_files_sink *s, const struct mm_item *item)
{
    return item->emit && !(s->form->in_place && item->unchanged);
}

/* An errno that one item met: it is rejected, or the run ends. */
static enum mm_status take_failure(struct mm_item *item, int failed, struct mm_error *err)
{
    if (!failed)
        return MM_OK;
    if (mm_file_error_is_fatal(failed))
        return mm_fail_os(err, failed, "cannot write the output of %.*s", (int)item->message.len,
                          item->message.data);
    reject_write(item, failed);
    return MM_OK;
}

/* First half: every message under its temporary name. */
static enum mm_status write_all(struct mm_files_worker *w, struct mm_item *items, size_t count,
                                struct mm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char name[TEMP_NAME_BYTES];
        if (!wants_write(w->s, &items[i]))
            continue;
        temp_name(name, w, i);
        int failed = enter_root(w, w->s->form->root_of(&items[i]));
        if (!failed)
            failed = write_temp(w, name, &items[i]);
        MM_TRY(take_failure(&items[i], failed, err));
    }
    return MM_OK;
}

/* Second half: the names. `published`: how many items are done with. */
static enum mm_status publish_all(struct mm_files_worker *w, struct mm_item *items, size_t count,
                                  size_t *published, struct mm_error *err)
{
    for (; *published < count; ++*published) {
        char name[TEMP_NAME_BYTES];
        struct mm_item *item = &items[*published];
        if (!wants_write(w->s, item))
            continue;
        temp_name(name, w, *published);
        MM_TRY(take_failure(item, publish(w, name, item), err));
    }
    return MM_OK;
}

/* Between the halves the data, behind them the names; apart, only names are left. */
static enum mm_status sync_segment(struct mm_files_worker *w, struct mm_error *err)
{
    int failed = 0;
    if (w->apart)
        failed = sync_dir(w);
    else if (w->s->options.durability != MM_DURABLE_NONE && w->temp_fd >= 0)
        failed = mm_file_sync_all(w->temp_fd);
    const char *out = w->s->options.path;
    struct mm_view at = out ? mm_view_of(out) : mm_buf_view(&w->root);
    return failed ? mm_fail_os(err, failed, "cannot sync the output in %.*s", (int)at.len, at.data)
                  : MM_OK;
}

/* The run ends before these have their names: nothing of them stays, and they have no outcome. */
static void withdraw(struct mm_files_worker *w, struct mm_item *items, size_t from, size_t count)
{
    for (size_t i = from; i < count; i++) {
        char name[TEMP_NAME_BYTES];
        if (!wants_write(w->s, &items[i]))
            continue;
        temp_name(name, w, i);
        unlinkat(w->temp_fd, name, 0);
        items[i].outcome = MM_OUTCOME_PENDING;
    }
}

/* One root's part of a segment: its temporary names are in one folder, and one sync covers them. */
static enum mm_status put_run(struct mm_files_worker *w, struct mm_item *items, size_t count,
                              struct mm_error *err)
{
    size_t published = 0;
    enum mm_status st = write_all(w, items, count, err);
    if (st == MM_OK && w->s->form->in_place && w->s->sink.journal)
        st = mm_journal_note_intended(w->s->sink.journal, items, count, err);
    if (st == MM_OK)
        st = sync_segment(w, err);
    if (st == MM_OK)
        st = publish_all(w, items, count, &published, err);
    if (st == MM_OK)
        return sync_segment(w, err);
    withdraw(w, items, published, count);
    return st;
}

static enum mm_status files_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                                struct mm_commit *commit, struct mm_item *items, size_t count,
                                struct mm_error *err)
{
    const struct mm_files_form *form = ((struct mm_files_sink *)sink)->form;
    enum mm_status st = MM_OK;
    (void)line;
    (void)commit;
    for (size_t from = 0, to; from < count; from = to) {
        struct mm_view root = form->root_of(&items[from]);
        to = from + 1;
        while (to < count && mm_view_eq(form->root_of(&items[to]), root))
            to++;
        if (st == MM_OK)
            st = put_run(worker, items + from, to - from, err);
        else
            withdraw(worker, items + from, 0, to - from);
    }
    return st;
}

/* ---- making ---- */

static enum mm_status files_open(struct mm_sink *sink, struct mm_error *err)
{
    struct mm_files_sink *s = (struct mm_files_sink *)sink;
    return s->form->open(s, err);
}

static enum mm_status files_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    struct mm_files_sink *s = (struct mm_files_sink *)sink;
    (void)whole;
    return s->form->close(s, err);
}

static const struct mm_sink_ops FILES_OPS = {.open = files_open,
                                             .worker_new = files_worker_new,
                                             .worker_free = files_worker_free,
                                             .put = files_put,
                                             .close = files_close};

struct mm_sink *mm_sink_files_new(const struct mm_sink_options *options,
                                  const struct mm_files_form *form)
{
    struct mm_files_sink *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->sink = (struct mm_sink){.ops = &FILES_OPS,
                               .wants_source_paths = form->in_place,
                               .wants_messages = true,
                               .one_by_one = options->durability == MM_DURABLE_EACH};
    s->options = *options;
    s->form = form;
    s->out = (struct mm_work_dir){.root_fd = -1, .fd = -1};
    return &s->sink;
}

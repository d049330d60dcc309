/*
 * journal.c - what of a run is done, on disk: the records and how they are appended.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/work_folder.h"
#include "pipeline/journal_record.h"

void mm_journal_init(struct mm_journal *j)
{
    *j = (struct mm_journal){.fd = -1};
    pthread_mutex_init(&j->lock, NULL);
    mm_buf_init(&j->record, MM_JOURNAL_RECORD_MAX_BYTES + 64);
    mm_buf_init(&j->head, MM_JOURNAL_RECORD_MAX_BYTES);
    mm_buf_init(&j->packing, MM_JOURNAL_PACKING_MAX_BYTES);
    mm_buf_init(&j->saved, MM_JOURNAL_SAVED_MAX_BYTES);
}

void mm_journal_forget(struct mm_journal *j)
{
    free(j->done);
    free(j->intended);
    j->done = j->intended = NULL;
    j->done_count = j->done_cap = j->intended_count = j->intended_cap = 0;
    j->state = MM_JOURNAL_NONE;
    j->has_prefix = j->all_done = false;
    j->valid_bytes = 0;
    j->packing_kept = 0;
    mm_buf_clear(&j->head);
    mm_buf_clear(&j->packing);
    mm_buf_clear(&j->saved);
    j->saved_tally = (struct mm_tally){.bytes = 0};
}

void mm_journal_deinit(struct mm_journal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    mm_journal_forget(j);
    mm_buf_deinit(&j->record);
    mm_buf_deinit(&j->head);
    mm_buf_deinit(&j->packing);
    mm_buf_deinit(&j->saved);
    pthread_mutex_destroy(&j->lock);
    j->fd = -1;
}

/* ---- appending ---- */

/* Lock held. */
static void begin_record(struct mm_journal *j, enum mm_journal_type type)
{
    mm_buf_clear(&j->record);
    mm_buf_append(&j->record, (struct mm_view){"\0\0\0\0", 4}); /* its length */
    mm_buf_append_char(&j->record, (char)type);
}

static void add_bytes(struct mm_journal *j, const void *data, size_t len)
{
    mm_buf_append(&j->record, (struct mm_view){data, len});
}

/* Lock held. One write, so that a record is torn only where the system itself falls. */
static enum mm_status end_record(struct mm_journal *j, bool sync, struct mm_error *err)
{
    struct mm_buf *r = &j->record;
    if (!r->failed) {
        uint32_t len = (uint32_t)(r->len - MM_JOURNAL_HEAD_BYTES);
        memcpy(r->data, &len, sizeof len);
        uint64_t hash = mm_journal_record_hash(mm_buf_view(r));
        add_bytes(j, &hash, sizeof hash);
    }
    if (r->failed)
        return mm_fail(err, MM_E_NOMEM, "no memory for the journal");
    struct mm_view bytes = mm_buf_view(r);
    int failed = j->broken ? j->broken : mm_file_write(j->fd, &bytes, 1);
    if (!failed && sync)
        failed = mm_file_sync(j->fd);
    j->broken = failed;
    return failed ? mm_fail_os(err, failed, "cannot write the journal %s", j->path) : MM_OK;
}

bool mm_journal_is_locked(const struct mm_journal *j)
{
    int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return locked;
}

static enum mm_status open_file(struct mm_journal *j, struct mm_error *err)
{
    char folder[PATH_MAX];
    struct stat named, locked;
    int failed = mm_file_dirname(j->path, folder, sizeof folder)
                     ? mm_file_make_dir(AT_FDCWD, folder)
                     : ENAMETOOLONG;
    if (failed && failed != EEXIST)
        return mm_fail_os(err, failed, "cannot make %s", folder);
    j->fd = mm_file_open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
                         0666);
    if (j->fd < 0)
        return mm_fail_os(err, errno, "cannot make the journal %s", j->path);
    if (flock(j->fd, LOCK_EX | LOCK_NB) != 0 || fstat(j->fd, &locked) != 0 ||
        lstat(j->path, &named) != 0 || named.st_ino != locked.st_ino ||
        named.st_dev != locked.st_dev)
        return mm_fail(err, MM_E_EXISTS, "another run writes to the journal %s", j->path);
    return MM_OK;
}

static enum mm_status write_head(struct mm_journal *j, struct mm_view head, struct mm_error *err)
{
    begin_record(j, MM_JOURNAL_HEAD);
    add_bytes(j, MM_JOURNAL_MAGIC, sizeof MM_JOURNAL_MAGIC - 1);
    add_bytes(j, &j->now, sizeof j->now);
    add_bytes(j, head.data, head.len);
    return end_record(j, j->sync, err);
}

/* The journal's name, and that of its folder: what is replaced in place must not outlive the record
 * that tells of it. */
static enum mm_status sync_name(const struct mm_journal *j, struct mm_error *err)
{
    char folder[PATH_MAX];
    int failed = mm_file_sync_folder_of(j->path);
    if (!failed && mm_file_dirname(j->path, folder, sizeof folder))
        failed = mm_file_sync_folder_of(folder);
    return failed ? mm_fail_os(err, failed, "cannot sync the journal %s", j->path) : MM_OK;
}

enum mm_status mm_journal_open(struct mm_journal *j, int64_t now, struct mm_view head, bool sync,
                               struct mm_error *err)
{
    j->sync = sync;
    MM_TRY(open_file(j, err));
    int failed = mm_file_truncate(j->fd, j->valid_bytes);
    if (failed)
        return mm_fail_os(err, failed, "cannot write the journal %s", j->path);
    if (!j->valid_bytes) {
        j->now = now;
        MM_TRY(write_head(j, head, err));
    }
    return sync ? sync_name(j, err) : MM_OK;
}

enum mm_status mm_journal_note_done(struct mm_journal *j, const struct mm_item *items, size_t count,
                                    struct mm_error *err)
{
    bool any = false;
    pthread_mutex_lock(&j->lock);
    begin_record(j, MM_JOURNAL_DONE);
    for (size_t i = 0; i < count; i++) {
        char outcome = (char)items[i].outcome;
        if (outcome == MM_OUTCOME_PENDING || outcome == MM_OUTCOME_REJECTED)
            continue;
        struct mm_hash128 name = mm_hash128_of(items[i].message);
        add_bytes(j, &name, sizeof name);
        add_bytes(j, &outcome, 1);
        any = true;
    }
    enum mm_status st = any ? end_record(j, false, err) : MM_OK;
    pthread_mutex_unlock(&j->lock);
    return st;
}

enum mm_status mm_journal_note_intended(struct mm_journal *j, const struct mm_item *items,
                                        size_t count, struct mm_error *err)
{
    bool any = false;
    pthread_mutex_lock(&j->lock);
    begin_record(j, MM_JOURNAL_INTENDED);
    for (size_t i = 0; i < count; i++) {
        if (!items[i].emit || items[i].unchanged)
            continue;
        const struct mm_view parts[] = {items[i].out_from_line, items[i].out_own_from_line,
                                        items[i].out_head, items[i].out_rest};
        struct mm_hash128 both[2] = {mm_hash128_of(items[i].message),
                                     mm_journal_content_hash(parts, MM_COUNT(parts))};
        add_bytes(j, both, sizeof both);
        any = true;
    }
    enum mm_status st = any ? end_record(j, j->sync, err) : MM_OK;
    pthread_mutex_unlock(&j->lock);
    return st;
}

enum mm_status mm_journal_note_prefix(struct mm_journal *j, const struct mm_journal_prefix *prefix,
                                      struct mm_view packing, struct mm_error *err)
{
    pthread_mutex_lock(&j->lock);
    begin_record(j, MM_JOURNAL_PREFIX);
    add_bytes(j, prefix, sizeof *prefix);
    add_bytes(j, packing.data, packing.len);
    enum mm_status st = end_record(j, false, err);
    pthread_mutex_unlock(&j->lock);
    return st;
}

enum mm_status mm_journal_note_saved(struct mm_journal *j, const struct mm_journal_saved *saved,
                                     struct mm_error *err)
{
    struct mm_journal_saved_head head = {.told_bytes = (uint32_t)saved->told.len,
                                         .counts_bytes = (uint32_t)saved->counts.len,
                                         .tally = saved->tally};
    pthread_mutex_lock(&j->lock);
    begin_record(j, MM_JOURNAL_SAVED);
    add_bytes(j, &head, sizeof head);
    add_bytes(j, saved->told.data, saved->told.len);
    add_bytes(j, saved->counts.data, saved->counts.len);
    add_bytes(j, saved->keys.data, saved->keys.len);
    enum mm_status st = end_record(j, false, err);
    pthread_mutex_unlock(&j->lock);
    return st;
}

enum mm_status mm_journal_note_all_done(struct mm_journal *j, const struct mm_tally *tally,
                                        struct mm_error *err)
{
    pthread_mutex_lock(&j->lock);
    begin_record(j, MM_JOURNAL_ALL_DONE);
    add_bytes(j, tally, sizeof *tally);
    enum mm_status st = end_record(j, j->sync, err);
    pthread_mutex_unlock(&j->lock);
    return st;
}

/* Lock held. The head alone, under another name; then the record that is being made; then its name.
 */
static enum mm_status replace_with_end(struct mm_journal *j, const struct mm_tally *tally,
                                       struct mm_view head, struct mm_error *err)
{
    char temp[PATH_MAX + 4];
    int old = j->fd;
    snprintf(temp, sizeof temp, "%s" MM_JOURNAL_NEW, j->path);
    j->fd = mm_file_create(AT_FDCWD, temp, 0666);
    enum mm_status st =
        j->fd < 0 ? mm_fail_os(err, errno, "cannot make the journal %s", temp) : MM_OK;
    if (st == MM_OK)
        st = write_head(j, head, err);
    if (st == MM_OK) {
        begin_record(j, MM_JOURNAL_END);
        add_bytes(j, tally, sizeof *tally);
        st = end_record(j, j->sync, err);
    }
    if (j->fd >= 0)
        close(j->fd);
    j->fd = old;
    int failed = st == MM_OK ? mm_file_rename(AT_FDCWD, temp, AT_FDCWD, j->path, true) : 0;
    if (failed)
        st = mm_fail_os(err, failed, "cannot write the journal %s", j->path);
    if (st != MM_OK)
        unlink(temp);
    else if (j->sync)
        st = sync_name(j, err);
    return st;
}

enum mm_status mm_journal_note_end(struct mm_journal *j, const struct mm_tally *tally,
                                   struct mm_view head, struct mm_error *err)
{
    pthread_mutex_lock(&j->lock);
    enum mm_status st = replace_with_end(j, tally, head, err);
    pthread_mutex_unlock(&j->lock);
    return st;
}

/*
 * journal.h - what of a run is done, on disk, so that the same command goes on where it ended.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file of records, appended only, each with its own hash: a torn tail is dropped. The first
 * record holds the clock and what decides the output, line by line. An output that knows no order
 * notes the names of inputs that are done; an ordered one how much of the input is in how much of
 * the output; one that each worker fills apart, rows of a dataset, what a worker has done and where
 * that lies. Messages replaced in place are noted before, with the hash of what replaces them:
 * whether the rename came to pass is then told by the file itself. XXH3-128 finds and compares what
 * this program wrote itself; it is no defence against whoever can write to the journal.
 */
#ifndef MM_PIPELINE_JOURNAL_H
#define MM_PIPELINE_JOURNAL_H

#include <pthread.h>

#include "base/buf.h"
#include "base/hash128.h"
#include "pipeline/commit_line.h"

enum mm_journal_state { MM_JOURNAL_NONE, MM_JOURNAL_UNFINISHED, MM_JOURNAL_FINISHED };

/* How far an ordered output has come, at the end of a batch. */
struct mm_journal_prefix {
    uint64_t entries;        /* inputs as the scanner counts them: files, members */
    struct mm_hash128 chain; /* of their names, in order */
    uint64_t out_bytes, rejects_bytes;
    uint64_t packing_kept; /* of the packing behind it: adds to what records before it kept, the
                              rest replaces theirs */
    struct mm_tally tally;
};

/*
 * What a worker has done since it told so before, all of it on disk.
 * keys   of the inputs, see mm_journal_key(), one after another.
 * tally  of the messages in them.
 * told   by the sink, of where that lies; counts: by the job. Both know what to make of it.
 */
struct mm_journal_saved {
    struct mm_view keys, told, counts;
    struct mm_tally tally;
};

struct mm_journal_done; /* private */

struct mm_journal {
    const char *path;
    int fd; /* -1: not open for writing */
    bool sync;
    int broken; /* errno of a record that was torn: none may follow it */
    pthread_mutex_t lock;
    struct mm_buf record; /* being made */
    /* what was read */
    enum mm_journal_state state;
    int64_t now;
    struct mm_buf head; /* its lines, without the clock */
    uint64_t valid_bytes;
    struct mm_journal_done *done, *intended; /* sorted by name */
    size_t done_count, done_cap, intended_count, intended_cap;
    bool has_prefix;
    struct mm_journal_prefix prefix;
    struct mm_buf packing; /* of prefixes: what a packed output needs to go on, see sink.h */
    size_t packing_kept;   /* of it: of all prefixes; the rest is of the last one */
    struct mm_buf saved;   /* what was saved: see mm_journal_next_saved() */
    struct mm_tally saved_tally;
    bool all_done;       /* nothing but the output's name was to come */
    struct mm_tally end; /* all_done, MM_JOURNAL_FINISHED */
};

void mm_journal_init(struct mm_journal *j);
void mm_journal_deinit(struct mm_journal *j);

/* Read what lies at `path` (borrowed), if anything. MM_OK; MM_E_SYNTAX: no journal of ours, or of
 * another version; MM_E_IO; MM_E_NOMEM. */
enum mm_status mm_journal_read(struct mm_journal *j, const char *path,
                               struct mm_error *err) MM_MUST_CHECK;
/* The name of the first line, "NAME\tVALUE", in which `head` differs from what was read; empty
 * where none does. */
struct mm_view mm_journal_difference(const struct mm_journal *j, struct mm_view head);
/* Does another run write to it right now? */
bool mm_journal_is_locked(const struct mm_journal *j);
/* Forget what was read. */
void mm_journal_forget(struct mm_journal *j);

/*
 * Open for writing; go on with what was read, or begin anew where nothing was. The lock is the
 * kernel's and lasts until mm_journal_deinit().
 * sync  what must outlive a power cut is synced.
 * MM_E_EXISTS: another run writes to it.
 */
enum mm_status mm_journal_open(struct mm_journal *j, int64_t now, struct mm_view head, bool sync,
                               struct mm_error *err) MM_MUST_CHECK;

/* Was this input done, and how did it end? Any thread. */
bool mm_journal_is_done(const struct mm_journal *j, struct mm_view name, enum mm_outcome *outcome);
/* Are these bytes what this file was about to be replaced with? Any thread. */
bool mm_journal_has_replaced(const struct mm_journal *j, struct mm_view name, struct mm_view bytes);

/* An input that may have others of its name beside it: offset in a container; MM_NO_OFFSET: a file.
 */
struct mm_hash128 mm_journal_key(struct mm_view name, uint64_t offset);
/* Is this one saved? It is once for each time it was. One thread. */
bool mm_journal_take_saved(struct mm_journal *j, struct mm_hash128 key);
/* What was saved, in the order in which it was; without its keys. *at is 0 at first. False past the
 * last. */
bool mm_journal_next_saved(const struct mm_journal *j, size_t *at, struct mm_journal_saved *saved);

/* Append; any thread. Errors are MM_E_IO, MM_E_NOMEM. Of the items those count that are signed, or
 * copied. */
enum mm_status mm_journal_note_done(struct mm_journal *j, const struct mm_item *items, size_t count,
                                    struct mm_error *err) MM_MUST_CHECK;
/* Before items are replaced: those that are written. On disk, with sync, when it returns. */
enum mm_status mm_journal_note_intended(struct mm_journal *j, const struct mm_item *items,
                                        size_t count, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_journal_note_prefix(struct mm_journal *j, const struct mm_journal_prefix *prefix,
                                      struct mm_view packing, struct mm_error *err) MM_MUST_CHECK;
/* MM_E_NOMEM also for more than a record takes, which is 4 MiB. */
enum mm_status mm_journal_note_saved(struct mm_journal *j, const struct mm_journal_saved *saved,
                                     struct mm_error *err) MM_MUST_CHECK;
/* All inputs are done: the output is about to get its name. */
enum mm_status mm_journal_note_all_done(struct mm_journal *j, const struct mm_tally *tally,
                                        struct mm_error *err) MM_MUST_CHECK;
/* The run is finished: what is left of the journal is its head and how it ended, so that equal runs
 * leave equal journals. */
enum mm_status mm_journal_note_end(struct mm_journal *j, const struct mm_tally *tally,
                                   struct mm_view head, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_JOURNAL_H */

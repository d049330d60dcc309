/*
 * sink.h - where finished messages go.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_SINK_H
#define MM_PIPELINE_SINK_H

#include <stdatomic.h>
#include <sys/types.h>

#include "pipeline/commit_line.h"
#include "pipeline/job.h"
#include "pipeline/journal.h"
#include "pipeline/rejects_log.h"

struct mm_sink;

enum { MM_MARK_MAX_BYTES = 2 * 1024 * 1024 }; /* of packing, in one mark */

/* A place in an ordered output. */
struct mm_sink_mark {
    uint64_t bytes;
    uint64_t packing_kept; /* see journal.h */
    struct mm_buf packing; /* of a packed output; the caller's */
};

struct mm_sink_ops {
    /* Before work: refuse what exists (MM_E_EXISTS), make folders and temporary files. */
    enum mm_status (*open)(struct mm_sink *sink, struct mm_error *err);
    enum mm_status (*worker_new)(struct mm_sink *sink, unsigned index, void **worker,
                                 struct mm_error *err);
    void (*worker_free)(void *worker);
    /*
     * Take a segment of a batch: every item with `emit`. An item that alone cannot be written
     * becomes rejected; an error that would hit every other one as well is MM_E_IO, and those it
     * kept from being written are pending then. Ordered sinks render into commit->out and may wait
     * for their turn to flush it; MM_AGAIN when that will not come.
     */
    enum mm_status (*put)(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                          struct mm_commit *commit, struct mm_item *items, size_t count,
                          struct mm_error *err);
    /* Ordered sinks: rendered text, in input order. */
    enum mm_status (*write)(struct mm_sink *sink, struct mm_view text, struct mm_error *err);
    /*
     * Ordered sinks: how far the output has come, so that it can be gone on with from here.
     * MM_AGAIN: not worth it yet. MM_OK: it is on disk, but with MM_DURABLE_NONE.
     */
    enum mm_status (*mark)(struct mm_sink *sink, struct mm_sink_mark *mark, struct mm_error *err);
    /*
     * Outputs that each worker fills apart, instead of ordered ones: bring to disk what the worker
     * has put, and append to `told` what open() of a run that goes on needs to find what was not
     * told before. unsaved: how many bytes that would write now.
     */
    enum mm_status (*save)(void *worker, struct mm_buf *told, struct mm_error *err);
    uint64_t (*unsaved)(const void *worker);
    /* Give the log all rejects that the output knows of, those of runs before this one among them.
     * The log has none. */
    enum mm_status (*list_rejects)(struct mm_sink *sink, struct mm_rejects_log *log,
                                   struct mm_error *err);
    /* The last call. whole: the run came to its end; else leave nothing half done behind. */
    enum mm_status (*close)(struct mm_sink *sink, bool whole, struct mm_error *err);
};

struct mm_sink {
    const struct mm_sink_ops *ops;
    bool ordered;
    bool wants_source_paths; /* replaces files in place */
    bool wants_messages;     /* put() reads the messages' bytes */
    bool journal_inside;     /* its journal lies in what gets its name at the end: it is to call
                                name_is_next() when all else is on disk */
    bool one_by_one;         /* durable message by message: put() gets one at a time */
    bool reader_may_leave;   /* nothing is lost where standard output is closed: who reads it has
                                seen enough */
    /* Set once by any worker: the file system on which files are synced one by one, since a sync of
     * all is not enough there. NULL: there is none so far. */
    _Atomic(const char *) synced_apart;
    /* Set before open: the journal of the run, NULL for none; what was read of it is gone on with.
     */
    struct mm_journal *journal;
    enum mm_status (*name_is_next)(void *context, struct mm_error *err);
    void *context;
};

struct mm_sink_options {
    const char *path; /* -o */
    bool overwrite, resume;
    enum mm_durability durability;
    unsigned threads;
    int64_t now;         /* date of separators that we make */
    mode_t mode;         /* stream: of the file, before the umask; 0: 0666 */
    const char *heading; /* stream: first line of a table; NULL for none */
    bool packed;         /* stream: with Zstandard, by so many threads beside the one that writes */
    unsigned pack_helpers;
};

enum mm_stream_form {
    MM_STREAM_ROWS,      /* each item's out_row */
    MM_STREAM_MBOX,      /* mboxrd */
    MM_STREAM_AS_CAME,   /* a message of a container as mboxrd, a lone one as it is */
    MM_STREAM_ONE,       /* one message and no separator; further ones are rejected */
    MM_STREAM_TAR,       /* each under the relative path that a tree would have */
    MM_STREAM_BSMTP,     /* with its envelope */
    MM_STREAM_SIGNATURES /* a row with the new fields */
};

/* A file (`path`, made as path.part and renamed when whole) or stdout ("-"), in input order. */
struct mm_sink *mm_sink_stream_new(const struct mm_sink_options *options, enum mm_stream_form form);
/* A tree of files below `path`. */
struct mm_sink *mm_sink_tree_new(const struct mm_sink_options *options);
/* A Maildir at `path`; of several sources one for each, below it. Files with LF line ends and
 * without a `From ` line. Names come from the source's: equal runs make equal names. */
struct mm_sink *mm_sink_maildir_new(const struct mm_sink_options *options, bool several_sources);
/* A folder that a mail server picks up: NAME.eml, made elsewhere, CRLF line ends. */
struct mm_sink *mm_sink_pickup_new(const struct mm_sink_options *options);
/* Each message replaces the file it came from. */
struct mm_sink *mm_sink_in_place_new(const struct mm_sink_options *options);
/*
 * Messages in a folder and rows in a stream. An item that could not be written is rejected, and its
 * row is made anew by `reject_row`. What is counted is in both: after a stop or failure the rows
 * may have gaps, where batches were dropped.
 */
struct mm_sink_pair_options {
    struct mm_sink_options messages, rows;
    enum mm_message_sink form; /* of the messages */
    bool several_sources;
    void (*reject_row)(void *context, struct mm_buf *out, const struct mm_item *item);
    void *context;
};
struct mm_sink *mm_sink_pair_new(const struct mm_sink_pair_options *options);
/* The one that makes a file of each message in a folder. */
struct mm_sink *mm_sink_folder_new(const struct mm_sink_options *options, enum mm_message_sink form,
                                   bool several_sources);
/* Nothing at all: a dry run. */
struct mm_sink *mm_sink_none_new(void);
void mm_sink_free(struct mm_sink **sink);

#endif /* MM_PIPELINE_SINK_H */

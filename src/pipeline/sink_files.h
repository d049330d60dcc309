/*
 * sink_files.h - sinks that make a file of each message share how they write; forms tell where.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A message is written under a temporary name and renamed. What is durable has its data, then its
 * name, synced before it counts: a segment's at once, or where that is not enough (io/sync_way.h)
 * file by file. A crash leaves whole files only.
 */
#ifndef MM_PIPELINE_SINK_FILES_H
#define MM_PIPELINE_SINK_FILES_H

#include <limits.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "pipeline/sink.h"
#include "pipeline/work_dir.h"
#include "text/eol_convert.h"

struct mm_files_sink {
    struct mm_sink sink;
    struct mm_sink_options options;
    const struct mm_files_form *form;
    struct mm_work_dir out;   /* OUT; none open in place */
    struct mm_work_dirs dirs; /* in place: the folders that workers are in */
    bool several_sources;
};

/* A run that ended early is gone on with. */
static inline bool mm_files_goes_on(const struct mm_files_sink *s)
{
    return s->sink.journal && s->sink.journal->state == MM_JOURNAL_UNFINISHED;
}

/* What a worker keeps open from one message to the next: sorted input asks for the same folder
 * again. */
struct mm_files_worker {
    struct mm_files_sink *s;
    unsigned index;
    int temp_fd;                  /* folder of temporary names; -1: none yet */
    struct mm_buf root;           /* what temp_fd is for */
    int dir_fd;                   /* folder of the last renamed message */
    struct mm_buf dir;            /* its path, as the form gives it */
    bool dir_changed;             /* names in it that may not be on disk */
    bool apart;                   /* files and folders are synced one by one */
    struct mm_buf text;           /* part of a message, its line ends converted */
    struct mm_digest_ctx *digest; /* for names made of a hash; NULL where there are none */
};

/* Where a message goes. */
struct mm_files_target {
    char dir[PATH_MAX]; /* below OUT, or as typed in place */
    char base[NAME_MAX + 1];
};

struct mm_files_form {
    bool in_place;           /* each message replaces the file it came from */
    bool hashed_names;       /* workers have a digest context */
    bool keeps_pickup_lines; /* all the same, where they are the envelope */
    bool drops_from_line;    /* an mbox separator is no part of what is written */
    enum mm_eol_form eol;
    enum mm_status (*open)(struct mm_files_sink *s, struct mm_error *err);
    enum mm_status (*close)(struct mm_files_sink *s, struct mm_error *err);
    /* Items of a segment that follow each other with one root share a folder of temporary names. */
    struct mm_view (*root_of)(const struct mm_item *item);
    /* Open it as w->temp_fd. Returns 0 or an errno. */
    int (*enter_root)(struct mm_files_worker *w, struct mm_view root);
    void (*leave_root)(struct mm_files_worker *w);
    /* Returns 0 or an errno; ENAMETOOLONG where it does not fit. */
    int (*target_of)(struct mm_files_worker *w, const struct mm_item *item,
                     struct mm_files_target *target);
};

/* NULL without memory. form: borrowed. */
struct mm_sink *mm_sink_files_new(const struct mm_sink_options *options,
                                  const struct mm_files_form *form);

/* What forms that write below OUT have in common: open it, lock it; sync it, close it. */
enum mm_status mm_files_open_out(struct mm_files_sink *s, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_files_close_out(struct mm_files_sink *s, struct mm_error *err) MM_MUST_CHECK;
/* Their temporary names in OUT/.mailmill, one root for all. */
struct mm_view mm_files_no_root(const struct mm_item *item);
int mm_files_enter_out(struct mm_files_worker *w, struct mm_view root);
void mm_files_leave_out(struct mm_files_worker *w);

#endif /* MM_PIPELINE_SINK_FILES_H */

/*
 * job.h - what a job is: it gets batches of messages and says what became of each.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Jobs never see files, sources and sinks never see DKIM. A further job needs no change to the
 * engine.
 */
#ifndef MM_PIPELINE_JOB_H
#define MM_PIPELINE_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/hash128.h"
#include "base/view.h"
#include "mailmill/run.h"

enum {
    MM_BATCH_ITEMS = 256, /* fills 16 hash lanes longest first; groups of 16 do not */
    /* Of messages in work at once: more leave the third cache. */
    MM_BATCH_BYTES = 8 * 1024 * 1024,
    MM_BATCH_PAIR_BYTES = 16 * 1024 * 1024 /* a smaller message takes a second with it */
};

/* Every input ends as exactly one of these. */
enum mm_outcome {
    MM_OUTCOME_PENDING,
    MM_OUTCOME_SIGNED,
    MM_OUTCOME_VERIFIED,
    MM_OUTCOME_EXTRACTED,
    MM_OUTCOME_REJECTED,
    MM_OUTCOME_DUPLICATE
};

/* One message on its way through a batch. All memory lasts until the batch is committed. */
struct mm_item {
    struct mm_view message;  /* its name as rows give it */
    struct mm_view out_path; /* where a tree sink puts it, relative to OUT */
    uint32_t member_at;      /* of message: where the name inside a container begins; 0: in none */
    uint32_t out_prefix_len; /* of out_path: the name of its source, where there are several */
    struct mm_view
        source; /* path of the file it is, for sinks that replace it; empty in containers */
    struct mm_view root;      /* folder that holds temporary names when `source` is replaced */
    struct mm_view from_line; /* mbox separator of the container; empty elsewhere */
    struct mm_view envelope;  /* batch SMTP: the lines MAIL and RCPT; empty elsewhere */
    bool in_container;        /* one of several messages of a file */
    bool has_pickup_lines;    /* from_line is lines X-Sender and X-Receiver */
    uint64_t source_bytes;    /* of the file `source` */
    bool quoted;              /* for a job that reads_quotes: see mm_verify_item */
    struct mm_view bytes;
    /* For a job that unpacks: nobody has looked yet whether `bytes` hold a container. The job asks,
     * with what came out of them, or without data where they are not to be unpacked. NULL: they
     * hold none. */
    bool (*is_container)(struct mm_view bytes, struct mm_view unpacked);
    struct mm_hash128 content; /* of the bytes, where the job has a use for it */
    enum mm_outcome outcome;
    /* rejected: why; extracted: what of it is damaged, slug NULL where nothing is */
    const char *slug, *detail;
    uint64_t offset;
    /* what goes to the sink, in this order: separator line, a "From " line of the message's own
     * behind that, new text, the message. Nothing when !emit. */
    bool emit, unchanged; /* unchanged: a sink that replaces files need not write it */
    struct mm_view out_from_line, out_own_from_line, out_head, out_rest;
    struct mm_view out_row;     /* a line of an ordered output; empty: none */
    enum mm_dkim_result result; /* verify: of the message */
};

/* What goes above new text: the lines before the message, else the "From " line that it begins
 * with; or both. */
static inline void mm_item_set_out_top(struct mm_item *item, struct mm_view own_from_line)
{
    bool both = item->from_line.len > 0;
    item->out_from_line = both ? item->from_line : own_from_line;
    item->out_own_from_line = both ? own_from_line : (struct mm_view){"", 0};
}

/* What stands above new text in a file of its own. The separator of an mbox, and a "From " line
 * behind it, are no part of that: with either the file would be an mbox, too, whose lines "From "
 * nobody has quoted. */
struct mm_item_file_top {
    struct mm_view from_line, own_from_line;
};
static inline struct mm_item_file_top mm_item_file_top(const struct mm_item *item)
{
    bool is_of_mbox = item->from_line.len && !item->has_pickup_lines;
    return is_of_mbox ? (struct mm_item_file_top){{"", 0}, {"", 0}}
                      : (struct mm_item_file_top){item->out_from_line, item->out_own_from_line};
}

/* It has a line in the list of rejects. */
static inline bool mm_item_is_listed(const struct mm_item *item)
{
    return item->outcome == MM_OUTCOME_REJECTED ||
           (item->outcome == MM_OUTCOME_EXTRACTED && item->slug);
}

static inline void mm_item_reject(struct mm_item *item, const char *slug, const char *detail,
                                  uint64_t offset)
{
    item->outcome = MM_OUTCOME_REJECTED;
    item->slug = slug;
    item->detail = detail;
    item->offset = offset;
}

/*
 * A job that asks something outside, keys of DNS for instance, works in two steps with its answers
 * between them. No worker waits for answers while it has other messages to read: the second step of
 * a segment comes when they are there, in the order of the worker's first steps.
 */
struct mm_job_steps {
    /* All that needs the bytes of the messages, and the questions. Never blocks. `open` is memory
     * of the arena. */
    enum mm_status (*begin)(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, void **open, struct mm_error *err);
    /*
     * Move what begin() left open to `keep`, so that messages and arena may go: after MM_OK nothing
     * of it borrows from them, and `kept` stands for `open`. MM_E_NOMEM: it is more than `keep`
     * takes, and `open` is as before.
     */
    enum mm_status (*keep)(void *worker, void *open, struct mm_arena *keep, void **kept);
    /*
     * As batch(), given what is open and the items of its begin() (with their bytes only where it
     * was not kept). `arena` is scratch until they are put. Takes `open` with MM_OK and with an
     * error; MM_AGAIN: answers are missing, and nothing has changed. Never blocks.
     */
    enum mm_status (*finish)(void *worker, struct mm_arena *arena, void *open,
                             struct mm_item *items, size_t count, struct mm_error *err);
    /* The answers are no longer wanted. */
    void (*drop)(void *worker, void *open);
    /* A number that changes when answers come; sleep until it is another, or so long. */
    uint64_t (*turn)(void *worker);
    void (*wait)(void *worker, uint64_t turn, unsigned timeout_ms);
};

struct mm_job_ops {
    size_t batch_bytes; /* of messages in work at once; 0: MM_BATCH_BYTES */
    bool sniff_files;   /* a file in a folder may be a container (verify, reports; never sign) */
    bool unpacks;       /* takes single documents as they are packed (reports) */
    bool reads_quotes;  /* undoes the quoting of an mbox by itself, where only the body has some */
    enum mm_status (*worker_new)(void *job, void **worker, struct mm_error *err);
    void (*worker_free)(void *worker);
    const struct mm_job_steps *steps; /* NULL: batch() does it all; else there is no batch() */
    /* Decide every pending item, and give the items their output. Items that are rejected already
     * (they could not be read) are there so that they get their row. A job that unpacks leaves an
     * item that is_container(), and those behind it, pending. */
    enum mm_status (*batch)(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err);
    /* Where the run may be gone on with: append the worker's counts since it did so last, in a form
     * of the job's own, and add to the job's what an earlier run appended. NULL: it has none. */
    void (*save_counts)(void *worker, struct mm_buf *out);
    enum mm_status (*load_counts)(void *job, struct mm_view counts);
    /* Add a worker's state to the job's; called by one thread, after the worker's last batch. */
    void (*merge)(void *job, void *worker, struct mm_run_stats *stats);
};

/* Whether these are to be worked on now. One large message waits for another: alone it would leave
 * the SHA unit idle for half of each round. */
static inline bool mm_batch_is_full(const struct mm_job_ops *ops, size_t count, uint64_t bytes)
{
    size_t most = ops->batch_bytes ? ops->batch_bytes : (size_t)MM_BATCH_BYTES;
    return bytes >= most && (count > 1 || bytes >= MM_BATCH_PAIR_BYTES);
}

#endif /* MM_PIPELINE_JOB_H */

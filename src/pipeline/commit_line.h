/*
 * commit_line.h - results of batches take effect in input order, whichever worker is done first.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A worker hands over a finished batch's commit and goes on; whoever completes the next one in
 * order applies all that are ready. A commit carries the text of an ordered output, the rejects and
 * the counts, so that what is counted is what was written.
 */
#ifndef MM_PIPELINE_COMMIT_LINE_H
#define MM_PIPELINE_COMMIT_LINE_H

#include <pthread.h>

#include "base/buf.h"
#include "base/hash128.h"
#include "pipeline/job.h"

struct mm_tally {
    uint64_t outcomes[MM_OUTCOME_DUPLICATE + 1]; /* [MM_OUTCOME_PENDING] stays 0 */
    uint64_t results[MM_DKIM_PERMERROR + 1];
    uint64_t bytes;
};

void mm_tally_add(struct mm_tally *sum, const struct mm_tally *more);
/* One item that has its outcome; nothing of a pending one. */
void mm_tally_note(struct mm_tally *tally, const struct mm_item *item);

struct mm_reject_note {
    uint32_t message_at, message_len, detail_at;
    const char *slug;
    uint64_t offset;
};

struct mm_commit {
    uint64_t seq;
    struct mm_buf out; /* text of an ordered output */
    struct mm_buf notes_text;
    struct mm_reject_note *notes;
    uint32_t note_count, note_cap;
    struct mm_tally tally;
    /* For the journal: inputs up to the end of the batch as the scanner counts them, and the hash
     * of their names; `whole` says that nothing of the batch is still to come. */
    uint64_t entries;
    struct mm_hash128 chain;
    bool whole;
    struct mm_commit *next;
};

struct mm_commit_line {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t next_seq;
    bool applying;          /* a thread is applying, the lock not held */
    bool closed;            /* failed: everybody goes home */
    uint64_t dropped_from;  /* this batch and all behind it take no effect in an ordered output */
    uint32_t window;        /* commits that may wait for their turn */
    size_t output_bytes;    /* with more rendered text than this a commit waits for its turn */
    size_t ready_max_bytes; /* rendered text and rejects that may wait for their turn */
    size_t ready_bytes, free_bytes;
    struct mm_commit *ready, *free; /* ready: sorted by seq; free: with their memory */
    /* Applies one commit: writes its text, logs its rejects, adds its counts. One thread at a time.
     */
    enum mm_status (*apply)(void *context, struct mm_commit *commit);
    void *context;
};

/* For `threads` workers, each of which renders `output_bytes` before its turn. */
enum mm_status mm_commit_line_init(struct mm_commit_line *line, uint32_t threads,
                                   size_t output_bytes,
                                   enum mm_status (*apply)(void *, struct mm_commit *),
                                   void *context) MM_MUST_CHECK;
void mm_commit_line_deinit(struct mm_commit_line *line);

/* An empty commit for a batch; NULL without memory. */
struct mm_commit *mm_commit_begin(struct mm_commit_line *line, uint64_t seq);
/* Note what became of an item; nothing has of a pending one. False without memory. */
bool mm_commit_note(struct mm_commit *c, const struct mm_item *item);
/* Say that a batch will not come, or that the one before it came in part: whoever waits behind it
 * stops waiting. */
void mm_commit_drop(struct mm_commit_line *line, uint64_t seq);
/* Wait for the commit's turn; false when it will not come: the line is closed, or a batch before it
 * was dropped. */
bool mm_commit_wait_turn(struct mm_commit_line *line, const struct mm_commit *c);
enum { MM_COMMIT_MUCH_BYTES = 4 * 1024 * 1024 }; /* text that still lies in a processor's caches */
/*
 * Keep the rendered text bounded: where it is much and the commit has its turn, apply what it holds
 * so far, and empty it. Before its turn there may be more, up to the line's output_bytes; then
 * wait. MM_AGAIN: its turn will not come. Else what `apply` said.
 */
enum mm_status mm_commit_flush_if_much(struct mm_commit_line *line,
                                       struct mm_commit *c) MM_MUST_CHECK;
/* Hand over; applied now or by another thread. Waits where too much waits for its turn already.
 * Takes the commit. */
enum mm_status mm_commit_end(struct mm_commit_line *line, struct mm_commit *c) MM_MUST_CHECK;
/* After the last worker: apply what is left although batches before it were dropped, or failed.
 * Only for outputs that know no order. */
enum mm_status mm_commit_line_drain(struct mm_commit_line *line) MM_MUST_CHECK;
void mm_commit_line_close(struct mm_commit_line *line);

#endif /* MM_PIPELINE_COMMIT_LINE_H */

/*
 * batch.h - what the scanner hands to a worker: up to 256 inputs, by path or in memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_BATCH_H
#define MM_PIPELINE_BATCH_H

#include "base/buf.h"
#include "base/hash128.h"
#include "io/budget.h"
#include "pipeline/job.h"

/* How a message in memory is stored. */
enum mm_member_form {
    MM_MEMBER_FILE,    /* as it is */
    MM_MEMBER_MBOX,    /* behind a separator line, quoted as mboxrd */
    MM_MEMBER_MBOXCL2, /* behind a separator line, not quoted */
    MM_MEMBER_BSMTP    /* lines stuffed with dots, an envelope before it */
};

/* One input. Texts are offsets into the batch's text, since that grows while the batch is filled.
 */
struct mm_entry {
    enum mm_entry_kind {
        MM_ENTRY_READ,   /* a file to read */
        MM_ENTRY_MEMORY, /* a message of a container, in the batch's block */
        MM_ENTRY_REJECT  /* refused by the scanner */
    } kind;
    uint32_t name_at,
        name_len;       /* what rows call it; for MM_ENTRY_READ also the path, NUL behind it */
    uint32_t member_at; /* see mm_item */
    uint32_t out_at, out_len;   /* output path */
    uint32_t out_prefix_len;    /* see mm_item */
    uint32_t root_at, root_len; /* see mm_item.root */
    bool follow;
    enum mm_member_form form;   /* MM_ENTRY_MEMORY: */
    bool lone;                  /* all of the stream */
    bool by_content;            /* a file that was named: it may be wrapped */
    size_t block_at, block_len; /* separator line and message as stored */
    size_t envelope_at, envelope_len;
    const char *slug; /* MM_ENTRY_REJECT */
    int os_errno;
    uint64_t offset;
    struct mm_hash128 key; /* see mm_journal_key(), where the sink saves */
};

struct mm_batch {
    uint64_t seq;            /* 0, 1, 2 … in input order */
    uint64_t entries_so_far; /* of the run, its own included */
    struct mm_hash128 chain; /* of their names */
    uint32_t count;
    struct mm_entry entries[MM_BATCH_ITEMS];
    struct mm_buf text;
    char *block;        /* memory of a container's messages; NULL where none */
    size_t block_taken; /* bytes of the budget that it holds */
    struct mm_batch *next;
};

static inline struct mm_view mm_batch_text(const struct mm_batch *b, uint32_t at, uint32_t len)
{
    return mm_view_sub(mm_buf_view(&b->text), at, len);
}

/* Append text and a NUL; returns its offset, or UINT32_MAX without memory. */
uint32_t mm_batch_add_text(struct mm_batch *b, struct mm_view v);

/*
 * The queue between scanner and workers, bounded in batches, and tighter in those that hold a
 * block: names are found in spurts, but a container is read faster than it is worked on, and each
 * block is memory to be touched. Finished batches come back to be filled again, so that the steady
 * state allocates none.
 */
struct mm_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    struct mm_batch *head, *tail, *free;
    uint32_t count, capacity, waiting;
    uint32_t block_count, block_capacity; /* of batches that hold a block */
    bool closed;
};

enum mm_status mm_queue_init(struct mm_queue *q, uint32_t capacity,
                             uint32_t block_capacity) MM_MUST_CHECK;
void mm_queue_deinit(struct mm_queue *q, struct mm_budget *budget);
/* An empty batch to fill; NULL without memory. */
struct mm_batch *mm_queue_blank(struct mm_queue *q);
/* Wait for room and put; false (the batch is still the caller's) when closed. */
bool mm_queue_put(struct mm_queue *q, struct mm_batch *b);
/* Wait for a batch; NULL when closed and empty. */
struct mm_batch *mm_queue_take(struct mm_queue *q);
/* The same, but wait so long at most. MM_OK with a batch; MM_AGAIN; MM_END when closed and empty.
 */
enum mm_status mm_queue_take_within(struct mm_queue *q, unsigned timeout_ms,
                                    struct mm_batch **out) MM_MUST_CHECK;
/* A batch of files, to be read ahead, only if there is one that no other worker waits for. */
struct mm_batch *mm_queue_take_spare(struct mm_queue *q, uint32_t keep);
/* Give a batch back; its block's bytes go back to the budget. */
void mm_queue_return(struct mm_queue *q, struct mm_batch *b, struct mm_budget *budget);
/* No more puts. drop: what is queued is thrown away. */
void mm_queue_close(struct mm_queue *q, bool drop, struct mm_budget *budget);

#endif /* MM_PIPELINE_BATCH_H */

/*
 * reader.h - read many files at once, through a ring or a pool of threads, behind one interface.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One reader belongs to one worker. Small files land in slots of one slab (registered with the ring
 * where the system allows it); the slot is the message's memory until it is released, nothing is
 * copied. A file that fills its slot is asked for its size and read whole into memory taken from
 * the budget.
 */
#ifndef MM_IO_READER_H
#define MM_IO_READER_H

#include "base/error.h"
#include "base/view.h"
#include "io/budget.h"
#include "io/spare_pages.h"
#include "mailmill/run.h"

enum {
    MM_READ_DEPTH = 128,            /* reads under way a worker; measured best on cold caches */
    MM_READ_SLOT_BYTES = 32 * 1024, /* most mail is smaller */
    MM_READ_SLOTS = 384,            /* a batch of 256 in work and 128 more on their way */
    MM_READ_SLOTS_MIN = 16,
    MM_READ_PAD_BYTES = 64 /* readable bytes behind every message, for wide loads */
};

enum mm_read_outcome {
    MM_READ_OK,
    MM_READ_VANISHED,  /* ENOENT, ENOTDIR: it was there when the folder was listed */
    MM_READ_DENIED,    /* EACCES, EPERM */
    MM_READ_NOT_FILE,  /* a folder, link (without follow) or special file by now */
    MM_READ_CHANGED,   /* grew or shrank while it was read */
    MM_READ_TOO_LARGE, /* over message_max_bytes or the whole budget */
    MM_READ_FAILED     /* any other error: os_errno */
};

/* One file to read. The caller owns the struct and keeps it in place until it is released. */
struct mm_read {
    const char
        *path;   /* in: relative to the working folder or absolute, ends in NUL; kept until done */
    bool follow; /* in: a last link may be followed */
    void *tag;   /* in: the caller's */
    /* in: of reads that wait for memory, the lowest is served first; among equals the first. */
    uint64_t order;
    enum mm_read_outcome outcome; /* out */
    int os_errno;                 /* out: 0 with MM_READ_OK */
    /* out: MM_READ_PAD_BYTES more are readable behind them; the memory may be written until it is
     * released */
    struct mm_view bytes;
    /* private */
    uint32_t slot;
    uint8_t stage;
    struct mm_pages big;
    uint64_t big_bytes;
    struct mm_read *next;
    void *extra;
};

/* True of a read that was handed back and holds memory of the budget until it is released. */
static inline bool mm_read_is_large(const struct mm_read *read)
{
    return read->big.base != NULL;
}

struct mm_reader_options {
    enum mm_io_choice io;
    uint32_t depth;      /* 0: MM_READ_DEPTH */
    uint32_t slot_count; /* 0: MM_READ_SLOTS */
    uint64_t message_max_bytes;
    /* Of messages that are worked on at once; 0: many. While no read has to be waited for, large
     * ones are read no further ahead. */
    uint64_t work_bytes;
    struct mm_budget *budget; /* shared by all readers; slots are not charged to it */
};

struct mm_reader_stats {
    uint64_t inflight_sum, inflight_samples, inflight_max; /* sampled at each wait */
    uint64_t waits;
};

struct mm_reader;

/*
 * Make a reader. Call it from the thread that starts the workers, before the first of them starts;
 * free it after the last is joined. Rings are made disabled, with SINGLE_ISSUER and DEFER_TASKRUN,
 * then without DEFER_TASKRUN, then plainly where the kernel says EINVAL.
 *
 * MM_IO_AUTO falls back to threads where a ring, or its table of direct descriptors, cannot be had;
 * mm_reader_why() then says so in words.
 *
 * Returns MM_OK; MM_E_NOMEM; with MM_IO_URING, MM_E_IO and the words in err.
 */
enum mm_status mm_reader_new(const struct mm_reader_options *options, struct mm_reader **out,
                             struct mm_error *err) MM_MUST_CHECK;
void mm_reader_free(struct mm_reader **reader);
/* By the worker, before its first submit: enables the ring. The slab is registered with it bit by
 * bit, as slots are taken; going on without registered buffers is no failure. Returns as
 * mm_reader_new() does. */
enum mm_status mm_reader_start(struct mm_reader *reader, struct mm_error *err) MM_MUST_CHECK;

/* "uring" or "threads": what runs now; it may change in mid-run when a ring fails. Any thread. */
const char *mm_reader_backend(const struct mm_reader *reader);
/* Empty, or why it is not the ring / not registered, for people. By the worker, or after it. */
const char *mm_reader_why(const struct mm_reader *reader);
/* Any thread. */
struct mm_reader_stats mm_reader_stats(const struct mm_reader *reader);

/* True when one more read may be submitted: a slot is free and the depth is not reached. */
bool mm_reader_has_room(const struct mm_reader *reader);
/* Queue one read; it starts at the latest with the next wait. Only with room. */
void mm_reader_submit(struct mm_reader *reader, struct mm_read *read);
/* Reads submitted and not yet handed back. */
size_t mm_reader_pending(const struct mm_reader *reader);

/* Of those, reads that come to their end by themselves; the others wait for memory. */
size_t mm_reader_under_way(const struct mm_reader *reader);

/*
 * Start what is queued, wait until reads are done, hand them back.
 *
 * done       [out] up to `cap` reads, in the order they ended; count says how many.
 * min        wait for so many, lowered to what is pending; 0: do not wait. A wait may last until a
 *            few more are done than that, so as to enter the kernel rarely.
 * may_block  the caller holds no large messages: a read that waits for memory may block on the
 *            budget.
 * Returns    MM_OK, with fewer than `min` reads, even none, when all others wait for memory and
 *            may_block is false or this reader's own reads have the memory (release them and wait
 *            again); MM_E_IO when the ring failed and was forced (MM_IO_URING). With MM_IO_AUTO the
 *            reads under way are done again by threads, and the caller notices nothing but
 *            mm_reader_backend().
 */
enum mm_status mm_reader_wait(struct mm_reader *reader, struct mm_read **done, size_t cap,
                              size_t min, bool may_block, size_t *count,
                              struct mm_error *err) MM_MUST_CHECK;

/* Give the message's memory back. Every read handed back by a wait is released once, whatever its
 * outcome. */
void mm_reader_release(struct mm_reader *reader, struct mm_read *read);

/* Ask whether a ring can be had here: "" or why not. For `mailmill version`. */
void mm_reader_probe(char *why, size_t cap);

#endif /* MM_IO_READER_H */

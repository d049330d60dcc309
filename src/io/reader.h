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
    enum mm_read_outcome outcome; /* out */
    int os_errno;                 /* out: 0 with MM_READ_OK */
    struct mm_view bytes;         /* out: MM_READ_PAD_BYTES more are readable behind them */
    /* private */
    uint32_t slot;
    uint8_t stage;
    char *big;
    uint64_t big_bytes;
    struct mm_read *next;
    void *extra;
};

struct mm_reader_options {
    enum mm_io_choice io;
    uint32_t depth;      /* 0: MM_READ_DEPTH */
    uint32_t slot_count; /* 0: MM_READ_SLOTS */
    uint64_t message_max_bytes;
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
 * then without DEFER_TASKRUN, then plainly where the kernel says EINVAL. io AUTO   falls back to
 * threads where a ring cannot be had; `why` then says so in words. io URING  MM_E_IO with the words
 * in err.
 */
enum mm_status mm_reader_new(const struct mm_reader_options *options, struct mm_reader **out,
                             struct mm_error *err) MM_MUST_CHECK;
void mm_reader_free(struct mm_reader **reader);
/* By the worker, before its first submit: enables the ring, registers the slab and the descriptor
 * table. Going on without registered buffers, or without direct descriptors, is no failure. */
enum mm_status mm_reader_start(struct mm_reader *reader, struct mm_error *err) MM_MUST_CHECK;

/* "uring" or "threads": what runs now; it may change in mid-run when a ring fails. */
const char *mm_reader_backend(const struct mm_reader *reader);
/* Empty, or why it is not the ring / not registered, for people. */
const char *mm_reader_why(const struct mm_reader *reader);
struct mm_reader_stats mm_reader_stats(const struct mm_reader *reader);

/* True when one more read may be submitted: a slot is free and the depth is not reached. */
bool mm_reader_has_room(const struct mm_reader *reader);
/* Queue one read; it starts at the latest with the next wait. Only with room. */
void mm_reader_submit(struct mm_reader *reader, struct mm_read *read);
/* Reads submitted and not yet handed back. */
size_t mm_reader_pending(const struct mm_reader *reader);

/*
 * Start what is queued, wait until at least `min` reads are done (0: do not wait; it is lowered to
 * what is pending), hand back up to `cap`. may_block  the caller holds no large messages: a read
 * that waits for memory may block on the budget. Otherwise such reads stay pending, and fewer than
 * `min` may come back, even none. count      [out] reads handed back, in the order they ended.
 * Returns MM_OK; MM_E_IO when the ring failed and was forced (io URING); with AUTO the reads under
 * way are done again by threads, and the caller notices nothing but mm_reader_backend().
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

/*
 * reader_internal.h - what the reader shares with its two backends.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A backend takes a read through one stage and hands it back: reader.c decides what comes next. So
 * memory for large files is asked for in one place, by the worker itself, whatever reads them.
 */
#ifndef MM_IO_READER_INTERNAL_H
#define MM_IO_READER_INTERNAL_H

#include "io/reader.h"

enum {
    /* A read of this many bytes fills its slot; one that gives fewer was at the file's end. */
    MM_SLOT_ROOM = MM_READ_SLOT_BYTES - MM_READ_PAD_BYTES,
    /* One read call asks for no more, so that lengths fit the ring's 32 bits. */
    MM_READ_PIECE_BYTES = 1 << 30,
    /* Large messages of one reader, read or in work: enough to keep a disk busy, and few enough
     * that their memory is used again while it is still in a cache. One may be larger. */
    MM_READ_AHEAD_BYTES = 24 * 1024 * 1024,
    /* Reads under way where none has to be waited for: their messages are in the processor's caches
     * still when they are worked on, and few slots have to be. */
    MM_READ_DEPTH_CACHED = 64,
    /* Who waits at all waits for this many, where so many are under way: fewer are not worth a
     * system call, or being woken. */
    MM_READ_BATCH_MIN = 16
};

enum mm_read_stage {
    MM_STAGE_SMALL,  /* to be read into its slot */
    MM_STAGE_MEMORY, /* larger than its slot: big_bytes says its size */
    MM_STAGE_BIG, /* to be read into `big`, which has room for big_bytes, one more, and the pad */
    MM_STAGE_DONE /* the outcome is set */
};

struct mm_read_list {
    struct mm_read *first, *last;
    size_t count;
};

void mm_read_list_push(struct mm_read_list *list, struct mm_read *read);
/* Put it before the first of a higher order; the list is sorted by it. */
void mm_read_list_insert(struct mm_read_list *list, struct mm_read *read);
struct mm_read *mm_read_list_pop(struct mm_read_list *list); /* NULL where empty */
/* Move all of `from` behind `to`. */
void mm_read_list_join(struct mm_read_list *to, struct mm_read_list *from);

static inline char *mm_read_slot(const struct mm_read *read)
{
    return read->extra;
}

/* ---- memory ---- */

char *mm_read_pages_map(size_t bytes); /* NULL without memory */
/* quiet: nobody writes to them any more. Otherwise the pages go and their addresses stay taken, so
 * that what the kernel still writes there fails and hits nothing of ours. NULL is let pass. */
void mm_read_pages_drop(char *base, size_t bytes, bool quiet);

/* A slab of slots. Those that are free are a stack: the one used last is the warmest. */
struct mm_slots {
    char *base;
    uint32_t first, count; /* numbers of the slots are first .. first + count - 1 */
    uint32_t *free, free_count;
};

bool mm_slots_init(struct mm_slots *slots, uint32_t first, uint32_t count); /* false: no memory */
void mm_slots_take(struct mm_slots *slots, struct mm_read *read);
/* A slot with another slab's number is only forgotten; so is none. */
void mm_slots_give(struct mm_slots *slots, struct mm_read *read);
void mm_slots_deinit(struct mm_slots *slots, bool quiet);

/* ---- how a stage ends ---- */

void mm_read_end(struct mm_read *read, enum mm_read_outcome outcome, int os_errno);
void mm_read_end_errno(struct mm_read *read, int os_errno);
void mm_read_end_bytes(struct mm_read *read, const char *data, size_t len);
/* What the slot holds, with what the system says of the file: the whole of it, or it is larger. */
void mm_read_judge(struct mm_read *read, unsigned mode, uint64_t size, size_t got);

/* ---- plain calls: one stage, start to end, by the calling thread ---- */

int mm_read_open_flags(const struct mm_read *read);
void mm_read_plain(struct mm_read *read);

/* ---- a pool of threads that make plain calls ---- */

struct mm_pool;
struct mm_pool *mm_pool_new(void); /* NULL without memory */
/* Wait for the reads that were begun; all that the pool still has go to `left`. */
void mm_pool_free(struct mm_pool **pool, struct mm_read_list *left);
/* Add `queue` to what is to be read (it is empty then), wait for about `want` stages (0: for none),
 * and move all that ended to `done`. */
void mm_pool_turn(struct mm_pool *pool, struct mm_read_list *queue, size_t want,
                  struct mm_read_list *done);

/* ---- the ring ---- */

struct mm_ring;
/* By the thread that makes the readers: a disabled ring with a table of direct descriptors. */
enum mm_status mm_ring_new(uint32_t depth, struct mm_ring **out,
                           struct mm_error *err) MM_MUST_CHECK;
/* By the worker. `why`, which stays, gets the words where the slab, or the rest of it, could not be
 * registered, now or later; that is no failure. */
enum mm_status mm_ring_start(struct mm_ring *ring, const struct mm_slots *slots, char *why,
                             size_t why_bytes, struct mm_error *err) MM_MUST_CHECK;
/* Whether one more read can be begun before the next turn. */
bool mm_ring_has_room(const struct mm_ring *ring);
void mm_ring_begin(struct mm_ring *ring, struct mm_read *read);
size_t mm_ring_busy(const struct mm_ring *ring); /* reads begun and not ended */
/* Submit, wait for about `want` stages (0: for none) and move all that ended to `done`. Returns 0,
 * or an errno after which the ring is of no more use. */
int mm_ring_turn(struct mm_ring *ring, size_t want, struct mm_read_list *done);
/* Move the reads that are under way to `left`: the kernel may still write into their memory. */
void mm_ring_abandon(struct mm_ring *ring, struct mm_read_list *left);
/* Wait for what is under way, which goes to `left`, and close. False: it could not be waited for,
 * or the ring was abandoned with reads under way, so that the kernel may still write. */
bool mm_ring_free(struct mm_ring **ring, struct mm_read_list *left);

#endif /* MM_IO_READER_INTERNAL_H */

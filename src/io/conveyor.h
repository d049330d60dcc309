/*
 * conveyor.h - pieces of one stream, worked on by several threads, taken off in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread at a time puts pieces on and takes them off; helpers work on those in between. When it
 * has to wait it helps, so that any number of helpers will do, none among them. Helpers start with
 * the first piece.
 */
#ifndef MM_IO_CONVEYOR_H
#define MM_IO_CONVEYOR_H

#include "base/buf.h"
#include "base/error.h"

/* What is filled in by who puts it on, and by the work. Buffers keep their memory. */
struct mm_piece {
    struct mm_buf in, out;
    enum mm_status status; /* of the work */
    uint64_t check;        /* the work's own */
};

struct mm_conveyor_work {
    size_t in_max_bytes, out_max_bytes;
    /* Of one thread; NULL without memory. */
    void *(*worker_new)(void);
    void (*worker_free)(void *worker);
    void (*work)(void *worker, struct mm_piece *piece);
};

struct mm_conveyor;
/* Room for two pieces a helper and one more. NULL without memory. `work` is borrowed. */
struct mm_conveyor *mm_conveyor_new(const struct mm_conveyor_work *work, unsigned helpers);
void mm_conveyor_free(struct mm_conveyor **conveyor);

/* The piece to be filled next, the same one until it is put on; NULL: there is no room. */
struct mm_piece *mm_conveyor_blank(struct mm_conveyor *conveyor);
bool mm_conveyor_is_empty(const struct mm_conveyor *conveyor);
/* Put it on. */
void mm_conveyor_put(struct mm_conveyor *conveyor);
/* The piece that was put on first, done; it stays until it is dropped. NULL: there is none, or
 * without `wait`, it is not done yet. */
struct mm_piece *mm_conveyor_first(struct mm_conveyor *conveyor, bool wait);
/* Take it off: it is blank again, its buffers empty. */
void mm_conveyor_drop_first(struct mm_conveyor *conveyor);

#endif /* MM_IO_CONVEYOR_H */

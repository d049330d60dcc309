/*
 * reader_ring.h - the ring and what is under way in it, shared by its set-up and its turns.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_READER_RING_H
#define MM_IO_READER_RING_H

#include <liburing.h>
#include <sys/stat.h>

#include "io/reader_internal.h"

enum {
    MM_RING_CHAIN_ENTRIES = 4, /* open, advice, read, close */
    MM_RING_STEP_ENTRIES = 2,  /* most that one completion adds: a close and a next step */
    /* Entries of the queue for each lane: a whole chain, and as much again for all next steps. */
    MM_RING_LANE_ENTRIES = 2 * MM_RING_CHAIN_ENTRIES,
    MM_RING_LANES_MAX = 1024,
    /* The slab is registered a piece at a time, when its first slot is taken: a run over few files
     * has few pages cleared and pinned. A piece is a large page of most systems. */
    MM_RING_PIECE_BYTES = 2 * 1024 * 1024
};

/* One read under way. */
struct mm_ring_lane {
    struct mm_read *read;
    uint32_t file; /* index of its direct descriptor */
    uint64_t got;
};

struct mm_ring {
    struct io_uring uring;
    unsigned flags; /* of its set-up */
    int failed;     /* errno; the ring is not entered again */
    bool abandoned_busy;
    const char *slab;
    size_t slab_bytes;
    uint32_t piece_count, piece_goal; /* of the slab: registered, the first ones; to be */
    char *why; /* the reader's: gets the words where a piece could not be registered */
    size_t why_bytes;
    uint32_t lane_count, free_lane_count;
    struct mm_ring_lane *lanes;
    uint32_t *free_lanes;
    uint32_t file_count, free_file_count;
    uint32_t *free_files; /* direct descriptors that no chain holds */
    uint32_t closing;     /* closes that a completion is still to come from */
};

/* The registered buffer that holds the slot; -1: none does. Slots are taken from the slab's begin
 * on: the first of a piece has that one registered. */
int mm_ring_buffer(struct mm_ring *ring, const char *slot);

#endif /* MM_IO_READER_RING_H */

/*
 * intake.h - a worker's batches on their way in: one in work, the next one being read.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_INTAKE_H
#define MM_PIPELINE_INTAKE_H

#include "io/reader.h"
#include "pipeline/batch.h"

struct mm_engine;
struct mm_commit;

/* A batch whose files are being read, or are there. */
struct mm_flight {
    struct mm_batch *batch; /* NULL: none */
    struct mm_read reads[MM_BATCH_ITEMS];
    enum mm_read_state {
        MM_READ_NOT_SUBMITTED,
        MM_READ_PENDING,
        MM_READ_DONE, /* also: nothing to read */
        MM_READ_RELEASED
    } state[MM_BATCH_ITEMS];
    uint32_t next_submit; /* no entry before this one is still to be submitted */
    uint32_t finished;    /* entries before this one are done and released */
};

struct mm_intake {
    struct mm_engine *e;
    struct mm_reader *reader;
    struct mm_flight flights[2];
    struct mm_flight *current, *ahead; /* ahead: read while current is in work; NULL where none */
    struct mm_read *done[MM_READ_DEPTH];
    uint64_t read_ns; /* spent waiting for reads */
};

enum mm_intake_turn {
    MM_INTAKE_READ,
    MM_INTAKE_NOT_YET,
    MM_INTAKE_ALL_WAIT_FOR_MEMORY,
    MM_INTAKE_RUN_ENDS
};

/* Make the next batch the current one: the one ahead, or one from the queue. False: no more. */
bool mm_intake_next(struct mm_intake *in);
/* The same, but wait so long at most. MM_OK; MM_AGAIN; MM_END: no more. */
enum mm_status mm_intake_next_within(struct mm_intake *in, unsigned timeout_ms) MM_MUST_CHECK;
/* Keep the reader full: the rest of the current batch first, then the next one's. */
void mm_intake_submit(struct mm_intake *in);
/* Wait until some read is done, or until all that are left wait for memory. */
enum mm_intake_turn mm_intake_wait(struct mm_intake *in);
/* The same, without waiting: MM_INTAKE_NOT_YET where reads are under way and none is done. */
enum mm_intake_turn mm_intake_poll(struct mm_intake *in);
/*
 * The read that is next waits for memory, or for a slot: give back all that is held for later ones,
 * then wait until the batch is the first in line and the memory is there. False when the run ends.
 */
bool mm_intake_wait_for_memory(struct mm_intake *in, const struct mm_commit *commit);
/* True when the whole rest of the current batch is there, or as much as fits a segment. */
bool mm_intake_segment_ready(const struct mm_intake *in);
/* Entries of the current batch before `to` are finished: their memory goes back. */
void mm_intake_release_to(struct mm_intake *in, uint32_t to);
/* The current batch is done with. */
void mm_intake_end(struct mm_intake *in);
/* The worker goes home: wait for reads that are on their way, give everything back. */
void mm_intake_abandon(struct mm_intake *in);

#endif /* MM_PIPELINE_INTAKE_H */

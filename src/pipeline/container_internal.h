/*
 * container_internal.h - a stream being read, and the blocks that readers of streams and zips give.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_CONTAINER_INTERNAL_H
#define MM_PIPELINE_CONTAINER_INTERNAL_H

#include "io/reader.h"
#include "io/stream.h"
#include "pipeline/container.h"

enum {
    MM_BLOCK_MIN_BYTES = 256 * 1024,
    /* For blocks of many messages; one message may need more. */
    MM_BLOCK_MAX_BYTES = 4 * 1024 * 1024
};

/* What a block of this size takes of the budget. */
static inline size_t mm_block_charge(size_t cap)
{
    return cap + MM_READ_PAD_BYTES;
}

/* MM_OK; MM_END: the reading is to end; MM_E_NOMEM. */
enum mm_status mm_block_get(const struct mm_container_options *options, size_t cap, char **block,
                            struct mm_error *err) MM_MUST_CHECK;

/* A stream being read. */
struct mm_reading {
    const struct mm_container_options *o;
    struct mm_stream *stream;
    struct mm_cutter cutter;
    char *block;
    size_t cap, len;       /* of the block; cap + padding is charged to the budget */
    size_t goal;           /* what of it the next batch is expected to use */
    uint64_t block_offset; /* in the stream, of the block's first byte */
    uint64_t skip;         /* bytes that come next and that nobody wants */
    bool ended;            /* the stream has no more: its end, or damage */
    bool damaged, paused;
    struct mm_view wanted;  /* as the option, but empty where the stream begins with it */
    bool only_first, found; /* found: something was given that is no link */
    bool misplaced;         /* the offset that was asked for is not where a member begins */
    bool cut_ended;         /* the container is over; what is behind it is read and dropped */
    bool done;              /* the receiver wants no more */
    bool can_seek;          /* the stream is a file, and begins at its first byte */
    struct mm_error *err;
};

/* As mm_block_get(), for the stream's block; MM_END also marks the reading as done. */
enum mm_status mm_reading_get_block(struct mm_reading *s, size_t cap) MM_MUST_CHECK;
/* A message that does not fit: only what is added is asked for, since the block is held. */
enum mm_status mm_reading_grow_block(struct mm_reading *s, size_t cap) MM_MUST_CHECK;
/* Free the block; quiet without one. */
void mm_reading_put_back(struct mm_reading *s);
/* Nobody wants the block's first bytes. */
void mm_reading_drop_front(struct mm_reading *s, size_t bytes);
/* Read some more, until the block holds what it is to, then until it is full, or until the stream
 * ends or pauses: a step at a time, so that little of the next message comes behind the end of a
 * large one. MM_OK; MM_E_IO; MM_E_NOMEM. */
enum mm_status mm_reading_fill(struct mm_reading *s) MM_MUST_CHECK;
/* Hand the block over and go on in a fresh one that begins with its bytes from `keep` on. */
enum mm_status mm_reading_next_block(struct mm_reading *s, size_t keep, size_t cap) MM_MUST_CHECK;

/*
 * The members of a zip, in blocks. fd: a file that can seek, borrowed.
 * damaged_at  MM_NO_OFFSET; or it was packed once more, and that is damaged behind so many bytes.
 * Returns as mm_container_read() does.
 */
enum mm_status mm_container_read_zip(const struct mm_container_options *options, int fd,
                                     uint64_t damaged_at, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_CONTAINER_INTERNAL_H */

/*
 * container_internal.h - what the readers of streams and of zips share: blocks, and who gets them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_CONTAINER_INTERNAL_H
#define MM_PIPELINE_CONTAINER_INTERNAL_H

#include "io/reader.h"
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

/*
 * The members of a zip, in blocks. fd: a file that can seek, borrowed.
 * damaged_at  MM_NO_OFFSET; or it was packed once more, and that is damaged behind so many bytes.
 * Returns as mm_container_read() does.
 */
enum mm_status mm_container_read_zip(const struct mm_container_options *options, int fd,
                                     uint64_t damaged_at, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_CONTAINER_INTERNAL_H */

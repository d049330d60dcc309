/*
 * inflate_internal.h - what the unpackers of whole buffers share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_INFLATE_INTERNAL_H
#define MM_IO_INFLATE_INTERNAL_H

#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

#include "io/inflate.h"

struct mm_inflate {
    struct libdeflate_decompressor *whole;
    z_stream stream; /* for members that `whole` does not take */
    bool has_stream;
    ZSTD_DCtx *zstd; /* made when first needed */
};

/* One run. */
struct mm_inflate_run {
    struct mm_inflate *inflate;
    enum mm_inflate_format format;
    struct mm_view packed;
    struct mm_buf *out;
    size_t start; /* of what this run added to `out` */
    size_t limit;
    struct mm_inflated *result;
};

/* Bytes that may still be added. */
static inline size_t mm_inflate_left(const struct mm_inflate_run *run)
{
    return run->limit - (run->out->len - run->start);
}

/* Count a whole member that took packed bytes up to `used`. */
static inline void mm_inflate_member(struct mm_inflate_run *run, size_t used)
{
    run->result->members++;
    run->result->used_bytes = used;
}

/* Room for more output, a multiple of what there is, within the limit. False without memory; *room
 * is 0 at the limit. */
bool mm_inflate_room(struct mm_inflate_run *run, size_t least, size_t *room);
/* True where what came out so far is more than its packed bytes may give; `end` is set then. */
bool mm_inflate_is_too_dense(struct mm_inflate_run *run, size_t used);

/* All frames. MM_OK or MM_E_NOMEM. */
enum mm_status mm_inflate_zstd(struct mm_inflate_run *run) MM_MUST_CHECK;

#endif /* MM_IO_INFLATE_INTERNAL_H */

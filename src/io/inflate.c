/*
 * inflate.c - packed bytes in memory, unpacked whole: gzip, zlib and bare deflate.
 * SPDX-License-Identifier: Apache-2.0
 *
 * libdeflate takes a member whose output fits; how much that is, the last four bytes of a gzip file
 * claim, and a claim that cannot be is not believed. What it refuses is done again by zlib, which
 * gives what comes before the fault.
 */
#include "io/inflate.h"

#include <limits.h>
#include <stdlib.h>

#include "io/inflate_internal.h"
#include "io/stream.h"

enum {
    GZIP_LEAST_BYTES = 18, /* RFC 1952 section 2.3: header, an empty block, trailer */
    GUESSED_RATIO = 16,    /* reports have 15:1 */
    DEFLATE_RATIO_MAX = 1032,
    ROOM_LEAST_BYTES = 4096
};

enum mm_inflate_format mm_inflate_sniff(struct mm_view head)
{
    enum mm_packing packing = mm_packing_sniff(head);
    if (packing != MM_PACKING_NONE)
        return packing == MM_PACKING_GZIP ? MM_INFLATE_GZIP : MM_INFLATE_ZSTD;
    if (head.len < 2 || head.data[0] != '\x78')
        return MM_INFLATE_NONE;
    unsigned second = (unsigned char)head.data[1];
    bool dictionary = second & 0x20; /* one that nobody told us */
    return (0x7800 + second) % 31 == 0 && !dictionary ? MM_INFLATE_ZLIB : MM_INFLATE_NONE;
}

struct mm_inflate *mm_inflate_new(void)
{
    struct mm_inflate *inflate = calloc(1, sizeof *inflate);
    if (!inflate)
        return NULL;
    inflate->whole = libdeflate_alloc_decompressor();
    if (!inflate->whole)
        mm_inflate_free(&inflate);
    return inflate;
}

void mm_inflate_free(struct mm_inflate **inflate)
{
    struct mm_inflate *old = *inflate;
    if (!old)
        return;
    libdeflate_free_decompressor(old->whole);
    if (old->has_stream)
        inflateEnd(&old->stream);
    ZSTD_freeDCtx(old->zstd);
    free(old);
    *inflate = NULL;
}

bool mm_inflate_room(struct mm_inflate_run *run, size_t least, size_t *room)
{
    size_t left = mm_inflate_left(run);
    size_t free_bytes = run->out->cap - run->out->len;
    *room = free_bytes > least ? free_bytes : least;
    if (*room > left)
        *room = left;
    return mm_buf_reserve(run->out, *room);
}

bool mm_inflate_is_too_dense(struct mm_inflate_run *run, size_t used)
{
    size_t came_out = run->out->len - run->start;
    if (came_out < MM_INFLATE_RATIO_FROM_BYTES || came_out / MM_INFLATE_RATIO <= used)
        return false;
    run->result->end = MM_INFLATE_TOO_DENSE;
    run->result->used_bytes = used;
    return true;
}

/* ---- a member by libdeflate ---- */

/* What a single gzip member says comes out of it: RFC 1952 section 2.3.1, ISIZE. */
static size_t claimed_bytes(struct mm_view packed)
{
    size_t claim = 0, most = packed.len > SIZE_MAX / DEFLATE_RATIO_MAX
                                 ? SIZE_MAX
                                 : packed.len * DEFLATE_RATIO_MAX;
    for (size_t i = 0; i < 4; i++)
        claim |= (size_t)(unsigned char)packed.data[packed.len - 4 + i] << 8 * i;
    return claim <= most ? claim : 0;
}

static size_t first_room(const struct mm_inflate_run *run, struct mm_view rest)
{
    size_t claim =
        run->format == MM_INFLATE_GZIP && rest.len >= GZIP_LEAST_BYTES ? claimed_bytes(rest) : 0;
    if (claim > 0)
        return claim;
    size_t guess = rest.len > SIZE_MAX / GUESSED_RATIO ? SIZE_MAX : rest.len * GUESSED_RATIO;
    return guess > ROOM_LEAST_BYTES ? guess : ROOM_LEAST_BYTES;
}

enum outcome { DONE, NOT_TAKEN, NO_MEMORY };

/* *used counts from the start of `rest`. Not taken: damaged, cut short, or larger than the limit.
 */
static enum outcome take_whole(struct mm_inflate_run *run, struct mm_view rest, size_t *used)
{
    size_t room, least = first_room(run, rest);
    for (;;) {
        size_t came_out = 0;
        if (!mm_inflate_room(run, least, &room))
            return NO_MEMORY;
        char *to = run->out->data + run->out->len;
        enum libdeflate_result answer =
            run->format == MM_INFLATE_GZIP
                ? libdeflate_gzip_decompress_ex(run->inflate->whole, rest.data, rest.len, to, room,
                                                used, &came_out)
                : libdeflate_zlib_decompress_ex(run->inflate->whole, rest.data, rest.len, to, room,
                                                used, &came_out);
        if (answer == LIBDEFLATE_SUCCESS) {
            run->out->len += came_out;
            return DONE;
        }
        if (answer != LIBDEFLATE_INSUFFICIENT_SPACE || room == mm_inflate_left(run))
            return NOT_TAKEN;
        least = room > SIZE_MAX / 4 ? SIZE_MAX : room * 4;
    }
}

/* ---- a member by zlib ---- */

static bool begin_stream(struct mm_inflate *inflate, enum mm_inflate_format format)
{
    /* zlib: 16 more means a gzip header and nothing else, and below 0 no header at all. */
    int bits =
        format == MM_INFLATE_RAW ? -MAX_WBITS : MAX_WBITS + (format == MM_INFLATE_GZIP ? 16 : 0);
    if (inflate->has_stream)
        return inflateReset2(&inflate->stream, bits) == Z_OK;
    inflate->has_stream = inflateInit2(&inflate->stream, bits) == Z_OK;
    return inflate->has_stream;
}

/* One step. Z_OK goes on; all else is the end. */
static int step_stream(struct mm_inflate_run *run, struct mm_view rest, size_t *used)
{
    z_stream *z = &run->inflate->stream;
    size_t room, left = rest.len - *used;
    if (!mm_inflate_room(run, ROOM_LEAST_BYTES, &room))
        return Z_MEM_ERROR;
    char past_limit;
    uInt in = left > UINT_MAX ? UINT_MAX : (uInt)left;
    uInt to = room > UINT_MAX ? UINT_MAX : room ? (uInt)room : 1;
    z->next_in = (Bytef *)(uintptr_t)(rest.data + *used); /* zlib only reads it */
    z->avail_in = in;
    z->next_out = room ? (Bytef *)run->out->data + run->out->len : (Bytef *)&past_limit;
    z->avail_out = to;
    int answer = inflate(z, Z_NO_FLUSH);
    *used += in - z->avail_in;
    size_t came_out = to - z->avail_out;
    if (room == 0) { /* at the limit the end may still come, but no more bytes */
        if (came_out > 0)
            run->result->end = MM_INFLATE_TOO_LARGE;
        return came_out > 0 ? Z_BUF_ERROR : answer;
    }
    run->out->len += came_out;
    return answer;
}

static enum outcome take_stream(struct mm_inflate_run *run, struct mm_view rest, size_t *used)
{
    int answer = Z_OK;
    size_t before = (size_t)(rest.data - run->packed.data);
    *used = 0;
    if (!begin_stream(run->inflate, run->format))
        return NO_MEMORY;
    while (answer == Z_OK) {
        answer = step_stream(run, rest, used);
        if (mm_inflate_is_too_dense(run, before + *used))
            return NOT_TAKEN;
    }
    if (answer == Z_STREAM_END)
        return DONE;
    if (answer == Z_MEM_ERROR)
        return NO_MEMORY;
    run->result->used_bytes = before + *used;
    if (run->result->end == MM_INFLATE_WHOLE)
        run->result->end = answer == Z_BUF_ERROR ? MM_INFLATE_CUT_SHORT : MM_INFLATE_DAMAGED;
    return NOT_TAKEN;
}

/* ---- all members ---- */

static enum mm_status inflate_members(struct mm_inflate_run *run)
{
    size_t at = 0;
    do {
        struct mm_view rest = mm_view_sub(run->packed, at, run->packed.len - at);
        size_t used = 0;
        /* Bare data is that of a zip which is cut short: nearly always it has no end. */
        enum outcome outcome =
            run->format == MM_INFLATE_RAW ? NOT_TAKEN : take_whole(run, rest, &used);
        if (outcome == NOT_TAKEN)
            outcome = take_stream(run, rest, &used);
        if (outcome == NO_MEMORY)
            return MM_E_NOMEM;
        if (outcome == NOT_TAKEN)
            return MM_OK;
        at += used;
        mm_inflate_member(run, at);
        if (mm_inflate_is_too_dense(run, at))
            return MM_OK;
    } while (run->format == MM_INFLATE_GZIP &&
             mm_inflate_sniff(mm_view_sub(run->packed, at, run->packed.len - at)) ==
                 MM_INFLATE_GZIP);
    run->result->trailing_bytes = run->packed.len - at;
    return MM_OK;
}

enum mm_status mm_inflate_run(struct mm_inflate *inflate, enum mm_inflate_format format,
                              struct mm_view packed, size_t limit, struct mm_buf *out,
                              struct mm_inflated *result)
{
    *result = (struct mm_inflated){0};
    size_t room = out->max_bytes - out->len;
    struct mm_inflate_run run = {.inflate = inflate,
                                 .format = format,
                                 .packed = packed,
                                 .out = out,
                                 .start = out->len,
                                 .limit = limit < room ? limit : room,
                                 .result = result};
    switch (format) {
    case MM_INFLATE_NONE:
        break;
    case MM_INFLATE_GZIP:
    case MM_INFLATE_ZLIB:
    case MM_INFLATE_RAW:
        return inflate_members(&run);
    case MM_INFLATE_ZSTD:
        return mm_inflate_zstd(&run);
    }
    return MM_E_ARG;
}

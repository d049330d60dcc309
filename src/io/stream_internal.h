/*
 * stream_internal.h - what a stream and its two unpackers share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_IO_STREAM_INTERNAL_H
#define MM_IO_STREAM_INTERNAL_H

#include "io/stream.h"

enum {
    MM_STREAM_IN_BYTES = 256 * 1024,
    MM_STREAM_FRAME_MAX_BYTES = 2 * 1024 * 1024 /* of one unpacked ahead, packed and not */
};

struct mm_unpacker {
    const char *name;
    bool (*init)(struct mm_stream *s); /* false without memory */
    void (*free)(struct mm_stream *s);
    /* True where bytes (up to 4) begin another member or frame. */
    bool (*starts)(struct mm_view head);
    /* Unpack some: takes from in[in_at..in_len), sets unpacker_full where it may hold more output
     * than fitted, between at the end of a member. MM_OK, also with nothing; MM_E_SYNTAX where it
     * is damaged behind what is given; MM_E_NOMEM. */
    enum mm_status (*unpack)(struct mm_stream *s, char *to, size_t cap, size_t *count);
};

struct mm_stream {
    int fd;
    char *in; /* what was read and not taken yet: [in_at, in_len) */
    size_t in_at, in_len;
    uint64_t in_offset; /* bytes read of fd */
    bool in_eof, begun;
    bool between, zeros_only; /* see between() */
    bool unpacker_full, broken;
    enum mm_packing packing;
    const struct mm_unpacker *unpacker; /* NULL: not packed */
    void *state;                        /* the unpacker's */
    unsigned helpers;
    int patience_ms;
    struct mm_stream_ahead *ahead; /* NULL: nothing is unpacked ahead */
    uint64_t held;                 /* bytes taken of `in` for it, and not given yet */
};

/* Place in the packed bytes of what is taken next. */
static inline uint64_t mm_stream_place(const struct mm_stream *s)
{
    return s->in_offset - (s->in_len - s->in_at) - s->held;
}

/* Between two members or frames: MM_OK where another begins, else MM_END, MM_AGAIN, MM_E_SYNTAX,
 * MM_E_IO. */
enum mm_status mm_stream_between(struct mm_stream *s, struct mm_error *err) MM_MUST_CHECK;
/* Unpack some of a member. MM_OK, also with nothing; else as mm_stream_read(). */
enum mm_status mm_stream_unpack(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                struct mm_error *err) MM_MUST_CHECK;
/* MM_E_NOMEM, in words. */
enum mm_status mm_stream_no_memory(const struct mm_stream *s, struct mm_error *err) MM_MUST_CHECK;

/* Frames unpacked ahead, stream_frames.c. NULL without memory. */
struct mm_stream_ahead *mm_stream_ahead_new(unsigned helpers);
void mm_stream_ahead_free(struct mm_stream_ahead **ahead); /* quiet with NULL */
/* As mm_stream_read(), between frames or in one. */
enum mm_status mm_stream_read_ahead(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                    struct mm_error *err) MM_MUST_CHECK;

/* Read more into `in`: MM_OK, MM_AGAIN, MM_END, MM_E_IO. */
enum mm_status mm_stream_fill(struct mm_stream *s, struct mm_error *err) MM_MUST_CHECK;

extern const struct mm_unpacker mm_unpacker_gzip, mm_unpacker_zstd;

#endif /* MM_IO_STREAM_INTERNAL_H */

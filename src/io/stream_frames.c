/*
 * stream_frames.c - frames of Zstandard that tell their size, unpacked ahead by several threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Whole frames are collected and put on a conveyor. What cannot be collected (a frame that does not
 * tell its size or is large, one that is cut short, one whose rest lets wait) is unpacked in line,
 * when all before it was given; so is a frame that turns out to be damaged, once more, so that what
 * is whole of it is given and the damage has its place.
 */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "io/conveyor.h"
#include "io/stream_internal.h"

struct mm_stream_ahead {
    struct mm_conveyor *belt;
    bool collecting; /* the blank piece holds the begin of a frame */
    bool in_line;    /* the frame that comes next is unpacked in line */
    bool broken;     /* and is damaged */
    size_t out_at;   /* of the first piece: given so far */
};

/* ---- unpacking a frame: by any thread ---- */

static void unpacker_free(void *worker)
{
    ZSTD_freeDCtx(worker);
}

static void *unpacker_new(void)
{
    return ZSTD_createDCtx();
}

static void unpack_frame(void *worker, struct mm_piece *frame)
{
    size_t len = (size_t)ZSTD_getFrameContentSize(frame->in.data, frame->in.len);
    frame->status = MM_E_NOMEM;
    if (!mm_buf_reserve(&frame->out, len))
        return;
    size_t got = ZSTD_decompressDCtx(worker, frame->out.data, len, frame->in.data, frame->in.len);
    frame->status = got == len ? MM_OK : MM_E_SYNTAX;
    frame->out.len = got == len ? len : 0;
}

static const struct mm_conveyor_work UNPACKING = {.in_max_bytes = MM_STREAM_FRAME_MAX_BYTES,
                                                  .out_max_bytes = MM_STREAM_FRAME_MAX_BYTES,
                                                  .worker_new = unpacker_new,
                                                  .worker_free = unpacker_free,
                                                  .work = unpack_frame};

struct mm_stream_ahead *mm_stream_ahead_new(unsigned helpers)
{
    struct mm_stream_ahead *a = calloc(1, sizeof *a);
    if (a)
        a->belt = mm_conveyor_new(&UNPACKING, helpers);
    if (a && !a->belt)
        mm_stream_ahead_free(&a);
    return a;
}

void mm_stream_ahead_free(struct mm_stream_ahead **ahead)
{
    if (*ahead)
        mm_conveyor_free(&(*ahead)->belt);
    free(*ahead);
    *ahead = NULL;
}

/* ---- collecting ---- */

/* At the begin of a frame. False: it is unpacked in line. */
static bool can_collect(const struct mm_stream *s)
{
    unsigned long long size = ZSTD_getFrameContentSize(s->in + s->in_at, s->in_len - s->in_at);
    /* Of a skippable frame: 0. Unknown and none: the largest numbers. */
    return size > 0 && size <= MM_STREAM_FRAME_MAX_BYTES;
}

/* Take what is there of the frame, and put it on the belt where that is all of it. MM_E_LIMIT: it
 * is not to be collected; MM_E_NOMEM. */
static enum mm_status collect(struct mm_stream *s, struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    struct mm_piece *piece = mm_conveyor_blank(a->belt);
    size_t held = piece->in.len, room = MM_STREAM_FRAME_MAX_BYTES - held,
           here = s->in_len - s->in_at;
    size_t take = here < room ? here : room;
    mm_buf_append(&piece->in, (struct mm_view){s->in + s->in_at, take});
    if (piece->in.failed)
        return mm_stream_no_memory(s, err);
    size_t whole = ZSTD_findFrameCompressedSize(piece->in.data, piece->in.len);
    bool more = ZSTD_isError(whole) && ZSTD_getErrorCode(whole) == ZSTD_error_srcSize_wrong;
    if (!ZSTD_isError(whole)) {
        take = whole - held;
        piece->in.len = whole;
    }
    s->in_at += take;
    s->held += take;
    if (ZSTD_isError(whole))
        return more && take < room ? MM_OK : MM_E_LIMIT;
    mm_conveyor_put(a->belt);
    a->collecting = false;
    s->between = true;
    return MM_OK;
}

/* Packed bytes are to be unpacked in line: back to where they came from. */
static void put_back(struct mm_stream *s, struct mm_view packed)
{
    size_t rest = s->in_len - s->in_at;
    memmove(s->in + packed.len, s->in + s->in_at, rest);
    memcpy(s->in, packed.data, packed.len);
    s->in_at = 0;
    s->in_len = packed.len + rest;
    s->held -= packed.len;
}

static void stop_collecting(struct mm_stream *s)
{
    struct mm_stream_ahead *a = s->ahead;
    if (a->collecting) {
        struct mm_piece *piece = mm_conveyor_blank(a->belt);
        put_back(s, mm_buf_view(&piece->in));
        mm_buf_clear(&piece->in);
    }
    a->collecting = false;
    a->in_line = true;
}

/*
 * One step ahead. MM_OK: there may be more to do; MM_AGAIN, MM_END, errors: not now. What is due
 * then comes again when nothing is on the belt any more.
 */
static enum mm_status step_ahead(struct mm_stream *s, struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    enum mm_status st = s->between ? mm_stream_between(s, err) : MM_OK;
    if (st != MM_OK)
        return st;
    if (!a->collecting && !can_collect(s)) {
        a->in_line = true;
        return MM_AGAIN;
    }
    a->collecting = true;
    st = s->in_at < s->in_len ? collect(s, err) : mm_stream_fill(s, err);
    if (st == MM_END || st == MM_E_LIMIT || (st == MM_AGAIN && s->patience_ms)) {
        stop_collecting(s); /* it is cut short, of another kind, or lets wait */
        return MM_AGAIN;
    }
    return st;
}

/* As far as there is room; bytes that come late are waited for only when there is nothing to give.
 */
static enum mm_status look_ahead(struct mm_stream *s, struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    enum mm_status st = MM_OK;
    while (st == MM_OK && !a->in_line && mm_conveyor_blank(a->belt)) {
        s->patience_ms = mm_conveyor_is_empty(a->belt) ? MM_STREAM_PAUSE_MS : 0;
        st = step_ahead(s, err);
    }
    s->patience_ms = MM_STREAM_PAUSE_MS;
    return st;
}

/* ---- giving ---- */

/* The first piece is damaged: it is unpacked once more, in line, and nothing behind it. */
static void break_off(struct mm_stream *s, const struct mm_piece *first)
{
    struct mm_stream_ahead *a = s->ahead;
    s->held += s->in_len - s->in_at;
    s->in_at = s->in_len = 0;
    put_back(s, mm_buf_view(&first->in));
    s->in_eof = a->in_line = a->broken = true;
    s->between = false;
}

/* Of the first piece. */
static enum mm_status give_first(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                 struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    struct mm_piece *first = mm_conveyor_first(a->belt, true);
    if (first->status == MM_E_NOMEM)
        return mm_stream_no_memory(s, err);
    if (first->status != MM_OK) {
        break_off(s, first);
        return MM_OK;
    }
    size_t left = first->out.len - a->out_at;
    *count = left < cap ? left : cap;
    memcpy(to, first->out.data + a->out_at, *count);
    a->out_at += *count;
    if (a->out_at == first->out.len) {
        s->held -= first->in.len;
        a->out_at = 0;
        mm_conveyor_drop_first(a->belt);
    }
    return MM_OK;
}

/* In line, whatever lies there. */
static enum mm_status give_in_line(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                   struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    enum mm_status st = mm_stream_unpack(s, to, cap, count, err);
    if (a->broken && s->between) { /* two ways to unpack do not agree: no byte is believed */
        s->between = false;
        s->broken = true;
    }
    a->in_line = !s->between;
    return st;
}

enum mm_status mm_stream_read_ahead(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                    struct mm_error *err)
{
    struct mm_stream_ahead *a = s->ahead;
    enum mm_status st = MM_OK;
    while (st == MM_OK && *count == 0) {
        enum mm_status ahead = look_ahead(s, err);
        if (!a->broken && !mm_conveyor_is_empty(a->belt))
            st = give_first(s, to, cap, count, err);
        else
            st = a->in_line ? give_in_line(s, to, cap, count, err) : ahead;
    }
    return st;
}

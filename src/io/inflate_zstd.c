/*
 * inflate_zstd.c - zstd frames in memory, unpacked whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zstd_errors.h>

#include "io/inflate_internal.h"

enum {
    /* A window is memory beside what comes out: 64 MiB (zstd -1 to -19: 8 MiB at most). */
    WINDOW_LOG_MAX = 26,
    ROOM_LEAST_BYTES = 128 * 1024, /* a block */
    KEPT_BYTES = 16 * 1024 * 1024  /* a context that grew beyond is given back */
};

static bool begin(struct mm_inflate *inflate)
{
    if (!inflate->zstd)
        inflate->zstd = ZSTD_createDCtx();
    if (!inflate->zstd)
        return false;
    ZSTD_DCtx_reset(inflate->zstd, ZSTD_reset_session_only);
    return !ZSTD_isError(
        ZSTD_DCtx_setParameter(inflate->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
}

static void give_back(struct mm_inflate *inflate)
{
    if (ZSTD_sizeof_DCtx(inflate->zstd) <= KEPT_BYTES)
        return;
    ZSTD_freeDCtx(inflate->zstd);
    inflate->zstd = NULL;
}

/* True where another frame begins, or one to be skipped (RFC 8878 section 3.1.2). */
static bool frame_begins(struct mm_view rest)
{
    return mm_inflate_sniff(rest) == MM_INFLATE_ZSTD ||
           (rest.len >= 4 && ((unsigned char)rest.data[0] & 0xf0) == 0x50 &&
            memcmp(rest.data + 1, "\x2a\x4d\x18", 3) == 0);
}

static enum mm_status fail(struct mm_inflate_run *run, size_t answer)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(answer);
    if (code == ZSTD_error_memory_allocation)
        return MM_E_NOMEM;
    bool window = code == ZSTD_error_frameParameter_windowTooLarge;
    run->result->end = window ? MM_INFLATE_TOO_LARGE : MM_INFLATE_DAMAGED;
    return MM_OK;
}

/* One frame. MM_END when it is whole; MM_OK when the run ends here. */
static enum mm_status take_frame(struct mm_inflate_run *run, ZSTD_inBuffer *in)
{
    for (;;) {
        size_t room;
        char past_limit;
        if (!mm_inflate_room(run, ROOM_LEAST_BYTES, &room))
            return MM_E_NOMEM;
        ZSTD_outBuffer out = {room ? run->out->data + run->out->len : &past_limit, room ? room : 1,
                              0};
        size_t before = in->pos, answer = ZSTD_decompressStream(run->inflate->zstd, &out, in);
        run->out->len += room ? out.pos : 0;
        run->result->used_bytes = in->pos;
        if (ZSTD_isError(answer))
            return fail(run, answer);
        if (mm_inflate_is_too_dense(run, in->pos))
            return MM_OK;
        if (room == 0 && out.pos > 0) {
            run->result->end = MM_INFLATE_TOO_LARGE;
            return MM_OK;
        }
        if (answer == 0)
            return MM_END;
        if (out.pos == 0 && in->pos == before) {
            run->result->end = MM_INFLATE_CUT_SHORT;
            return MM_OK;
        }
    }
}

enum mm_status mm_inflate_zstd(struct mm_inflate_run *run)
{
    ZSTD_inBuffer in = {run->packed.data, run->packed.len, 0};
    enum mm_status st;
    if (!begin(run->inflate))
        return MM_E_NOMEM;
    do {
        st = take_frame(run, &in);
        if (st == MM_END)
            mm_inflate_member(run, in.pos);
    } while (st == MM_END &&
             frame_begins(mm_view_sub(run->packed, in.pos, run->packed.len - in.pos)));
    if (st == MM_END)
        run->result->trailing_bytes = run->packed.len - in.pos;
    give_back(run->inflate);
    return st < 0 ? st : MM_OK;
}

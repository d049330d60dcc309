/*
 * stream_zstd.c - unpack Zstandard (RFC 8878), frame after frame; skippable frames are skipped.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "io/stream_internal.h"

enum {
    WINDOW_LOG_MAX = 27, /* 128 MiB; what asks for more is refused, as by the zstd tool */
    FRAME_BEGIN_BYTES = 5
};

struct zstd_state {
    ZSTD_DCtx *ctx;
    size_t wanted; /* bytes up to the end of a block, as the library says */
};

static void zstd_free(struct mm_stream *s)
{
    struct zstd_state *z = s->state;
    if (z)
        ZSTD_freeDCtx(z->ctx);
    free(z);
    s->state = NULL;
}

static bool zstd_init(struct mm_stream *s)
{
    struct zstd_state *z = calloc(1, sizeof *z);
    s->state = z;
    if (z)
        z->ctx = ZSTD_createDCtx();
    return z && z->ctx &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
}

static bool zstd_starts(struct mm_view head)
{
    bool skippable = head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
                     mm_view_starts(mm_view_sub(head, 1, head.len - 1), MM_VIEW("\x2a\x4d\x18"));
    return skippable || mm_packing_sniff(head) == MM_PACKING_ZSTD;
}

/* A block at a time: the library does not tell what it has unpacked before the one that is
 * damaged. */
static enum mm_status zstd_unpack(struct mm_stream *s, char *to, size_t cap, size_t *count)
{
    struct zstd_state *z = s->state;
    size_t here = s->in_len - s->in_at, wanted = z->wanted ? z->wanted : (size_t)FRAME_BEGIN_BYTES;
    ZSTD_inBuffer in = {s->in + s->in_at, here < wanted ? here : wanted, 0};
    ZSTD_outBuffer out = {to, cap, 0};
    size_t result = ZSTD_decompressStream(z->ctx, &out, &in);
    z->wanted = ZSTD_isError(result) ? 0 : result;
    *count = out.pos;
    s->in_at += in.pos;
    s->unpacker_full = out.pos == out.size;
    if (ZSTD_isError(result))
        return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? MM_E_NOMEM : MM_E_SYNTAX;
    if (result == 0) { /* a frame ended, and all of it is out */
        s->between = true;
        s->unpacker_full = false;
    }
    return MM_OK;
}

const struct mm_unpacker mm_unpacker_zstd = {.name = "zstd",
                                             .init = zstd_init,
                                             .free = zstd_free,
                                             .starts = zstd_starts,
                                             .unpack = zstd_unpack};

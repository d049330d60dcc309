/*
 * zstd_write.c - text packed with Zstandard, frame by frame, with a table of the frames at the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zstd_write.h"

#include <stdlib.h>
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    LEVEL = 3,                  /* zstd's own default */
    FRAME_BYTES = 1024 * 1024,  /* a reader that seeks unpacks this much at most */
    FRAMES_MAX = 0x8000000 - 1, /* of the format */
    ENTRY_BYTES = 12,
    FOOTER_BYTES = 9,
    HAS_CHECKSUMS = 0x80
};
#define SKIPPABLE_MAGIC 0x184D2A5Eu
#define SEEKABLE_MAGIC  0x8F92EAB1u

struct mm_zstd_writer {
    ZSTD_CCtx *ctx;
    struct mm_buf table; /* three numbers a frame: packed and unpacked bytes, checksum */
    struct mm_buf rest;  /* of a frame */
    size_t saved;        /* bytes of the table */
    uint32_t frames;
};

struct mm_zstd_writer *mm_zstd_writer_new(void)
{
    struct mm_zstd_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    mm_buf_init(&w->table, (size_t)FRAMES_MAX * ENTRY_BYTES + ENTRY_BYTES);
    mm_buf_init(&w->rest, FRAME_BYTES);
    w->ctx = ZSTD_createCCtx();
    if (!w->ctx || ZSTD_isError(ZSTD_CCtx_setParameter(w->ctx, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(w->ctx, ZSTD_c_checksumFlag, 1)))
        mm_zstd_writer_free(&w);
    return w;
}

void mm_zstd_writer_free(struct mm_zstd_writer **writer)
{
    struct mm_zstd_writer *w = *writer;
    if (!w)
        return;
    ZSTD_freeCCtx(w->ctx);
    mm_buf_deinit(&w->table);
    mm_buf_deinit(&w->rest);
    free(w);
    *writer = NULL;
}

static void append_u32(struct mm_buf *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        mm_buf_append_char(out, (char)(value >> 8 * i));
}

static enum mm_status write_frame(struct mm_zstd_writer *w, struct mm_view text, struct mm_buf *out)
{
    size_t bound = ZSTD_compressBound(text.len);
    if (w->frames == FRAMES_MAX)
        return MM_E_LIMIT;
    if (!mm_buf_reserve(out, bound))
        return MM_E_NOMEM;
    size_t len = ZSTD_compress2(w->ctx, out->data + out->len, bound, text.data, text.len);
    if (ZSTD_isError(len))
        return MM_E_NOMEM; /* nothing else can go wrong: there is room for it */
    out->len += len;
    append_u32(&w->table, (uint32_t)len);
    append_u32(&w->table, (uint32_t)text.len);
    append_u32(&w->table, (uint32_t)XXH64(text.data, text.len, 0));
    w->frames++;
    return w->table.failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_zstd_write(struct mm_zstd_writer *w, struct mm_view text, struct mm_buf *out)
{
    while (text.len) {
        size_t room = FRAME_BYTES - w->rest.len, len = text.len < room ? text.len : room;
        mm_buf_append(&w->rest, mm_view_sub(text, 0, len));
        text = mm_view_sub(text, len, text.len - len);
        if (w->rest.failed)
            return MM_E_NOMEM;
        if (w->rest.len < FRAME_BYTES)
            break;
        MM_TRY(write_frame(w, mm_buf_view(&w->rest), out));
        mm_buf_clear(&w->rest);
    }
    return MM_OK;
}

enum mm_status mm_zstd_writer_save(struct mm_zstd_writer *w, struct mm_buf *state, uint64_t *kept)
{
    struct mm_view table = mm_buf_view(&w->table);
    *kept = table.len - w->saved;
    mm_buf_append(state, mm_view_sub(table, w->saved, table.len - w->saved));
    mm_buf_append(state, mm_buf_view(&w->rest));
    w->saved = table.len;
    return state->failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_zstd_writer_load(struct mm_zstd_writer *w, struct mm_view kept,
                                   struct mm_view waiting)
{
    size_t frames = kept.len / ENTRY_BYTES;
    if (kept.len % ENTRY_BYTES || frames > FRAMES_MAX || waiting.len >= FRAME_BYTES)
        return MM_E_SYNTAX;
    w->frames = (uint32_t)frames;
    w->saved = kept.len;
    mm_buf_append(&w->table, kept);
    mm_buf_append(&w->rest, waiting);
    return w->table.failed || w->rest.failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_zstd_write_end(struct mm_zstd_writer *w, struct mm_buf *out)
{
    if (w->rest.len)
        MM_TRY(write_frame(w, mm_buf_view(&w->rest), out));
    append_u32(out, SKIPPABLE_MAGIC);
    append_u32(out, (uint32_t)w->table.len + FOOTER_BYTES);
    mm_buf_append(out, mm_buf_view(&w->table));
    append_u32(out, w->frames);
    mm_buf_append_char(out, (char)HAS_CHECKSUMS);
    append_u32(out, SEEKABLE_MAGIC);
    return out->failed ? MM_E_NOMEM : MM_OK;
}

/*
 * zstd_write.c - text packed with Zstandard, frame by frame, with a table of the frames at the end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zstd_write.h"

#include <stdlib.h>
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "io/conveyor.h"

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
    struct mm_conveyor *frames; /* on the way to be packed; the blank one is being filled */
    struct mm_buf table;        /* three numbers a frame: packed and unpacked bytes, checksum */
    size_t saved;               /* bytes of the table */
    uint32_t frame_count;
};

/* ---- packing: by any thread ---- */

static void packer_free(void *worker)
{
    ZSTD_freeCCtx(worker);
}

static void *packer_new(void)
{
    ZSTD_CCtx *ctx = ZSTD_createCCtx();
    if (ctx && !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, LEVEL)) &&
        !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1)))
        return ctx;
    packer_free(ctx);
    return NULL;
}

static void pack(void *worker, struct mm_piece *frame)
{
    struct mm_view text = mm_buf_view(&frame->in);
    size_t bound = ZSTD_compressBound(text.len);
    frame->status = MM_E_NOMEM; /* nothing else can go wrong: there is room for it */
    if (!mm_buf_reserve(&frame->out, bound))
        return;
    size_t len = ZSTD_compress2(worker, frame->out.data, bound, text.data, text.len);
    if (ZSTD_isError(len))
        return;
    frame->out.len = len;
    frame->check = XXH64(text.data, text.len, 0);
    frame->status = MM_OK;
}

static const struct mm_conveyor_work PACKING = {.in_max_bytes = FRAME_BYTES,
                                                .out_max_bytes = 2 * FRAME_BYTES,
                                                .worker_new = packer_new,
                                                .worker_free = packer_free,
                                                .work = pack};

/* ---- writing: in order ---- */

struct mm_zstd_writer *mm_zstd_writer_new(unsigned helpers)
{
    struct mm_zstd_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    mm_buf_init(&w->table, (size_t)FRAMES_MAX * ENTRY_BYTES + ENTRY_BYTES);
    w->frames = mm_conveyor_new(&PACKING, helpers);
    if (!w->frames)
        mm_zstd_writer_free(&w);
    return w;
}

void mm_zstd_writer_free(struct mm_zstd_writer **writer)
{
    struct mm_zstd_writer *w = *writer;
    if (!w)
        return;
    mm_conveyor_free(&w->frames);
    mm_buf_deinit(&w->table);
    free(w);
    *writer = NULL;
}

static void append_u32(struct mm_buf *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        mm_buf_append_char(out, (char)(value >> 8 * i));
}

static enum mm_status write_frame(struct mm_zstd_writer *w, const struct mm_piece *frame,
                                  struct mm_buf *out)
{
    if (frame->status != MM_OK)
        return frame->status;
    if (w->frame_count == FRAMES_MAX)
        return MM_E_LIMIT;
    mm_buf_append(out, mm_buf_view(&frame->out));
    append_u32(&w->table, (uint32_t)frame->out.len);
    append_u32(&w->table, (uint32_t)frame->in.len);
    append_u32(&w->table, (uint32_t)frame->check);
    w->frame_count++;
    return w->table.failed || out->failed ? MM_E_NOMEM : MM_OK;
}

/* Write what is packed, up to a blank frame at least; with `all` whatever is on its way. */
static enum mm_status write_packed(struct mm_zstd_writer *w, bool all, struct mm_buf *out)
{
    for (;;) {
        bool wait = all || !mm_conveyor_blank(w->frames);
        struct mm_piece *frame = mm_conveyor_first(w->frames, wait);
        if (!frame)
            return MM_OK;
        MM_TRY(write_frame(w, frame, out));
        mm_conveyor_drop_first(w->frames);
    }
}

enum mm_status mm_zstd_write(struct mm_zstd_writer *w, struct mm_view text, struct mm_buf *out)
{
    while (text.len) {
        struct mm_piece *frame = mm_conveyor_blank(w->frames);
        size_t room = FRAME_BYTES - frame->in.len, len = text.len < room ? text.len : room;
        mm_buf_append(&frame->in, mm_view_sub(text, 0, len));
        text = mm_view_sub(text, len, text.len - len);
        if (frame->in.failed)
            return MM_E_NOMEM;
        if (frame->in.len < FRAME_BYTES)
            break;
        mm_conveyor_put(w->frames);
        MM_TRY(write_packed(w, false, out));
    }
    return MM_OK;
}

enum mm_status mm_zstd_write_settle(struct mm_zstd_writer *w, struct mm_buf *out)
{
    /* The frame that is being filled stays: it is blank, and nothing is put on meanwhile. */
    return write_packed(w, true, out);
}

enum mm_status mm_zstd_writer_save(struct mm_zstd_writer *w, struct mm_buf *state, uint64_t *kept)
{
    struct mm_view table = mm_buf_view(&w->table);
    *kept = table.len - w->saved;
    mm_buf_append(state, mm_view_sub(table, w->saved, table.len - w->saved));
    mm_buf_append(state, mm_buf_view(&mm_conveyor_blank(w->frames)->in));
    w->saved = table.len;
    return state->failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_zstd_writer_load(struct mm_zstd_writer *w, struct mm_view kept,
                                   struct mm_view waiting)
{
    size_t frames = kept.len / ENTRY_BYTES;
    if (kept.len % ENTRY_BYTES || frames > FRAMES_MAX || waiting.len >= FRAME_BYTES)
        return MM_E_SYNTAX;
    struct mm_buf *rest = &mm_conveyor_blank(w->frames)->in;
    w->frame_count = (uint32_t)frames;
    w->saved = kept.len;
    mm_buf_append(&w->table, kept);
    mm_buf_append(rest, waiting);
    return w->table.failed || rest->failed ? MM_E_NOMEM : MM_OK;
}

enum mm_status mm_zstd_write_end(struct mm_zstd_writer *w, struct mm_buf *out)
{
    if (mm_conveyor_blank(w->frames)->in.len)
        mm_conveyor_put(w->frames);
    MM_TRY(write_packed(w, true, out));
    append_u32(out, SKIPPABLE_MAGIC);
    append_u32(out, (uint32_t)w->table.len + FOOTER_BYTES);
    mm_buf_append(out, mm_buf_view(&w->table));
    append_u32(out, w->frame_count);
    mm_buf_append_char(out, (char)HAS_CHECKSUMS);
    append_u32(out, SEEKABLE_MAGIC);
    return out->failed ? MM_E_NOMEM : MM_OK;
}

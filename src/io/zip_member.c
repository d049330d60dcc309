/*
 * zip_member.c - the bytes of one member of a zip: stored or deflated, held to length and CRC-32.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zip_internal.h"

enum {
    /* zlib's technical details: deflate makes at most 1,032 bytes of one. */
    DEFLATE_MAX_RATIO = 1032,
    INFLATE_STEP_BYTES = 1024 * 1024 * 1024, /* zlib counts in unsigned int */
    SCRATCH_BYTES = 16 * 1024
};

/* Lengths that no writer makes: nobody takes memory for them. */
static bool lengths_can_be(const struct mm_zip_member *m)
{
    return m->method == MM_ZIP_STORED ? m->size == m->packed
                                      : m->size / DEFLATE_MAX_RATIO <= m->packed;
}

enum mm_status mm_zip_find_data(struct mm_zip *z, struct mm_zip_member *m, struct mm_error *err)
{
    struct mm_view seen;
    enum mm_status st = mm_zip_look(z, &z->data, m->offset, MM_ZIP_LOCAL_BYTES, &seen, err);
    if (st != MM_OK || !mm_view_starts(seen, MM_VIEW("PK\3\4")))
        return st < 0 ? st : MM_END;
    m->data_at =
        m->offset + MM_ZIP_LOCAL_BYTES + mm_zip_u16(seen.data + 26) + mm_zip_u16(seen.data + 28);
    return lengths_can_be(m) ? MM_OK : MM_END;
}

static enum mm_status damaged(const char *how, uint64_t at, struct mm_error *err)
{
    return mm_fail_at(err, MM_E_SYNTAX, at, "a member of the zip %s", how);
}

/* Up to `left` bytes from `at` on, as many as are in memory. */
static enum mm_status look_at_data(struct mm_zip *z, uint64_t at, uint64_t left,
                                   struct mm_view *seen, struct mm_error *err)
{
    enum mm_status st = left ? mm_zip_look(z, &z->data, at, 1, seen, err) : MM_END;
    if (st != MM_OK)
        return st < 0 ? st : damaged("ends too early", at, err);
    if (seen->len > left)
        seen->len = (size_t)left;
    return MM_OK;
}

static enum mm_status copy_stored(struct mm_zip *z, const struct mm_zip_member *m,
                                  struct mm_zip_unpacked *out, struct mm_error *err)
{
    struct mm_view seen;
    while (out->made < m->size) {
        MM_TRY(look_at_data(z, m->data_at + out->made, m->size - out->made, &seen, err));
        memcpy(out->to + out->made, seen.data, seen.len);
        out->crc = (uint32_t)crc32_z(out->crc, (const Bytef *)seen.data, seen.len);
        out->made += seen.len;
    }
    return MM_OK;
}

/* ---- inflating ---- */

static bool begin_inflating(struct mm_zip *z)
{
    z_stream *s = &z->inflater;
    if (!z->has_inflater)
        z->has_inflater = inflateInit2(s, -MAX_WBITS) == Z_OK; /* no header, no trailer */
    else if (inflateReset(s) != Z_OK)
        return false;
    s->avail_in = 0;
    return z->has_inflater;
}

/* Run zlib once over what it was given. Returns its code. */
static int inflate_some(z_stream *s, struct mm_zip_unpacked *out, bool *too_much)
{
    Bytef scratch[SCRATCH_BYTES];
    uint64_t room = out->to ? out->room - out->made : 0;
    if (room > INFLATE_STEP_BYTES)
        room = INFLATE_STEP_BYTES;
    s->next_out = room ? (Bytef *)out->to + out->made : scratch;
    s->avail_out = room ? (uInt)room : SCRATCH_BYTES;
    const Bytef *begin = s->next_out;
    int result = inflate(s, Z_NO_FLUSH);
    size_t made = (size_t)(s->next_out - begin);
    out->crc = (uint32_t)crc32_z(out->crc, begin, made);
    out->made += made;
    *too_much = out->made > out->room;
    return result;
}

enum mm_status mm_zip_inflate(struct mm_zip *z, uint64_t at, uint64_t packed,
                              struct mm_zip_unpacked *out, struct mm_error *err)
{
    z_stream *s = &z->inflater;
    uint64_t given = 0;
    bool too_much = false;
    if (!begin_inflating(z))
        return mm_fail(err, MM_E_NOMEM, "no memory to inflate a member of a zip");
    for (;;) {
        struct mm_view seen;
        if (s->avail_in == 0) {
            MM_TRY(look_at_data(z, at + given, packed - given, &seen, err));
            s->next_in = (Bytef *)(uintptr_t)seen.data;
            s->avail_in = seen.len > INFLATE_STEP_BYTES ? INFLATE_STEP_BYTES : (uInt)seen.len;
            given += s->avail_in;
        }
        int result = inflate_some(s, out, &too_much);
        out->taken = given - s->avail_in;
        if (result == Z_MEM_ERROR)
            return mm_fail(err, MM_E_NOMEM, "no memory to inflate a member of a zip");
        if (too_much)
            return damaged("is longer than the zip says", at, err);
        if (result == Z_STREAM_END)
            return MM_OK;
        if (result != Z_OK && result != Z_BUF_ERROR) /* the latter wants more */
            return damaged("cannot be inflated", at + out->taken, err);
    }
}

enum mm_status mm_zip_read(struct mm_zip *z, const struct mm_zip_member *m, char *to,
                           struct mm_error *err)
{
    struct mm_zip_unpacked out = {.to = to, .room = m->size};
    MM_TRY(m->method == MM_ZIP_STORED ? copy_stored(z, m, &out, err)
                                      : mm_zip_inflate(z, m->data_at, m->packed, &out, err));
    if (out.made != m->size)
        return damaged("is shorter than the zip says", m->data_at, err);
    return out.crc == m->crc ? MM_OK : damaged("has another CRC-32", m->data_at, err);
}

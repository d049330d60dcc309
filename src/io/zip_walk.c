/*
 * zip_walk.c - a zip without its end: members by the headers before them, as long as they are
 * whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/zip_internal.h"

enum { DESCRIPTOR_MAX_BYTES = 24 };

static enum mm_status cut_short(const struct mm_zip *z, struct mm_error *err)
{
    return mm_fail_at(err, MM_E_SYNTAX, z->at,
                      "the zip ends too early, in what begins at byte %llu",
                      (unsigned long long)z->at);
}

/* The header at `at`. MM_OK; MM_END where no whole one is there; MM_E_IO. */
static enum mm_status read_header(struct mm_zip *z, struct mm_zip_record *r, struct mm_error *err)
{
    struct mm_view seen;
    enum mm_status st = mm_zip_look(z, &z->data, z->at, MM_ZIP_LOCAL_BYTES, &seen, err);
    if (st != MM_OK || !mm_view_starts(seen, MM_VIEW("PK\3\4")))
        return st < 0 ? st : MM_END;
    size_t name = mm_zip_u16(seen.data + 26), extra = mm_zip_u16(seen.data + 28);
    size_t len = MM_ZIP_LOCAL_BYTES + name + extra;
    st = mm_zip_look(z, &z->data, z->at, len, &seen, err);
    if (st != MM_OK)
        return st;
    *r = (struct mm_zip_record){.offset = z->at,
                                .flags = mm_zip_u16(seen.data + 6),
                                .method = mm_zip_u16(seen.data + 8),
                                .crc = mm_zip_u32(seen.data + 14),
                                .packed = mm_zip_u32(seen.data + 18),
                                .size = mm_zip_u32(seen.data + 22),
                                .name = mm_view_sub(seen, MM_ZIP_LOCAL_BYTES, name),
                                .next = z->at + len};
    return mm_zip_take_zip64(mm_view_sub(seen, MM_ZIP_LOCAL_BYTES + name, extra), r, false)
               ? MM_OK
               : MM_END;
}

/* CRC-32 and sizes behind the data, in 4 or 8 bytes each, with a signature or without one (4.3.9):
 * the form is the one whose numbers are right. Returns its length; 0 where none is there. */
static size_t descriptor_bytes(struct mm_view seen, const struct mm_zip_member *m)
{
    size_t mark = mm_view_starts(seen, MM_VIEW("PK\7\x8")) ? 4 : 0;
    const char *at = seen.data + mark;
    size_t left = seen.len - mark;
    if (left < 12 || mm_zip_u32(at) != m->crc)
        return 0;
    if (left >= 20 && mm_word_load(at + 4) == m->packed && mm_word_load(at + 12) == m->size)
        return mark + 20;
    return mm_zip_u32(at + 4) == m->packed && mm_zip_u32(at + 8) == m->size ? mark + 12 : 0;
}

static enum mm_status skip_descriptor(struct mm_zip *z, const struct mm_zip_member *m, bool needed,
                                      struct mm_error *err)
{
    struct mm_view seen = {"", 0};
    uint64_t left = z->length - z->at;
    enum mm_status st =
        mm_zip_look(z, &z->data, z->at,
                    left < DESCRIPTOR_MAX_BYTES ? (size_t)left : DESCRIPTOR_MAX_BYTES, &seen, err);
    size_t len = st == MM_OK ? descriptor_bytes(seen, m) : 0;
    z->at += len;
    return st < 0 ? st : len || !needed ? MM_OK : MM_END;
}

/* What may come out of members only to find their ends: reports and mail are packed to a tenth or
 * a thirtieth, and what inflates to more is made to take time. */
static uint64_t room_to_throw_away(const struct mm_zip *z)
{
    static const uint64_t LEAST = UINT64_C(256) * 1024 * 1024, RATIO = 64;
    uint64_t most = z->fd < 0 ? LEAST : LEAST + RATIO * z->length;
    return most > z->thrown_away ? most - z->thrown_away : 0;
}

/* The data's end, found by inflating where no length stands before it. MM_END: it is not there, or
 * nothing tells it. */
static enum mm_status find_end_of_data(struct mm_zip *z, const struct mm_zip_record *r,
                                       struct mm_zip_member *m, struct mm_error *err)
{
    bool behind = r->flags & MM_ZIP_FLAG_DESCRIPTOR && r->packed == 0;
    uint64_t begin = z->at;
    if (behind && m->method == MM_ZIP_DEFLATED && !(r->flags & MM_ZIP_FLAG_ENCRYPTED)) {
        struct mm_zip_unpacked out = {.room = room_to_throw_away(z)};
        enum mm_status st = mm_zip_inflate(z, m->data_at, z->length - m->data_at, &out, err);
        z->thrown_away += out.made;
        if (st != MM_OK)
            return st == MM_E_SYNTAX ? MM_END : st;
        m->packed = out.taken;
        m->size = out.made;
        m->crc = out.crc;
    }
    if (m->packed > z->length - m->data_at)
        return MM_END;
    z->at = m->data_at + m->packed;
    enum mm_status st =
        r->flags & MM_ZIP_FLAG_DESCRIPTOR ? skip_descriptor(z, m, behind, err) : MM_OK;
    if (st != MM_OK)
        z->at = begin;
    return st;
}

enum mm_status mm_zip_walk(struct mm_zip *z, struct mm_zip_member *m, struct mm_error *err)
{
    struct mm_zip_record r;
    enum mm_status st = read_header(z, &r, err);
    if (st != MM_OK)
        return st < 0 ? st : cut_short(z, err);
    mm_zip_take_record(z, &r, m);
    m->data_at = r.next;
    st = find_end_of_data(z, &r, m, err);
    if (st != MM_OK)
        return st < 0 ? st : cut_short(z, err);
    if (m->kind != MM_ZIP_FILE)
        return MM_OK;
    st = mm_zip_find_data(z, m, err);
    if (st == MM_END)
        m->kind = MM_ZIP_DAMAGED;
    return st < 0 ? st : MM_OK;
}

enum mm_status mm_zip_find_cut(struct mm_zip *z, struct mm_zip_cut *cut, struct mm_error *err)
{
    struct mm_zip_record r;
    struct mm_zip_member m;
    enum mm_status st = z->walking ? read_header(z, &r, err) : MM_END;
    if (st != MM_OK)
        return st;
    mm_zip_take_record(z, &r, &m);
    if (m.kind != MM_ZIP_FILE)
        return MM_END;
    *cut = (struct mm_zip_cut){.name = m.name,
                               .name_too_long = m.name_too_long,
                               .deflated = m.method == MM_ZIP_DEFLATED,
                               .offset = m.offset,
                               .data_at = r.next,
                               .packed = z->length - r.next};
    return MM_OK;
}

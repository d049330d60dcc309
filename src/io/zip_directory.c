/*
 * zip_directory.c - the records of a zip's directory, and which of the members share bytes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A member may reach up to where the next one in the file begins. Where the directory follows the
 * order of the file, as nearly all do, that is told by the next record, and the furthest end so far
 * is kept; else both are looked up in a table.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/mac_litter.h"
#include "io/work_folder.h"
#include "io/zip_internal.h"

enum {
    CENTRAL_BYTES = 46,
    HOST_UNIX = 3, /* who made a member, in the high byte (4.4.2): attributes hold its mode */
    HOST_DARWIN = 19,
    DOS_FOLDER = 0x10
};

/* ---- records ---- */

/* The next of the numbers that stand in the zip64 field, for one that is all ones. */
static bool take_u64(struct mm_view *from, uint64_t all_ones, uint64_t *value)
{
    if (*value != all_ones)
        return true;
    if (from->len < 8)
        return false;
    *value = mm_word_load(from->data);
    *from = mm_view_sub(*from, 8, from->len - 8);
    return true;
}

bool mm_zip_take_zip64(struct mm_view extra, struct mm_zip_record *r, bool with_offset)
{
    struct mm_view found = {"", 0};
    while (extra.len >= 4) {
        uint16_t id = mm_zip_u16(extra.data), len = mm_zip_u16(extra.data + 2);
        if (len > extra.len - 4u)
            break;
        if (id == 1) {
            found = mm_view_sub(extra, 4, len);
            break;
        }
        extra = mm_view_sub(extra, 4u + len, extra.len - 4u - len);
    }
    bool whole = take_u64(&found, UINT32_MAX, &r->size) &&
                 take_u64(&found, UINT32_MAX, &r->packed) &&
                 (!with_offset || take_u64(&found, UINT32_MAX, &r->offset));
    return whole && r->size <= MM_ZIP_PLACE_MAX && r->packed <= MM_ZIP_PLACE_MAX &&
           r->offset <= MM_ZIP_PLACE_MAX;
}

/* The record at `at`. MM_OK; MM_END where none is there; MM_E_IO. */
static enum mm_status read_record(struct mm_zip *z, uint64_t at, struct mm_zip_record *r,
                                  struct mm_error *err)
{
    struct mm_view seen;
    if (z->directory_end - at < CENTRAL_BYTES)
        return MM_END;
    enum mm_status st = mm_zip_look(z, &z->directory, at, CENTRAL_BYTES, &seen, err);
    if (st != MM_OK || !mm_view_starts(seen, MM_VIEW("PK\1\2")))
        return st < 0 ? st : MM_END;
    size_t name = mm_zip_u16(seen.data + 28), extra = mm_zip_u16(seen.data + 30);
    size_t len = CENTRAL_BYTES + name + extra + mm_zip_u16(seen.data + 32);
    if (z->directory_end - at < len)
        return MM_END;
    st = mm_zip_look(z, &z->directory, at, len, &seen, err);
    if (st != MM_OK)
        return st;
    *r = (struct mm_zip_record){.made_by = mm_zip_u16(seen.data + 4),
                                .flags = mm_zip_u16(seen.data + 8),
                                .method = mm_zip_u16(seen.data + 10),
                                .crc = mm_zip_u32(seen.data + 16),
                                .packed = mm_zip_u32(seen.data + 20),
                                .size = mm_zip_u32(seen.data + 24),
                                .attributes = mm_zip_u32(seen.data + 38),
                                .offset = mm_zip_u32(seen.data + 42),
                                .name = mm_view_sub(seen, CENTRAL_BYTES, name),
                                .next = at + len};
    return mm_zip_take_zip64(mm_view_sub(seen, CENTRAL_BYTES + name, extra), r, true) ? MM_OK
                                                                                      : MM_END;
}

/* ---- what a record says ---- */

static enum mm_zip_kind kind_of(const struct mm_zip_record *r, struct mm_view name)
{
    unsigned host = r->made_by >> 8;
    unsigned type = host == HOST_UNIX || host == HOST_DARWIN ? r->attributes >> 16 & S_IFMT : 0;
    if (mm_view_ends(name, MM_VIEW("/")) || type == S_IFDIR ||
        (type == 0 && r->attributes & DOS_FOLDER) || mm_path_is_mac_litter(name) ||
        mm_path_is_of_work_folder(name))
        return MM_ZIP_SKIP;
    if (type == S_IFLNK)
        return MM_ZIP_LINK;
    if (type != 0 && type != S_IFREG && r->size == 0) /* else: what came through a pipe */
        return MM_ZIP_SPECIAL;
    if (r->flags & MM_ZIP_FLAG_ENCRYPTED)
        return MM_ZIP_ENCRYPTED;
    return r->method == MM_ZIP_STORED || r->method == MM_ZIP_DEFLATED ? MM_ZIP_FILE : MM_ZIP_METHOD;
}

void mm_zip_take_record(struct mm_zip *z, const struct mm_zip_record *r, struct mm_zip_member *m)
{
    const char *nul = memchr(r->name.data, '\0', r->name.len);
    struct mm_view name = mm_view_sub(r->name, 0, nul ? (size_t)(nul - r->name.data) : r->name.len);
    bool too_long = name.len >= sizeof z->name;
    size_t kept = too_long ? sizeof z->name - 1 : name.len;
    memcpy(z->name, name.data, kept);
    *m = (struct mm_zip_member){.kind = kind_of(r, name),
                                .name = {z->name, kept},
                                .name_too_long = too_long,
                                .offset = r->offset,
                                .size = r->size,
                                .packed = r->packed,
                                .crc = r->crc,
                                .method = r->method};
}

/* ---- looking through it ---- */

/* Where the member ends at the earliest: its local header has a name, and may have more. */
static uint64_t least_end(const struct mm_zip_record *r)
{
    return r->offset + MM_ZIP_LOCAL_BYTES + r->packed;
}

static int by_start(const void *a, const void *b)
{
    uint64_t x = ((const struct mm_zip_span *)a)->start, y = ((const struct mm_zip_span *)b)->start;
    return (x > y) - (x < y);
}

static enum mm_status make_table(struct mm_zip *z, struct mm_error *err)
{
    struct mm_zip_record r;
    uint64_t at = z->directory_at, furthest = 0;
    if (z->count > MM_ZIP_TABLE_MEMBERS)
        return mm_fail(err, MM_E_LIMIT,
                       "a zip of %llu members whose directory has another order than the file",
                       (unsigned long long)z->count);
    z->table = malloc(z->count * sizeof *z->table);
    if (!z->table)
        return mm_fail(err, MM_E_NOMEM, "no memory for the places of %llu members",
                       (unsigned long long)z->count);
    for (uint64_t i = 0; i < z->count; i++, at = r.next) {
        enum mm_status st = read_record(z, at, &r, err);
        if (st != MM_OK) /* it was there a moment ago */
            return st < 0 ? st : mm_fail_os(err, ESTALE, "the zip has changed while it was read");
        z->table[i] = (struct mm_zip_span){r.offset, least_end(&r)};
    }
    qsort(z->table, z->count, sizeof *z->table, by_start);
    for (uint64_t i = 0; i < z->count; i++) {
        furthest = z->table[i].end > furthest ? z->table[i].end : furthest;
        z->table[i].end = furthest;
    }
    return MM_OK;
}

enum mm_status mm_zip_survey(struct mm_zip *z, struct mm_error *err)
{
    struct mm_zip_record r;
    uint64_t at = z->directory_at, before = 0;
    bool in_order = true;
    enum mm_status st;
    while ((st = read_record(z, at, &r, err)) == MM_OK) {
        in_order = in_order && r.offset >= before;
        before = r.offset;
        if (kind_of(&r, r.name) == MM_ZIP_FILE)
            z->claimed_bytes += r.size < MM_ZIP_PLACE_MAX - z->claimed_bytes ? r.size : 0;
        z->count++;
        at = r.next;
    }
    z->readable_end = at;
    return st < 0 || in_order ? st : make_table(z, err);
}

/* ---- stepping ---- */

/* Where the member's place in the sorted table is. */
static size_t place_in_table(const struct mm_zip *z, uint64_t start)
{
    size_t low = 0, high = (size_t)z->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->table[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The furthest end of those that begin before the member, and where its own must be: at the start
 * of the one behind it, or of the directory. Of two that begin at one place, one is behind. */
static enum mm_status neighbours(struct mm_zip *z, const struct mm_zip_record *r, uint64_t *floor,
                                 uint64_t *ceiling, struct mm_error *err)
{
    struct mm_zip_record behind;
    enum mm_status st = MM_OK;
    *floor = z->furthest_end;
    *ceiling = z->directory_at;
    if (z->table) {
        size_t place = place_in_table(z, r->offset);
        *floor = place ? z->table[place - 1].end : 0;
        behind.offset = place + 1 < z->count ? z->table[place + 1].start : UINT64_MAX;
    } else if (r->next == z->readable_end) {
        behind.offset = UINT64_MAX;
    } else {
        st = read_record(z, r->next, &behind, err);
    }
    if (st == MM_OK && behind.offset < *ceiling)
        *ceiling = behind.offset;
    return st < 0 ? st : MM_OK;
}

/* A file whose bytes are its own, and lengths that can be. */
static enum mm_status check_file(struct mm_zip *z, struct mm_zip_member *m, uint64_t floor,
                                 uint64_t ceiling, struct mm_error *err)
{
    if (m->offset >= z->directory_at) {
        m->kind = MM_ZIP_DAMAGED;
        return MM_OK;
    }
    if (m->offset < floor || m->offset + MM_ZIP_LOCAL_BYTES + m->packed > ceiling) {
        m->kind = MM_ZIP_OVERLAP;
        return MM_OK;
    }
    enum mm_status st = mm_zip_find_data(z, m, err);
    if (st == MM_END)
        m->kind = MM_ZIP_DAMAGED;
    else if (st == MM_OK && m->data_at + m->packed > ceiling)
        m->kind = MM_ZIP_OVERLAP;
    return st < 0 ? st : MM_OK;
}

static enum mm_status end_of_directory(const struct mm_zip *z, struct mm_error *err)
{
    if (z->readable_end < z->directory_end)
        return mm_fail_at(err, MM_E_SYNTAX, z->readable_end,
                          "the directory of the zip is damaged at byte %llu",
                          (unsigned long long)z->readable_end);
    /* Writers without zip64 count from 0 again. */
    if ((z->told_count ^ z->count) & UINT16_MAX)
        return mm_fail_at(err, MM_E_SYNTAX, z->directory_end,
                          "the zip says that it has %llu members, and its directory has %llu",
                          (unsigned long long)z->told_count, (unsigned long long)z->count);
    return MM_END;
}

enum mm_status mm_zip_next(struct mm_zip *z, struct mm_zip_member *m, struct mm_error *err)
{
    struct mm_zip_record r;
    uint64_t floor, ceiling;
    if (z->walking)
        return mm_zip_walk(z, m, err);
    if (z->at == z->readable_end)
        return end_of_directory(z, err);
    enum mm_status st = read_record(z, z->at, &r, err);
    if (st != MM_OK)
        return st < 0 ? st : mm_fail_os(err, ESTALE, "the zip has changed while it was read");
    mm_zip_take_record(z, &r, m);
    MM_TRY(neighbours(z, &r, &floor, &ceiling, err));
    if (m->kind == MM_ZIP_FILE)
        MM_TRY(check_file(z, m, floor, ceiling, err));
    if (least_end(&r) > z->furthest_end)
        z->furthest_end = least_end(&r);
    z->at = r.next;
    return MM_OK;
}

/*
 * unwrap_archive.c - the members of zip, tar and mbox, one at a time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "io/mac_litter.h"
#include "io/tar.h"
#include "io/zip.h"
#include "mail/mbox.h"
#include "report/unwrap_internal.h"

/* What became of the members so far. */
struct archive {
    struct mm_unwrapper *u;
    const struct mm_unwrap_item *item; /* the archive itself */
    const char *kind;
    uint64_t members;
    uint64_t unknown; /* of no kind that can be a report */
    uint64_t accounted_before;
};

static struct archive begin(struct mm_unwrapper *u, const struct mm_unwrap_item *item,
                            enum mm_content_kind kind)
{
    return (struct archive){.u = u,
                            .item = item,
                            .kind = mm_content_kind_word(kind),
                            .accounted_before = mm_unwrap_accounted(u)};
}

static struct mm_view base_name(struct mm_view path)
{
    const char *slash = memrchr(path.data, '/', path.len);
    size_t from = slash ? (size_t)(slash - path.data) + 1 : 0;
    return mm_view_sub(path, from, path.len - from);
}

/* A member that has a name, in bytes that live until the next. */
static struct mm_unwrap_item member_item(struct archive *a, struct mm_view bytes,
                                         struct mm_view name, uint64_t offset)
{
    if (offset > a->item->bytes.len) /* a damaged directory says anything */
        offset = 0;
    struct mm_unwrap_item item = mm_unwrap_inside(a->u, a->item, bytes, name, offset);
    item.file_name = base_name(name);
    return item;
}

static enum mm_status look_into(struct archive *a, const struct mm_unwrap_item *member)
{
    enum mm_status st = mm_unwrap_item(a->u, member);
    a->unknown += st == MM_END;
    return st < 0 ? st : MM_OK;
}

static enum mm_status refuse(struct archive *a, const struct mm_unwrap_item *member,
                             enum mm_unwrap_reason reason)
{
    return mm_unwrap_refuse(a->u, member, reason, a->kind);
}

/* A member more. MM_END where there were too many: that is told, once. */
static enum mm_status count_member(struct archive *a, uint64_t most)
{
    if (a->members++ < most)
        return MM_OK;
    enum mm_status st = refuse(a, a->item, MM_UNWRAP_MEMBERS);
    return st < 0 ? st : MM_END;
}

/* What is unknown was beside reports: a table, a picture, a note. Alone, it is what there is. */
static enum mm_status end(struct archive *a, enum mm_status st)
{
    if (st < 0)
        return st;
    if (mm_unwrap_accounted(a->u) > a->accounted_before) {
        a->u->counts.skipped += a->unknown;
        return MM_OK;
    }
    return a->unknown > 0 ? MM_END : refuse(a, a->item, MM_UNWRAP_NO_MEMBER);
}

/* ---- zip ---- */

static enum mm_status read_zip_member(struct archive *a, struct mm_zip *zip,
                                      const struct mm_zip_member *m)
{
    struct mm_buf *room = &a->u->levels[a->item->level].bytes;
    struct mm_view nothing = mm_view_sub(a->item->bytes, 0, 0);
    struct mm_unwrap_item member = member_item(a, nothing, m->name, m->offset);
    if (m->size > MM_INFLATE_MEMBER_BYTES || m->size > a->u->left_bytes)
        return refuse(a, &member, MM_UNWRAP_TOO_LARGE);
    if (m->size >= MM_INFLATE_RATIO_FROM_BYTES && m->size / MM_INFLATE_RATIO > m->packed)
        return refuse(a, &member, MM_UNWRAP_TOO_DENSE);
    mm_unwrap_take_turn(a->u, a->item->level, m->size + 1);
    mm_buf_clear(room);
    if (!mm_buf_reserve(room, (size_t)m->size + 1))
        return MM_E_NOMEM;
    a->u->left_bytes -= (size_t)m->size; /* also of one that turns out to be damaged */
    enum mm_status st = mm_zip_read(zip, m, room->data, NULL);
    if (st == MM_E_SYNTAX)
        return refuse(a, &member, MM_UNWRAP_ZIP_DAMAGED);
    MM_TRY(st);
    member.bytes = (struct mm_view){room->data, (size_t)m->size};
    member.offset_moves = false;
    return look_into(a, &member);
}

static enum mm_status take_zip_member(struct archive *a, struct mm_zip *zip,
                                      const struct mm_zip_member *m)
{
    static const enum mm_unwrap_reason refusals[] = {[MM_ZIP_ENCRYPTED] = MM_UNWRAP_ZIP_ENCRYPTED,
                                                     [MM_ZIP_METHOD] = MM_UNWRAP_ZIP_METHOD,
                                                     [MM_ZIP_OVERLAP] = MM_UNWRAP_ZIP_OVERLAP,
                                                     [MM_ZIP_DAMAGED] = MM_UNWRAP_ZIP_DAMAGED};
    if (m->kind == MM_ZIP_FILE)
        return read_zip_member(a, zip, m);
    if (m->kind < MM_ZIP_ENCRYPTED) {
        a->u->counts.skipped++;
        return MM_OK;
    }
    struct mm_unwrap_item member =
        member_item(a, mm_view_sub(a->item->bytes, 0, 0), m->name, m->offset);
    return refuse(a, &member, refusals[m->kind]);
}

/* The member in which the zip ends, as far as it goes; a report is often the only one. */
static enum mm_status take_cut_member(struct archive *a, struct mm_zip *zip)
{
    struct mm_zip_cut cut;
    enum mm_status st = mm_zip_find_cut(zip, &cut, NULL);
    if (st == MM_OK)
        st = count_member(a, MM_UNWRAP_MEMBERS_MAX);
    if (st != MM_OK)
        return st < 0 ? st : MM_OK;
    struct mm_view there = mm_view_sub(a->item->bytes, (size_t)cut.data_at, (size_t)cut.packed);
    struct mm_unwrap_item member = member_item(a, there, cut.name, cut.offset);
    return cut.deflated ? mm_unwrap_cut_deflated(a->u, &member, a->kind)
                        : mm_unwrap_cut_stored(a->u, &member, a->kind);
}

/* Nothing more can be found: what there is of a member is taken, and that others may be missing is
 * told. */
static enum mm_status end_zip_short(struct archive *a, struct mm_zip *zip)
{
    if (!mm_zip_is_cut_short(zip))
        return refuse(a, a->item, MM_UNWRAP_ZIP_DAMAGED);
    MM_TRY(take_cut_member(a, zip));
    return refuse(a, a->item, MM_UNWRAP_ZIP_CUT_SHORT);
}

static enum mm_status walk_zip(struct archive *a, struct mm_zip *zip)
{
    struct mm_zip_member m;
    enum mm_status st;
    while ((st = mm_zip_next(zip, &m, NULL)) == MM_OK) {
        st = count_member(a, MM_UNWRAP_MEMBERS_MAX);
        if (st == MM_OK)
            st = take_zip_member(a, zip, &m);
        if (st != MM_OK)
            return st;
    }
    return st == MM_E_SYNTAX ? end_zip_short(a, zip) : st;
}

enum mm_status mm_unwrap_zip(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct archive a = begin(u, item, MM_CONTENT_ZIP);
    struct mm_zip *zip = NULL;
    enum mm_status st = mm_zip_open_bytes(item->bytes, &zip, NULL);
    if (st == MM_E_LIMIT)
        return refuse(&a, item, MM_UNWRAP_MEMBERS);
    if (st == MM_E_SYNTAX)
        return refuse(&a, item, MM_UNWRAP_ZIP_DAMAGED);
    if (st == MM_OK)
        st = walk_zip(&a, zip);
    mm_zip_free(&zip);
    return end(&a, st);
}

/* ---- tar ---- */

static enum mm_status take_tar_file(struct archive *a, struct mm_view rest,
                                    const struct mm_tar_entry *e, uint64_t at)
{
    bool whole = e->size <= rest.len - e->data_at;
    size_t len = whole ? (size_t)e->size : 0;
    struct mm_unwrap_item member =
        member_item(a, mm_view_sub(rest, e->data_at, len), e->name, at + e->data_at);
    return whole ? look_into(a, &member) : refuse(a, &member, MM_UNWRAP_TAR_CUT_SHORT);
}

static enum mm_status take_tar_entry(struct archive *a, struct mm_view rest,
                                     const struct mm_tar_entry *e, uint64_t at)
{
    struct mm_unwrap_item here =
        mm_unwrap_inside(a->u, a->item, mm_view_sub(rest, 0, 0), e->name, at);
    switch (e->kind) {
    case MM_TAR_FILE:
        if (!mm_path_is_mac_litter(e->name))
            return take_tar_file(a, rest, e, at);
        a->u->counts.skipped++;
        return MM_OK;
    case MM_TAR_SPARSE:
        return refuse(a, &here, MM_UNWRAP_TAR_SPARSE);
    case MM_TAR_LINK:
    case MM_TAR_SPECIAL:
        a->u->counts.skipped++;
        return MM_OK;
    default:
        return MM_OK;
    }
}

/* MM_END at the last entry. */
static enum mm_status step_tar(struct archive *a, struct mm_tar *tar, size_t *at)
{
    struct mm_view rest = mm_view_sub(a->item->bytes, *at, a->item->bytes.len - *at);
    struct mm_tar_entry e;
    if (rest.len == 0)
        return MM_END;
    mm_tar_next(tar, rest, &e);
    if (e.kind == MM_TAR_END)
        return MM_END;
    if (e.kind == MM_TAR_MORE || e.kind == MM_TAR_DAMAGED) {
        struct mm_unwrap_item here = mm_unwrap_inside(a->u, a->item, rest, MM_VIEW(""), *at);
        enum mm_status st = refuse(
            a, &here, e.kind == MM_TAR_MORE ? MM_UNWRAP_TAR_CUT_SHORT : MM_UNWRAP_TAR_DAMAGED);
        return st < 0 ? st : MM_END;
    }
    if (e.kind != MM_TAR_SKIP) {
        enum mm_status st = count_member(a, MM_UNWRAP_MEMBERS_MAX);
        if (st != MM_OK)
            return st;
    }
    MM_TRY(take_tar_entry(a, rest, &e, *at));
    *at += e.entry_bytes < rest.len ? (size_t)e.entry_bytes : rest.len;
    return MM_OK;
}

enum mm_status mm_unwrap_tar(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct archive a = begin(u, item, MM_CONTENT_TAR);
    struct mm_tar tar = {0};
    size_t at = 0;
    enum mm_status st;
    do
        st = step_tar(&a, &tar, &at);
    while (st == MM_OK);
    return end(&a, st);
}

/* ---- mbox ---- */

static enum mm_status take_message(struct archive *a, struct mm_view entry, size_t at)
{
    struct mm_mbox_message m = mm_mbox_trim(entry);
    struct mm_buf *room = &a->u->levels[a->item->level].bytes;
    struct mm_view bytes = m.quoted;
    char name[24];
    if (m.has_quotes) {
        mm_unwrap_take_turn(a->u, a->item->level, m.quoted.len);
        mm_buf_clear(room);
        mm_buf_append(room, m.quoted);
        if (room->failed)
            return m.quoted.len > room->max_bytes ? refuse(a, a->item, MM_UNWRAP_TOO_LARGE)
                                                  : MM_E_NOMEM;
        bytes = (struct mm_view){room->data, mm_mbox_unquote(room->data, room->len)};
    }
    uint64_t offset = a->item->offset_moves ? a->item->offset + at : at;
    int len = snprintf(name, sizeof name, "%" PRIu64, offset);
    struct mm_unwrap_item message =
        mm_unwrap_inside(a->u, a->item, bytes, (struct mm_view){name, (size_t)len}, at);
    enum mm_status st = mm_unwrap_mail(a->u, &message);
    a->unknown += st == MM_END;
    return st < 0 ? st : MM_OK;
}

/* MM_END where there are too many. */
static enum mm_status count_message(struct archive *a)
{
    return a->item->offset_moves ? MM_OK : count_member(a, MM_UNWRAP_MESSAGES_MAX);
}

enum mm_status mm_unwrap_mbox(struct mm_unwrapper *u, const struct mm_unwrap_item *item)
{
    struct archive a = begin(u, item, MM_CONTENT_MBOX);
    enum mm_status st = MM_OK;
    for (size_t at = 0, next; st == MM_OK && at < item->bytes.len; at = next) {
        next = mm_mbox_next(item->bytes, at + 1);
        st = count_message(&a);
        if (st == MM_OK)
            st = take_message(&a, mm_view_sub(item->bytes, at, next - at), at);
    }
    return end(&a, st);
}

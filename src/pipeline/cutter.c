/*
 * cutter.c - where the next message of a container lies: one cutter for each form.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/cutter.h"

#include "io/zip.h"
#include "mail/bsmtp.h"
#include "mail/mbox.h"

enum {
    MBOX_SEPARATOR_BYTES = 5, /* "From " */
    KEEP_BYTES = 64           /* of what is discarded: may hold the begin of what ends it */
};

static void cut_member(struct mm_cut *cut, size_t at, size_t len, uint64_t advance)
{
    cut->turn = MM_CUT_MEMBER;
    cut->at = at;
    cut->len = len;
    cut->advance = advance;
}

static void cut_skip(struct mm_cut *cut, uint64_t bytes)
{
    cut->turn = MM_CUT_SKIP;
    cut->advance = bytes;
}

/* All of a discarded member that is surely behind its end's begin. */
static void skip_discarded(struct mm_cutter *c, size_t len, struct mm_cut *cut)
{
    if (len <= KEEP_BYTES) {
        cut->turn = MM_CUT_MORE;
        return;
    }
    cut_skip(cut, len - KEEP_BYTES);
    c->scanned = c->scanned > cut->advance ? c->scanned - (size_t)cut->advance : 0;
}

/* ---- one message ---- */

static void next_one(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    if (bytes.len == 0 && whole && (c->discarding || c->any))
        cut->turn = MM_CUT_END;
    else if (bytes.len && c->discarding)
        cut_skip(cut, bytes.len);
    else if (whole) /* nothing at all is an empty message */
        cut_member(cut, 0, bytes.len, bytes.len);
    else
        cut->turn = MM_CUT_MORE;
    c->any = c->any || cut->turn == MM_CUT_MEMBER;
}

const struct mm_cutter_ops mm_cut_one = {.form = MM_MEMBER_FILE, .next = next_one};

/* ---- what begins with a block of zeros: a tar without members, or a damaged message ---- */

static void next_zeros(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    if (whole && mm_tar_is_empty(bytes))
        cut->turn = MM_CUT_END;
    else
        next_one(c, bytes, whole, cut);
}

const struct mm_cutter_ops mm_cut_zeros = {.form = MM_MEMBER_FILE, .next = next_zeros};

bool mm_cutter_is_lone(const struct mm_cutter_ops *ops)
{
    return ops == &mm_cut_one || ops == &mm_cut_zeros;
}

/* ---- mbox ---- */

static bool mbox_begins(struct mm_view bytes, size_t at)
{
    return at == 0 ? mm_mbox_sniff(bytes) : at < bytes.len && mm_mbox_next(bytes, at) == at;
}

static void next_mbox(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    size_t from = c->discarding ? 0 : MBOX_SEPARATOR_BYTES;
    if (bytes.len == 0) {
        cut->turn = whole ? MM_CUT_END : MM_CUT_MORE;
        return;
    }
    if (from < c->scanned)
        from = c->scanned;
    size_t end = from < bytes.len ? mm_mbox_next(bytes, from) : bytes.len;
    if (end == bytes.len && !whole) {
        /* The bytes at the end may be the first of a separator. */
        if (bytes.len > MBOX_SEPARATOR_BYTES)
            c->scanned = bytes.len - (MBOX_SEPARATOR_BYTES - 1);
        if (c->discarding)
            skip_discarded(c, bytes.len, cut);
        else
            cut->turn = MM_CUT_MORE;
        return;
    }
    if (c->discarding)
        cut_skip(cut, end);
    else
        cut_member(cut, 0, end, end);
    c->discarding = false;
    c->scanned = 0;
}

const struct mm_cutter_ops mm_cut_mbox = {
    .form = MM_MEMBER_MBOX, .begins = mbox_begins, .next = next_mbox};

/* ---- mboxcl2: the length stands in the header, nothing is quoted ---- */

/* The first Content-Length of the header: its digits. False without one, or without the header's
 * end. */
static bool content_length(struct mm_view bytes, size_t *body_at, uint64_t *length)
{
    bool found = false;
    for (size_t at = 0; at < bytes.len;) {
        const char *lf = memchr(bytes.data + at, '\n', bytes.len - at);
        if (!lf)
            return false;
        struct mm_view line = mm_view_sub(bytes, at, (size_t)(lf - bytes.data) - at);
        struct mm_view name, value;
        at += line.len + 1;
        line = mm_view_trim_wsp(line);
        if (line.len && line.data[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0) {
            *body_at = at;
            return found;
        }
        if (!found && mm_view_cut(line, ':', &name, &value) &&
            mm_view_eq_nocase(name, MM_VIEW("Content-Length")))
            found = mm_view_to_u64(mm_view_trim_wsp(value), length);
    }
    return false;
}

/* The end that the length tells counts where a separator, or nothing, stands there. */
static void next_mboxcl2(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    size_t body_at;
    uint64_t length, end;
    if (c->discarding || !content_length(bytes, &body_at, &length) ||
        length > c->member_max_bytes) {
        next_mbox(c, bytes, whole, cut);
        return;
    }
    end = body_at + length;
    if (end + MBOX_SEPARATOR_BYTES + 2 > bytes.len && !whole) {
        cut->turn = MM_CUT_MORE;
        cut->need = (size_t)end + MBOX_SEPARATOR_BYTES + 2;
        return;
    }
    struct mm_view rest = end < bytes.len ? mm_view_sub(bytes, (size_t)end, bytes.len - (size_t)end)
                                          : mm_view_sub(bytes, 0, 0);
    size_t blank = mm_view_starts(rest, MM_VIEW("\r\n")) ? 2 : mm_view_starts(rest, MM_VIEW("\n"));
    rest = mm_view_sub(rest, blank, rest.len - blank);
    if (end > bytes.len || (rest.len && !mm_mbox_sniff(rest))) {
        next_mbox(c, bytes, whole, cut);
        return;
    }
    /* With the empty line that mm_mbox_trim() takes off; else it took one of the message's own. */
    cut_member(cut, 0, (size_t)end + blank, end + blank);
    c->scanned = 0;
}

const struct mm_cutter_ops mm_cut_mboxcl2 = {
    .form = MM_MEMBER_MBOXCL2, .begins = mbox_begins, .next = next_mboxcl2};

/* ---- tar ---- */

static void cut_file(const struct mm_cutter *c, const struct mm_tar_entry *e, struct mm_view bytes,
                     struct mm_cut *cut)
{
    if (e->name_too_long)
        cut->slug = "path-too-long";
    else if (e->data_at + e->size > c->member_max_bytes)
        cut->slug = "message-too-large";
    if (cut->slug) {
        cut_member(cut, 0, 0, e->entry_bytes);
        return;
    }
    if (e->data_at + e->size > bytes.len) {
        cut->turn = MM_CUT_MORE;
        cut->need = e->data_at + (size_t)e->size;
        return;
    }
    cut_member(cut, e->data_at, (size_t)e->size, e->entry_bytes);
}

static void next_tar(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    struct mm_tar_entry e;
    struct mm_tar before = c->tar; /* what is not whole yet is looked at once more */
    if (bytes.len == 0 && whole) {
        cut->turn = MM_CUT_END;
        return;
    }
    mm_tar_next(&c->tar, bytes, &e);
    cut->name = e.name;
    cut->advance = e.entry_bytes;
    switch (e.kind) {
    case MM_TAR_MORE:
        cut->turn = MM_CUT_MORE;
        cut->need = e.need;
        break;
    case MM_TAR_FILE:
        cut_file(c, &e, bytes, cut);
        break;
    case MM_TAR_SKIP:
        cut->turn = MM_CUT_SKIP;
        break;
    case MM_TAR_LINK:
        cut->turn = MM_CUT_LINK;
        break;
    case MM_TAR_SPECIAL:
        cut_member(cut, 0, 0, e.entry_bytes);
        cut->slug = "special-file";
        break;
    case MM_TAR_SPARSE:
        cut_member(cut, 0, 0, e.entry_bytes);
        cut->slug = "sparse-member";
        break;
    case MM_TAR_END:
        cut->turn = MM_CUT_END;
        break;
    case MM_TAR_DAMAGED:
        cut->turn = MM_CUT_DAMAGED;
        break;
    }
    if (cut->turn == MM_CUT_MORE)
        c->tar = before;
}

const struct mm_cutter_ops mm_cut_tar = {.form = MM_MEMBER_FILE, .next = next_tar};

/* ---- batch SMTP ---- */

static void next_bsmtp(struct mm_cutter *c, struct mm_view bytes, bool whole, struct mm_cut *cut)
{
    struct mm_bsmtp_message m;
    if (c->discarding) {
        /* Behind "\n.\n", whatever the bytes before it were. */
        size_t end = mm_bsmtp_data_end(bytes);
        if (end == 0 && !whole) {
            skip_discarded(c, bytes.len, cut);
            return;
        }
        cut_skip(cut, end ? end : bytes.len);
        c->discarding = false;
        c->scanned = 0;
        return;
    }
    switch (mm_bsmtp_next(bytes, &c->scanned, &m)) {
    case MM_BSMTP_MORE:
        cut->turn = MM_CUT_MORE;
        return;
    case MM_BSMTP_END:
        cut->turn = whole ? MM_CUT_END : MM_CUT_MORE;
        return;
    case MM_BSMTP_DAMAGED:
        cut->turn = MM_CUT_DAMAGED;
        return;
    case MM_BSMTP_MESSAGE:
        cut_member(cut, m.data_at, m.data_len, m.end);
        cut->envelope_at = m.envelope_at;
        cut->envelope_len = m.envelope_len;
        c->scanned = 0;
        return;
    }
}

static bool bsmtp_begins(struct mm_view bytes, size_t at)
{
    return mm_bsmtp_sniff(mm_view_sub(bytes, at, bytes.len - at));
}

const struct mm_cutter_ops mm_cut_bsmtp = {
    .form = MM_MEMBER_BSMTP, .begins = bsmtp_begins, .next = next_bsmtp};

/* ---- zip: no stream, see container_zip.c ---- */

const struct mm_cutter_ops mm_cut_zip = {.form = MM_MEMBER_FILE};

/* ---- choosing ---- */

const struct mm_cutter_ops *mm_cutter_sniff(struct mm_view head)
{
    if (mm_mbox_sniff(head))
        return &mm_cut_mbox;
    if (mm_tar_sniff(head))
        return &mm_cut_tar;
    if (mm_zip_sniff(head))
        return &mm_cut_zip;
    return mm_bsmtp_sniff(head) ? &mm_cut_bsmtp : &mm_cut_one;
}

const struct mm_cutter_ops *mm_cutter_of(enum mm_source_format format)
{
    switch (format) {
    case MM_SOURCE_MESSAGE:
    case MM_SOURCE_EMLX:
    case MM_SOURCE_PICKUP:
    case MM_SOURCE_POSTFIX:
        return &mm_cut_one;
    case MM_SOURCE_MBOX:
        return &mm_cut_mbox;
    case MM_SOURCE_MBOXCL2:
        return &mm_cut_mboxcl2;
    case MM_SOURCE_TAR:
        return &mm_cut_tar;
    case MM_SOURCE_BSMTP:
        return &mm_cut_bsmtp;
    case MM_SOURCE_ZIP:
        return &mm_cut_zip;
    default:
        return NULL;
    }
}

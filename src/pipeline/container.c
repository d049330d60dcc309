/*
 * container.c - one stream that holds messages, cut into blocks of whole messages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/container.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/mac_litter.h"
#include "io/stream.h"
#include "mail/mbox.h"
#include "pipeline/container_internal.h"

enum {
    SEPARATOR_BYTES = 5, /* "From ", which shows where a message of an mbox ends */
    SNIFF_BYTES = MM_TAR_BLOCK_BYTES,
    REPORT_BYTES = 12,          /* a byte order mark and a tag */
    LATER_MAX_BYTES = 64 * 1024 /* of more, to look costs little beside unpacking it */
};

/* Room for the largest message and for the separator that shows where it ends. */
static size_t cap_max(const struct mm_reading *s)
{
    return (size_t)s->o->member_max_bytes + SEPARATOR_BYTES;
}

static uint32_t batch_items(const struct mm_reading *s)
{
    return s->o->block_items ? s->o->block_items : (uint32_t)MM_BATCH_ITEMS;
}

static void give_member(struct mm_reading *s, size_t at, const struct mm_cut *cut)
{
    struct mm_container_member m = {.offset = s->block_offset + at,
                                    .block = s->block,
                                    .at = at + cut->at,
                                    .len = cut->len,
                                    .envelope_at = at + cut->envelope_at,
                                    .envelope_len = cut->envelope_len,
                                    .name = cut->name,
                                    .is_link = cut->turn == MM_CUT_LINK,
                                    .slug = cut->slug};
    s->found = s->found || !m.is_link;
    if (!s->o->take_member(s->o->context, &m) || s->only_first)
        s->done = true;
}

/* Who looks for reports is given the same of a tar as of a zip: what macOS adds is no input. For
 * others a tar is what a run has written, of messages that may have any name. */
static bool is_litter(const struct mm_reading *s, const struct mm_cut *cut)
{
    return s->o->job_unpacks && s->cutter.ops == &mm_cut_tar && mm_path_is_mac_litter(cut->name);
}

static bool is_wanted(const struct mm_reading *s, size_t at, const struct mm_cut *cut)
{
    uint64_t offset;
    if (is_litter(s, cut))
        return false;
    if (s->wanted.len == 0 || cut->name.len)
        return s->wanted.len == 0 || mm_view_eq(s->wanted, cut->name);
    return !*s->o->lone && mm_view_to_u64(s->wanted, &offset) && offset == s->block_offset + at;
}

static void give_reject(struct mm_reading *s, size_t at, const char *slug)
{
    give_member(s, at, &(struct mm_cut){.turn = MM_CUT_MEMBER, .slug = slug});
}

/* Who looks for reports is told of an archive that has none. It is the input itself, under its own
 * name. */
static void tell_empty(struct mm_reading *s)
{
    if (s->done || s->found || !s->o->job_unpacks || s->cutter.ops != &mm_cut_tar)
        return;
    *s->o->lone = true;
    give_reject(s, s->len, "empty-archive");
}

/* ---- cutting ---- */

/* Nothing can be cut from `at` on, and nothing more comes. */
static void end_short(struct mm_reading *s, size_t at, const char *slug)
{
    if (s->damaged)
        slug = "damaged-archive";
    s->damaged = false; /* told */
    s->cut_ended = true;
    if (slug)
        give_reject(s, at, slug);
}

/* What lies between here and the next member, and whether that is in the block. Returns the new
 * place. */
static size_t step_over(struct mm_reading *s, size_t at, uint64_t advance)
{
    size_t left = s->len - at;
    if (advance <= left)
        return at + (size_t)advance;
    s->skip = advance - left;
    return s->len;
}

/* Members and rejects of the block, as many as a batch takes. Returns where the next one begins;
 * `need`: bytes from there that the cutter asks for. */
static size_t cut_members(struct mm_reading *s, uint32_t *count, size_t *need)
{
    size_t at = 0;
    *count = 0;
    *need = 0;
    if (s->skip && s->ended) /* the end lies in what was to be stepped over */
        end_short(s, s->len, "truncated-archive");
    while (!s->done && !s->cut_ended && !s->skip && *count < batch_items(s)) {
        struct mm_cut cut = {.turn = MM_CUT_MORE};
        bool whole = s->ended && !s->damaged;
        if (at == s->len && !s->ended)
            break;
        s->cutter.ops->next(&s->cutter,
                            mm_view_sub((struct mm_view){s->block, s->len}, at, s->len - at), whole,
                            &cut);
        switch (cut.turn) {
        case MM_CUT_MEMBER:
        case MM_CUT_LINK:
            if (!is_wanted(s, at, &cut))
                break;
            s->only_first = s->only_first || s->wanted.len > 0;
            if (!cut.slug && cut.len > s->o->member_max_bytes)
                cut.slug = "message-too-large";
            give_member(s, at, &cut);
            ++*count;
            break;
        case MM_CUT_MORE:
            *need = cut.need;
            if (s->ended)
                end_short(s, at, at == s->len && !s->damaged ? NULL : "truncated-archive");
            return at;
        case MM_CUT_DAMAGED:
            end_short(s, at, "damaged-archive");
            return at;
        case MM_CUT_END:
            s->cut_ended = true;
            return at;
        case MM_CUT_SKIP:
            break;
        }
        at = step_over(s, at, cut.advance);
    }
    return at;
}

/* The block is full, and the message that begins it is not whole: more room, or it is named and
 * stepped over. */
static enum mm_status grow_or_discard(struct mm_reading *s, size_t need)
{
    size_t most = cap_max(s), want = s->cap * 2 > need ? s->cap * 2 : need;
    if (s->len < s->cap || s->ended)
        return MM_OK; /* more may be read */
    if (s->cap < most && !s->cutter.discarding) {
        enum mm_status st = mm_reading_grow_block(s, want < most ? want : most);
        return st < 0 ? st : MM_OK;
    }
    give_reject(s, 0, "message-too-large");
    s->cutter.discarding = true;
    /* It goes without a block: the one that is there is to be used further. */
    if (!s->o->take_block(s->o->context, NULL, 0))
        s->done = true;
    return MM_OK;
}

/* About as much as the next batch will use, if its messages are like those of this one, so that
 * little is copied from block to block; more for those that are larger, but not much more than was
 * seen. Of few sizes, so that a block fits again. */
static size_t next_cap(struct mm_reading *s, uint32_t count, size_t used)
{
    enum { GROWTH = 8, GOAL_PART = 32, CAP_PART = 8 };
    size_t tail = s->len - used, most = cap_max(s), like = used / count * batch_items(s);
    like = like < GROWTH * used ? like : GROWTH * used;
    s->goal = like + like / GOAL_PART;
    size_t want = like + like / CAP_PART;
    want = want > MM_BLOCK_MAX_BYTES ? (size_t)MM_BLOCK_MAX_BYTES : want;
    want = (want / MM_BLOCK_MIN_BYTES + 1) * MM_BLOCK_MIN_BYTES;
    want = want < tail ? tail : want;
    return want > most && tail <= most ? most : want;
}

/* ---- the begin and the end of a stream ---- */

/* The member that begins at an offset of a file that is not packed is gone to: nothing before it
 * need be read. */
static enum mm_status go_to_wanted(struct mm_reading *s)
{
    char head[SNIFF_BYTES];
    uint64_t offset;
    s->wanted = s->o->wanted;
    ssize_t n = s->wanted.len ? pread(s->o->fd, head, sizeof head, 0) : 0;
    struct mm_view seen = {head, n > 0 ? (size_t)n : 0};
    const struct mm_cutter_ops *ops = mm_cutter_of(s->o->format);
    /* Standard input may begin inside a file: offsets count from there. */
    if (lseek(s->o->fd, 0, SEEK_CUR) != 0)
        return MM_OK;
    ops = ops ? ops : mm_cutter_sniff(seen);
    if (seen.len == 0 || !mm_view_to_u64(s->wanted, &offset) || offset > INT64_MAX ||
        mm_packing_sniff(seen) != MM_PACKING_NONE || !ops->begins)
        return MM_OK;
    size_t before = offset < MM_CUT_BEFORE_BYTES ? (size_t)offset : MM_CUT_BEFORE_BYTES;
    n = pread(s->o->fd, head, sizeof head, (off_t)(offset - before));
    seen.len = n > 0 ? (size_t)n : 0;
    s->misplaced = seen.len < before || !ops->begins(seen, before);
    if (lseek(s->o->fd, (off_t)offset, SEEK_SET) < 0)
        return mm_fail_os(s->err, errno, "cannot go to byte %llu of the source",
                          (unsigned long long)offset);
    s->cutter.ops = ops;
    s->block_offset = offset;
    s->wanted.len = 0;
    s->only_first = true;
    return MM_OK;
}

bool mm_container_begins_with_zeros(struct mm_view head)
{
    static const char zeros[MM_TAR_BLOCK_BYTES];
    return mm_view_starts(head, (struct mm_view){zeros, sizeof zeros});
}

static void choose_form(struct mm_reading *s)
{
    struct mm_view head = {s->block, s->len};
    bool is_unknown = false;
    if (!s->cutter.ops)
        s->cutter.ops = mm_cutter_of(s->o->format);
    if (!s->cutter.ops) {
        s->cutter.ops = mm_cutter_sniff(head);
        is_unknown = !s->o->job_unpacks && mm_packing_is_unknown(head);
        if (!s->o->job_unpacks && mm_container_begins_with_zeros(head))
            s->cutter.ops = &mm_cut_zeros;
    }
    *s->o->lone = mm_cutter_is_lone(s->cutter.ops);
    *s->o->form = s->cutter.ops->form;
    bool is_mbox = *s->o->form == MM_MEMBER_MBOX || *s->o->form == MM_MEMBER_MBOXCL2;
    if (s->misplaced || (is_mbox && s->len && !s->cutter.ops->begins(head, 0))) {
        give_reject(s, 0, "no-separator");
        s->cut_ended = true;
    } else if (is_unknown) {
        give_reject(s, 0, "unknown-packing");
        s->cut_ended = true;
    }
}

/* The first bytes, as many as tell the form. */
static enum mm_status start(struct mm_reading *s)
{
    size_t most = cap_max(s);
    s->cap = most < MM_BLOCK_MIN_BYTES ? most : (size_t)MM_BLOCK_MIN_BYTES;
    s->cap = s->cap < SNIFF_BYTES ? (size_t)SNIFF_BYTES : s->cap;
    s->cutter.member_max_bytes = s->o->member_max_bytes;
    MM_TRY(go_to_wanted(s));
    struct stat st_file;
    s->can_seek = lseek(s->o->fd, 0, SEEK_CUR) == 0 && fstat(s->o->fd, &st_file) == 0 &&
                  S_ISREG(st_file.st_mode);
    s->stream = mm_stream_new(s->o->fd);
    if (!s->stream)
        return mm_fail(s->err, MM_E_NOMEM, "no memory for a source");
    mm_stream_set_helpers(s->stream, s->o->unpack_helpers);
    enum mm_status st = mm_reading_get_block(s, s->cap);
    if (st != MM_OK)
        return st < 0 ? st : MM_OK;
    do
        MM_TRY(mm_reading_fill(s));
    while (s->len < SNIFF_BYTES && !s->ended && !s->done &&
           !mm_mbox_sniff((struct mm_view){s->block, s->len}));
    choose_form(s);
    return MM_OK;
}

/* What is behind the container's end: whoever writes into the pipe may finish, and damage is told.
 */
static enum mm_status drain(struct mm_reading *s)
{
    while (!s->ended && !s->done) {
        s->block_offset += s->len;
        s->len = 0;
        MM_TRY(mm_reading_fill(s));
    }
    if (s->damaged && !s->done)
        give_reject(s, s->len, "damaged-archive");
    else if (s->wanted.len && !s->found && !s->done)
        give_reject(s, s->len, "no-such-member");
    else
        tell_empty(s);
    return MM_OK;
}

static enum mm_status read_members(struct mm_reading *s)
{
    while (!s->done && !s->cut_ended) {
        uint32_t count;
        size_t need, used = cut_members(s, &count, &need);
        if (count) {
            MM_TRY(mm_reading_next_block(s, used, next_cap(s, count, used)));
        } else if (used) {
            mm_reading_drop_front(s, used);
        } else {
            MM_TRY(grow_or_discard(s, need));
        }
        if (!s->done && !s->cut_ended)
            MM_TRY(mm_reading_fill(s));
    }
    return MM_OK;
}

/* ---- zip: its directory is at its end ---- */

/* All that comes, into a temporary file: a zip that cannot be read where it is. */
static enum mm_status spool(struct mm_reading *s, int *fd)
{
    const char *folder = mm_file_temporary_folder();
    *fd = mm_file_temporary(folder);
    if (*fd < 0)
        return mm_fail_os(s->err, errno, "cannot make a temporary file in %s", folder);
    while (!s->done) {
        int failed = mm_file_write(*fd, &(struct mm_view){s->block, s->len}, 1);
        if (failed)
            return mm_fail_os(s->err, failed,
                              "cannot keep the zip in %s, as one that comes through a pipe or "
                              "packed has to be (TMPDIR names another folder)",
                              folder);
        s->block_offset += s->len;
        s->len = 0;
        if (s->ended)
            break;
        s->done = s->o->stopping(s->o->context);
        MM_TRY(mm_reading_fill(s));
    }
    return MM_OK;
}

static enum mm_status read_zip(struct mm_reading *s)
{
    int fd = -1;
    bool direct = s->can_seek && mm_stream_packing(s->stream) == MM_PACKING_NONE;
    enum mm_status st = direct ? MM_OK : spool(s, &fd);
    mm_reading_put_back(s); /* the zip's own blocks come instead */
    if (st == MM_OK && !s->done)
        st = mm_container_read_zip(s->o, direct ? s->o->fd : fd,
                                   s->damaged ? s->block_offset : MM_NO_OFFSET, s->err);
    if (fd >= 0)
        close(fd);
    return st;
}

/* ---- from the begin to the end ---- */

static enum mm_status read_stream(struct mm_reading *s)
{
    MM_TRY(read_members(s));
    if (s->cut_ended)
        MM_TRY(drain(s));
    /* What was taken without a block of its own (an empty message, a reject) goes with the last. */
    if (s->block && !s->done) {
        s->o->take_block(s->o->context, s->block, mm_block_charge(s->cap));
        s->block = NULL;
    }
    return MM_OK;
}

enum mm_status mm_container_read(const struct mm_container_options *options, struct mm_error *err)
{
    struct mm_reading s = {.o = options, .err = err};
    enum mm_status st = start(&s);
    if (st == MM_OK && !s.done)
        st = s.cutter.ops == &mm_cut_zip ? read_zip(&s) : read_stream(&s);
    mm_reading_put_back(&s);
    mm_stream_free(&s.stream);
    return st;
}

bool mm_container_sniff(struct mm_view head)
{
    return mm_packing_sniff(head) != MM_PACKING_NONE || mm_packing_is_unknown(head) ||
           mm_cutter_sniff(head) != &mm_cut_one;
}

/* As most reports do, and of containers none but a tar whose first file has such a name. */
static bool begins_as_report(struct mm_view text)
{
    static const struct mm_view begins[] = {{"<?xml", 5}, {"<feedback", 9}, {"{\"", 2}, {"{\n", 2}};
    if (mm_view_starts(text, MM_VIEW("\xef\xbb\xbf")))
        text = mm_view_sub(text, 3, text.len - 3);
    for (size_t i = 0; i < MM_COUNT(begins); i++)
        if (mm_view_starts(text, begins[i]))
            return true;
    return false;
}

bool mm_container_sniff_inside(struct mm_view head)
{
    char inside[SNIFF_BYTES];
    if (mm_packing_sniff(head) == MM_PACKING_NONE)
        return mm_cutter_sniff(head) != &mm_cut_one;
    /* To unpack as much as a tar is known by costs as much as reading a small report. */
    size_t len = mm_packed_head(head, inside, REPORT_BYTES);
    if (begins_as_report((struct mm_view){inside, len}))
        return false;
    len = mm_packed_head(head, inside, sizeof inside);
    return mm_cutter_sniff((struct mm_view){inside, len}) != &mm_cut_one;
}

bool mm_container_may_sniff_later(struct mm_view packed)
{
    return packed.len <= LATER_MAX_BYTES && mm_packing_sniff(packed) == MM_PACKING_GZIP;
}

bool mm_container_sniff_later(struct mm_view packed, struct mm_view text)
{
    if (!text.data)
        return mm_container_sniff_inside(packed);
    struct mm_view head = mm_view_sub(text, 0, text.len < SNIFF_BYTES ? text.len : SNIFF_BYTES);
    /* It will be read as a stream, and where that is more exacting it has the last word. */
    return !begins_as_report(head) && mm_cutter_sniff(head) != &mm_cut_one &&
           mm_container_sniff_inside(packed);
}

bool mm_container_lies_open(struct mm_view head, enum mm_source_format format)
{
    const struct mm_cutter_ops *ops = mm_cutter_of(format);
    return mm_packing_sniff(head) == MM_PACKING_NONE &&
           (ops ? ops : mm_cutter_sniff(head)) != &mm_cut_zip;
}

void mm_container_cut(struct mm_view bytes, const struct mm_container_options *options)
{
    struct mm_reading s = {.o = options,
                           .cutter.member_max_bytes = options->member_max_bytes,
                           .block = (char *)(uintptr_t)bytes.data,
                           .cap = bytes.len,
                           .len = bytes.len,
                           .ended = true};
    choose_form(&s);
    while (!s.done && !s.cut_ended) {
        uint32_t count;
        size_t need, used = cut_members(&s, &count, &need);
        if (!options->take_block(options->context, s.block, 0))
            s.done = true;
        s.block += used;
        s.block_offset += used;
        s.len -= used;
    }
    tell_empty(&s);
}

/*
 * container.c - one stream that holds messages, cut into blocks of whole messages.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/container.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/reader.h"
#include "mail/mbox.h"
#include "pipeline/job.h"

enum {
    BLOCK_MIN_BYTES = 256 * 1024,
    BLOCK_MAX_BYTES = 4 * 1024 * 1024, /* for blocks of many messages; one message may need more */
    POLL_MS = 100,
    SKIP_KEEP_BYTES = 64 /* bytes of a skipped message that may begin a separator */
};

struct stream {
    const struct mm_container_options *o;
    char *block;
    size_t cap, len;       /* of the block; cap + padding is charged to the budget */
    uint64_t block_offset; /* in the stream, of the block's first byte */
    bool mbox, eof;
    bool done; /* the receiver wants no more */
    struct mm_error *err;
};

static size_t charge(size_t cap)
{
    return cap + MM_READ_PAD_BYTES;
}

static enum mm_status get_block(struct stream *s, size_t cap, char **block)
{
    if (!mm_budget_take_spare(s->o->budget, charge(cap))) {
        s->done = true; /* the run ends */
        return MM_END;
    }
    *block = malloc(charge(cap));
    if (*block)
        return MM_OK;
    mm_budget_give(s->o->budget, charge(cap));
    return mm_fail(s->err, MM_E_NOMEM, "no memory for a block of %zu bytes", cap);
}

/* A message that does not fit the block: only what is added is asked for, since the block is held.
 */
static enum mm_status grow_block(struct stream *s, size_t cap)
{
    if (!mm_budget_take_spare(s->o->budget, cap - s->cap)) {
        s->done = true;
        return MM_END;
    }
    char *grown = realloc(s->block, charge(cap));
    if (!grown) {
        mm_budget_give(s->o->budget, cap - s->cap);
        return mm_fail(s->err, MM_E_NOMEM, "no memory for a block of %zu bytes", cap);
    }
    s->block = grown;
    s->cap = cap;
    return MM_OK;
}

static void put_back(struct stream *s)
{
    if (!s->block)
        return;
    free(s->block);
    mm_budget_give(s->o->budget, charge(s->cap));
    s->block = NULL;
}

/* A pipe may pause for as long as it likes; a stop must not wait for it. */
static bool wait_readable(struct stream *s)
{
    struct pollfd p = {.fd = s->o->fd, .events = POLLIN};
    while (poll(&p, 1, POLL_MS) == 0)
        if (s->o->stopping(s->o->context)) {
            s->done = true;
            return false;
        }
    return true;
}

/* Read until the block is full or the stream ends. */
static enum mm_status fill(struct stream *s)
{
    while (s->len < s->cap && !s->eof && wait_readable(s)) {
        ssize_t n = read(s->o->fd, s->block + s->len, s->cap - s->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mm_fail_os(s->err, errno, "cannot read the source at byte %llu",
                              (unsigned long long)(s->block_offset + s->len));
        if (n == 0)
            s->eof = true;
        s->len += (size_t)n;
    }
    return MM_OK;
}

/* Hand the block over and go on in a fresh one that begins with its bytes from `keep` on. */
static enum mm_status next_block(struct stream *s, size_t keep, size_t cap)
{
    size_t tail = s->len - keep, old_cap = s->cap;
    char *old = s->block, *saved = NULL;
    /* Copied aside first: the receiver may be done with the block at once. */
    if (tail && !(saved = malloc(tail)))
        return mm_fail(s->err, MM_E_NOMEM, "no memory for a block");
    if (tail)
        memcpy(saved, old + keep, tail);
    s->block = NULL;
    s->block_offset += keep;
    s->len = 0;
    if (!s->o->take_block(s->o->context, old, charge(old_cap)))
        s->done = true;
    enum mm_status st = s->done ? MM_END : get_block(s, cap, &s->block);
    if (st == MM_OK) {
        s->cap = cap;
        s->len = tail;
        if (tail)
            memcpy(s->block, saved, tail);
    }
    free(saved);
    return st < 0 ? st : MM_OK;
}

static bool give_member(struct stream *s, size_t at, size_t len, const char *slug)
{
    struct mm_container_member m = {
        .offset = s->block_offset + at, .at = at, .len = len, .slug = slug};
    if (!s->o->take_member(s->o->context, &m) || s->o->only_first)
        s->done = true;
    return !s->done;
}

/* Whole messages of the block, as many as a batch takes. Returns where the next one begins. */
static size_t cut_members(struct stream *s, uint32_t *count)
{
    struct mm_view view = {s->block, s->len};
    size_t at = 0;
    *count = 0;
    while (!s->done && at < s->len && *count < MM_BATCH_ITEMS) {
        size_t past = at + 5 < s->len ? at + 5 : s->len;
        size_t next = s->mbox ? mm_mbox_next(view, past) : s->len;
        if (next == s->len && !s->eof)
            break;
        ++*count;
        if (!give_member(s, at, next - at, NULL))
            return next;
        at = next;
    }
    return at;
}

/* A message that no block may hold: name it, and find where the next begins. */
static enum mm_status skip_member(struct stream *s)
{
    if (!give_member(s, 0, 0, "message-too-large"))
        return MM_OK;
    size_t from = 5;
    for (;;) {
        size_t next = s->mbox ? mm_mbox_next((struct mm_view){s->block, s->len}, from) : s->len;
        if (next < s->len || s->eof) {
            memmove(s->block, s->block + next, s->len - next);
            s->block_offset += next;
            s->len -= next;
            return MM_OK;
        }
        memmove(s->block, s->block + s->len - SKIP_KEEP_BYTES, SKIP_KEEP_BYTES);
        s->block_offset += s->len - SKIP_KEEP_BYTES;
        s->len = SKIP_KEEP_BYTES;
        from = 1;
        MM_TRY(fill(s));
    }
}

static enum mm_status grow_or_skip(struct stream *s)
{
    size_t most = (size_t)s->o->member_max_bytes;
    if (s->cap < most) {
        enum mm_status st = grow_block(s, s->cap * 2 < most ? s->cap * 2 : most);
        return st < 0 ? st : MM_OK;
    }
    return skip_member(s);
}

static enum mm_status start(struct stream *s)
{
    size_t first = s->o->member_max_bytes < BLOCK_MIN_BYTES ? (size_t)s->o->member_max_bytes
                                                            : (size_t)BLOCK_MIN_BYTES;
    if (s->o->offset && lseek(s->o->fd, (off_t)s->o->offset, SEEK_SET) < 0)
        return mm_fail_os(s->err, errno, "cannot go to byte %llu of the source",
                          (unsigned long long)s->o->offset);
    s->block_offset = s->o->offset;
    s->cap = first;
    enum mm_status st = get_block(s, first, &s->block);
    if (st != MM_OK)
        return st < 0 ? st : MM_OK;
    MM_TRY(fill(s));
    struct mm_view head = {s->block, s->len};
    bool is_mbox = mm_mbox_sniff(head);
    s->mbox = s->o->form == MM_CONTAINER_MBOX || (s->o->form == MM_CONTAINER_SNIFF && is_mbox);
    *s->o->lone = !s->mbox;
    if (s->mbox && !is_mbox && s->len) {
        give_member(s, 0, 0, "no-separator");
        s->done = true;
    } else if (!s->mbox && s->len == 0) {
        give_member(s, 0, 0, NULL); /* an empty message is an input */
    }
    return MM_OK;
}

enum mm_status mm_container_read(const struct mm_container_options *options, struct mm_error *err)
{
    struct stream s = {.o = options, .err = err};
    size_t want = BLOCK_MIN_BYTES;
    enum mm_status st = start(&s);
    while (st == MM_OK && !s.done && s.len) {
        uint32_t count;
        size_t rest = cut_members(&s, &count);
        if (count) {
            /* About as much as the next batch will use, so that little is copied from block to
             * block. */
            want = rest * 2 > BLOCK_MAX_BYTES ? BLOCK_MAX_BYTES : rest * 2;
            if (want < BLOCK_MIN_BYTES)
                want = BLOCK_MIN_BYTES;
            if (want < s.len - rest)
                want = s.len - rest;
            if (want > options->member_max_bytes && options->member_max_bytes >= s.len - rest)
                want = (size_t)options->member_max_bytes;
            st = next_block(&s, rest, want);
        } else {
            st = grow_or_skip(&s);
        }
        if (st == MM_OK && !s.done)
            st = fill(&s);
    }
    /* What was taken without a block of its own (an empty message) goes with the last one. */
    if (st == MM_OK && s.block && !s.done) {
        options->take_block(options->context, s.block, charge(s.cap));
        s.block = NULL;
    }
    put_back(&s);
    return st;
}

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
    SEPARATOR_BYTES = 5, /* "From " */
    SKIP_KEEP_BYTES = 64 /* bytes of a skipped message that may begin a separator */
};

struct stream {
    const struct mm_container_options *o;
    char *block;
    size_t cap, len;       /* of the block; cap + padding is charged to the budget */
    size_t searched;       /* no separator begins before it, but that of the first message */
    uint64_t block_offset; /* in the stream, of the block's first byte */
    bool mbox, eof;
    bool done; /* the receiver wants no more */
    struct mm_error *err;
};

static size_t charge(size_t cap)
{
    return cap + MM_READ_PAD_BYTES;
}

/* Room for the largest message and for the separator that shows where it ends. */
static size_t cap_max(const struct stream *s)
{
    return (size_t)s->o->member_max_bytes + SEPARATOR_BYTES;
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

/* Read some more, until the block is full or the stream ends: a step at a time, so that little of
 * the next message comes behind the end of a large one. */
static enum mm_status fill(struct stream *s)
{
    size_t goal = s->cap - s->len > BLOCK_MAX_BYTES ? s->len + BLOCK_MAX_BYTES : s->cap;
    while (s->len < goal && !s->eof && wait_readable(s)) {
        ssize_t n = read(s->o->fd, s->block + s->len, goal - s->len);
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
    s->searched = s->searched > keep ? s->searched - keep : 0;
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

static void give_member(struct stream *s, size_t at, size_t len, const char *slug)
{
    struct mm_container_member m = {
        .offset = s->block_offset + at, .at = at, .len = len, .slug = slug};
    if (!s->o->take_member(s->o->context, &m) || s->o->only_first)
        s->done = true;
}

/* Where the message at `at` ends; s->len where that is not in the block yet. */
static size_t find_end(struct stream *s, size_t at)
{
    size_t from = at + SEPARATOR_BYTES;
    if (from < s->searched)
        from = s->searched;
    if (!s->mbox || from >= s->len)
        return s->len;
    size_t end = mm_mbox_next((struct mm_view){s->block, s->len}, from);
    if (end == s->len) /* the bytes at the end may be the first of a separator */
        s->searched = s->len - (SEPARATOR_BYTES - 1);
    return end;
}

/* Whole messages of the block, as many as a batch takes. Returns where the next one begins. */
static size_t cut_members(struct stream *s, uint32_t *count)
{
    size_t at = 0;
    for (*count = 0; !s->done && at < s->len && *count < MM_BATCH_ITEMS; ++*count) {
        size_t end = find_end(s, at);
        if ((end == s->len && !s->eof) || end - at > s->o->member_max_bytes)
            break;
        give_member(s, at, end - at, NULL);
        at = end;
    }
    return at;
}

/* A message that no block may hold: name it, and find where the next begins. */
static enum mm_status skip_member(struct stream *s)
{
    give_member(s, 0, 0, "message-too-large");
    while (!s->done) {
        size_t end = find_end(s, 0);
        bool found = end < s->len || s->eof;
        size_t to = found ? end : s->len - SKIP_KEEP_BYTES;
        memmove(s->block, s->block + to, s->len - to);
        s->block_offset += to;
        s->searched = found || s->searched < to ? 0 : s->searched - to;
        s->len -= to;
        if (found)
            break;
        MM_TRY(fill(s));
    }
    return MM_OK;
}

static enum mm_status grow_or_skip(struct stream *s)
{
    size_t most = cap_max(s);
    if (s->len < s->cap && !s->eof)
        return MM_OK; /* more may be read */
    if (s->cap == most || s->eof)
        return skip_member(s);
    enum mm_status st = grow_block(s, s->cap * 2 < most ? s->cap * 2 : most);
    return st < 0 ? st : MM_OK;
}

/* About as much as the next batch will use, so that little is copied from block to block. */
static size_t next_cap(const struct stream *s, size_t used)
{
    size_t tail = s->len - used, most = cap_max(s);
    size_t want = used * 2 > BLOCK_MAX_BYTES ? (size_t)BLOCK_MAX_BYTES : used * 2;
    want = want < BLOCK_MIN_BYTES ? (size_t)BLOCK_MIN_BYTES : want;
    want = want < tail ? tail : want;
    return want > most && tail <= most ? most : want;
}

static enum mm_status start(struct stream *s)
{
    size_t first = cap_max(s) < BLOCK_MIN_BYTES ? cap_max(s) : (size_t)BLOCK_MIN_BYTES;
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
    enum mm_status st = start(&s);
    while (st == MM_OK && !s.done && s.len) {
        uint32_t count;
        size_t used = cut_members(&s, &count);
        st = count ? next_block(&s, used, next_cap(&s, used)) : grow_or_skip(&s);
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

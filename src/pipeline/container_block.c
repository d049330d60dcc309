/*
 * container_block.c - the block that a stream is read into: got, filled, grown, handed over.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "pipeline/container_internal.h"

static bool take_bytes(const struct mm_container_options *o, size_t bytes)
{
    return o->take_bytes ? o->take_bytes(o->context, bytes)
                         : mm_budget_take_spare(o->budget, bytes);
}

enum mm_status mm_block_get(const struct mm_container_options *o, size_t cap, char **block,
                            struct mm_error *err)
{
    if (!take_bytes(o, mm_block_charge(cap)))
        return MM_END;
    *block = mm_spare_block_take(o->budget, mm_block_charge(cap));
    if (*block)
        return MM_OK;
    mm_budget_give(o->budget, mm_block_charge(cap));
    return mm_fail(err, MM_E_NOMEM, "no memory for a block of %zu bytes", cap);
}

enum mm_status mm_reading_get_block(struct mm_reading *s, size_t cap)
{
    enum mm_status st = mm_block_get(s->o, cap, &s->block, s->err);
    s->done = s->done || st == MM_END; /* the run ends */
    return st;
}

enum mm_status mm_reading_grow_block(struct mm_reading *s, size_t cap)
{
    if (!take_bytes(s->o, cap - s->cap)) {
        s->done = true;
        return MM_END;
    }
    char *grown = realloc(s->block, mm_block_charge(cap));
    if (!grown) {
        mm_budget_give(s->o->budget, cap - s->cap);
        return mm_fail(s->err, MM_E_NOMEM, "no memory for a block of %zu bytes", cap);
    }
    s->block = grown;
    s->cap = cap;
    return MM_OK;
}

void mm_reading_put_back(struct mm_reading *s)
{
    if (!s->block)
        return;
    mm_spare_block_give(s->o->budget, s->block);
    mm_budget_give(s->o->budget, mm_block_charge(s->cap));
    s->block = NULL;
}

/* ---- filling a block ---- */

void mm_reading_drop_front(struct mm_reading *s, size_t bytes)
{
    memmove(s->block, s->block + bytes, s->len - bytes);
    s->block_offset += bytes;
    s->len -= bytes;
}

/* Take what comes into the block, or nowhere while something is to be skipped. */
static enum mm_status read_once(struct mm_reading *s, size_t goal)
{
    size_t n = 0;
    enum mm_status st = mm_stream_read(s->stream, s->block + s->len, goal - s->len, &n, s->err);
    s->paused = st == MM_AGAIN;
    if (s->paused && s->o->stopping(s->o->context))
        s->done = true; /* a pipe may pause for as long as it likes; a stop does not wait for it */
    s->damaged = st == MM_E_SYNTAX;
    s->ended = s->damaged || st == MM_END;
    if (st < 0 && !s->damaged)
        return st;
    size_t skipped = s->skip < n ? (size_t)s->skip : n;
    s->skip -= skipped;
    s->len += n;
    if (skipped) { /* nothing is held before it: a block is empty while bytes are skipped */
        s->len -= skipped;
        s->block_offset += skipped;
        memmove(s->block, s->block + skipped, s->len);
    }
    return MM_OK;
}

enum mm_status mm_reading_fill(struct mm_reading *s)
{
    size_t most = s->len < s->goal && s->goal < s->cap ? s->goal : s->cap;
    size_t goal = most - s->len > MM_BLOCK_MAX_BYTES ? s->len + MM_BLOCK_MAX_BYTES : most;
    s->paused = false;
    while (s->len < goal && !s->ended && !s->paused && !s->done)
        MM_TRY(read_once(s, goal));
    return MM_OK;
}

/* ---- handing over ---- */

enum mm_status mm_reading_next_block(struct mm_reading *s, size_t keep, size_t cap)
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
    if (!s->o->take_block(s->o->context, old, mm_block_charge(old_cap)))
        s->done = true;
    enum mm_status st = s->done ? MM_END : mm_reading_get_block(s, cap);
    if (st == MM_OK) {
        s->cap = cap;
        s->len = tail;
        if (tail)
            memcpy(s->block, saved, tail);
    }
    free(saved);
    return st < 0 ? st : MM_OK;
}

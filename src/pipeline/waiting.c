/*
 * waiting.c - segments whose answers are still to come: set aside, and finished in their order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/waiting.h"

#include <assert.h>
#include <stdlib.h>

enum {
    /* A stop is noticed within this time, whatever the answers do. */
    SLEEP_MS = 100,
    /* What one segment may hold: the rest of a batch of common mail takes half a megabyte. */
    SEGMENT_MAX_BYTES = 8 * 1024 * 1024,
    SEGMENTS_MIN = 3,                     /* that fit, where memory is short */
    SCRATCH_MAX_BYTES = 256 * 1024 * 1024 /* public-key operations of a segment; a backstop */
};

struct mm_parked {
    struct mm_parked *next;
    struct mm_commit *commit;
    struct mm_arena arena; /* of the items, their texts, and what the job keeps */
    struct mm_item *items;
    size_t count;
    void *kept;
    bool ends_batch; /* its commit is handed over behind it */
};

static const struct mm_job_steps *steps_of(const struct mm_waiting *x)
{
    return x->outlet->e->ops->steps;
}

static size_t segment_max(const struct mm_waiting *x)
{
    size_t share = x->max_bytes / SEGMENTS_MIN;
    return share < SEGMENT_MAX_BYTES ? share : SEGMENT_MAX_BYTES;
}

void mm_waiting_init(struct mm_waiting *x, struct mm_outlet *outlet, size_t max_bytes)
{
    *x = (struct mm_waiting){.outlet = outlet, .max_bytes = max_bytes};
    mm_arena_init(&x->scratch, SCRATCH_MAX_BYTES);
}

/* ---- memory of those that are set aside ---- */

static struct mm_parked *blank(struct mm_waiting *x)
{
    struct mm_parked *p = x->blank;
    if (p) {
        x->blank = p->next;
        x->blank_bytes -= mm_arena_held_bytes(&p->arena);
    } else {
        p = calloc(1, sizeof *p);
        if (p)
            mm_arena_init(&p->arena, segment_max(x));
    }
    return p;
}

static void free_blank(struct mm_waiting *x)
{
    struct mm_parked *p = x->blank;
    x->blank = p->next;
    x->blank_bytes -= mm_arena_held_bytes(&p->arena);
    mm_arena_deinit(&p->arena);
    free(p);
}

static void put_back(struct mm_waiting *x, struct mm_parked *p)
{
    mm_arena_reset(&p->arena);
    *p = (struct mm_parked){.arena = p->arena, .next = x->blank};
    x->blank = p;
    x->blank_bytes += mm_arena_held_bytes(&p->arena);
    while (x->blank && x->parked_bytes + x->blank_bytes > x->max_bytes)
        free_blank(x);
}

void mm_waiting_deinit(struct mm_waiting *x)
{
    assert(!x->oldest);
    while (x->blank)
        free_blank(x);
    mm_arena_deinit(&x->scratch);
}

/* ---- the second step ---- */

/* MM_OK with the segment put; MM_AGAIN; an error when the run ends. */
static enum mm_status finish(struct mm_waiting *x, struct mm_commit *commit, void *open,
                             struct mm_item *items, size_t count)
{
    struct mm_error error = {.status = MM_OK};
    struct mm_outlet *o = x->outlet;
    enum mm_status st = steps_of(x)->finish(o->job, &x->scratch, open, items, count, &error);
    if (st == MM_AGAIN)
        return st;
    if (st != MM_OK)
        mm_outlet_fail(o, st, &error);
    else if (!mm_outlet_put(o, commit, items, count))
        st = MM_E_IO;
    mm_arena_reset(&x->scratch);
    return st;
}

static struct mm_parked *unlink_oldest(struct mm_waiting *x)
{
    struct mm_parked *p = x->oldest;
    x->oldest = p->next;
    if (!x->oldest)
        x->newest = NULL;
    x->parked_bytes -= mm_arena_held_bytes(&p->arena);
    return p;
}

/* MM_OK: finished; MM_AGAIN: it waits; an error when the run ends. */
static enum mm_status finish_oldest(struct mm_waiting *x)
{
    struct mm_parked *p = x->oldest;
    enum mm_status st = finish(x, p->commit, p->kept, p->items, p->count);
    if (st == MM_AGAIN)
        return st;
    unlink_oldest(x);
    if (p->ends_batch && mm_commit_end(&x->outlet->e->line, p->commit) != MM_OK)
        st = MM_E_IO;
    put_back(x, p);
    return st;
}

bool mm_waiting_advance(struct mm_waiting *x)
{
    enum mm_status st = MM_OK;
    while (x->oldest && st == MM_OK)
        st = finish_oldest(x);
    return st >= 0;
}

bool mm_waiting_pause(struct mm_waiting *x, unsigned timeout_ms)
{
    uint64_t turn = steps_of(x)->turn(x->outlet->job);
    const struct mm_parked *oldest = x->oldest;
    if (!mm_waiting_advance(x))
        return false;
    if (x->oldest && x->oldest == oldest)
        steps_of(x)->wait(x->outlet->job, turn, timeout_ms);
    return true;
}

/* Until no more than `left` bytes are set aside. */
static bool finish_down_to(struct mm_waiting *x, size_t left)
{
    while (x->oldest && x->parked_bytes > left) {
        if (mm_engine_stopping(x->outlet->e) || !mm_waiting_pause(x, SLEEP_MS))
            return false;
    }
    return true;
}

bool mm_waiting_finish(struct mm_waiting *x)
{
    return finish_down_to(x, 0);
}

/* ---- taking a segment ---- */

static bool copy_view(struct mm_arena *arena, struct mm_view *v)
{
    if (v->len)
        *v = mm_arena_copy(arena, *v);
    return v->len == 0 || v->data;
}

/* All that an item has but the bytes of its message. */
static bool copy_item(struct mm_arena *arena, struct mm_item *item)
{
    struct mm_view detail = mm_view_of(item->detail);
    item->bytes.data = NULL;
    item->from_line = (struct mm_view){NULL, 0};
    bool copied = copy_view(arena, &item->message) && copy_view(arena, &item->out_path) &&
                  copy_view(arena, &item->source) && copy_view(arena, &item->root) &&
                  copy_view(arena, &detail);
    if (detail.len)
        item->detail = detail.data;
    return copied;
}

static bool fill(struct mm_waiting *x, struct mm_parked *p, const struct mm_item *items,
                 size_t count, void *open)
{
    p->items = MM_ARENA_ARRAY(&p->arena, struct mm_item, count);
    p->count = count;
    if (!p->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        p->items[i] = items[i];
        if (!copy_item(&p->arena, &p->items[i]))
            return false;
    }
    return steps_of(x)->keep(x->outlet->job, open, &p->arena, &p->kept) == MM_OK;
}

/* False where its rest is more than may be kept: it keeps its messages, then. */
static bool park(struct mm_waiting *x, struct mm_commit *commit, const struct mm_item *items,
                 size_t count, void *open)
{
    struct mm_parked *p = blank(x);
    if (!p)
        return false;
    if (!fill(x, p, items, count, open)) {
        put_back(x, p);
        return false;
    }
    p->commit = commit;
    p->next = NULL;
    if (x->newest)
        x->newest->next = p;
    else
        x->oldest = p;
    x->newest = p;
    x->parked_bytes += mm_arena_held_bytes(&p->arena);
    while (x->blank && x->parked_bytes + x->blank_bytes > x->max_bytes)
        free_blank(x);
    return true;
}

/* Wait for a segment that cannot be set aside; nothing is set aside before it. */
static bool finish_in_place(struct mm_waiting *x, struct mm_commit *commit, struct mm_item *items,
                            size_t count, void *open)
{
    const struct mm_job_steps *steps = steps_of(x);
    void *job = x->outlet->job;
    while (!mm_engine_stopping(x->outlet->e)) {
        uint64_t turn = steps->turn(job);
        enum mm_status st = finish(x, commit, open, items, count);
        if (st != MM_AGAIN)
            return st == MM_OK;
        steps->wait(job, turn, SLEEP_MS);
    }
    steps->drop(job, open);
    return false;
}

bool mm_waiting_take(struct mm_waiting *x, struct mm_commit *commit, struct mm_item *items,
                     size_t count, void *open)
{
    size_t most = segment_max(x);
    enum mm_status st = MM_AGAIN;
    if (!x->oldest)
        st = finish(x, commit, open, items, count);
    if (st != MM_AGAIN)
        return st == MM_OK;
    bool may_park = most > 0 && !x->outlet->e->sink->wants_messages;
    bool go_on = !may_park || finish_down_to(x, x->max_bytes - most);
    if (go_on && may_park && park(x, commit, items, count, open))
        return true;
    if (go_on && mm_waiting_finish(x))
        return finish_in_place(x, commit, items, count, open);
    steps_of(x)->drop(x->outlet->job, open);
    return false;
}

bool mm_waiting_end_batch(struct mm_waiting *x, struct mm_commit *commit)
{
    if (!x->newest)
        return mm_commit_end(&x->outlet->e->line, commit) == MM_OK;
    assert(x->newest->commit == commit); /* what comes behind one set aside is, too */
    x->newest->ends_batch = true;
    return true;
}

void mm_waiting_drop(struct mm_waiting *x, const struct mm_commit *current)
{
    struct mm_commit_line *line = &x->outlet->e->line;
    (void)current; /* looked at by an assertion only */
    if (!mm_engine_failed(x->outlet->e) && mm_waiting_advance(x) && !x->oldest)
        return;
    if (x->oldest)
        mm_commit_drop(line, x->oldest->commit->seq + 1);
    while (x->oldest) {
        struct mm_parked *p = unlink_oldest(x);
        steps_of(x)->drop(x->outlet->job, p->kept);
        assert(!p->ends_batch || p->commit != current);
        p->commit->whole = false;
        if (p->ends_batch && mm_commit_end(line, p->commit) != MM_OK)
            assert(mm_engine_failed(x->outlet->e));
        put_back(x, p);
    }
}

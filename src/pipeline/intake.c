/*
 * intake.c - a worker's batches on their way in: one in work, the next one being read.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/intake.h"

#include "base/stage.h"
#include "pipeline/engine.h"

static void begin_flight(struct mm_flight *f, struct mm_batch *batch)
{
    f->batch = batch;
    f->next_submit = f->finished = 0;
    for (uint32_t i = 0; i < batch->count; i++)
        f->state[i] =
            batch->entries[i].kind == MM_ENTRY_READ ? MM_READ_NOT_SUBMITTED : MM_READ_DONE;
}

static void end_flight(struct mm_intake *in, struct mm_flight *f)
{
    if (!f || !f->batch)
        return;
    mm_queue_return(&in->e->queue, f->batch, &in->e->budget);
    f->batch = NULL;
}

/* The one that is read already is the current one now; false where there is none. */
static bool take_ahead(struct mm_intake *in)
{
    if (in->ahead) {
        in->current = in->ahead;
        in->ahead = NULL;
        return true;
    }
    in->current = &in->flights[0];
    in->current->batch = NULL;
    return false;
}

bool mm_intake_next(struct mm_intake *in)
{
    if (take_ahead(in))
        return true;
    struct mm_batch *batch = mm_queue_take(&in->e->queue);
    if (batch)
        begin_flight(in->current, batch);
    return batch != NULL;
}

enum mm_status mm_intake_next_within(struct mm_intake *in, unsigned timeout_ms)
{
    struct mm_batch *batch;
    if (take_ahead(in))
        return MM_OK;
    enum mm_status st = mm_queue_take_within(&in->e->queue, timeout_ms, &batch);
    if (st == MM_OK)
        begin_flight(in->current, batch);
    return st;
}

void mm_intake_end(struct mm_intake *in)
{
    end_flight(in, in->current);
}

/* ---- reading ---- */

static void submit_entry(struct mm_intake *in, struct mm_flight *f, uint32_t i)
{
    const struct mm_entry *entry = &f->batch->entries[i];
    f->reads[i] = (struct mm_read){.path = f->batch->text.data + entry->name_at,
                                   .follow = entry->follow,
                                   .tag = &f->state[i],
                                   .order = f->batch->seq * MM_BATCH_ITEMS + i};
    f->state[i] = MM_READ_PENDING;
    mm_reader_submit(in->reader, &f->reads[i]);
}

static void submit_flight(struct mm_intake *in, struct mm_flight *f)
{
    while (f->next_submit < f->batch->count && mm_reader_has_room(in->reader)) {
        if (f->state[f->next_submit] == MM_READ_NOT_SUBMITTED)
            submit_entry(in, f, f->next_submit);
        f->next_submit++;
    }
}

void mm_intake_submit(struct mm_intake *in)
{
    submit_flight(in, in->current);
    if (in->current->next_submit < in->current->batch->count)
        return;
    if (!in->ahead && !mm_engine_stopping(in->e)) {
        uint32_t keep = in->e->resources.threads > 1 ? 1 : 0;
        struct mm_batch *batch = mm_queue_take_spare(&in->e->queue, keep);
        if (batch) {
            in->ahead = in->current == &in->flights[0] ? &in->flights[1] : &in->flights[0];
            begin_flight(in->ahead, batch);
        }
    }
    if (in->ahead)
        submit_flight(in, in->ahead);
}

static enum mm_intake_turn wait_for_reads(struct mm_intake *in, size_t min, bool may_block)
{
    struct mm_error error;
    size_t count = 0;
    uint64_t start = mm_stage_ns();
    enum mm_status st =
        mm_reader_wait(in->reader, in->done, MM_COUNT(in->done), min, may_block, &count, &error);
    mm_stage_slow(MM_STAGE_READ);
    in->read_ns += mm_stage_ns() - start;
    for (size_t i = 0; i < count; i++)
        *(enum mm_read_state *)in->done[i]->tag = MM_READ_DONE;
    if (st < 0) {
        mm_engine_fail(in->e, MM_EXIT_CONFIG, &error);
        return MM_INTAKE_RUN_ENDS;
    }
    if (count)
        return MM_INTAKE_READ;
    return mm_reader_under_way(in->reader) ? MM_INTAKE_NOT_YET : MM_INTAKE_ALL_WAIT_FOR_MEMORY;
}

enum mm_intake_turn mm_intake_wait(struct mm_intake *in)
{
    return wait_for_reads(in, 1, false);
}

enum mm_intake_turn mm_intake_poll(struct mm_intake *in)
{
    return wait_for_reads(in, 0, false);
}

/* ---- memory ---- */

static bool holds_memory(const struct mm_flight *f, uint32_t i)
{
    return f->batch->entries[i].kind == MM_ENTRY_READ && f->state[i] == MM_READ_DONE;
}

/* Give back what is read already but not next; it is read again in its turn. */
static void give_up(struct mm_intake *in, struct mm_flight *f, bool slots_too)
{
    for (uint32_t i = f->batch->count; i-- > f->finished;) {
        if (!holds_memory(f, i) || !(slots_too || mm_read_is_large(&f->reads[i])))
            continue;
        mm_reader_release(in->reader, &f->reads[i]);
        f->state[i] = MM_READ_NOT_SUBMITTED;
        if (i < f->next_submit)
            f->next_submit = i;
    }
}

bool mm_intake_wait_for_memory(struct mm_intake *in, const struct mm_commit *commit)
{
    struct mm_flight *f = in->current;
    /* It was given up itself once, and its slot has gone to those behind it. */
    bool lacks_slot = f->state[f->finished] == MM_READ_NOT_SUBMITTED;
    if (in->ahead)
        give_up(in, in->ahead, lacks_slot);
    give_up(in, f, lacks_slot);
    if (lacks_slot)
        return true;
    /* Nothing is held now, and in its turn the reserve is ours: memory will come. */
    return mm_commit_wait_turn(&in->e->line, commit) &&
           wait_for_reads(in, 1, true) != MM_INTAKE_RUN_ENDS;
}

bool mm_intake_segment_ready(const struct mm_intake *in)
{
    const struct mm_flight *f = in->current;
    size_t bytes = 0;
    uint32_t i = f->finished;
    for (; i < f->batch->count && f->state[i] == MM_READ_DONE; i++) {
        bytes += f->batch->entries[i].kind == MM_ENTRY_READ ? f->reads[i].bytes.len
                                                            : f->batch->entries[i].block_len;
        if (mm_batch_is_full(in->e->ops, i + 1 - f->finished, bytes))
            return true;
    }
    return i == f->batch->count;
}

void mm_intake_release_to(struct mm_intake *in, uint32_t to)
{
    struct mm_flight *f = in->current;
    for (; f->finished < to; f->finished++)
        if (holds_memory(f, f->finished)) {
            mm_reader_release(in->reader, &f->reads[f->finished]);
            f->state[f->finished] = MM_READ_RELEASED;
        }
}

static void release_all(struct mm_intake *in, struct mm_flight *f)
{
    for (uint32_t i = 0; f && f->batch && i < f->batch->count; i++)
        if (holds_memory(f, i))
            mm_reader_release(in->reader, &f->reads[i]);
    end_flight(in, f);
}

void mm_intake_abandon(struct mm_intake *in)
{
    while (mm_reader_pending(in->reader) > 0 && mm_intake_wait(in) == MM_INTAKE_READ)
        continue; /* what is left then waits for memory and holds none */
    if (in->ahead)
        mm_commit_drop(&in->e->line, in->ahead->batch->seq);
    release_all(in, in->current);
    release_all(in, in->ahead);
}

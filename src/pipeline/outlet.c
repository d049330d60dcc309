/*
 * outlet.c - where a worker's finished segments go: the sink, and the accounts of their batch.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/outlet.h"

#include "base/stage.h"

bool mm_outlet_fail(struct mm_outlet *o, enum mm_status st, const struct mm_error *error)
{
    bool ours = st == MM_E_BUG || st == MM_E_CRYPTO;
    mm_engine_fail(o->e, ours ? MM_EXIT_BUG : MM_EXIT_IO, error);
    return false;
}

bool mm_outlet_no_memory(struct mm_outlet *o)
{
    struct mm_error error;
    return mm_outlet_fail(o, mm_fail(&error, MM_E_NOMEM, "no memory for a batch of messages"),
                          &error);
}

/* Give to the sink; then the journal of an output without order says so. */
static enum mm_status put(struct mm_outlet *o, struct mm_commit *commit, struct mm_item *items,
                          size_t count, struct mm_error *error)
{
    struct mm_sink *sink = o->e->sink;
    uint64_t start = mm_stage_ns();
    enum mm_status st = sink->ops->put(sink, o->sink, &o->e->line, commit, items, count, error);
    mm_stage_slow(MM_STAGE_WRITE);
    o->write_ns += mm_stage_ns() - start;
    if (st >= 0 && o->e->journal && !sink->ordered && !sink->ops->save &&
        mm_journal_note_done(o->e->journal, items, count, error) != MM_OK)
        st = error->status;
    return st;
}

bool mm_outlet_put(struct mm_outlet *o, struct mm_commit *commit, struct mm_item *items,
                   size_t count)
{
    struct mm_error error = {.status = MM_OK};
    size_t step = o->e->sink->one_by_one && count ? 1 : count, done = 0;
    enum mm_status st = MM_OK;
    do {
        st = put(o, commit, items + done, step, &error);
        done += step;
    } while (st == MM_OK && done < count);
    for (; done < count; done++) /* the run ends before these have an outcome */
        if (items[done].emit)
            items[done].outcome = MM_OUTCOME_PENDING;
    if (st < 0)
        mm_engine_fail(o->e, MM_EXIT_IO, &error);
    for (size_t i = 0; i < count; i++) {
        mm_tally_note(&o->unsaved, &items[i]);
        if (!mm_commit_note(commit, &items[i]))
            return mm_outlet_no_memory(o);
    }
    return st == MM_OK;
}

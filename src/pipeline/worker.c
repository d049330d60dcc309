/*
 * worker.c - one core's loop: take a batch that is read, do the job, commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "base/clock.h"
#include "pipeline/container.h"
#include "pipeline/engine.h"
#include "pipeline/expand.h"
#include "pipeline/intake.h"
#include "pipeline/items.h"
#include "pipeline/saving.h"
#include "pipeline/waiting.h"

enum {
    ARENA_MAX_BYTES = 256 * 1024 * 1024, /* index, rows and fields of a segment; a backstop */
    /* With segments set aside: how long a worker sleeps without looking whether there is more to
     * work on, or whether an answer has come. */
    QUEUE_PATIENCE_MS = 5,
    READ_PATIENCE_MS = 1
};

struct mm_worker {
    struct mm_engine *e;
    struct mm_arena arena;
    struct mm_outlet out;
    struct mm_saving saving;
    bool job_made, sink_made;
    struct mm_waiting waiting;
    struct mm_intake in;
    struct mm_commit *commit;
    bool look_first; /* the batch has a packed container: each file is looked into before the job */
    struct mm_item items[MM_BATCH_ITEMS];
};

enum mm_status mm_worker_new(struct mm_engine *e, unsigned index, struct mm_worker **out,
                             struct mm_error *err)
{
    struct mm_worker *w = calloc(1, sizeof *w);
    const struct mm_reader_options options = {.io = e->options->io,
                                              .slot_count = e->resources.slot_count,
                                              .message_max_bytes = e->resources.message_max_bytes,
                                              .work_bytes = e->ops->batch_bytes,
                                              .budget = &e->budget};
    *out = w;
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a worker");
    w->e = w->in.e = w->out.e = e;
    mm_arena_init(&w->arena, ARENA_MAX_BYTES);
    mm_waiting_init(&w->waiting, &w->out, e->resources.waiting_bytes);
    mm_saving_init(&w->saving, &w->out);
    MM_TRY(mm_reader_new(&options, &w->in.reader, err));
    MM_TRY(e->ops->worker_new(e->job, &w->out.job, err));
    w->job_made = true;
    MM_TRY(e->sink->ops->worker_new(e->sink, index, &w->out.sink, err));
    w->sink_made = true;
    return MM_OK;
}

void mm_worker_free(struct mm_worker **worker)
{
    struct mm_worker *w = *worker;
    if (!w)
        return;
    struct mm_run_stats *stats = &w->e->stats;
    mm_waiting_deinit(&w->waiting);
    mm_saving_deinit(&w->saving);
    if (w->job_made) {
        w->e->ops->merge(w->e->job, w->out.job, stats);
        w->e->ops->worker_free(w->out.job);
    }
    if (w->sink_made)
        w->e->sink->ops->worker_free(w->out.sink);
    if (w->in.reader) {
        struct mm_reader_stats r = mm_reader_stats(w->in.reader);
        w->e->inflight_sum += r.inflight_sum;
        w->e->inflight_samples += r.inflight_samples;
        if (r.inflight_max > stats->io_inflight_max)
            stats->io_inflight_max = r.inflight_max;
        mm_reader_free(&w->in.reader);
    }
    stats->read_ns += w->in.read_ns;
    stats->write_ns += w->out.write_ns;
    mm_arena_deinit(&w->arena);
    free(w);
    *worker = NULL;
}

const char *mm_worker_io(const struct mm_worker *worker)
{
    /* A worker whose reader was refused is dismissed like the others. */
    return worker->in.reader ? mm_reader_backend(worker->in.reader) : "";
}

const char *mm_worker_io_why(const struct mm_worker *worker)
{
    return worker->in.reader ? mm_reader_why(worker->in.reader) : "";
}

/* ---- a segment: what of a batch is done at once ---- */

/* How many items there are before the container that a job left, or all. */
static size_t before_container(const struct mm_item *items, size_t count)
{
    size_t i = 0;
    while (i < count && !(items[i].is_container && items[i].outcome == MM_OUTCOME_PENDING))
        i++;
    return i;
}

/* Job, sink, accounting of items[0..*count), now or later; where the job found that one of them is
 * a container, of those before it, as *count tells then. False when the run ends. */
static bool do_items(struct mm_worker *w, size_t *count)
{
    const struct mm_job_ops *ops = w->e->ops;
    struct mm_error error = {.status = MM_OK};
    void *open = NULL;
    bool ok;
    enum mm_status st =
        ops->steps ? ops->steps->begin(w->out.job, &w->arena, w->items, *count, &open, &error)
                   : ops->batch(w->out.job, &w->arena, w->items, *count, &error);
    if (st == MM_OK && ops->unpacks)
        *count = before_container(w->items, *count);
    if (st != MM_OK)
        ok = mm_outlet_fail(&w->out, st, &error);
    else if (ops->steps)
        ok = mm_waiting_take(&w->waiting, w->commit, w->items, *count, open);
    else
        ok = mm_outlet_put(&w->out, w->commit, w->items, *count);
    mm_arena_reset(&w->arena);
    return ok;
}

/* ---- containers in folders ---- */

static bool expand_segment(void *worker, size_t count)
{
    return do_items(worker, &count);
}

/* Its turn comes when all before it is committed, also what this worker has set aside. */
static bool expand_wait_turn(void *worker)
{
    struct mm_worker *w = worker;
    return mm_waiting_finish(&w->waiting) && mm_commit_wait_turn(&w->e->line, w->commit);
}

static bool expand_no_memory(void *worker)
{
    struct mm_worker *w = worker;
    return mm_outlet_no_memory(&w->out);
}

/* Entry `i` of the current batch, all before it being done. */
static bool do_container(struct mm_worker *w, const struct mm_item *whole, uint32_t i)
{
    const struct mm_expand expand = {.e = w->e,
                                     .arena = &w->arena,
                                     .items = w->items,
                                     .do_segment = expand_segment,
                                     .wait_turn = expand_wait_turn,
                                     .no_memory = expand_no_memory,
                                     .worker = w};
    bool follow = w->in.current->batch->entries[i].follow;
    struct mm_item file = *whole;
    if (!mm_container_lies_open(file.bytes, w->e->options->source_format)) {
        file.bytes.len = 0;
        mm_intake_release_to(&w->in, i + 1);
        w->saving.half = !mm_expand_packed(&expand, &file, follow);
        return !w->saving.half;
    }
    w->saving.half = !mm_expand_bytes(&expand, &file, file.bytes);
    mm_intake_release_to(&w->in, i + 1);
    return !w->saving.half;
}

/* verify and reports look into the files of a folder. */
static bool is_container(const struct mm_worker *w, struct mm_item *item,
                         const struct mm_entry *entry)
{
    enum mm_source_format format = w->e->options->source_format;
    bool unpacks = w->e->ops->unpacks;
    if (!w->e->ops->sniff_files || entry->kind != MM_ENTRY_READ ||
        item->outcome != MM_OUTCOME_PENDING)
        return false;
    bool later = !w->look_first && mm_expand_may_ask_later(item->bytes, format, unpacks);
    item->is_container = later ? mm_container_sniff_later : NULL;
    return !later && mm_expand_is_for(item->bytes, format, unpacks);
}

/* A file that an earlier run has replaced, killed before it could note that: done. */
static void take_replaced(const struct mm_worker *w, struct mm_item *item)
{
    const struct mm_journal *j = w->e->journal;
    if (!j || j->intended_count == 0 || item->outcome != MM_OUTCOME_PENDING ||
        !mm_journal_has_replaced(j, item->message, item->bytes))
        return;
    item->outcome = MM_OUTCOME_SIGNED;
    item->emit = false;
    atomic_fetch_add_explicit(&w->e->resumed, 1, memory_order_relaxed);
}

/* Do what is ready of the current batch, as much of it as is worked on at once. */
static bool do_ready(struct mm_worker *w)
{
    const struct mm_flight *f = w->in.current;
    size_t count = 0, bytes = 0;
    uint32_t i = f->finished;
    while (i < f->batch->count && f->state[i] == MM_READ_DONE &&
           !mm_batch_is_full(w->e->ops, count, bytes)) {
        const struct mm_entry *entry = &f->batch->entries[i];
        struct mm_item *item = &w->items[count];
        mm_item_fill(item, f->batch, entry, &f->reads[i], w->e->sink->wants_source_paths,
                     w->e->ops->reads_quotes);
        take_replaced(w, item);
        if (is_container(w, item, entry)) {
            if (count)
                break; /* what is before it goes first */
            return do_container(w, item, i);
        }
        bool by_content = entry->by_content || entry->lone || w->e->ops->sniff_files;
        if (!mm_item_unwrap(item, w->e->options->source_format, by_content,
                            w->e->sink->wants_source_paths, &w->arena))
            return mm_outlet_no_memory(&w->out);
        bytes += item->bytes.len;
        count++;
        i++;
    }
    size_t done = count;
    bool ok = do_items(w, &done);
    w->look_first |= done < count;
    mm_intake_release_to(&w->in, i - (uint32_t)(count - done));
    return ok;
}

/* ---- a batch ---- */

/* Wait until there is something to do, or something else to wait for. False when the run ends. */
static bool wait_or_work(struct mm_worker *w)
{
    const struct mm_flight *f = w->in.current;
    bool some_wait = !mm_waiting_is_empty(&w->waiting);
    switch (some_wait ? mm_intake_poll(&w->in) : mm_intake_wait(&w->in)) {
    case MM_INTAKE_READ:
        return true;
    case MM_INTAKE_NOT_YET:
        return mm_waiting_pause(&w->waiting, READ_PATIENCE_MS);
    case MM_INTAKE_ALL_WAIT_FOR_MEMORY:
        if (f->state[f->finished] == MM_READ_DONE)
            return do_ready(w);
        /* Its turn comes when all before it is committed, also what this worker has set aside. */
        return mm_waiting_finish(&w->waiting) && mm_intake_wait_for_memory(&w->in, w->commit);
    case MM_INTAKE_RUN_ENDS:
        break;
    }
    return false;
}

/* Everything of the current batch; after a stop, the segment that was begun. False where it is not
 * whole. */
static bool do_batch(struct mm_worker *w)
{
    const struct mm_flight *f = w->in.current;
    uint32_t count = f->batch->count, before = 0;
    while (f->finished < count && !mm_engine_failed(w->e)) {
        if (f->finished > before && mm_engine_stopping(w->e))
            return false;
        before = f->finished;
        mm_intake_submit(&w->in);
        if (!(mm_intake_segment_ready(&w->in) ? do_ready(w) : wait_or_work(w)))
            return false;
    }
    return f->finished == count;
}

/* Make the next batch the current one, and finish meanwhile what waits for answers. False: there is
 * none, or the run ends. */
static bool next_batch(struct mm_worker *w)
{
    while (!mm_waiting_is_empty(&w->waiting)) {
        if (!mm_waiting_advance(&w->waiting))
            return false;
        switch (mm_intake_next_within(&w->in, QUEUE_PATIENCE_MS)) {
        case MM_OK:
            return true;
        case MM_AGAIN:
            break;
        default: /* no batch comes any more, only answers do */
            (void)mm_waiting_finish(&w->waiting);
            return false;
        }
    }
    return mm_intake_next(&w->in);
}

/* What is done of the current batch counts as done. False when the run ends. */
static bool save_batch(struct mm_worker *w)
{
    mm_saving_note(&w->saving, w->in.current->batch, w->in.current->finished);
    if (!mm_saving_is_due(&w->saving))
        return true;
    return mm_waiting_finish(&w->waiting) && mm_saving_save(&w->saving);
}

/* The run was stopped: what is done so far is done. */
static void save_at_stop(struct mm_worker *w)
{
    struct mm_saving *s = &w->saving;
    if (s->on && !s->half && s->keys.len && !mm_engine_failed(w->e))
        (void)mm_saving_save(s); /* what failed is told by the engine */
}

static void run_batches(struct mm_worker *w)
{
    struct mm_commit_line *line = &w->e->line;
    bool go_on = true;
    while (go_on && next_batch(w)) {
        uint64_t seq = w->in.current->batch->seq;
        if (mm_engine_stopping(w->e)) {
            mm_commit_drop(line, seq);
            return;
        }
        w->commit = mm_commit_begin(line, seq);
        if (!w->commit) {
            mm_outlet_no_memory(&w->out);
            return;
        }
        w->commit->entries = w->in.current->batch->entries_so_far;
        w->commit->chain = w->in.current->batch->chain;
        w->look_first = false;
        go_on = do_batch(w);
        w->commit->whole = go_on;
        if (!go_on) { /* what was done of it takes effect, and nothing behind it */
            w->saving.half |= !mm_waiting_is_empty(&w->waiting);
            mm_waiting_drop(&w->waiting, w->commit);
            mm_commit_drop(line, seq + 1);
        }
        go_on = mm_waiting_end_batch(&w->waiting, w->commit) && save_batch(w) && go_on;
        if (go_on)
            mm_intake_end(&w->in);
    }
}

void *mm_worker_main(void *worker)
{
    struct mm_worker *w = worker;
    struct mm_error error;
    enum mm_status st = mm_reader_start(w->in.reader, &error);
    mm_saving_start(&w->saving);
    if (st == MM_OK)
        run_batches(w);
    else
        mm_engine_fail(w->e, MM_EXIT_CONFIG, &error);
    w->saving.half |= !mm_waiting_is_empty(&w->waiting); /* what is noted waits for answers yet */
    mm_waiting_drop(&w->waiting, NULL);
    if (mm_run_stop_asked())
        save_at_stop(w);
    mm_intake_abandon(&w->in);
    return NULL;
}

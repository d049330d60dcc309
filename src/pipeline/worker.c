/*
 * worker.c - one core's loop: read a batch while the next one is on its way, do the job, commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "mail/mbox.h"
#include "pipeline/engine.h"

enum {
    /* A segment's index, rows and fields; the copy of one unquoted mbox message of the largest
       size. */
    ARENA_MAX_BYTES = MM_MESSAGE_MAX_BYTES + 64 * 1024 * 1024,
    LARGE_BYTES = MM_READ_SLOT_BYTES /* larger ones hold memory of the budget */
};

/* A batch on its way: its files are being read, or are there. */
struct flight {
    struct mm_batch *batch;
    struct mm_read reads[MM_BATCH_ITEMS];
    enum read_state { NOT_SUBMITTED, PENDING, DONE, RELEASED } state[MM_BATCH_ITEMS];
    uint32_t next_submit; /* no entry before this one is still to be submitted */
    uint32_t finished;    /* entries before this one are done and released */
};

struct mm_worker {
    struct mm_engine *e;
    unsigned index;
    struct mm_reader *reader;
    struct mm_arena arena;
    void *job, *sink;
    bool job_made, sink_made;
    struct flight flights[2];
    struct flight *current, *ahead; /* ahead: read while current is in work; NULL where none */
    struct mm_commit *commit;
    struct mm_item items[MM_BATCH_ITEMS];
    struct mm_read *done[MM_READ_DEPTH];
    uint64_t read_ns, write_ns;
};

struct mm_worker *mm_worker_new(struct mm_engine *e, unsigned index, struct mm_error *err)
{
    struct mm_worker *w = calloc(1, sizeof *w);
    const struct mm_reader_options options = {.io = e->options->io,
                                              .slot_count = e->resources.slot_count,
                                              .message_max_bytes = e->resources.message_max_bytes,
                                              .budget = &e->budget};
    if (!w) {
        (void)mm_fail(err, MM_E_NOMEM, "no memory for a worker");
        return NULL;
    }
    w->e = e;
    w->index = index;
    mm_arena_init(&w->arena, ARENA_MAX_BYTES);
    enum mm_status st = mm_reader_new(&options, &w->reader, err);
    if (st == MM_OK)
        st = e->ops->worker_new(e->job, &w->job, err);
    w->job_made = st == MM_OK;
    if (st == MM_OK)
        st = e->sink->ops->worker_new(e->sink, index, &w->sink, err);
    w->sink_made = w->job_made && st == MM_OK;
    if (st != MM_OK)
        mm_worker_free(&w);
    return w;
}

void mm_worker_free(struct mm_worker **worker)
{
    struct mm_worker *w = *worker;
    if (!w)
        return;
    struct mm_run_stats *stats = &w->e->stats;
    if (w->job_made) {
        w->e->ops->merge(w->e->job, w->job, stats);
        w->e->ops->worker_free(w->job);
    }
    if (w->sink_made)
        w->e->sink->ops->worker_free(w->sink);
    if (w->reader) {
        struct mm_reader_stats r = mm_reader_stats(w->reader);
        w->e->inflight_sum += r.inflight_sum;
        w->e->inflight_samples += r.inflight_samples;
        if (r.inflight_max > stats->io_inflight_max)
            stats->io_inflight_max = r.inflight_max;
        mm_reader_free(&w->reader);
    }
    stats->read_ns += w->read_ns;
    stats->write_ns += w->write_ns;
    mm_arena_deinit(&w->arena);
    free(w);
    *worker = NULL;
}

const char *mm_worker_io(const struct mm_worker *worker)
{
    return mm_reader_backend(worker->reader);
}

const char *mm_worker_io_why(const struct mm_worker *worker)
{
    return mm_reader_why(worker->reader);
}

/* ---- reading ---- */

static void begin_flight(struct flight *f, struct mm_batch *batch)
{
    f->batch = batch;
    f->next_submit = f->finished = 0;
    for (uint32_t i = 0; i < batch->count; i++)
        f->state[i] = batch->entries[i].kind == MM_ENTRY_READ ? NOT_SUBMITTED : DONE;
}

static void submit_entry(struct mm_worker *w, struct flight *f, uint32_t i)
{
    const struct mm_entry *entry = &f->batch->entries[i];
    f->reads[i] = (struct mm_read){
        .path = f->batch->text.data + entry->name_at, .follow = entry->follow, .tag = &f->state[i]};
    f->state[i] = PENDING;
    mm_reader_submit(w->reader, &f->reads[i]);
}

static void submit_flight(struct mm_worker *w, struct flight *f)
{
    while (f->next_submit < f->batch->count && mm_reader_has_room(w->reader)) {
        if (f->state[f->next_submit] == NOT_SUBMITTED)
            submit_entry(w, f, f->next_submit);
        f->next_submit++;
    }
}

/* Keep the reader full: the rest of this batch first, then the next one's. */
static void submit_more(struct mm_worker *w)
{
    submit_flight(w, w->current);
    if (w->current->next_submit < w->current->batch->count)
        return;
    if (!w->ahead && !mm_engine_stopping(w->e)) {
        struct mm_batch *batch =
            mm_queue_take_spare(&w->e->queue, w->e->resources.threads > 1 ? 1 : 0);
        if (batch) {
            w->ahead = w->current == &w->flights[0] ? &w->flights[1] : &w->flights[0];
            begin_flight(w->ahead, batch);
        }
    }
    if (w->ahead)
        submit_flight(w, w->ahead);
}

static bool is_large_read(const struct flight *f, uint32_t i)
{
    return f->batch->entries[i].kind == MM_ENTRY_READ && f->state[i] == DONE &&
           f->reads[i].bytes.len >= LARGE_BYTES;
}

/* Give large messages back that are read already but not next: an earlier one waits for their
 * memory. They are read again in their turn. */
static void give_up_large(struct mm_worker *w, struct flight *f)
{
    if (!f)
        return;
    for (uint32_t i = f->batch->count; i-- > f->finished;) {
        if (!is_large_read(f, i))
            continue;
        mm_reader_release(w->reader, &f->reads[i]);
        f->state[i] = NOT_SUBMITTED;
        if (i < f->next_submit)
            f->next_submit = i;
    }
}

enum progress { READS_DONE, ALL_WAIT_FOR_MEMORY, RUN_ENDS };

static enum progress wait_for_reads(struct mm_worker *w, bool may_block)
{
    struct mm_error error;
    size_t count = 0;
    uint64_t start = mm_wall_ns();
    enum mm_status st =
        mm_reader_wait(w->reader, w->done, MM_COUNT(w->done), 1, may_block, &count, &error);
    w->read_ns += mm_wall_ns() - start;
    for (size_t i = 0; i < count; i++)
        *(enum read_state *)w->done[i]->tag = DONE;
    if (st < 0) {
        mm_engine_fail(w->e, MM_EXIT_CONFIG, &error);
        return RUN_ENDS;
    }
    return count ? READS_DONE : ALL_WAIT_FOR_MEMORY;
}

/* The read that is next waits for memory: hold none, come to the head of the line, and wait for it.
 */
static bool wait_for_memory(struct mm_worker *w)
{
    give_up_large(w, w->ahead);
    give_up_large(w, w->current);
    if (w->e->sink->ordered && !mm_commit_wait_turn(&w->e->line, w->commit))
        return false;
    return wait_for_reads(w, true) != RUN_ENDS;
}

/* ---- from reads to items ---- */

static const char NO_SEPARATOR[] = "no `From ` line at its start: no mbox";

static void reject_read(struct mm_item *item, const struct mm_read *r)
{
    static const struct {
        const char *slug, *detail;
    } WORDS[] = {
        [MM_READ_VANISHED] = {"vanished", "it was there when its folder was listed"},
        [MM_READ_DENIED] = {"permission-denied", "no right to read it"},
        [MM_READ_NOT_FILE] = {"not-a-file", "a folder, link or special file by now"},
        [MM_READ_CHANGED] = {"changed-while-read", "it grew or shrank while it was read"},
        [MM_READ_TOO_LARGE] = {"message-too-large",
                               "larger than a message may be (256 MiB, or what --memory leaves)"},
        [MM_READ_FAILED] = {"read-error", NULL},
    };
    const char *detail = WORDS[r->outcome].detail;
    mm_item_reject(item, WORDS[r->outcome].slug, detail ? detail : strerror(r->os_errno),
                   MM_NO_OFFSET);
}

static void reject_scanned(struct mm_item *item, const struct mm_entry *entry)
{
    static const struct {
        const char *slug, *detail;
    } WORDS[] = {
        {"link-outside",
         "a link that leads out of the tree, or that a list names (--follow reads it)"},
        {"dangling-link", "a link to nothing"},
        {"special-file", "a FIFO, socket or device"},
        {"not-a-file", "a folder, where a file is wanted"},
        {"path-too-long", "a path longer than the system takes"},
        {"message-too-large", "larger than a message may be (256 MiB, or what --memory leaves)"},
        {"no-separator", NO_SEPARATOR},
    };
    const char *detail = entry->os_errno ? strerror(entry->os_errno) : "";
    for (size_t i = 0; i < MM_COUNT(WORDS); i++)
        if (strcmp(entry->slug, WORDS[i].slug) == 0)
            detail = WORDS[i].detail;
    mm_item_reject(item, entry->slug, detail, entry->offset);
}

static void start_item(struct mm_worker *w, const struct mm_batch *b, const struct mm_entry *entry,
                       struct mm_item *item)
{
    *item = (struct mm_item){.message = mm_batch_text(b, entry->name_at, entry->name_len),
                             .out_path = mm_batch_text(b, entry->out_at, entry->out_len),
                             .offset = MM_NO_OFFSET};
    if (entry->kind == MM_ENTRY_READ)
        item->source = item->message;
    if (w->e->sink->wants_source_paths)
        item->root = mm_batch_text(b, entry->root_at, entry->root_len);
}

/* A message of an mbox: separator off, quoting undone. */
static bool set_mbox_message(struct mm_worker *w, struct mm_item *item, struct mm_view entry)
{
    struct mm_mbox_message m = mm_mbox_trim(entry);
    item->from_line = m.from_line;
    item->in_container = true;
    item->bytes = m.has_quotes ? mm_mbox_unquote(m.quoted, &w->arena) : m.quoted;
    return item->bytes.data || !m.quoted.len;
}

static bool fill_item(struct mm_worker *w, struct flight *f, uint32_t i, struct mm_item *item)
{
    const struct mm_entry *entry = &f->batch->entries[i];
    start_item(w, f->batch, entry, item);
    if (entry->kind == MM_ENTRY_REJECT) {
        reject_scanned(item, entry);
        return true;
    }
    if (entry->kind == MM_ENTRY_READ) {
        item->bytes = f->reads[i].bytes;
        if (f->reads[i].outcome != MM_READ_OK)
            reject_read(item, &f->reads[i]);
        return true;
    }
    struct mm_view stored = {f->batch->block + entry->block_at, entry->block_len};
    if (mm_mbox_sniff(stored))
        return set_mbox_message(w, item, stored);
    item->bytes = stored;
    return true;
}

/* ---- a segment: what of a batch is done at once ---- */

static bool out_of_memory(struct mm_worker *w)
{
    struct mm_error error;
    (void)mm_fail(&error, MM_E_NOMEM, "no memory for a batch of messages");
    mm_engine_fail(w->e, MM_EXIT_IO, &error);
    return false;
}

/* Job, sink, accounting of items[0..count). */
static bool do_segment(struct mm_worker *w, size_t count)
{
    struct mm_engine *e = w->e;
    struct mm_error error = {.status = MM_OK};
    enum mm_status st = e->ops->batch(w->job, &w->arena, w->items, count, &error);
    if (st != MM_OK) {
        mm_engine_fail(e, st == MM_E_BUG || st == MM_E_CRYPTO ? MM_EXIT_BUG : MM_EXIT_IO, &error);
        return false;
    }
    uint64_t start = mm_wall_ns();
    st = e->sink->ops->put(e->sink, w->sink, &e->line, w->commit, w->items, count, &error);
    w->write_ns += mm_wall_ns() - start;
    if (st == MM_AGAIN)
        return false; /* its turn will not come: the run ends */
    if (st != MM_OK) {
        mm_engine_fail(e, MM_EXIT_IO, &error);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!mm_commit_note(w->commit, &w->items[i]))
            return out_of_memory(w);
    mm_arena_reset(&w->arena);
    return true;
}

/* An mbox found in a folder: its messages take the file's place. */
static bool do_container(struct mm_worker *w, const struct mm_item *whole)
{
    size_t at = 0, count = 0, bytes = 0;
    unsigned long long members = 0;
    if (!mm_mbox_sniff(whole->bytes)) {
        w->items[0] = *whole;
        mm_item_reject(&w->items[0], "no-separator", NO_SEPARATOR, 0);
        return do_segment(w, 1);
    }
    while (at < whole->bytes.len) {
        size_t next =
            mm_mbox_next(whole->bytes, at + 5 < whole->bytes.len ? at + 5 : whole->bytes.len);
        char name[4096 + 32];
        struct mm_item *item = &w->items[count];
        int n = snprintf(name, sizeof name, "%.*s!%zu", (int)whole->message.len,
                         whole->message.data, at);
        *item = (struct mm_item){.offset = MM_NO_OFFSET,
                                 .message =
                                     mm_arena_copy(&w->arena, (struct mm_view){name, (size_t)n})};
        if (!item->message.data ||
            !set_mbox_message(w, item, mm_view_sub(whole->bytes, at, next - at)))
            return out_of_memory(w);
        bytes += next - at;
        members++;
        at = next;
        if (++count < MM_BATCH_ITEMS && bytes < MM_BATCH_BYTES && at < whole->bytes.len)
            continue;
        if (!do_segment(w, count))
            return false;
        count = bytes = 0;
    }
    atomic_fetch_add_explicit(&w->e->inputs_seen, members - 1, memory_order_relaxed);
    return true;
}

/* verify looks into the files of a folder: what is an mbox, or is said to be one. */
static bool is_container(const struct mm_worker *w, const struct mm_item *item,
                         const struct mm_entry *entry)
{
    enum mm_source_format format = w->e->options->source_format;
    if (!w->e->ops->sniff_files || entry->kind != MM_ENTRY_READ ||
        item->outcome != MM_OUTCOME_PENDING || format == MM_SOURCE_MESSAGE)
        return false;
    return format == MM_SOURCE_MBOX || mm_mbox_sniff(item->bytes);
}

static void release_to(struct mm_worker *w, struct flight *f, uint32_t to)
{
    for (; f->finished < to; f->finished++)
        if (f->batch->entries[f->finished].kind == MM_ENTRY_READ && f->state[f->finished] == DONE) {
            mm_reader_release(w->reader, &f->reads[f->finished]);
            f->state[f->finished] = RELEASED;
        }
}

/* Do what is ready from f->finished on, at most MM_BATCH_BYTES of it. */
static bool do_ready(struct mm_worker *w, struct flight *f)
{
    size_t count = 0, bytes = 0;
    uint32_t i = f->finished;
    while (i < f->batch->count && f->state[i] == DONE && bytes < MM_BATCH_BYTES) {
        struct mm_item *item = &w->items[count];
        if (!fill_item(w, f, i, item))
            return out_of_memory(w);
        if (is_container(w, item, &f->batch->entries[i])) {
            if (count)
                break; /* what is before it goes first */
            struct mm_item whole = *item;
            bool ok = do_container(w, &whole);
            release_to(w, f, i + 1);
            return ok;
        }
        bytes += item->bytes.len;
        count++;
        i++;
    }
    bool ok = do_segment(w, count);
    release_to(w, f, i);
    return ok;
}

/* Ready is the whole rest of the batch, or as much as fits a segment. */
static bool segment_ready(const struct flight *f)
{
    size_t bytes = 0;
    uint32_t i = f->finished;
    for (; i < f->batch->count && f->state[i] == DONE; i++) {
        bytes += f->batch->entries[i].kind == MM_ENTRY_READ ? f->reads[i].bytes.len
                                                            : f->batch->entries[i].block_len;
        if (bytes >= MM_BATCH_BYTES)
            return true;
    }
    return i == f->batch->count;
}

/* Wait until there is something to do, or something else to wait for. False when the run ends. */
static bool wait_or_work(struct mm_worker *w, struct flight *f)
{
    switch (wait_for_reads(w, false)) {
    case READS_DONE:
        return true;
    case ALL_WAIT_FOR_MEMORY:
        return f->state[f->finished] == DONE ? do_ready(w, f) : wait_for_memory(w);
    case RUN_ENDS:
        break;
    }
    return false;
}

/* Everything of the current batch. False when the run ends before it is whole. */
static bool do_flight(struct mm_worker *w)
{
    struct flight *f = w->current;
    while (f->finished < f->batch->count) {
        submit_more(w);
        if (!(segment_ready(f) ? do_ready(w, f) : wait_or_work(w, f)))
            return false;
        if (atomic_load_explicit(&w->e->failed, memory_order_relaxed))
            return false;
    }
    return true;
}

static void end_flight(struct mm_worker *w, struct flight *f)
{
    if (!f || !f->batch)
        return;
    mm_queue_return(&w->e->queue, f->batch, &w->e->budget);
    f->batch = NULL;
}

/* Wait for reads that are on their way and give everything back. */
static void abandon_reads(struct mm_worker *w)
{
    while (mm_reader_pending(w->reader) > 0 && wait_for_reads(w, false) == READS_DONE)
        continue; /* what is left then waits for memory and holds none */
    struct flight *const both[] = {w->current, w->ahead};
    for (size_t k = 0; k < MM_COUNT(both); k++)
        for (uint32_t i = 0; both[k] && both[k]->batch && i < both[k]->batch->count; i++)
            if (both[k]->batch->entries[i].kind == MM_ENTRY_READ && both[k]->state[i] == DONE)
                mm_reader_release(w->reader, &both[k]->reads[i]);
}

static bool next_flight(struct mm_worker *w)
{
    if (w->ahead) {
        w->current = w->ahead;
        w->ahead = NULL;
        return true;
    }
    w->current = &w->flights[0];
    struct mm_batch *batch = mm_queue_take(&w->e->queue);
    w->current->batch = NULL;
    if (batch)
        begin_flight(w->current, batch);
    return batch != NULL;
}

static bool commit_flight(struct mm_worker *w)
{
    struct mm_error error;
    struct mm_commit *commit = w->commit;
    w->commit = NULL;
    enum mm_status st = mm_commit_end(&w->e->line, commit);
    end_flight(w, w->current);
    if (st == MM_OK)
        return true;
    (void)mm_fail(&error, st, "the output could not be written");
    mm_engine_fail(w->e, MM_EXIT_IO, &error);
    return false;
}

static void run_batches(struct mm_worker *w)
{
    while (next_flight(w)) {
        if (mm_engine_stopping(w->e)) {
            mm_commit_drop(&w->e->line, w->current->batch->seq);
            return;
        }
        w->commit = mm_commit_begin(&w->e->line, w->current->batch->seq);
        if (!w->commit) {
            out_of_memory(w);
            return;
        }
        if (!do_flight(w)) {
            mm_commit_drop(&w->e->line, w->current->batch->seq);
            mm_commit_abandon(&w->e->line, w->commit);
            return;
        }
        if (!commit_flight(w))
            return;
    }
}

void *mm_worker_main(void *worker)
{
    struct mm_worker *w = worker;
    struct mm_error error;
    enum mm_status st = mm_reader_start(w->reader, &error);
    if (st == MM_OK)
        run_batches(w);
    else
        mm_engine_fail(w->e, MM_EXIT_CONFIG, &error);
    abandon_reads(w);
    if (w->ahead)
        mm_commit_drop(&w->e->line, w->ahead->batch->seq);
    end_flight(w, w->current);
    end_flight(w, w->ahead);
    return NULL;
}

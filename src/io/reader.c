/*
 * reader.c - read many files at once, through a ring or a pool of threads, behind one interface.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A read goes from `queued` to the backend and from there to `ready`; one that is larger than its
 * slot gives the slot back, goes to `waiting` until the budget has room, and then through the
 * backend once more. All lists belong to the worker; nothing here is locked.
 */
#include "io/reader.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/reader_internal.h"

struct mm_reader {
    enum mm_io_choice io;
    uint32_t depth, depth_now; /* the first: at most */
    uint64_t message_max_bytes, work_bytes;
    struct mm_budget *budget;
    size_t page_bytes;

    struct mm_slots slots, slots_of_ring; /* the second: given up when the ring failed */
    struct mm_read_list queued, waiting, ready;
    size_t pending;
    size_t under_way;     /* in the backend */
    size_t large_held;    /* reads that have memory of the budget */
    uint64_t large_bytes; /* of these */
    struct mm_spare_pages spare;

    struct mm_ring *ring;
    struct mm_pool *pool; /* where it is there, it is the backend */
    _Atomic(const char *) backend;
    _Atomic uint64_t inflight_sum, inflight_samples, inflight_max, waits;
    char why[MM_ERROR_TEXT_BYTES];
};

/* ---- making and freeing ---- */

static enum mm_status use_threads(struct mm_reader *reader, struct mm_error *err)
{
    reader->pool = mm_pool_new();
    if (!reader->pool)
        return mm_fail(err, MM_E_NOMEM, "no memory for a pool of reading threads");
    atomic_store(&reader->backend, "threads");
    return MM_OK;
}

/* The ring cannot be had: the answer to it is the caller's choice. */
static enum mm_status without_ring(struct mm_reader *reader, const struct mm_error *reason,
                                   struct mm_error *err)
{
    if (reader->io == MM_IO_URING) {
        mm_fail(err, MM_E_IO, "--io uring: %s; --io auto does without the ring", reason->text);
        if (err)
            err->os_errno = reason->os_errno;
        return MM_E_IO;
    }
    snprintf(reader->why, sizeof reader->why, "%s", reason->text);
    return use_threads(reader, err);
}

static enum mm_status choose_backend(struct mm_reader *reader, struct mm_error *err)
{
    struct mm_error reason = {.status = MM_OK};
    if (reader->io == MM_IO_THREADS)
        return use_threads(reader, err);
    atomic_store(&reader->backend, "uring");
    if (mm_ring_new(reader->depth, &reader->ring, &reason) == MM_OK)
        return MM_OK;
    return without_ring(reader, &reason, err);
}

enum mm_status mm_reader_new(const struct mm_reader_options *options, struct mm_reader **out,
                             struct mm_error *err)
{
    *out = NULL;
    struct mm_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return mm_fail(err, MM_E_NOMEM, "no memory for a reader");
    assert(options->budget);
    reader->io = options->io;
    reader->budget = options->budget;
    reader->message_max_bytes = options->message_max_bytes;
    reader->work_bytes = options->work_bytes;
    mm_spare_pages_init(&reader->spare, options->budget);
    reader->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uint32_t slot_count = options->slot_count ? options->slot_count : MM_READ_SLOTS;
    reader->depth = options->depth ? options->depth : MM_READ_DEPTH;
    if (reader->depth > slot_count)
        reader->depth = slot_count;
    reader->depth_now = reader->depth;
    if (!mm_slots_init(&reader->slots, 0, slot_count)) {
        mm_reader_free(&reader);
        return mm_fail(err, MM_E_NOMEM, "no memory for the slots of a reader");
    }
    enum mm_status st = choose_backend(reader, err);
    if (st != MM_OK)
        mm_reader_free(&reader);
    *out = reader;
    return st;
}

enum mm_status mm_reader_start(struct mm_reader *reader, struct mm_error *err)
{
    struct mm_error reason = {.status = MM_OK};
    if (reader->pool)
        return MM_OK;
    if (mm_ring_start(reader->ring, &reader->slots, reader->why, sizeof reader->why, &reason) ==
        MM_OK)
        return MM_OK;
    return without_ring(reader, &reason, err);
}

static uint64_t large_charge(const struct mm_reader *reader, const struct mm_read *read)
{
    uint64_t bytes = read->big_bytes + 1 + MM_READ_PAD_BYTES;
    return (bytes + reader->page_bytes - 1) / reader->page_bytes * reader->page_bytes;
}

static void drop_large(struct mm_reader *reader, struct mm_read *read, bool quiet)
{
    if (!read->big.base)
        return;
    uint64_t charge = read->big.used;
    if (quiet)
        mm_spare_pages_give(&reader->spare, &read->big);
    else
        mm_spare_pages_abandon(&reader->spare, &read->big);
    reader->large_held--;
    reader->large_bytes -= charge;
    mm_budget_give(reader->budget, charge);
}

static void drop_list(struct mm_reader *reader, struct mm_read_list *list, bool quiet)
{
    for (struct mm_read *read; (read = mm_read_list_pop(list));)
        drop_large(reader, read, quiet);
}

void mm_reader_free(struct mm_reader **at)
{
    struct mm_reader *reader = *at;
    if (!reader)
        return;
    struct mm_read_list left = {.first = NULL};
    bool quiet = mm_ring_free(&reader->ring, &left), pooled = reader->pool != NULL;
    drop_list(reader, &left, quiet);
    mm_pool_free(&reader->pool, &left);
    mm_read_list_join(&left, &reader->queued);
    mm_read_list_join(&left, &reader->ready);
    drop_list(reader, &left, true);
    mm_spare_pages_deinit(&reader->spare);
    mm_slots_deinit(&reader->slots_of_ring, quiet);
    mm_slots_deinit(&reader->slots, quiet || pooled);
    free(reader);
    *at = NULL;
}

/* ---- what runs, for people ---- */

const char *mm_reader_backend(const struct mm_reader *reader)
{
    return atomic_load(&reader->backend);
}

const char *mm_reader_why(const struct mm_reader *reader)
{
    return reader->why;
}

struct mm_reader_stats mm_reader_stats(const struct mm_reader *reader)
{
    return (struct mm_reader_stats){
        .inflight_sum = atomic_load(&reader->inflight_sum),
        .inflight_samples = atomic_load(&reader->inflight_samples),
        .inflight_max = atomic_load(&reader->inflight_max),
        .waits = atomic_load(&reader->waits),
    };
}

void mm_reader_probe(char *why, size_t cap)
{
    struct mm_error err = {.status = MM_OK};
    struct mm_read_list none = {.first = NULL};
    struct mm_ring *ring = NULL;
    bool ok = mm_ring_new(MM_READ_DEPTH, &ring, &err) == MM_OK;
    snprintf(why, cap, "%s", ok ? "" : err.text);
    (void)mm_ring_free(&ring, &none);
}

/* ---- large files: memory from the budget ---- */

/* The stage has ended: where does the read go? */
static void sort_in(struct mm_reader *reader, struct mm_read *read)
{
    if (read->stage == MM_STAGE_DONE) {
        mm_read_list_push(&reader->ready, read);
        return;
    }
    assert(read->stage == MM_STAGE_MEMORY);
    mm_slots_give(&reader->slots, read);
    uint64_t limit = reader->message_max_bytes ? reader->message_max_bytes : UINT64_MAX;
    if (read->big_bytes > limit || read->big_bytes > reader->budget->total_bytes ||
        large_charge(reader, read) > reader->budget->total_bytes) {
        mm_read_end(read, MM_READ_TOO_LARGE, 0);
        mm_read_list_push(&reader->ready, read);
        return;
    }
    mm_read_list_insert(&reader->waiting, read);
}

/* The budget has been charged for it. */
static void map_large(struct mm_reader *reader, struct mm_read *read)
{
    uint64_t charge = large_charge(reader, read);
    if (!mm_spare_pages_take(&reader->spare, charge, &read->big)) {
        mm_budget_give(reader->budget, charge);
        mm_read_end(read, MM_READ_FAILED, ENOMEM);
        mm_read_list_push(&reader->ready, read);
        return;
    }
    reader->large_held++;
    reader->large_bytes += charge;
    read->stage = MM_STAGE_BIG;
    mm_read_list_push(&reader->queued, read);
}

/* Large messages of this reader, those in work among them. */
static uint64_t ahead_bytes(const struct mm_reader *reader)
{
    bool cached = reader->depth_now < reader->depth;
    return cached && reader->work_bytes ? reader->work_bytes : (uint64_t)MM_READ_AHEAD_BYTES;
}

/* Whether the first that waits may be read beside what this reader has: one always may, and mostly
 * a second, which is hashed with it. */
static bool reads_ahead(const struct mm_reader *reader)
{
    uint64_t bytes = reader->large_bytes + large_charge(reader, reader->waiting.first);
    if (reader->large_held < 2)
        return reader->large_held == 0 || bytes <= MM_READ_AHEAD_BYTES;
    return bytes <= ahead_bytes(reader);
}

/* Start as many of those that wait for memory as there is memory for, the lowest order first. */
static void start_large(struct mm_reader *reader)
{
    while (reader->waiting.first && reads_ahead(reader) &&
           mm_budget_try(reader->budget, large_charge(reader, reader->waiting.first)))
        map_large(reader, mm_read_list_pop(&reader->waiting));
}

/* Sleep until the budget has room for the first of them. False: none waits, or this reader holds
 * memory that others, or it itself, would wait for. */
static bool await_memory(struct mm_reader *reader)
{
    if (!reader->waiting.first || reader->large_held)
        return false;
    struct mm_read *read = mm_read_list_pop(&reader->waiting);
    if (mm_budget_take(reader->budget, large_charge(reader, read))) {
        map_large(reader, read);
    } else { /* the budget was closed: the run ends early */
        mm_read_end(read, MM_READ_FAILED, ECANCELED);
        mm_read_list_push(&reader->ready, read);
    }
    return true;
}

/* ---- one turn of the backend ---- */

static void sample(struct mm_reader *reader)
{
    uint64_t now = reader->under_way;
    atomic_fetch_add(&reader->inflight_sum, now);
    atomic_fetch_add(&reader->inflight_samples, 1);
    if (now > atomic_load(&reader->inflight_max))
        atomic_store(&reader->inflight_max, now);
}

/* A read that the ring had begun is begun anew, in memory that the ring does not know. */
static enum mm_status begin_anew(struct mm_reader *reader, struct mm_read *read,
                                 struct mm_error *err)
{
    if (read->stage == MM_STAGE_BIG) {
        uint64_t charge = read->big.used;
        mm_spare_pages_abandon(&reader->spare, &read->big);
        if (!mm_spare_pages_take(&reader->spare, charge, &read->big)) {
            reader->large_held--;
            reader->large_bytes -= charge;
            mm_budget_give(reader->budget, charge);
            return mm_fail(err, MM_E_NOMEM, "no memory to read %s again", read->path);
        }
    } else {
        mm_slots_take(&reader->slots, read);
    }
    mm_read_list_push(&reader->queued, read);
    return MM_OK;
}

/* The ring is of no more use. Slots that were handed out stay where they are until released; the
 * old slab is given up with the ring. */
static enum mm_status leave_ring(struct mm_reader *reader, int os_errno, struct mm_error *err)
{
    struct mm_error reason;
    struct mm_read_list left = {.first = NULL};
    (void)mm_fail_os(&reason, os_errno, "io_uring_enter failed in mid-run");
    MM_TRY(without_ring(reader, &reason, err));
    mm_ring_abandon(reader->ring, &left);
    reader->under_way = 0;
    reader->depth_now = reader->depth;
    reader->slots_of_ring = reader->slots;
    if (!mm_slots_init(&reader->slots, reader->slots_of_ring.count, reader->slots_of_ring.count))
        return mm_fail(err, MM_E_NOMEM, "no memory for slots after io_uring failed");
    for (struct mm_read *read; (read = mm_read_list_pop(&left));)
        MM_TRY(begin_anew(reader, read, err));
    return MM_OK;
}

/* How often this thread has slept. */
static long sleeps(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

/* A disk is busy while it has much to choose from: whoever had to wait asks for more. Files in the
 * page cache are there when they have been asked for. */
static void choose_depth(struct mm_reader *reader, bool slept)
{
    enum { STEP_PART = 32 }; /* a disk that was quick for once is a disk still */
    uint32_t least =
        reader->depth < MM_READ_DEPTH_CACHED ? reader->depth : (uint32_t)MM_READ_DEPTH_CACHED;
    uint32_t less = reader->depth_now - reader->depth_now / STEP_PART;
    reader->depth_now = slept ? reader->depth : less > least ? less : least;
}

/* Give the backend what is queued, wait for `want` stages, sort in what has ended. */
static enum mm_status turn(struct mm_reader *reader, size_t want, struct mm_error *err)
{
    struct mm_read_list ended = {.first = NULL};
    int failed = 0;
    atomic_fetch_add(&reader->waits, 1);
    if (reader->pool) {
        reader->under_way += reader->queued.count;
        sample(reader);
        mm_pool_turn(reader->pool, &reader->queued, want, &ended);
    } else {
        while (reader->queued.first && mm_ring_has_room(reader->ring)) {
            mm_ring_begin(reader->ring, mm_read_list_pop(&reader->queued));
            reader->under_way++;
        }
        sample(reader);
        long before = sleeps();
        failed = mm_ring_turn(reader->ring, want, &ended);
        choose_depth(reader, sleeps() != before);
    }
    reader->under_way -= ended.count;
    for (struct mm_read *read; (read = mm_read_list_pop(&ended));)
        sort_in(reader, read);
    return failed ? leave_ring(reader, failed, err) : MM_OK;
}

/* ---- the interface ---- */

bool mm_reader_has_room(const struct mm_reader *reader)
{
    return reader->slots.free_count > 0 &&
           reader->pending - reader->ready.count < reader->depth_now;
}

size_t mm_reader_pending(const struct mm_reader *reader)
{
    return reader->pending;
}

size_t mm_reader_under_way(const struct mm_reader *reader)
{
    return reader->under_way + reader->queued.count;
}

void mm_reader_submit(struct mm_reader *reader, struct mm_read *read)
{
    assert(mm_reader_has_room(reader));
    read->stage = MM_STAGE_SMALL;
    read->bytes = (struct mm_view){NULL, 0};
    read->big = (struct mm_pages){.base = NULL};
    read->big_bytes = 0;
    mm_slots_take(&reader->slots, read);
    mm_read_list_push(&reader->queued, read);
    reader->pending++;
}

/* Turn until `goal` reads are ready, or until only those are left that memory must come for. */
static enum mm_status turn_until(struct mm_reader *reader, size_t goal, bool may_block,
                                 struct mm_error *err)
{
    start_large(reader);
    for (;;) {
        size_t open = reader->under_way + reader->queued.count;
        size_t want = goal > reader->ready.count ? goal - reader->ready.count : 0;
        if (open)
            MM_TRY(turn(reader, want < open ? want : open, err));
        start_large(reader);
        if (reader->ready.count >= goal)
            return MM_OK;
        if (reader->under_way + reader->queued.count == 0 && !(may_block && await_memory(reader)))
            return MM_OK;
    }
}

enum mm_status mm_reader_wait(struct mm_reader *reader, struct mm_read **done, size_t cap,
                              size_t min, bool may_block, size_t *count, struct mm_error *err)
{
    size_t goal = min < reader->pending ? min : reader->pending;
    *count = 0;
    MM_TRY(turn_until(reader, goal < cap ? goal : cap, may_block, err));
    while (*count < cap && reader->ready.first)
        done[(*count)++] = mm_read_list_pop(&reader->ready);
    reader->pending -= *count;
    return MM_OK;
}

void mm_reader_release(struct mm_reader *reader, struct mm_read *read)
{
    drop_large(reader, read, true);
    mm_slots_give(&reader->slots, read);
    read->bytes = (struct mm_view){NULL, 0};
}

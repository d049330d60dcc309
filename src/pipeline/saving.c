/*
 * saving.c - a worker notes in the journal what it has done, once all of that is on disk.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/saving.h"

#include "base/clock.h"
#include "io/fault.h"

enum {
    /* A save may take one part in so many of a worker's processor time, and of the time that goes
     * by: a disk may be slower than it looks. */
    CPU_PARTS = 50,
    WALL_PARTS = 20,
    EVERY_MS = 50,         /* no more often: what is lost is less than a command takes to type */
    FIXED_CPU_NS = 200000, /* of a save: calls, thirteen runs, the record */
    /* To sort, pack and write a byte of rows, and to find it in one more run at the end. Measured:
     * 2 ns and up. */
    CPU_NS_A_BYTE = 3,
    /* Keys of 128 Ki inputs: a record takes twice that. */
    KEYS_BYTES_MAX = 2 * 1024 * 1024,
    TOLD_BYTES_MAX = 1024 * 1024
};

void mm_saving_init(struct mm_saving *s, struct mm_outlet *outlet)
{
    const struct mm_engine *e = outlet->e;
    *s = (struct mm_saving){.outlet = outlet, .on = e->journal && e->sink->ops->save};
    mm_buf_init(&s->keys, KEYS_BYTES_MAX + MM_BATCH_ITEMS * sizeof(struct mm_hash128));
    mm_buf_init(&s->told, TOLD_BYTES_MAX);
    mm_buf_init(&s->counts, TOLD_BYTES_MAX);
}

void mm_saving_deinit(struct mm_saving *s)
{
    mm_buf_deinit(&s->keys);
    mm_buf_deinit(&s->told);
    mm_buf_deinit(&s->counts);
}

static uint64_t thread_cpu_ns(void)
{
    return mm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void mm_saving_start(struct mm_saving *s)
{
    s->wall_ns = mm_wall_ns();
    s->cpu_ns = thread_cpu_ns();
}

void mm_saving_note(struct mm_saving *s, const struct mm_batch *batch, uint32_t count)
{
    for (uint32_t i = 0; s->on && i < count; i++) {
        struct mm_hash128 key = batch->entries[i].key;
        mm_buf_append(&s->keys, (struct mm_view){(const char *)&key, sizeof key});
    }
}

bool mm_saving_is_due(const struct mm_saving *s)
{
    const struct mm_outlet *o = s->outlet;
    if (!s->on || s->half || s->keys.len == 0)
        return false;
    if (mm_fault_save_is_due() || s->keys.len >= KEYS_BYTES_MAX)
        return true;
    uint64_t wall = mm_wall_ns() - s->wall_ns;
    if (wall < EVERY_MS * (uint64_t)1000000 || wall < WALL_PARTS * s->cost_wall_ns)
        return false;
    uint64_t cost = FIXED_CPU_NS + CPU_NS_A_BYTE * o->e->sink->ops->unsaved(o->sink);
    return thread_cpu_ns() - s->cpu_ns >= CPU_PARTS * cost;
}

static enum mm_status save(struct mm_saving *s, struct mm_error *err)
{
    struct mm_outlet *o = s->outlet;
    mm_buf_clear(&s->told);
    mm_buf_clear(&s->counts);
    MM_TRY(o->e->sink->ops->save(o->sink, &s->told, err));
    if (o->e->ops->save_counts)
        o->e->ops->save_counts(o->job, &s->counts);
    if (s->keys.failed || s->counts.failed)
        return mm_fail(err, MM_E_NOMEM, "no memory to note what is done");
    const struct mm_journal_saved saved = {.keys = mm_buf_view(&s->keys),
                                           .told = mm_buf_view(&s->told),
                                           .counts = mm_buf_view(&s->counts),
                                           .tally = o->unsaved};
    MM_TRY(mm_journal_note_saved(o->e->journal, &saved, err));
    mm_buf_clear(&s->keys);
    o->unsaved = (struct mm_tally){.bytes = 0};
    return MM_OK;
}

bool mm_saving_save(struct mm_saving *s)
{
    struct mm_error error = {.status = MM_OK};
    uint64_t wall = mm_wall_ns();
    enum mm_status st = save(s, &error);
    s->wall_ns = mm_wall_ns();
    s->cpu_ns = thread_cpu_ns();
    s->cost_wall_ns = s->wall_ns - wall;
    return st == MM_OK || mm_outlet_fail(s->outlet, st, &error);
}

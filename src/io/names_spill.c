/*
 * names_spill.c - names that memory has no room for: runs in a file, and their merge.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A sealed run is read back through a window of its own; a heap of the runs has the one with the
 * smallest record on top. Without sorting all that was spilled is one run, in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/file_ops.h"
#include "io/names_internal.h"

enum { WINDOW_BYTES_MIN = 4 * 1024 };

/* ---- writing runs ---- */

static enum mm_status open_spill(struct mm_names *names, struct mm_error *err)
{
    if (names->fd >= 0)
        return MM_OK;
    names->fd = mm_file_temporary(names->spill_dir);
    if (names->fd < 0)
        return mm_fail_os(err, errno, "cannot make a temporary file in %s", names->spill_dir);
    return MM_OK;
}

static enum mm_status write_spill(struct mm_names *names, const char *bytes, size_t len,
                                  struct mm_error *err)
{
    while (len) {
        ssize_t n = pwrite(names->fd, bytes, len, (off_t)names->file_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return mm_fail_os(err, n ? errno : EIO, "cannot write a temporary file in %s",
                              names->spill_dir);
        bytes += n;
        len -= (size_t)n;
        names->file_bytes += (uint64_t)n;
    }
    return MM_OK;
}

size_t mm_names_gather_bytes(const struct mm_names *names)
{
    size_t bytes = names->memory_limit / 8;
    return bytes < MM_NAMES_IO_BYTES_MAX ? bytes : MM_NAMES_IO_BYTES_MAX;
}

/* In the order of the index, gathered into large writes. */
static enum mm_status write_sorted(struct mm_names *names, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    size_t used = 0, cap = mm_names_gather_bytes(names);
    char *gather = malloc(cap);
    if (!gather)
        return mm_fail(err, MM_E_NOMEM, "no memory to spill names");
    mm_names_hold(names, cap);
    for (size_t i = 0; i < names->held && st == MM_OK; i++) {
        size_t bytes = mm_names_record_bytes(names->index[i]);
        if (used + bytes > cap) {
            st = write_spill(names, gather, used, err);
            used = 0;
        }
        if (bytes > cap) {
            if (st == MM_OK)
                st = write_spill(names, names->index[i], bytes, err);
            continue;
        }
        memcpy(gather + used, names->index[i], bytes);
        used += bytes;
    }
    if (st == MM_OK)
        st = write_spill(names, gather, used, err);
    free(gather);
    names->bytes -= cap;
    return st;
}

/* Note that the file's bytes from `offset` on are a run; without sorting they lengthen the first.
 */
static enum mm_status add_run(struct mm_names *names, uint64_t offset, struct mm_error *err)
{
    if (!names->sorted && names->run_count) {
        names->runs[0].end = names->file_bytes;
        return MM_OK;
    }
    if (names->run_count == names->run_cap) {
        size_t cap = names->run_cap ? names->run_cap * 2 : 16;
        struct mm_names_run *more = realloc(names->runs, cap * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for %zu runs of names", cap);
        mm_names_hold(names, (cap - names->run_cap) * sizeof *more);
        names->runs = more;
        names->run_cap = cap;
    }
    names->runs[names->run_count++] =
        (struct mm_names_run){.offset = offset, .end = names->file_bytes};
    return MM_OK;
}

enum mm_status mm_names_spill(struct mm_names *names, struct mm_error *err)
{
    uint64_t offset = names->file_bytes;
    MM_TRY(open_spill(names, err));
    if (names->sorted) {
        MM_TRY(mm_names_index(names, err));
        MM_TRY(write_sorted(names, err));
        mm_names_drop_index(names);
    } else {
        for (const struct mm_names_chunk *c = names->first; c; c = c->next)
            MM_TRY(write_spill(names, c->bytes, c->used, err));
    }
    mm_names_drop_chunks(names);
    return add_run(names, offset, err);
}

/* ---- reading them back ---- */

/* Let the record at run->at lie whole in the window. MM_END past the run's last. */
static enum mm_status fill_window(struct mm_names *names, struct mm_names_run *run, size_t need,
                                  struct mm_error *err)
{
    memmove(run->window, run->window + run->at, run->used - run->at);
    run->used -= run->at;
    run->at = 0;
    if (need > run->cap) {
        char *more = realloc(run->window, need);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for a name of %zu bytes", need);
        mm_names_hold(names, need - run->cap);
        run->window = more;
        run->cap = need;
    }
    while (run->used < run->cap && run->offset < run->end) {
        uint64_t left = run->end - run->offset;
        size_t want = run->cap - run->used < left ? run->cap - run->used : (size_t)left;
        ssize_t n = pread(names->fd, run->window + run->used, want, (off_t)run->offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return mm_fail_os(err, n ? errno : EIO, "cannot read the temporary file in %s",
                              names->spill_dir);
        run->used += (size_t)n;
        run->offset += (uint64_t)n;
    }
    return MM_OK;
}

static enum mm_status run_ready(struct mm_names *names, struct mm_names_run *run,
                                struct mm_error *err)
{
    if (run->at == run->used && run->offset == run->end)
        return MM_END;
    if (run->used - run->at < MM_NAMES_HEAD_BYTES)
        MM_TRY(fill_window(names, run, MM_NAMES_HEAD_BYTES, err));
    size_t need = mm_names_record_bytes(run->window + run->at);
    if (run->used - run->at < need)
        MM_TRY(fill_window(names, run, need, err));
    return MM_OK;
}

/* Runs compare by their next record; of equal ones the older run comes first. */
static bool run_before(const struct mm_names *names, size_t a, size_t b)
{
    const struct mm_names_run *x = &names->runs[a], *y = &names->runs[b];
    int order = mm_names_record_cmp(x->window + x->at, y->window + y->at);
    return order ? order < 0 : a < b;
}

static void heap_sink(struct mm_names *names, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= names->heap_count)
            return;
        if (child + 1 < names->heap_count &&
            run_before(names, names->heap[child + 1], names->heap[child]))
            child++;
        if (!run_before(names, names->heap[child], names->heap[at]))
            return;
        size_t run = names->heap[at];
        names->heap[at] = names->heap[child];
        names->heap[child] = run;
        at = child;
    }
}

enum mm_status mm_names_open_runs(struct mm_names *names, struct mm_error *err)
{
    size_t window = names->memory_limit / (names->run_count + 1);
    if (window > MM_NAMES_IO_BYTES_MAX)
        window = MM_NAMES_IO_BYTES_MAX;
    if (window < WINDOW_BYTES_MIN)
        window = WINDOW_BYTES_MIN;
    names->heap = malloc(names->run_count * sizeof *names->heap);
    if (!names->heap)
        return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs", names->run_count);
    mm_names_hold(names, names->run_count * sizeof *names->heap);
    for (size_t i = 0; i < names->run_count; i++) {
        struct mm_names_run *run = &names->runs[i];
        if (!(run->window = malloc(window)))
            return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs", names->run_count);
        mm_names_hold(names, window);
        run->cap = window;
        MM_TRY(run_ready(names, run, err));
        names->heap[names->heap_count++] = i;
    }
    for (size_t i = names->heap_count; i-- > 0;)
        heap_sink(names, i);
    return MM_OK;
}

/* Step past the record that was given out last, then the smallest of all runs is on top. */
enum mm_status mm_names_next_merged(struct mm_names *names, const char **record,
                                    struct mm_error *err)
{
    if (names->gave_run) {
        struct mm_names_run *run = &names->runs[names->heap[0]];
        run->at += mm_names_record_bytes(run->window + run->at);
        enum mm_status st = run_ready(names, run, err);
        if (st < 0)
            return st;
        if (st == MM_END)
            names->heap[0] = names->heap[--names->heap_count];
        heap_sink(names, 0);
    }
    names->gave_run = names->heap_count > 0;
    if (!names->gave_run)
        return MM_END;
    const struct mm_names_run *top = &names->runs[names->heap[0]];
    *record = top->window + top->at;
    return MM_OK;
}

void mm_names_drop_runs(struct mm_names *names)
{
    for (size_t i = 0; i < names->run_count; i++)
        free(names->runs[i].window);
    free(names->runs);
    free(names->heap);
    if (names->fd >= 0)
        close(names->fd);
}

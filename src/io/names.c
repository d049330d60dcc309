/*
 * names.c - a list of names of any length, in bounded memory: sorted, or in the order they came.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A name is one record, the same in memory and in the spill file: its length, the caller's byte,
 * its bytes, a NUL. Records lie in chunks; sorting moves pointers to them. What does not fit goes
 * to the file as a run; sealed runs are read back through one window each and merged by a heap.
 * Without sorting all that was spilled is one run, in order.
 */
#include "io/names.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    LENGTH_BYTES = 4,
    HEAD_BYTES = LENGTH_BYTES + 1,    /* length, kind */
    RECORD_EXTRA = HEAD_BYTES + 1,    /* and the NUL behind */
    CHUNK_BYTES_MIN = 4 * 1024,       /* most folders are small */
    CHUNK_BYTES_MAX = 1024 * 1024,    /* bounds what is held and not filled */
    GATHER_BYTES_MAX = 1024 * 1024,   /* larger writes gain nothing */
    WINDOW_BYTES_MIN = 4 * 1024,      /* of a run while merging */
    WINDOW_BYTES_MAX = 1024 * 1024,   /* larger reads gain nothing */
    MEMORY_LIMIT_MIN = 64 * 1024,     /* below it the runs would be too many to merge */
    INSERTION_MAX = 12,               /* shorter parts are sorted by insertion */
    NAME_BYTES_MAX = 16 * 1024 * 1024 /* no path comes near; keeps lengths in 32 bits */
};

struct chunk {
    struct chunk *next;
    size_t cap, used;
    char bytes[];
};

/* A sorted stretch of the spill file, and the part of it that is in memory. */
struct run {
    uint64_t offset, end; /* not yet read into the window */
    char *window;
    size_t cap, used, at; /* at: the run's smallest record that was not given out */
};

struct mm_names {
    bool sorted, sealed, gave_run;
    size_t memory_limit, bytes, bytes_peak;
    uint64_t count; /* all names */
    char *spill_dir;
    struct chunk *first, *last;
    size_t held; /* records in the chunks */
    const char **index;
    size_t index_at;
    struct chunk *walk; /* reading in the order of adding */
    size_t walk_at;
    int fd;
    uint64_t file_bytes;
    struct run *runs;
    size_t run_count, run_cap;
    size_t *heap, heap_count;
};

static uint32_t record_length(const char *record)
{
    uint32_t length;
    memcpy(&length, record, LENGTH_BYTES);
    return length;
}

static size_t record_bytes(const char *record)
{
    return RECORD_EXTRA + (size_t)record_length(record);
}

static struct mm_view record_name(const char *record)
{
    return (struct mm_view){record + HEAD_BYTES, record_length(record)};
}

static int record_cmp(const char *a, const char *b)
{
    return mm_view_cmp(record_name(a), record_name(b));
}

static void count_bytes(struct mm_names *names, size_t bytes)
{
    names->bytes += bytes;
    if (names->bytes > names->bytes_peak)
        names->bytes_peak = names->bytes;
}

struct mm_names *mm_names_new(bool sorted, size_t memory_limit, const char *spill_dir)
{
    if (!spill_dir)
        spill_dir = getenv("TMPDIR");
    if (!spill_dir || !*spill_dir)
        spill_dir = "/tmp";
    struct mm_names *names = calloc(1, sizeof *names);
    char *copy = strdup(spill_dir);
    if (!names || !copy) {
        free(names);
        free(copy);
        return NULL;
    }
    if (memory_limit == 0)
        memory_limit = MM_NAMES_MEMORY_BYTES;
    *names = (struct mm_names){
        .sorted = sorted,
        .memory_limit = memory_limit < MEMORY_LIMIT_MIN ? MEMORY_LIMIT_MIN : memory_limit,
        .spill_dir = copy,
        .fd = -1,
    };
    count_bytes(names, sizeof *names);
    return names;
}

static void drop_chunks(struct mm_names *names)
{
    for (struct chunk *c = names->first, *next; c; c = next) {
        next = c->next;
        names->bytes -= sizeof *c + c->cap;
        free(c);
    }
    names->first = names->last = NULL;
    names->held = 0;
}

static void drop_index(struct mm_names *names)
{
    if (names->index)
        names->bytes -= names->held * sizeof *names->index;
    free(names->index);
    names->index = NULL;
}

void mm_names_free(struct mm_names **at)
{
    struct mm_names *names = *at;
    if (!names)
        return;
    drop_index(names);
    drop_chunks(names);
    for (size_t i = 0; i < names->run_count; i++)
        free(names->runs[i].window);
    free(names->runs);
    free(names->heap);
    free(names->spill_dir);
    if (names->fd >= 0)
        close(names->fd);
    free(names);
    *at = NULL;
}

/* ---- sorting what is in memory ---- */

static void insertion_sort(const char **list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const char *record = list[i];
        size_t at = i;
        for (; at > 0 && record_cmp(list[at - 1], record) > 0; at--)
            list[at] = list[at - 1];
        list[at] = record;
    }
}

/* Stable, n log n whatever a stranger named his files; spare holds (count + 1) / 2 pointers. */
static void merge_sort(const char **list, size_t count, const char **spare)
{
    if (count <= INSERTION_MAX) {
        insertion_sort(list, count);
        return;
    }
    size_t left_count = count / 2, left = 0, right = left_count, out = 0;
    merge_sort(list, left_count, spare);
    merge_sort(list + left_count, count - left_count, spare);
    memcpy(spare, list, left_count * sizeof *list);
    while (left < left_count && right < count)
        list[out++] = record_cmp(spare[left], list[right]) <= 0 ? spare[left++] : list[right++];
    memcpy(list + out, spare + left, (left_count - left) * sizeof *list);
}

/* Make the index of all records in the chunks, sorted. */
static enum mm_status build_index(struct mm_names *names, struct mm_error *err)
{
    size_t count = names->held, spare_count = (count + 1) / 2;
    const char **index = malloc((count ? count : 1) * sizeof *index);
    const char **spare = malloc((spare_count ? spare_count : 1) * sizeof *spare);
    if (!index || !spare) {
        free(index);
        free(spare);
        return mm_fail(err, MM_E_NOMEM, "no memory to sort %zu names", count);
    }
    size_t at = 0;
    for (const struct chunk *c = names->first; c; c = c->next)
        for (size_t i = 0; i < c->used; i += record_bytes(c->bytes + i))
            index[at++] = c->bytes + i;
    assert(at == count);
    count_bytes(names, (count + spare_count) * sizeof *index);
    merge_sort(index, count, spare);
    free(spare);
    names->bytes -= spare_count * sizeof *spare;
    names->index = index;
    return MM_OK;
}

/* ---- the spill file ---- */

static enum mm_status open_spill(struct mm_names *names, struct mm_error *err)
{
    if (names->fd >= 0)
        return MM_OK;
    char *path = NULL;
    names->fd = open(names->spill_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (names->fd < 0) { /* not every file system has O_TMPFILE */
        if (asprintf(&path, "%s/mailmill-names-XXXXXX", names->spill_dir) < 0)
            return mm_fail(err, MM_E_NOMEM, "no memory for the name of a temporary file");
        names->fd = mkostemp(path, O_CLOEXEC);
        if (names->fd >= 0)
            unlink(path);
        free(path);
    }
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

/* Sorted records are gathered into writes of this size. */
static size_t gather_bytes(const struct mm_names *names)
{
    size_t bytes = names->memory_limit / 8;
    return bytes < GATHER_BYTES_MAX ? bytes : GATHER_BYTES_MAX;
}

static enum mm_status write_sorted(struct mm_names *names, struct mm_error *err)
{
    enum mm_status st = MM_OK;
    size_t used = 0, cap = gather_bytes(names);
    char *gather = malloc(cap);
    if (!gather)
        return mm_fail(err, MM_E_NOMEM, "no memory to spill names");
    count_bytes(names, cap);
    for (size_t i = 0; i < names->held && st == MM_OK; i++) {
        size_t bytes = record_bytes(names->index[i]);
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
        struct run *more = realloc(names->runs, cap * sizeof *more);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for %zu runs of names", cap);
        count_bytes(names, (cap - names->run_cap) * sizeof *more);
        names->runs = more;
        names->run_cap = cap;
    }
    names->runs[names->run_count++] = (struct run){.offset = offset, .end = names->file_bytes};
    return MM_OK;
}

static enum mm_status spill(struct mm_names *names, struct mm_error *err)
{
    uint64_t offset = names->file_bytes;
    MM_TRY(open_spill(names, err));
    if (names->sorted) {
        MM_TRY(build_index(names, err));
        MM_TRY(write_sorted(names, err));
        drop_index(names);
    } else {
        for (const struct chunk *c = names->first; c; c = c->next)
            MM_TRY(write_spill(names, c->bytes, c->used, err));
    }
    drop_chunks(names);
    return add_run(names, offset, err);
}

/* ---- adding ---- */

/* What a spill of the names held, and one more, would need besides them. */
static size_t sort_bytes(const struct mm_names *names)
{
    size_t held = names->held + 1;
    return names->sorted ? (held + held / 2 + 1) * sizeof *names->index + gather_bytes(names) : 0;
}

static bool is_full(const struct mm_names *names, size_t more_bytes)
{
    return names->held && names->bytes + more_bytes + sort_bytes(names) > names->memory_limit;
}

/* Chunks grow, so that a small folder holds little and a large one is not all headers. */
static size_t next_chunk_bytes(const struct mm_names *names, size_t record)
{
    size_t cap = names->last ? names->last->cap * 2 : CHUNK_BYTES_MIN;
    if (cap > CHUNK_BYTES_MAX)
        cap = CHUNK_BYTES_MAX;
    return cap < record ? record : cap;
}

static enum mm_status add_chunk(struct mm_names *names, size_t cap, struct mm_error *err)
{
    struct chunk *fresh = malloc(sizeof *fresh + cap);
    if (!fresh)
        return mm_fail(err, MM_E_NOMEM, "no memory for names after %zu bytes", names->bytes);
    *fresh = (struct chunk){.cap = cap};
    count_bytes(names, sizeof *fresh + cap);
    if (names->last)
        names->last->next = fresh;
    else
        names->first = fresh;
    names->last = fresh;
    return MM_OK;
}

/* Make room for a record at the end of the last chunk. */
static enum mm_status make_room(struct mm_names *names, size_t record, struct mm_error *err)
{
    bool fits = names->last && names->last->cap - names->last->used >= record;
    size_t more = fits ? 0 : sizeof(struct chunk) + next_chunk_bytes(names, record);
    if (is_full(names, more)) {
        MM_TRY(spill(names, err));
        fits = false;
    }
    return fits ? MM_OK : add_chunk(names, next_chunk_bytes(names, record), err);
}

enum mm_status mm_names_add(struct mm_names *names, struct mm_view name, uint8_t kind,
                            struct mm_error *err)
{
    assert(!names->sealed);
    if (name.len > NAME_BYTES_MAX)
        return mm_fail(err, MM_E_LIMIT, "a name of %zu bytes; at most %d are taken", name.len,
                       NAME_BYTES_MAX);
    size_t record = RECORD_EXTRA + name.len;
    MM_TRY(make_room(names, record, err));
    char *at = names->last->bytes + names->last->used;
    uint32_t length = (uint32_t)name.len;
    memcpy(at, &length, LENGTH_BYTES);
    at[LENGTH_BYTES] = (char)kind;
    if (name.len)
        memcpy(at + HEAD_BYTES, name.data, name.len);
    at[HEAD_BYTES + name.len] = '\0';
    names->last->used += record;
    names->held++;
    names->count++;
    return MM_OK;
}

/* ---- reading back ---- */

/* Let the record at run->at lie whole in the window. MM_END past the run's last. */
static enum mm_status fill_window(struct mm_names *names, struct run *run, size_t need,
                                  struct mm_error *err)
{
    memmove(run->window, run->window + run->at, run->used - run->at);
    run->used -= run->at;
    run->at = 0;
    if (need > run->cap) {
        char *more = realloc(run->window, need);
        if (!more)
            return mm_fail(err, MM_E_NOMEM, "no memory for a name of %zu bytes", need);
        count_bytes(names, need - run->cap);
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

static enum mm_status run_ready(struct mm_names *names, struct run *run, struct mm_error *err)
{
    if (run->at == run->used && run->offset == run->end)
        return MM_END;
    if (run->used - run->at < HEAD_BYTES)
        MM_TRY(fill_window(names, run, HEAD_BYTES, err));
    size_t need = record_bytes(run->window + run->at);
    if (run->used - run->at < need)
        MM_TRY(fill_window(names, run, need, err));
    return MM_OK;
}

/* Runs compare by their next record; of equal ones the older run comes first. */
static bool run_before(const struct mm_names *names, size_t a, size_t b)
{
    const struct run *x = &names->runs[a], *y = &names->runs[b];
    int order = record_cmp(x->window + x->at, y->window + y->at);
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

static enum mm_status open_runs(struct mm_names *names, struct mm_error *err)
{
    size_t window = names->memory_limit / (names->run_count + 1);
    if (window > WINDOW_BYTES_MAX)
        window = WINDOW_BYTES_MAX;
    if (window < WINDOW_BYTES_MIN)
        window = WINDOW_BYTES_MIN;
    names->heap = malloc(names->run_count * sizeof *names->heap);
    if (!names->heap)
        return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs", names->run_count);
    count_bytes(names, names->run_count * sizeof *names->heap);
    for (size_t i = 0; i < names->run_count; i++) {
        struct run *run = &names->runs[i];
        if (!(run->window = malloc(window)))
            return mm_fail(err, MM_E_NOMEM, "no memory to merge %zu runs", names->run_count);
        count_bytes(names, window);
        run->cap = window;
        MM_TRY(run_ready(names, run, err));
        names->heap[names->heap_count++] = i;
    }
    for (size_t i = names->heap_count; i-- > 0;)
        heap_sink(names, i);
    return MM_OK;
}

enum mm_status mm_names_seal(struct mm_names *names, struct mm_error *err)
{
    assert(!names->sealed);
    names->sealed = true;
    names->walk = names->first;
    if (names->run_count) {
        if (names->held)
            MM_TRY(spill(names, err));
        return open_runs(names, err);
    }
    return names->sorted ? build_index(names, err) : MM_OK;
}

/* Step past the record that was given out last, then the smallest of all runs is on top. */
static enum mm_status next_merged(struct mm_names *names, const char **record, struct mm_error *err)
{
    if (names->gave_run) {
        struct run *run = &names->runs[names->heap[0]];
        run->at += record_bytes(run->window + run->at);
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
    const struct run *top = &names->runs[names->heap[0]];
    *record = top->window + top->at;
    return MM_OK;
}

static enum mm_status next_held(struct mm_names *names, const char **record)
{
    if (names->sorted) {
        if (names->index_at == names->held)
            return MM_END;
        *record = names->index[names->index_at++];
        return MM_OK;
    }
    while (names->walk && names->walk_at == names->walk->used) {
        names->walk = names->walk->next;
        names->walk_at = 0;
    }
    if (!names->walk)
        return MM_END;
    *record = names->walk->bytes + names->walk_at;
    names->walk_at += record_bytes(*record);
    return MM_OK;
}

enum mm_status mm_names_next(struct mm_names *names, struct mm_view *name, uint8_t *kind,
                             struct mm_error *err)
{
    assert(names->sealed);
    const char *record = NULL;
    enum mm_status st =
        names->run_count ? next_merged(names, &record, err) : next_held(names, &record);
    if (st != MM_OK)
        return st;
    *name = record_name(record);
    *kind = (uint8_t)record[LENGTH_BYTES];
    return MM_OK;
}

uint64_t mm_names_count(const struct mm_names *names)
{
    return names->count;
}

size_t mm_names_bytes(const struct mm_names *names)
{
    return names->bytes;
}

size_t mm_names_bytes_peak(const struct mm_names *names)
{
    return names->bytes_peak;
}

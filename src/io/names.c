/*
 * names.c - a list of names of any length, in bounded memory: sorted, or in the order they came.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records lie in chunks; sorting moves pointers to them. What does not fit goes to a file.
 */
#include <assert.h>
#include <stdlib.h>

#include "io/file_ops.h"
#include "io/names_internal.h"

enum {
    CHUNK_BYTES_MIN = 4 * 1024,       /* most folders are small */
    CHUNK_BYTES_MAX = 1024 * 1024,    /* bounds what is held and not filled */
    MEMORY_LIMIT_MIN = 64 * 1024,     /* below it the runs would be too many to merge */
    INSERTION_MAX = 12,               /* shorter parts are sorted by insertion */
    NAME_BYTES_MAX = 16 * 1024 * 1024 /* no path comes near; keeps lengths in 32 bits */
};

struct mm_names *mm_names_new(bool sorted, size_t memory_limit, const char *spill_dir)
{
    if (!spill_dir)
        spill_dir = mm_file_temporary_folder();
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
    mm_names_hold(names, sizeof *names);
    return names;
}

void mm_names_drop_chunks(struct mm_names *names)
{
    for (struct mm_names_chunk *c = names->first, *next; c; c = next) {
        next = c->next;
        names->bytes -= sizeof *c + c->cap;
        free(c);
    }
    names->first = names->last = NULL;
    names->held = 0;
}

void mm_names_drop_index(struct mm_names *names)
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
    mm_names_drop_index(names);
    mm_names_drop_chunks(names);
    mm_names_drop_runs(names);
    free(names->spill_dir);
    free(names);
    *at = NULL;
}

/* ---- sorting what is in memory ---- */

static void insertion_sort(const char **list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const char *record = list[i];
        size_t at = i;
        for (; at > 0 && mm_names_record_cmp(list[at - 1], record) > 0; at--)
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
        list[out++] =
            mm_names_record_cmp(spare[left], list[right]) <= 0 ? spare[left++] : list[right++];
    memcpy(list + out, spare + left, (left_count - left) * sizeof *list);
}

/* Make the index of all records in the chunks, sorted. */
enum mm_status mm_names_index(struct mm_names *names, struct mm_error *err)
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
    for (const struct mm_names_chunk *c = names->first; c; c = c->next)
        for (size_t i = 0; i < c->used; i += mm_names_record_bytes(c->bytes + i))
            index[at++] = c->bytes + i;
    assert(at == count);
    mm_names_hold(names, (count + spare_count) * sizeof *index);
    merge_sort(index, count, spare);
    free(spare);
    names->bytes -= spare_count * sizeof *spare;
    names->index = index;
    return MM_OK;
}

/* ---- adding ---- */

/* What a spill of the names held, and one more, would need besides them. */
static size_t sort_bytes(const struct mm_names *names)
{
    size_t held = names->held + 1;
    return names->sorted
               ? (held + held / 2 + 1) * sizeof *names->index + mm_names_gather_bytes(names)
               : 0;
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
    struct mm_names_chunk *fresh = malloc(sizeof *fresh + cap);
    if (!fresh)
        return mm_fail(err, MM_E_NOMEM, "no memory for names after %zu bytes", names->bytes);
    *fresh = (struct mm_names_chunk){.cap = cap};
    mm_names_hold(names, sizeof *fresh + cap);
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
    size_t more = fits ? 0 : sizeof(struct mm_names_chunk) + next_chunk_bytes(names, record);
    if (is_full(names, more)) {
        MM_TRY(mm_names_spill(names, err));
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
    size_t record = MM_NAMES_RECORD_EXTRA + name.len;
    MM_TRY(make_room(names, record, err));
    char *at = names->last->bytes + names->last->used;
    uint32_t length = (uint32_t)name.len;
    memcpy(at, &length, MM_NAMES_LENGTH_BYTES);
    at[MM_NAMES_LENGTH_BYTES] = (char)kind;
    if (name.len)
        memcpy(at + MM_NAMES_HEAD_BYTES, name.data, name.len);
    at[MM_NAMES_HEAD_BYTES + name.len] = '\0';
    names->last->used += record;
    names->held++;
    names->count++;
    return MM_OK;
}

/* ---- reading back ---- */

enum mm_status mm_names_seal(struct mm_names *names, struct mm_error *err)
{
    assert(!names->sealed);
    names->sealed = true;
    names->walk = names->first;
    if (names->run_count) {
        if (names->held)
            MM_TRY(mm_names_spill(names, err));
        return mm_names_open_runs(names, err);
    }
    return names->sorted ? mm_names_index(names, err) : MM_OK;
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
    names->walk_at += mm_names_record_bytes(*record);
    return MM_OK;
}

enum mm_status mm_names_next(struct mm_names *names, struct mm_view *name, uint8_t *kind,
                             struct mm_error *err)
{
    assert(names->sealed);
    const char *record = NULL;
    enum mm_status st =
        names->run_count ? mm_names_next_merged(names, &record, err) : next_held(names, &record);
    if (st != MM_OK)
        return st;
    *name = mm_names_record_name(record);
    *kind = (uint8_t)record[MM_NAMES_LENGTH_BYTES];
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

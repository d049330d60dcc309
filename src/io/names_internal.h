/*
 * names_internal.h - how names lie in memory and in the spill file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A name is one record, the same in both: its length, the caller's byte, its bytes, a NUL.
 */
#ifndef MM_IO_NAMES_INTERNAL_H
#define MM_IO_NAMES_INTERNAL_H

#include "io/names.h"

enum {
    MM_NAMES_LENGTH_BYTES = 4,
    MM_NAMES_HEAD_BYTES = MM_NAMES_LENGTH_BYTES + 1, /* length, kind */
    MM_NAMES_RECORD_EXTRA = MM_NAMES_HEAD_BYTES + 1, /* and the NUL behind */
    MM_NAMES_IO_BYTES_MAX = 1024 * 1024 /* larger reads and writes of the spill file gain nothing */
};

struct mm_names_chunk {
    struct mm_names_chunk *next;
    size_t cap, used;
    char bytes[];
};

/* A sorted stretch of the spill file, and the part of it that is in memory. */
struct mm_names_run {
    uint64_t offset, end; /* not yet read into the window */
    char *window;
    size_t cap, used, at; /* at: the run's smallest record that was not given out */
};

struct mm_names {
    bool sorted, sealed, gave_run;
    size_t memory_limit, bytes, bytes_peak;
    uint64_t count; /* all names */
    char *spill_dir;
    struct mm_names_chunk *first, *last;
    size_t held; /* records in the chunks */
    const char **index;
    size_t index_at;
    struct mm_names_chunk *walk; /* reading in the order of adding */
    size_t walk_at;
    int fd;
    uint64_t file_bytes;
    struct mm_names_run *runs;
    size_t run_count, run_cap;
    size_t *heap, heap_count;
};

static inline uint32_t mm_names_record_length(const char *record)
{
    uint32_t length;
    memcpy(&length, record, MM_NAMES_LENGTH_BYTES);
    return length;
}

static inline size_t mm_names_record_bytes(const char *record)
{
    return MM_NAMES_RECORD_EXTRA + (size_t)mm_names_record_length(record);
}

static inline struct mm_view mm_names_record_name(const char *record)
{
    return (struct mm_view){record + MM_NAMES_HEAD_BYTES, mm_names_record_length(record)};
}

static inline int mm_names_record_cmp(const char *a, const char *b)
{
    return mm_view_cmp(mm_names_record_name(a), mm_names_record_name(b));
}

/* More is held by so much. */
static inline void mm_names_hold(struct mm_names *names, size_t bytes)
{
    names->bytes += bytes;
    if (names->bytes > names->bytes_peak)
        names->bytes_peak = names->bytes;
}

/* Sort the records in the chunks into names->index. */
enum mm_status mm_names_index(struct mm_names *names, struct mm_error *err) MM_MUST_CHECK;
void mm_names_drop_index(struct mm_names *names);
void mm_names_drop_chunks(struct mm_names *names);

/* ---- names_spill.c ---- */

/* Memory that spilling needs besides what is held. */
size_t mm_names_gather_bytes(const struct mm_names *names);
/* Move what is in memory to the file, as a run. */
enum mm_status mm_names_spill(struct mm_names *names, struct mm_error *err) MM_MUST_CHECK;
/* Begin to merge the runs. */
enum mm_status mm_names_open_runs(struct mm_names *names, struct mm_error *err) MM_MUST_CHECK;
/* The next record of all runs; it lasts until the next call. MM_END past the last. */
enum mm_status mm_names_next_merged(struct mm_names *names, const char **record,
                                    struct mm_error *err) MM_MUST_CHECK;
void mm_names_drop_runs(struct mm_names *names);

#endif /* MM_IO_NAMES_INTERNAL_H */

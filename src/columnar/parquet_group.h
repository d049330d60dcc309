/*
 * parquet_group.h - the columns of a row group as chunks, made by several threads, in order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A column needs nothing of the others, so each thread makes another one; chunks come in the order
 * of their columns, and with any number of threads the same.
 */
#ifndef MM_COLUMNAR_PARQUET_GROUP_H
#define MM_COLUMNAR_PARQUET_GROUP_H

#include "columnar/parquet_chunk.h"
#include "io/conveyor.h"

/* One chunk, borrowed until the next. */
struct mm_parquet_made_chunk {
    struct mm_parquet_chunk chunk; /* offsets are from its beginning; without filter and indexes */
    struct mm_view pages, bloom, records;
};

struct mm_parquet_group {
    size_t page_bytes;
    unsigned threads;
    struct mm_conveyor *chunks; /* made for the first group */
    const struct mm_parquet_column *columns;
    size_t count, put; /* columns; those on the conveyor, or past it */
    bool taken;        /* the first one is the caller's, still */
};

/* threads: 1 or more, the caller's among them. */
void mm_parquet_group_init(struct mm_parquet_group *group, size_t page_bytes, unsigned threads);
/* Ends all work: before the columns go. */
void mm_parquet_group_deinit(struct mm_parquet_group *group);

/* The columns stay as they are until all their chunks have been taken. MM_E_NOMEM. */
enum mm_status mm_parquet_group_begin(struct mm_parquet_group *group,
                                      const struct mm_parquet_column *columns,
                                      size_t count) MM_MUST_CHECK;
/* The chunk of the next column; there is one. MM_E_LIMIT: a page over 2 GiB; MM_E_NOMEM. After an
 * error nothing but deinit. */
enum mm_status mm_parquet_group_next(struct mm_parquet_group *group,
                                     struct mm_parquet_made_chunk *made) MM_MUST_CHECK;

#endif /* MM_COLUMNAR_PARQUET_GROUP_H */

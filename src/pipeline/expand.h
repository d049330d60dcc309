/*
 * expand.h - a container that was found in a folder: its messages take the file's place.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One that is in memory is cut where it lies. A packed one, and a zip, is read again from its file,
 * block by block. Memory for that comes beside the reserve where it can be had at once; else the
 * worker waits until its batch is the first in line, and takes of the reserve, which is enough for
 * the largest message. So no worker waits for another one's memory.
 */
#ifndef MM_PIPELINE_EXPAND_H
#define MM_PIPELINE_EXPAND_H

#include "pipeline/engine.h"

struct mm_expand {
    struct mm_engine *e;
    struct mm_arena *arena; /* names; emptied with each segment */
    struct mm_item *items;  /* MM_BATCH_ITEMS: the segment */
    /* Do items[0..count), and empty the arena. False when the run ends. */
    bool (*do_segment)(void *worker, size_t count);
    /* Wait until the batch is the first in line. False when the run ends. */
    bool (*wait_turn)(void *worker);
    bool (*no_memory)(void *worker); /* the run ends with that: false */
    void *worker;
};

/* True where the file's bytes are those of a container, or `format` says so. job_unpacks: see
 * mm_job_ops. */
bool mm_expand_is_for(struct mm_view bytes, enum mm_source_format format, bool job_unpacks);
/* True where the job sees that as well, and for less: see is_container of struct mm_item. */
bool mm_expand_may_ask_later(struct mm_view bytes, enum mm_source_format format, bool job_unpacks);

/*
 * Both return false when the run ends.
 * whole   the file; its texts must not be memory of the arena.
 * bytes   of the file, as mm_container_lies_open() says; they are changed.
 */
bool mm_expand_bytes(const struct mm_expand *x, const struct mm_item *whole, struct mm_view bytes);
/* The same, from the file itself: nothing of what was read before may be held. */
bool mm_expand_packed(const struct mm_expand *x, const struct mm_item *whole, bool follow);

#endif /* MM_PIPELINE_EXPAND_H */

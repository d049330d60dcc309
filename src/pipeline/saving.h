/*
 * saving.h - a worker notes in the journal what it has done, once all of that is on disk.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For sinks that workers fill apart (`save` in sink.h). What a worker does is saved at the end of a
 * batch, where that costs little beside what was done since the last time: rows that wait have to
 * be packed and written for it, which they otherwise need only where memory ends.
 */
#ifndef MM_PIPELINE_SAVING_H
#define MM_PIPELINE_SAVING_H

#include "pipeline/outlet.h"

struct mm_saving {
    struct mm_outlet *outlet;
    struct mm_buf keys; /* of entries that are done and not saved */
    struct mm_buf told, counts;
    bool on;                  /* the run has a journal and the sink saves */
    bool half;                /* part of an entry is done: nothing can be saved any more */
    uint64_t wall_ns, cpu_ns; /* at the last time */
    uint64_t cost_wall_ns;    /* of the last time */
};

void mm_saving_init(struct mm_saving *s, struct mm_outlet *outlet);
void mm_saving_deinit(struct mm_saving *s);
/* By the worker's thread, before its first batch. */
void mm_saving_start(struct mm_saving *s);

/* The first `count` entries of a batch are done. */
void mm_saving_note(struct mm_saving *s, const struct mm_batch *batch, uint32_t count);
/* At the end of a batch: is it time? */
bool mm_saving_is_due(const struct mm_saving *s);
/* Save what is noted, all of which has been put. False when the run ends. */
bool mm_saving_save(struct mm_saving *s);

#endif /* MM_PIPELINE_SAVING_H */

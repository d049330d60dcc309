/*
 * outlet.h - where a worker's finished segments go: the sink, and the accounts of their batch.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_OUTLET_H
#define MM_PIPELINE_OUTLET_H

#include "pipeline/engine.h"

/* A worker's. */
struct mm_outlet {
    struct mm_engine *e;
    void *job, *sink; /* their states of this worker */
    uint64_t write_ns;
    struct mm_tally unsaved; /* see saving.h */
};

/* Give what a job has decided to the sink and note what became of it. False when the run ends. */
bool mm_outlet_put(struct mm_outlet *o, struct mm_commit *commit, struct mm_item *items,
                   size_t count);
/* A job could not work on a batch: the run ends. False. */
bool mm_outlet_fail(struct mm_outlet *o, enum mm_status st, const struct mm_error *error);
/* False; the run ends. */
bool mm_outlet_no_memory(struct mm_outlet *o);

#endif /* MM_PIPELINE_OUTLET_H */

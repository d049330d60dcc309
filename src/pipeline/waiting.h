/*
 * waiting.h - segments whose answers are still to come: set aside, and finished in their order.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A worker never sleeps for an answer while there is something else to do. It sets the segment
 * aside without its messages and goes on; a segment behind one that is set aside is set aside, too.
 * So each worker puts what it has done, and hands over its commits, in the order of its batches:
 * where it waits for the turn of one, none before it is its own.
 */
#ifndef MM_PIPELINE_WAITING_H
#define MM_PIPELINE_WAITING_H

#include "pipeline/outlet.h"

enum {
    /* Batches a worker may be ahead of the first that waits: 16 thousand messages, and those in
     * work. */
    MM_WAITING_BATCHES = 72
};

struct mm_parked; /* private: a segment that was set aside */

/* A worker's. */
struct mm_waiting {
    struct mm_outlet *outlet;
    struct mm_parked *oldest, *newest;
    struct mm_parked *blank;          /* with their memory, for others to come */
    size_t parked_bytes, blank_bytes; /* memory of both */
    size_t max_bytes;                 /* of both together; 0: nothing is set aside */
    struct mm_arena scratch;          /* of the second step */
};

/* outlet: borrowed; its job state is there by the first call below. */
void mm_waiting_init(struct mm_waiting *x, struct mm_outlet *outlet, size_t max_bytes);
/* Nothing is set aside any more. Quiet on a zeroed struct. */
void mm_waiting_deinit(struct mm_waiting *x);

static inline bool mm_waiting_is_empty(const struct mm_waiting *x)
{
    return x->oldest == NULL;
}

/*
 * Take a segment whose first step is done: finish it now, set it aside, or wait for its answers,
 * the first of these that can be. After the call its messages may go. False when the run ends.
 */
bool mm_waiting_take(struct mm_waiting *x, struct mm_commit *commit, struct mm_item *items,
                     size_t count, void *open);
/* The batch is done but for what is set aside: hand its commit over, when that is finished. False
 * when the run ends. */
bool mm_waiting_end_batch(struct mm_waiting *x, struct mm_commit *commit);

/* Finish what can be without waiting. False when the run ends. */
bool mm_waiting_advance(struct mm_waiting *x);
/* The same; where nothing can be, sleep until an answer comes, or so long. */
bool mm_waiting_pause(struct mm_waiting *x, unsigned timeout_ms);
/* Finish all, waiting as long as it takes. False when the run ends: it failed, or was stopped. */
bool mm_waiting_finish(struct mm_waiting *x);
/*
 * The worker goes home: finish what can be, throw the rest away. As with any batch that is not
 * whole, what was done of the first of those takes effect, and nothing behind it. `current` is left
 * to the caller, the commits of whole batches are handed over.
 */
void mm_waiting_drop(struct mm_waiting *x, const struct mm_commit *current);

#endif /* MM_PIPELINE_WAITING_H */

/*
 * resources.h - how many threads and how much memory a run may use, and why.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_RESOURCES_H
#define MM_PIPELINE_RESOURCES_H

#include "base/error.h"
#include "mailmill/run.h"

enum {
    /* RFC-sized mail stays far below; Gmail's own limit is 50 MB. */
    MM_MESSAGE_MAX_BYTES = 256 * 1024 * 1024,
    MM_THREADS_MAX = 256
};

struct mm_resources {
    unsigned threads;
    const char *threads_why;
    uint64_t memory_bytes; /* the whole budget */
    uint64_t
        large_bytes; /* of it for large messages and containers; the rest is slots and batches */
    uint64_t reserve_bytes;     /* of that, what only the batch next in order may take: it fits the
                                   largest message */
    uint64_t message_max_bytes; /* larger ones are refused by name */
    uint32_t slot_count;        /* read slots a worker */
    size_t output_bytes;        /* of an ordered output, a worker renders before its turn */
    unsigned pack_helpers;      /* threads that pack or unpack frames, beside the workers */
    size_t waiting_bytes;       /* of messages that wait for answers, a worker holds so much */
};

/*
 * Defaults from the affinity mask, cgroup cpu.max and memory.max. MM_E_ARG where options cannot
 * work.
 * may_wait  messages may have to wait for answers from outside.
 */
enum mm_status mm_resources_plan(struct mm_resources *r, const struct mm_run_options *options,
                                 bool may_wait, struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_PIPELINE_RESOURCES_H */

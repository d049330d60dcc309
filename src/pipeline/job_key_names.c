/*
 * job_key_names.c - the job that only looks which keys a pile of mail needs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A worker remembers the names that it has met and hands on each once. Its memory is bounded: when
 * it is full, it begins anew, and some names come twice; the list is sorted, so that they stand
 * together when it is read.
 */
#include "pipeline/job_key_names.h"

#include <stdlib.h>

#include "base/map.h"
#include "dkim/key_names.h"
#include "mail/message.h"

enum { NAMES_REMEMBERED = 64 * 1024 };

struct names_worker {
    struct mm_key_names_job *job;
    struct mm_map met;
    struct mm_arena texts; /* of the names met */
    struct mm_error *err;  /* of the batch in work */
};

static enum mm_status worker_new(void *job, void **worker, struct mm_error *err)
{
    struct names_worker *w = calloc(1, sizeof *w);
    *worker = w;
    if (!w)
        return mm_fail(err, MM_E_NOMEM, "no memory for a worker");
    w->job = job;
    mm_arena_init(&w->texts, SIZE_MAX);
    return MM_OK;
}

static void worker_free(void *worker)
{
    struct names_worker *w = worker;
    mm_map_deinit(&w->met);
    mm_arena_deinit(&w->texts);
    free(w);
}

static enum mm_status found(void *context, struct mm_view name)
{
    struct names_worker *w = context;
    uint32_t place;
    if (mm_map_get(&w->met, name, &place))
        return MM_OK;
    if (w->met.count >= NAMES_REMEMBERED) {
        mm_map_deinit(&w->met);
        w->met = (struct mm_map){.entries = NULL};
        mm_arena_reset(&w->texts);
    }
    struct mm_view kept = mm_arena_copy(&w->texts, name);
    if (!kept.data || mm_map_put(&w->met, kept, 0) < 0)
        return mm_fail(w->err, MM_E_NOMEM, "no memory for names of keys");
    pthread_mutex_lock(&w->job->lock);
    enum mm_status st = mm_names_add(w->job->names, name, 0, w->err);
    pthread_mutex_unlock(&w->job->lock);
    return st;
}

static enum mm_status look_into(struct names_worker *w, struct mm_arena *arena,
                                struct mm_item *item)
{
    enum mm_status st = mm_key_names_of(item->bytes, w->job->max_signatures, arena, found, w);
    if (st == MM_E_LIMIT)
        mm_item_reject(item, "header-too-large", "the header is longer than 1 MiB",
                       MM_HEADER_MAX_BYTES);
    else if (st == MM_OK)
        item->outcome = MM_OUTCOME_EXTRACTED;
    return st == MM_E_LIMIT ? MM_OK : st;
}

static enum mm_status batch(void *worker, struct mm_arena *arena, struct mm_item *items,
                            size_t count, struct mm_error *err)
{
    struct names_worker *w = worker;
    w->err = err;
    mm_fail(err, MM_E_NOMEM, "no memory for a batch"); /* unless another reason is told */
    for (size_t i = 0; i < count; i++)
        if (items[i].outcome == MM_OUTCOME_PENDING)
            MM_TRY(look_into(w, arena, &items[i]));
    return MM_OK;
}

static void merge(void *job, void *worker, struct mm_run_stats *stats)
{
    (void)job;
    (void)worker;
    (void)stats;
}

const struct mm_job_ops mm_key_names_job = {.sniff_files = true,
                                            .worker_new = worker_new,
                                            .worker_free = worker_free,
                                            .batch = batch,
                                            .merge = merge};

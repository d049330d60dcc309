/*
 * sink_none.c - nowhere: a dry run.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "pipeline/sink.h"

static enum mm_status none_worker_new(struct mm_sink *sink, unsigned index, void **worker,
                                      struct mm_error *err)
{
    (void)sink;
    (void)index;
    (void)err;
    *worker = NULL;
    return MM_OK;
}

static void none_worker_free(void *worker)
{
    (void)worker;
}

static enum mm_status none_open(struct mm_sink *sink, struct mm_error *err)
{
    (void)sink;
    (void)err;
    return MM_OK;
}

static enum mm_status none_put(struct mm_sink *sink, void *worker, struct mm_commit_line *line,
                               struct mm_commit *commit, struct mm_item *items, size_t count,
                               struct mm_error *err)
{
    (void)sink;
    (void)worker;
    (void)line;
    (void)commit;
    (void)items;
    (void)count;
    (void)err;
    return MM_OK;
}

static enum mm_status none_close(struct mm_sink *sink, bool whole, struct mm_error *err)
{
    (void)whole;
    return none_open(sink, err);
}

static const struct mm_sink_ops NONE_OPS = {.open = none_open,
                                            .worker_new = none_worker_new,
                                            .worker_free = none_worker_free,
                                            .put = none_put,
                                            .close = none_close};

struct mm_sink *mm_sink_none_new(void)
{
    struct mm_sink *s = calloc(1, sizeof *s);
    if (s)
        s->ops = &NONE_OPS;
    return s;
}

void mm_sink_free(struct mm_sink **sink)
{
    free(*sink);
    *sink = NULL;
}

/*
 * conveyor.c - pieces of one stream, worked on by several threads, taken off in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/conveyor.h"

#include <pthread.h>
#include <stdlib.h>

/* Pieces lie in a ring. From `first` on: those that are begun or done, then those that are not
 * begun, `count` in all; then the blank ones. */
struct mm_conveyor {
    const struct mm_conveyor_work *work;
    pthread_mutex_t lock;
    pthread_cond_t put_on, done;
    struct slot {
        struct mm_piece piece;
        bool done;
    } * slots;
    unsigned slot_count, first, begun, count;
    bool closing, started;
    void *own; /* the worker of who puts on and takes off */
    struct helper {
        struct mm_conveyor *conveyor;
        void *worker;
        pthread_t thread;
        bool started;
    } * helpers;
    unsigned helper_count;
};

static struct slot *slot_at(struct mm_conveyor *c, unsigned place)
{
    return &c->slots[(c->first + place) % c->slot_count];
}

/* Work on the oldest piece that is not begun. Lock held, but not during the work. */
static void work_on_next(struct mm_conveyor *c, void *worker)
{
    struct slot *slot = slot_at(c, c->begun++);
    pthread_mutex_unlock(&c->lock);
    c->work->work(worker, &slot->piece);
    pthread_mutex_lock(&c->lock);
    slot->done = true;
    pthread_cond_signal(&c->done);
}

static void *helper_main(void *argument)
{
    struct helper *h = argument;
    struct mm_conveyor *c = h->conveyor;
    pthread_mutex_lock(&c->lock);
    while (!c->closing) {
        if (c->begun < c->count)
            work_on_next(c, h->worker);
        else
            pthread_cond_wait(&c->put_on, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* As many as there is memory and there are threads for. */
static void start_helpers(struct mm_conveyor *c)
{
    c->started = true;
    for (unsigned i = 0; i < c->helper_count; i++) {
        struct helper *h = &c->helpers[i];
        h->conveyor = c;
        h->worker = c->work->worker_new();
        h->started = h->worker && pthread_create(&h->thread, NULL, helper_main, h) == 0;
    }
}

static void stop_helpers(struct mm_conveyor *c)
{
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    pthread_cond_broadcast(&c->put_on);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->helper_count; i++) {
        if (c->helpers[i].started)
            pthread_join(c->helpers[i].thread, NULL);
        c->work->worker_free(c->helpers[i].worker);
    }
}

struct mm_conveyor *mm_conveyor_new(const struct mm_conveyor_work *work, unsigned helpers)
{
    struct mm_conveyor *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    *c = (struct mm_conveyor){.work = work,
                              .lock = PTHREAD_MUTEX_INITIALIZER,
                              .put_on = PTHREAD_COND_INITIALIZER,
                              .done = PTHREAD_COND_INITIALIZER,
                              .slots = calloc(2 * (size_t)helpers + 1, sizeof *c->slots),
                              .slot_count = 2 * helpers + 1,
                              .own = work->worker_new(),
                              .helpers = calloc((size_t)helpers + 1, sizeof *c->helpers)};
    if (!c->slots || !c->own || !c->helpers) {
        mm_conveyor_free(&c);
        return NULL;
    }
    c->helper_count = helpers;
    for (unsigned i = 0; i < c->slot_count; i++) {
        mm_buf_init(&c->slots[i].piece.in, work->in_max_bytes);
        mm_buf_init(&c->slots[i].piece.out, work->out_max_bytes);
    }
    return c;
}

void mm_conveyor_free(struct mm_conveyor **conveyor)
{
    struct mm_conveyor *c = *conveyor;
    if (!c)
        return;
    stop_helpers(c);
    for (unsigned i = 0; c->slots && i < c->slot_count; i++) {
        mm_buf_deinit(&c->slots[i].piece.in);
        mm_buf_deinit(&c->slots[i].piece.out);
    }
    c->work->worker_free(c->own);
    pthread_cond_destroy(&c->done);
    pthread_cond_destroy(&c->put_on);
    pthread_mutex_destroy(&c->lock);
    free(c->helpers);
    free(c->slots);
    free(c);
    *conveyor = NULL;
}

struct mm_piece *mm_conveyor_blank(struct mm_conveyor *c)
{
    return c->count < c->slot_count ? &slot_at(c, c->count)->piece : NULL;
}

bool mm_conveyor_is_empty(const struct mm_conveyor *c)
{
    return c->count == 0;
}

void mm_conveyor_put(struct mm_conveyor *c)
{
    if (!c->started)
        start_helpers(c);
    pthread_mutex_lock(&c->lock);
    slot_at(c, c->count)->done = false;
    c->count++;
    pthread_cond_signal(&c->put_on);
    pthread_mutex_unlock(&c->lock);
}

struct mm_piece *mm_conveyor_first(struct mm_conveyor *c, bool wait)
{
    pthread_mutex_lock(&c->lock);
    while (wait && c->count && !slot_at(c, 0)->done) {
        if (c->begun < c->count)
            work_on_next(c, c->own);
        else
            pthread_cond_wait(&c->done, &c->lock);
    }
    struct mm_piece *piece = c->count && slot_at(c, 0)->done ? &slot_at(c, 0)->piece : NULL;
    pthread_mutex_unlock(&c->lock);
    return piece;
}

void mm_conveyor_drop_first(struct mm_conveyor *c)
{
    pthread_mutex_lock(&c->lock);
    struct slot *slot = slot_at(c, 0);
    mm_buf_clear(&slot->piece.in);
    mm_buf_clear(&slot->piece.out);
    slot->done = false;
    c->first = (c->first + 1) % c->slot_count;
    c->begun--;
    c->count--;
    pthread_mutex_unlock(&c->lock);
}

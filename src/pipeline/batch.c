/*
 * batch.c - batches and the bounded queue between scanner and workers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/batch.h"

#include <stdlib.h>

#include "base/clock.h"

/* Names of 256 inputs: two paths of PATH_MAX each at worst. */
enum { TEXT_MAX_BYTES = MM_BATCH_ITEMS * 4 * 4096 };

uint32_t mm_batch_add_text(struct mm_batch *b, struct mm_view v)
{
    size_t at = b->text.len;
    mm_buf_append(&b->text, v);
    mm_buf_append_char(&b->text, '\0');
    return b->text.failed ? UINT32_MAX : (uint32_t)at;
}

enum mm_status mm_queue_init(struct mm_queue *q, uint32_t capacity, uint32_t block_capacity)
{
    pthread_condattr_t monotonic;
    *q = (struct mm_queue){.capacity = capacity, .block_capacity = block_capacity};
    if (pthread_condattr_init(&monotonic) != 0)
        return MM_E_NOMEM;
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    bool made = pthread_mutex_init(&q->lock, NULL) == 0 &&
                pthread_cond_init(&q->filled, &monotonic) == 0 &&
                pthread_cond_init(&q->emptied, NULL) == 0;
    pthread_condattr_destroy(&monotonic);
    return made ? MM_OK : MM_E_NOMEM;
}

static void batch_free(struct mm_batch *b)
{
    mm_buf_deinit(&b->text);
    free(b->block);
    free(b);
}

static void free_list(struct mm_batch *b)
{
    while (b) {
        struct mm_batch *next = b->next;
        batch_free(b);
        b = next;
    }
}

void mm_queue_deinit(struct mm_queue *q, struct mm_budget *budget)
{
    mm_queue_close(q, true, budget);
    free_list(q->free);
    pthread_cond_destroy(&q->filled);
    pthread_cond_destroy(&q->emptied);
    pthread_mutex_destroy(&q->lock);
}

struct mm_batch *mm_queue_blank(struct mm_queue *q)
{
    pthread_mutex_lock(&q->lock);
    struct mm_batch *b = q->free;
    if (b)
        q->free = b->next;
    pthread_mutex_unlock(&q->lock);
    if (!b) {
        b = calloc(1, sizeof *b);
        if (!b)
            return NULL;
        mm_buf_init(&b->text, TEXT_MAX_BYTES);
    }
    b->next = NULL;
    b->count = 0;
    mm_buf_clear(&b->text);
    return b;
}

static bool has_room(const struct mm_queue *q, const struct mm_batch *b)
{
    return q->count < q->capacity && !(b->block && q->block_count >= q->block_capacity);
}

bool mm_queue_put(struct mm_queue *q, struct mm_batch *b)
{
    pthread_mutex_lock(&q->lock);
    while (!has_room(q, b) && !q->closed)
        pthread_cond_wait(&q->emptied, &q->lock);
    bool taken = !q->closed;
    if (taken) {
        if (q->tail)
            q->tail->next = b;
        else
            q->head = b;
        q->tail = b;
        q->count++;
        q->block_count += b->block != NULL;
        pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

static struct mm_batch *unlink_head(struct mm_queue *q)
{
    struct mm_batch *b = q->head;
    if (!b)
        return NULL;
    q->head = b->next;
    if (!q->head)
        q->tail = NULL;
    b->next = NULL;
    q->count--;
    q->block_count -= b->block != NULL;
    pthread_cond_signal(&q->emptied);
    return b;
}

struct mm_batch *mm_queue_take(struct mm_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->waiting++;
    while (!q->head && !q->closed)
        pthread_cond_wait(&q->filled, &q->lock);
    q->waiting--;
    struct mm_batch *b = unlink_head(q);
    pthread_mutex_unlock(&q->lock);
    return b;
}

enum mm_status mm_queue_take_within(struct mm_queue *q, unsigned timeout_ms, struct mm_batch **out)
{
    struct timespec until = mm_clock_in(CLOCK_MONOTONIC, timeout_ms);
    int timed_out = 0;
    pthread_mutex_lock(&q->lock);
    q->waiting++;
    while (!q->head && !q->closed && !timed_out)
        timed_out = pthread_cond_timedwait(&q->filled, &q->lock, &until);
    q->waiting--;
    *out = unlink_head(q);
    enum mm_status st = *out ? MM_OK : q->closed ? MM_END : MM_AGAIN;
    pthread_mutex_unlock(&q->lock);
    return st;
}

struct mm_batch *mm_queue_take_spare(struct mm_queue *q, uint32_t keep)
{
    pthread_mutex_lock(&q->lock);
    bool spare = q->count > keep && q->waiting == 0 && !q->head->block;
    struct mm_batch *b = spare ? unlink_head(q) : NULL;
    pthread_mutex_unlock(&q->lock);
    return b;
}

static void drop_block(struct mm_batch *b, struct mm_budget *budget)
{
    mm_spare_block_give(budget, b->block);
    if (b->block_taken)
        mm_budget_give(budget, b->block_taken);
    b->block = NULL;
    b->block_taken = 0;
}

void mm_queue_return(struct mm_queue *q, struct mm_batch *b, struct mm_budget *budget)
{
    drop_block(b, budget);
    pthread_mutex_lock(&q->lock);
    b->next = q->free;
    q->free = b;
    pthread_mutex_unlock(&q->lock);
}

void mm_queue_close(struct mm_queue *q, bool drop, struct mm_budget *budget)
{
    struct mm_batch *dropped = NULL;
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    if (drop) {
        dropped = q->head;
        q->head = q->tail = NULL;
        q->count = q->block_count = 0;
    }
    pthread_cond_broadcast(&q->filled);
    pthread_cond_broadcast(&q->emptied);
    pthread_mutex_unlock(&q->lock);
    for (struct mm_batch *b = dropped, *next; b; b = next) {
        next = b->next;
        mm_queue_return(q, b, budget);
    }
}

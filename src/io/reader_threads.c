/*
 * reader_threads.c - the portable backend: a pool of threads that open, read and close.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files in the page cache are read fastest by two threads, cold ones by 32 (each sleeps for the
 * disk). The pool starts with two and doubles whenever its worker has waited for a millisecond with
 * every thread at work and reads left to begin.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "io/reader_internal.h"

enum {
    THREADS_FIRST = 2,
    THREADS_MAX = 32,         /* measured: more gain nothing on cold files */
    THREADS_ALL = 128,        /* over all pools of the process: each worker has one */
    SHARE_MAX = 8,            /* reads that a thread takes at once */
    PATIENCE_MS = 1,          /* before the pool grows */
    STACK_BYTES = 256 * 1024, /* plain calls need little; sanitizers more */
};

struct mm_pool {
    pthread_mutex_t lock;
    pthread_cond_t work, ended;
    struct mm_read_list queue, done;
    size_t held; /* reads the pool was given and has not handed back */
    size_t want; /* what the worker waits for; 0: it does not wait */
    unsigned idle, thread_count, thread_max;
    bool stopping;
    pthread_t threads[THREADS_MAX];
};

static atomic_uint pool_count;

struct mm_pool *mm_pool_new(void)
{
    struct mm_pool *pool = calloc(1, sizeof *pool);
    pthread_condattr_t attr;
    if (!pool || pthread_condattr_init(&attr) != 0) {
        free(pool);
        return NULL;
    }
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->ended, &attr);
    pthread_condattr_destroy(&attr);
    atomic_fetch_add(&pool_count, 1);
    return pool;
}

void mm_pool_free(struct mm_pool **at, struct mm_read_list *left)
{
    struct mm_pool *pool = *at;
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    mm_read_list_join(left, &pool->queue);
    mm_read_list_join(left, &pool->done);
    pthread_cond_destroy(&pool->ended);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    atomic_fetch_sub(&pool_count, 1);
    free(pool);
    *at = NULL;
}

/* A thread's fair part of the queue, by half, so that the last ones end together. */
static size_t share(const struct mm_pool *pool)
{
    size_t part = pool->queue.count / (2 * (size_t)(pool->thread_count ? pool->thread_count : 1));
    return part < 1 ? 1 : part > SHARE_MAX ? SHARE_MAX : part;
}

/* With the lock held, which is given up meanwhile. */
static void read_share(struct mm_pool *pool)
{
    struct mm_read_list mine = {.first = NULL}, ended = {.first = NULL};
    for (size_t left = share(pool); left > 0 && pool->queue.first; left--)
        mm_read_list_push(&mine, mm_read_list_pop(&pool->queue));
    pthread_mutex_unlock(&pool->lock);
    for (struct mm_read *read; (read = mm_read_list_pop(&mine));) {
        mm_read_plain(read);
        mm_read_list_push(&ended, read);
    }
    pthread_mutex_lock(&pool->lock);
    mm_read_list_join(&pool->done, &ended);
    if (pool->want && pool->done.count >= pool->want)
        pthread_cond_signal(&pool->ended);
}

static void *pool_thread(void *arg)
{
    struct mm_pool *pool = arg;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        if (pool->queue.first) {
            read_share(pool);
            continue;
        }
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->lock);
        pool->idle--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Signals belong to the program's own threads. */
static bool start_thread(struct mm_pool *pool)
{
    pthread_attr_t attr;
    sigset_t all, before;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&pool->threads[pool->thread_count], &attr, pool_thread, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (!failed)
        pool->thread_count++;
    return !failed;
}

/* With the lock held. A system that gives no more threads is lived with. */
static void grow(struct mm_pool *pool)
{
    unsigned goal = pool->thread_count ? pool->thread_count * 2 : THREADS_FIRST;
    if (goal > pool->thread_max)
        goal = pool->thread_max;
    while (pool->thread_count < goal)
        if (!start_thread(pool))
            pool->thread_max = goal = pool->thread_count;
}

static unsigned fair_thread_max(void)
{
    unsigned part = THREADS_ALL / atomic_load(&pool_count);
    return part < 1 ? 1 : part > THREADS_MAX ? THREADS_MAX : part;
}

static void wait_a_little(struct mm_pool *pool)
{
    struct timespec until = mm_clock_in(CLOCK_MONOTONIC, PATIENCE_MS);
    if (pthread_cond_timedwait(&pool->ended, &pool->lock, &until) == ETIMEDOUT && pool->queue.first)
        grow(pool);
}

void mm_pool_turn(struct mm_pool *pool, struct mm_read_list *queue, size_t want,
                  struct mm_read_list *done)
{
    pthread_mutex_lock(&pool->lock);
    if (want == 0 && pool->queue.first)
        grow(pool); /* left over from the turn before: who asks again and again waits, too */
    if (pool->thread_count == 0 && queue->first) {
        pool->thread_max = fair_thread_max();
        grow(pool);
    }
    pool->held += queue->count;
    mm_read_list_join(&pool->queue, queue);
    for (size_t i = 0; i < pool->idle && i < pool->queue.count; i++)
        pthread_cond_signal(&pool->work);
    if (want && want < MM_READ_BATCH_MIN)
        want = MM_READ_BATCH_MIN;
    pool->want = want < pool->held ? want : pool->held;
    while (pool->done.count < pool->want) {
        if (pool->thread_count == 0)
            read_share(pool); /* not one thread to be had: the worker reads for itself */
        else if (pool->queue.first && pool->thread_count < pool->thread_max)
            wait_a_little(pool);
        else
            pthread_cond_wait(&pool->ended, &pool->lock);
    }
    pool->want = 0;
    pool->held -= pool->done.count;
    mm_read_list_join(done, &pool->done);
    pthread_mutex_unlock(&pool->lock);
}

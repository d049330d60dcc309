/*
 * test_pipeline_batch.c - the queue holds several batches of names a worker, and one of a block.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/batch.h"

#include <stdlib.h>
#include <time.h>

#include "support/mm_test.h"

enum { WORKERS = 2, BLOCKS = 9, CAPACITY = 8 };

static struct mm_budget budget;

static void set_up(struct mm_queue *q)
{
    assert_int_equal(mm_budget_init(&budget, 1), MM_OK);
    assert_int_equal(mm_queue_init(q, CAPACITY, WORKERS), MM_OK);
}

static void tear_down(struct mm_queue *q)
{
    mm_queue_deinit(q, &budget);
    mm_budget_deinit(&budget);
}

static bool put(struct mm_queue *q, uint64_t seq, bool block)
{
    struct mm_batch *b = mm_queue_blank(q);
    if (!b)
        return false;
    b->seq = seq;
    b->block = block ? malloc(1) : NULL;
    return mm_queue_put(q, b);
}

static void *put_blocks(void *queue)
{
    for (uint64_t i = 0; i < BLOCKS; i++)
        if (!put(queue, i, true))
            return NULL;
    mm_queue_close(queue, false, &budget);
    return queue;
}

static void queue_holds_one_block_a_worker(void **state)
{
    struct mm_queue q;
    const struct timespec pause = {.tv_nsec = 2000000};
    pthread_t scanner;
    void *all = NULL;
    uint64_t next = 0;
    struct mm_batch *b;
    (void)state;
    set_up(&q);
    assert_int_equal(pthread_create(&scanner, NULL, put_blocks, &q), 0);
    for (;;) {
        nanosleep(&pause, NULL); /* it goes as far as it may */
        pthread_mutex_lock(&q.lock);
        MM_CHECK_TRUE("blocks in the queue", q.block_count <= WORKERS && q.count <= WORKERS);
        pthread_mutex_unlock(&q.lock);
        if (!(b = mm_queue_take(&q)))
            break;
        MM_CHECK_INT("order", b->seq, next++);
        mm_queue_return(&q, b, &budget);
    }
    assert_int_equal(pthread_join(scanner, &all), 0);
    assert_non_null(all);
    MM_CHECK_INT("all came", next, BLOCKS);
    MM_CHECK_INT("none is counted any more", q.block_count, 0);
    tear_down(&q);
}

/* The thread that puts would wait for ever. */
static void queue_holds_its_capacity_of_names(void **state)
{
    struct mm_queue q;
    (void)state;
    set_up(&q);
    for (uint64_t i = 0; i + 1 < CAPACITY; i++)
        assert_true(put(&q, i, false));
    assert_true(put(&q, CAPACITY - 1, true));
    MM_CHECK_INT("in the queue", q.count, CAPACITY);
    mm_queue_close(&q, true, &budget);
    MM_CHECK_INT("blocks after a stop", q.block_count, 0);
    tear_down(&q);
}

static void queue_gives_only_files_ahead(void **state)
{
    struct mm_queue q;
    struct mm_batch *b;
    (void)state;
    set_up(&q);
    assert_true(put(&q, 0, false) && put(&q, 1, true));
    assert_null(mm_queue_take_spare(&q, 2)); /* others come first */
    assert_non_null(b = mm_queue_take_spare(&q, 0));
    MM_CHECK_INT("files", b->seq, 0);
    mm_queue_return(&q, b, &budget);
    assert_null(mm_queue_take_spare(&q, 0)); /* a block need not be read */
    tear_down(&q);
}

MM_TEST_MAIN(MM_TEST(queue_holds_one_block_a_worker), MM_TEST(queue_holds_its_capacity_of_names),
             MM_TEST(queue_gives_only_files_ahead))

/*
 * test_io_budget.c - bytes are taken in turn, never more than there are.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/budget.h"

#include <stdatomic.h>
#include <unistd.h>

#include "support/mm_test.h"

static void budget_try_takes_what_fits(void **state)
{
    (void)state;
    struct mm_budget b;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    MM_CHECK_TRUE("first", mm_budget_try(&b, 60));
    MM_CHECK_TRUE("too much", !mm_budget_try(&b, 41));
    MM_CHECK_TRUE("overflow", !mm_budget_try(&b, UINT64_MAX));
    MM_CHECK_TRUE("rest", mm_budget_try(&b, 40));
    mm_budget_give(&b, 60);
    MM_CHECK_TRUE("given back", mm_budget_try(&b, 60));
    MM_CHECK_TRUE("more than all is not waited for", !mm_budget_take(&b, 101));
    mm_budget_close(&b);
    mm_budget_give(&b, 100);
    MM_CHECK_TRUE("closed", !mm_budget_try(&b, 1));
    MM_CHECK_TRUE("closed, waiting", !mm_budget_take(&b, 1));
    mm_budget_deinit(&b);
}

enum { TOTAL = 1000, THREADS = 8, ROUNDS = 400 };

struct crowd {
    struct mm_budget budget;
    _Atomic uint64_t used, over, refused;
};

static void *taker(void *arg)
{
    struct crowd *c = arg;
    uint64_t seed = (uint64_t)(uintptr_t)&seed;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t bytes = 1 + mm_random(&seed) % TOTAL;
        if (i % 3 == 0) {
            if (!mm_budget_try(&c->budget, bytes))
                continue;
        } else if (!mm_budget_take(&c->budget, bytes)) {
            c->refused++;
            continue;
        }
        if (atomic_fetch_add(&c->used, bytes) + bytes > TOTAL)
            c->over++;
        c->used -= bytes;
        mm_budget_give(&c->budget, bytes);
    }
    return NULL;
}

static void budget_is_never_exceeded_and_everyone_is_served(void **state)
{
    (void)state;
    struct crowd c = {.used = 0};
    pthread_t threads[THREADS];
    assert_int_equal(mm_budget_init(&c.budget, TOTAL), MM_OK);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, taker, &c), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    MM_CHECK_INT("over the total", c.over, 0);
    MM_CHECK_INT("refused", c.refused, 0);
    MM_CHECK_INT("left taken", c.budget.used_bytes, 0);
    mm_budget_deinit(&c.budget);
}

struct waiter {
    struct mm_budget *budget;
    uint64_t bytes;
    _Atomic int answer; /* -1: waits */
};

static void *wait_for(void *arg)
{
    struct waiter *w = arg;
    w->answer = mm_budget_take(w->budget, w->bytes);
    return NULL;
}

static void until_waiting(struct mm_budget *b, uint64_t tickets)
{
    for (;;) {
        pthread_mutex_lock(&b->lock);
        bool there = b->next_ticket == tickets;
        pthread_mutex_unlock(&b->lock);
        if (there)
            return;
        usleep(1000);
    }
}

static void budget_lets_no_small_one_pass_a_large_one_that_waits(void **state)
{
    (void)state;
    struct mm_budget b;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    assert_true(mm_budget_try(&b, 50));
    struct waiter large = {&b, 80, -1}, small = {&b, 10, -1};
    pthread_t threads[2];
    assert_int_equal(pthread_create(&threads[0], NULL, wait_for, &large), 0);
    until_waiting(&b, 1);
    assert_int_equal(pthread_create(&threads[1], NULL, wait_for, &small), 0);
    until_waiting(&b, 2);
    MM_CHECK_TRUE("try does not pass either", !mm_budget_try(&b, 1));
    MM_CHECK_INT("small waits", small.answer, -1);
    mm_budget_give(&b, 50);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    MM_CHECK_INT("large", large.answer, 1);
    MM_CHECK_INT("small", small.answer, 1);
    mm_budget_give(&b, 90);
    mm_budget_deinit(&b);
}

static void budget_that_closes_wakes_all_with_false(void **state)
{
    (void)state;
    struct mm_budget b;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    assert_true(mm_budget_try(&b, 100));
    struct waiter waiters[3] = {{&b, 80, -1}, {&b, 10, -1}, {&b, 100, -1}};
    pthread_t threads[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for, &waiters[i]), 0);
    until_waiting(&b, 3);
    mm_budget_close(&b);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        MM_CHECK_INT("closed", waiters[i].answer, 0);
    }
    mm_budget_give(&b, 100);
    mm_budget_deinit(&b);
}

static void *wait_for_spare(void *argument)
{
    struct waiter *w = argument;
    w->answer = mm_budget_take_spare(w->budget, w->bytes);
    return NULL;
}

static void budget_keeps_its_reserve_for_who_stands_in_line(void **state)
{
    (void)state;
    struct mm_budget b;
    assert_int_equal(mm_budget_init(&b, 100), MM_OK);
    b.reserve_bytes = 40;
    MM_CHECK_TRUE("try leaves the reserve", mm_budget_try(&b, 60));
    MM_CHECK_TRUE("and takes none of it", !mm_budget_try(&b, 1));
    struct waiter spare = {&b, 30, -1};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_spare, &spare), 0);
    MM_CHECK_TRUE("take gets it, whoever waits for what is spare", mm_budget_take(&b, 40));
    mm_budget_give(&b, 40);
    mm_budget_give(&b, 60);
    pthread_join(thread, NULL);
    MM_CHECK_INT("spare", spare.answer, 1);
    mm_budget_give(&b, 30);
    mm_budget_deinit(&b);
}

MM_TEST_MAIN(MM_TEST(budget_keeps_its_reserve_for_who_stands_in_line),
             MM_TEST(budget_try_takes_what_fits),
             MM_TEST(budget_is_never_exceeded_and_everyone_is_served),
             MM_TEST(budget_lets_no_small_one_pass_a_large_one_that_waits),
             MM_TEST(budget_that_closes_wakes_all_with_false))

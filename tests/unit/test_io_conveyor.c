/*
 * test_io_conveyor.c - pieces come off in the order they were put on, whoever worked on them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/conveyor.h"

#include <stdatomic.h>
#include <time.h>

#include "support/mm_test.h"

enum { PIECES = 300, REFUSED = 7 };

static atomic_int workers;

static void *worker_new(void)
{
    atomic_fetch_add(&workers, 1);
    return malloc(1);
}

static void worker_free(void *worker)
{
    atomic_fetch_sub(&workers, worker != NULL);
    free(worker);
}

/* Each takes another time, so that later ones are done first. */
static void work(void *worker, struct mm_piece *piece)
{
    uint64_t seed;
    (void)worker;
    assert_int_equal(piece->in.len, sizeof seed);
    memcpy(&seed, piece->in.data, sizeof seed);
    piece->check = seed;
    piece->status = seed % REFUSED == 0 ? MM_E_NOMEM : MM_OK;
    const struct timespec pause = {.tv_nsec = (long)(mm_random(&seed) % 200000)};
    nanosleep(&pause, NULL);
    mm_buf_append(&piece->out, mm_buf_view(&piece->in));
}

static const struct mm_conveyor_work WORK = {.in_max_bytes = 64,
                                             .out_max_bytes = 64,
                                             .worker_new = worker_new,
                                             .worker_free = worker_free,
                                             .work = work};

static void check_first(struct mm_conveyor *c, const struct mm_piece *first, uint64_t number)
{
    uint64_t out;
    MM_CHECK_INT("what was worked out", first->out.len, sizeof out);
    memcpy(&out, first->out.data, sizeof out);
    MM_CHECK_INT("the next in order", out, number);
    MM_CHECK_INT("its check", first->check, number);
    MM_CHECK_INT("its status", first->status, number % REFUSED == 0 ? MM_E_NOMEM : MM_OK);
    mm_conveyor_drop_first(c);
}

static void conveyor_keeps_the_order(void **state)
{
    (void)state;
    for (unsigned helpers = 0; helpers <= 5; helpers++) {
        struct mm_conveyor *c = mm_conveyor_new(&WORK, helpers);
        uint64_t next = 0;
        assert_non_null(c);
        MM_CHECK_TRUE("nothing is on it", mm_conveyor_first(c, true) == NULL);
        for (uint64_t i = 0; i < PIECES; i++) {
            struct mm_piece *blank = mm_conveyor_blank(c), *first;
            assert_non_null(blank);
            MM_CHECK_INT("it is empty", blank->in.len + blank->out.len, 0);
            MM_CHECK_TRUE("and the same until it is put on", blank == mm_conveyor_blank(c));
            mm_buf_append(&blank->in, (struct mm_view){(const char *)&i, sizeof i});
            mm_conveyor_put(c);
            while ((first = mm_conveyor_first(c, !mm_conveyor_blank(c))))
                check_first(c, first, next++);
        }
        for (struct mm_piece *first; (first = mm_conveyor_first(c, true));)
            check_first(c, first, next++);
        MM_CHECK_INT("all came", next, PIECES);
        MM_CHECK_INT("helpers", atomic_load(&workers), helpers + 1);
        mm_conveyor_free(&c);
        MM_CHECK_INT("nobody is left", atomic_load(&workers), 0);
    }
}

static void conveyor_may_be_freed_with_what_is_on_it(void **state)
{
    (void)state;
    for (unsigned helpers = 0; helpers <= 4; helpers++) {
        struct mm_conveyor *c = mm_conveyor_new(&WORK, helpers);
        assert_non_null(c);
        for (uint64_t i = 0; i < 2 * helpers + 1; i++) {
            mm_buf_append(&mm_conveyor_blank(c)->in, (struct mm_view){(const char *)&i, sizeof i});
            mm_conveyor_put(c);
        }
        MM_CHECK_TRUE("there is no room left", mm_conveyor_blank(c) == NULL);
        mm_conveyor_free(&c);
        MM_CHECK_TRUE("it is gone", c == NULL);
        mm_conveyor_free(&c);
    }
}

MM_TEST_MAIN(MM_TEST(conveyor_keeps_the_order), MM_TEST(conveyor_may_be_freed_with_what_is_on_it))

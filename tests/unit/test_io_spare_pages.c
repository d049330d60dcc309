/*
 * test_io_spare_pages.c - memory of large messages is used again, and what is kept is bounded.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/spare_pages.h"

#include <string.h>
#include <sys/mman.h>

#include "io/reader_internal.h"
#include "support/mm_test.h"

enum { PAGE = 4096, HELD = 24, READERS = 3, STEPS = 20000 };

static struct mm_budget budget;

static void begin(struct mm_spare_pages *spare, size_t readers)
{
    assert_int_equal(mm_budget_init(&budget, 1 << 30), MM_OK);
    for (size_t i = 0; i < readers; i++)
        mm_spare_pages_init(&spare[i], &budget);
}

static void end(struct mm_spare_pages *spare, size_t readers)
{
    for (size_t i = 0; i < readers; i++)
        mm_spare_pages_deinit(&spare[i]);
    assert_int_equal(budget.spare_bytes, 0);
    mm_budget_deinit(&budget);
}

static char *taken(struct mm_spare_pages *spare, size_t pages, struct mm_pages *out)
{
    assert_true(mm_spare_pages_take(spare, pages * PAGE, out));
    memset(out->base, 1, out->used);
    return out->base;
}

static void memory_is_used_again_by_what_is_about_as_large(void **state)
{
    (void)state;
    struct mm_spare_pages spare;
    struct mm_pages a, b, c;
    begin(&spare, 1);
    char *first = taken(&spare, 20, &a);
    mm_spare_pages_give(&spare, &a);
    assert_null(a.base);
    assert_int_equal(budget.spare_bytes, 20 * PAGE);
    MM_CHECK_TRUE("a larger one takes other memory", taken(&spare, 21, &b) != first);
    MM_CHECK_TRUE("so does one of less than half", taken(&spare, 9, &c) != first);
    MM_CHECK_TRUE("half of it is enough", taken(&spare, 10, &a) == first);
    MM_CHECK_INT("what is above is still counted", budget.spare_bytes, 10 * PAGE);
    mm_spare_pages_give(&spare, &a);
    mm_spare_pages_give(&spare, &b);
    MM_CHECK_TRUE("the smallest that fits is taken", taken(&spare, 15, &a) == first);
    mm_spare_pages_give(&spare, &a);
    mm_spare_pages_give(&spare, &c);
    end(&spare, 1);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct mm_spare_pages spare;
    struct mm_pages held[3];
    const size_t half = MM_SPARE_MAX_BYTES / PAGE / 2;
    begin(&spare, 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(mm_spare_pages_take(&spare, half * PAGE, &held[i]));
    char *oldest = held[0].base;
    for (size_t i = 0; i < 3; i++)
        mm_spare_pages_give(&spare, &held[i]);
    MM_CHECK_INT("no more than the limit is kept", budget.spare_bytes, MM_SPARE_MAX_BYTES);
    MM_CHECK_INT("two of three", spare.count, 2);
    MM_CHECK_TRUE("without the oldest",
                  spare.kept[0].base != oldest && spare.kept[1].base != oldest);
    assert_true(mm_spare_pages_take(&spare, MM_SPARE_MAX_BYTES + PAGE, &held[0]));
    mm_spare_pages_give(&spare, &held[0]);
    MM_CHECK_INT("one over the limit costs the others nothing", spare.count, 2);
    end(&spare, 1);
}

static void what_may_still_be_written_is_never_used_again(void **state)
{
    (void)state;
    struct mm_spare_pages spare;
    struct mm_pages a, b;
    begin(&spare, 1);
    char *late = taken(&spare, 30, &a);
    mm_spare_pages_give(&spare, &a);
    MM_CHECK_TRUE("it was kept", taken(&spare, 20, &a) == late);
    mm_spare_pages_abandon(&spare, &a);
    assert_null(a.base);
    MM_CHECK_INT("nothing of it is counted", budget.spare_bytes, 0);
    MM_CHECK_TRUE("its addresses stay taken", taken(&spare, 30, &b) != late);
    mm_spare_pages_give(&spare, &b);
    end(&spare, 1);
    munmap(late, 30 * PAGE);
}

/* Three readers in turns; beside them a count of what each region is. */
static void the_sum_is_true_and_bounded(void **state)
{
    (void)state;
    static struct mm_spare_pages spare[READERS];
    struct mm_pages held[READERS][HELD] = {0};
    uint64_t seed = 77;
    begin(spare, READERS);
    for (int step = 0; step < STEPS; step++) {
        size_t r = mm_random(&seed) % READERS, at = mm_random(&seed) % HELD;
        struct mm_pages *p = &held[r][at];
        if (p->base) {
            assert_int_equal((unsigned char)p->base[0], r * HELD + at); /* nobody else has it */
            assert_int_equal((unsigned char)p->base[p->used - 1], r * HELD + at);
            mm_spare_pages_give(&spare[r], p);
        } else {
            size_t pages = 1 + mm_random(&seed) % (1 << mm_random(&seed) % 12);
            assert_true(mm_spare_pages_take(&spare[r], pages * PAGE, p));
            assert_true(p->bytes >= p->used && p->used == pages * PAGE && p->bytes <= 2 * p->used);
            p->base[0] = p->base[p->used - 1] = (char)(r * HELD + at);
        }
        uint64_t kept = 0, above = 0;
        for (size_t i = 0; i < READERS; i++) {
            for (size_t k = 0; k < spare[i].count; k++)
                kept += spare[i].kept[k].bytes;
            for (size_t k = 0; k < HELD; k++)
                above += held[i][k].bytes - held[i][k].used;
        }
        assert_int_equal(budget.spare_bytes, kept + above);
        assert_true(kept + above <= MM_SPARE_MAX_BYTES);
    }
    for (size_t r = 0; r < READERS; r++)
        for (size_t at = 0; at < HELD; at++)
            mm_spare_pages_give(&spare[r], &held[r][at]);
    end(spare, READERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_used_again_by_what_is_about_as_large),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(what_may_still_be_written_is_never_used_again),
        cmocka_unit_test(the_sum_is_true_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

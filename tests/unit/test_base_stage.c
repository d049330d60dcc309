/*
 * test_base_stage.c - a stage is slowed by the share that was asked for, and no other one is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/clock.h"
#include "base/stage.h"
#include "support/mm_test.h"

static void what_cannot_be_slowed_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",       "hash",     "hash:",    "hash:x%", "Hash:8%",
                                        "hash:%", "hash:8%%", "hash:101", "scan:8%", ":8%"};
    struct mm_error err;
    for (size_t i = 0; i < MM_COUNT(texts); i++)
        MM_CHECK_INT(texts[i], mm_stage_arm(texts[i], &err), MM_E_ARG);
}

static void stages_have_names(void **state)
{
    (void)state;
    static const char *const names[] = {"read",   "parse",  "canonicalize", "hash",
                                        "crypto", "encode", "write"};
    MM_CHECK_INT("as many", MM_COUNT(names), MM_STAGES);
    for (size_t i = 0; i < MM_COUNT(names); i++)
        MM_CHECK_VIEW(names[i], mm_view_of(mm_stage_name((enum mm_stage)i)), mm_view_of(names[i]));
}

#ifdef MAILMILL_FAULTS
enum { WORK_NS = 20 * 1000 * 1000 };

/* CPU time that a point takes after so much work. */
static uint64_t cost_of(enum mm_stage stage)
{
    uint64_t start = mm_process_cpu_ns();
    while (mm_process_cpu_ns() - start < WORK_NS)
        ;
    start = mm_process_cpu_ns();
    mm_stage_slow(stage);
    return mm_process_cpu_ns() - start;
}

static void the_slow_stage_takes_its_share_of_all_work(void **state)
{
    (void)state;
    struct mm_error err;
    MM_CHECK_INT("armed", mm_stage_arm("hash:50%", &err), MM_OK);
    uint64_t other = cost_of(MM_STAGE_READ), slow = cost_of(MM_STAGE_HASH);
    MM_CHECK_TRUE("half of both pieces of work", slow >= WORK_NS);
    MM_CHECK_TRUE("and not more than that by much", slow < 2 * WORK_NS);
    MM_CHECK_TRUE("another stage: nothing but the call", other < WORK_NS / 4);
    MM_CHECK_INT("disarmed", mm_stage_arm(NULL, &err), MM_OK);
    MM_CHECK_TRUE("no stage is slow", cost_of(MM_STAGE_HASH) < WORK_NS / 4);
}

MM_TEST_MAIN(MM_TEST(what_cannot_be_slowed_is_refused), MM_TEST(stages_have_names),
             MM_TEST(the_slow_stage_takes_its_share_of_all_work))
#else
MM_TEST_MAIN(MM_TEST(what_cannot_be_slowed_is_refused), MM_TEST(stages_have_names))
#endif

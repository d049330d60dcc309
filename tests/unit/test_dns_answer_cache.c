/*
 * test_dns_answer_cache.c - one question a name, answers as long as they last, memory within
 * bounds.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/answer_cache.h"
#include "support/mm_test.h"

enum { LATER = 1000 }; /* when answers here go out of force */

static struct mm_dns_cache cache;
static size_t attached; /* and not yet freed */

struct thing {
    struct mm_dns_attachment attachment;
};

static void thing_free(struct mm_dns_attachment *self)
{
    attached--;
    free(self);
}

static struct thing *thing_new(void)
{
    struct thing *thing = calloc(1, sizeof *thing);
    assert_non_null(thing);
    thing->attachment.free = thing_free;
    attached++;
    return thing;
}

static int set_up(void **state)
{
    (void)state;
    return mm_dns_cache_init(&cache, 1024 * 1024) == MM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mm_dns_cache_deinit(&cache);
    return 0;
}

static struct mm_dns_entry *take(const char *name, uint64_t now, bool want_new)
{
    bool is_new;
    struct mm_dns_entry *e = mm_dns_cache_take(&cache, mm_view_of(name), now, &is_new);
    assert_non_null(e);
    MM_CHECK_INT(name, is_new, want_new);
    return e;
}

static void give(struct mm_dns_entry *e, const char *record)
{
    struct mm_view view = mm_view_of(record);
    const struct mm_txt_answer answer = {.status = MM_TXT_NOERROR,
                                         .records = &view,
                                         .record_count = 1,
                                         .ad = true,
                                         .source = MM_VIEW("here")};
    mm_dns_cache_answer(&cache, e, &answer, LATER);
}

static struct mm_dns_cache_counts count(void)
{
    struct mm_dns_cache_counts c;
    mm_dns_cache_count(&cache, &c);
    return c;
}

static void equal_questions_share_an_answer(void **state)
{
    (void)state;
    struct mm_dns_entry *first = take("a", 0, true), *second = take("a", 0, false);
    MM_CHECK_TRUE("one entry", first == second);
    MM_CHECK_INT("not yet", mm_dns_entry_is_answered(first), false);
    give(first, "text");
    MM_CHECK_INT("answered", mm_dns_entry_is_answered(second), true);
    struct mm_dns_entry *third = take("a", LATER - 1, false);
    MM_CHECK_TRUE("the same", third == first);
    MM_CHECK_INT("status", third->answer.status, MM_TXT_NOERROR);
    MM_CHECK_VIEW("record", third->answer.records[0], MM_VIEW("text"));
    MM_CHECK_VIEW("source", third->answer.source, MM_VIEW("here"));
    MM_CHECK_INT("ad", third->answer.ad, true);
    MM_CHECK_TRUE("in force whenever",
                  third->answer.from == INT64_MIN && third->answer.until == INT64_MAX);
    MM_CHECK_INT("merged", count().merged, 1);
    MM_CHECK_INT("hits", count().hits, 1);
    mm_dns_entry_release(first);
    mm_dns_entry_release(second);
    mm_dns_entry_release(third);
}

static void an_answer_out_of_date_is_asked_for_again(void **state)
{
    (void)state;
    struct mm_dns_entry *old = take("a", 0, true);
    give(old, "old");
    struct mm_dns_entry *fresh = take("a", LATER, true);
    MM_CHECK_TRUE("another entry", fresh != old);
    give(fresh, "new");
    MM_CHECK_VIEW("who holds the old one keeps it", old->answer.records[0], MM_VIEW("old"));
    mm_dns_entry_release(old);
    mm_dns_entry_release(fresh);
    fresh = take("a", 0, false);
    MM_CHECK_VIEW("others get the new one", fresh->answer.records[0], MM_VIEW("new"));
    mm_dns_entry_release(fresh);
}

static void a_question_given_up_frees_its_entry(void **state)
{
    (void)state;
    struct mm_dns_entry *e = take("a", 0, true);
    mm_dns_entry_release(e); /* who looked it up */
    mm_dns_entry_release(e); /* who should have asked; the cache still has it */
    MM_CHECK_INT("in the cache", count().entries, 1);
}

static void answers_without_records_are_kept_too(void **state)
{
    (void)state;
    struct mm_dns_entry *e = take("a", 0, true);
    const struct mm_txt_answer none = {.status = MM_TXT_NXDOMAIN};
    mm_dns_cache_answer(&cache, e, &none, LATER);
    mm_dns_entry_release(e);
    e = take("a", 1, false);
    MM_CHECK_INT("status", e->answer.status, MM_TXT_NXDOMAIN);
    MM_CHECK_INT("records", e->answer.record_count, 0);
    mm_dns_entry_release(e);
}

static void memory_is_bounded_and_what_is_held_stays(void **state)
{
    (void)state;
    enum { NAMES = 20000 };
    char name[32];
    struct mm_dns_entry *held = take("held", 0, true);
    give(held, "kept");
    struct mm_dns_entry *asked = take("asked", 0, true);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "n%d", i);
        struct mm_dns_entry *e = take(name, 0, true);
        give(e, "some text");
        struct thing *thing = thing_new();
        MM_CHECK_TRUE("hangs", mm_dns_entry_attach(e, &thing->attachment) == &thing->attachment);
        mm_dns_entry_release(e);
        assert_true(count().bytes <= 1024 * 1024 + MM_DNS_SHARDS * 8192);
    }
    struct mm_dns_cache_counts c = count();
    MM_CHECK_INT("all were there", c.entries + c.evicted, NAMES + 2);
    MM_CHECK_TRUE("some still are", c.entries > 100 && c.evicted > 1000);
    MM_CHECK_INT("what hung on them is gone", attached, c.entries - 2);
    mm_dns_entry_release(take(name, 0, false)); /* the latest one is there */
    MM_CHECK_TRUE("held", take("held", 0, false) == held);
    MM_CHECK_VIEW("whole", held->answer.records[0], MM_VIEW("kept"));
    MM_CHECK_TRUE("asked for", take("asked", 0, false) == asked);
    mm_dns_entry_release(held);
    mm_dns_entry_release(held);
    for (int i = 0; i < 3; i++)
        mm_dns_entry_release(asked);
}

static void what_hangs_on_an_answer_is_made_once(void **state)
{
    (void)state;
    struct mm_dns_entry *e = take("a", 0, true);
    give(e, "text");
    struct thing *one = thing_new(), *two = thing_new();
    MM_CHECK_TRUE("nothing yet", mm_dns_entry_attachment(e) == NULL);
    MM_CHECK_TRUE("first", mm_dns_entry_attach(e, &one->attachment) == &one->attachment);
    MM_CHECK_TRUE("second", mm_dns_entry_attach(e, &two->attachment) == &one->attachment);
    MM_CHECK_TRUE("there", mm_dns_entry_attachment(e) == &one->attachment);
    thing_free(&two->attachment);
    mm_dns_entry_release(e);
    mm_dns_cache_deinit(&cache);
    MM_CHECK_INT("freed with its answer", attached, 0);
    assert_int_equal(mm_dns_cache_init(&cache, 1024 * 1024), MM_OK);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 5000, SHARED_NAMES = 97 };

static void *hammer(void *arg)
{
    uint64_t seed = (uint64_t)(uintptr_t)arg;
    for (int i = 0; i < ROUNDS; i++) {
        char name[16];
        bool is_new;
        uint64_t now = mm_random(&seed) % 10 == 0 ? LATER : 0;
        snprintf(name, sizeof name, "s%d", (int)(mm_random(&seed) % SHARED_NAMES));
        struct mm_dns_entry *e = mm_dns_cache_take(&cache, mm_view_of(name), now, &is_new);
        if (is_new)
            give(e, name);
        if (mm_dns_entry_is_answered(e) && !mm_view_eq(e->answer.records[0], mm_view_of(name)))
            return arg;
        mm_dns_entry_release(e);
    }
    return NULL;
}

static void threads_share_without_harm(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    void *wrong = NULL;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong = result ? result : wrong;
    }
    MM_CHECK_TRUE("each name has its own answer", wrong == NULL);
    MM_CHECK_TRUE("an entry a name", count().entries <= SHARED_NAMES);
}

#define WITH_CACHE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(WITH_CACHE(equal_questions_share_an_answer),
             WITH_CACHE(an_answer_out_of_date_is_asked_for_again),
             WITH_CACHE(a_question_given_up_frees_its_entry),
             WITH_CACHE(answers_without_records_are_kept_too),
             WITH_CACHE(memory_is_bounded_and_what_is_held_stays),
             WITH_CACHE(what_hangs_on_an_answer_is_made_once),
             WITH_CACHE(threads_share_without_harm))

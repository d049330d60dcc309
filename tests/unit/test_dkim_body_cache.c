/*
 * test_dkim_body_cache.c - an equal body is not hashed again, and no other body gets its digest.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/body_cache.h"

#include "dkim/hash_batch.h"
#include "dkim/sign_batch.h"
#include "support/mm_test.h"

enum { BODIES_MAX = 256, BODY_MAX = 300 * 1024 };

struct form {
    enum mm_canon canon;
    enum mm_digest_alg alg;
    uint64_t length;
};
static const struct form forms[] = {
    {MM_CANON_RELAXED, MM_SHA256, UINT64_MAX}, {MM_CANON_SIMPLE, MM_SHA256, UINT64_MAX},
    {MM_CANON_RELAXED, MM_SHA1, UINT64_MAX},   {MM_CANON_RELAXED, MM_SHA256, 100},
    {MM_CANON_RELAXED, MM_SHA256, 101},
};

/* One worker's memory, and a batch of bodies that lie where the batch before had its own. */
struct bench {
    struct mm_arena arena;
    struct mm_hash_memory memory;
    struct mm_digest_ctx *digest;
    struct mm_hash_batch batch;
    struct mm_msg messages[BODIES_MAX];
    struct mm_body_digest *digests[BODIES_MAX];
    const struct form *forms[BODIES_MAX];
    char *text;
    size_t text_len, count;
};
static struct bench b;

static int set_up(void **state)
{
    (void)state;
    b = (struct bench){.digest = mm_digest_ctx_new(), .text = malloc(BODIES_MAX * BODY_MAX)};
    mm_arena_init(&b.arena, 64 * 1024 * 1024);
    mm_hash_memory_init(&b.memory);
    b.memory.bodies = mm_body_cache_new();
    return b.digest && b.text && b.memory.bodies ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    mm_hash_memory_deinit(&b.memory);
    mm_digest_ctx_free(&b.digest);
    mm_arena_deinit(&b.arena);
    free(b.text);
    return 0;
}

/* A body of so many bytes that hangs on `number` alone; from 1000 on by its last byte only. */
static void add_body(const struct form *form, unsigned number, size_t bytes)
{
    char *at = b.text + b.text_len;
    char head[8];
    snprintf(head, sizeof head, "%03u", number % 1000);
    for (size_t i = 0; i < bytes; i++)
        at[i] = i < 3 ? head[i] : "a b\r\nc  \tde."[i * 7 % 12];
    at[bytes - 1] = (char)('0' + number / 1000);
    b.messages[b.count] = (struct mm_msg){.body = {at, bytes}, .body_has_bare_lf = true};
    b.forms[b.count++] = form;
    b.text_len += bytes;
}

/* Hash the bodies that were added, check each against its digest without a cache, and spoil them.
 * Returns how many were not hashed. */
static uint64_t run_batch(const char *label)
{
    uint64_t before = mm_body_cache_hits(b.memory.bodies);
    assert_int_equal(mm_hash_batch_init(&b.batch, b.digest, &b.arena, &b.memory, 2 * b.count),
                     MM_OK);
    for (size_t i = 0; i < b.count; i++) {
        struct mm_body_digest *list = NULL;
        const struct form *f = b.forms[i];
        assert_int_equal(mm_hash_batch_body(&b.batch, &list, &b.messages[i], f->canon, f->alg,
                                            f->length, &b.digests[i]),
                         MM_OK);
        if (i == b.count / 2 && i % 2)
            assert_int_equal(mm_hash_batch_flush(&b.batch), MM_OK); /* as a full group would */
    }
    assert_int_equal(mm_hash_batch_flush(&b.batch), MM_OK);
    for (size_t i = 0; i < b.count; i++) {
        uint8_t want[MM_DIGEST_MAX_BYTES];
        struct mm_body_input input;
        struct mm_digest_job job;
        const struct form *f = b.forms[i];
        mm_body_input_init(&input, &job, f->canon, f->alg, b.messages[i].body, true, f->length);
        assert_int_equal(mm_digest_many(b.digest, &job, 1), MM_OK);
        memcpy(want, job.digest, sizeof want);
        MM_CHECK_INT(label, memcmp(b.digests[i]->job->digest, want, mm_digest_bytes(f->alg)), 0);
        MM_CHECK_INT(label, b.digests[i]->input->total, input.total);
    }
    memset(b.text, 0xee, b.text_len);
    mm_arena_reset(&b.arena);
    b.count = b.text_len = 0;
    return mm_body_cache_hits(b.memory.bodies) - before;
}

static void equal_bodies_of_a_batch_are_hashed_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        add_body(&forms[0], i % 4, 3000);
    MM_CHECK_INT("four of forty", run_batch("in a batch"), 36);
    for (unsigned i = 0; i < 40; i++)
        add_body(&forms[0], i % 5, 3000);
    MM_CHECK_INT("one was not there before", run_batch("the next batch"), 39);
}

static void a_body_that_came_twice_is_kept(void **state)
{
    (void)state;
    add_body(&forms[0], 1, 2000);
    MM_CHECK_INT("first time", run_batch("once"), 0);
    add_body(&forms[0], 1, 2000);
    MM_CHECK_INT("second time: hashed, and kept", run_batch("twice"), 0);
    add_body(&forms[0], 1, 2000);
    MM_CHECK_INT("third time", run_batch("thrice"), 1);
    add_body(&forms[0], 1001, 2000);
    MM_CHECK_INT("another last byte", run_batch("a byte apart"), 0);
    add_body(&forms[0], 1, 2000);
    MM_CHECK_INT("fourth time", run_batch("again"), 1);
}

static void forms_of_one_body_are_told_apart(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t f = 0; f < MM_COUNT(forms); f++)
            add_body(&forms[f], 7, 1500);
        MM_CHECK_INT("each form by itself", run_batch("forms"),
                     round < 2 ? 0 : (long long)MM_COUNT(forms));
    }
}

/* As if whoever writes the mail could choose bodies of one XXH3 key. */
static void equal_keys_of_unequal_bodies_change_nothing(void **state)
{
    (void)state;
    uint64_t seed = 128, hits = 0;
    mm_body_cache_one_key(b.memory.bodies);
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 50; i++) {
            unsigned number = (unsigned)(mm_random(&seed) % 3 + mm_random(&seed) % 2 * 1000);
            add_body(&forms[mm_random(&seed) % (round % MM_COUNT(forms) + 1)], number,
                     500 + mm_random(&seed) % 2);
        }
        hits += run_batch("one key for all");
    }
    MM_CHECK_TRUE("equal bodies one behind the other are still found", hits > 0);
    add_body(&forms[0], 1, 100);
    add_body(&forms[0], 1, 100);
    add_body(&forms[0], 2, 100);
    add_body(&forms[0], 1, 100);
    MM_CHECK_INT("the one in between takes the slot", run_batch("displaced"), 1);
    add_body(&forms[0], 1, 100);
    MM_CHECK_INT("another than the one that had it", run_batch("after the batch"), 0);
    add_body(&forms[0], 1, 100);
    add_body(&forms[0], 1, 100);
    MM_CHECK_INT("kept", run_batch("kept"), 2);
    add_body(&forms[0], 2, 100);
    MM_CHECK_INT("another than the one that is kept", run_batch("not the kept one"), 0);
}

static void what_is_kept_is_bounded_and_overwritten_from_the_oldest(void **state)
{
    (void)state;
    enum { LARGE = MM_BODY_CACHE_ROOM / 10 };
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 30; i++) {
            add_body(&forms[0], i, LARGE + i);
            add_body(&forms[0], i, LARGE + i);
        }
        run_batch("more than there is room for");
    }
    add_body(&forms[0], 29, LARGE + 29);
    add_body(&forms[0], 0, LARGE);
    MM_CHECK_INT("the newest is there, the oldest is not", run_batch("kept"), 1);
    for (unsigned i = 0; i < 2 * MM_BODY_CACHE_KEPT; i++) {
        add_body(&forms[0], i, 50);
        add_body(&forms[0], i, 50);
    }
    MM_CHECK_INT("twice as many as there are places", run_batch("small"), 2 * MM_BODY_CACHE_KEPT);
    for (int round = 0; round < 3; round++) {
        add_body(&forms[0], 5, MM_BODY_CACHE_MAX_BYTES + 1);
        MM_CHECK_INT("too long to be looked up", run_batch("long"), 0);
    }
}

static void mail_without_equal_bodies_is_looked_at_now_and_then(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        add_body(&forms[0], i, 20 + i / 60);
        if (b.count == BODIES_MAX)
            MM_CHECK_INT("all differ", run_batch("distinct"), 0);
    }
    run_batch("distinct");
    uint64_t hits = 0;
    for (unsigned i = 0; i < 200; i++)
        add_body(&forms[0], 5, 999);
    hits = run_batch("equal again");
    MM_CHECK_TRUE("found after a while", hits > 100 && hits < 199);
    for (unsigned i = 0; i < 200; i++)
        add_body(&forms[0], 5, 999);
    MM_CHECK_INT("and then all", run_batch("equal"), 200);
}

static void the_environment_turns_it_off(void **state)
{
    (void)state;
    setenv("MAILMILL_BODY_CACHE", "off", 1);
    MM_CHECK_TRUE("off", mm_body_cache_new() == NULL);
    setenv("MAILMILL_BODY_CACHE", "on", 1);
    struct mm_body_cache *cache = mm_body_cache_new();
    MM_CHECK_TRUE("on", cache != NULL);
    mm_body_cache_free(&cache);
    unsetenv("MAILMILL_BODY_CACHE");
}

#define WITH_BENCH(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
MM_TEST_MAIN(WITH_BENCH(equal_bodies_of_a_batch_are_hashed_once),
             WITH_BENCH(a_body_that_came_twice_is_kept),
             WITH_BENCH(forms_of_one_body_are_told_apart),
             WITH_BENCH(equal_keys_of_unequal_bodies_change_nothing),
             WITH_BENCH(what_is_kept_is_bounded_and_overwritten_from_the_oldest),
             WITH_BENCH(mail_without_equal_bodies_is_looked_at_now_and_then),
             MM_TEST(the_environment_turns_it_off))

/*
 * test_crypto_digest.c - batches of whole and pulled inputs against OpenSSL called directly.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/sha.h>

#include "crypto/digest.h"
#include "support/mm_test.h"

enum { INPUT_MAX = 200 * 1024 };

/* Gives its text in pieces of random length and spoils the room behind them. */
struct feeder {
    struct mm_view rest;
    uint64_t seed;
    size_t piece_max;
    bool done;
};

static size_t feed(void *state, char *out, size_t cap)
{
    struct feeder *f = state;
    assert_true(cap >= MM_DIGEST_PULL_MIN);
    assert_false(f->done);
    size_t n = 1 + mm_random(&f->seed) % f->piece_max;
    n = n < f->rest.len ? n : f->rest.len;
    n = n < cap ? n : cap;
    memset(out, 0xee, cap);
    if (n > 0)
        memcpy(out, f->rest.data, n);
    f->rest = mm_view_sub(f->rest, n, f->rest.len - n);
    f->done = n == 0;
    return n;
}

static void reference(enum mm_digest_alg alg, struct mm_view text, uint8_t *out)
{
    if (alg == MM_SHA256)
        SHA256((const unsigned char *)text.data, text.len, out);
    else
        SHA1((const unsigned char *)text.data, text.len, out);
}

static void digest_many_equals_openssl_for_whole_and_pulled_inputs(void **state)
{
    (void)state;
    enum { JOBS = 64 };
    static char text[INPUT_MAX];
    static struct mm_digest_job jobs[JOBS];
    static struct feeder feeders[JOBS];
    struct mm_view inputs[JOBS];
    uint64_t seed = 180;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(mm_random(&seed) >> 56);
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < JOBS; i++) {
            size_t len = i < 4 ? i : mm_random(&seed) % (i % 8 ? 3000 : sizeof text);
            inputs[i] = (struct mm_view){text, len};
            feeders[i] = (struct feeder){.rest = inputs[i], .seed = i + 1, .piece_max = 1 + 97 * i};
            jobs[i] = (struct mm_digest_job){.alg = i % 3 == 0 ? MM_SHA1 : MM_SHA256};
            if (i % 2)
                jobs[i].whole = inputs[i];
            else {
                jobs[i].pull = feed;
                jobs[i].state = &feeders[i];
            }
        }
        MM_CHECK_INT("status", mm_digest_many(ctx, jobs, JOBS), MM_OK);
        for (size_t i = 0; i < JOBS; i++) {
            uint8_t want[MM_DIGEST_MAX_BYTES];
            reference(jobs[i].alg, inputs[i], want);
            MM_CHECK_INT("digest", memcmp(jobs[i].digest, want, mm_digest_bytes(jobs[i].alg)), 0);
            MM_CHECK_INT("pulled to the end", feeders[i].done, i % 2 == 0);
        }
    }
    mm_digest_ctx_free(&ctx);
    MM_CHECK_TRUE("freed", ctx == NULL);
}

static void digest_of_nothing_is_the_published_one(void **state)
{
    (void)state;
    /* FIPS 180-4 examples: the digests of the empty string begin so. */
    struct mm_digest_job jobs[2] = {{.alg = MM_SHA256}, {.alg = MM_SHA1}};
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    MM_CHECK_INT("status", mm_digest_many(ctx, jobs, 2), MM_OK);
    MM_CHECK_INT("SHA-256", memcmp(jobs[0].digest, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8), 0);
    MM_CHECK_INT("SHA-1", memcmp(jobs[1].digest, "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d", 8), 0);
    MM_CHECK_INT("none at all", mm_digest_many(ctx, jobs, 0), MM_OK);
    mm_digest_ctx_free(&ctx);
}

MM_TEST_MAIN(MM_TEST(digest_many_equals_openssl_for_whole_and_pulled_inputs),
             MM_TEST(digest_of_nothing_is_the_published_one))

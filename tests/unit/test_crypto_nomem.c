/*
 * test_crypto_nomem.c - memory that runs out inside OpenSSL must not turn into a verdict.
 * SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL's allocator is replaced before its first use by one that can be told to fail from its
 * n-th call on, or at that call only. Every n is tried until the work gets through.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/pk_many.h"
#include "support/mm_test.h"

static long calls_left = -1; /* below 0: no failing */
static bool once, fired;

static bool fails_now(void)
{
    if (calls_left < 0)
        return false;
    if (calls_left > 0) {
        calls_left--;
        return false;
    }
    fired = true;
    if (once)
        calls_left = -1;
    return true;
}

static void *try_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails_now() ? NULL : malloc(bytes);
}

static void *try_realloc(void *at, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    if (bytes == 0) {
        free(at);
        return NULL;
    }
    return fails_now() ? NULL : realloc(at, bytes);
}

static void plain_free(void *at, const char *file, int line)
{
    (void)file;
    (void)line;
    free(at);
}

__attribute__((constructor)) static void take_over_the_allocator(void)
{
    if (!CRYPTO_set_mem_functions(try_malloc, try_realloc, plain_free))
        abort();
}

/* What is done with failing memory: true when it got through, with the right outcome. */
typedef bool (*work)(void);

static struct mm_private_key *rsa, *ed25519;
static struct mm_view public_der, private_pem;
static uint8_t digest[32] = {5}, signature[MM_RSA_MAX_BITS / 8];
static size_t signature_bytes;

static bool is_of_memory(enum mm_status status)
{
    return status == MM_E_NOMEM || status == MM_E_CRYPTO;
}

static bool parse_public(void)
{
    struct mm_public_key *key = NULL;
    enum mm_status status = mm_public_key_parse(MM_KEY_RSA, public_der, &key, NULL);
    mm_public_key_free(&key);
    assert_true(status == MM_OK || is_of_memory(status));
    return status == MM_OK;
}

static bool verify_valid(void)
{
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    struct mm_verify_job job = {.key = mm_private_key_public(signature_bytes == 64 ? ed25519 : rsa),
                                .alg = MM_SHA256,
                                .digest = digest,
                                .signature = {(char *)signature, signature_bytes}};
    enum mm_status status = ctx ? mm_verify_many(ctx, &job, 1) : MM_E_NOMEM;
    mm_pk_ctx_free(&ctx);
    assert_true(status == MM_OK ? job.valid : is_of_memory(status));
    return status == MM_OK;
}

static bool sign(void)
{
    static uint8_t out[MM_RSA_MAX_BITS / 8];
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    struct mm_sign_job job = {.key = signature_bytes == 64 ? ed25519 : rsa,
                              .alg = MM_SHA256,
                              .digest = digest,
                              .signature = out};
    enum mm_status status = ctx ? mm_sign_many(ctx, &job, 1) : MM_E_NOMEM;
    mm_pk_ctx_free(&ctx);
    assert_true(status == MM_OK ? memcmp(out, signature, signature_bytes) == 0
                                : is_of_memory(status));
    return status == MM_OK;
}

static bool hash(void)
{
    struct mm_digest_ctx *ctx = mm_digest_ctx_new();
    struct mm_digest_job job = {.alg = MM_SHA256, .whole = MM_VIEW("abc")};
    enum mm_status status = ctx ? mm_digest_many(ctx, &job, 1) : MM_E_NOMEM;
    mm_digest_ctx_free(&ctx);
    /* FIPS 180-4's example "abc" */
    assert_true(status == MM_OK ? memcmp(job.digest, "\xba\x78\x16\xbf", 4) == 0
                                : is_of_memory(status));
    return status == MM_OK;
}

static bool parse_private(void)
{
    struct mm_private_key *key = NULL;
    enum mm_status status = mm_private_key_parse(private_pem, "k.pem", &key, NULL);
    assert_int_equal(key != NULL, status == MM_OK);
    mm_private_key_free(&key);
    return status == MM_OK;
}

static void try_all(const char *label, work what)
{
    enum { CALLS_MAX = 20000 };
    for (int mode = 0; mode < 2; mode++) {
        int failed = 0;
        for (long n = 0; n < CALLS_MAX; n++) {
            once = mode == 1;
            fired = false;
            calls_left = n;
            failed += !what();
            calls_left = -1;
            if (!fired)
                break;
            assert_true(n + 1 < CALLS_MAX);
        }
        MM_CHECK_TRUE(label, failed > 0);
    }
}

static void sign_without_failing(struct mm_private_key *key)
{
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    struct mm_sign_job job = {
        .key = key, .alg = MM_SHA256, .digest = digest, .signature = signature};
    assert_int_equal(mm_sign_many(ctx, &job, 1), MM_OK);
    signature_bytes = job.signature_bytes;
    mm_pk_ctx_free(&ctx);
}

static void memory_that_runs_out_is_no_verdict(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/tests/vectors/keys/rsa1024.pem", mm_test_source_dir());
    private_pem = mm_test_read_file(path);
    assert_int_equal(mm_private_key_parse(private_pem, "rsa", &rsa, NULL), MM_OK);
    assert_int_equal(mm_private_key_parse(MM_VIEW("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                                          "seed", &ed25519, NULL),
                     MM_OK);
    snprintf(path, sizeof path, "%s/tests/vectors/keys/rsa2048_public.der", mm_test_source_dir());
    public_der = mm_test_read_file(path);
    try_all("hash", hash);
    try_all("parse a public key", parse_public);
    try_all("parse a private key", parse_private);
    sign_without_failing(rsa);
    try_all("verify RSA", verify_valid);
    try_all("sign RSA", sign);
    sign_without_failing(ed25519);
    /* Not its verification: OpenSSL's says no without a word, for want of memory too. */
    try_all("sign Ed25519", sign);
    mm_private_key_free(&rsa);
    mm_private_key_free(&ed25519);
    free((void *)private_pem.data);
    free((void *)public_der.data);
}

MM_TEST_MAIN(MM_TEST(memory_that_runs_out_is_no_verdict))

/*
 * kernel_crypto.c - kernels by themselves: SHA-256 in each width, RSA one by one and in lanes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "bench/key_maker.h"
#include "bench/pass_kernel.h"
#include "crypto/pk_many.h"
#include "crypto/sha256_many.h"

/* ---- SHA-256 ---- */

enum {
    INPUTS = 256,
    INPUT_BYTES = 4096,
    PASSES = 32, /* over them all: 32 MiB */
    FEW_PASSES = 1,
    MEGABYTE = 1000 * 1000
};

struct hashing {
    uint8_t *bytes; /* INPUTS of INPUT_BYTES */
    struct mm_digest_job jobs[INPUTS];
    struct mm_digest_ctx *digest;
    mm_sha256_fn *compress; /* NULL: all that there is, or OpenSSL */
    unsigned width, passes;
};

static enum mm_status open_hashing(struct hashing **out, bool few, struct mm_kernel_size *size,
                                   struct mm_error *err)
{
    struct hashing *h = *out = calloc(1, sizeof *h);
    if (!h || !(h->bytes = malloc(INPUTS * INPUT_BYTES)) || !(h->digest = mm_digest_ctx_new()))
        return mm_fail(err, MM_E_NOMEM, "no memory for a kernel's data");
    memset(h->bytes, 'm', INPUTS * INPUT_BYTES);
    h->passes = few ? FEW_PASSES : PASSES;
    size->bytes = (uint64_t)h->passes * INPUTS * INPUT_BYTES;
    size->items = size->bytes / MEGABYTE;
    return MM_OK;
}

static enum mm_status open_sha256(void **state, bool few, struct mm_kernel_size *size,
                                  struct mm_error *err)
{
    return open_hashing((struct hashing **)state, few, size, err);
}

static enum mm_status open_sha256_x1(void **state, bool few, struct mm_kernel_size *size,
                                     struct mm_error *err)
{
    MM_TRY(open_hashing((struct hashing **)state, few, size, err));
    mm_digest_ctx_openssl_only((*(struct hashing **)state)->digest);
    return MM_OK;
}

static enum mm_status pass_sha256(void *state, struct mm_error *err)
{
    struct hashing *h = state;
    for (unsigned p = 0; p < h->passes; p++) {
        for (size_t i = 0; i < INPUTS; i++) {
            struct mm_view input = {(const char *)h->bytes + i * INPUT_BYTES, INPUT_BYTES};
            h->jobs[i] = (struct mm_digest_job){.alg = MM_SHA256, .whole = input};
        }
        if (mm_digest_many(h->digest, h->jobs, INPUTS) != MM_OK)
            return mm_fail(err, MM_E_CRYPTO, "hashing failed");
    }
    return MM_OK;
}

/* A compression function by itself: what it would be if filling lanes cost nothing. */
static enum mm_status pass_width(void *state, struct mm_error *err)
{
    static mm_sha256_state words;
    struct hashing *h = state;
    (void)err;
    for (unsigned p = 0; p < h->passes; p++)
        for (size_t i = 0; i + h->width <= INPUTS; i += h->width) {
            const uint8_t *at[MM_SHA256_WIDE] = {NULL};
            for (unsigned lane = 0; lane < h->width; lane++)
                at[lane] = h->bytes + (i + lane) * INPUT_BYTES;
            h->compress(words, at, INPUT_BYTES / MM_SHA256_BLOCK_BYTES);
        }
    return MM_OK;
}

static enum mm_status open_width(void **state, bool few, struct mm_kernel_size *size,
                                 struct mm_error *err, unsigned width)
{
    MM_TRY(open_hashing((struct hashing **)state, few, size, err));
    struct hashing *h = *state;
#if defined(__x86_64__)
    if (width == MM_SHA256_WIDE && mm_cpu_tier() == MM_CPU_AVX512)
        h->compress = mm_sha256_x16;
    if (width == MM_SHA256_NI && mm_cpu_tier() >= MM_CPU_SSE2 && mm_cpu_has("sha"))
        h->compress = mm_sha256_ni3;
#endif
    h->width = width;
    size->bytes = (uint64_t)h->passes * (INPUTS / width * width) * INPUT_BYTES;
    size->items = size->bytes / MEGABYTE;
    return h->compress ? MM_OK : MM_END;
}

static enum mm_status open_sha256_x16(void **state, bool few, struct mm_kernel_size *size,
                                      struct mm_error *err)
{
    return open_width(state, few, size, err, MM_SHA256_WIDE);
}

static enum mm_status open_sha256_x3(void **state, bool few, struct mm_kernel_size *size,
                                     struct mm_error *err)
{
    return open_width(state, few, size, err, MM_SHA256_NI);
}

static void close_hashing(void *state)
{
    struct hashing *h = state;
    if (!h)
        return;
    mm_digest_ctx_free(&h->digest);
    free(h->bytes);
    free(h);
}

const struct mm_kernel_work mm_kernel_sha256 = {open_sha256, pass_sha256, close_hashing};
const struct mm_kernel_work mm_kernel_sha256_x1 = {open_sha256_x1, pass_sha256, close_hashing};
const struct mm_kernel_work mm_kernel_sha256_x16 = {open_sha256_x16, pass_width, close_hashing};
const struct mm_kernel_work mm_kernel_sha256_x3 = {open_sha256_x3, pass_width, close_hashing};

/* ---- RSA-2048 ---- */

enum { LANES = 8, SIGNATURE_BYTES = 256, SIGN_CALLS = 16, VERIFY_CALLS = 256, KEY_SEED = 3 };

struct signing {
    struct mm_private_key *key;
    struct mm_pk_ctx *ctx;
    uint8_t digests[LANES][MM_SHA256_BYTES], signatures[LANES][SIGNATURE_BYTES];
    unsigned calls;
};

static struct mm_private_key *make_key(struct mm_error *err)
{
    struct mm_draw draw = {KEY_SEED};
    BIGNUM *p = mm_bench_prime(&draw), *q = mm_bench_prime(&draw);
    EVP_PKEY *pkey = p && q ? mm_bench_rsa_key(p, q) : NULL;
    unsigned char *der = NULL;
    struct mm_private_key *key = NULL;
    int len = pkey ? i2d_PrivateKey(pkey, &der) : 0;
    if (len > 0 && mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "a made key",
                                        &key, err) != MM_OK)
        key = NULL;
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    BN_clear_free(p);
    BN_clear_free(q);
    return key;
}

/* Calls of `together` operations each. */
static enum mm_status sign_calls(struct signing *s, unsigned calls, unsigned together,
                                 struct mm_error *err)
{
    struct mm_sign_job jobs[LANES];
    for (unsigned c = 0; c < calls; c++) {
        for (unsigned i = 0; i < together; i++)
            jobs[i] = (struct mm_sign_job){.key = s->key,
                                           .alg = MM_SHA256,
                                           .digest = s->digests[i],
                                           .signature = s->signatures[i]};
        if (mm_sign_many(s->ctx, jobs, together) != MM_OK)
            return mm_fail(err, MM_E_CRYPTO, "signing failed");
    }
    return MM_OK;
}

static enum mm_status verify_calls(struct signing *s, unsigned calls, unsigned together,
                                   struct mm_error *err)
{
    struct mm_verify_job jobs[LANES];
    for (unsigned c = 0; c < calls; c++) {
        for (unsigned i = 0; i < together; i++)
            jobs[i] = (struct mm_verify_job){
                .key = mm_private_key_public(s->key),
                .alg = MM_SHA256,
                .digest = s->digests[i],
                .signature = {(const char *)s->signatures[i], SIGNATURE_BYTES}};
        if (mm_verify_many(s->ctx, jobs, together) != MM_OK || !jobs[0].valid)
            return mm_fail(err, MM_E_CRYPTO, "a signature of our own does not hold");
    }
    return MM_OK;
}

static enum mm_status open_rsa(struct signing **out, struct mm_error *err)
{
    struct signing *s = *out = calloc(1, sizeof *s);
    if (!s)
        return mm_fail(err, MM_E_NOMEM, "no memory for a kernel's data");
    s->ctx = mm_pk_ctx_new();
    s->key = s->ctx ? make_key(err) : NULL;
    for (unsigned i = 0; i < LANES; i++)
        memset(s->digests[i], (int)i + 1, MM_SHA256_BYTES);
    return s->key ? sign_calls(s, 1, LANES, err)
                  : mm_fail(err, MM_E_CRYPTO, "OpenSSL cannot make a key");
}

static enum mm_status open_sign(void **state, bool few, struct mm_kernel_size *size,
                                struct mm_error *err)
{
    MM_TRY(open_rsa((struct signing **)state, err));
    struct signing *s = *state;
    s->calls = few ? 1 : SIGN_CALLS;
    size->items = (uint64_t)s->calls * LANES;
    return MM_OK;
}

static enum mm_status open_verify(void **state, bool few, struct mm_kernel_size *size,
                                  struct mm_error *err)
{
    MM_TRY(open_rsa((struct signing **)state, err));
    struct signing *s = *state;
    s->calls = few ? LANES : VERIFY_CALLS;
    size->items = (uint64_t)s->calls * LANES;
    return MM_OK;
}

static enum mm_status pass_sign_x8(void *state, struct mm_error *err)
{
    struct signing *s = state;
    return sign_calls(s, s->calls, LANES, err);
}

static enum mm_status pass_sign_x1(void *state, struct mm_error *err)
{
    struct signing *s = state;
    return sign_calls(s, s->calls * LANES, 1, err);
}

static enum mm_status pass_verify_x8(void *state, struct mm_error *err)
{
    struct signing *s = state;
    return verify_calls(s, s->calls, LANES, err);
}

static enum mm_status pass_verify_x1(void *state, struct mm_error *err)
{
    struct signing *s = state;
    return verify_calls(s, s->calls * LANES, 1, err);
}

static void close_rsa(void *state)
{
    struct signing *s = state;
    if (!s)
        return;
    mm_private_key_free(&s->key);
    mm_pk_ctx_free(&s->ctx);
    free(s);
}

const struct mm_kernel_work mm_kernel_rsa_sign_x8 = {open_sign, pass_sign_x8, close_rsa};
const struct mm_kernel_work mm_kernel_rsa_sign_x1 = {open_sign, pass_sign_x1, close_rsa};
const struct mm_kernel_work mm_kernel_rsa_verify_x8 = {open_verify, pass_verify_x8, close_rsa};
const struct mm_kernel_work mm_kernel_rsa_verify_x1 = {open_verify, pass_verify_x1, close_rsa};

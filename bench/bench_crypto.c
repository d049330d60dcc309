/*
 * bench_crypto.c - RSA in lanes beside OpenSSL at its best use, in one process.
 * SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL's key is parsed once and its context kept from one operation to the next. Both take
 * turns; each figure is the median of its rounds, in CPU time for one operation. Usage:
 * bench_crypto
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "crypto/key_internal.h"
#include "crypto/pk_many.h"

enum { ROUNDS = 15, BATCH = 64, KEYS = 8, SIGNATURE_MAX = 512 };

struct bench {
    EVP_PKEY *pkeys[KEYS];
    struct mm_private_key *keys[KEYS];
    struct mm_pk_ctx *ctx;
    EVP_PKEY_CTX *sign, *verify;
    uint8_t digests[BATCH][MM_SHA256_BYTES];
    uint8_t signatures[BATCH][SIGNATURE_MAX];
    struct mm_sign_job sign_jobs[BATCH];
    struct mm_verify_job one_key[BATCH], eight_keys[BATCH];
    size_t live; /* jobs of a call */
};

static void need(bool done)
{
    if (!done) {
        fprintf(stderr, "bench_crypto: OpenSSL failed\n");
        exit(70);
    }
}

static struct mm_private_key *private_of(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    struct mm_private_key *key = NULL;
    int len = i2d_PrivateKey(pkey, &der);
    need(len > 0 && mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "generated",
                                         &key, NULL) == MM_OK);
    OPENSSL_free(der);
    return key;
}

static EVP_PKEY_CTX *openssl_ctx(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    need(ctx && init(ctx) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0);
    return ctx;
}

static void set_up(struct bench *b, unsigned bits)
{
    *b = (struct bench){.ctx = mm_pk_ctx_new(), .live = BATCH};
    for (int k = 0; k < KEYS; k++) {
        b->pkeys[k] = EVP_RSA_gen(bits);
        b->keys[k] = private_of(b->pkeys[k]);
    }
    b->sign = openssl_ctx(b->pkeys[0], EVP_PKEY_sign_init);
    b->verify = openssl_ctx(b->pkeys[0], EVP_PKEY_verify_init);
    for (int i = 0; i < BATCH; i++) {
        struct mm_private_key *key = b->keys[i % KEYS];
        memset(b->digests[i], i, sizeof b->digests[i]);
        struct mm_sign_job job = {key, MM_SHA256, b->digests[i], b->signatures[i], 0};
        need(mm_sign_many(b->ctx, &job, 1) == MM_OK);
        b->eight_keys[i] = (struct mm_verify_job){mm_private_key_public(key),
                                                  MM_SHA256,
                                                  b->digests[i],
                                                  {(char *)b->signatures[i], job.signature_bytes},
                                                  false};
        b->one_key[i] = i % KEYS ? b->one_key[i - i % KEYS] : b->eight_keys[i];
        b->sign_jobs[i] = job;
        b->sign_jobs[i].key = b->keys[0];
    }
}

static void tear_down(struct bench *b)
{
    for (int k = 0; k < KEYS; k++) {
        mm_private_key_free(&b->keys[k]);
        EVP_PKEY_free(b->pkeys[k]);
    }
    EVP_PKEY_CTX_free(b->sign);
    EVP_PKEY_CTX_free(b->verify);
    mm_pk_ctx_free(&b->ctx);
}

static void openssl_signs(struct bench *b)
{
    static uint8_t out[SIGNATURE_MAX];
    for (size_t i = 0; i < b->live; i++) {
        size_t len = sizeof out;
        need(EVP_PKEY_sign(b->sign, out, &len, b->digests[i], MM_SHA256_BYTES) > 0);
    }
}

static void openssl_verifies(struct bench *b)
{
    for (size_t i = 0; i < b->live; i++)
        need(EVP_PKEY_verify(b->verify, b->signatures[0], b->one_key[0].signature.len,
                             b->digests[0], MM_SHA256_BYTES) == 1);
}

static void we_sign(struct bench *b)
{
    static uint8_t out[BATCH][SIGNATURE_MAX];
    for (size_t i = 0; i < b->live; i++)
        b->sign_jobs[i].signature = out[i];
    need(mm_sign_many(b->ctx, b->sign_jobs, b->live) == MM_OK);
}

static void verify_jobs(struct bench *b, struct mm_verify_job *jobs)
{
    need(mm_verify_many(b->ctx, jobs, b->live) == MM_OK);
    for (size_t i = 0; i < b->live; i++)
        need(jobs[i].valid);
}

static void we_verify_one_key(struct bench *b)
{
    verify_jobs(b, b->one_key);
}

static void we_verify_eight_keys(struct bench *b)
{
    verify_jobs(b, b->eight_keys);
}

typedef void work(struct bench *b);

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Microseconds for one operation of each, in turns. */
static void measure(struct bench *b, work *const *works, size_t count, double *us)
{
    double rounds[4][ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t start = mm_process_cpu_ns();
            works[i](b);
            if (round >= 0)
                rounds[i][round] = (double)(mm_process_cpu_ns() - start) / 1e3 / (double)b->live;
        }
    }
    for (size_t i = 0; i < count; i++) {
        qsort(rounds[i], ROUNDS, sizeof rounds[i][0], by_value);
        us[i] = rounds[i][ROUNDS / 2];
    }
}

/* Live lanes from which on a call is faster than as many through OpenSSL. */
static unsigned break_even(double openssl_us, double eight_us)
{
    unsigned live = 1;
    while (live < 8 && live * openssl_us < eight_us)
        live++;
    return live;
}

static void bench_size(unsigned bits)
{
    static struct bench b;
    static work *const verifies[] = {openssl_verifies, we_verify_one_key, we_verify_eight_keys};
    static work *const signs[] = {openssl_signs, we_sign};
    double v[3], s[2];
    set_up(&b, bits);
    measure(&b, verifies, 3, v);
    measure(&b, signs, 2, s);
    printf(
        "%-5u verify %9.2f %9.2f %5.2fx %9.2f %5.2fx from %u   sign %9.1f %9.1f %5.2fx from %u\n",
        bits, v[0], v[1], v[0] / v[1], v[2], v[0] / v[2], break_even(v[0], 8 * v[2]), s[0], s[1],
        s[0] / s[1], break_even(s[0], 8 * s[1]));
    tear_down(&b);
}

int main(void)
{
    printf("kernel %s; microseconds for one: OpenSSL, ours, ratio; \"from\": live lanes that pay\n"
           "      verify   OpenSSL   one key         8 keys          "
           "         sign   OpenSSL      ours\n",
           mm_pk_backend());
    for (unsigned bits = 1024; bits <= 4096; bits += 1024)
        bench_size(bits);
    return 0;
}

/*
 * calibration.c - what costs are compared with: OpenSSL and libc, and nothing of mailmill.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A third each of what mail costs: RSA, SHA-256, and bytes out of the page cache. A processor that
 * is throttled, or shared, slows this and the workload beside it; what is left in their ratio is
 * the program. It must stay as it is: another calibration is another unit of every ratio.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "bench/key_maker.h"
#include "mailmill/bench.h"

enum {
    SIGNATURES = 8,
    HASHED_BYTES = 4 * 1024 * 1024,
    FILE_BYTES = 1024 * 1024,
    FILE_READS = 8,
    SIGNATURE_BYTES = 256,
    SHA256_BYTES = 32,
    KEY_SEED = 77
};

struct mm_bench_calibration {
    EVP_PKEY *key;
    EVP_PKEY_CTX *sign;
    EVP_MD *md;
    EVP_MD_CTX *hash;
    unsigned char *bytes; /* HASHED_BYTES */
    int fd;
};

static bool set_up_key(struct mm_bench_calibration *c)
{
    struct mm_draw draw = {KEY_SEED};
    BIGNUM *p = mm_bench_prime(&draw), *q = mm_bench_prime(&draw);
    c->key = p && q ? mm_bench_rsa_key(p, q) : NULL;
    c->sign = c->key ? EVP_PKEY_CTX_new(c->key, NULL) : NULL;
    BN_clear_free(p);
    BN_clear_free(q);
    return c->sign && EVP_PKEY_sign_init(c->sign) > 0 &&
           EVP_PKEY_CTX_set_signature_md(c->sign, EVP_sha256()) > 0;
}

static enum mm_status set_up_file(struct mm_bench_calibration *c, const char *folder,
                                  struct mm_error *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/calibration", folder) >= (int)sizeof path)
        return mm_fail(err, MM_E_ARG, "%s: the name is too long", folder);
    c->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (c->fd < 0 || pwrite(c->fd, c->bytes, FILE_BYTES, 0) != FILE_BYTES)
        return mm_fail_os(err, errno ? errno : ENOSPC, "cannot write %s", path);
    return MM_OK;
}

enum mm_status mm_bench_calibration_new(const char *folder, struct mm_bench_calibration **out,
                                        struct mm_error *err)
{
    struct mm_bench_calibration *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return mm_fail(err, MM_E_NOMEM, "no memory for the calibration");
    c->fd = -1;
    c->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    c->hash = EVP_MD_CTX_new();
    c->bytes = malloc(HASHED_BYTES);
    if (!c->md || !c->hash || !c->bytes || !set_up_key(c)) {
        mm_bench_calibration_free(out);
        return mm_fail(err, MM_E_CRYPTO, "OpenSSL cannot make the calibration");
    }
    memset(c->bytes, 'm', HASHED_BYTES);
    enum mm_status st = set_up_file(c, folder, err);
    if (st != MM_OK)
        mm_bench_calibration_free(out);
    return st;
}

static bool sign_some(struct mm_bench_calibration *c)
{
    unsigned char digest[SHA256_BYTES] = {1}, signature[SIGNATURE_BYTES];
    for (int i = 0; i < SIGNATURES; i++) {
        size_t len = sizeof signature;
        digest[1] = (unsigned char)i;
        if (EVP_PKEY_sign(c->sign, signature, &len, digest, sizeof digest) <= 0)
            return false;
    }
    return true;
}

static bool hash_some(struct mm_bench_calibration *c)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    return EVP_DigestInit_ex2(c->hash, c->md, NULL) > 0 &&
           EVP_DigestUpdate(c->hash, c->bytes, HASHED_BYTES) > 0 &&
           EVP_DigestFinal_ex(c->hash, digest, NULL) > 0;
}

static bool read_some(struct mm_bench_calibration *c)
{
    for (int i = 0; i < FILE_READS; i++)
        if (pread(c->fd, c->bytes, FILE_BYTES, 0) != FILE_BYTES)
            return false;
    return true;
}

static uint64_t cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

enum mm_status mm_bench_calibrate(struct mm_bench_calibration *c, uint64_t *cpu_ns,
                                  struct mm_error *err)
{
    uint64_t start = cpu_now();
    if (!sign_some(c) || !hash_some(c))
        return mm_fail(err, MM_E_CRYPTO, "OpenSSL failed in the calibration");
    if (!read_some(c))
        return mm_fail_os(err, errno ? errno : EIO, "cannot read the calibration's file");
    *cpu_ns = cpu_now() - start;
    return MM_OK;
}

void mm_bench_calibration_free(struct mm_bench_calibration **calibration)
{
    struct mm_bench_calibration *c = *calibration;
    if (!c)
        return;
    EVP_PKEY_CTX_free(c->sign);
    EVP_PKEY_free(c->key);
    EVP_MD_CTX_free(c->hash);
    EVP_MD_free(c->md);
    free(c->bytes);
    if (c->fd >= 0)
        close(c->fd);
    free(c);
    *calibration = NULL;
}

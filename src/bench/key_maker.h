/*
 * key_maker.h - keys for measuring: the same for one seed, so that no run waits for better luck.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Who knows the seed has the keys: they are worth nothing but for measuring. Numbers, sizes and
 * times are those of any other key.
 */
#ifndef MM_BENCH_KEY_MAKER_H
#define MM_BENCH_KEY_MAKER_H

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "bench/draw.h"

enum { MM_BENCH_PRIME_BITS = 1024 };

/* A prime with its two top bits set, so that a product has twice the bits, and p - 1 without the
 * factor 65537, which is prime. To be given to BN_free(); NULL where OpenSSL failed. */
BIGNUM *mm_bench_prime(struct mm_draw *draw);
/* The RSA key of two such primes with the exponent 65537. To be given to EVP_PKEY_free(); NULL
 * where OpenSSL failed, or p = q. */
EVP_PKEY *mm_bench_rsa_key(const BIGNUM *p, const BIGNUM *q);
EVP_PKEY *mm_bench_ed25519_key(struct mm_draw *draw);

#endif /* MM_BENCH_KEY_MAKER_H */

/*
 * key_maker.c - keys for measuring: the same for one seed, so that no run waits for better luck.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/key_maker.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "base/view.h"

enum { EXPONENT = 65537, ED25519_SEED_BYTES = 32 };

static void fill(struct mm_draw *draw, unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)mm_draw_next(draw);
}

BIGNUM *mm_bench_prime(struct mm_draw *draw)
{
    unsigned char bytes[MM_BENCH_PRIME_BITS / 8];
    fill(draw, bytes, sizeof bytes);
    bytes[0] |= 0xc0;
    bytes[sizeof bytes - 1] |= 1;
    BIGNUM *p = BN_bin2bn(bytes, sizeof bytes, NULL);
    BN_CTX *bn = BN_CTX_new();
    int prime = p && bn ? 0 : -1;
    while (prime == 0) {
        prime = BN_mod_word(p, EXPONENT) == 1 ? 0 : BN_check_prime(p, bn, NULL);
        if (prime == 0 && !BN_add_word(p, 2))
            prime = -1;
    }
    BN_CTX_free(bn);
    if (prime == 1)
        return p;
    BN_free(p);
    return NULL;
}

/* ---- RSA ---- */

/* In the order in which each can be computed. */
enum { P, Q, E, N, D, DP, DQ, QINV, NUMBERS };
static const char *const names[NUMBERS] = {
    [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,    [Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [E] = OSSL_PKEY_PARAM_RSA_E,          [N] = OSSL_PKEY_PARAM_RSA_N,
    [D] = OSSL_PKEY_PARAM_RSA_D,          [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* n = p q, d = e^-1 modulo (p - 1)(q - 1), and the rest of it modulo p - 1 and q - 1. */
static bool compute(BIGNUM **numbers, BN_CTX *bn)
{
    BN_CTX_start(bn);
    BIGNUM *less_p = BN_CTX_get(bn), *less_q = BN_CTX_get(bn), *phi = BN_CTX_get(bn);
    bool done = phi && BN_set_word(numbers[E], EXPONENT) &&
                BN_mul(numbers[N], numbers[P], numbers[Q], bn) &&
                BN_sub(less_p, numbers[P], BN_value_one()) &&
                BN_sub(less_q, numbers[Q], BN_value_one()) && BN_mul(phi, less_p, less_q, bn) &&
                BN_mod_inverse(numbers[D], numbers[E], phi, bn) &&
                BN_mod_inverse(numbers[DP], numbers[E], less_p, bn) &&
                BN_mod_inverse(numbers[DQ], numbers[E], less_q, bn) &&
                BN_mod_inverse(numbers[QINV], numbers[Q], numbers[P], bn);
    BN_CTX_end(bn);
    return done;
}

static EVP_PKEY *key_of(BIGNUM *const *numbers)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    bool done = build && ctx;
    for (int i = 0; i < NUMBERS; i++)
        done = done && OSSL_PARAM_BLD_push_BN(build, names[i], numbers[i]);
    OSSL_PARAM *params = done ? OSSL_PARAM_BLD_to_param(build) : NULL;
    if (params && EVP_PKEY_fromdata_init(ctx) > 0 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *mm_bench_rsa_key(const BIGNUM *p, const BIGNUM *q)
{
    BIGNUM *numbers[NUMBERS] = {[P] = BN_dup(p), [Q] = BN_dup(q)};
    BN_CTX *bn = BN_CTX_new();
    bool done = bn && numbers[P] && numbers[Q];
    for (int i = E; i < NUMBERS; i++)
        done = (numbers[i] = BN_new()) && done;
    EVP_PKEY *key = done && compute(numbers, bn) ? key_of(numbers) : NULL;
    for (int i = 0; i < NUMBERS; i++)
        BN_clear_free(numbers[i]);
    BN_CTX_free(bn);
    return key;
}

EVP_PKEY *mm_bench_ed25519_key(struct mm_draw *draw)
{
    unsigned char seed[ED25519_SEED_BYTES];
    fill(draw, seed, sizeof seed);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
}

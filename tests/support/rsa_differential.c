/*
 * rsa_differential.c - the lanes' RSA beside OpenSSL's, over random and over awkward numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/rsa_differential.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/key_internal.h"
#include "crypto/pk_internal.h"
#include "crypto/rsa_limbs.h"
#include "crypto/rsa_many.h"
#include "crypto/rsa_signer.h"
#include "support/mm_test.h"

enum { OCTETS_MAX = MM_LIMBS_MAX * MM_LIMB_BITS / 8 };

/* Numbers of `len` octets: the kinds that carries stumble over, and ordinary ones. */
static void make_number(uint64_t *seed, uint8_t *out, size_t len)
{
    enum { RANDOM, RUNS, DIGITS, ONES, ZEROS, SPARSE, KINDS };
    unsigned kind = (unsigned)(mm_random(seed) >> 60) % (KINDS + 2);
    uint8_t run = 0;
    memset(out, kind == ONES ? 0xff : 0, len);
    for (size_t i = 0; i < len; i++) {
        uint64_t r = mm_random(seed) >> 20;
        if (kind == RUNS && r % 9 == 0)
            run = (uint8_t)~run; /* long runs of ones and zeros */
        if (kind == RUNS)
            out[i] = run;
        else if (kind == DIGITS) /* about every digit of 52 bits all ones, or one more */
            out[i] = i * 8 % 52 < 8 ? (uint8_t)r : 0xff;
        else if (kind == SPARSE)
            out[i] = r % 40 == 0 ? (uint8_t)(1 << (r >> 8) % 8) : 0;
        else if (kind != ONES && kind != ZEROS)
            out[i] = (uint8_t)(r >> 8);
    }
}

/* An odd modulus of exactly so many bits. */
static void make_modulus(uint64_t *seed, uint8_t *out, unsigned bits)
{
    size_t len = (bits + 7) / 8;
    unsigned top = (bits - 1) % 8;
    make_number(seed, out, len);
    out[0] = (uint8_t)((out[0] & ((1 << top) - 1)) | 1 << top);
    out[len - 1] |= 1;
}

/* Below n: anything, or one of the first or the last few. */
static void make_base(uint64_t *seed, BIGNUM *base, const BIGNUM *n, BN_CTX *bn)
{
    uint8_t octets[OCTETS_MAX];
    unsigned kind = (unsigned)(mm_random(seed) >> 60);
    size_t len = (size_t)BN_num_bytes(n);
    make_number(seed, octets, len);
    BN_bin2bn(octets, (int)len, base);
    assert_true(BN_nnmod(base, base, n, bn));
    if (kind < 4)
        assert_true(BN_set_word(base, kind));
    else if (kind < 7)
        assert_true(BN_copy(base, n) && BN_sub_word(base, kind - 3));
}

struct one {
    BIGNUM *n, *base, *power;
};

/* Lane `at` of the room, and what OpenSSL makes of it. */
static void fill(struct mm_lanes_public *room, unsigned at, struct one *one, unsigned bits,
                 struct mm_view exponent, uint64_t *seed, BN_CTX *bn)
{
    uint8_t octets[OCTETS_MAX];
    uint64_t limbs[MM_LIMBS_MAX];
    size_t len = (bits + 7) / 8;
    make_modulus(seed, octets, bits);
    struct mm_rsa_lane_key *key =
        mm_rsa_lane_key_new((struct mm_view){(char *)octets, len}, exponent);
    assert_non_null(key);
    BN_bin2bn(octets, (int)len, one->n);
    make_base(seed, one->base, one->n, bn);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.data, (int)exponent.len, NULL);
    assert_true(BN_mod_exp(one->power, one->base, e, one->n, bn));
    BN_free(e);
    assert_true(BN_bn2binpad(one->base, octets, (int)len) > 0);
    mm_limbs_read(limbs, key->limbs, octets, len);
    mm_lanes_put(room->base, limbs, key->limbs, at);
    mm_lanes_put(room->modulus.n, key->n, key->limbs, at);
    mm_lanes_put(room->modulus.m1, key->m1, key->limbs, at);
    mm_lanes_put(room->rr, key->rr, key->limbs, at);
    room->modulus.k.at[at] = key->k;
    room->modulus.limbs = key->limbs;
    room->squarings = key->squarings;
    mm_rsa_lane_key_free(&key);
}

static bool is_right(const struct mm_lanes_public *room, unsigned at, const struct one *one,
                     unsigned bits)
{
    uint8_t want[OCTETS_MAX], have[OCTETS_MAX];
    uint64_t limbs[MM_LIMBS_MAX];
    size_t len = (bits + 7) / 8;
    mm_lanes_get(room->power, limbs, room->modulus.limbs, at);
    mm_limbs_write(have, len, limbs, room->modulus.limbs);
    assert_true(BN_bn2binpad(one->power, want, (int)len) > 0);
    return memcmp(have, want, len) == 0;
}

static uint64_t eight(const struct mm_rsa_kernels *kernels, const struct mm_rsa_kernels *again,
                      struct mm_lanes_public *room, unsigned bits, uint64_t *seed, BN_CTX *bn)
{
    static const struct mm_view exponents[] = {{"\x03", 1}, {"\x11", 1}, {"\x01\x00\x01", 3}};
    struct mm_view exponent = exponents[mm_random(seed) % MM_COUNT(exponents)];
    struct one ones[MM_LANES];
    uint64_t wrong = 0;
    for (unsigned i = 0; i < MM_LANES; i++) {
        ones[i] = (struct one){BN_new(), BN_new(), BN_new()};
        fill(room, i, &ones[i], bits, exponent, seed, bn);
    }
    for (int form = 0; form < (again ? 2 : 1); form++) {
        memset(room->power, 0xa5, sizeof room->power);
        (form ? again : kernels)->public_op(room);
        for (unsigned i = 0; i < MM_LANES; i++)
            wrong += !is_right(room, i, &ones[i], bits);
    }
    for (unsigned i = 0; i < MM_LANES; i++) {
        BN_free(ones[i].n);
        BN_free(ones[i].base);
        BN_free(ones[i].power);
    }
    return wrong;
}

uint64_t mm_rsa_differ_public(const struct mm_rsa_kernels *kernels,
                              const struct mm_rsa_kernels *again, unsigned bits, uint64_t count,
                              uint64_t seed)
{
    struct mm_lanes_public *room = aligned_alloc(alignof(struct mm_lanes_public), sizeof *room);
    BN_CTX *bn = BN_CTX_new();
    uint64_t wrong = 0;
    assert_true(room && bn);
    for (uint64_t i = 0; i < count; i += MM_LANES)
        wrong += eight(kernels, again, room, bits, &seed, bn);
    BN_CTX_free(bn);
    free(room);
    return wrong;
}

EVP_PKEY *mm_rsa_make(unsigned bits, unsigned exponent)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
                           OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    assert_true(ctx && EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_CTX_set_params(ctx, params) > 0);
    assert_true(EVP_PKEY_generate(ctx, &pkey) > 0);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

struct mm_private_key *mm_rsa_private_of(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int len = i2d_PrivateKey(pkey, &der);
    struct mm_private_key *key = NULL;
    assert_int_equal(
        mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "generated", &key, NULL),
        MM_OK);
    OPENSSL_free(der);
    return key;
}

/* A key in both worlds. */
struct pair {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *raw; /* the operation without padding */
    struct mm_private_key *key;
    BIGNUM *n;
};

static struct pair pair_of(unsigned bits)
{
    struct pair p = {.pkey = mm_rsa_make(bits, 65537)};
    p.key = mm_rsa_private_of(p.pkey);
    p.raw = EVP_PKEY_CTX_new(p.pkey, NULL);
    assert_true(p.raw && EVP_PKEY_sign_init(p.raw) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(p.raw, RSA_NO_PADDING) > 0 &&
                EVP_PKEY_get_bn_param(p.pkey, OSSL_PKEY_PARAM_RSA_N, &p.n) > 0);
    return p;
}

static void pair_end(struct pair *p)
{
    mm_private_key_free(&p->key);
    EVP_PKEY_CTX_free(p->raw);
    EVP_PKEY_free(p->pkey);
    BN_free(p->n);
}

/* Eight numbers to the private exponent. */
static uint64_t eight_powers(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                             const struct pair *p, uint64_t *seed, BN_CTX *bn)
{
    uint64_t numbers[MM_LANES][MM_LIMBS_MAX], wrong = 0;
    uint8_t in[OCTETS_MAX], want[MM_LANES][OCTETS_MAX], have[OCTETS_MAX];
    unsigned limbs = p->key->public_half->lanes->limbs;
    size_t len = p->key->public_half->signature_bytes;
    BIGNUM *base = BN_new();
    bool ran;
    for (unsigned i = 0; i < MM_LANES; i++) {
        size_t out = len;
        make_base(seed, base, p->n, bn);
        assert_true(BN_bn2binpad(base, in, (int)len) > 0);
        mm_limbs_read(numbers[i], limbs, in, len);
        assert_true(EVP_PKEY_sign(p->raw, want[i], &out, in, len) > 0);
    }
    unsigned holds = mm_rsa_sign_numbers(kernels, signer, p->key, numbers, &ran);
    for (unsigned i = 0; i < MM_LANES; i++) {
        mm_limbs_write(have, len, numbers[i], limbs);
        wrong += !ran || !(holds >> i & 1) || memcmp(have, want[i], len) != 0;
    }
    BN_free(base);
    return wrong;
}

/* 1 to 8 signatures of random digests. */
static uint64_t some_signatures(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                                struct mm_pk_ctx *theirs, const struct pair *p, uint64_t *seed,
                                unsigned *count)
{
    uint8_t digests[MM_LANES][MM_DIGEST_MAX_BYTES];
    uint8_t ours[MM_LANES][OCTETS_MAX], whole[MM_LANES][OCTETS_MAX];
    struct mm_sign_job jobs[MM_LANES], again[MM_LANES], *places[MM_LANES];
    uint64_t wrong = 0;
    bool ran;
    *count = 1 + (unsigned)(mm_random(seed) >> 40) % MM_LANES;
    for (unsigned i = 0; i < *count; i++) {
        for (unsigned k = 0; k < sizeof digests[i]; k++)
            digests[i][k] = (uint8_t)(mm_random(seed) >> 40);
        enum mm_digest_alg alg = mm_random(seed) >> 61 ? MM_SHA256 : MM_SHA1;
        jobs[i] = (struct mm_sign_job){p->key, alg, digests[i], ours[i], 0};
        again[i] = (struct mm_sign_job){p->key, alg, digests[i], whole[i], 0};
        places[i] = &jobs[i];
    }
    unsigned holds = mm_rsa_sign_lanes(kernels, signer, places, *count, &ran);
    assert_int_equal(mm_sign_many(theirs, again, *count), MM_OK);
    for (unsigned i = 0; i < *count; i++)
        wrong += !(holds >> i & 1) || jobs[i].signature_bytes != again[i].signature_bytes ||
                 memcmp(ours[i], whole[i], again[i].signature_bytes) != 0;
    return wrong;
}

uint64_t mm_rsa_differ_private(const struct mm_rsa_kernels *kernels, unsigned bits, uint64_t count,
                               uint64_t seed)
{
    struct pair pairs[2] = {pair_of(bits), pair_of(bits)};
    struct mm_rsa_signer *signer = mm_rsa_signer_new();
    struct mm_pk_ctx *theirs = mm_pk_ctx_new();
    BN_CTX *bn = BN_CTX_new();
    uint64_t wrong = 0, done = 0;
    unsigned made;
    assert_true(signer && theirs && bn && pairs[0].key->lanes && pairs[1].key->lanes);
    mm_pk_ctx_openssl_only(theirs);
    while (done < count) {
        const struct pair *p = &pairs[mm_random(&seed) >> 63];
        wrong += eight_powers(kernels, signer, p, &seed, bn);
        wrong += some_signatures(kernels, signer, theirs, p, &seed, &made);
        done += MM_LANES + made;
    }
    BN_CTX_free(bn);
    mm_pk_ctx_free(&theirs);
    mm_rsa_signer_free(&signer);
    pair_end(&pairs[0]);
    pair_end(&pairs[1]);
    return wrong;
}

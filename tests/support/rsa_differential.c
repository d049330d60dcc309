/*
 * rsa_differential.c - the lanes' RSA beside OpenSSL's, over random and over awkward numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/rsa_differential.h"

#include <openssl/bn.h>

#include "crypto/rsa_limbs.h"
#include "crypto/rsa_many.h"
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

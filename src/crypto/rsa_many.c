/*
 * rsa_many.c - RSASSA-PKCS1-v1_5 checked for up to eight signatures at once, each in a lane.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here is secret. A block is made of the digest and compared whole, never taken apart.
 */
#include "crypto/rsa_many.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "crypto/key_internal.h"
#include "crypto/pkcs1.h"
#include "crypto/rsa_limbs.h"

/* ---- keys ---- */

static const struct {
    struct mm_view octets;
    unsigned squarings;
} exponents[MM_LANE_EXPONENTS] = {
    {{"\x03", 1}, 1}, {{"\x11", 1}, 4}, {{"\x01\x00\x01", 3}, 16}}; /* 2^squarings + 1 */

static unsigned squarings_of(struct mm_view exponent)
{
    for (size_t i = 0; i < MM_COUNT(exponents); i++)
        if (mm_view_eq(exponent, exponents[i].octets))
            return exponents[i].squarings;
    return 0;
}

/* rr = 2^(104 limbs) mod n */
static bool square_of_r(struct mm_rsa_lane_key *key, struct mm_view modulus)
{
    uint8_t octets[MM_LIMBS_MAX * MM_LIMB_BITS / 8];
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.data, (int)modulus.len, NULL);
    BIGNUM *rr = BN_new();
    BN_CTX *bn = BN_CTX_new();
    bool made = n && rr && bn && BN_set_bit(rr, (int)(2 * MM_LIMB_BITS * key->limbs)) &&
                BN_mod(rr, rr, n, bn) && BN_bn2binpad(rr, octets, (int)modulus.len) > 0;
    if (made)
        mm_limbs_read(key->rr, key->limbs, octets, modulus.len);
    else
        ERR_clear_error();
    BN_CTX_free(bn);
    BN_free(rr);
    BN_free(n);
    return made;
}

struct mm_rsa_lane_key *mm_rsa_lane_key_new(struct mm_view modulus, struct mm_view exponent)
{
    unsigned limbs = mm_limbs_for(modulus.len * 8), squarings = squarings_of(exponent);
    if (limbs > MM_LIMBS_MAX || squarings == 0)
        return NULL;
    struct mm_rsa_lane_key *key = calloc(1, sizeof *key + 3 * limbs * sizeof *key->n);
    if (!key)
        return NULL;
    key->limbs = limbs;
    key->squarings = squarings;
    key->n = (uint64_t *)(key + 1);
    key->m1 = key->n + limbs;
    key->rr = key->m1 + limbs;
    mm_limbs_read(key->n, limbs, (const uint8_t *)modulus.data, modulus.len);
    key->k = mm_limbs_negative_inverse(key->n[0]);
    mm_limbs_m1(key->m1, key->n, limbs, key->k);
    if (!square_of_r(key, modulus))
        mm_rsa_lane_key_free(&key);
    return key;
}

void mm_rsa_lane_key_free(struct mm_rsa_lane_key **key)
{
    free(*key);
    *key = NULL;
}

unsigned mm_rsa_lane_class(const struct mm_rsa_lane_key *key)
{
    unsigned exponent = 0;
    while (exponents[exponent].squarings != key->squarings)
        exponent++;
    return (key->limbs / 10 - 1) * MM_LANE_EXPONENTS + exponent;
}

/* ---- verify ---- */

static bool is_below(const uint64_t *a, const uint64_t *b, unsigned limbs)
{
    for (unsigned i = limbs; i-- > 0;)
        if (a[i] != b[i])
            return a[i] < b[i];
    return false;
}

/* What a lane works on. A signature that cannot be is worked on as zero. */
struct lane {
    uint64_t want[MM_LIMBS_MAX]; /* the block that must come out */
    bool fits;
};

static void fill_lane(struct mm_lanes_public *room, unsigned at, const struct mm_verify_job *job,
                      struct lane *lane)
{
    const struct mm_rsa_lane_key *key = job->key->lanes;
    uint64_t signature[MM_LIMBS_MAX] = {0};
    uint8_t block[MM_LIMBS_MAX * MM_LIMB_BITS / 8];
    lane->fits = mm_pkcs1_block(job->alg, job->digest, block, job->signature.len);
    if (lane->fits) {
        mm_limbs_read(lane->want, key->limbs, block, job->signature.len);
        mm_limbs_read(signature, key->limbs, (const uint8_t *)job->signature.data,
                      job->signature.len);
        lane->fits = is_below(signature, key->n, key->limbs);
    }
    if (!lane->fits)
        memset(signature, 0, sizeof signature);
    mm_lanes_put(room->modulus.n, key->n, key->limbs, at);
    mm_lanes_put(room->modulus.m1, key->m1, key->limbs, at);
    mm_lanes_put(room->rr, key->rr, key->limbs, at);
    mm_lanes_put(room->base, signature, key->limbs, at);
    room->modulus.k.at[at] = key->k;
}

static bool is_equal(const struct mm_lanes_public *room, unsigned at, const struct lane *lane)
{
    uint64_t differs = 0;
    for (unsigned i = 0; i < room->modulus.limbs; i++)
        differs |= room->power[i].at[at] ^ lane->want[i];
    return differs == 0;
}

void mm_rsa_verify_lanes(const struct mm_rsa_kernels *kernels, struct mm_lanes_public *room,
                         struct mm_verify_job *const *jobs, unsigned count)
{
    struct lane lanes[MM_LANES];
    const struct mm_rsa_lane_key *first = jobs[0]->key->lanes;
    room->modulus.limbs = first->limbs;
    room->squarings = first->squarings;
    for (unsigned i = 0; i < MM_LANES; i++) /* those left over do what the first one does */
        fill_lane(room, i, jobs[i < count ? i : 0], &lanes[i]);
    kernels->public_op(room);
    for (unsigned i = 0; i < count; i++)
        jobs[i]->valid = lanes[i].fits && is_equal(room, i, &lanes[i]);
}

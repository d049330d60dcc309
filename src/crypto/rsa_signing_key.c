/*
 * rsa_signing_key.c - a private key made ready for lanes, in time that its lengths alone decide.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Powers of R modulo the primes come from doubling and from Montgomery products of single numbers:
 * big-number libraries divide, which takes its own time.
 */
#include <string.h>

#include "crypto/rsa_limbs.h"
#include "crypto/rsa_signer.h"
#include "crypto/secret.h"

/* Numbers on the way. Wiped. */
struct work {
    uint64_t power[MM_HALF_LIMBS_MAX];
    uint64_t other[MM_HALF_LIMBS_MAX];
    uint64_t sum[MM_HALF_LIMBS_MAX + 1];
};

/* r = x - n where that leaves nothing below zero, else x. x is below 2 n and may have a digit above
 * the `limbs` that count, which then are 0 or 1. */
static void secret_subtract(uint64_t *r, const uint64_t *x, uint64_t above, const uint64_t *n,
                            unsigned limbs)
{
    uint64_t difference[MM_HALF_LIMBS_MAX], borrow = 0;
    for (unsigned i = 0; i < limbs; i++) {
        uint64_t digit = x[i] - n[i] - borrow;
        difference[i] = digit & MM_LIMB_MASK;
        borrow = digit >> 63;
    }
    uint64_t keep = 0 - (borrow & ~above & 1); /* all ones: x was below n */
    for (unsigned i = 0; i < limbs; i++)
        r[i] = (x[i] & keep) | (difference[i] & ~keep);
    mm_secret_wipe(difference, sizeof difference);
}

/* x = 2 x mod n */
static void secret_double(uint64_t *x, const uint64_t *n, unsigned limbs)
{
    uint64_t carry = 0;
    for (unsigned i = 0; i < limbs; i++) {
        uint64_t digit = x[i] << 1 | carry;
        x[i] = digit & MM_LIMB_MASK;
        carry = digit >> MM_LIMB_BITS;
    }
    secret_subtract(x, x, carry, n, limbs);
}

/* r = a b / R mod n, below n; r may be a or b. */
static void secret_mont(uint64_t *r, const uint64_t *a, const uint64_t *b,
                        const struct mm_rsa_half *half, unsigned limbs, struct work *w)
{
    memset(w->sum, 0, sizeof w->sum);
    for (unsigned i = 0; i < limbs; i++) {
        unsigned __int128 t = (unsigned __int128)a[i] * b[0] + w->sum[0];
        uint64_t digit = (uint64_t)t * half->k & MM_LIMB_MASK;
        unsigned __int128 carry =
            (t >> MM_LIMB_BITS) +
            ((((unsigned __int128)digit * half->n[0]) + ((uint64_t)t & MM_LIMB_MASK)) >>
             MM_LIMB_BITS);
        for (unsigned j = 1; j < limbs; j++) {
            carry +=
                (unsigned __int128)a[i] * b[j] + (unsigned __int128)digit * half->n[j] + w->sum[j];
            w->sum[j - 1] = (uint64_t)carry & MM_LIMB_MASK;
            carry >>= MM_LIMB_BITS;
        }
        carry += w->sum[limbs];
        w->sum[limbs - 1] = (uint64_t)carry & MM_LIMB_MASK;
        w->sum[limbs] = (uint64_t)(carry >> MM_LIMB_BITS);
    }
    secret_subtract(r, w->sum, w->sum[limbs], half->n, limbs);
}

/* one = R mod n and w->power = R^2 mod n, from 2^(bits - 1), which is below n. */
static void secret_powers_of_r(struct mm_rsa_half *half, unsigned limbs, unsigned bits,
                               struct work *w)
{
    unsigned r_bits = limbs * MM_LIMB_BITS, squarings = (unsigned)__builtin_ctz(r_bits);
    memset(w->power, 0, sizeof w->power);
    w->power[(bits - 1) / MM_LIMB_BITS] = UINT64_C(1) << (bits - 1) % MM_LIMB_BITS;
    for (unsigned at = bits - 1; at < r_bits; at++)
        secret_double(w->power, half->n, limbs);
    memcpy(half->one, w->power, sizeof half->one);
    for (unsigned i = 0; i < r_bits >> squarings; i++) /* R 2^i: the Montgomery form of 2^i */
        secret_double(w->power, half->n, limbs);
    for (unsigned i = 0; i < squarings; i++)
        secret_mont(w->power, w->power, w->power, half, limbs, w);
}

static void read_words(uint64_t *words, struct mm_view octets)
{
    for (size_t i = 0; i < octets.len; i++)
        words[i / 8] |= (uint64_t)(unsigned char)octets.data[octets.len - 1 - i] << 8 * (i % 8);
}

static void secret_half(struct mm_rsa_half *half, struct mm_view prime, struct mm_view exponent,
                        unsigned limbs, unsigned bits, struct work *w)
{
    mm_limbs_read(half->n, limbs, (const uint8_t *)prime.data, prime.len);
    half->k = mm_limbs_negative_inverse(half->n[0]);
    mm_limbs_m1(half->m1, half->n, limbs, half->k);
    secret_powers_of_r(half, limbs, bits, w);
    secret_mont(half->r3, w->power, w->power, half, limbs, w);
    read_words(half->exponent, exponent);
    read_words(half->inverse, prime);
    uint64_t borrow = 2; /* p - 2 */
    for (unsigned i = 0; i < MM_HALF_WORDS_MAX; i++) {
        uint64_t word = half->inverse[i] - borrow;
        borrow = (~half->inverse[i] & word) >> 63;
        half->inverse[i] = word;
    }
}

static bool is_prime_of(struct mm_view prime, unsigned bits)
{
    return prime.len == bits / 8 && (unsigned char)prime.data[0] >= 0x80 &&
           (prime.data[prime.len - 1] & 1);
}

struct mm_rsa_signing_key *mm_rsa_signing_key_new(const struct mm_rsa_lane_key *public_half,
                                                  uint32_t bits, const struct mm_rsa_secrets *s)
{
    unsigned half_bits = bits / 2, limbs = mm_limbs_for(half_bits);
    if (!public_half || bits % 16 != 0 || public_half->limbs != 2 * limbs ||
        limbs > MM_HALF_LIMBS_MAX || !is_prime_of(s->p, half_bits) ||
        !is_prime_of(s->q, half_bits) || s->dp.len > half_bits / 8 || s->dq.len > half_bits / 8 ||
        s->q_inverse.len > half_bits / 8)
        return NULL;
    struct mm_rsa_signing_key *key = mm_secret_alloc(sizeof *key);
    struct work *w = mm_secret_alloc(sizeof *w);
    if (key && w) {
        key->limbs = limbs;
        key->bits = half_bits;
        atomic_init(&key->faults, 0);
        secret_half(&key->q, s->q, s->dq, limbs, half_bits, w);
        secret_half(&key->p, s->p, s->dp, limbs, half_bits, w);
        mm_limbs_read(w->other, limbs, (const uint8_t *)s->q_inverse.data, s->q_inverse.len);
        secret_mont(key->q_inverse, w->other, w->power, &key->p, limbs, w);
    } else {
        mm_rsa_signing_key_free(&key);
    }
    mm_secret_free(w, sizeof *w);
    return key;
}

void mm_rsa_signing_key_free(struct mm_rsa_signing_key **key)
{
    mm_secret_free(*key, sizeof **key);
    *key = NULL;
}

/*
 * rsa_lanes.h - arithmetic modulo N for eight numbers at a time, one in each lane of a vector.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A number is `limbs` digits of 52 bits, the least first; digit i of all eight numbers lies in one
 * struct mm_lanes, which is one vector register. limbs is a multiple of ten and R = 2^(52 limbs).
 * The same source is compiled for AVX-512 IFMA and for plain C: docs/design/batch-crypto.md has the
 * algorithms and the bound of every carry.
 *
 * No branch and no address depends on the value of a number: what depends on secrets has the word
 * `secret` in its symbol's name, so that tools can find it.
 */
#ifndef MM_CRYPTO_RSA_LANES_H
#define MM_CRYPTO_RSA_LANES_H

#include <stdalign.h>
#include <stdint.h>

#include "base/kernel.h"

enum {
    MM_LANES = 8,
    MM_LIMB_BITS = 52,
    MM_LIMBS_MAX = 80,                    /* 4096 bits and 64 to spare */
    MM_HALF_LIMBS_MAX = MM_LIMBS_MAX / 2, /* a prime of such a modulus */
    MM_HALF_WORDS_MAX = (MM_HALF_LIMBS_MAX * MM_LIMB_BITS + 63) / 64,
    MM_RSA_WINDOW_BITS = 4,
    MM_RSA_WINDOW_ENTRIES = 1 << MM_RSA_WINDOW_BITS
};
#define MM_LIMB_MASK ((UINT64_C(1) << MM_LIMB_BITS) - 1)

struct mm_lanes {
    alignas(64) uint64_t at[MM_LANES];
};

/* What a reduction modulo N needs: N, M1 = (k N + 1) / 2^52 and k = -1/N mod 2^52. */
struct mm_lanes_modulus {
    struct mm_lanes n[MM_LIMBS_MAX];
    struct mm_lanes m1[MM_LIMBS_MAX];
    struct mm_lanes k;
    unsigned limbs;
};

/* Room for a public operation: input, result, and what lies between. */
struct mm_lanes_public {
    struct mm_lanes_modulus modulus;
    struct mm_lanes rr[MM_LIMBS_MAX];           /* R^2 mod N */
    struct mm_lanes base[MM_LIMBS_MAX];         /* below N */
    struct mm_lanes power[MM_LIMBS_MAX];        /* out: base^(2^squarings + 1) mod N, below N */
    struct mm_lanes wide[2 * MM_LIMBS_MAX + 1]; /* columns of a product */
    unsigned squarings;                         /* 1, 4 or 16: the exponents 3, 17 and 65537 */
};

/* One prime of a private key and what its half of a signature needs: the same for all lanes. */
struct mm_rsa_half {
    uint64_t n[MM_HALF_LIMBS_MAX], m1[MM_HALF_LIMBS_MAX];
    uint64_t one[MM_HALF_LIMBS_MAX]; /* R mod p */
    uint64_t r3[MM_HALF_LIMBS_MAX];  /* R^3 mod p */
    uint64_t k;
    uint64_t exponent[MM_HALF_WORDS_MAX]; /* d mod p - 1: words of 64 bits, the least first */
    uint64_t inverse[MM_HALF_WORDS_MAX];  /* p - 2, the exponent that inverts modulo p */
};

/* A private key for lanes. In locked memory; read only but for the count. */
struct mm_rsa_signing_key {
    unsigned limbs; /* of a prime: half of the modulus' */
    unsigned bits;  /* of a prime */
    atomic_uint faults;
    struct mm_rsa_half p, q;
    uint64_t q_inverse[MM_HALF_LIMBS_MAX]; /* R/q mod p */
};

/* Factors that hide from the exponentiation what it works on, times R: r^e and 1/r, each lane its
 * own r. `limbs` digits each. */
struct mm_lanes_blinding {
    struct mm_lanes *factor, *remover;
};

/* Room for a private operation. In locked memory, wiped after each. */
struct mm_lanes_private {
    struct mm_lanes_public check;        /* .base: out, the signatures; also the key's modulus */
    struct mm_lanes input[MM_LIMBS_MAX]; /* the blocks to sign */
    struct mm_lanes value[MM_LIMBS_MAX];
    struct mm_lanes_modulus prime;                /* of the half at work */
    struct mm_lanes halves[2][MM_HALF_LIMBS_MAX]; /* the signatures modulo p and q */
    struct mm_lanes constant[MM_HALF_LIMBS_MAX];
    struct mm_lanes table[MM_RSA_WINDOW_ENTRIES * MM_HALF_LIMBS_MAX];
    struct mm_lanes picked[MM_HALF_LIMBS_MAX];
};

/* One compilation of the arithmetic. */
struct mm_rsa_kernels {
    const char *name;
    void (*public_op)(struct mm_lanes_public *room);
    /*
     * Sign what is in room->input: blind, both halves, their sum, unblind, check with the public
     * key. Moves the blinding on to its square. Returns a bit for each lane whose signature holds;
     * the others are zero.
     */
    unsigned (*sign)(struct mm_lanes_private *room, const struct mm_rsa_signing_key *key,
                     const struct mm_lanes_blinding *blinding);
    /* A blinding of the random numbers in room->input, each below the modulus. */
    void (*blind)(struct mm_lanes_private *room, const struct mm_rsa_signing_key *key,
                  const struct mm_lanes_blinding *blinding);
    void (*wipe_registers)(void); /* all that a private operation may have used */
};

/* Always there; for tests, and for what is not pressed for time. */
extern const struct mm_rsa_kernels mm_rsa_kernels_portable;
#if defined(__x86_64__)
extern const struct mm_rsa_kernels mm_rsa_kernels_avx512; /* needs AVX-512 F and IFMA */
#endif
/* The best that this processor has and that gave the known answers; NULL where OpenSSL is better.
 * To ask for the first time runs the operation, and the private one is by far the dearer: who only
 * verifies asks for the public one alone. */
const struct mm_rsa_kernels *mm_rsa_kernels_pick_public(void);
const struct mm_rsa_kernels *mm_rsa_kernels_pick(void);

#endif /* MM_CRYPTO_RSA_LANES_H */

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

/* One compilation of the arithmetic. */
struct mm_rsa_kernels {
    const char *name;
    void (*public_op)(struct mm_lanes_public *room);
};

/* Always there; for tests, and for what is not pressed for time. */
extern const struct mm_rsa_kernels mm_rsa_kernels_portable;
#if defined(__x86_64__)
extern const struct mm_rsa_kernels mm_rsa_kernels_avx512; /* needs AVX-512 F and IFMA */
#endif
/* The best that this processor has and that gave the known answer; NULL where OpenSSL is better. */
const struct mm_rsa_kernels *mm_rsa_kernels_pick(void);

#endif /* MM_CRYPTO_RSA_LANES_H */

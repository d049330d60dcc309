/*
 * rsa_many.h - RSASSA-PKCS1-v1_5 for up to eight signatures at once, each in a lane.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Private to this folder: pk_many.c fills the lanes and takes what is left to OpenSSL.
 */
#ifndef MM_CRYPTO_RSA_MANY_H
#define MM_CRYPTO_RSA_MANY_H

#include "crypto/pk_many.h"
#include "crypto/rsa_lanes.h"

enum {
    MM_LANE_SIZES = MM_LIMBS_MAX / 10, /* of 10, 20 … 80 digits */
    MM_LANE_EXPONENTS = 3,             /* 3, 17, 65537 */
    MM_LANE_CLASSES = MM_LANE_SIZES * MM_LANE_EXPONENTS,
    /* Eight signatures are checked in the time of one and a half to two through OpenSSL. */
    MM_RSA_VERIFY_LEAST = 2
};

/* What lanes need of a public key, made once: shared by threads, read only. */
struct mm_rsa_lane_key {
    unsigned limbs;
    unsigned squarings;
    uint64_t k;
    uint64_t *n, *m1, *rr; /* `limbs` digits each, behind the struct */
};

/* NULL for a modulus above 4152 bits, another exponent than 3, 17 and 65537, and without memory:
 * such keys are for OpenSSL. Numbers as mm_public_key_of_rsa() takes them, checked. */
struct mm_rsa_lane_key *mm_rsa_lane_key_new(struct mm_view modulus, struct mm_view exponent);
void mm_rsa_lane_key_free(struct mm_rsa_lane_key **key);
/* Keys of one class go together: below MM_LANE_CLASSES. */
unsigned mm_rsa_lane_class(const struct mm_rsa_lane_key *key);

/*
 * Fill `valid` of 1 to 8 jobs whose keys are of one class, and whose signatures are as long as
 * their keys' moduli. The whole block of PKCS#1 is compared (RFC 8017 section 8.2.2); a number not
 * below the modulus is false.
 */
void mm_rsa_verify_lanes(const struct mm_rsa_kernels *kernels, struct mm_lanes_public *room,
                         struct mm_verify_job *const *jobs, unsigned count);

#endif /* MM_CRYPTO_RSA_MANY_H */

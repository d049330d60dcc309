/*
 * rsa_differential.h - the lanes' RSA beside OpenSSL's, over random and over awkward numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_RSA_DIFFERENTIAL_H
#define MM_SUPPORT_RSA_DIFFERENTIAL_H

#include <openssl/evp.h>

#include "crypto/private_key.h"
#include "crypto/rsa_lanes.h"

/*
 * At least `count` public operations, eight moduli of `bits` bits at a time, each of its own kind;
 * exponents 3, 17, 65537. Returns how many results are not those of BN_mod_exp().
 * `again` (may be NULL) must give the same limbs.
 */
uint64_t mm_rsa_differ_public(const struct mm_rsa_kernels *kernels,
                              const struct mm_rsa_kernels *again, unsigned bits, uint64_t count,
                              uint64_t seed);

/* RSA key of two primes with exponent 65537, or `exponent`; and the same as mailmill reads it. */
EVP_PKEY *mm_rsa_make(unsigned bits, unsigned exponent);
struct mm_private_key *mm_rsa_private_of(EVP_PKEY *pkey);

/*
 * At least `count` private operations with two keys of `bits` bits, which are made anew: half of
 * them signatures, 1 to 8 a call, and half the operation itself on numbers of every kind. Returns
 * how many results are not OpenSSL's own.
 */
uint64_t mm_rsa_differ_private(const struct mm_rsa_kernels *kernels, unsigned bits, uint64_t count,
                               uint64_t seed);

#endif /* MM_SUPPORT_RSA_DIFFERENTIAL_H */

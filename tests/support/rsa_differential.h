/*
 * rsa_differential.h - the lanes' RSA beside OpenSSL's, over random and over awkward numbers.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_SUPPORT_RSA_DIFFERENTIAL_H
#define MM_SUPPORT_RSA_DIFFERENTIAL_H

#include "crypto/rsa_lanes.h"

/*
 * At least `count` public operations, eight moduli of `bits` bits at a time, each of its own kind;
 * exponents 3, 17, 65537. Returns how many results are not those of BN_mod_exp().
 * `again` (may be NULL) must give the same limbs.
 */
uint64_t mm_rsa_differ_public(const struct mm_rsa_kernels *kernels,
                              const struct mm_rsa_kernels *again, unsigned bits, uint64_t count,
                              uint64_t seed);

#endif /* MM_SUPPORT_RSA_DIFFERENTIAL_H */

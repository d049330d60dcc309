/*
 * rsa_limbs.h - numbers between octets and the digits of 52 bits that lanes work on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Loops run over public lengths only; the values may be secret.
 */
#ifndef MM_CRYPTO_RSA_LIMBS_H
#define MM_CRYPTO_RSA_LIMBS_H

#include "base/view.h"
#include "crypto/rsa_lanes.h"

/* Digits that a modulus of so many bits takes: a multiple of ten, with R = 2^(52 limbs) at least
 * 2^8 N, which the bounds of the arithmetic rest on. */
unsigned mm_limbs_for(size_t bits);

/* Big-endian octets, at most 52 limbs / 8 of them. */
void mm_limbs_read(uint64_t *limbs, unsigned count, const uint8_t *octets, size_t len);
/* The low 8 len bits; every digit is below 2^52. */
void mm_limbs_write(uint8_t *octets, size_t len, const uint64_t *limbs, unsigned count);

/* -1/n mod 2^52 of an odd n, by its lowest digit. */
uint64_t mm_limbs_negative_inverse(uint64_t lowest);
/* m1 = (k n + 1) / 2^52 */
void mm_limbs_m1(uint64_t *m1, const uint64_t *n, unsigned count, uint64_t k);

/* One lane of `to`, or all eight. */
void mm_lanes_put(struct mm_lanes *to, const uint64_t *limbs, unsigned count, unsigned lane);
void mm_lanes_put_all(struct mm_lanes *to, const uint64_t *limbs, unsigned count);
void mm_lanes_get(const struct mm_lanes *from, uint64_t *limbs, unsigned count, unsigned lane);

#endif /* MM_CRYPTO_RSA_LIMBS_H */

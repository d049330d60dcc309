/*
 * rsa_verify.h - RSA signatures checked with big numbers alone, for the exponent that keys have.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Private to this folder. All numbers are public, so nothing here takes care to hide them.
 */
#ifndef MM_CRYPTO_RSA_VERIFY_H
#define MM_CRYPTO_RSA_VERIFY_H

#include "crypto/key_internal.h"

/* What a key prepares, once: shared by threads, read only. */
struct mm_rsa_prepared {
    BIGNUM *modulus;
    BN_MONT_CTX *mont;
    BIGNUM *block; /* the encoded message of RFC 8017 section 9.2 for SHA-256, its digest zero */
};

/* For the exponent 65537 and a modulus that holds the block; NULL for others, and without memory:
 * then OpenSSL's own verification is all there is. */
struct mm_rsa_prepared *mm_rsa_prepare(struct mm_view modulus, struct mm_view exponent);
void mm_rsa_prepared_free(struct mm_rsa_prepared **prepared);

/* Numbers to work with: one thread's, kept over calls so that none allocates. */
struct mm_rsa_scratch {
    BN_CTX *bn;
    BIGNUM *signature, *power, *block;
};
bool mm_rsa_scratch_init(struct mm_rsa_scratch *s);
void mm_rsa_scratch_deinit(struct mm_rsa_scratch *s); /* quiet on a zeroed struct */

/*
 * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2): the block that the signature stands for
 * is compared as a whole, padding and DigestInfo included. A signature not below the modulus is
 * false. `signature` is as long as the modulus.
 * Returns false where a number found no memory; *valid counts only with true.
 */
bool mm_rsa_verify_sha256(struct mm_rsa_scratch *s, const struct mm_rsa_prepared *key,
                          const uint8_t *digest, struct mm_view signature, bool *valid);

#endif /* MM_CRYPTO_RSA_VERIFY_H */

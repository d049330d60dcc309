/*
 * recover.h - what the signer of an RSA signature hashed, as the signature itself tells.
 * SPDX-License-Identifier: Apache-2.0
 *
 * For explanations. Whether a signature holds is decided in pk_many.h, by comparison.
 */
#ifndef MM_CRYPTO_RECOVER_H
#define MM_CRYPTO_RECOVER_H

#include "crypto/digest.h"
#include "crypto/public_key.h"

/*
 * The digest inside of a signature made with the private half of `key` (RFC 8017 section 8.2.2).
 * Returns true with it in `out`; false where the block is none of that kind, so that the signature
 * was made with another key or damaged, and for Ed25519, which holds no digest.
 */
bool mm_signature_recover(const struct mm_public_key *key, enum mm_digest_alg alg,
                          struct mm_view signature, uint8_t out[MM_DIGEST_MAX_BYTES]);

#endif /* MM_CRYPTO_RECOVER_H */

/*
 * pkcs1.h - the block that an RSASSA-PKCS1-v1_5 signature stands for.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_PKCS1_H
#define MM_CRYPTO_PKCS1_H

#include "crypto/digest.h"

/* Octets of the DigestInfo with its digest, and the least a block around it has. */
enum { MM_PKCS1_INFO_MAX_BYTES = 51, MM_PKCS1_AROUND_BYTES = 3 + 8 };

/*
 * EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): 00 01 FF…FF 00, DigestInfo, digest; `len` octets in all,
 * those of the modulus. False where they do not hold eight octets of FF.
 */
bool mm_pkcs1_block(enum mm_digest_alg alg, const uint8_t *digest, uint8_t *block,
                    size_t len) MM_MUST_CHECK;

#endif /* MM_CRYPTO_PKCS1_H */

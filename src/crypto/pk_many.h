/*
 * pk_many.h - public-key operations of a whole batch: sign many, verify many.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The batch is the interface so that lanes can be filled; what runs is named by mm_pk_backend().
 * Contexts belong to one worker; keys are shared.
 */
#ifndef MM_CRYPTO_PK_MANY_H
#define MM_CRYPTO_PK_MANY_H

#include "crypto/digest.h"
#include "crypto/private_key.h"

struct mm_pk_ctx; /* one a worker: OpenSSL contexts kept by key, bounded in number */
struct mm_pk_ctx *mm_pk_ctx_new(void);
void mm_pk_ctx_free(struct mm_pk_ctx **ctx);
/* From now on every operation is OpenSSL's own, whole. */
void mm_pk_ctx_openssl_only(struct mm_pk_ctx *ctx);

struct mm_sign_job {
    const struct mm_private_key *key;
    enum mm_digest_alg alg; /* of `digest`; Ed25519 takes SHA-256 only (RFC 8463 section 3) */
    const uint8_t *digest;
    uint8_t *signature;     /* out: mm_private_key_signature_bytes() of room */
    size_t signature_bytes; /* out */
};
/*
 * RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2) or PureEdDSA over the digest (RFC 8463 section 3), in
 * any order. Every signature is checked with the public key before this returns; one that does not
 * hold is made once more. Returns  MM_OK with every signature made; MM_E_CRYPTO where one cannot
 * be, MM_E_NOMEM, MM_E_ARG for Ed25519 with another digest than SHA-256: then jobs without one have
 *          signature_bytes 0.
 */
enum mm_status mm_sign_many(struct mm_pk_ctx *ctx, struct mm_sign_job *jobs,
                            size_t count) MM_MUST_CHECK;
/* Signatures of this context that did not hold: a fault of the machine, or a key of two halves that
 * do not belong together. */
uint64_t mm_pk_ctx_mismatches(const struct mm_pk_ctx *ctx);

struct mm_verify_job {
    const struct mm_public_key *key;
    enum mm_digest_alg alg;
    const uint8_t *digest;
    struct mm_view signature;
    bool valid; /* out */
};
/* Fill `valid`. A signature of the wrong length or not below the modulus is false, never an error.
 */
enum mm_status mm_verify_many(struct mm_pk_ctx *ctx, struct mm_verify_job *jobs,
                              size_t count) MM_MUST_CHECK;

/* "avx512-ifma": RSA in lanes of our own; "openssl-bn": OpenSSL, where it can by its big numbers
 * alone. */
const char *mm_pk_backend(void);

#endif /* MM_CRYPTO_PK_MANY_H */

/*
 * public_key.h - a signer's public key, parsed once.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_PUBLIC_KEY_H
#define MM_CRYPTO_PUBLIC_KEY_H

#include "base/buf.h"
#include "base/error.h"
#include "mailmill/keys.h"

enum {
    MM_RSA_MIN_BITS = 512,         /* shorter: not even archives hold them */
    MM_RSA_MAX_BITS = 8192,        /* a verify of 8192 bits costs 0.36 ms; 16384 four times that */
    MM_RSA_MAX_EXPONENT_BITS = 64, /* what OpenSSL takes for long moduli; 17 are usual */
    MM_RSA_STRICT_BITS = 1024      /* RFC 8301 section 3.2 */
};

/*
 * Parse DER. RSA: SubjectPublicKeyInfo or bare RSAPublicKey (RFC 6376 section 3.6.1 with erratum
 * 3017), strict DER with nothing behind it. Ed25519: the 32 octets themselves (RFC 8463 section 4).
 *
 * Returns  MM_OK; MM_E_SYNTAX for anything else, a modulus that is even or zero, an exponent that
 *          is even or below 3; MM_E_LIMIT above MM_RSA_MAX_BITS or MM_RSA_MAX_EXPONENT_BITS;
 *          MM_E_PERM below MM_RSA_MIN_BITS; MM_E_NOMEM, MM_E_CRYPTO. *out is NULL unless MM_OK.
 */
enum mm_status mm_public_key_parse(enum mm_key_type type, struct mm_view der,
                                   struct mm_public_key **out, struct mm_error *err) MM_MUST_CHECK;

/*
 * The same out of a file's bytes: PEM or DER, SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8410
 * section 4) or RSAPublicKey. name: for error texts.
 * Returns  MM_END where the bytes do not look like a public key, or hold a private one too.
 */
enum mm_status mm_public_key_parse_file(struct mm_view bytes, const char *name,
                                        struct mm_public_key **out,
                                        struct mm_error *err) MM_MUST_CHECK;

/* Append what p= holds in base64: SubjectPublicKeyInfo for RSA, the 32 octets for Ed25519 (RFC 6376
 * section 3.6.1, RFC 8463 section 4). Returns MM_E_NOMEM or MM_E_CRYPTO on failure. */
enum mm_status mm_public_key_octets(const struct mm_public_key *key,
                                    struct mm_buf *out) MM_MUST_CHECK;

/* SHA-256 of (type, numbers): equal exactly for equal keys, whatever their encoding. */
void mm_public_key_fingerprint(const struct mm_public_key *key, uint8_t out[32]);

#endif /* MM_CRYPTO_PUBLIC_KEY_H */

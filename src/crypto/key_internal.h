/*
 * key_internal.h - what a key is made of, for the files of this folder.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CRYPTO_KEY_INTERNAL_H
#define MM_CRYPTO_KEY_INTERNAL_H

#include <openssl/evp.h>

#include "crypto/private_key.h"

enum { MM_ED25519_KEY_BYTES = 32, MM_ED25519_SIGNATURE_BYTES = 64 };

struct mm_rsa_prepared;
struct mm_rsa_lane_key;
struct mm_rsa_signing_key;

struct mm_public_key {
    enum mm_key_type type;
    uint32_t bits;
    size_t signature_bytes; /* the modulus' octets; 64 for Ed25519 */
    uint64_t id;            /* from 1, never used twice: workers keep contexts by it */
    EVP_PKEY *pkey;
    struct mm_rsa_prepared *prepared; /* NULL where OpenSSL's own verification is used */
    struct mm_rsa_lane_key *lanes;    /* NULL for keys that lanes cannot take */
    uint8_t fingerprint[32];
};

struct mm_private_key {
    struct mm_public_key *public_half;
    EVP_PKEY *pkey;                   /* its numbers lie in OpenSSL's secure heap */
    struct mm_rsa_signing_key *lanes; /* the same for lanes; NULL where they cannot take it */
};

/* A public key of numbers already taken apart; big-endian, no leading zero octet. The limits of
 * mm_public_key_parse() are checked here. */
enum mm_status mm_public_key_of_rsa(struct mm_view modulus, struct mm_view exponent,
                                    struct mm_public_key **out, struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_public_key_of_ed25519(struct mm_view octets, struct mm_public_key **out,
                                        struct mm_error *err) MM_MUST_CHECK;

/* Empty OpenSSL's error queue of this thread: MM_E_NOMEM where it tells of memory, else
 * MM_E_CRYPTO. */
enum mm_status mm_openssl_status(void);

#endif /* MM_CRYPTO_KEY_INTERNAL_H */

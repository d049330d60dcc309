/*
 * recover.c - what the signer of an RSA signature hashed, as the signature itself tells.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "crypto/recover.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/key_internal.h"

bool mm_signature_recover(const struct mm_public_key *key, enum mm_digest_alg alg,
                          struct mm_view signature, uint8_t out[MM_DIGEST_MAX_BYTES])
{
    uint8_t digest[MM_RSA_MAX_BITS / 8];
    size_t len = sizeof digest;
    if (key->type != MM_KEY_RSA || signature.len != key->signature_bytes)
        return false;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool ok =
        ctx && EVP_PKEY_verify_recover_init(ctx) > 0 &&
        EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
        EVP_PKEY_CTX_set_signature_md(ctx, alg == MM_SHA256 ? EVP_sha256() : EVP_sha1()) > 0 &&
        EVP_PKEY_verify_recover(ctx, digest, &len, (const unsigned char *)signature.data,
                                signature.len) > 0 &&
        len == mm_digest_bytes(alg);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    if (ok)
        memcpy(out, digest, len);
    return ok;
}

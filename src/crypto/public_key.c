/*
 * public_key.c - a signer's public key, parsed once.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RSA numbers are read by our own strict reader and handed to OpenSSL as numbers: its decoders cost
 * 130 us a key and accept trailing bytes and lax encodings; this costs 5 us and accepts neither.
 */
#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "crypto/der.h"
#include "crypto/key_internal.h"
#include "crypto/rsa_many.h"
#include "crypto/rsa_verify.h"

/* rsaEncryption, 1.2.840.113549.1.1.1 (RFC 3279 section 2.3.1) */
#define OID_RSA_ENCRYPTION MM_VIEW("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")

enum mm_status mm_openssl_status(void)
{
    enum mm_status status = MM_E_CRYPTO;
    for (unsigned long code; (code = ERR_get_error()) != 0;)
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
            status = MM_E_NOMEM;
    return status;
}

static enum mm_status fail_openssl(struct mm_error *err, const char *what)
{
    return mm_fail(err, mm_openssl_status(), "OpenSSL cannot make %s", what);
}

/* Bits of a big-endian number without leading zero octet. */
static size_t bit_length(struct mm_view magnitude)
{
    size_t bits = magnitude.len * 8;
    for (unsigned top = magnitude.len ? (unsigned char)magnitude.data[0] : 0x80; top < 0x80;
         top <<= 1)
        bits--;
    return bits;
}

static bool is_odd(struct mm_view magnitude)
{
    return magnitude.len && magnitude.data[magnitude.len - 1] & 1;
}

/* Equal for equal keys: type, then each number behind its length, so that no two keys share text.
 */
static void fingerprint(struct mm_public_key *key, struct mm_view first, struct mm_view second)
{
    uint8_t text[1 + 2 * 4 + MM_RSA_MAX_BITS / 8 + MM_RSA_MAX_EXPONENT_BITS / 8];
    size_t n = 0;
    text[n++] = (uint8_t)key->type;
    const struct mm_view numbers[] = {first, second};
    for (size_t i = 0; i < MM_COUNT(numbers); i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
            text[n++] = (uint8_t)(numbers[i].len >> shift);
        if (numbers[i].len)
            memcpy(text + n, numbers[i].data, numbers[i].len);
        n += numbers[i].len;
    }
    SHA256(text, n, key->fingerprint);
}

/* Take over `pkey`. */
static enum mm_status wrap(enum mm_key_type type, size_t bits, size_t signature_bytes,
                           EVP_PKEY *pkey, struct mm_public_key **out, struct mm_error *err)
{
    static _Atomic uint64_t ids;
    struct mm_public_key *key = calloc(1, sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        return mm_fail(err, MM_E_NOMEM, "no memory for a key");
    }
    key->type = type;
    key->bits = (uint32_t)bits;
    key->signature_bytes = signature_bytes;
    key->id = atomic_fetch_add_explicit(&ids, 1, memory_order_relaxed) + 1;
    key->pkey = pkey;
    *out = key;
    return MM_OK;
}

static EVP_PKEY *pkey_of_params(OSSL_PARAM *params)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        pkey = NULL;
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static EVP_PKEY *pkey_of_numbers(struct mm_view modulus, struct mm_view exponent)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.data, (int)modulus.len, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.data, (int)exponent.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (n && e && build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) &&
        (params = OSSL_PARAM_BLD_to_param(build)) != NULL)
        pkey = pkey_of_params(params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(e);
    BN_free(n);
    return pkey;
}

static enum mm_status check_numbers(struct mm_view modulus, struct mm_view exponent,
                                    struct mm_error *err)
{
    size_t bits = bit_length(modulus), exponent_bits = bit_length(exponent);
    if (!is_odd(modulus))
        return mm_fail(err, MM_E_SYNTAX, "RSA modulus is %s", modulus.len ? "even" : "zero");
    if (!is_odd(exponent) || exponent_bits < 2)
        return mm_fail(err, MM_E_SYNTAX, "RSA exponent is even or below 3");
    if (bits > MM_RSA_MAX_BITS)
        return mm_fail(err, MM_E_LIMIT, "RSA key of %zu bits; the limit is %d", bits,
                       (int)MM_RSA_MAX_BITS);
    if (exponent_bits > MM_RSA_MAX_EXPONENT_BITS)
        return mm_fail(err, MM_E_LIMIT, "RSA exponent of %zu bits; the limit is %d", exponent_bits,
                       (int)MM_RSA_MAX_EXPONENT_BITS);
    if (bits < MM_RSA_MIN_BITS)
        return mm_fail(err, MM_E_PERM, "RSA key of %zu bits; at least %d are needed", bits,
                       (int)MM_RSA_MIN_BITS);
    return MM_OK;
}

enum mm_status mm_public_key_of_rsa(struct mm_view modulus, struct mm_view exponent,
                                    struct mm_public_key **out, struct mm_error *err)
{
    MM_TRY(check_numbers(modulus, exponent, err));
    EVP_PKEY *pkey = pkey_of_numbers(modulus, exponent);
    if (!pkey)
        return fail_openssl(err, "an RSA key");
    MM_TRY(wrap(MM_KEY_RSA, bit_length(modulus), modulus.len, pkey, out, err));
    (*out)->prepared = mm_rsa_prepare(modulus, exponent);
    (*out)->lanes = mm_rsa_lane_key_new(modulus, exponent);
    fingerprint(*out, modulus, exponent);
    return MM_OK;
}

enum mm_status mm_public_key_of_ed25519(struct mm_view octets, struct mm_public_key **out,
                                        struct mm_error *err)
{
    if (octets.len != MM_ED25519_KEY_BYTES)
        return mm_fail(err, MM_E_SYNTAX, "Ed25519 key of %zu octets instead of 32", octets.len);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                 (const unsigned char *)octets.data, octets.len);
    if (!pkey)
        return fail_openssl(err, "an Ed25519 key");
    MM_TRY(wrap(MM_KEY_ED25519, 256, MM_ED25519_SIGNATURE_BYTES, pkey, out, err));
    fingerprint(*out, octets, (struct mm_view){NULL, 0});
    return MM_OK;
}

/* SubjectPublicKeyInfo's content down to the RSAPublicKey inside. Parameters are NULL (RFC 3279
 * section 2.3.1) or, as some old tools write, absent. */
static bool open_spki(struct mm_view spki, struct mm_view *key)
{
    struct mm_view algorithm, oid, null, bits;
    if (!mm_der_take(&spki, MM_DER_SEQUENCE, &algorithm) ||
        !mm_der_take(&algorithm, MM_DER_OID, &oid) || !mm_view_eq(oid, OID_RSA_ENCRYPTION))
        return false;
    if (algorithm.len && (!mm_der_whole(algorithm, MM_DER_NULL, &null) || null.len))
        return false;
    if (!mm_der_whole(spki, MM_DER_BIT_STRING, &bits) || bits.len == 0 || bits.data[0] != 0)
        return false; /* the first octet counts unused bits: none */
    return mm_der_whole(mm_view_sub(bits, 1, bits.len - 1), MM_DER_SEQUENCE, key);
}

static enum mm_status parse_rsa(struct mm_view der, struct mm_public_key **out,
                                struct mm_error *err)
{
    struct mm_view key, inner, modulus, exponent;
    if (!mm_der_whole(der, MM_DER_SEQUENCE, &key))
        return mm_fail(err, MM_E_SYNTAX, "key data is not one DER sequence");
    if (mm_der_peek(key) == MM_DER_SEQUENCE) {
        if (!open_spki(key, &inner))
            return mm_fail(err, MM_E_SYNTAX, "key data is not an RSA SubjectPublicKeyInfo");
        key = inner;
    }
    if (!mm_der_take_unsigned(&key, &modulus) || !mm_der_take_unsigned(&key, &exponent) || key.len)
        return mm_fail(err, MM_E_SYNTAX, "key data is not an RSAPublicKey of two numbers");
    return mm_public_key_of_rsa(modulus, exponent, out, err);
}

enum mm_status mm_public_key_parse(enum mm_key_type type, struct mm_view der,
                                   struct mm_public_key **out, struct mm_error *err)
{
    *out = NULL;
    return type == MM_KEY_RSA ? parse_rsa(der, out, err) : mm_public_key_of_ed25519(der, out, err);
}

void mm_public_key_free(struct mm_public_key **key)
{
    if (*key) {
        EVP_PKEY_free((*key)->pkey);
        mm_rsa_prepared_free(&(*key)->prepared);
        mm_rsa_lane_key_free(&(*key)->lanes);
    }
    free(*key);
    *key = NULL;
}

enum mm_key_type mm_public_key_type(const struct mm_public_key *key)
{
    return key->type;
}

uint32_t mm_public_key_bits(const struct mm_public_key *key)
{
    return key->bits;
}

void mm_public_key_fingerprint(const struct mm_public_key *key, uint8_t out[32])
{
    memcpy(out, key->fingerprint, sizeof key->fingerprint);
}

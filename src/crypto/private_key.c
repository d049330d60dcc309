/*
 * private_key.c - a signing key out of the forms people keep them in.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every form is brought to one of two: the DER of an RSAPrivateKey, which OpenSSL decodes into its
 * secure heap, or the seed of an Ed25519 key. What is neither is named by what it looks like, since
 * a wrong file is the usual mistake. A key is tried once before it counts.
 */
#include "crypto/private_key.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/der.h"
#include "crypto/key_internal.h"
#include "crypto/pem.h"
#include "crypto/pk_many.h"
#include "crypto/rsa_signer.h"
#include "crypto/secret.h"
#include "text/base64.h"

static enum mm_status fail_openssl(struct mm_error *err, const char *name)
{
    enum mm_status status = mm_openssl_status();
    if (status == MM_E_NOMEM)
        return mm_fail(err, status, "%s: no room for the key in the heap for secrets", name);
    return mm_fail(err, MM_E_SYNTAX, "%s: OpenSSL cannot use the private key", name);
}

static enum mm_status fail_kind(struct mm_error *err, const char *name, const char *kind)
{
    return mm_fail(err, MM_E_SYNTAX, "%s: is %s, not a private key for RSA or Ed25519", name, kind);
}

static enum mm_status fail_unknown(struct mm_error *err, const char *name)
{
    return mm_fail(err, MM_E_SYNTAX, "%s: no private key in PEM, DER or base64, or one cut short",
                   name);
}

static enum mm_status fail_encrypted(struct mm_error *err, const char *name)
{
    return mm_fail(err, MM_E_SYNTAX,
                   "%s: the private key is encrypted; decrypt it with: openssl pkey -in FILE -out "
                   "NEW-FILE",
                   name);
}

/* Make and check one signature, so that a key of numbers that do not fit is found at start. */
static enum mm_status try_out(const struct mm_private_key *key, const char *name,
                              struct mm_error *err)
{
    static const uint8_t digest[MM_SHA256_BYTES] = {0};
    uint8_t signature[MM_RSA_MAX_BITS / 8];
    struct mm_sign_job job = {
        .key = key, .alg = MM_SHA256, .digest = digest, .signature = signature};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    if (!ctx)
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", name);
    enum mm_status status = mm_sign_many(ctx, &job, 1);
    mm_pk_ctx_free(&ctx);
    if (status == MM_E_CRYPTO)
        return mm_fail(err, MM_E_SYNTAX, "%s: the numbers of the private key do not fit together",
                       name);
    return status == MM_OK ? MM_OK : mm_fail(err, status, "%s: cannot try out the key", name);
}

/* Take over both halves, also on failure. */
static enum mm_status join(EVP_PKEY *pkey, struct mm_public_key *public_half, const char *name,
                           struct mm_private_key **out, struct mm_error *err)
{
    struct mm_private_key *key = calloc(1, sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        mm_public_key_free(&public_half);
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", name);
    }
    key->pkey = pkey;
    key->public_half = public_half;
    enum mm_status status = try_out(key, name, err);
    if (status != MM_OK)
        mm_private_key_free(&key);
    *out = key;
    return status;
}

static enum mm_status key_of_seed(struct mm_view seed, const char *name,
                                  struct mm_private_key **out, struct mm_error *err)
{
    char octets[MM_ED25519_KEY_BYTES];
    size_t len = sizeof octets;
    struct mm_public_key *public_half = NULL;
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                  (const unsigned char *)seed.data, seed.len);
    if (!pkey || EVP_PKEY_get_raw_public_key(pkey, (unsigned char *)octets, &len) <= 0) {
        EVP_PKEY_free(pkey);
        return fail_openssl(err, name);
    }
    enum mm_status status =
        mm_public_key_of_ed25519((struct mm_view){octets, len}, &public_half, err);
    if (status != MM_OK) {
        EVP_PKEY_free(pkey);
        return status;
    }
    return join(pkey, public_half, name, out, err);
}

/*
 * The numbers of an RSAPrivateKey with two primes (RFC 8017 appendix A.1.2). No secret one may be
 * longer than the modulus: the time of a signature grows with them.
 */
static bool read_rsa(struct mm_view der, struct mm_view *modulus, struct mm_view *exponent,
                     struct mm_rsa_secrets *secrets)
{
    struct mm_view *const places[] = {&secrets->d,  &secrets->p,  &secrets->q,
                                      &secrets->dp, &secrets->dq, &secrets->q_inverse};
    struct mm_view numbers, version;
    if (!mm_der_whole(der, MM_DER_SEQUENCE, &numbers) ||
        !mm_der_take_unsigned(&numbers, &version) || version.len != 0 ||
        !mm_der_take_unsigned(&numbers, modulus) || !mm_der_take_unsigned(&numbers, exponent))
        return false;
    for (size_t i = 0; i < MM_COUNT(places); i++)
        if (!mm_der_take_unsigned(&numbers, places[i]) || places[i]->len == 0 ||
            places[i]->len > modulus->len)
            return false;
    return numbers.len == 0;
}

/* RFC 8017 appendix A.1.2: version 1 is for more than two primes. */
static enum mm_status fail_rsa(struct mm_view der, const char *name, struct mm_error *err)
{
    struct mm_view numbers, version;
    if (mm_der_whole(der, MM_DER_SEQUENCE, &numbers) && mm_der_take_unsigned(&numbers, &version) &&
        mm_view_eq(version, MM_VIEW("\x01")))
        return mm_fail(err, MM_E_SYNTAX, "%s: RSA keys of more than two primes are not supported",
                       name);
    return mm_fail(err, MM_E_SYNTAX, "%s: the RSA private key is damaged", name);
}

static enum mm_status key_of_rsa(struct mm_view der, const char *name, struct mm_private_key **out,
                                 struct mm_error *err)
{
    struct mm_view modulus, exponent;
    struct mm_public_key *public_half = NULL;
    struct mm_rsa_secrets secrets;
    struct mm_error why = {.text = ""};
    if (!read_rsa(der, &modulus, &exponent, &secrets))
        return fail_rsa(der, name, err);
    enum mm_status status = mm_public_key_of_rsa(modulus, exponent, &public_half, &why);
    if (status != MM_OK)
        /* A key too short is no matter of file modes, which MM_E_PERM says of a private key. */
        return mm_fail(err, status == MM_E_PERM ? MM_E_LIMIT : status, "%s: %s", name, why.text);
    const unsigned char *at = (const unsigned char *)der.data;
    EVP_PKEY *pkey = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    if (!pkey) {
        mm_public_key_free(&public_half);
        return fail_openssl(err, name);
    }
    status = join(pkey, public_half, name, out, err);
    if (status == MM_OK)
        (*out)->lanes = mm_rsa_signing_key_new(public_half->lanes, public_half->bits, &secrets);
    return status;
}

/* Key types of PKCS#8 and SubjectPublicKeyInfo, by their object identifiers' octets. */
#define OID(text) text, sizeof(text) - 1
enum kind { KIND_RSA, KIND_ED25519, KIND_OTHER };
static const struct {
    const char *oid;
    size_t oid_bytes;
    enum kind kind;
    const char *words;
} types[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), KIND_RSA, "an RSA key"}, /* RFC 3279 2.3.1 */
    {OID("\x2b\x65\x70"), KIND_ED25519, "an Ed25519 key"},                 /* RFC 8410 3 */
    {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), KIND_OTHER, "an RSA-PSS key"}, /* RFC 4055 1.2 */
    {OID("\x2a\x86\x48\xce\x3d\x02\x01"), KIND_OTHER, "an EC key"}, /* RFC 5480 2.1.1 */
    {OID("\x2a\x86\x48\xce\x38\x04\x01"), KIND_OTHER, "a DSA key"}, /* RFC 3279 2.3.2 */
    {OID("\x2b\x65\x71"), KIND_OTHER, "an Ed448 key"},              /* RFC 8410 3 */
    {OID("\x2b\x65\x6e"), KIND_OTHER, "an X25519 key"},
    {OID("\x2b\x65\x6f"), KIND_OTHER, "an X448 key"},
};

/* PrivateKeyInfo's content after its version (RFC 5958 section 2): algorithm, key, and attributes,
 * which are of no use here. */
static enum mm_status key_of_pkcs8(struct mm_view rest, const char *name,
                                   struct mm_private_key **out, struct mm_error *err)
{
    struct mm_view algorithm, oid, key, seed;
    if (!mm_der_take(&rest, MM_DER_SEQUENCE, &algorithm) ||
        !mm_der_take(&algorithm, MM_DER_OID, &oid) ||
        !mm_der_take(&rest, MM_DER_OCTET_STRING, &key))
        return mm_fail(err, MM_E_SYNTAX, "%s: the PKCS#8 private key is damaged", name);
    for (size_t i = 0; i < MM_COUNT(types); i++) {
        if (!mm_view_eq(oid, (struct mm_view){types[i].oid, types[i].oid_bytes}))
            continue;
        if (types[i].kind == KIND_RSA)
            return key_of_rsa(key, name, out, err);
        if (types[i].kind == KIND_OTHER)
            return fail_kind(err, name, types[i].words);
        if (!mm_der_whole(key, MM_DER_OCTET_STRING, &seed) || seed.len != MM_ED25519_KEY_BYTES)
            return mm_fail(err, MM_E_SYNTAX, "%s: the Ed25519 private key is damaged", name);
        return key_of_seed(seed, name, out, err);
    }
    return fail_kind(err, name, "a key of an unknown type");
}

/* A DER sequence that opens with another: public keys, encrypted keys, certificates. */
static enum mm_status fail_nested(struct mm_view rest, const char *name, struct mm_error *err)
{
    struct mm_view first;
    if (!mm_der_take(&rest, MM_DER_SEQUENCE, &first))
        return fail_unknown(err, name);
    if (mm_der_peek(first) != MM_DER_OID)
        return fail_kind(err, name, "a certificate or a request for one");
    return mm_der_peek(rest) == MM_DER_OCTET_STRING ? fail_encrypted(err, name)
                                                    : fail_kind(err, name, "a public key");
}

static enum mm_status key_of_der(struct mm_view der, const char *name, struct mm_private_key **out,
                                 struct mm_error *err)
{
    struct mm_view rest, version, number;
    if (!mm_der_whole(der, MM_DER_SEQUENCE, &rest))
        return fail_unknown(err, name);
    if (mm_der_peek(rest) == MM_DER_SEQUENCE)
        return fail_nested(rest, name, err);
    if (!mm_der_take_unsigned(&rest, &version))
        return fail_kind(err, name, "DER of something else");
    switch (mm_der_peek(rest)) {
    case MM_DER_SEQUENCE:
        return key_of_pkcs8(rest, name, out, err);
    case MM_DER_OCTET_STRING: /* RFC 5915 section 3 */
        return fail_kind(err, name, "an EC key");
    default:
        break;
    }
    if (mm_der_take_unsigned(&rest, &number) && rest.len == 0)
        return fail_kind(err, name, "a public key");
    return key_of_rsa(der, name, out, err);
}

/* Base64 of DER, which is what PEM holds inside, or of an Ed25519 seed. */
static enum mm_status key_of_base64(struct mm_view text, bool armoured, const char *name,
                                    struct mm_private_key **out, struct mm_error *err)
{
    size_t room = MM_BASE64_DECODED_MAX(text.len), len = 0;
    uint8_t *bytes = mm_secret_alloc(room);
    if (!bytes)
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", name);
    enum mm_status status = mm_base64_decode(text, bytes, &len, NULL);
    struct mm_view v = {(const char *)bytes, len};
    if (status == MM_OK && !armoured && len == MM_ED25519_KEY_BYTES)
        status = key_of_seed(v, name, out, err);
    else if (status == MM_OK && (armoured || mm_der_peek(v) == MM_DER_SEQUENCE))
        status = key_of_der(v, name, out, err);
    else
        status = armoured ? mm_fail(err, MM_E_SYNTAX, "%s: the PEM block is damaged", name)
                          : fail_unknown(err, name);
    mm_secret_free(bytes, room);
    return status;
}

static enum mm_status key_of_block(const struct mm_pem *block, const char *name,
                                   struct mm_private_key **out, struct mm_error *err)
{
    static const struct {
        struct mm_view label;
        const char *words;
    } others[] = {
        {{"EC PRIVATE KEY", 14}, "an EC key"},
        {{"DSA PRIVATE KEY", 15}, "a DSA key"},
        {{"OPENSSH PRIVATE KEY", 19}, "a key in OpenSSH's own form"},
        {{"PUBLIC KEY", 10}, "a public key"},
        {{"RSA PUBLIC KEY", 14}, "a public key"},
        {{"CERTIFICATE", 11}, "a certificate"},
    };
    if (mm_pem_is_encrypted(block))
        return fail_encrypted(err, name);
    for (size_t i = 0; i < MM_COUNT(others); i++)
        if (mm_view_eq(block->label, others[i].label))
            return fail_kind(err, name, others[i].words);
    if (!mm_view_ends(block->label, MM_VIEW("PRIVATE KEY")))
        return fail_kind(err, name, "PEM of something else");
    return key_of_base64(block->body, true, name, out, err);
}

/* The first block that is some private key; without one, the first block says what the file is. */
static enum mm_status key_of_pem(struct mm_view text, const char *name, struct mm_private_key **out,
                                 struct mm_error *err)
{
    struct mm_pem block, first = {.label = {NULL, 0}};
    enum mm_status status;
    while ((status = mm_pem_next(&text, &block)) == MM_OK) {
        if (mm_view_ends(block.label, MM_VIEW("PRIVATE KEY")))
            return key_of_block(&block, name, out, err);
        if (!first.label.data)
            first = block;
    }
    if (status != MM_END)
        return mm_fail(err, MM_E_SYNTAX, "%s: a PEM block has no end", name);
    return key_of_block(&first, name, out, err);
}

/* Both DER and base64 may open with '0'; but no DER key is without the tags of its numbers. */
static bool is_text(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.data[i];
        if ((c < 0x20 && !mm_is_fws(c)) || c >= 0x7f)
            return false;
    }
    return true;
}

enum mm_status mm_private_key_parse(struct mm_view bytes, const char *name,
                                    struct mm_private_key **out, struct mm_error *err)
{
    *out = NULL;
    mm_secret_process_init();
    struct mm_view text = mm_view_trim_fws(bytes);
    if (bytes.len > MM_KEY_FILE_MAX_BYTES)
        return mm_fail(err, MM_E_LIMIT, "%s: more than %d bytes, which no key has", name,
                       (int)MM_KEY_FILE_MAX_BYTES);
    if (text.len == 0)
        return mm_fail(err, MM_E_SYNTAX, "%s: is empty", name);
    if (memmem(text.data, text.len, "-----BEGIN ", 11))
        return key_of_pem(text, name, out, err);
    if (mm_view_starts(text, MM_VIEW("ssh-")) || mm_view_starts(text, MM_VIEW("ecdsa-")))
        return fail_kind(err, name, "a public key in OpenSSH's own form");
    return is_text(bytes) ? key_of_base64(text, false, name, out, err)
                          : key_of_der(bytes, name, out, err);
}

void mm_private_key_free(struct mm_private_key **key)
{
    if (*key) {
        EVP_PKEY_free((*key)->pkey);
        mm_rsa_signing_key_free(&(*key)->lanes);
        mm_public_key_free(&(*key)->public_half);
    }
    free(*key);
    *key = NULL;
}

enum mm_key_type mm_private_key_type(const struct mm_private_key *key)
{
    return key->public_half->type;
}

uint32_t mm_private_key_bits(const struct mm_private_key *key)
{
    return key->public_half->bits;
}

size_t mm_private_key_signature_bytes(const struct mm_private_key *key)
{
    return key->public_half->signature_bytes;
}

const struct mm_public_key *mm_private_key_public(const struct mm_private_key *key)
{
    return key->public_half;
}

struct mm_public_key *mm_private_key_take_public(struct mm_private_key *key)
{
    struct mm_public_key *public_half = key->public_half;
    key->public_half = NULL;
    return public_half;
}

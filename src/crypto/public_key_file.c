/*
 * public_key_file.c - a public key as files hold it, and as a key record does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/der.h"
#include "crypto/key_internal.h"
#include "crypto/pem.h"
#include "text/base64.h"

/* id-Ed25519, 1.3.101.112 (RFC 8410 section 3) */
#define OID_ED25519 MM_VIEW("\x2b\x65\x70")

/* SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 sections 3, 4): the algorithm has no parameters.
 */
static bool ed25519_octets(struct mm_view der, struct mm_view *octets)
{
    struct mm_view info, algorithm, oid;
    if (!mm_der_whole(der, MM_DER_SEQUENCE, &info) ||
        !mm_der_take(&info, MM_DER_SEQUENCE, &algorithm) ||
        !mm_der_take(&algorithm, MM_DER_OID, &oid) || !mm_view_eq(oid, OID_ED25519) ||
        algorithm.len != 0 || !mm_der_take(&info, MM_DER_BIT_STRING, octets) || info.len != 0 ||
        octets->len != 1 + MM_ED25519_KEY_BYTES || octets->data[0] != 0)
        return false;
    *octets = mm_view_sub(*octets, 1, MM_ED25519_KEY_BYTES);
    return true;
}

static enum mm_status key_of_der(struct mm_view der, const char *name, struct mm_public_key **out,
                                 struct mm_error *err)
{
    struct mm_error why = {.text = ""};
    struct mm_view octets;
    enum mm_status status = ed25519_octets(der, &octets)
                                ? mm_public_key_of_ed25519(octets, out, &why)
                                : mm_public_key_parse(MM_KEY_RSA, der, out, &why);
    if (status == MM_E_PERM)
        status = MM_E_LIMIT; /* too short, which is no matter of file modes */
    return status == MM_OK ? MM_OK : mm_fail(err, status, "%s: %s", name, why.text);
}

static enum mm_status key_of_block(const struct mm_pem *block, const char *name,
                                   struct mm_public_key **out, struct mm_error *err)
{
    size_t len = 0;
    uint8_t *der = malloc(MM_BASE64_DECODED_MAX(block->body.len) + 1);
    if (!der)
        return mm_fail(err, MM_E_NOMEM, "%s: no memory for a key", name);
    enum mm_status status = mm_base64_decode(block->body, der, &len, NULL);
    if (status == MM_OK)
        status = key_of_der((struct mm_view){(const char *)der, len}, name, out, err);
    else
        status = mm_fail(err, MM_E_SYNTAX, "%s: the PEM block is damaged", name);
    free(der);
    return status;
}

/* The first public key, where no block is a private one. */
static bool public_block(struct mm_view text, struct mm_pem *found)
{
    struct mm_pem block;
    bool any = false;
    while (mm_pem_next(&text, &block) == MM_OK) {
        if (mm_view_ends(block.label, MM_VIEW("PRIVATE KEY")))
            return false;
        if (!any && (mm_view_eq(block.label, MM_VIEW("PUBLIC KEY")) ||
                     mm_view_eq(block.label, MM_VIEW("RSA PUBLIC KEY")))) {
            *found = block;
            any = true;
        }
    }
    return any;
}

/* SEQUENCE { SEQUENCE, BIT STRING } or SEQUENCE { INTEGER, INTEGER }, and nothing else. */
static bool looks_public(struct mm_view der)
{
    struct mm_view rest, part;
    if (!mm_der_whole(der, MM_DER_SEQUENCE, &rest))
        return false;
    if (mm_der_take(&rest, MM_DER_SEQUENCE, &part))
        return mm_der_take(&rest, MM_DER_BIT_STRING, &part) && rest.len == 0;
    return mm_der_take_unsigned(&rest, &part) && mm_der_take_unsigned(&rest, &part) &&
           rest.len == 0;
}

enum mm_status mm_public_key_parse_file(struct mm_view bytes, const char *name,
                                        struct mm_public_key **out, struct mm_error *err)
{
    struct mm_pem block;
    *out = NULL;
    if (public_block(bytes, &block))
        return key_of_block(&block, name, out, err);
    return looks_public(bytes) ? key_of_der(bytes, name, out, err) : MM_END;
}

enum mm_status mm_public_key_octets(const struct mm_public_key *key, struct mm_buf *out)
{
    unsigned char *at;
    int len = MM_ED25519_KEY_BYTES;
    size_t room = MM_ED25519_KEY_BYTES;
    if (key->type == MM_KEY_RSA)
        len = i2d_PUBKEY(key->pkey, NULL);
    if (len <= 0)
        return mm_openssl_status();
    if (!mm_buf_reserve(out, (size_t)len))
        return MM_E_NOMEM;
    at = (unsigned char *)out->data + out->len;
    if (key->type == MM_KEY_RSA ? i2d_PUBKEY(key->pkey, &at) != len
                                : EVP_PKEY_get_raw_public_key(key->pkey, at, &room) <= 0)
        return mm_openssl_status();
    out->len += (size_t)len;
    return MM_OK;
}

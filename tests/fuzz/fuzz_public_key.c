/*
 * fuzz_public_key.c - RSA and Ed25519 keys from strangers: what we take OpenSSL must take too.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/public_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* SubjectPublicKeyInfo or bare RSAPublicKey. */
static void compare(const uint8_t *data, size_t size, uint32_t bits)
{
    const unsigned char *wrapped = data, *bare = data;
    EVP_PKEY *theirs = d2i_PUBKEY(NULL, &wrapped, (long)size);
    if (!theirs)
        theirs = d2i_PublicKey(EVP_PKEY_RSA, NULL, &bare, (long)size);
    if (!theirs || (uint32_t)EVP_PKEY_get_bits(theirs) != bits)
        abort();
    EVP_PKEY_free(theirs);
    ERR_clear_error();
}

/* The same bytes as a file: what is taken has a record that gives the same key back. */
static void read_file(struct mm_view bytes)
{
    struct mm_public_key *key = NULL, *again = NULL;
    struct mm_buf octets;
    uint8_t print[2][32];
    mm_buf_init(&octets, 65536);
    enum mm_status status = mm_public_key_parse_file(bytes, "file", &key, NULL);
    if ((status == MM_OK) != (key != NULL))
        abort();
    if (key) {
        if (mm_public_key_octets(key, &octets) != MM_OK ||
            mm_public_key_parse(mm_public_key_type(key), mm_buf_view(&octets), &again, NULL) !=
                MM_OK)
            abort();
        mm_public_key_fingerprint(key, print[0]);
        mm_public_key_fingerprint(again, print[1]);
        if (memcmp(print[0], print[1], sizeof print[0]) != 0)
            abort();
    }
    mm_public_key_free(&again);
    mm_public_key_free(&key);
    mm_buf_deinit(&octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view der = {(const char *)data, size};
    struct mm_public_key *key = NULL;
    if (mm_public_key_parse(MM_KEY_RSA, der, &key, NULL) == MM_OK)
        compare(data, size, mm_public_key_bits(key));
    else if (key)
        abort();
    mm_public_key_free(&key);
    if ((mm_public_key_parse(MM_KEY_ED25519, der, &key, NULL) == MM_OK) != (size == 32))
        abort();
    mm_public_key_free(&key);
    read_file(der);
    return 0;
}

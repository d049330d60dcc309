/*
 * key_new.c - a new private key, into a file that only its owner may read.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The key and its text are born in OpenSSL's heap for secrets and go from there to the file; they
 * are never in other memory of ours. What was written is what is read back: the text is parsed, and
 * the key tried out, before the file gets its name.
 */
#include <openssl/bio.h>
#include <openssl/pem.h>

#include "crypto/key_internal.h"
#include "crypto/secret.h"
#include "io/whole_file.h"

static size_t rsa_bits_of(const struct mm_new_key *wanted)
{
    return wanted->rsa_bits ? wanted->rsa_bits : MM_NEW_RSA_MIN_BITS;
}

static EVP_PKEY *generate(const struct mm_new_key *wanted)
{
    size_t bits = rsa_bits_of(wanted);
    return wanted->type == MM_KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits)
                                      : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/* PKCS#8 in PEM, in a BIO whose memory is wiped when it is freed. NULL on failure. */
static BIO *text_of(const struct mm_new_key *wanted)
{
    EVP_PKEY *key = generate(wanted);
    BIO *text = key ? BIO_new(BIO_s_secmem()) : NULL;
    if (text && PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) <= 0) {
        BIO_free(text);
        text = NULL;
    }
    EVP_PKEY_free(key);
    return text;
}

/* Read the text as sign will, and write it. */
static enum mm_status keep(const struct mm_new_key *wanted, struct mm_view text,
                           struct mm_whole_file *file, struct mm_public_key **out,
                           struct mm_error *err)
{
    struct mm_private_key *key;
    MM_TRY(mm_private_key_parse(text, wanted->path, &key, err));
    enum mm_status status =
        wanted->type == MM_KEY_RSA && mm_private_key_bits(key) != rsa_bits_of(wanted)
            ? mm_fail(err, MM_E_CRYPTO, "OpenSSL made a key of %u bits", mm_private_key_bits(key))
            : MM_OK;
    if (status == MM_OK)
        status = mm_whole_file_open(file, wanted->path, 0600, wanted->overwrite, err);
    if (status == MM_OK)
        status = mm_whole_file_write(file, text, err);
    if (status == MM_OK)
        status = mm_whole_file_commit(file, err);
    mm_whole_file_abort(file);
    if (status == MM_OK)
        *out = mm_private_key_take_public(key);
    mm_private_key_free(&key);
    return status;
}

static enum mm_status check(const struct mm_new_key *wanted, struct mm_error *err)
{
    uint32_t bits = wanted->rsa_bits;
    if (wanted->type != MM_KEY_RSA && bits)
        return mm_fail(err, MM_E_ARG, "an Ed25519 key has no choice of bits");
    if (bits && (bits < MM_NEW_RSA_MIN_BITS || bits > MM_NEW_RSA_MAX_BITS))
        return mm_fail(err, MM_E_ARG,
                       "a new RSA key has %d to %d bits, not %u (RFC 8301 section 3.2)",
                       (int)MM_NEW_RSA_MIN_BITS, (int)MM_NEW_RSA_MAX_BITS, bits);
    if (bits % MM_NEW_RSA_STEP_BITS)
        return mm_fail(err, MM_E_ARG, "the bits of a new RSA key are a multiple of %d, not %u",
                       (int)MM_NEW_RSA_STEP_BITS, bits);
    return mm_whole_file_check(wanted->path, wanted->overwrite, err);
}

enum mm_status mm_key_new(const struct mm_new_key *wanted, struct mm_public_key **out,
                          struct mm_error *err)
{
    struct mm_whole_file file = {.fd = -1};
    struct mm_view text = {NULL, 0};
    char *data = NULL;
    *out = NULL;
    MM_TRY(check(wanted, err));
    mm_secret_process_init();
    BIO *bio = text_of(wanted);
    if (!bio)
        return mm_fail(err, mm_openssl_status(), "OpenSSL cannot make a key");
    text.len = (size_t)BIO_get_mem_data(bio, &data);
    text.data = data;
    enum mm_status status = keep(wanted, text, &file, out, err);
    BIO_free(bio);
    return status;
}

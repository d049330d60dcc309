/*
 * fuzz_private_key.c - key files and inline keys of tables: refused with words, or a key that
 * signs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/rand.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>

#include "crypto/pk_many.h"
#include "crypto/secret.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* OpenSSL's random numbers have state that lives as long as the process and is pointed to from the
 * secure heap only, where the leak checker does not look. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    unsigned char byte;
    (void)argc;
    (void)argv;
    mm_secret_process_init();
    __lsan_disable();
    if (RAND_bytes(&byte, 1) != 1 || RAND_priv_bytes(&byte, 1) != 1)
        abort();
    __lsan_enable();
    return 0;
}

static void sign(const struct mm_private_key *key)
{
    static const uint8_t digest[MM_SHA256_BYTES] = {1};
    uint8_t signature[MM_RSA_MAX_BITS / 8];
    struct mm_sign_job job = {
        .key = key, .alg = MM_SHA256, .digest = digest, .signature = signature};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    if (ctx && mm_sign_many(ctx, &job, 1) == MM_OK &&
        job.signature_bytes != mm_private_key_signature_bytes(key))
        abort();
    mm_pk_ctx_free(&ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_private_key *key = NULL;
    struct mm_error err = {.text = ""};
    enum mm_status status =
        mm_private_key_parse((struct mm_view){(const char *)data, size}, "key", &key, &err);
    if ((status == MM_OK) != (key != NULL) || (status != MM_OK && err.text[0] == '\0'))
        abort();
    if (key)
        sign(key);
    mm_private_key_free(&key);
    return 0;
}

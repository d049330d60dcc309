/*
 * rsa_verify.c - RSA signatures checked with big numbers alone, for the exponent that keys have.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nearly every key has the exponent 2^16 + 1. Sixteen squarings in Montgomery form and one product
 * with the signature as it came, which takes the result out of that form, are the whole operation:
 * 18 multiplications where a general exponentiation makes 20, and no envelope around them. The
 * block that must come out is made and compared as a number, rather than taken apart.
 */
#include "crypto/rsa_verify.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "crypto/pkcs1.h"

enum {
    SQUARINGS = 16,                       /* 65537 = 2^16 + 1 */
    BLOCK_MAX_BYTES = MM_RSA_MAX_BITS / 8 /* as long as the modulus */
};

struct mm_rsa_prepared *mm_rsa_prepare(struct mm_view modulus, struct mm_view exponent)
{
    static const uint8_t zero[MM_SHA256_BYTES];
    uint8_t block[BLOCK_MAX_BYTES];
    if (!mm_view_eq(exponent, MM_VIEW("\x01\x00\x01")) || modulus.len > sizeof block ||
        !mm_pkcs1_block(MM_SHA256, zero, block, modulus.len))
        return NULL;
    struct mm_rsa_prepared *p = calloc(1, sizeof *p);
    BN_CTX *bn = BN_CTX_new();
    bool made = p && bn;
    if (made) {
        p->modulus = BN_bin2bn((const unsigned char *)modulus.data, (int)modulus.len, NULL);
        p->block = BN_bin2bn(block, (int)modulus.len, NULL);
        p->mont = BN_MONT_CTX_new();
        made = p->modulus && p->block && p->mont && BN_MONT_CTX_set(p->mont, p->modulus, bn);
    }
    BN_CTX_free(bn);
    if (!made) {
        ERR_clear_error();
        mm_rsa_prepared_free(&p);
    }
    return p;
}

void mm_rsa_prepared_free(struct mm_rsa_prepared **prepared)
{
    if (*prepared) {
        BN_free((*prepared)->modulus);
        BN_free((*prepared)->block);
        BN_MONT_CTX_free((*prepared)->mont);
    }
    free(*prepared);
    *prepared = NULL;
}

bool mm_rsa_scratch_init(struct mm_rsa_scratch *s)
{
    *s = (struct mm_rsa_scratch){
        .bn = BN_CTX_new(), .signature = BN_new(), .power = BN_new(), .block = BN_new()};
    return s->bn && s->signature && s->power && s->block;
}

void mm_rsa_scratch_deinit(struct mm_rsa_scratch *s)
{
    BN_CTX_free(s->bn);
    BN_free(s->signature);
    BN_free(s->power);
    BN_free(s->block);
    *s = (struct mm_rsa_scratch){.bn = NULL};
}

/* power = signature^65537 mod n. */
static bool raise(struct mm_rsa_scratch *s, BN_MONT_CTX *mont)
{
    if (!BN_to_montgomery(s->power, s->signature, mont, s->bn))
        return false;
    for (int i = 0; i < SQUARINGS; i++)
        if (!BN_mod_mul_montgomery(s->power, s->power, s->power, mont, s->bn))
            return false;
    return BN_mod_mul_montgomery(s->power, s->power, s->signature, mont, s->bn);
}

bool mm_rsa_verify_sha256(struct mm_rsa_scratch *s, const struct mm_rsa_prepared *key,
                          const uint8_t *digest, struct mm_view signature, bool *valid)
{
    *valid = false;
    if (!BN_bin2bn((const unsigned char *)signature.data, (int)signature.len, s->signature))
        return false;
    if (BN_ucmp(s->signature, key->modulus) >= 0)
        return true;
    if (!raise(s, key->mont) || !BN_bin2bn(digest, MM_SHA256_BYTES, s->block) ||
        !BN_add(s->block, s->block, key->block))
        return false;
    *valid = BN_ucmp(s->power, s->block) == 0;
    return true;
}

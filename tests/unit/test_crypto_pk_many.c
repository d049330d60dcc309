/*
 * test_crypto_pk_many.c - signatures against OpenSSL called directly, forgeries, faults, many keys.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "crypto/key_internal.h"
#include "crypto/pk_many.h"
#include "support/mm_test.h"

enum { SIGNATURE_MAX = MM_RSA_MAX_BITS / 8 };

static EVP_PKEY *rsa_of(unsigned bits, unsigned exponent, unsigned primes)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
                           OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
                           OSSL_PARAM_construct_uint(OSSL_PKEY_PARAM_RSA_PRIMES, &primes),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    assert_true(ctx && EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_CTX_set_params(ctx, params) > 0);
    assert_true(EVP_PKEY_generate(ctx, &pkey) > 0);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static struct mm_private_key *private_of(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int len = i2d_PrivateKey(pkey, &der);
    struct mm_private_key *key = NULL;
    struct mm_error err = {.text = ""};
    if (mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "generated", &key, &err) !=
        MM_OK)
        fail_msg("%s", err.text);
    OPENSSL_free(der);
    return key;
}

static struct mm_public_key *public_of(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(pkey, &der);
    struct mm_public_key *key = NULL;
    assert_int_equal(
        mm_public_key_parse(MM_KEY_RSA, (struct mm_view){(char *)der, (size_t)len}, &key, NULL),
        MM_OK);
    OPENSSL_free(der);
    return key;
}

/* PKCS#1 v1.5 by OpenSSL in a context of its own; md NULL: `text` is the whole padded block. */
static size_t sign_directly(EVP_PKEY *pkey, const EVP_MD *md, const uint8_t *text, size_t text_len,
                            uint8_t *out)
{
    size_t len = SIGNATURE_MAX;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    assert_true(ctx && EVP_PKEY_sign_init(ctx) > 0);
    if (md)
        assert_true(EVP_PKEY_CTX_set_signature_md(ctx, md) > 0);
    else
        assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
    assert_true(EVP_PKEY_sign(ctx, out, &len, text, text_len) > 0);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

static struct mm_pk_ctx *whole; /* nothing but OpenSSL's own operations */

static int make_whole(void **state)
{
    (void)state;
    whole = mm_pk_ctx_new();
    if (whole)
        mm_pk_ctx_openssl_only(whole);
    return whole ? 0 : -1;
}

static int drop_whole(void **state)
{
    (void)state;
    mm_pk_ctx_free(&whole);
    return 0;
}

/* Each verdict is asked for twice: of the short way and of OpenSSL's own. */
static bool verify(struct mm_pk_ctx *ctx, const struct mm_public_key *key, enum mm_digest_alg alg,
                   const uint8_t *digest, const uint8_t *signature, size_t len)
{
    struct mm_guard g = mm_guard_copy((struct mm_view){(const char *)signature, len});
    struct mm_verify_job job = {
        .key = key, .alg = alg, .digest = digest, .signature = g.view, .valid = true};
    struct mm_verify_job again = job;
    MM_CHECK_INT("verify", mm_verify_many(ctx, &job, 1), MM_OK);
    MM_CHECK_INT("verify by OpenSSL", mm_verify_many(whole, &again, 1), MM_OK);
    MM_CHECK_INT("both agree", job.valid, again.valid);
    mm_guard_free(&g);
    return job.valid;
}

static void random_bytes(uint64_t *seed, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(mm_random(seed) >> 56);
}

static void pk_signs_rsa_byte_for_byte_like_openssl(void **state)
{
    (void)state;
    static const unsigned sizes[] = {512, 513, 768, 1016, 1024, 1031, 2048, 3072};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 8017;
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        EVP_PKEY *pkey = rsa_of(sizes[i], i % 2 ? 3 : 65537, 2);
        struct mm_private_key *key = private_of(pkey);
        for (int round = 0; round < 6; round++) {
            uint8_t digest[32], ours[SIGNATURE_MAX], theirs[SIGNATURE_MAX];
            enum mm_digest_alg alg = round % 2 ? MM_SHA1 : MM_SHA256;
            random_bytes(&seed, digest, sizeof digest);
            struct mm_sign_job job = {.key = key, .alg = alg, .digest = digest, .signature = ours};
            MM_CHECK_INT("sign", mm_sign_many(ctx, &job, 1), MM_OK);
            size_t len = sign_directly(pkey, alg == MM_SHA1 ? EVP_sha1() : EVP_sha256(), digest,
                                       mm_digest_bytes(alg), theirs);
            MM_CHECK_VIEW("bytes", ((struct mm_view){(char *)ours, job.signature_bytes}),
                          ((struct mm_view){(char *)theirs, len}));
            const struct mm_public_key *half = mm_private_key_public(key);
            MM_CHECK_INT("verify", verify(ctx, half, alg, digest, ours, len), true);
            MM_CHECK_INT("another digest", verify(ctx, half, !alg, digest, ours, len), false);
            ours[mm_random(&seed) % len] ^= (uint8_t)(1 << mm_random(&seed) % 8);
            MM_CHECK_INT("a bit of it", verify(ctx, half, alg, digest, ours, len), false);
        }
        mm_private_key_free(&key);
        EVP_PKEY_free(pkey);
    }
    MM_CHECK_INT("mismatches", mm_pk_ctx_mismatches(ctx), 0);
    mm_pk_ctx_free(&ctx);
}

/* Five primes make a key of 8192 bits in a moment; to the verifier it is like any other. */
static void pk_verifies_up_to_8192_bits(void **state)
{
    (void)state;
    static const unsigned sizes[] = {4096, 8192};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        EVP_PKEY *pkey = rsa_of(sizes[i], 65537, sizes[i] == 4096 ? 4 : 5);
        struct mm_public_key *key = public_of(pkey);
        uint8_t digest[32] = {1}, signature[SIGNATURE_MAX];
        size_t len = sign_directly(pkey, EVP_sha256(), digest, sizeof digest, signature);
        MM_CHECK_INT("length", len, sizes[i] / 8);
        MM_CHECK_INT("valid", verify(ctx, key, MM_SHA256, digest, signature, len), true);
        digest[31] ^= 1;
        MM_CHECK_INT("other digest", verify(ctx, key, MM_SHA256, digest, signature, len), false);
        mm_public_key_free(&key);
        EVP_PKEY_free(pkey);
    }
    mm_pk_ctx_free(&ctx);
}

static void pk_ed25519_equals_openssl_over_digests(void **state)
{
    (void)state;
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 8463;
    for (int i = 0; i < 40; i++) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        struct mm_private_key *key = private_of(pkey);
        const struct mm_public_key *half = mm_private_key_public(key);
        for (int round = 0; round < 3; round++) {
            uint8_t digest[32], ours[64], theirs[64];
            size_t len = sizeof theirs;
            random_bytes(&seed, digest, sizeof digest);
            EVP_MD_CTX *direct = EVP_MD_CTX_new();
            assert_true(EVP_DigestSignInit(direct, NULL, NULL, NULL, pkey) > 0 &&
                        EVP_DigestSign(direct, theirs, &len, digest, sizeof digest) > 0);
            EVP_MD_CTX_free(direct);
            struct mm_sign_job job = {
                .key = key, .alg = MM_SHA256, .digest = digest, .signature = ours};
            MM_CHECK_INT("sign", mm_sign_many(ctx, &job, 1), MM_OK);
            MM_CHECK_INT("length", job.signature_bytes, 64);
            MM_CHECK_TRUE("bytes", memcmp(ours, theirs, 64) == 0);
            MM_CHECK_INT("valid", verify(ctx, half, MM_SHA256, digest, ours, 64), true);
            MM_CHECK_INT("a byte short", verify(ctx, half, MM_SHA256, digest, ours, 63), false);
            MM_CHECK_INT("SHA-1", verify(ctx, half, MM_SHA1, digest, ours, 64), false);
            ours[mm_random(&seed) % 64] ^= (uint8_t)(1 << mm_random(&seed) % 8);
            MM_CHECK_INT("a bit of it", verify(ctx, half, MM_SHA256, digest, ours, 64), false);
            job.alg = MM_SHA1;
            MM_CHECK_INT("SHA-1 is refused", mm_sign_many(ctx, &job, 1), MM_E_ARG);
        }
        mm_private_key_free(&key);
        EVP_PKEY_free(pkey);
    }
    mm_pk_ctx_free(&ctx);
}

/* Blocks that a lax verifier accepts (Bleichenbacher 2006, CVE-2006-4339): 00 01 FF.. 00 T and what
 * comes close to it. The fields say how a block differs from the right one. */
static const struct {
    const char *label;
    const char *info; /* DigestInfo up to the digest */
    size_t info_len;
    unsigned char type, fill;
    size_t garbage; /* octets behind the digest, in place of padding */
    bool valid;
} blocks[] = {
#define INFO(text)  text, sizeof(text) - 1
#define SHA256_INFO "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
    {"as it must be", INFO(SHA256_INFO), 1, 0xff, 0, true},
    {"garbage behind the digest", INFO(SHA256_INFO), 1, 0xff, 40, false},
    {"one octet of garbage", INFO(SHA256_INFO), 1, 0xff, 1, false},
    {"parameters absent",
     INFO("\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20"), 1, 0xff, 0,
     false},
    {"parameters in BER",
     INFO("\x30\x32\x30\x0e\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x81\x00\x04\x20"), 1,
     0xff, 0, false},
    {"parameters of 8 octets",
     INFO("\x30\x39\x30\x15\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x08mailmill\x04\x20"),
     1, 0xff, 0, false},
    {"SHA-512/256's name",
     INFO("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x06\x05\x00\x04\x20"), 1, 0xff,
     0, false},
    {"no DigestInfo", INFO(""), 1, 0xff, 0, false},
    {"block type 2", INFO(SHA256_INFO), 2, 0xff, 0, false},
    {"block type 0", INFO(SHA256_INFO), 0, 0xff, 0, false},
    {"padding of other octets", INFO(SHA256_INFO), 1, 0xfe, 0, false},
};

static void refuse_blocks(unsigned exponent)
{
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    EVP_PKEY *pkey = rsa_of(1024, exponent, 2);
    struct mm_public_key *key = public_of(pkey);
    uint8_t digest[32];
    memset(digest, 0x5a, sizeof digest);
    for (size_t i = 0; i < MM_COUNT(blocks); i++) {
        uint8_t block[128], signature[SIGNATURE_MAX];
        size_t tail = blocks[i].garbage, end = sizeof block - tail;
        memset(block, blocks[i].fill, sizeof block);
        memset(block + end, 0xa5, tail);
        memcpy(block + end - 32, digest, 32);
        memcpy(block + end - 32 - blocks[i].info_len, blocks[i].info, blocks[i].info_len);
        block[end - 32 - blocks[i].info_len - 1] = 0;
        block[0] = 0;
        block[1] = blocks[i].type;
        size_t len = sign_directly(pkey, NULL, block, sizeof block, signature);
        MM_CHECK_INT(blocks[i].label, verify(ctx, key, MM_SHA256, digest, signature, len),
                     blocks[i].valid);
        /* Any single bit of the block. */
        for (size_t bit = 0; blocks[i].valid && bit < 8 * sizeof block; bit++) {
            block[bit / 8] ^= (uint8_t)(1 << bit % 8);
            len = bit < 8 ? 0 : sign_directly(pkey, NULL, block, sizeof block, signature);
            MM_CHECK_INT("one bit", verify(ctx, key, MM_SHA256, digest, signature, len), false);
            block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    mm_public_key_free(&key);
    EVP_PKEY_free(pkey);
    mm_pk_ctx_free(&ctx);
}

static void pk_refuses_blocks_that_are_not_exactly_pkcs1(void **state)
{
    (void)state;
    refuse_blocks(3);
    refuse_blocks(65537);
}

/* Numbers that no signer makes, and what lies near the edges of the modulus. */
static void pk_judges_any_number_as_openssl_does(void **state)
{
    (void)state;
    static const unsigned sizes[] = {512, 515, 1024, 1032, 2048};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 2017;
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        EVP_PKEY *pkey = rsa_of(sizes[i], 65537, 2);
        struct mm_public_key *key = public_of(pkey);
        size_t len = (sizes[i] + 7) / 8;
        uint8_t digest[32], number[SIGNATURE_MAX];
        BIGNUM *n = NULL;
        assert_true(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) > 0);
        for (unsigned below = 0; below < 6; below++) { /* n, n - 1 ... and 0, 1 ... */
            assert_true(BN_bn2binpad(n, number, (int)len) > 0 && BN_sub_word(n, 1));
            random_bytes(&seed, digest, sizeof digest);
            (void)verify(ctx, key, MM_SHA256, digest, number, len);
            memset(number, 0, len);
            number[len - 1] = (uint8_t)below;
            (void)verify(ctx, key, MM_SHA256, digest, number, len);
        }
        for (int round = 0; round < 200; round++) {
            size_t zeros = round % 4 ? 0 : mm_random(&seed) % len;
            random_bytes(&seed, digest, sizeof digest);
            random_bytes(&seed, number, len);
            memset(number, 0, zeros);
            (void)verify(ctx, key, MM_SHA256, digest, number, len);
            size_t made = sign_directly(pkey, EVP_sha256(), digest, sizeof digest, number);
            MM_CHECK_INT("a signature", verify(ctx, key, MM_SHA256, digest, number, made), true);
        }
        BN_free(n);
        mm_public_key_free(&key);
        EVP_PKEY_free(pkey);
    }
    mm_pk_ctx_free(&ctx);
}

static void pk_refuses_signatures_of_another_length_or_beyond_the_modulus(void **state)
{
    (void)state;
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    EVP_PKEY *pkey = rsa_of(1025, 65537, 2); /* 129 octets: room above the modulus */
    struct mm_public_key *key = public_of(pkey);
    uint8_t digest[32] = {7}, signature[SIGNATURE_MAX] = {0}, longer[130] = {0}, above[129];
    size_t len = sign_directly(pkey, EVP_sha256(), digest, sizeof digest, signature);
    MM_CHECK_INT("valid", verify(ctx, key, MM_SHA256, digest, signature, len), true);
    memcpy(longer + 1, signature, len);
    MM_CHECK_INT("zero octet before", verify(ctx, key, MM_SHA256, digest, longer, 130), false);
    MM_CHECK_INT("zero octet behind", verify(ctx, key, MM_SHA256, digest, signature, 130), false);
    MM_CHECK_INT("cut", verify(ctx, key, MM_SHA256, digest, signature, len - 1), false);
    MM_CHECK_INT("empty", verify(ctx, key, MM_SHA256, digest, signature, 0), false);
    BIGNUM *n = NULL, *s = BN_bin2bn(signature, (int)len, NULL);
    assert_true(s && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) > 0);
    assert_true(BN_add(s, s, n) && BN_bn2binpad(s, above, sizeof above) > 0);
    MM_CHECK_INT("modulus added", verify(ctx, key, MM_SHA256, digest, above, 129), false);
    assert_true(BN_bn2binpad(n, above, sizeof above) > 0);
    MM_CHECK_INT("the modulus itself", verify(ctx, key, MM_SHA256, digest, above, 129), false);
    memset(above, 0, sizeof above);
    MM_CHECK_INT("zero", verify(ctx, key, MM_SHA256, digest, above, 129), false);
    BN_free(s);
    BN_free(n);
    mm_public_key_free(&key);
    EVP_PKEY_free(pkey);
    mm_pk_ctx_free(&ctx);
}

/* The public half of another key stands for a fault in the computation: to the check both are a
 * signature that does not hold. */
static void release_none(bool ed25519)
{
    EVP_PKEY *pkeys[2] = {
        ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : rsa_of(1024, 65537, 2),
        ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : rsa_of(1024, 65537, 2)};
    struct mm_private_key *keys[2] = {private_of(pkeys[0]), private_of(pkeys[1])};
    struct mm_private_key faulty = {.pkey = keys[0]->pkey, .public_half = keys[1]->public_half};
    uint8_t digest[32] = {9}, signatures[3][128], zero[128] = {0};
    memset(signatures, 0xee, sizeof signatures);
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    struct mm_sign_job jobs[3];
    for (int i = 0; i < 3; i++)
        jobs[i] = (struct mm_sign_job){.key = i == 1 ? &faulty : keys[0],
                                       .alg = MM_SHA256,
                                       .digest = digest,
                                       .signature = signatures[i]};
    MM_CHECK_INT("status", mm_sign_many(ctx, jobs, 3), MM_E_CRYPTO);
    MM_CHECK_INT("once, and once more", mm_pk_ctx_mismatches(ctx), 2);
    MM_CHECK_INT("nothing of it is left", memcmp(signatures[1], zero, ed25519 ? 64 : 128), 0);
    MM_CHECK_INT("no length", jobs[1].signature_bytes, 0);
    MM_CHECK_INT("the sound key goes on", mm_sign_many(ctx, jobs, 1), MM_OK);
    mm_pk_ctx_free(&ctx);
    for (int i = 0; i < 2; i++) {
        mm_private_key_free(&keys[i]);
        EVP_PKEY_free(pkeys[i]);
    }
}

static void pk_releases_no_signature_that_does_not_hold(void **state)
{
    (void)state;
    release_none(false);
    release_none(true);
}

/* The same key with one number changed by `add`. */
static EVP_PKEY *spoil(EVP_PKEY *pkey, const char *name, unsigned add)
{
    EVP_PKEY *spoilt = NULL;
    OSSL_PARAM *params = NULL;
    BIGNUM *number = NULL;
    assert_true(EVP_PKEY_todata(pkey, EVP_PKEY_KEYPAIR, &params) > 0);
    OSSL_PARAM *place = OSSL_PARAM_locate(params, name);
    assert_true(place && OSSL_PARAM_get_BN(place, &number) && BN_add_word(number, add));
    assert_true(BN_bn2nativepad(number, place->data, (int)place->data_size) > 0);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    assert_true(ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
                EVP_PKEY_fromdata(ctx, &spoilt, EVP_PKEY_KEYPAIR, params) > 0);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    BN_free(number);
    return spoilt;
}

/* A wrong exponent of one half stands for a fault in computing it. OpenSSL mends that by itself, as
 * long as it does: no signature that leaves has a wrong half. */
static void pk_releases_no_rsa_signature_with_a_wrong_half(void **state)
{
    (void)state;
    static const char *const halves[] = {OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                         OSSL_PKEY_PARAM_RSA_EXPONENT2,
                                         OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    EVP_PKEY *pkey = rsa_of(1024, 65537, 2);
    struct mm_private_key *sound = private_of(pkey);
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 1997;
    for (size_t i = 0; i < MM_COUNT(halves); i++) {
        struct mm_private_key faulty = {.pkey = spoil(pkey, halves[i], 2),
                                        .public_half = sound->public_half};
        for (int round = 0; round < 20; round++) {
            uint8_t digest[32], made[SIGNATURE_MAX] = {0}, right[SIGNATURE_MAX];
            random_bytes(&seed, digest, sizeof digest);
            struct mm_sign_job job = {
                .key = &faulty, .alg = MM_SHA256, .digest = digest, .signature = made};
            enum mm_status status = mm_sign_many(ctx, &job, 1);
            size_t len = sign_directly(pkey, EVP_sha256(), digest, sizeof digest, right);
            if (status == MM_OK)
                MM_CHECK_VIEW(halves[i], ((struct mm_view){(char *)made, job.signature_bytes}),
                              ((struct mm_view){(char *)right, len}));
            else
                MM_CHECK_INT(halves[i], job.signature_bytes, 0);
        }
        EVP_PKEY_free(faulty.pkey);
    }
    mm_pk_ctx_free(&ctx);
    mm_private_key_free(&sound);
    EVP_PKEY_free(pkey);
}

/* A key file whose numbers do not fit together is refused before it signs anything. */
static void pk_keys_of_numbers_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    EVP_PKEY *pkey = rsa_of(1024, 65537, 2), *spoilt = spoil(pkey, OSSL_PKEY_PARAM_RSA_D, 2);
    EVP_PKEY *both = spoil(spoilt, OSSL_PKEY_PARAM_RSA_EXPONENT1, 2);
    unsigned char *der = NULL;
    struct mm_private_key *key = NULL;
    struct mm_error err;
    int len = i2d_PrivateKey(both, &der);
    MM_CHECK_INT("refused",
                 mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "k", &key, &err),
                 MM_E_SYNTAX);
    assert_null(key);
    OPENSSL_free(der);
    EVP_PKEY_free(both);
    EVP_PKEY_free(spoilt);
    EVP_PKEY_free(pkey);
}

/* More keys than a context keeps, in an order that displaces them, freed and made anew between. */
static void pk_keeps_apart_more_keys_than_it_remembers(void **state)
{
    (void)state;
    enum { KEYS = 600 };
    static struct mm_private_key *keys[KEYS];
    static uint8_t signatures[KEYS][128], digests[KEYS][32];
    static struct mm_sign_job sign[KEYS];
    static struct mm_verify_job check[KEYS];
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 600;
    EVP_PKEY *rsa[2] = {rsa_of(1024, 65537, 2), rsa_of(1024, 3, 2)};
    for (int i = 0; i < KEYS; i++) {
        EVP_PKEY *pkey = i % 7 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : rsa[i % 2];
        keys[i] = private_of(pkey);
        if (i % 7)
            EVP_PKEY_free(pkey);
        random_bytes(&seed, digests[i], 32);
        sign[i] = (struct mm_sign_job){
            .key = keys[i], .alg = MM_SHA256, .digest = digests[i], .signature = signatures[i]};
    }
    for (int round = 0; round < 2; round++) {
        MM_CHECK_INT("sign", mm_sign_many(ctx, sign, KEYS), MM_OK);
        for (int i = 0; i < KEYS; i++) {
            size_t from = i % 5 == 4 ? (size_t)(i + 256) % KEYS : (size_t)i;
            check[i] = (struct mm_verify_job){
                .key = mm_private_key_public(keys[i]),
                .alg = MM_SHA256,
                .digest = digests[from],
                .signature = {(char *)signatures[from], sign[from].signature_bytes}};
        }
        MM_CHECK_INT("verify", mm_verify_many(ctx, check, KEYS), MM_OK);
        for (int i = 0; i < KEYS; i++)
            MM_CHECK_INT("valid with its own key only", check[i].valid, i % 5 != 4);
        EVP_PKEY *fresh = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        mm_private_key_free(&keys[1]);
        keys[1] = private_of(fresh);
        sign[1].key = keys[1];
        EVP_PKEY_free(fresh);
    }
    for (int i = 0; i < KEYS; i++)
        mm_private_key_free(&keys[i]);
    EVP_PKEY_free(rsa[0]);
    EVP_PKEY_free(rsa[1]);
    mm_pk_ctx_free(&ctx);
}

struct thread_work {
    struct mm_private_key *rsa, *ed25519;
    int valid;
};

static void *sign_and_verify(void *arg)
{
    struct thread_work *work = arg;
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    for (int i = 0; ctx && i < 40; i++) {
        uint8_t digest[32] = {(uint8_t)i}, signature[128];
        struct mm_private_key *key = i % 2 ? work->rsa : work->ed25519;
        struct mm_sign_job job = {
            .key = key, .alg = MM_SHA256, .digest = digest, .signature = signature};
        if (mm_sign_many(ctx, &job, 1) != MM_OK)
            break;
        struct mm_verify_job check = {.key = mm_private_key_public(key),
                                      .alg = MM_SHA256,
                                      .digest = digest,
                                      .signature = {(char *)signature, job.signature_bytes}};
        work->valid += mm_verify_many(ctx, &check, 1) == MM_OK && check.valid;
    }
    mm_pk_ctx_free(&ctx);
    return NULL;
}

static void pk_keys_are_shared_by_threads_with_contexts_of_their_own(void **state)
{
    (void)state;
    EVP_PKEY *pkeys[2] = {rsa_of(1024, 65537, 2), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    struct mm_private_key *rsa = private_of(pkeys[0]), *ed25519 = private_of(pkeys[1]);
    struct thread_work work[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        work[i] = (struct thread_work){.rsa = rsa, .ed25519 = ed25519};
        assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, &work[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        MM_CHECK_INT("valid", work[i].valid, 40);
    }
    mm_private_key_free(&rsa);
    mm_private_key_free(&ed25519);
    EVP_PKEY_free(pkeys[0]);
    EVP_PKEY_free(pkeys[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(pk_signs_rsa_byte_for_byte_like_openssl),
        MM_TEST(pk_verifies_up_to_8192_bits),
        MM_TEST(pk_ed25519_equals_openssl_over_digests),
        MM_TEST(pk_refuses_blocks_that_are_not_exactly_pkcs1),
        MM_TEST(pk_judges_any_number_as_openssl_does),
        MM_TEST(pk_refuses_signatures_of_another_length_or_beyond_the_modulus),
        MM_TEST(pk_releases_no_signature_that_does_not_hold),
        MM_TEST(pk_releases_no_rsa_signature_with_a_wrong_half),
        MM_TEST(pk_keys_of_numbers_that_do_not_fit_are_refused),
        MM_TEST(pk_keeps_apart_more_keys_than_it_remembers),
        MM_TEST(pk_keys_are_shared_by_threads_with_contexts_of_their_own),
    };
    return cmocka_run_group_tests(tests, make_whole, drop_whole);
}

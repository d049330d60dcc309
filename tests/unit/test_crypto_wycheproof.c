/*
 * test_crypto_wycheproof.c - the Wycheproof vectors through our keys and our batch verification.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The files are JSON with one member a line, in a fixed order; a line reader is all they need.
 * Every answer must also be OpenSSL's own. An RSA vector is asked for alone, then in each of the
 * eight lanes, with the vector before it in the others. Of Ed25519 only messages of 32 octets fit
 * the interface, which takes digests; with the others the signature must not hold for their digest.
 */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "crypto/pk_internal.h"
#include "support/mm_test.h"

enum { BYTES_MAX = 4096 };

struct bytes {
    char data[BYTES_MAX];
    size_t len;
};

/* The text of member `name` where the line is that member. */
static bool member(const char *line, const char *name, char *out, size_t cap)
{
    char head[64];
    int n = snprintf(head, sizeof head, "\"%s\": \"", name);
    const char *at = line + strspn(line, " ");
    if (strncmp(at, head, (size_t)n) != 0)
        return false;
    size_t len = strcspn(at + n, "\"");
    assert_true(len < cap);
    memcpy(out, at + n, len);
    out[len] = '\0';
    return true;
}

static bool hex_member(const char *line, const char *name, struct bytes *out)
{
    static char hex[2 * BYTES_MAX];
    if (!member(line, name, hex, sizeof hex))
        return false;
    out->len = strlen(hex) / 2;
    for (size_t i = 0; i < out->len; i++) {
        unsigned value;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        out->data[i] = (char)value;
    }
    return true;
}

static struct mm_view view(const struct bytes *b)
{
    return (struct mm_view){b->data, b->len};
}

static FILE *vectors(const char *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/crypto/wycheproof/%s", mm_test_corpus(), file);
    return fopen(path, "r");
}

static bool holds(struct mm_pk_ctx *ctx, const struct mm_public_key *key, const uint8_t *digest,
                  const struct bytes *signature)
{
    struct mm_verify_job job = {
        .key = key, .alg = MM_SHA256, .digest = digest, .signature = view(signature)};
    assert_int_equal(mm_verify_many(ctx, &job, 1), MM_OK);
    return job.valid;
}

/* A vector whose answer is known. */
struct known {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    struct bytes signature;
    bool valid;
};

/* Both vectors are of one key, so that they share the lanes. */
static void check_each_lane(const char *id, struct mm_pk_ctx *ctx, const struct mm_public_key *key,
                            const struct known *one, const struct known *other)
{
    enum { LANES = MM_LANES };
    for (int at = 0; at < LANES; at++) {
        struct mm_verify_job jobs[LANES];
        for (int i = 0; i < LANES; i++) {
            const struct known *v = i == at ? one : other;
            jobs[i] = (struct mm_verify_job){.key = key,
                                             .alg = MM_SHA256,
                                             .digest = v->digest,
                                             .signature = view(&v->signature),
                                             .valid = !v->valid};
        }
        assert_int_equal(mm_verify_many(ctx, jobs, LANES), MM_OK);
        for (int i = 0; i < LANES; i++)
            MM_CHECK_INT(id, jobs[i].valid, i == at ? one->valid : other->valid);
    }
}

static bool holds_for_openssl(EVP_PKEY *pkey, const EVP_MD *md, const struct bytes *message,
                              const struct bytes *signature)
{
    EVP_MD_CTX *direct = EVP_MD_CTX_new();
    assert_true(EVP_DigestVerifyInit(direct, NULL, md, NULL, pkey) > 0);
    bool valid = EVP_DigestVerify(direct, (const unsigned char *)signature->data, signature->len,
                                  (const unsigned char *)message->data, message->len) == 1;
    EVP_MD_CTX_free(direct);
    return valid;
}

/* What is behind one key while its vectors are read. */
struct group {
    struct mm_public_key *key;
    EVP_PKEY *theirs;
    bool fresh; /* no vector of it was read yet */
};

static void group_end(struct group *g)
{
    mm_public_key_free(&g->key);
    EVP_PKEY_free(g->theirs);
    *g = (struct group){.key = NULL};
}

/* A new key: the bare RSAPublicKey, then the same in its SubjectPublicKeyInfo. */
static void rsa_group(const char *line, struct group *g, struct bytes *scratch)
{
    if (hex_member(line, "publicKeyAsn", scratch)) {
        group_end(g);
        g->fresh = true;
        assert_int_equal(mm_public_key_parse(MM_KEY_RSA, view(scratch), &g->key, NULL), MM_OK);
    } else if (hex_member(line, "publicKeyDer", scratch)) {
        struct mm_public_key *wrapped;
        uint8_t a[32], b[32];
        assert_int_equal(mm_public_key_parse(MM_KEY_RSA, view(scratch), &wrapped, NULL), MM_OK);
        mm_public_key_fingerprint(g->key, a);
        mm_public_key_fingerprint(wrapped, b);
        MM_CHECK_INT("one key in two forms", memcmp(a, b, sizeof a), 0);
        mm_public_key_free(&wrapped);
        const unsigned char *at = (const unsigned char *)scratch->data;
        g->theirs = d2i_PUBKEY(NULL, &at, (long)scratch->len);
        assert_non_null(g->theirs);
    }
}

static int rsa_file(const char *file, struct mm_pk_ctx *ctx)
{
    static char line[32768], result[16], id[24];
    static struct bytes scratch, message;
    static struct known now, before;
    struct bytes *signature = &now.signature;
    struct group g = {.key = NULL};
    int count = 0;
    FILE *f = vectors(file);
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        rsa_group(line, &g, &scratch);
        const char *number = strstr(line, "\"tcId\": ");
        if (number)
            snprintf(id, sizeof id, "tcId %d", atoi(number + 8));
        hex_member(line, "msg", &message);
        hex_member(line, "sig", signature);
        if (!member(line, "result", result, sizeof result))
            continue;
        SHA256((const unsigned char *)message.data, message.len, now.digest);
        now.valid = holds(ctx, g.key, now.digest, signature);
        /* "acceptable" is a DigestInfo without NULL, which we refuse. */
        MM_CHECK_INT(id, now.valid, strcmp(result, "valid") == 0);
        MM_CHECK_INT(id, now.valid, holds_for_openssl(g.theirs, EVP_sha256(), &message, signature));
        if (g.fresh)
            before = now;
        g.fresh = false;
        count++;
        check_each_lane(id, ctx, g.key, &now, &before);
        before = now;
    }
    fclose(f);
    group_end(&g);
    return count;
}

static void wycheproof_rsa_answers_are_right_and_openssl_agrees(void **state)
{
    (void)state;
    if (!mm_test_corpus())
        return;
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    if (!mm_rsa_kernels_pick())
        mm_pk_ctx_use_kernels(ctx, &mm_rsa_kernels_portable);
    MM_CHECK_INT("2048", rsa_file("rsa_signature_2048_sha256_test.json", ctx), 259);
    MM_CHECK_INT("3072", rsa_file("rsa_signature_3072_sha256_test.json", ctx), 259);
    MM_CHECK_INT("4096", rsa_file("rsa_signature_4096_sha256_test.json", ctx), 258);
    mm_pk_ctx_free(&ctx);
}

static void wycheproof_ed25519_holds_for_its_message_and_no_other(void **state)
{
    (void)state;
    static char line[32768], result[16];
    static struct bytes octets, message, signature;
    if (!mm_test_corpus())
        return;
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    struct group g = {.key = NULL};
    int count = 0, fitting = 0;
    FILE *f = vectors("ed25519_test.json");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (hex_member(line, "pk", &octets)) {
            group_end(&g);
            assert_int_equal(mm_public_key_parse(MM_KEY_ED25519, view(&octets), &g.key, NULL),
                             MM_OK);
            g.theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                   (const unsigned char *)octets.data, octets.len);
        }
        hex_member(line, "msg", &message);
        hex_member(line, "sig", &signature);
        if (!member(line, "result", result, sizeof result))
            continue;
        uint8_t digest[SHA256_DIGEST_LENGTH];
        SHA256((const unsigned char *)message.data, message.len, digest);
        MM_CHECK_INT("not for the digest", holds(ctx, g.key, digest, &signature), false);
        if (message.len == sizeof digest) {
            bool valid = holds(ctx, g.key, (const uint8_t *)message.data, &signature);
            MM_CHECK_INT("32 octets", valid, strcmp(result, "valid") == 0);
            MM_CHECK_INT("32 octets", valid,
                         holds_for_openssl(g.theirs, NULL, &message, &signature));
            fitting++;
        }
        count++;
    }
    fclose(f);
    group_end(&g);
    mm_pk_ctx_free(&ctx);
    MM_CHECK_INT("vectors", count, 151);
    MM_CHECK_INT("of 32 octets", fitting, 3);
}

MM_TEST_MAIN(MM_TEST(wycheproof_rsa_answers_are_right_and_openssl_agrees),
             MM_TEST(wycheproof_ed25519_holds_for_its_message_and_no_other))

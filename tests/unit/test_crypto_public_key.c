/*
 * test_crypto_public_key.c - which octets are a key, and which only look like one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/public_key.h"
#include "support/mm_test.h"

/* DER under construction: each call wraps what is inside, so keys are written from inside out. */
struct der {
    char bytes[4096];
    size_t len;
};

static void der_prepend(struct der *d, const void *bytes, size_t len)
{
    assert_true(d->len + len <= sizeof d->bytes);
    memmove(d->bytes + len, d->bytes, d->len);
    memcpy(d->bytes, bytes, len);
    d->len += len;
}

/* Tag and length for the first `content_bytes` bytes. */
static void der_head(struct der *d, unsigned char tag, size_t content_bytes)
{
    unsigned char head[4] = {tag, (unsigned char)content_bytes};
    size_t n = 2;
    if (content_bytes >= 256) {
        head[1] = 0x82;
        head[2] = (unsigned char)(content_bytes >> 8);
        head[3] = (unsigned char)content_bytes;
        n = 4;
    } else if (content_bytes >= 128) {
        head[1] = 0x81;
        head[2] = (unsigned char)content_bytes;
        n = 3;
    }
    der_prepend(d, head, n);
}

/* An INTEGER of `bits` bits, all ones but for the last octet. */
static void der_integer(struct der *d, size_t bits, unsigned char last)
{
    unsigned char octets[2048 + 1] = {0};
    size_t n = (bits + 7) / 8;
    if (bits) {
        memset(octets + 1, 0xff, n);
        octets[1] = (unsigned char)(0xff >> (n * 8 - bits));
        octets[n] = n == 1 ? last : last | 0x80;
    } else
        n = 1, octets[1] = 0;
    bool sign = octets[1] >= 0x80;
    der_prepend(d, sign ? octets : octets + 1, n + sign);
    der_head(d, 0x02, n + sign);
}

static void rsa_public_key(struct der *d, size_t bits, unsigned char last, size_t exponent_bits,
                           unsigned char exponent_last)
{
    d->len = 0;
    der_integer(d, exponent_bits, exponent_last);
    der_integer(d, bits, last);
    der_head(d, 0x30, d->len);
}

static void spki(struct der *d, struct mm_view algorithm, unsigned char unused_bits)
{
    der_prepend(d, &unused_bits, 1);
    der_head(d, 0x03, d->len);
    der_prepend(d, algorithm.data, algorithm.len);
    der_head(d, 0x30, d->len);
}

#define RSA_ALGORITHM MM_VIEW("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")

static enum mm_status parse(const struct der *d, struct mm_public_key **key)
{
    struct mm_guard g = mm_guard_copy((struct mm_view){d->bytes, d->len});
    enum mm_status status = mm_public_key_parse(MM_KEY_RSA, g.view, key, NULL);
    MM_CHECK_INT("a key exactly with MM_OK", *key != NULL, status == MM_OK);
    mm_guard_free(&g);
    return status;
}

static void expect(const char *label, const struct der *d, enum mm_status want)
{
    struct mm_public_key *key;
    MM_CHECK_INT(label, parse(d, &key), want);
    mm_public_key_free(&key);
}

static void public_key_checks_the_numbers_of_rsa(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t bits, exponent_bits;
        unsigned char last, exponent_last;
        enum mm_status status;
    } cases[] = {
        {"the usual", 2048, 17, 1, 1, MM_OK},
        {"exponent 3", 2048, 2, 1, 3, MM_OK},
        {"least", 512, 17, 1, 1, MM_OK},
        {"bits no multiple of 8", 1016 + 1, 17, 1, 1, MM_OK},
        {"most", 8192, 17, 1, 1, MM_OK},
        {"one bit more than most", 8193, 17, 1, 1, MM_E_LIMIT},
        {"twice the most", 16384, 17, 1, 1, MM_E_LIMIT},
        {"one bit less than least", 511, 17, 1, 1, MM_E_PERM},
        {"one octet", 8, 2, 0x83, 3, MM_E_PERM},
        {"even modulus", 2048, 17, 2, 1, MM_E_SYNTAX},
        {"zero modulus", 0, 17, 0, 1, MM_E_SYNTAX},
        {"even exponent", 2048, 17, 1, 2, MM_E_SYNTAX},
        {"exponent 0", 2048, 0, 1, 0, MM_E_SYNTAX},
        {"exponent 1", 2048, 1, 1, 1, MM_E_SYNTAX},
        {"exponent 2", 2048, 2, 1, 2, MM_E_SYNTAX},
        {"longest exponent", 2048, 64, 1, 1, MM_OK},
        {"exponent too long", 2048, 65, 1, 1, MM_E_LIMIT},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct der d;
        struct mm_public_key *key;
        rsa_public_key(&d, cases[i].bits, cases[i].last, cases[i].exponent_bits,
                       cases[i].exponent_last);
        MM_CHECK_INT(cases[i].label, parse(&d, &key), cases[i].status);
        if (key) {
            MM_CHECK_INT(cases[i].label, mm_public_key_bits(key), cases[i].bits);
            MM_CHECK_INT(cases[i].label, mm_public_key_type(key), MM_KEY_RSA);
        }
        mm_public_key_free(&key);
    }
}

static void public_key_takes_bare_and_wrapped_rsa_and_nothing_behind_it(void **state)
{
    (void)state;
    struct der d;
    rsa_public_key(&d, 1024, 1, 17, 1);
    expect("bare", &d, MM_OK);
    struct der cut = d;
    cut.len--;
    expect("bare, cut", &cut, MM_E_SYNTAX);
    struct der longer = d;
    longer.bytes[longer.len++] = 0;
    expect("bare, one byte more", &longer, MM_E_SYNTAX);

    struct der wrapped = d;
    spki(&wrapped, RSA_ALGORITHM, 0);
    expect("wrapped", &wrapped, MM_OK);
    wrapped.bytes[wrapped.len++] = 0;
    expect("wrapped, one byte more", &wrapped, MM_E_SYNTAX);

    struct der inside = longer;
    spki(&inside, RSA_ALGORITHM, 0);
    expect("a byte behind the key in the bit string", &inside, MM_E_SYNTAX);
    struct der unused = d;
    spki(&unused, RSA_ALGORITHM, 1);
    expect("unused bits", &unused, MM_E_SYNTAX);
    struct der without = d;
    spki(&without, MM_VIEW("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), 0);
    expect("parameters absent", &without, MM_OK);
    struct der pss = d;
    spki(&pss, MM_VIEW("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), 0);
    expect("RSA-PSS", &pss, MM_E_SYNTAX);
    struct der edwards = d;
    spki(&edwards, MM_VIEW("\x30\x05\x06\x03\x2b\x65\x70"), 0);
    expect("Ed25519", &edwards, MM_E_SYNTAX);

    struct der third = {.len = 0};
    der_integer(&third, 17, 1);
    der_integer(&third, 17, 1);
    der_integer(&third, 1024, 1);
    der_head(&third, 0x30, third.len);
    expect("three numbers", &third, MM_E_SYNTAX);
    expect("nothing", &(struct der){.len = 0}, MM_E_SYNTAX);
}

static void public_key_of_ed25519_is_32_octets(void **state)
{
    (void)state;
    char octets[44] = {1};
    struct mm_public_key *key;
    for (size_t len = 0; len <= sizeof octets; len++) {
        struct mm_guard g = mm_guard_copy((struct mm_view){octets, len});
        MM_CHECK_INT("length", mm_public_key_parse(MM_KEY_ED25519, g.view, &key, NULL),
                     len == 32 ? MM_OK : MM_E_SYNTAX);
        if (key)
            MM_CHECK_INT("bits", mm_public_key_bits(key), 256);
        mm_public_key_free(&key);
        mm_guard_free(&g);
    }
}

static void public_key_fingerprint_tells_keys_apart_whatever_their_encoding(void **state)
{
    (void)state;
    uint8_t prints[4][32];
    struct der d;
    struct mm_public_key *key;
    for (int i = 0; i < 3; i++) {
        rsa_public_key(&d, i == 2 ? 1032 : 1024, 1, 17, 1);
        if (i == 1)
            spki(&d, RSA_ALGORITHM, 0);
        assert_int_equal(parse(&d, &key), MM_OK);
        mm_public_key_fingerprint(key, prints[i]);
        mm_public_key_free(&key);
    }
    rsa_public_key(&d, 1024, 1, 25, 1);
    assert_int_equal(parse(&d, &key), MM_OK);
    mm_public_key_fingerprint(key, prints[3]);
    mm_public_key_free(&key);
    MM_CHECK_TRUE("bare and wrapped", memcmp(prints[0], prints[1], 32) == 0);
    MM_CHECK_TRUE("another modulus", memcmp(prints[0], prints[2], 32) != 0);
    MM_CHECK_TRUE("another exponent", memcmp(prints[0], prints[3], 32) != 0);
}

/* What we take, OpenSSL's decoder must take too, with the same numbers. */
static void public_key_takes_nothing_that_openssl_refuses(void **state)
{
    (void)state;
    uint64_t seed = 3017;
    int taken = 0;
    struct der whole;
    rsa_public_key(&whole, 768, 1, 17, 1);
    spki(&whole, RSA_ALGORITHM, 0);
    for (int round = 0; round < 20000; round++) {
        struct der d = whole;
        size_t changes = mm_random(&seed) % 3 + 1;
        while (changes--)
            d.bytes[mm_random(&seed) % d.len] ^= (char)(1 << mm_random(&seed) % 8);
        struct mm_public_key *key;
        if (parse(&d, &key) != MM_OK)
            continue;
        taken++;
        const unsigned char *at = (const unsigned char *)d.bytes;
        EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)d.len);
        assert_non_null(theirs);
        MM_CHECK_INT("bits", mm_public_key_bits(key), EVP_PKEY_get_bits(theirs));
        EVP_PKEY_free(theirs);
        mm_public_key_free(&key);
    }
    MM_CHECK_TRUE("some changes leave a key", taken > 1000);
}

MM_TEST_MAIN(MM_TEST(public_key_checks_the_numbers_of_rsa),
             MM_TEST(public_key_takes_bare_and_wrapped_rsa_and_nothing_behind_it),
             MM_TEST(public_key_of_ed25519_is_32_octets),
             MM_TEST(public_key_fingerprint_tells_keys_apart_whatever_their_encoding),
             MM_TEST(public_key_takes_nothing_that_openssl_refuses))

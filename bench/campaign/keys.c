/*
 * keys.c - a key for each domain of the campaign, its table, its zone.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Up to a hundred keys are made as keys are. More would take hours: twenty thousand are products of
 * the primes of a small pool, any two of them once. Who has two such keys finds a common prime, so
 * they are worth nothing but for measuring: numbers, sizes and times are those of any other key.
 */
#include "campaign/keys.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "campaign/campaign.h"

enum {
    OWN_KEYS_MAX = 100,
    POOL = 201, /* 201 * 200 / 2 pairs */
    PRIME_BITS = 1024,
    EXPONENT = 65537,
};
_Static_assert(POOL *(POOL - 1) / 2 >= CAMPAIGN_DOMAINS_MAX, "a pair of primes for each domain");

static BIGNUM *pool[POOL]; /* in ascending order of being made; NULL: not yet */

static void need(bool done, const char *what)
{
    if (!done)
        die("OpenSSL cannot make", what);
}

/* A prime with its two top bits set, so that a product has 2048 bits, and p - 1 without the factor
 * e, which is prime. */
static const BIGNUM *pool_prime(unsigned at)
{
    while (!pool[at]) {
        BIGNUM *p = BN_new();
        need(p && BN_generate_prime_ex(p, PRIME_BITS, 0, NULL, NULL, NULL), "a prime");
        if (BN_mod_word(p, EXPONENT) != 1)
            pool[at] = p;
        else
            BN_free(p);
    }
    return pool[at];
}

/* x^-1 mod (p - 1) */
static BIGNUM *inverse_below(const BIGNUM *x, const BIGNUM *p, BN_CTX *bn)
{
    BIGNUM *less = BN_dup(p);
    need(less && BN_sub_word(less, 1), "a number");
    BIGNUM *inverse = BN_mod_inverse(NULL, x, less, bn);
    need(inverse != NULL, "an exponent");
    BN_free(less);
    return inverse;
}

/* e^-1 modulo (p - 1)(q - 1) */
static BIGNUM *private_exponent(const BIGNUM *e, const BIGNUM *p, const BIGNUM *q, BN_CTX *bn)
{
    BIGNUM *phi = BN_new(), *less = BN_dup(p), *other = BN_dup(q);
    need(phi && less && other && BN_sub_word(less, 1) && BN_sub_word(other, 1) &&
             BN_mul(phi, less, other, bn) && BN_add_word(phi, 1),
         "a number");
    BIGNUM *d = inverse_below(e, phi, bn);
    BN_free(phi);
    BN_free(less);
    BN_free(other);
    return d;
}

static EVP_PKEY *key_of_params(OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    need(params && ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
             EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) > 0,
         "a key");
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *key_of_primes(const BIGNUM *p, const BIGNUM *q)
{
    enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };
    static const char *const names[NUMBERS] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    BIGNUM *numbers[NUMBERS] = {[N] = BN_new(), [E] = BN_new(), [P] = BN_dup(p), [Q] = BN_dup(q)};
    BN_CTX *bn = BN_CTX_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    need(bn && build && BN_mul(numbers[N], p, q, bn) && BN_set_word(numbers[E], EXPONENT),
         "a number");
    numbers[D] = private_exponent(numbers[E], p, q, bn);
    numbers[DP] = inverse_below(numbers[E], p, bn);
    numbers[DQ] = inverse_below(numbers[E], q, bn);
    numbers[QINV] = BN_mod_inverse(NULL, q, p, bn);
    for (int i = 0; i < NUMBERS; i++)
        need(numbers[i] && OSSL_PARAM_BLD_push_BN(build, names[i], numbers[i]), names[i]);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY *key = key_of_params(params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    for (int i = 0; i < NUMBERS; i++)
        BN_free(numbers[i]);
    BN_CTX_free(bn);
    return key;
}

/* Key number `of` is the pair of primes i > j with i (i - 1) / 2 + j = of. */
static EVP_PKEY *make_pool_key(unsigned of)
{
    unsigned i = 1;
    while (of >= i) {
        of -= i;
        i++;
    }
    return key_of_primes(pool_prime(i), pool_prime(of));
}

static EVP_PKEY *read_or_make_key(const char *path, unsigned number, bool from_pool)
{
    EVP_PKEY *key;
    FILE *file = fopen(path, "r");
    int fd;
    if (file) {
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        if (!key)
            die("not a key", path);
        return key;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    key = from_pool ? make_pool_key(number) : EVP_RSA_gen(2048);
    if (!file || !key || !PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL))
        die("cannot make key", path);
    must_close(file, path);
    return key;
}

/* A TXT record, in strings of at most 255 bytes (RFC 1035 section 3.3), and the key as DER has it.
 */
static void write_public_half(FILE *zone, FILE *halves, unsigned domain, EVP_PKEY *key)
{
    unsigned char der[CAMPAIGN_PUBLIC_BYTES], base64[2 * CAMPAIGN_PUBLIC_BYTES], *end = der;
    if (i2d_PUBKEY(key, NULL) != CAMPAIGN_PUBLIC_BYTES ||
        i2d_PUBKEY(key, &end) != CAMPAIGN_PUBLIC_BYTES || fwrite(der, sizeof(der), 1, halves) != 1)
        die("cannot write", "public key");
    int len = EVP_EncodeBlock(base64, der, sizeof(der));
    fprintf(zone,
            CAMPAIGN_SELECTOR "._domainkey." CAMPAIGN_DOMAIN ". IN TXT \"v=DKIM1; k=rsa; p=\"",
            domain);
    for (int at = 0; at < len; at += 250)
        fprintf(zone, " \"%.250s\"", (const char *)base64 + at);
    fprintf(zone, "\n");
}

void keys_write(const char *where, unsigned domains)
{
    char folder[CAMPAIGN_PATH_MAX], path[CAMPAIGN_PATH_MAX];
    FILE *key_table = must_open(where, "KeyTable", "w");
    FILE *signing_table = must_open(where, "SigningTable", "w");
    FILE *zone = must_open(where, "zone", "w"), *halves = must_open(where, "public", "w");
    if (!realpath(where, folder))
        die("cannot find", where);
    for (unsigned i = 0; i < domains; i++) {
        if (snprintf(path, sizeof(path), CAMPAIGN_KEY_FILE, folder, i) >= (int)sizeof(path))
            die("name too long", folder);
        EVP_PKEY *key = read_or_make_key(path, i, domains > OWN_KEYS_MAX);
        fprintf(key_table, "shop%02u " CAMPAIGN_DOMAIN ":" CAMPAIGN_SELECTOR ":%s\n", i, i, path);
        fprintf(signing_table, CAMPAIGN_DOMAIN " shop%02u\n", i, i);
        write_public_half(zone, halves, i, key);
        EVP_PKEY_free(key);
    }
    must_close(key_table, "KeyTable");
    must_close(signing_table, "SigningTable");
    must_close(zone, "zone");
    must_close(halves, "public");
    for (unsigned i = 0; i < POOL; i++)
        BN_free(pool[i]);
}

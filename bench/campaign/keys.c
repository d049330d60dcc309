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

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "bench/key_maker.h"
#include "campaign/campaign.h"

enum {
    OWN_KEYS_MAX = 100,
    POOL = 201, /* 201 * 200 / 2 pairs */
};
_Static_assert(POOL *(POOL - 1) / 2 >= CAMPAIGN_DOMAINS_MAX, "a pair of primes for each domain");

static BIGNUM *pool[POOL]; /* in ascending order of being made; NULL: not yet */

static void need(bool done, const char *what)
{
    if (!done)
        die("OpenSSL cannot make", what);
}

static const BIGNUM *pool_prime(unsigned at)
{
    static struct mm_draw draw;
    if (!pool[at])
        pool[at] = mm_bench_prime(&draw);
    need(pool[at], "a prime");
    return pool[at];
}

/* Key number `of` is the pair of primes i > j with i (i - 1) / 2 + j = of. */
static EVP_PKEY *make_pool_key(unsigned of)
{
    unsigned i = 1;
    while (of >= i) {
        of -= i;
        i++;
    }
    return mm_bench_rsa_key(pool_prime(i), pool_prime(of));
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
    fprintf(zone, MM_MAIL_SELECTOR "._domainkey." MM_MAIL_DOMAIN ". IN TXT \"v=DKIM1; k=rsa; p=\"",
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
        fprintf(key_table, "shop%02u " MM_MAIL_DOMAIN ":" MM_MAIL_SELECTOR ":%s\n", i, i, path);
        fprintf(signing_table, MM_MAIL_DOMAIN " shop%02u\n", i, i);
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

/*
 * timing.c - whether the time of RSA in lanes tells anything of exponents or of what is signed.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     timing [CALLS [SEED]]
 *
 * Two classes of calls in random order: always the same numbers, or random ones each time. Welch's
 * t of their times is small where both take the same; from 4.5 on they do not (Reparaz, Balasch and
 * Verbauwhede, "Dude, is my code constant time?", 2017). It is taken over all calls and over the
 * fastest 90, 50 and 10 percent, as interrupts drown small differences; the largest counts. Exits
 * with 1 where one is too large. Blinding is left out, or inputs would be random in both classes.
 */
#include <math.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "crypto/key_internal.h"
#include "crypto/rsa_limbs.h"
#include "crypto/rsa_many.h"
#include "crypto/rsa_signer.h"
#include "crypto/secret.h"

enum { BITS = 1024, CALLS = 20000, WARM_UP = 500 };
static const double TOO_MUCH = 4.5;

struct sample {
    uint64_t ns;
    unsigned of_random;
};

struct bench {
    const struct mm_rsa_kernels *kernels;
    struct mm_private_key *key;
    struct mm_rsa_signing_key *numbers; /* a copy with other exponents */
    struct mm_lanes_private *room;
    struct mm_lanes_blinding blinding;
    uint64_t random;
    uint64_t fixed[MM_LIMBS_MAX];
    struct sample *samples;
    size_t count;
};

static void need(bool done)
{
    if (!done) {
        fprintf(stderr, "timing: no memory, or OpenSSL failed\n");
        exit(70);
    }
}

static uint64_t draw(uint64_t *state) /* splitmix64 */
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct mm_private_key *make_key(void)
{
    unsigned char *der = NULL;
    struct mm_private_key *key = NULL;
    EVP_PKEY *pkey = EVP_RSA_gen(BITS);
    int len = i2d_PrivateKey(pkey, &der);
    need(len > 0 && mm_private_key_parse((struct mm_view){(char *)der, (size_t)len}, "generated",
                                         &key, NULL) == MM_OK);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    return key;
}

static void set_up(struct bench *b)
{
    const struct mm_rsa_lane_key *n;
    b->key = make_key();
    b->numbers = mm_secret_alloc(sizeof *b->numbers);
    b->room = mm_secret_alloc(sizeof *b->room);
    n = b->key->public_half->lanes;
    b->blinding.factor = mm_secret_alloc(2 * n->limbs * sizeof(struct mm_lanes));
    b->samples = calloc(b->count, sizeof *b->samples);
    need(b->numbers && b->room && b->blinding.factor && b->samples);
    b->blinding.remover = b->blinding.factor + n->limbs;
    memcpy(b->numbers, b->key->lanes, sizeof *b->numbers);
    b->room->check.modulus.limbs = n->limbs;
    b->room->check.squarings = n->squarings;
    mm_lanes_put_all(b->room->check.modulus.n, n->n, n->limbs);
    mm_lanes_put_all(b->room->check.modulus.m1, n->m1, n->limbs);
    mm_lanes_put_all(b->room->check.rr, n->rr, n->limbs);
    mm_lanes_put_all(&b->room->check.modulus.k, &n->k, 1);
}

static void tear_down(struct bench *b)
{
    size_t limbs = b->key->public_half->lanes->limbs;
    mm_secret_free(b->blinding.factor, 2 * limbs * sizeof(struct mm_lanes));
    mm_secret_free(b->room, sizeof *b->room);
    mm_secret_free(b->numbers, sizeof *b->numbers);
    mm_private_key_free(&b->key);
    free(b->samples);
}

/* Numbers of a class. Those of both are made and one is copied, so that both cost the same. */
static void fill(struct bench *b, uint64_t *words, unsigned count, uint64_t mask, bool of_random)
{
    uint64_t made[2][MM_LIMBS_MAX];
    for (unsigned i = 0; i < count; i++) {
        made[0][i] = b->fixed[i] & mask;
        made[1][i] = draw(&b->random) & mask;
    }
    memcpy(words, made[of_random], count * sizeof *words);
}

static void fill_exponents(struct bench *b, bool of_random)
{
    unsigned words = b->numbers->bits / 64;
    fill(b, b->numbers->p.exponent, words, UINT64_MAX, of_random);
    fill(b, b->numbers->q.exponent, words, UINT64_MAX, of_random);
}

static void fill_input(struct bench *b, bool of_random)
{
    uint64_t limbs[MM_LIMBS_MAX];
    unsigned count = b->room->check.modulus.limbs;
    unsigned full = (BITS - 1) / MM_LIMB_BITS; /* below the modulus */
    memset(limbs, 0, sizeof limbs);
    for (unsigned lane = 0; lane < MM_LANES; lane++) {
        fill(b, limbs, full, MM_LIMB_MASK, of_random);
        mm_lanes_put(b->room->input, limbs, count, lane);
    }
}

static uint64_t time_of_one(struct bench *b)
{
    const uint64_t one[MM_LIMBS_MAX] = {1};
    unsigned limbs = b->room->check.modulus.limbs;
    mm_lanes_put_all(b->blinding.factor, one, limbs);
    mm_lanes_put_all(b->blinding.remover, one, limbs);
    uint64_t since = mm_wall_ns();
    (void)b->kernels->sign(b->room, b->numbers, &b->blinding);
    return mm_wall_ns() - since;
}

static int by_time(const void *a, const void *b)
{
    uint64_t x = ((const struct sample *)a)->ns, y = ((const struct sample *)b)->ns;
    return (x > y) - (x < y);
}

/* Welch's t of the first `count` samples. */
static double welch(const struct sample *samples, size_t count)
{
    double n[2] = {0, 0}, mean[2] = {0, 0}, squares[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        unsigned of = samples[i].of_random;
        double delta = (double)samples[i].ns - mean[of];
        n[of]++;
        mean[of] += delta / n[of];
        squares[of] += delta * ((double)samples[i].ns - mean[of]);
    }
    double variance = 0;
    for (int of = 0; of < 2; of++) {
        if (n[of] < 2)
            return INFINITY; /* all that are fast are of one class */
        variance += squares[of] / (n[of] - 1) / n[of];
    }
    return variance > 0 ? fabs(mean[0] - mean[1]) / sqrt(variance) : 0;
}

static double measure(struct bench *b, const char *what, void (*prepare)(struct bench *, bool))
{
    static const unsigned percents[] = {100, 90, 50, 10};
    double largest = 0;
    for (size_t i = 0; i < b->count + WARM_UP; i++) {
        bool of_random = draw(&b->random) >> 63;
        prepare(b, of_random);
        uint64_t ns = time_of_one(b);
        if (i >= WARM_UP)
            b->samples[i - WARM_UP] = (struct sample){ns, of_random};
    }
    qsort(b->samples, b->count, sizeof *b->samples, by_time);
    printf("%-10s %zu calls, median %.1f us; |t| of the fastest", what, b->count,
           (double)b->samples[b->count / 2].ns / 1e3);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        double t = welch(b->samples, b->count * percents[i] / 100);
        printf(" %u%%: %.2f", percents[i], t);
        largest = t > largest ? t : largest;
    }
    printf("\n");
    return largest;
}

int main(int argc, char **argv)
{
    struct bench b = {.kernels = mm_rsa_kernels_pick(), .count = CALLS, .random = 1};
    if (argc > 1)
        b.count = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        b.random = strtoull(argv[2], NULL, 10);
    if (b.count < 1000)
        return fprintf(stderr, "usage: timing [CALLS [SEED]], 1000 calls or more\n"), 64;
    if (!b.kernels)
        b.kernels = &mm_rsa_kernels_portable;
    for (unsigned i = 0; i < MM_LIMBS_MAX; i++)
        b.fixed[i] = draw(&b.random);
    set_up(&b);
    printf("%s, RSA-%d, eight lanes a call\n", b.kernels->name, BITS);
    double exponents = measure(&b, "exponents", fill_exponents);
    memcpy(b.numbers, b.key->lanes, sizeof *b.numbers);
    double inputs = measure(&b, "inputs", fill_input);
    double largest = exponents > inputs ? exponents : inputs;
    printf("largest |t|: %.2f, %s\n", largest, largest < TOO_MUCH ? "no leak seen" : "A LEAK");
    tear_down(&b);
    return largest < TOO_MUCH ? 0 : 1;
}

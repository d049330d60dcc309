/*
 * test_crypto_rsa_lanes.c - the lanes' arithmetic against OpenSSL's, in both forms and at all
 * sizes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The form in plain C always runs; the one for AVX-512 where the processor has it.
 */
#include <openssl/bn.h>

#include "crypto/key_internal.h"
#include "crypto/pk_internal.h"
#include "crypto/rsa_limbs.h"
#include "crypto/rsa_many.h"
#include "crypto/rsa_signer.h"
#include "support/mm_test.h"
#include "support/rsa_differential.h"

/* Every count of digits, and the sizes at which one more block of ten begins. */
static const struct {
    unsigned bits, by_vector, by_both;
} sizes[] = {
    {512, 1200, 160}, {513, 400, 40},  {767, 400, 40},   {1024, 5000, 160},
    {1025, 400, 40},  {1032, 800, 80}, {1033, 400, 40},  {1536, 400, 40},
    {2048, 5000, 80}, {2072, 400, 40}, {2568, 400, 16},  {3072, 2400, 24},
    {3120, 400, 16},  {3625, 400, 16}, {4096, 2400, 24}, {4152, 400, 16},
};

static void lanes_raise_any_number_to_public_exponents_as_openssl_does(void **state)
{
    (void)state;
    const struct mm_rsa_kernels *best = mm_rsa_kernels_pick(), *plain = &mm_rsa_kernels_portable;
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        char label[32];
        snprintf(label, sizeof label, "%u bits", sizes[i].bits);
        if (best)
            MM_CHECK_INT(
                label,
                mm_rsa_differ_public(best, NULL, sizes[i].bits, sizes[i].by_vector, sizes[i].bits),
                0);
        MM_CHECK_INT(
            label,
            mm_rsa_differ_public(plain, best, sizes[i].bits, sizes[i].by_both, sizes[i].bits + 1),
            0);
    }
}

static void limbs_hold_what_octets_say(void **state)
{
    (void)state;
    uint64_t seed = 52;
    for (unsigned count = 10; count <= MM_LIMBS_MAX; count += 10) {
        for (size_t len = 1; len <= (size_t)count * MM_LIMB_BITS / 8; len++) {
            uint8_t in[520], out[520];
            uint64_t limbs[MM_LIMBS_MAX];
            for (size_t i = 0; i < len; i++)
                in[i] = (uint8_t)(mm_random(&seed) >> 56);
            mm_limbs_read(limbs, count, in, len);
            for (unsigned i = 0; i < count; i++)
                assert_true(limbs[i] <= MM_LIMB_MASK);
            BIGNUM *sum = BN_new(), *whole = BN_bin2bn(in, (int)len, NULL);
            for (unsigned i = count; i-- > 0;)
                assert_true(BN_lshift(sum, sum, MM_LIMB_BITS) && BN_add_word(sum, limbs[i]));
            MM_CHECK_INT("digits", BN_cmp(sum, whole), 0);
            mm_limbs_write(out, len, limbs, count);
            MM_CHECK_INT("octets", memcmp(in, out, len), 0);
            BN_free(sum);
            BN_free(whole);
        }
    }
}

static void limbs_leave_the_bits_that_the_bounds_rest_on(void **state)
{
    (void)state;
    for (unsigned bits = 512; bits <= 4152; bits++) {
        unsigned limbs = mm_limbs_for(bits);
        MM_CHECK_TRUE("R is at least 2^8 N", limbs * MM_LIMB_BITS >= bits + 8);
        MM_CHECK_TRUE("no block too many", (limbs - 10) * MM_LIMB_BITS < bits + 8);
        MM_CHECK_TRUE("fits", limbs % 10 == 0 && limbs <= MM_LIMBS_MAX);
    }
    MM_CHECK_TRUE("too long", mm_limbs_for(4153) > MM_LIMBS_MAX);
}

enum { KEYS = 14, SIGNATURE_MAX = 512 };

/* Keys of several sizes and exponents, a signature of each, and numbers that are none. */
static struct pool {
    struct mm_private_key *keys[KEYS];
    uint8_t digests[KEYS][32], sha1[KEYS][32];
    uint8_t signatures[KEYS][SIGNATURE_MAX], by_sha1[KEYS][SIGNATURE_MAX];
    size_t len[KEYS];
} pool;

static int make_pool(void **state)
{
    static const unsigned bits[KEYS] = {512,  512,  768,  1024, 1024, 1024, 1024,
                                        1025, 1024, 1536, 2048, 2048, 3072, 4096};
    static const unsigned exponents[] = {65537, 65537, 3, 65537, 17};
    struct mm_pk_ctx *ctx = mm_pk_ctx_new();
    uint64_t seed = 6376;
    (void)state;
    mm_pk_ctx_openssl_only(ctx);
    for (int i = 0; i < KEYS; i++) {
        EVP_PKEY *pkey = mm_rsa_make(bits[i], exponents[(size_t)i % MM_COUNT(exponents)]);
        pool.keys[i] = mm_rsa_private_of(pkey);
        EVP_PKEY_free(pkey);
        for (int k = 0; k < 32; k++)
            pool.digests[i][k] = (uint8_t)mm_random(&seed);
        memcpy(pool.sha1[i], pool.digests[i], 32);
        struct mm_sign_job jobs[] = {
            {pool.keys[i], MM_SHA256, pool.digests[i], pool.signatures[i], 0},
            {pool.keys[i], MM_SHA1, pool.sha1[i], pool.by_sha1[i], 0}};
        assert_int_equal(mm_sign_many(ctx, jobs, 2), MM_OK);
        pool.len[i] = jobs[0].signature_bytes;
    }
    mm_pk_ctx_free(&ctx);
    return 0;
}

static int drop_pool(void **state)
{
    (void)state;
    for (int i = 0; i < KEYS; i++)
        mm_private_key_free(&pool.keys[i]);
    return 0;
}

/* One job on key `k`: right, or wrong in one of the ways there are. */
static struct mm_verify_job make_job(uint64_t *seed, unsigned k, uint8_t *number)
{
    enum { RIGHT, BIT, MODULUS, ABOVE, ZERO, ONE, LESS_ONE, SHORT, LONG, OLD_HASH, DIGEST, KINDS };
    const struct mm_public_key *key = mm_private_key_public(pool.keys[k]);
    size_t len = pool.len[k];
    unsigned kind = (unsigned)(mm_random(seed) >> 32) % (2 * KINDS);
    struct mm_verify_job job = {.key = key, .alg = MM_SHA256, .digest = pool.digests[k]};
    memcpy(number, kind == OLD_HASH ? pool.by_sha1[k] : pool.signatures[k], len);
    BIGNUM *n = BN_new(), *s = BN_bin2bn(number, (int)len, NULL);
    uint8_t octets[SIGNATURE_MAX + 8] = {0};
    mm_limbs_write(octets, len, key->lanes->n, key->lanes->limbs);
    BN_bin2bn(octets, (int)len, n);
    if (kind == BIT)
        number[mm_random(seed) % len] ^= (uint8_t)(1 << mm_random(seed) % 8);
    if (kind == MODULUS || kind == LESS_ONE)
        memcpy(number, octets, len);
    if (kind == LESS_ONE)
        number[len - 1] ^= 1;
    if (kind == ABOVE && BN_add(s, s, n) && BN_num_bytes(s) <= (int)len)
        assert_true(BN_bn2binpad(s, number, (int)len) > 0);
    if (kind == ZERO || kind == ONE)
        memset(number, 0, len);
    if (kind == ONE)
        number[len - 1] = 1;
    if (kind == OLD_HASH)
        job.alg = MM_SHA1;
    if (kind == DIGEST)
        job.digest = pool.digests[(k + 1) % KEYS];
    BN_free(n);
    BN_free(s);
    job.signature = (struct mm_view){(char *)number, kind == SHORT  ? len - 1
                                                     : kind == LONG ? len + 1
                                                                    : len};
    return job;
}

/* Batches of 1 to 40 over few keys or many: groups of every count, all mixtures of moduli. */
static void judge_batches(const struct mm_rsa_kernels *kernels, int rounds)
{
    enum { BATCH_MAX = 40 };
    static uint8_t numbers[BATCH_MAX][SIGNATURE_MAX + 8];
    struct mm_verify_job jobs[BATCH_MAX], whole[BATCH_MAX];
    struct mm_pk_ctx *ours = mm_pk_ctx_new(), *theirs = mm_pk_ctx_new();
    uint64_t seed = 4871;
    int valid = 0;
    mm_pk_ctx_use_kernels(ours, kernels);
    mm_pk_ctx_openssl_only(theirs);
    for (int round = 0; round < rounds; round++) {
        unsigned count = 1 + (unsigned)(mm_random(&seed) >> 32) % BATCH_MAX;
        unsigned keys = 1 + (unsigned)(mm_random(&seed) >> 32) % KEYS;
        unsigned first = (unsigned)(mm_random(&seed) >> 32);
        for (unsigned i = 0; i < count; i++) {
            unsigned k = (first + (unsigned)(mm_random(&seed) >> 32) % keys) % KEYS;
            whole[i] = jobs[i] = make_job(&seed, k, numbers[i]);
            jobs[i].valid = mm_random(&seed) >> 63;
        }
        assert_int_equal(mm_verify_many(ours, jobs, count), MM_OK);
        assert_int_equal(mm_verify_many(theirs, whole, count), MM_OK);
        for (unsigned i = 0; i < count; i++) {
            MM_CHECK_INT(kernels->name, jobs[i].valid, whole[i].valid);
            valid += jobs[i].valid;
        }
    }
    MM_CHECK_TRUE("many are valid", valid > 5 * rounds);
    mm_pk_ctx_free(&ours);
    mm_pk_ctx_free(&theirs);
}

static void lanes_judge_batches_as_openssl_does(void **state)
{
    (void)state;
    const struct mm_rsa_kernels *best = mm_rsa_kernels_pick();
    if (best)
        judge_batches(best, 200);
    judge_batches(&mm_rsa_kernels_portable, 20);
}

/* One signature that holds among seven that do not, and the other way round, in every lane. */
static void lanes_do_not_leak_into_each_other(void **state)
{
    (void)state;
    const struct mm_rsa_kernels *forms[] = {&mm_rsa_kernels_portable, mm_rsa_kernels_pick()};
    struct mm_lanes_public *room = aligned_alloc(64, sizeof *room);
    for (size_t form = 0; form < 2 && forms[form]; form++) {
        for (unsigned odd = 0; odd < 2 * MM_LANES; odd++) {
            for (unsigned count = odd % MM_LANES + 1; count <= MM_LANES; count++) {
                struct mm_verify_job jobs[MM_LANES], *places[MM_LANES];
                for (unsigned i = 0; i < count; i++) {
                    unsigned k = 10 + i % 2; /* two moduli of 2048 bits */
                    bool right = (i == odd % MM_LANES) == (odd < MM_LANES);
                    places[i] = &jobs[i];
                    jobs[i] = (struct mm_verify_job){
                        .key = mm_private_key_public(pool.keys[k]),
                        .alg = MM_SHA256,
                        .digest = pool.digests[right ? k : k - 5],
                        .signature = {(char *)pool.signatures[k], pool.len[k]},
                        .valid = !right};
                }
                mm_rsa_verify_lanes(forms[form], room, places, count);
                for (unsigned i = 0; i < count; i++)
                    MM_CHECK_INT(forms[form]->name, jobs[i].valid,
                                 (i == odd % MM_LANES) == (odd < MM_LANES));
            }
        }
    }
    free(room);
}

/* By vector, by plain C: a signature costs what sixty verifications do. */
static const struct {
    unsigned bits, by_vector, by_plain;
} key_sizes[] = {
    {1024, 2000, 48}, {1008, 200, 0}, {2048, 1000, 16}, {3072, 160, 0}, {4096, 120, 0}};

static void lanes_sign_as_openssl_does(void **state)
{
    (void)state;
    const struct mm_rsa_kernels *best = mm_rsa_kernels_pick(), *plain = &mm_rsa_kernels_portable;
    for (size_t i = 0; i < MM_COUNT(key_sizes); i++) {
        unsigned bits = key_sizes[i].bits;
        char label[32];
        snprintf(label, sizeof label, "%u bits", bits);
        if (best)
            MM_CHECK_INT(label, mm_rsa_differ_private(best, bits, key_sizes[i].by_vector, bits), 0);
        if (key_sizes[i].by_plain)
            MM_CHECK_INT(label, mm_rsa_differ_private(plain, bits, key_sizes[i].by_plain, bits), 0);
    }
    MM_CHECK_INT("faults", mm_rsa_signer_faults(), 0);
}

#if defined(__x86_64__)
/* clang-format off */
#define EACH_REGISTER(X)                                                                           \
    X(0)                                                                                           \
    X(1)                                                                                           \
    X(2)                                                                                           \
    X(3)                                                                                           \
    X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19)      \
        X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define FILL(n)                                                                                    \
    __asm__ volatile("vpternlogd $255, %%zmm" #n ", %%zmm" #n ", %%zmm" #n ::: "xmm" #n);
#define READ(n) __asm__ volatile("vmovdqu64 %%zmm" #n ", %0" : "=m"(after[n]));
/* clang-format on */

/* A bit for each vector register that holds something after `wipe` was called on full ones. */
__attribute__((target("avx512f"), noinline)) static uint32_t registers_after(void (*wipe)(void))
{
    static struct mm_lanes after[32];
    uint32_t full = 0;
    EACH_REGISTER(FILL)
    wipe();
    EACH_REGISTER(READ)
    for (unsigned i = 0; i < 32; i++)
        for (unsigned lane = 0; lane < MM_LANES; lane++)
            full |= (uint32_t)(after[i].at[lane] != 0) << i;
    return full;
}

static void lanes_wipe_every_vector_register(void **state)
{
    (void)state;
    if (!mm_rsa_kernels_pick())
        return;
    /* The form in plain C wipes none: what it leaves, the check sees. */
    uint32_t upper = registers_after(mm_rsa_kernels_portable.wipe_registers) >> 16;
    MM_CHECK_INT("left without wiping", upper, 0xffff);
    MM_CHECK_INT("left", registers_after(mm_rsa_kernels_pick()->wipe_registers), 0);
}
#else
static void lanes_wipe_every_vector_register(void **state)
{
    (void)state;
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(limbs_hold_what_octets_say),
        MM_TEST(limbs_leave_the_bits_that_the_bounds_rest_on),
        MM_TEST(lanes_raise_any_number_to_public_exponents_as_openssl_does),
        MM_TEST(lanes_judge_batches_as_openssl_does),
        MM_TEST(lanes_do_not_leak_into_each_other),
        MM_TEST(lanes_sign_as_openssl_does),
        MM_TEST(lanes_wipe_every_vector_register),
    };
    return cmocka_run_group_tests(tests, make_pool, drop_pool);
}

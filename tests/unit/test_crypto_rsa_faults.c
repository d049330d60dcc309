/*
 * test_crypto_rsa_faults.c - a bit that flips while lanes sign: no bad signature leaves.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The arithmetic is compiled here once more, in plain C, with a fault at the places that it names.
 */
#include <openssl/bn.h>

#include "crypto/key_internal.h"
#include "crypto/lanes_portable.h"
#include "crypto/pk_internal.h"
#include "crypto/rsa_signer.h"
#include "support/mm_test.h"
#include "support/rsa_differential.h"

enum stage { MM_FAULT_TABLE, MM_FAULT_HALF_P, MM_FAULT_HALF_Q, MM_FAULT_SIGNATURE, STAGES };
static const char *const stage_names[STAGES] = {"a table's entry", "the half of p", "the half of q",
                                                "the signature"};

static struct fault {
    bool planted;
    enum stage stage;
    unsigned lane, limb, bit;
} fault;
static unsigned passes[STAGES]; /* how often the arithmetic came by */

static void flip(enum stage stage, struct mm_lanes *digits)
{
    passes[stage]++;
    if (fault.planted && stage == fault.stage)
        digits[fault.limb].at[fault.lane] ^= UINT64_C(1) << fault.bit;
}

#define MM_FAULT(stage, digits) flip(stage, digits)
#define MM_LANES_IN_MEMORY
#include "crypto/rsa_lanes_build.h"
#define MM_TARGET
#define V(word)  v_portable_##word
#define FN(name) name##_faulty
#include "crypto/rsa_lanes_math.inc"
#include "crypto/rsa_lanes_secret.inc"

static void no_registers(void)
{
}

static const struct mm_rsa_kernels faulty = {.name = "faulty",
                                             .public_op = public_op_faulty,
                                             .sign = secret_sign_faulty,
                                             .blind = secret_blind_faulty,
                                             .wipe_registers = no_registers};

enum { BATCH = MM_LANES, BYTES = 128 };
static EVP_PKEY *pkey;
static struct mm_pk_ctx *ours, *theirs;
static uint8_t digests[BATCH][32], made[BATCH][BYTES], right[BATCH][BYTES];

static int set_up(void **state)
{
    uint64_t seed = 1997;
    (void)state;
    pkey = mm_rsa_make(1024, 65537);
    ours = mm_pk_ctx_new();
    theirs = mm_pk_ctx_new();
    mm_pk_ctx_use_kernels(ours, &faulty);
    mm_pk_ctx_openssl_only(theirs);
    for (int i = 0; i < BATCH; i++)
        for (int k = 0; k < 32; k++)
            digests[i][k] = (uint8_t)(mm_random(&seed) >> 40);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mm_pk_ctx_free(&ours);
    mm_pk_ctx_free(&theirs);
    EVP_PKEY_free(pkey);
    return 0;
}

static void sign_all(struct mm_pk_ctx *ctx, const struct mm_private_key *key, uint8_t (*out)[BYTES])
{
    struct mm_sign_job jobs[BATCH];
    for (int i = 0; i < BATCH; i++)
        jobs[i] = (struct mm_sign_job){key, MM_SHA256, digests[i], out[i], 0};
    assert_int_equal(mm_sign_many(ctx, jobs, BATCH), MM_OK);
    for (int i = 0; i < BATCH; i++)
        assert_int_equal(jobs[i].signature_bytes, BYTES);
}

/* One batch with the fault as it is planted. Returns how many signatures were made once more. */
static uint64_t mend(const struct mm_private_key *key)
{
    uint64_t before = mm_pk_ctx_mismatches(ours);
    memset(made, 0, sizeof made);
    sign_all(ours, key, made);
    sign_all(theirs, key, right);
    MM_CHECK_INT("every signature that left is right", memcmp(made, right, sizeof made), 0);
    return mm_pk_ctx_mismatches(ours) - before;
}

static void without_a_fault_lanes_sign_all(void **state)
{
    (void)state;
    struct mm_private_key *key = mm_rsa_private_of(pkey);
    unsigned before = passes[MM_FAULT_SIGNATURE];
    fault.planted = false;
    MM_CHECK_INT("mended", mend(key), 0);
    MM_CHECK_INT("in lanes", passes[MM_FAULT_SIGNATURE] - before, 1);
    mm_private_key_free(&key);
}

static void a_flipped_bit_in_one_lane_is_found_and_mended(void **state)
{
    (void)state;
    uint64_t seed = 52;
    for (int round = 0; round < 6 * STAGES; round++) {
        struct mm_private_key *key = mm_rsa_private_of(pkey); /* a key without a past */
        fault = (struct fault){.planted = true,
                               .stage = (enum stage)(round % STAGES),
                               .lane = (unsigned)(mm_random(&seed) >> 40) % MM_LANES,
                               .limb = (unsigned)(mm_random(&seed) >> 40) % 9,
                               .bit = (unsigned)(mm_random(&seed) >> 40) % MM_LIMB_BITS};
        MM_CHECK_INT(stage_names[fault.stage], mend(key), 1);
        MM_CHECK_INT("counted", mm_rsa_signer_faults(), 1);
        fault.planted = false;
        MM_CHECK_INT("the next batch", mend(key), 0);
        mm_rsa_signer_forget_faults();
        mm_private_key_free(&key);
    }
}

/* A fault in the factors that blind spoils all they are used for, once. */
static void a_fault_in_the_blinding_is_not_carried_on(void **state)
{
    (void)state;
    struct mm_private_key *key = mm_rsa_private_of(pkey);
    fault = (struct fault){.planted = true, .stage = MM_FAULT_TABLE, .lane = 3, .limb = 2};
    uint64_t limbs[MM_LANES][MM_LIMBS_MAX] = {{2}, {2}, {2}, {2}, {2}, {2}, {2}, {2}};
    bool ran;
    struct mm_rsa_signer *signer = mm_rsa_signer_new();
    unsigned holds = mm_rsa_sign_numbers(&faulty, signer, key, limbs, &ran);
    MM_CHECK_INT("seven hold", holds, 0xff & ~(1 << 3));
    MM_CHECK_INT("the other is zero", limbs[3][0] | limbs[3][1] | limbs[3][19], 0);
    fault.planted = false;
    for (int i = 0; i < MM_LANES; i++)
        limbs[i][0] = 3;
    for (int i = 0; i < MM_LANES; i++)
        memset(&limbs[i][1], 0, sizeof limbs[i] - sizeof limbs[i][0]);
    MM_CHECK_INT("all hold", mm_rsa_sign_numbers(&faulty, signer, key, limbs, &ran), 0xff);
    mm_rsa_signer_free(&signer);
    mm_rsa_signer_forget_faults();
    mm_private_key_free(&key);
}

static void a_key_that_keeps_failing_leaves_the_lanes(void **state)
{
    (void)state;
    struct mm_private_key *key = mm_rsa_private_of(pkey), *other = mm_rsa_private_of(pkey);
    fault = (struct fault){.planted = true, .stage = MM_FAULT_HALF_P, .lane = 7};
    for (int i = 0; i < MM_RSA_KEY_FAULTS_MAX; i++)
        MM_CHECK_INT("mended", mend(key), 1);
    unsigned before = passes[MM_FAULT_HALF_P];
    MM_CHECK_INT("by OpenSSL alone", mend(key), 0);
    MM_CHECK_INT("lanes are not asked", passes[MM_FAULT_HALF_P] - before, 0);
    MM_CHECK_INT("for another key they are", mend(other), 1);
    mm_rsa_signer_forget_faults();
    mm_private_key_free(&key);
    mm_private_key_free(&other);
}

static void a_machine_that_keeps_failing_uses_no_lanes(void **state)
{
    (void)state;
    fault = (struct fault){.planted = true, .stage = MM_FAULT_HALF_Q, .lane = 0};
    for (int i = 0; i < MM_RSA_FAULTS_MAX; i++) {
        struct mm_private_key *key = mm_rsa_private_of(pkey);
        MM_CHECK_INT("mended", mend(key), 1);
        mm_private_key_free(&key);
    }
    struct mm_private_key *fresh = mm_rsa_private_of(pkey);
    unsigned before = passes[MM_FAULT_HALF_Q];
    MM_CHECK_INT("by OpenSSL alone", mend(fresh), 0);
    MM_CHECK_INT("lanes are not asked", passes[MM_FAULT_HALF_Q] - before, 0);
    mm_rsa_signer_forget_faults();
    mm_private_key_free(&fresh);
}

/* Numbers of a key that do not fit stand for a fault in the key's memory. */
static void a_spoilt_key_is_mended_by_openssl(void **state)
{
    (void)state;
    fault.planted = false;
    struct mm_private_key *key = mm_rsa_private_of(pkey);
    key->lanes->p.exponent[3] ^= 1u << 9;
    MM_CHECK_INT("all eight", mend(key), BATCH);
    MM_CHECK_INT("one fault", mm_rsa_signer_faults(), 1);
    mm_rsa_signer_forget_faults();
    mm_private_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(without_a_fault_lanes_sign_all),
        MM_TEST(a_flipped_bit_in_one_lane_is_found_and_mended),
        MM_TEST(a_fault_in_the_blinding_is_not_carried_on),
        MM_TEST(a_key_that_keeps_failing_leaves_the_lanes),
        MM_TEST(a_machine_that_keeps_failing_uses_no_lanes),
        MM_TEST(a_spoilt_key_is_mended_by_openssl),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

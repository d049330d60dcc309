/*
 * rsa_signer.h - RSASSA-PKCS1-v1_5 signatures of one key, up to eight at once, each in a lane.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Private to this folder: pk_many.c sorts by key and takes what is left to OpenSSL.
 */
#ifndef MM_CRYPTO_RSA_SIGNER_H
#define MM_CRYPTO_RSA_SIGNER_H

#include "crypto/pk_many.h"
#include "crypto/rsa_lanes.h"
#include "crypto/rsa_many.h"

/* The numbers of an RSAPrivateKey (RFC 8017 appendix A.1.2), as DER has them. */
struct mm_rsa_secrets {
    struct mm_view d, p, q, dp, dq, q_inverse;
};

/*
 * What lanes need of a private key, in locked memory. NULL for a modulus that is not twice as long
 * as both primes, one whose halves do not fill lanes of the same kind, and without memory: such
 * keys are for OpenSSL. Time depends on the lengths only.
 */
struct mm_rsa_signing_key *mm_rsa_signing_key_new(const struct mm_rsa_lane_key *public_half,
                                                  uint32_t bits,
                                                  const struct mm_rsa_secrets *secrets);
void mm_rsa_signing_key_free(struct mm_rsa_signing_key **key);

enum {
    /* A blinding is used so often, each time squared, before there is a new one: OpenSSL's figure.
     */
    MM_RSA_BLINDING_USES = 32,
    /* Calls with a fault after which lanes make no more signatures: with one key (its numbers may
     * be wrong), in the whole process (then it is the machine). */
    MM_RSA_KEY_FAULTS_MAX = 2,
    MM_RSA_FAULTS_MAX = 8
};

/* Room and blindings of one worker. */
struct mm_rsa_signer;
struct mm_rsa_signer *mm_rsa_signer_new(void); /* NULL without memory */
void mm_rsa_signer_free(struct mm_rsa_signer **signer);

/* Whether `count` signatures by this key are faster in lanes, and lanes are to be trusted with it.
 */
bool mm_rsa_signer_wants(const struct mm_private_key *key, unsigned count);

/*
 * Sign 1 to 8 jobs of one key. Every signature was checked with the public key. Returns a bit for
 * each job that has one; the others are as they were. *ran (out) is false where no lane was run,
 * for want of random numbers, of memory, or of a block that fits: then that is no fault.
 */
unsigned mm_rsa_sign_lanes(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                           struct mm_sign_job *const *jobs, unsigned count, bool *ran);

/*
 * The private operation by itself, for tests: eight numbers below the modulus, which are replaced
 * by their powers with the private exponent. Returns a bit for each that holds. `limbs` digits
 * each.
 */
unsigned mm_rsa_sign_numbers(const struct mm_rsa_kernels *kernels, struct mm_rsa_signer *signer,
                             const struct mm_private_key *key,
                             uint64_t numbers[MM_LANES][MM_LIMBS_MAX], bool *ran);

/* Faults of this process so far. Tests set it back. */
unsigned mm_rsa_signer_faults(void);
void mm_rsa_signer_forget_faults(void);

#endif /* MM_CRYPTO_RSA_SIGNER_H */
